"""Small ELF files, whole and true: what the linkers of other systems would have written."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Final

AARCH64: Final = 183
ARM: Final = 40
X86_64: Final = 62
LOADED_AT: Final = 0x10000


def made_elf(
    machine: int,
    *,
    needed: Sequence[str] = (),
    soname: str = "",
    android_api: int | None = None,
    flags: int = 0,
    vfp_args: int | None = None,
    late_local: bool = False,
) -> bytes:
    """A shared library.

    Args:
        machine: Its processor; ARM alone has 32 bits.
        needed: What it is linked with.
        soname: Its own name.
        android_api: What Android's note says, if there is one.
        flags: Of the processor.
        vfp_args: ARM's build attribute of how numbers are passed, if there are attributes.
        late_local: Leave a local symbol among the global ones.
    """
    wide = machine != ARM
    word = "Q" if wide else "I"
    head, segment, section = (64, 56, 64) if wide else (52, 32, 40)
    texts = bytearray(b"\0")

    def text(value: str) -> int:
        texts.extend(value.encode() + b"\0")
        return len(texts) - len(value) - 1

    entries = [(1, text(name)) for name in needed] + ([(14, text(soname))] if soname else [])
    note = b""
    if android_api is not None:
        content = struct.pack("<I", android_api) + b"r21e".ljust(64, b"\0")
        note = struct.pack("<III", 8, len(content), 1) + b"Android\0" + content
    attributes = b"" if vfp_args is None else _attributes(vfp_args)
    symbols = b"".join(_symbol(binding, wide) for binding in ([0, 1, 0] if late_local else [0, 1]))
    at = head + 3 * segment
    places = {}
    for name, content in (
        ("texts", bytes(texts)),
        ("note", note),
        ("attributes", attributes),
        ("symbols", symbols),
    ):
        at = -(-at // 4) * 4
        places[name] = (at, content)
        at += len(content)
    dynamic_at = -(-at // 8) * 8
    entries = [*entries, (5, LOADED_AT + places["texts"][0]), (0, 0)]
    dynamic = b"".join(struct.pack(f"<{word}{word}", *entry) for entry in entries)
    sections_at = dynamic_at + len(dynamic)
    parts = [(1, 0, sections_at), (2, dynamic_at, len(dynamic)), (4, places["note"][0], len(note))]
    data = bytearray(sections_at)
    for start, content in [*places.values(), (dynamic_at, dynamic)]:
        data[start : start + len(content)] = content
    for number, (kind, start, size) in enumerate(parts):
        fields = (start, LOADED_AT + start, 0, size, size)
        packed = (
            struct.pack("<IIQQQQQQ", kind, 4, *fields, 8)
            if wide
            else struct.pack("<IIIIIIII", kind, *fields, 4, 4)
        )
        data[head + number * segment : head + (number + 1) * segment] = packed
    rows = [
        (0x70000003, *places["attributes"], 0),
        (11, *places["symbols"], 1),
        (8, 1 << 40 if wide else 1 << 30, b"", 0),
    ]
    for kind, start, content, info in rows:
        if wide:
            data += struct.pack("<IIQQQQIIQQ", 0, kind, 0, 0, start, len(content), 0, info, 0, 0)
        else:
            data += struct.pack("<IIIIIIIIII", 0, kind, 0, 0, start, len(content), 0, info, 0, 0)
    identity = b"\x7fELF" + bytes([2 if wide else 1, 1, 1]) + bytes(9)
    tables = struct.pack(f"<{word}{word}{word}", 0, head, sections_at)
    sizes = struct.pack("<IHHHHHH", flags, head, segment, len(parts), section, len(rows), 0)
    data[:head] = identity + struct.pack("<HHI", 3, machine, 1) + tables + sizes
    return bytes(data)


def _symbol(binding: int, wide: bool) -> bytes:
    info = binding << 4 | 1
    return (
        struct.pack("<IBBHQQ", 0, info, 0, 1, 0, 0) if wide else struct.pack("<IIIBBH", 0, 0, 0, info, 0, 1)
    )


def _attributes(vfp_args: int) -> bytes:
    """With what must be stepped over: names, texts, and numbers of two bytes."""
    pairs = b"\x05Cortex-A53\0" + b"\x06\x0a" + b"\x20\x01gnu\0" + b"\x43abi\0" + b"\x2c\x80\x01"
    pairs += bytes([28, vfp_args])
    part = b"\x01" + struct.pack("<I", len(pairs) + 5) + pairs
    return b"A" + struct.pack("<I", len(part) + 10) + b"aeabi\0" + part
