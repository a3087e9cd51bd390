"""The published PP-OCR v2.0 models as bundles: in float, and the slim ``.nb`` files as they are."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from edge.bundle.bundle import Bundle, load_bundle
from edge.bundle.manifest import MANIFEST_NAME, FileEntry
from edge.hashing import sha256_of
from edge.nb.model import read_nb
from tests.e2e.command import run_command

TARGETS: Final = ("x86", "arm")
_MODEL: Final = "ch_ppocr_mobile_v2.0_{}"
_SLIM: Final = "dygraph_v2.0/lite/ch_ppocr_mobile_v2.0_{}_slim_opt.nb"


def float_bundles(mirror: Path, folder: Path) -> Mapping[str, Mapping[str, Bundle]]:
    """The models in float, converted by the command line, by target and task.

    Args:
        mirror: Laid out as at the publisher; the recognizer is a checkpoint there.
        folder: Gets them.
    """
    recognizer = folder / _MODEL.format("rec")
    _do("models", "export", recognizer.name, "--source", mirror, "-o", recognizer, cwd=folder)
    out = folder / "bundles"
    options = ("-o", out, *(word for target in TARGETS for word in ("--target", target)))
    _do("convert", recognizer, *options, cwd=folder)
    for task in ("det", "cls"):
        _do("convert", _MODEL.format(task), "--source", mirror, *options, cwd=folder)
    return {
        target: {task: load_bundle(out / f"{_MODEL.format(task)}-{target}") for task in ("det", "cls", "rec")}
        for target in TARGETS
    }


def published_bundles(mirror: Path, like: Mapping[str, Bundle], folder: Path) -> Mapping[str, Bundle]:
    """The slim models for ARM, by task. They are published without dictionary, parameters and golden tensors.

    Args:
        mirror: As for `float_bundles`.
        like: The same models in float, by task: all but the networks is the same.
        folder: Gets them.
    """
    return {task: _bundle(mirror / _SLIM.format(task), one, folder) for task, one in like.items()}


def _bundle(nb: Path, like: Bundle, parent: Path) -> Bundle:
    folder = parent / nb.stem
    shutil.copytree(like.folder, folder)
    model = shutil.copyfile(nb, folder / like.manifest.model)
    found = read_nb(model)
    entry = FileEntry(sha256_of(model), model.stat().st_size)
    manifest = replace(
        like.manifest,
        name=nb.stem,
        target=found.main_target,
        precision=found.precision,
        opt_version=found.opt_version,
        files={**like.manifest.files, like.manifest.model: entry},
        source={"file": nb.name},
    )
    (folder / MANIFEST_NAME).write_text(manifest.to_json(), encoding="utf-8")
    return load_bundle(folder)


def _do(*words: object, cwd: Path) -> None:
    ended = run_command(*words, cwd=cwd)
    assert ended.code == 0, ended.err
