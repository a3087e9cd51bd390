"""What a file is that was taken for a ``.nb`` and is none: the mistakes people make, by their first bytes."""

from __future__ import annotations

from typing import Final

from edge.nb.damage import NbDamageError

_CONVERT: Final = "convert it first (ppocr-edge convert)"
_UNPACK: Final = "unpack it and name the .nb inside"
_FETCH: Final = "fetch the real file, e.g. with 'git lfs pull' or from the model's publisher"

_MAGIC: Final = (
    (b"\x1f\x8b", "a gzip archive, no .nb model", _UNPACK),
    (b"PK\x03\x04", "a zip archive, no .nb model", _UNPACK),
    (b"BZh", "a bzip2 archive, no .nb model", _UNPACK),
    (b"\xfd7zXZ\0", "an xz archive, no .nb model", _UNPACK),
    (b"\x7fELF", "a program or library, no .nb model", "name the .nb model"),
    (b"\x89PNG", "a picture, no .nb model", "name the .nb model"),
    (b"\xff\xd8\xff", "a picture, no .nb model", "name the .nb model"),
    (b"\x80", "a Python pickle (Paddle training weights?), no .nb model", f"export the model and {_CONVERT}"),
)


def recognised(data: bytes) -> NbDamageError | None:
    """What ``data`` is by its first bytes, or None where nothing is known about it."""
    for magic, found, remedy in _MAGIC:
        if data.startswith(magic):
            return NbDamageError(found, remedy)
    if data[257:262] == b"ustar":
        return NbDamageError("a tar archive, no .nb model", _UNPACK)
    if data[:1] == b"\n" and b"\x08\x00\x10" in data[2:9]:  # protobuf: block 0, its index 0, its parent
        return NbDamageError("a Paddle program (.pdmodel), no .nb model", _CONVERT)
    if (
        len(data) > 26 and not any(data[:16]) and data[20:21] == b"\x08"
    ):  # versions 0, then a tensor description
        return NbDamageError("Paddle weights (.pdiparams), no .nb model", _CONVERT)
    return _text(data[:512])


def _text(start: bytes) -> NbDamageError | None:
    if start.startswith(b"version https://git-lfs"):
        return NbDamageError("a Git LFS pointer, not the model itself", _FETCH)
    try:
        text = start.decode("utf-8", errors="strict" if len(start) < 512 else "ignore")
    except UnicodeDecodeError:
        return None
    if any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text):
        return None
    if "<html" in text.lower() or "<!doctype" in text.lower():
        return NbDamageError("a web page (an error page of a download?), no .nb model", _FETCH)
    if text.lstrip().startswith(("{", "[")):
        return NbDamageError("JSON text (a Paddle 3 program?), no .nb model", _CONVERT)
    return NbDamageError("text, no .nb model", _FETCH)
