"""Archives for Android: an AAR for new projects, and plain folders for apps that have their own ways."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

from deploy_tools.release.archive.entry import Entry
from deploy_tools.release.archive.tar_gz import write_tar_gz
from deploy_tools.release.archive.zip_file import write_zip, zip_bytes
from deploy_tools.release.contents.model import PackedModel
from deploy_tools.release.notices import NOTICES
from deploy_tools.release.targets.android_library import JAR, AndroidLibraries
from deploy_tools.release.targets.model_files import model_entries, own_manifest
from deploy_tools.release.targets.release_label import ReleaseLabel
from edge.bundle.manifest import MANIFEST_NAME

TARGET: Final = "android"
ASSETS_TARGET: Final = "android-assets"
ASSETS: Final = "assets/ppocr/"
MIN_SDK: Final = 21
"""Android 5: the oldest that Paddle-Lite's libraries run on with 64 bits."""

_MANIFEST: Final = """\
<?xml version="1.0" encoding="utf-8"?>
<manifest xmlns:android="http://schemas.android.com/apk/res/android"
    package="{package}">

    <uses-sdk android:minSdkVersion="{min_sdk}" />

</manifest>
"""
_KEEP: Final = """\
# Paddle-Lite's native code calls its Java API by name.
-keep class com.baidu.paddle.lite.** { *; }
-keepclasseswithmembernames class * {
    native <methods>;
}
"""
_JAR_MANIFEST: Final = b"Manifest-Version: 1.0\r\n\r\n"


def write_android(
    folder: Path,
    label: ReleaseLabel,
    models: Sequence[PackedModel],
    libraries: AndroidLibraries,
    notices: bytes,
    time: datetime,
) -> tuple[Path, Path]:
    """Write ``NAME-VERSION-android.aar`` and ``NAME-VERSION-android-assets.tar.gz``.

    Args:
        folder: That gets them.
        label: Of the release.
        models: That go into them.
        libraries: Of Paddle-Lite.
        notices: Of third parties.
        time: Of their files.

    Raises:
        OSError: They cannot be written.
        BundleError: A model changed since it was verified.
    """
    return (
        _write_aar(folder, label, models, libraries, notices, time),
        _write_assets(folder, label, models, libraries, notices, time),
    )


def package_name(name: str) -> str:
    """The Java package of an AAR, which only has to be another one than those of other libraries."""
    return "ppocr.edge.release." + re.sub(r"[^a-z0-9_]", "_", f"r_{name}".lower())


def _write_aar(
    folder: Path,
    label: ReleaseLabel,
    models: Sequence[PackedModel],
    libraries: AndroidLibraries,
    notices: bytes,
    time: datetime,
) -> Path:
    manifest = _MANIFEST.format(package=package_name(label.name), min_sdk=MIN_SDK)
    entries = [
        Entry("AndroidManifest.xml", manifest.encode()),
        # must be there; what there is of code is in libs, as Paddle-Lite published it
        Entry("classes.jar", zip_bytes([Entry("META-INF/MANIFEST.MF", _JAR_MANIFEST)], time)),
        Entry("R.txt", b""),
        Entry("proguard.txt", _KEEP.encode()),
        *model_entries(models, ASSETS),
        Entry(f"{ASSETS}{NOTICES}", notices),
        *_libraries(libraries, "jni/", "libs/"),
    ]
    path = folder / f"{label.top}-{TARGET}.aar"
    own = own_manifest(label.name, label.version, label.created, TARGET, models, entries, "")
    write_zip(path, [*entries, Entry(f"{ASSETS}{MANIFEST_NAME}", own)], time)
    return path


def _write_assets(
    folder: Path,
    label: ReleaseLabel,
    models: Sequence[PackedModel],
    libraries: AndroidLibraries,
    notices: bytes,
    time: datetime,
) -> Path:
    top = f"{label.top}/"
    entries = [
        *model_entries(models, f"{top}{ASSETS}"),
        Entry(f"{top}{NOTICES}", notices),
        *_libraries(libraries, f"{top}jniLibs/", f"{top}libs/"),
    ]
    if libraries.jar is not None:
        entries.append(Entry(f"{top}proguard-rules.pro", _KEEP.encode()))
    path = folder / f"{label.top}-{ASSETS_TARGET}.tar.gz"
    own = own_manifest(
        label.name, label.version, label.created, ASSETS_TARGET, models, entries, top, beside=ASSETS
    )
    write_tar_gz(path, [*entries, Entry(f"{top}{MANIFEST_NAME}", own)], time)
    return path


def _libraries(libraries: AndroidLibraries, native: str, java: str) -> list[Entry]:
    found = [Entry(f"{native}{part.entry.name}", part.entry.content) for part in libraries.parts]
    return found if libraries.jar is None else [*found, Entry(f"{java}{JAR}", libraries.jar)]
