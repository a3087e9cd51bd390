"""Debian's Android tools, as tests use them on an app."""

from __future__ import annotations

import datetime
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

FRAMEWORK: Final = Path("/usr/share/android-framework-res/framework-res.apk")


def need_android(*programs: str) -> None:
    """Skip where one of them, or Android's framework, is not here."""
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"no {program} here (apt-get install {program})")
    if not FRAMEWORK.is_file():
        pytest.skip("no Android framework here (apt-get install android-framework-res)")


def run(*words: object, folder: Path) -> str:
    """Run a command in a folder; what it writes to standard output."""
    done = subprocess.run([*map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def sign_app(folder: Path) -> None:
    """Make ``signed.apk`` of ``app.apk``, aligned and verified."""
    run("zipalign", "-p", "4", "app.apk", "aligned.apk", folder=folder)
    run("zipalign", "-c", "-p", "4", "aligned.apk", folder=folder)
    _write_key(folder)
    signing = ("apksigner", "sign", "--key", "key.pk8", "--cert", "cert.pem", "--out", "signed.apk")
    run(*signing, "aligned.apk", folder=folder)
    assert "Verified using v2 scheme" in run("apksigner", "verify", "-v", "signed.apk", folder=folder)


def _write_key(folder: Path) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.x509.oid import NameOID

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(start).not_valid_after(start.replace(year=2049))
    certificate = builder.sign(key, hashes.SHA256())
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = (serialization.Encoding.DER, serialization.PrivateFormat.PKCS8)
    (folder / "key.pk8").write_bytes(key.private_bytes(*form, plain))
