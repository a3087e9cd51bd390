"""Unpacking: good archives of every shape, and hostile ones, which must write nothing odd or outside."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from zoo_archives import inference_files, member, model_tar, tar_of, with_extra

from edge.errors import SourceError
from slim.zoo.archive import Limits, unpack
from slim.zoo.entry import Kind

FILES = inference_files()
NAMES = set(FILES)


def unpacked(
    tmp_path: Path, content: bytes, kind: Kind = Kind.INFERENCE, limits: Limits | None = None
) -> Path:
    archive = tmp_path / "model.tar"
    archive.write_bytes(content)
    into = tmp_path / "outer" / "into"
    into.mkdir(parents=True)
    assert set(unpack(archive, kind, into, "model.tar", limits)) == {path.name for path in into.iterdir()}
    return into


def refused(
    tmp_path: Path, content: bytes, kind: Kind = Kind.INFERENCE, limits: Limits | None = None
) -> SourceError:
    with pytest.raises(SourceError) as caught:
        unpacked(tmp_path, content, kind, limits)
    outside = [path for path in tmp_path.rglob("*") if path.is_symlink() or not path.is_dir()]
    assert {path for path in outside if path.parent != tmp_path / "outer" / "into"} == {
        tmp_path / "model.tar"
    }
    assert all(path.is_file() and not path.is_symlink() for path in (tmp_path / "outer" / "into").iterdir())
    assert str(caught.value).startswith("model.tar: ")
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("folder", ["model", "", ".", "./model", "a/b/c"])
def test_files_come_out_flat(tmp_path: Path, folder: str) -> None:
    into = unpacked(tmp_path, model_tar(folder))
    assert {path.name: path.read_bytes() for path in into.iterdir()} == FILES


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_compression_is_recognised(tmp_path: Path, mode: str) -> None:
    assert {path.name for path in unpacked(tmp_path, model_tar(mode=mode)).iterdir()} == NAMES


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_tar_format_is_read(tmp_path: Path, form: int) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as tar:
        for name, content in FILES.items():
            info = member(f"{'long' * 30 if form != tarfile.USTAR_FORMAT else 'm'}/{name}", len(content))
            tar.addfile(info, io.BytesIO(content))
    assert {path.name for path in unpacked(tmp_path, buffer.getvalue()).iterdir()} == NAMES


def test_only_what_belongs_to_the_kind_is_written(tmp_path: Path) -> None:
    extra = [
        (member(f"model/{name}", 3), b"abc")
        for name in ("._inference.pdmodel", "run.sh", "a.pdparams", ".bashrc")
    ]
    into = unpacked(tmp_path, with_extra(*extra))
    assert {path.name for path in into.iterdir()} == NAMES


def test_a_checkpoint_comes_without_optimizer_state(tmp_path: Path) -> None:
    files = {"best_accuracy.pdparams": b"\x80\x02x", "best_accuracy.pdopt": b"y", "train.log": b"z"}
    into = unpacked(tmp_path, model_tar("train", files), Kind.TRAINED)
    assert {path.name for path in into.iterdir()} == {"best_accuracy.pdparams"}


def test_mode_bits_of_the_archive_are_not_taken_over(tmp_path: Path) -> None:
    members = []
    for name, content in FILES.items():
        info = member(name, len(content))
        info.mode = 0o6777
        members.append((info, content))
    into = unpacked(tmp_path, tar_of(members))
    assert all(path.stat().st_mode & 0o7133 == 0 for path in into.iterdir())


@pytest.mark.parametrize(
    ("extra", "found"),
    [
        (member("../evil", 4), "leads out of its folder"),
        (member("model/../../evil", 4), "leads out of its folder"),
        (member("model/../inference.pdmodel", 4), "leads out of its folder"),
        (member("/tmp/evil", 4), "no plain relative name"),
        (member("~/evil", 4), "no plain relative name"),
        (member("..\\evil", 4), "no plain relative name"),
        (member("C:evil", 4), "no plain relative name"),
        (member("model/a\nb", 4), "no plain relative name"),
        (member("model/\x1b[2J", 4), "no plain relative name"),
        (member("model/inference.pdmodel", 4), "is in it twice"),
        (member("./model//inference.pdmodel", 4), "is in it twice"),
        (member("other/inference.pdmodel", 4), "is in it twice, in different folders"),
        (member("model/link", kind=tarfile.SYMTYPE, link="/etc/passwd"), "a link to '/etc/passwd'"),
        (member("model/link", kind=tarfile.SYMTYPE, link="inference.pdmodel"), "a link"),
        (member("model", kind=tarfile.SYMTYPE, link="/tmp"), "a link"),
        (member("inference.pdmodel", kind=tarfile.LNKTYPE, link="../../etc/passwd"), "a link"),
        (member("model/null", kind=tarfile.CHRTYPE), "a device or pipe"),
        (member("model/disk", kind=tarfile.BLKTYPE), "a device or pipe"),
        (member("model/pipe", kind=tarfile.FIFOTYPE), "a device or pipe"),
        (member("model/continuous", 4, kind=tarfile.CONTTYPE), "neither file nor folder"),
    ],
    ids=lambda value: value.name if isinstance(value, tarfile.TarInfo) else "",
)
def test_a_member_no_honest_archive_has_is_refused(
    tmp_path: Path, extra: tarfile.TarInfo, found: str
) -> None:
    error = refused(tmp_path, with_extra((extra, b"evil"[: extra.size])))
    assert "unsafe archive" in error.found
    assert found in error.found
    assert not any((tmp_path / "outer" / "into").iterdir()), (
        "nothing is written before all members are looked at"
    )


def test_a_sparse_member_is_refused(tmp_path: Path) -> None:
    """GNU sparse files claim any size at no cost."""
    info = member("model/inference.pdparams", kind=tarfile.GNUTYPE_SPARSE)
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[156:157] = tarfile.GNUTYPE_SPARSE
    header[483:495] = b"77777777777\0"  # real size: 8 GiB
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    content = bytes(header) + model_tar()
    assert "neither file nor folder" in refused(tmp_path, content).found


def test_a_huge_member_is_refused_by_its_header(tmp_path: Path) -> None:
    """Eight gigabytes are claimed; not one byte is written or waited for."""
    huge = member("model/inference.pdiparams", 8 << 30)
    content = huge.tobuf(tarfile.GNU_FORMAT) + bytes(10_000)
    assert "bytes unpacked" in refused(tmp_path, content).found


def test_a_compression_bomb_is_refused_by_its_header(tmp_path: Path) -> None:
    bomb = member("model/inference.pdiparams", 2 << 30)
    buffer = io.BytesIO()
    with gzip.open(buffer, "wb", compresslevel=1) as stream:
        stream.write(bomb.tobuf(tarfile.GNU_FORMAT))
        for _ in range(64):
            stream.write(bytes(1 << 20))
    assert len(buffer.getvalue()) < 1 << 20
    assert "bytes unpacked" in refused(tmp_path, buffer.getvalue()).found


def test_many_small_members_add_up(tmp_path: Path) -> None:
    extra = [(member(f"model/{number}", 1000), bytes(1000)) for number in range(20)]
    limits = Limits(total=60_000)
    assert "more than 60000 bytes unpacked" in refused(tmp_path, with_extra(*extra), limits=limits).found


def test_too_many_members_are_refused(tmp_path: Path) -> None:
    extra = [(member(f"model/{number}"), b"") for number in range(100)]
    assert "more than 64 members" in refused(tmp_path, with_extra(*extra)).found


@pytest.mark.parametrize(
    "kind", [tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK]
)
def test_an_extended_header_is_not_read_into_memory_whole(tmp_path: Path, kind: bytes) -> None:
    """`tarfile` would read one gigabyte of header at once."""
    header = member("pax", 1 << 30, kind=kind).tobuf(tarfile.GNU_FORMAT)
    assert "a header of" in refused(tmp_path, header + bytes(4096) + model_tar()).found


@pytest.fixture
def _usual_depth() -> Iterator[None]:
    """Python's own limit of recursion: PaddleSlim, once a test has loaded it, raises it."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(limit)


