"""Bad files of every kind, made from good ones: what `test_bad_inputs.py` feeds to the command line."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import tarfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from edge.bundle.bundle import Bundle
from tests.slim.zoo.zoo_archives import inference_files, member, model_tar, tar_of, with_extra

WEB_PAGE = b"<!DOCTYPE html><html><body>404 Not Found</body></html>" * 20
LFS_POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:0000\nsize 123456\n"
ARCHIVE = "dygraph_v2.0/ch/ch_ppocr_mobile_v2.0_cls_infer.tar"


def make_images(folder: Path) -> None:
    """Pictures that are none."""
    folder.mkdir()
    good = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 200, 3), dtype=np.uint8))
    good.save(folder / "good.png")
    good.save(folder / "good.jpg")
    (folder / "empty.jpg").write_bytes(b"")
    (folder / "text.jpg").write_text("this is no picture\n")
    (folder / "pointer.png").write_bytes(LFS_POINTER)
    for name in ("good.png", "good.jpg"):
        data = (folder / name).read_bytes()
        (folder / name.replace("good", "cut")).write_bytes(data[: len(data) // 2])
    good.save(folder / "good.tiff", compression="tiff_lzw")
    damaged = bytearray((folder / "good.tiff").read_bytes())
    damaged[200:2000] = np.random.default_rng(3).bytes(1800)
    (folder / "damaged.tiff").write_bytes(damaged)
    (folder / "noise.tiff").write_bytes(np.random.default_rng(1).bytes(4000))
    (folder / "bomb.png").write_bytes(_png_header(100_000, 100_000))
    (folder / "no-pixels.png").write_bytes(_png_header(0, 10))
    (folder / "page.png").write_bytes(WEB_PAGE)
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "document.pdf").write_bytes(b"%PDF-1.7\n" + bytes(200))
    np.savez(folder / "arrays.npz", a=np.zeros(3))
    os.mkfifo(folder / "pipe.png")
    (folder / "loop.png").symlink_to("loop.png")
    (folder / "dangling.png").symlink_to("nowhere")
    (folder / "nothing").mkdir()


def _png_header(width: int, height: int) -> bytes:
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))


def make_nb_files(folder: Path, bundle: Bundle) -> None:
    """``.nb`` files that are none, or not whole."""
    folder.mkdir()
    good = bundle.model_path.read_bytes()
    variants = {
        "empty": b"",
        "cut-header": good[:20],
        "cut-topology": good[:2000],
        "cut-weights": good[:-1],
        "text": b"not a model\n" * 40,
        "pointer": LFS_POINTER,
        "noise": np.random.default_rng(2).bytes(5000),
        "old-format": b"\0\0" + good[2:],
        "unknown-format": struct.pack("<H", 77) + good[2:],
        "endless-topology": good[:18] + struct.pack("<Q", 1 << 60) + good[26:],
        "damaged": good[:40] + b"\xff" * 400 + good[440:],
        "page": WEB_PAGE,
        "gzip": b"\x1f\x8b\x08" + bytes(100),
        "zip": b"PK\x03\x04" + bytes(100),
        "pickle": b"\x80\x04\x95" + bytes(100),
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(100),
    }
    for name, data in variants.items():
        (folder / f"{name}.nb").write_bytes(data)
    with (folder / "huge.nb").open("wb") as stream:
        stream.truncate(2 << 30)  # takes no room


def make_bundles(folder: Path, bundles: Mapping[str, Bundle]) -> None:
    """Bundles that are damaged, each in one way."""
    folder.mkdir()
    (folder / "no-manifest").mkdir()
    for name, change in {
        "not-json": lambda text: text[: len(text) // 2],
        "other-format": lambda text: text.replace('"format": 1', '"format": 99'),
        "escape": lambda text: text.replace('"model.nb"', '"../model.nb"'),
        "wrong-type": lambda text: text.replace('"classes": null', '"classes": "many"'),
        "unknown-parameter": lambda text: text.replace('"threshold"', '"treshold"'),
        "other-target": lambda text: text.replace('"target": "x86"', '"target": "arm"'),
        "not-a-number": lambda text: text.replace('"threshold": 0.3', '"threshold": NaN'),
        "absolute": lambda text: text.replace('"model.nb": {', '"/etc/passwd": {'),
        "huge-side": lambda text: text.replace('"longest_side": 2016', '"longest_side": 2016000'),
        "named-twice": lambda text: text.replace('"task": "det"', '"task": "rec", "task": "det"'),
    }.items():
        copy = _copy(bundles["det"], folder / name)
        manifest = copy / "manifest.json"
        changed = change(manifest.read_text())
        assert changed != manifest.read_text()
        manifest.write_text(changed)
    (_copy(bundles["det"], folder / "no-model") / "model.nb").unlink()
    (_copy(bundles["rec"], folder / "no-dictionary") / "dictionary.txt").unlink()
    with (_copy(bundles["det"], folder / "one-byte") / "model.nb").open("r+b") as stream:
        stream.seek(1_000_000)
        stream.write(b"\x55\xaa")
    with (_copy(bundles["cls"], folder / "longer") / "model.nb").open("ab") as stream:
        stream.write(b"x")
    (_copy(bundles["cls"], folder / "latin") / "manifest.json").write_bytes(b'{"format": "\xfc"}')
    _vouch(_copy(bundles["rec"], folder / "other-dictionary"), "dictionary.txt", b"a\nb\n")
    _vouch(_copy(bundles["cls"], folder / "pointer"), "model.nb", LFS_POINTER)
    outside = _copy(bundles["cls"], folder / "link") / "model.nb"
    outside.rename(folder / "outside.nb")
    outside.symlink_to(folder / "outside.nb")
    nested = _copy(bundles["cls"], folder / "nested")
    (nested / "manifest.json").write_text("[" * 100_000)


def _copy(bundle: Bundle, target: Path) -> Path:
    shutil.copytree(bundle.folder, target)
    return target


def _vouch(bundle: Path, name: str, content: bytes) -> None:
    """Give a file another content, and the manifest its hash."""
    (bundle / name).write_bytes(content)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["files"][name] = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def make_models(folder: Path, good: Path) -> None:
    """Folders that hold no inference model, or not a whole one."""
    folder.mkdir()
    (folder / "nothing").mkdir()
    program, weights = (good / "inference.pdmodel").read_bytes(), (good / "inference.pdiparams").read_bytes()
    for name, files in {
        "no-weights": {"inference.pdmodel": program},
        "empty-program": {"inference.pdmodel": b"", "inference.pdiparams": b"1"},
        "cut-program": {"inference.pdmodel": program[:-1], "inference.pdiparams": weights},
        "cut-weights": {"inference.pdmodel": program, "inference.pdiparams": weights[: len(weights) // 2]},
        "pointer": {"inference.pdmodel": LFS_POINTER, "inference.pdiparams": LFS_POINTER},
        "checkpoint": {"best_accuracy.pdparams": b"1"},
        "paddle3": {"inference.json": b"{}", "inference.pdiparams": b"1"},
        "swapped": {"inference.pdmodel": weights, "inference.pdiparams": program},
    }.items():
        (folder / name).mkdir()
        for file, data in files.items():
            (folder / name / file).write_bytes(data)
    shutil.copytree(good, folder / "good")
    (folder / "keys.txt").write_text("a\nb\n")
    (folder / "latin.txt").write_bytes("ä\n".encode("latin-1"))
    (folder / "taken" / "good-arm").mkdir(parents=True)
    (folder / "taken" / "good-arm" / "mine.txt").write_text("mine")


def make_mirrors(folder: Path) -> None:
    """Mirrors, each with one bad archive."""
    whole = model_tar()
    archives = {
        "dotdot": with_extra((member("../../out", 1), b"1")),
        "absolute": with_extra((member("/tmp/ppocr-edge-out", 1), b"1")),
        "symlink": with_extra((member("model/link", kind=tarfile.SYMTYPE, link="/etc/passwd"), b"")),
        "hardlink": with_extra((member("model/link", kind=tarfile.LNKTYPE, link="/etc/passwd"), b"")),
        "device": with_extra((member("model/null", kind=tarfile.CHRTYPE), b"")),
        "cut": whole[: len(whole) // 2],
        "empty": b"",
        "page": WEB_PAGE,
        "other-files": tar_of([(member("model/readme.md", 2), b"hi")]),
        "half-model": model_tar(files={"inference.pdmodel": inference_files()["inference.pdmodel"]}),
    }
    for name, data in archives.items():
        path = folder / name / ARCHIVE
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
    (folder / "bare").mkdir()


def make_tensors(folder: Path) -> None:
    """Inputs that are none, or do not suit."""
    folder.mkdir()
    np.save(folder / "double.npy", np.zeros((1, 3, 64, 64)))
    np.save(folder / "channels.npy", np.zeros((1, 1, 64, 64), np.float32))
    np.save(folder / "side.npy", np.zeros((1, 3, 50, 64), np.float32))
    (folder / "text.npy").write_text(json.dumps([1, 2]))
