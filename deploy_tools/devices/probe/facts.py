"""What was found out about a device."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any

from deploy_tools.devices.remote.facts import as_library


@dataclass(frozen=True)
class Core:
    """One processor core.

    Attributes:
        number: As the system counts.
        model: Such as ``Cortex-A72``; None where the system does not tell.
        khz: Its highest frequency; None where the system does not tell.
        online: Whether it runs at all now.
        governor: Who chooses its frequency, such as ``ondemand``; None where nobody does.
    """

    number: int
    model: str | None = None
    khz: int | None = None
    online: bool = True
    governor: str | None = None


@dataclass(frozen=True)
class Cluster:
    """Cores that are alike.

    Attributes:
        count: How many.
        model: See `Core`.
        khz: See `Core`.
    """

    count: int
    model: str | None
    khz: int | None

    def __str__(self) -> str:
        parts = [f"{self.count} ×", self.model or ("core" if self.count == 1 else "cores")]
        if self.khz:
            parts.append(f"at {self.khz / 1e6:.2f} GHz")
        return " ".join(parts)


@dataclass(frozen=True)
class Temperature:
    """One thermal zone.

    Attributes:
        zone: Its name there.
        celsius: Degrees.
    """

    zone: str
    celsius: float


@dataclass(frozen=True)
class PythonThere:
    """A Python of the device.

    Attributes:
        path: Its program.
        version: None where it does not run.
        packages: Those of numpy, PIL, pyclipper, scipy and paddlelite that it has.
        lite_version: Of its paddlelite package.
        error: Why paddlelite cannot be imported; empty where it can.
    """

    path: str
    version: str | None = None
    packages: frozenset[str] = frozenset()
    lite_version: str | None = None
    error: str = ""

    @property
    def library_version(self) -> str:
        """The same as Paddle-Lite writes it (``v2.13-rc``); empty where it is not known."""
        return as_library(self.lite_version or "")


@dataclass(frozen=True)
class Probe:
    """A device, at one moment. What is None the device does not tell.

    Attributes:
        system: Of the kernel, such as ``Linux``.
        kernel: Its release.
        machine: Architecture of the kernel, as ``uname -m`` says it.
        bits: Of its programs, 32 or 64; 64-bit kernels run 32-bit systems too.
        user: Who is logged in.
        os: Such as ``Debian GNU/Linux 12 (bookworm)`` or ``Android 13``.
        android_api: Android's API level; None where it is no Android.
        abis: Android's names of what its programs may be, the preferred first.
        board: Its maker and model.
        soc: Its chip.
        cores: Of the processor.
        features: Of the processor, as ``/proc/cpuinfo`` names them.
        memory_bytes: All of it.
        memory_free_bytes: What programs can still have.
        temperatures: By thermal zone.
        loaders: Program loaders that are there, absolute paths.
        libc: Such as ``glibc 2.36``.
        libraries: Shared libraries that are there, of those that runners need or can use; absolute paths.
        folder: Where files are kept there, absolute.
        folder_exists: Whether it is there yet.
        folder_writable: Whether it, or the folder it would be made in, can be written.
        free_bytes: Room there.
        sha256_tool: What computes SHA-256 there.
        installed: Runners and their libraries in the folder, as ``SET/FILE``.
        pythons: Those found; not looked for on Android where none is named.
        clock_offset: Seconds that its clock is ahead of this host's, to a second.
    """

    system: str
    kernel: str
    machine: str
    bits: int | None
    user: str | None
    os: str | None
    android_api: int | None
    abis: tuple[str, ...]
    board: str | None
    soc: str | None
    cores: tuple[Core, ...]
    features: frozenset[str]
    memory_bytes: int | None
    memory_free_bytes: int | None
    temperatures: tuple[Temperature, ...]
    loaders: tuple[str, ...]
    libc: str | None
    libraries: tuple[str, ...]
    folder: str
    folder_exists: bool
    folder_writable: bool
    free_bytes: int | None
    sha256_tool: str | None
    installed: tuple[str, ...]
    pythons: tuple[PythonThere, ...]
    clock_offset: float | None

    @property
    def clusters(self) -> tuple[Cluster, ...]:
        """Cores that are alike together, the fastest first."""
        counts = Counter((core.model, core.khz) for core in self.cores)
        clusters = [Cluster(count, model, khz) for (model, khz), count in counts.items()]
        return tuple(sorted(clusters, key=lambda one: one.khz or 0, reverse=True))

    @property
    def governors(self) -> tuple[str, ...]:
        """Of all cores, each once."""
        return tuple(dict.fromkeys(core.governor for core in self.cores if core.governor))

    @property
    def hottest(self) -> Temperature | None:
        """The zone of the highest temperature."""
        return max(self.temperatures, key=lambda one: one.celsius, default=None)

    @property
    def has_fp16(self) -> bool:
        """Whether the processor computes in half precision (ARMv8.2)."""
        return {"fphp", "asimdhp"} <= self.features

    @property
    def has_dot_product(self) -> bool:
        """Whether the processor has the instructions that make INT8 fast (ARMv8.2)."""
        return "asimddp" in self.features

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        values = asdict(self)
        values["features"] = sorted(self.features)
        values["pythons"] = [{**asdict(one), "packages": sorted(one.packages)} for one in self.pythons]
        return {**values, "clusters": [asdict(one) for one in self.clusters]}
