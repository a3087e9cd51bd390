"""A small release of a real bundle, written here from the description of the format alone.

So it can be wrong at any layer and right at all above: an archive's own manifest, the release's manifest,
``SHA256SUMS``, the signature.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy_tools.release.trust.keys import PrivateKey
from deploy_tools.release.trust.signature import SIGNATURE_NAME, sign
from deploy_tools.release.trust.sums import SUMS_NAME

NAME, VERSION = "made", "1.0.0"
TOP = f"{NAME}-{VERSION}"
SIGNED = datetime(2026, 11, 26, 7, 30, tzinfo=timezone.utc)
NOW = datetime(2026, 12, 1, tzinfo=timezone.utc)
AAR_BASE = "assets/ppocr/"

Tree = dict[str, bytes]
"""Files by their path."""


def made_key(number: int = 1, expires: datetime | None = None) -> PrivateKey:
    """The same key every time."""
    return PrivateKey(Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32), expires)


def canonical(value: Any) -> bytes:
    return (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode()


def entries(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    return {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
    }


def model_entry(bundle_files: Mapping[str, bytes]) -> dict[str, Any]:
    """A model as manifests list it, given its bundle's files."""
    manifest = json.loads(bundle_files["manifest.json"])
    names = ("name", "task", "precision", "target", "opt_version")
    sha256 = hashlib.sha256(bundle_files[manifest["model"]]).hexdigest()
    return {**{name: manifest[name] for name in names}, "sha256": sha256, "gates": "none"}


def files_below(folder: Path) -> Tree:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def swapped(files: Tree, name: str = "model.nb") -> Tree:
    """The same bundle with another byte in a file, for which its own manifest vouches."""
    manifest = json.loads(files["manifest.json"])
    content = bytearray(files[name])
    content[-100] ^= 1  # of a model it is a weight
    manifest["files"][name]["sha256"] = hashlib.sha256(content).hexdigest()
    return {
        **files,
        name: bytes(content),
        "manifest.json": (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode(),
    }


def packed_tree(target: str, files: Tree, models: list[dict[str, Any]], *, base: str = "") -> Tree:
    """What an archive holds, with its own manifest; ``base`` is where that stands."""
    tree = {f"{base}models/{models[0]['task']}/{name}": content for name, content in files.items()}
    tree[f"{base}selftest"] = b"#!/bin/sh\nexit 0\n"
    own = {"format": 1, "name": NAME, "version": VERSION, "target": target, "models": models}
    return {**tree, f"{base}manifest.json": canonical({**own, "files": entries(tree)})}


def tar_gz(tree: Tree, top: str = f"{TOP}/") -> bytes:
    members = [(tar_member(f"{top}{name}", len(tree[name])), tree[name]) for name in sorted(tree)]
    return tar_of(members)


def tar_member(name: str, size: int = 0, **more: Any) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o755 if name.endswith("selftest") else 0o644
    for field, value in more.items():
        setattr(member, field, value)
    return member


def tar_of(members: list[tuple[tarfile.TarInfo, bytes]], form: int = tarfile.USTAR_FORMAT) -> bytes:
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=form) as tar:
        for member, content in members:
            tar.addfile(member, io.BytesIO(content))
    return gzipped(plain.getvalue())


def gzipped(content: bytes) -> bytes:
    return gzip.compress(content, 1, mtime=0)


