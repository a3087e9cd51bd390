"""Checkpoints: read without trust, loaded whole or not at all."""

from __future__ import annotations

import os
import pickle
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.errors import ModelError
from slim.networks.checkpoint import checkpoint_file, load_strictly, read_checkpoint
from slim.networks.from_checkpoint import export_checkpoint, fitted
from slim.networks.plan import NetworkPlan, published_plan
from slim.zoo.catalog import find_entry

CLS = published_plan(find_entry("ch_ppocr_mobile_v2.0_cls"))
REC = published_plan(find_entry("french_mobile_v2.0_rec"))

Weights = dict[str, Any]


def fresh(plan: NetworkPlan) -> tuple[Any, Weights]:
    """A network and its weights."""
    from slim.networks.network import build_network
    from slim.networks.stored import weights_of

    network = build_network(plan)
    return network, weights_of(network)


def saved(weights: object, file: Path) -> Path:
    """A checkpoint as Paddle writes it."""
    file.write_bytes(pickle.dumps(weights, protocol=2))
    return file


def test_a_checkpoint_of_paddle_is_read_and_loads(tmp_path: Path) -> None:
    import paddle

    network, weights = fresh(CLS)
    paddle.save(network.state_dict(), str(tmp_path / "best.pdparams"))
    read = read_checkpoint(checkpoint_file(tmp_path))
    assert set(read) == set(weights), "what Paddle adds of its own is left out"
    other, _ = fresh(CLS)
    load_strictly(other, {key: value + 1 for key, value in read.items()}, "mine")
    assert all((other.state_dict()[key].numpy() == value + 1).all() for key, value in weights.items())


FIRST, LAST = "backbone.conv1.conv.weight", "head.fc.bias"


def without(weights: Weights, *keys: str) -> Weights:
    return {key: value for key, value in weights.items() if key not in keys}