@pytest.mark.usefixtures("_usual_depth")
def test_a_chain_of_extended_headers_ends_in_a_clean_error(tmp_path: Path) -> None:
    """`tarfile` follows such a chain by recursion."""
    link = member("x", 512, kind=tarfile.XGLTYPE).tobuf(tarfile.GNU_FORMAT) + b"9 a=1234\n".ljust(512, b"\0")
    refused(tmp_path, link * 3000 + model_tar())


@pytest.mark.parametrize("size", [1, 100, 511, 512, 513, 20_000, 45_000])
def test_a_truncated_archive_is_refused(tmp_path: Path, size: int) -> None:
    error = refused(tmp_path, model_tar()[:size])
    assert "archive" in error.found


def test_an_archive_without_its_end_mark_is_refused(tmp_path: Path) -> None:
    """Cut exactly behind the last wanted file, where `tarfile` sees nothing wrong."""
    members = [(member(name, len(content)), content) for name, content in FILES.items()]
    content = tar_of(members)
    end = sum(512 + -(-len(data) // 512) * 512 for data in FILES.values())
    assert not any(content[end:])
    assert "breaks off" in refused(tmp_path, content[:end]).found


def test_a_damaged_header_is_not_taken_for_the_end(tmp_path: Path) -> None:
    members = [(member(name, len(content)), content) for name, content in FILES.items()]
    end = len(tar_of(members).rstrip(b"\0")) // 512 * 512 + 512
    content = bytearray(tar_of([*members, (member("model/last", 5), b"hello")]))
    assert content[end : end + 10] == b"model/last"
    content[end + 148] ^= 0xFF
    assert "breaks off" in refused(tmp_path, bytes(content)).found


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_a_truncated_compressed_archive_is_refused(tmp_path: Path, pack: object, share: float) -> None:
    content = pack(model_tar())  # type: ignore[operator]
    assert "damaged or truncated" in refused(tmp_path, content[: int(len(content) * share)]).found


def test_damaged_compressed_bytes_are_refused(tmp_path: Path) -> None:
    content = bytearray(gzip.compress(model_tar()))
    content[len(content) // 2] ^= 0xFF
    assert "damaged or truncated" in refused(tmp_path, bytes(content)).found


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "the archive is empty"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>" * 30, "no tar archive: it is a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
            "no tar archive: it is a Git LFS pointer",
        ),
        (b"PK\x03\x04" + bytes(2000), "no tar archive: it starts with 50 4b 03 04"),
        (b"\x0a" + b"x" * 5000, "no tar archive"),
        (bytes(10240), "the archive holds no inference.pdiparams and inference.pdmodel"),
        (model_tar(files={}), "the archive holds no inference.pdiparams and inference.pdmodel"),
        (model_tar(files={"inference.pdmodel": b"\x0a"}), "the archive holds no inference.pdiparams"),
        (model_tar(files={"model": b"a", "params": b"b"}), "the archive holds no inference.pdiparams and"),
        (
            model_tar(files={"best_accuracy.pdparams": b"\x80\x02x"}),
            "the archive holds no inference.pdiparams and",
        ),
    ],
    ids=["empty", "web page", "lfs", "zip", "noise", "zeros", "no files", "half", "old names", "checkpoint"],
)
def test_something_else_is_named(tmp_path: Path, content: bytes, found: str) -> None:
    assert found in refused(tmp_path, content).found


def test_an_inference_archive_is_no_checkpoint(tmp_path: Path) -> None:
    assert "the archive holds no .pdparams checkpoint" in refused(tmp_path, model_tar(), Kind.TRAINED).found


def test_something_behind_the_end_is_refused(tmp_path: Path) -> None:
    assert "behind its end mark" in refused(tmp_path, model_tar() + bytes(2 << 20)).found


@pytest.mark.shared
def test_every_archive_of_the_mirror_unpacks(shared_dir: Path, tmp_path: Path) -> None:
    archives = sorted((shared_dir / "mirror").rglob("*.tar"))
    assert len(archives) == 9
    for number, archive in enumerate(archives):
        into = tmp_path / str(number)
        into.mkdir()
        kind = Kind.TRAINED if archive.name.endswith("_train.tar") else Kind.INFERENCE
        names = unpack(archive, kind, into, archive.name)
        with tarfile.open(archive) as tar:
            for one in tar:
                name = one.name.rsplit("/", 1)[-1]
                if name in names:
                    content = tar.extractfile(one)
                    assert content is not None
                    assert content.read() == (into / name).read_bytes()