def zip_of(tree: Mapping[str, bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in sorted(tree):
            archive.writestr(zip_member(name), tree[name])
    return made.getvalue()


def zip_member(name: str, mode: int = 0o100644, method: int = zipfile.ZIP_DEFLATED) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    member.external_attr = mode << 16
    member.create_system = 3
    member.compress_type = method
    return member


class Tampered:
    """A release that is to be changed, by somebody who recomputes as much as is wanted.

    Attributes:
        folder: Where it is.
        key: What it is signed with.
        manifest: Of the release, as it was.
    """

    def __init__(self, folder: Path, key: PrivateKey) -> None:
        self.folder = folder
        self.key = key
        self.manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())

    @property
    def top(self) -> str:
        return f"{self.manifest['name']}-{self.manifest['version']}"

    @property
    def tar(self) -> Path:
        return self.folder / f"{self.top}-linux-arm64.tar.gz"

    @property
    def aar(self) -> Path:
        return self.folder / f"{self.top}-android.aar"

    @property
    def model(self) -> dict[str, Any]:
        """The first classifier's entry in the manifest."""
        return next(dict(model) for model in self.manifest["models"] if model["task"] == "cls")

    def linux(self) -> Tree:
        """What is in the archive for arm64, below its top folder."""
        with tarfile.open(self.tar) as tar:
            files = [(member.name, tar.extractfile(member)) for member in tar if member.isfile()]
            return {name.partition("/")[2]: stream.read() for name, stream in files if stream is not None}

    def android(self) -> Tree:
        """What is in the AAR."""
        with zipfile.ZipFile(self.aar) as archive:
            return {name: archive.read(name) for name in archive.namelist()}

    def classifier(self) -> Tree:
        """The files of the classifier's bundle."""
        return {
            name.removeprefix("models/cls/"): content
            for name, content in self.linux().items()
            if name.startswith("models/cls/")
        }

    def pack_linux(self, files: Tree, *, listed: bool = True, **model: Any) -> None:
        """Put some files in the place of those in the archive for arm64.

        Args:
            files: By their path below its top folder.
            listed: Whether its own manifest is to list them as they are.
            model: Changes to what that says of the classifier.
        """
        tree = {**self.linux(), **files}
        if listed:
            own = json.loads(tree.pop("manifest.json"))
            own["files"] = entries(tree)
            for entry in own["models"]:
                entry.update(model if entry["task"] == "cls" else {})
            tree["manifest.json"] = canonical(own)
        self.tar.write_bytes(tar_gz(tree, f"{self.top}/"))

    def write(self, name: str, content: bytes) -> None:
        (self.folder / name).write_bytes(content)

    def contents(self) -> Tree:
        own = {SUMS_NAME, SIGNATURE_NAME}
        return {name: content for name, content in files_below(self.folder).items() if name not in own}

    def write_manifest(self, **more: Any) -> None:
        """List all files as they are now."""
        files = {name: content for name, content in self.contents().items() if name != "manifest.json"}
        self.write("manifest.json", canonical({**self.manifest, "files": entries(files), **more}))

    def write_sums(self) -> None:
        """Sum up all files as they are now."""
        lines = [
            f"{hashlib.sha256(content).hexdigest()}  {name}\n"
            for name, content in sorted(self.contents().items(), key=lambda item: item[0].encode())
        ]
        self.write(SUMS_NAME, "".join(lines).encode())

    def sign(
        self,
        key: PrivateKey | None = None,
        *,
        signed: datetime = SIGNED,
        expires: datetime | None = None,
    ) -> None:
        """Sign the sums as they are now, without looking at anything."""
        sums = (self.folder / SUMS_NAME).read_bytes()
        self.write(SIGNATURE_NAME, sign(sums, key or self.key, signed, expires).to_json())

    def again(self) -> None:
        """List, sum up and sign all files as they are now: what somebody does who has the key."""
        self.write_manifest()
        self.write_sums()
        self.sign()


def made_release(parent: Path, files: Tree) -> Tampered:
    """A release of one bundle for arm64 and Android, signed.

    Args:
        parent: That gets its folder.
        files: Of the bundle.
    """
    folder = parent / TOP
    (folder / "cards").mkdir(parents=True)
    model = model_entry(files)
    android = packed_tree("android", files, [model], base=AAR_BASE)
    for name, content in {
        "cards/made.md": f"# {model['name']}\n\n文字\n".encode(),
        "THIRD_PARTY_NOTICES.md": b"Apache-2.0\n",
        "sbom.cdx.json": b"{}\n",
        f"{TOP}-linux-arm64.tar.gz": tar_gz(packed_tree("linux-arm64", files, [model])),
        f"{TOP}-android.aar": zip_of(android),
        "manifest.json": canonical(
            {
                "format": 1,
                "name": NAME,
                "version": VERSION,
                "created": "2026-11-26T07:00:00Z",
                "targets": ["linux-arm64", "android"],
                "models": [{**model, "bundle_sha256": hashlib.sha256(files["manifest.json"]).hexdigest()}],
                "allow": ["no-gates"],
            }
        ),
    }.items():
        (folder / name).write_bytes(content)
    made = Tampered(folder, made_key())
    made.again()
    return Tampered(folder, made.key)
