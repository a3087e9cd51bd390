"""Tar archives made in the test: models small enough to be quick, and hostile ones."""

from __future__ import annotations

import io
import random
import tarfile
from pathlib import Path

DET_PATH = "dygraph_v2.0/ch/ch_ppocr_server_v2.0_det_infer.tar"
DET_NAME = "ch_ppocr_server_v2.0_det"


def inference_files(seed: int = 0, size: int = 40_000) -> dict[str, bytes]:
    """Files that pass for an inference model at first sight; the network is noise."""
    noise = random.Random(seed)
    return {
        "inference.pdmodel": b"\x0a\x90\x4e\x08\x00\x10" + noise.randbytes(size // 4),
        "inference.pdiparams": bytes(12) + noise.randbytes(size),
    }


def member(name: str, size: int = 0, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    """A header of any kind."""
    info = tarfile.TarInfo(name)
    info.size, info.type, info.linkname = size, kind, link
    return info


def tar_of(members: list[tuple[tarfile.TarInfo, bytes]], mode: str = "w") -> bytes:
    """An archive of these members, in this order."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as tar:  # type: ignore[call-overload]
        for info, content in members:
            tar.addfile(info, io.BytesIO(content) if info.isreg() else None)
    return buffer.getvalue()


def model_tar(folder: str = "model", files: dict[str, bytes] | None = None, mode: str = "w") -> bytes:
    """An archive as the publisher makes them; flat where ``folder`` is empty."""
    prefix = f"{folder}/" if folder else ""
    members = [(member(folder, kind=tarfile.DIRTYPE), b"")] if folder else []
    content = inference_files() if files is None else files
    return tar_of(
        [*members, *((member(prefix + name, len(data)), data) for name, data in content.items())], mode
    )


def with_extra(*extra: tuple[tarfile.TarInfo, bytes]) -> bytes:
    """A good model with more members behind it."""
    good = [(member(f"model/{name}", len(data)), data) for name, data in inference_files().items()]
    return tar_of([*good, *extra])


def everything_below(folder: Path) -> set[str]:
    """Relative paths of all files."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}
