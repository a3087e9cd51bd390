"""The loop itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import paddle

from slim.networks.stored import weights_of
from slim.training.progress_file import Position, load_position, save_position
from slim.training.schedule import Schedule
from slim.training.task import Task
from slim.training.team import Team, use_one_thread

SAVE_SECONDS: Final = 30.0
_WEIGHT, _MOMENT = "weight:", "moment:"


@dataclass(frozen=True)
class Optimization:
    """How weights are changed.

    Attributes:
        schedule: Learning rate by step.
        weight_decay: Decoupled (AdamW; Loshchilov and Hutter, 2019), on convolutions and linear layers.
        clip: Largest norm of all gradients together.
        parts: Parts of a batch, each worked on by a process of its own.
    """

    schedule: Schedule
    weight_decay: float = 1e-5
    clip: float = 5.0
    parts: int = 2


def train(
    task: Task,
    optimization: Optimization,
    work: Path | None,
    report: Callable[[int, float], None],
    stop: int | None = None,
) -> Any:
    """Train a network to the last step of the schedule, from where a killed run left off.

    The result depends on the task and the optimization, not on how often the run was interrupted: the
    moments of the optimizer are saved with the weights; batches and learning rate follow from the step.

    Args:
        task: Network, loss and batches.
        optimization: How weights are changed.
        work: Folder for the position of a run under way; nothing is saved where None.
        report: Called after every step with the steps done and the loss.
        stop: Step after which to stop; the schedule's last where None.

    Returns:
        The network.

    Raises:
        PpocrEdgeError: What the user gave cannot be used, or a helper process died.
    """
    schedule = optimization.schedule
    last = schedule.steps if stop is None else stop
    use_one_thread()
    position = load_position(work) if work is not None else None
    step = position.step if position else 0
    # the optimizer names its moments when it first steps, and counts: without a space of its own a run in
    # the same process later would look for other names than were saved
    with (
        Team(task, optimization.parts, step, last) as team,
        paddle.utils.unique_name.guard("training_"),
    ):
        network = team.job.network
        optimizer = _optimizer(team.parameters, optimization)
        if position is not None:
            _restore(position, network, optimizer)
        network.train()
        saved = time.monotonic()
        while step < last:
            optimizer.set_lr(schedule.rate(step))
            loss = team.gradients()
            optimizer.step()
            optimizer.clear_grad(set_to_zero=False)
            step += 1
            report(step, loss)
            if work is not None and step < last and time.monotonic() - saved > SAVE_SECONDS:
                save_position(_position(step, network, optimizer), work)
                saved = time.monotonic()
        return network


def _optimizer(parameters: list[Any], optimization: Optimization) -> Any:
    decayed = {one.name for one in parameters if one.ndim > 1}
    return paddle.optimizer.AdamW(
        learning_rate=optimization.schedule.rate(0),
        parameters=parameters,
        weight_decay=optimization.weight_decay,
        apply_decay_param_fun=lambda name: name in decayed,
        grad_clip=paddle.nn.ClipGradByGlobalNorm(optimization.clip),
    )


def _position(step: int, network: Any, optimizer: Any) -> Position:
    arrays = {_WEIGHT + key: value for key, value in weights_of(network).items()}
    for key, value in optimizer.state_dict().items():
        if isinstance(value, paddle.Tensor):
            arrays[_MOMENT + key] = np.array(value.numpy())
    return Position(step, arrays)


def _restore(position: Position, network: Any, optimizer: Any) -> None:
    network.set_state_dict(_part(position, _WEIGHT))
    optimizer.set_state_dict({key: paddle.to_tensor(one) for key, one in _part(position, _MOMENT).items()})


def _part(position: Position, prefix: str) -> dict[str, Any]:
    return {key[len(prefix) :]: one for key, one in position.arrays.items() if key.startswith(prefix)}
