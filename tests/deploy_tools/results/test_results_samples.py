from __future__ import annotations

import numpy as np
import pytest

from deploy_tools.measurement.series import Series
from deploy_tools.results.samples import pack_samples, unpack_samples


def _series(count: int, *, full: bool = True) -> Series:
    random = np.random.default_rng(count)
    values = np.round(random.lognormal(3.0, 0.1, count), 3)
    if not full:
        return Series("run", values)
    return Series("run", values, "ms", np.cumsum(values), random.integers(0, 4, count).astype(np.uint8))


@pytest.mark.parametrize("count", [0, 1, 7, 1000])
@pytest.mark.parametrize("full", [True, False])
def test_samples_come_back_bit_for_bit(count: int, full: bool) -> None:
    before = _series(count, full=full)
    after = unpack_samples(pack_samples(before), "run", "ms")
    for name in ("values", "at", "flags"):
        one, two = getattr(before, name), getattr(after, name)
        assert (one.dtype, one.tobytes()) == (two.dtype, two.tobytes())


def test_a_thousand_samples_need_less_room_than_as_numbers() -> None:
    series = _series(1000)
    assert len(pack_samples(series)) < 0.85 * (8 + 8 + 1) * 1000


@pytest.mark.parametrize("change", ["short", "long", "flipped", "version", "count", "head", "empty"])
def test_damage_is_noticed(change: str) -> None:
    blob = pack_samples(_series(50))
    damaged = {
        "short": blob[:-5],
        "long": blob[:13] + pack_samples(_series(51))[13:],
        "flipped": blob[:60] + bytes([blob[60] ^ 0x55]) + blob[61:],
        "version": b"\x09" + blob[1:],
        "count": blob[:1] + b"\xff\xff\xff\xff" + blob[5:],
        "head": blob[:6],
        "empty": b"",
    }[change]
    with pytest.raises(ValueError, match="samples"):
        unpack_samples(damaged, "run", "ms")
