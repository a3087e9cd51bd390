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
from deploy_tools.release.targets.android_library import JAR
from deploy_tools.release.targets.model_files import model_entries, own_manifest
from deploy_tools.release.targets.release_label import ReleaseLabel
from deploy_tools.release.targets.target import ANDROID
from edge.bundle.manifest import MANIFEST_NAME

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
    libraries: Sequence[Entry],
    jar: bytes | None,
    notices: bytes,
    time: datetime,
) -> None:
    """Write ``NAME-VERSION-android.aar`` and ``NAME-VERSION-android-assets.tar.gz``.

    Args:
        folder: That gets them.
        label: Of the release.
        models: That go into them.
        libraries: Of Paddle-Lite, named ``ABI/FILE``.
        jar: Its Java API; None where only the C++ API is there.
        notices: Of third parties.
        time: Of their files.

    Raises:
        OSError: They cannot be written.
        BundleError: A model changed since it was verified.
    """
    entries = [
        *_aar_entries(label.name, time),
        *model_entries(models, ASSETS),
        Entry(f"{ASSETS}{NOTICES}", notices),
        *_library_entries(libraries, jar, "jni/", "libs/"),
    ]
    own = own_manifest(label, ANDROID.name, models, entries, "")
    aar = folder / f"{label.archive(ANDROID.name)}.aar"
    write_zip(aar, [*entries, Entry(f"{ASSETS}{MANIFEST_NAME}", own)], time)

    top = f"{label.top}/"
    entries = [
        *model_entries(models, f"{top}{ASSETS}"),
        Entry(f"{top}{NOTICES}", notices),
        *_library_entries(libraries, jar, f"{top}jniLibs/", f"{top}libs/"),
    ]
    if jar is not None:
        entries.append(Entry(f"{top}proguard-rules.pro", _KEEP.encode()))
    own = own_manifest(label, ASSETS_TARGET, models, entries, top, beside=ASSETS)
    assets = folder / f"{label.archive(ASSETS_TARGET)}.tar.gz"
    write_tar_gz(assets, [*entries, Entry(f"{top}{MANIFEST_NAME}", own)], time)


def package_name(name: str) -> str:
    """The Java package of an AAR, which only has to be another one than those of other libraries."""
    return "ppocr.edge.release." + re.sub(r"[^a-z0-9_]", "_", f"r_{name}".lower())


def _aar_entries(name: str, time: datetime) -> list[Entry]:
    """What every AAR has."""
    manifest = _MANIFEST.format(package=package_name(name), min_sdk=MIN_SDK)
    return [
        Entry("AndroidManifest.xml", manifest.encode()),
        # must be there; what there is of code is in libs, as Paddle-Lite published it
        Entry("classes.jar", zip_bytes([Entry("META-INF/MANIFEST.MF", _JAR_MANIFEST)], time)),
        Entry("R.txt", b""),
        Entry("proguard.txt", _KEEP.encode()),
    ]


def _library_entries(libraries: Sequence[Entry], jar: bytes | None, native: str, java: str) -> list[Entry]:
    found = [Entry(f"{native}{library.name}", library.content) for library in libraries]
    return found if jar is None else [*found, Entry(f"{java}{JAR}", jar)]
