"""Names of ARM cores by what ``/proc/cpuinfo`` says of them.

Numbers as in the main ID registers that the makers document, and as Linux and util-linux list them.
"""

from __future__ import annotations

from typing import Final

_ARM: Final = {
    0xC05: "Cortex-A5", 0xC07: "Cortex-A7", 0xC08: "Cortex-A8", 0xC09: "Cortex-A9", 0xC0D: "Cortex-A12",
    0xC0E: "Cortex-A17", 0xC0F: "Cortex-A15", 0xD01: "Cortex-A32", 0xD02: "Cortex-A34", 0xD03: "Cortex-A53",
    0xD04: "Cortex-A35", 0xD05: "Cortex-A55", 0xD06: "Cortex-A65", 0xD07: "Cortex-A57", 0xD08: "Cortex-A72",
    0xD09: "Cortex-A73", 0xD0A: "Cortex-A75", 0xD0B: "Cortex-A76", 0xD0C: "Neoverse-N1", 0xD0D: "Cortex-A77",
    0xD0E: "Cortex-A76AE", 0xD40: "Neoverse-V1", 0xD41: "Cortex-A78", 0xD42: "Cortex-A78AE",
    0xD44: "Cortex-X1", 0xD46: "Cortex-A510", 0xD47: "Cortex-A710", 0xD48: "Cortex-X2", 0xD49: "Neoverse-N2",
    0xD4B: "Cortex-A78C", 0xD4C: "Cortex-X1C", 0xD4D: "Cortex-A715", 0xD4E: "Cortex-X3", 0xD4F: "Neoverse-V2",
    0xD80: "Cortex-A520", 0xD81: "Cortex-A720", 0xD82: "Cortex-X4", 0xD85: "Cortex-X925",
    0xD87: "Cortex-A725",
}  # fmt: skip
_QUALCOMM: Final = {
    0x06F: "Krait", 0x201: "Kryo", 0x205: "Kryo", 0x211: "Kryo", 0x800: "Kryo 2xx Gold",
    0x801: "Kryo 2xx Silver", 0x802: "Kryo 3xx Gold", 0x803: "Kryo 3xx Silver", 0x804: "Kryo 4xx Gold",
    0x805: "Kryo 4xx Silver",
}  # fmt: skip
_SAMSUNG: Final = {0x001: "Exynos M1", 0x002: "Exynos M3", 0x003: "Exynos M4", 0x004: "Exynos M5"}
_HISILICON: Final = {0xD01: "TaiShan v110", 0xD40: "Cortex-A76"}
_NVIDIA: Final = {0x003: "Denver 2", 0x004: "Carmel"}
_MAKERS: Final = {0x41: _ARM, 0x48: _HISILICON, 0x4E: _NVIDIA, 0x51: _QUALCOMM, 0x53: _SAMSUNG}


def core_name(implementer: int | None, part: int) -> str:
    """The name of a core; its numbers where it is not known.

    Args:
        implementer: ``CPU implementer``; None where it is not told.
        part: ``CPU part``.
    """
    known = _MAKERS.get(implementer or 0, {})
    maker = f"{implementer:#04x}/" if implementer is not None else ""
    return known.get(part, f"core {maker}{part:#05x}")