CHANGES: dict[str, tuple[Callable[[Weights], Weights], str]] = {
    "missing": (lambda weights: without(weights, FIRST), f"lacks {FIRST}"),
    "several missing": (
        lambda weights: {LAST: weights[LAST]},
        f"lacks {FIRST}, backbone.conv1.bn.weight, backbone.conv1.bn.bias and ",
    ),
    "extra": (
        lambda weights: {**weights, "student.x": weights[LAST]},
        "has student.x, unknown to the network",
    ),
    "misshaped": (
        lambda weights: {**weights, LAST: np.zeros(3, np.float32)},
        f"has {LAST} (3,) instead of (2,)",
    ),
    "all at once": (
        lambda weights: {**without(weights, FIRST), "x": weights[LAST], LAST: np.zeros((1, 2), np.float32)},
        f"lacks {FIRST}; has x, unknown to the network; has {LAST} (1, 2) instead of (2,)",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_does_not_fit_is_named_and_nothing_is_loaded(change: str) -> None:
    network, weights = fresh(CLS)
    changed, found = CHANGES[change][0](weights), CHANGES[change][1]
    with pytest.raises(ModelError) as caught:
        load_strictly(network, {key: value * 0 + 7 for key, value in changed.items()}, "mine.pdparams")
    assert caught.value.one_line().startswith(f"mine.pdparams: {found}")
    assert all((network.state_dict()[key].numpy() == value).all() for key, value in weights.items())


class Malicious:
    """Writes a file when it is unpickled."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch {shlex.quote(str(self._file))}",)


def global_opcode(module: str, name: str) -> bytes:
    """A pickle that asks for one thing by its name, and does nothing with it."""
    return f"c{module}\n{name}\n.".encode()


def test_a_pickle_that_wants_to_run_code_runs_none(tmp_path: Path) -> None:
    mark = tmp_path / "run"
    file = saved({"weight": np.zeros(3, np.float32), "x": Malicious(mark)}, tmp_path / "a.pdparams")
    pickle.loads(file.read_bytes())
    assert mark.exists(), "it does where it is trusted"
    mark.unlink()
    with pytest.raises(ModelError, match=r"a\.pdparams: is no checkpoint \(it wants to load posix.system\)"):
        read_checkpoint(file)
    assert not mark.exists()


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"),
        ("builtins", "eval"),
        ("numpy", "load"),
        ("numpy.core.multiarray", "fromfile"),
        ("codecs", "open"),
        ("_codecs", "lookup"),
    ],
)
def test_nothing_but_arrays_can_be_asked_for(tmp_path: Path, module: str, name: str) -> None:
    file = tmp_path / "a.pdparams"
    file.write_bytes(global_opcode(module, name))
    with pytest.raises(ModelError, match=rf"it wants to load {module}\.{name}"):
        read_checkpoint(file)


def test_attributes_of_what_is_allowed_cannot_be_asked_for(tmp_path: Path) -> None:
    """From protocol 4 on names may have dots, and lead from an array's class to all others."""
    name = b"ndarray.__subclasses__"
    file = tmp_path / "a.pdparams"
    file.write_bytes(b"\x80\x04\x8c\x05numpy\x8c" + bytes([len(name)]) + name + b"\x93.")
    with pytest.raises(ModelError, match=r"it wants to load numpy\.ndarray\.__subclasses__"):
        read_checkpoint(file)


DAMAGES: dict[str, tuple[bytes | object, str]] = {
    "empty": (b"", "is damaged (EOFError"),
    "text": (b"not a checkpoint\n", "is "),
    "a web page": (b"<html></html>", "is "),
    "a list": ([1, 2], "holds a list"),
    "no arrays": ({"weight": "text"}, "'weight' is no float32 array"),
    "other numbers": ({"weight": np.zeros(2)}, "'weight' is no float32 array"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_no_checkpoint_is_told_in_one_line(tmp_path: Path, damage: str) -> None:
    content, found = DAMAGES[damage]
    file = tmp_path / "a.pdparams"
    file.write_bytes(content if isinstance(content, bytes) else pickle.dumps(content, protocol=2))
    with pytest.raises(ModelError) as caught:
        read_checkpoint(file)
    line = caught.value.one_line()
    assert line.startswith(f"{file}: {found}")
    assert "\n" not in line


def test_a_checkpoint_that_is_cut_off_anywhere_is_told(tmp_path: Path) -> None:
    _, weights = fresh(CLS)
    whole = pickle.dumps(weights, protocol=2)
    for share in (0.001, 0.1, 0.5, 0.9, 0.9999):
        (tmp_path / "a.pdparams").write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(ModelError, match=r"is (damaged|no checkpoint)"):
            read_checkpoint(tmp_path / "a.pdparams")


@pytest.mark.parametrize(
    ("names", "found"),
    [((), "holds no .pdparams file"), (("a.pdparams", "b.pdparams"), "holds a.pdparams, b.pdparams")],
)
def test_which_file_is_meant(tmp_path: Path, names: tuple[str, ...], found: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(ModelError) as caught:
        checkpoint_file(tmp_path)
    assert caught.value.found == found


# what export_checkpoint adds to that


def test_widths_of_a_pruned_checkpoint_are_found_in_it(tmp_path: Path) -> None:
    narrow = CLS.narrowed({"backbone.blocks.3.expand": 16, "backbone.last": 120, "backbone.stem": 8})
    _, weights = fresh(narrow)
    found = fitted(CLS, weights)
    assert dict(found.widths) == {"backbone.blocks.3.expand": 16, "backbone.last": 120}
    (tmp_path / "out").mkdir()
    plan = export_checkpoint(saved(weights, tmp_path / "a.pdparams"), CLS, True, tmp_path / "out")
    assert plan == found
    with pytest.raises(ModelError, match=r"has backbone\.blocks\.3\.expand_conv\.conv\.weight \(16, "):
        export_checkpoint(tmp_path / "a.pdparams", CLS, False, tmp_path / "out")


def test_widths_that_contradict_each_other_are_told(tmp_path: Path) -> None:
    _, weights = fresh(CLS)
    key = "backbone.blocks.3.bottleneck_conv.bn.weight"
    file = saved({**weights, key: weights[key][:-8]}, tmp_path / "a.pdparams")
    with pytest.raises(ModelError, match=rf"has {key} \(24,\) instead of \(32,\)"):
        export_checkpoint(file, CLS, True, tmp_path)


def test_another_dictionary_is_told_by_its_class_count(tmp_path: Path) -> None:
    _, weights = fresh(REC)
    weights["head.fc.bias"] = weights["head.fc.bias"][:-1]
    file = saved(weights, tmp_path / "a.pdparams")
    with pytest.raises(ModelError, match="has 136 classes, its dictionary makes 137; give the dictionary it"):
        export_checkpoint(file, REC, False, tmp_path)


def test_a_checkpoint_with_quantizers_is_told(tmp_path: Path) -> None:
    _, weights = fresh(CLS)
    weights["backbone.conv1.conv._fake_quant_input._scale"] = np.ones(1, np.float32)
    weights["backbone.conv1.conv._act_preprocess.alpha"] = np.ones(1, np.float32)
    file = saved(weights, tmp_path / "a.pdparams")
    with pytest.raises(ModelError, match=r"trained for integers: .*_scale and 1 others are of quantizers"):
        export_checkpoint(file, CLS, True, tmp_path)
