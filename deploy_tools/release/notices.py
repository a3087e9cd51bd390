"""``THIRD_PARTY_NOTICES.md``: whose work is in a release, and under which terms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from deploy_tools.native.ndk import STL_LIBRARY
from deploy_tools.release.contents.licence import PUBLISHED, UNKNOWN, is_published
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.contents.naming import markdown_text
from deploy_tools.release.targets.libraries import LITE, RUNNER, Part

NOTICES: Final = "THIRD_PARTY_NOTICES.md"
_TEXT: Final = Path(__file__).with_name("apache-2.0.txt")


def notices_text(
    models: Sequence[PackedModel], parts: Sequence[Part], own_notices: Sequence[str] = ()
) -> bytes:
    """The file.

    Args:
        models: Of the release.
        parts: Programs and libraries in it.
        own_notices: Texts that its maker wants in.
    """
    published = sorted({model.name for model in models if is_published(model.bundle)})
    own = {model.name: model.licence for model in models if not is_published(model.bundle)}
    components = {part.component for part in parts}
    lines = [
        "# Third-party notices",
        "",
        "What is in this release, whose it is, and under which licence.",
        "",
    ]
    if published:
        lines += [
            "## PaddleOCR",
            "",
            f"Models and dictionaries: {', '.join(map(markdown_text, published))}.",
            "",
            "Copyright (c) PaddlePaddle Authors. Licensed under Apache-2.0 (below). Converted with",
            "Paddle-Lite's opt, and changed where their cards say so: pruned, trained further, quantized.",
            "",
        ]
    if own:
        lines += ["## Other models", "", "Of whoever made this release:", "", *_own(own), ""]
    if LITE in components:
        lines += ["## Paddle-Lite", "", "Its libraries, headers and Java API."]
        lines += ["Copyright (c) PaddlePaddle Authors. Licensed under Apache-2.0 (below).", ""]
    if RUNNER in components:
        lines += ["## ppocr-edge", "", "The program ppocr_runner. Licensed under Apache-2.0 (below).", ""]
    others = sorted(components - {LITE, RUNNER})
    if STL_LIBRARY in others:
        lines += ["## LLVM's C++ library", "", f"{STL_LIBRARY}, of the Android NDK."]
        lines += ["Licensed under Apache-2.0 (below) with LLVM exceptions.", ""]
    for name in others:
        if name != STL_LIBRARY:
            lines += [f"## {name}", "", "Came with the runner; its maker's terms hold.", ""]
    if own_notices:
        lines += ["## Notices of whoever made this release", ""]
    for text in own_notices:
        lines += [*_fenced(text), ""]
    lines += ["## Apache-2.0", "", "```", _TEXT.read_text(encoding="utf-8").strip("\n"), "```", ""]
    return "\n".join(lines).encode()


def _own(licences: Mapping[str, str]) -> Iterator[str]:
    for name, licence in sorted(licences.items()):
        shown = markdown_text(name)
        if licence == UNKNOWN:
            yield f"- {shown}: no licence is named, so ask before you use it"
        else:
            yield f"- {shown}: licensed under {licence}{_where(licence)}"


def _where(licence: str) -> str:
    return " (below)" if licence == PUBLISHED else ""


def _fenced(text: str) -> list[str]:
    """A text as it is, in a fence that it does not have itself."""
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence, text, fence]
