"""What runs through linear spans, and how much the network's answers depend on it.

For every span two matrices over its channels: the second moments of what is read there, and those of the
gradients of the network's own log-likelihood, with answers drawn from what it answers itself. The latter is
the Fisher information of the span (J. Martens, New Insights and Perspectives on the Natural Gradient Method,
2020): an error e there costs eᵀ F e / 2 nats, to second order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import paddle

from slim.pruning.linear import LinearSpan, linear_spans

Matrix = npt.NDArray[np.float64]
_EPSILON: Final = 1e-6


@dataclass(frozen=True, eq=False)
class Moments:
    """Of one span of width W.

    Attributes:
        values: Mean of x xᵀ over all places where it is read; (W, W).
        fisher: Sum of g gᵀ over the places of one answer, mean over answers; (W, W).
    """

    values: Matrix
    fisher: Matrix


def span_moments(
    network: Any, batches: Iterable[Any], *, categorical: bool, seed: int
) -> Mapping[str, Moments]:
    """Measure the linear spans of a network.

    Where a span is read in several places, the values of those that matter more to the answers count more.

    Args:
        network: Of :func:`slim.networks.network.build_network`; gives probabilities when it does not train.
        batches: Pictures, float32 (N, 3, H, W).
        categorical: Whether the last axis of its answers is a choice among classes; else every number of it
            is a yes or no.
        seed: For the answers that are drawn.
    """
    network.eval()
    spans = linear_spans(network)
    seen: dict[str, Any] = {}
    readers = {reading.layer for span in spans.values() for reading in span.readers}
    hooks = [
        layer.register_forward_pre_hook(_noting(name, seen))
        for name, layer in network.named_sublayers()
        if name in readers
    ]
    generator = np.random.default_rng(seed)
    values: dict[tuple[str, int], Matrix] = {}
    fisher: dict[tuple[str, int], Matrix] = {}
    answers = 0
    try:
        for pictures in batches:
            seen.clear()
            found = network(paddle.to_tensor(pictures))
            _likelihood(found, generator, categorical=categorical).backward()
            answers += len(pictures)
            for name, span in spans.items():
                for number, reading in enumerate(span.readers):
                    if reading.layer not in seen:  # parts that only train
                        continue
                    x = seen[reading.layer]
                    part = slice(reading.start, reading.stop)
                    place = name, number
                    values[place] = values.get(place, 0.0) + _gram(x.numpy()[:, part]) / x[0, 0].size
                    fisher[place] = fisher.get(place, 0.0) + _gram(x.grad.numpy()[:, part])
            for parameter in network.parameters():
                parameter.clear_gradient()
    finally:
        for hook in hooks:
            hook.remove()
    return {name: _joined(name, span, values, fisher, answers) for name, span in spans.items()}


def _joined(
    name: str,
    span: LinearSpan,
    values: Mapping[tuple[str, int], Matrix],
    fisher: Mapping[tuple[str, int], Matrix],
    answers: int,
) -> Moments:
    places = [(name, number) for number in range(len(span.readers)) if (name, number) in values]
    weights = np.array([np.trace(fisher[place]) for place in places]) + np.finfo(np.float64).tiny
    mean = sum(weight * values[place] for weight, place in zip(weights / weights.sum(), places, strict=True))
    return Moments(np.asarray(mean / answers), np.asarray(sum(fisher[place] for place in places) / answers))


def _noting(name: str, seen: dict[str, Any]) -> Callable[[Any, Any], None]:
    def note(_layer: Any, inputs: Any) -> None:
        inputs[0].retain_grads()
        seen[name] = inputs[0]

    return note


def _gram(x: Any) -> Matrix:
    """Sum over pictures and places of the products of channels; (C, C) of (N, C, H, W)."""
    rows = x.transpose(1, 0, 2, 3).reshape(x.shape[1], -1).astype(np.float64)
    gram: Matrix = rows @ rows.T
    return gram


def _likelihood(found: Any, generator: np.random.Generator, *, categorical: bool) -> Any:
    """The log-likelihood of answers that are drawn from these probabilities."""
    p = found.numpy().astype(np.float64)
    if categorical:
        # the first class whose cumulated probability reaches a number from 0 to 1
        drawn = (p.cumsum(-1) < generator.random((*p.shape[:-1], 1)) * p.sum(-1, keepdims=True)).sum(-1)
        chosen = paddle.take_along_axis(found, paddle.to_tensor(drawn[..., None]), axis=-1)
        return paddle.log(chosen + _EPSILON).sum()
    yes = paddle.to_tensor((generator.random(p.shape) < p).astype(np.float32))
    return (yes * paddle.log(found + _EPSILON) + (1 - yes) * paddle.log(1 - found + _EPSILON)).sum()
