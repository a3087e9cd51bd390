"""Paddle-Lite's libraries for Android: what of them apps need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.versions import version_in_library
from deploy_tools.native.elf import EM_AARCH64, EM_ARM, EM_X86_64, read_elf
from deploy_tools.native.ndk import STL_LIBRARY
from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.targets.libraries import LITE, Part
from edge.errors import InputError

JAR: Final = "PaddlePredictor.jar"
_ABIS: Final = {EM_AARCH64: "arm64-v8a", EM_ARM: "armeabi-v7a", EM_X86_64: "x86_64"}
_JNI: Final = "java/so/libpaddle_lite_jni.so"
_CXX: Final = "cxx/lib/libpaddle_light_api_shared.so"


@dataclass(frozen=True)
class AndroidLibraries:
    """Libraries for apps.

    Attributes:
        parts: Named ``ABI/FILE``.
        jar: The Java API; None where only the C++ API is there.
    """

    parts: tuple[Part, ...] = ()
    jar: bytes | None = None


def read_android_libraries(folders: Sequence[Path]) -> AndroidLibraries:
    """The libraries of release folders of Paddle-Lite for Android, one for each ABI.

    Raises:
        InputError: A folder is none, of an ABI that another one is of, or its Java API is another one.
    """
    found: dict[str, list[Part]] = {}
    jars: dict[bytes, str] = {}
    for folder in folders:
        subject = f"--android-library {folder}"
        library = next((folder / name for name in (_JNI, _CXX) if (folder / name).is_file()), None)
        if library is None:
            raise InputError(
                subject, f"has neither {_JNI} nor {_CXX}", "give a folder inference_lite_lib.android.…"
            )
        abi, needs_stl = _look(library, subject)
        if abi in found:
            raise InputError(subject, f"is a second one for {abi}", "give one for each ABI")
        version = version_in_library(library)
        found[abi] = [Part(Entry(f"{abi}/{library.name}", library.read_bytes()), LITE, version)]
        if needs_stl:
            stl = library.with_name(STL_LIBRARY)
            if not stl.is_file():
                raise InputError(subject, f"needs {STL_LIBRARY}", f"put the NDK's for {abi} at {stl}")
            found[abi].append(Part(Entry(f"{abi}/{STL_LIBRARY}", stl.read_bytes()), STL_LIBRARY))
        jar = folder / "java" / "jar" / JAR
        if library.name == Path(_JNI).name:
            if not jar.is_file():
                raise InputError(subject, f"has no java/jar/{JAR}", "take all of it from one release")
            jars.setdefault(jar.read_bytes(), str(folder))
    if len(jars) > 1:
        one, other = list(jars.values())[:2]
        raise InputError(
            f"--android-library {other}", f"has another {JAR} than {one}", "take both from one release"
        )
    parts = tuple(part for abi in sorted(found) for part in found[abi])
    return AndroidLibraries(parts, next(iter(jars), None))


def _look(library: Path, subject: str) -> tuple[str, bool]:
    """ABI, and whether it needs the shared C++ library."""
    elf = read_elf(library)
    if elf.system not in ("Android", "") or elf.kind != "shared library" or elf.machine not in _ABIS:
        found = f"its {library.name} is a {elf.kind} for {elf.machine_name} {elf.system}".rstrip()
        raise InputError(subject, found, "give a folder inference_lite_lib.android.…")
    return _ABIS[elf.machine], STL_LIBRARY in elf.needed
