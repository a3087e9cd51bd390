"""Protobuf messages without their schema."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from slim.program.program import read_program, write_program
from slim.program.wire import Field, WireError, encoded, read_message, write_message


@pytest.mark.embedded
def test_programs_are_written_as_they_were_read(embedded_models: Path) -> None:
    programs = sorted(embedded_models.rglob("inference.pdmodel"))
    assert len(programs) == 3
    for path in programs:
        data = path.read_bytes()
        assert write_message(read_message(data)) == data
        again = write_program(read_program(data))
        assert read_program(again) == read_program(data)
        assert len(again) == len(data), "all there, in another order perhaps"


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**31 - 1, 2**63 - 1, -1, -(2**31)])
def test_whole_numbers(number: int) -> None:
    (field,) = read_message(write_message([Field(3, 0, encoded(number))]))
    assert field.signed == number


def test_fields_of_every_kind_stay_in_their_order() -> None:
    fields = [
        Field(500, 0, b"\x80\x01"),
        Field(1, 1, bytes(8)),
        Field(1, 2, b""),
        Field(2, 5, b"abcd"),
        Field(1, 2, "文".encode()),
    ]
    assert read_message(write_message(fields)) == fields
    assert fields[-1].text == "文"


@pytest.mark.parametrize(
    "data",
    [b"\x0a\x05abc", b"\x08", b"\x0b", b"\x0f\x01", b"\x02\x00", b"\x08" + b"\xff" * 11, b"\x0d\x01"],
    ids=["cut string", "cut number", "group", "unknown kind", "field 0", "endless number", "cut float"],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(WireError):
        read_message(data)


@pytest.mark.embedded
def test_damaged_programs_end_in_one_kind_of_error(embedded_models: Path) -> None:
    data = bytearray((embedded_models / "ch_ppocr_mobile_v2_cls_infer" / "inference.pdmodel").read_bytes())
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(15):
        damaged = bytearray(data)
        for position in rng.integers(0, len(data), 200):
            damaged[position] = rng.integers(256)
        try:
            read_program(bytes(damaged))
        except WireError:
            refused += 1
    assert refused > 5
