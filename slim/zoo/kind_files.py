"""Which files make up each kind of model, and how to tell that a file is what its name says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from edge.errors import SourceError
from edge.nb.damage import NbDamageError
from edge.nb.header import parse_header
from slim.zoo.entry import Kind

INFERENCE_FILES: Final = ("inference.pdiparams", "inference.pdmodel")
_CHECKPOINT: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.pdparams")
# the protobuf ProgramDesc opens with field 1, its first block: length as varint, then the block's own index
_PROGRAM: Final = re.compile(rb"\x0a[\x80-\xff]{0,4}[\x00-\x7f]\x08\x00\x10", re.DOTALL)
_PICKLE_PROTOCOLS: Final = range(2, 6)
_LFS_POINTER: Final = b"version https://git-lfs"
_HEAD_SIZE: Final = 64


def is_inference(kind: Kind) -> bool:
    """Whether the kind is a network with its weights, ready to run."""
    return kind in (Kind.INFERENCE, Kind.SLIM_INFERENCE)


def is_archive(kind: Kind) -> bool:
    """Whether the kind is published as a tar archive; a ``.nb`` is published as it is."""
    return kind is not Kind.NB


def wanted(kind: Kind, name: str) -> bool:
    """Whether a file of this name (without folder) belongs to a model of this kind.

    Optimizer states, logs and ``.pdiparams.info`` do not: nothing here reads them.
    """
    if is_inference(kind):
        return name in INFERENCE_FILES
    if kind is Kind.NB:
        return name.endswith(".nb")
    return _CHECKPOINT.fullmatch(name) is not None


def missing(kind: Kind, names: set[str]) -> str:
    """What a model of this kind lacks, for an error message; empty where it is complete."""
    if is_inference(kind):
        return " and ".join(name for name in INFERENCE_FILES if name not in names)
    if any(wanted(kind, name) for name in names):
        return ""
    return ".nb file" if kind is Kind.NB else ".pdparams checkpoint"


def check_content(path: Path, subject: str) -> None:
    """Refuse a file whose first bytes are not of the format its name promises.

    A cheap look that finds error pages, Git LFS pointers and swapped files, not damage further in. A
    checkpoint is a pickle and is never loaded here.

    Args:
        path: The file; its suffix tells the format.
        subject: How the error shall name it.

    Raises:
        SourceError: The file is something else.
    """
    with path.open("rb") as stream:
        # the header of a .nb is judged together with what follows it
        head = stream.read() if path.name.endswith(".nb") else stream.read(_HEAD_SIZE)
    problem = _problem(path.name, head)
    if problem:
        raise SourceError(subject, f"{path.name} {problem}", "pull from another source")


def describe(head: bytes) -> str:
    """What the first bytes of a file look like, for an error message."""
    if not head:
        return "is empty"
    if head.startswith(_LFS_POINTER):
        return "is a Git LFS pointer, not the file itself"
    if head.lstrip()[:1] == b"<":
        return "is a web page"
    return f"starts with {head[:8].hex(' ')}"


def _problem(name: str, head: bytes) -> str:
    if name.endswith(".nb"):
        try:
            parse_header(head)
        except NbDamageError as damage:
            return f"{describe(head)}: {damage.found}"
        return ""
    if name.endswith(".pdmodel"):
        return "" if _PROGRAM.match(head) else f"{describe(head)}, which is no network description"
    if name.endswith(".pdiparams"):
        # uint32 version 0 of the first tensor, then uint64 LoD level 0
        return "" if len(head) >= 12 and not any(head[:12]) else f"{describe(head)}, which is no weight file"
    # a pickle opens with its PROTO opcode and the protocol's number
    is_pickle = len(head) > 1 and head[0] == 0x80 and head[1] in _PICKLE_PROTOCOLS
    return "" if is_pickle else f"{describe(head)}, which is no checkpoint"
