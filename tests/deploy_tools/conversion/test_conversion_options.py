"""Targets and precisions: which there are, and which go together."""

from __future__ import annotations

import pytest

from deploy_tools.conversion.options import conversion_options
from edge.errors import InputError


@pytest.mark.parametrize(
    ("target", "options", "places", "suffix"),
    [
        ("arm", {}, "arm", "arm"),
        ("x86", {}, "x86", "x86"),
        ("arm,opencl", {}, "opencl,arm", "arm-opencl"),
        ("opencl,arm", {}, "opencl,arm", "arm-opencl"),
        (" ARM , OpenCL ", {}, "opencl,arm", "arm-opencl"),
        ("arm", {"fp16": True}, "arm", "arm-fp16"),
        ("arm,opencl", {"fp16": True}, "opencl,arm", "arm-opencl-fp16"),
        ("arm", {"weights": "int8"}, "arm", "arm-int8-weights"),
        ("x86", {"weights": "int16"}, "x86", "x86-int16-weights"),
    ],
)
def test_what_can_be_asked_for(target: str, options: dict[str, object], places: str, suffix: str) -> None:
    """OpenCL comes first for ``opt``, so that what it lacks falls to the processor; names start with that."""
    wanted = conversion_options(target, **options)  # type: ignore[arg-type]
    assert (wanted.valid_places, wanted.suffix) == (places, suffix)


@pytest.mark.parametrize(
    ("target", "options", "subject", "found"),
    [
        ("", {}, "--target", "there is no target ''"),
        ("armv8", {}, "--target armv8", "there is no target 'armv8'"),
        ("arm;rm -rf /", {}, "--target arm;rm -rf /", "there is no target"),
        ("arm,", {}, "--target arm,", "there is no target ''"),
        ("arm,x86", {}, "--target arm,x86", "do not go together"),
        ("x86,opencl", {}, "--target x86,opencl", "do not go together"),
        ("arm,arm", {}, "--target arm,arm", "do not go together"),
        ("opencl", {}, "--target opencl", "need a processor"),
        ("x86", {"fp16": True}, "--fp16", "target x86 has no half-precision kernels"),
        ("arm", {"fp16": True, "weights": "int8"}, "--fp16", "does not go together with --weights int8"),
    ],
)
def test_what_cannot(target: str, options: dict[str, object], subject: str, found: str) -> None:
    with pytest.raises(InputError) as caught:
        conversion_options(target, **options)  # type: ignore[arg-type]
    assert caught.value.subject == subject.strip() or caught.value.subject == f"{subject} {target}"
    assert found in caught.value.found
    assert caught.value.remedy
