"""Paddle-Lite's numbers for targets, precisions, layouts and data types, and the kernel string made of them.

Numbers as in Paddle-Lite 2.13: ``lite/api/paddle_place.h``, ``lite/model_parser/flatbuffers/framework.fbs``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from edge.nb.damage import NbDamageError

TARGETS: Final = {
    0: "unknown", 1: "host", 2: "x86", 3: "cuda", 4: "arm", 5: "opencl", 6: "any", 7: "fpga", 8: "npu",
    9: "xpu", 10: "bm", 11: "mlu", 12: "rknpu", 13: "apu", 14: "huawei_ascend_npu", 15: "imagination_nna",
    16: "intel_fpga", 17: "metal", 18: "nnadapter",
}  # fmt: skip
PRECISIONS: Final = {
    0: "unknown", 1: "float", 2: "int8", 3: "int32", 4: "any", 5: "fp16", 6: "bool", 7: "int64", 8: "int16",
    9: "uint8", 10: "fp64",
}  # fmt: skip
LAYOUTS: Final = {
    0: "unknown", 1: "NCHW", 2: "any", 3: "NHWC", 4: "image-default", 5: "image-folder", 6: "image-nw",
    7: "metal-texture-2d-array", 8: "metal-texture-2d",
}  # fmt: skip

# data types of variables: name, bytes an element
DATA_TYPES: Final = {
    0: ("bool", 1), 1: ("int16", 2), 2: ("int32", 4), 3: ("int64", 8), 4: ("float16", 2), 5: ("float32", 4),
    6: ("float64", 8), 20: ("uint8", 1), 21: ("int8", 1),
}  # fmt: skip


@dataclass(frozen=True)
class Kernel:
    """Where and how one op is computed, by the names of the tables above.

    A number this version does not know is kept as ``number-N``.
    """

    op: str
    alias: str
    target: str
    precision: str
    layout: str

    def __str__(self) -> str:
        return f"{self.op}/{self.alias}/{self.target}/{self.precision}/{self.layout}"


def parse_kernel(text: str) -> Kernel:
    """Read ``op/alias/target/precision/layout`` with its numbers, e.g. ``conv2d/def/4/1/1``.

    Raises:
        NbDamageError: Not of that form.
    """
    parts = text.split("/")
    if len(parts) != 5 or not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts[2:]):
        raise NbDamageError(f"damaged topology: {text[:60]!r} is no kernel")
    target, precision, layout = (int(part) for part in parts[2:])
    return Kernel(
        op=parts[0],
        alias=parts[1],
        target=TARGETS.get(target, f"number-{target}"),
        precision=PRECISIONS.get(precision, f"number-{precision}"),
        layout=LAYOUTS.get(layout, f"number-{layout}"),
    )
