"""Archives that differ from those of releases by one thing each, and what hostile ones unpack to: nothing."""

from __future__ import annotations

import gzip
import io
import os
import random
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from deploy_tools.release.trust.archive_check import ArchiveContents, archive_contents
from deploy_tools.release.trust.archive_member import Limits, UnsafeArchiveError
from deploy_tools.release.trust.extract import safe_extract
from edge.errors import ReleaseError
from edge.hashing import sha256_of
from tests.release_kit.made_release import gzipped, tar_gz, tar_member, tar_of, zip_member, zip_of

TREE = {"a.txt": b"a\n", "bin/selftest": b"#!/bin/sh\n", "bin/empty": b"", "big": bytes(range(256)) * 1000}


def read(content: bytes, name: str = "x.tar.gz", limits: Limits | None = None) -> ArchiveContents:
    return archive_contents(io.BytesIO(content), name, lambda _: 1 << 20, limits)


def refused(content: bytes, name: str = "x.tar.gz", limits: Limits | None = None) -> str:
    with pytest.raises(UnsafeArchiveError) as error:
        read(content, name, limits)
    return str(error.value)


@pytest.mark.parametrize(("content", "name"), [(tar_gz(TREE, ""), "x.tar.gz"), (zip_of(TREE), "x.aar")])
def test_what_is_in_an_archive(content: bytes, name: str) -> None:
    found = read(content, name)
    assert dict(found.kept) == TREE
    assert {each: file.size for each, file in found.files.items()} == {k: len(v) for k, v in TREE.items()}
    if name == "x.tar.gz":
        assert [each for each, file in found.files.items() if file.executable] == ["bin/selftest"]


def test_folders_are_allowed() -> None:
    folder = tar_member("bin", type=tarfile.DIRTYPE, mode=0o755)
    assert set(read(tar_of([(folder, b""), (tar_member("bin/x", 1), b"x")])).files) == {"bin/x"}
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w") as archive:
        archive.writestr(zip_member("bin/", 0o040755, zipfile.ZIP_STORED), b"")
        archive.writestr(zip_member("bin/x"), b"x")
    assert set(read(zipped.getvalue(), "x.zip").files) == {"bin/x"}


def test_other_kinds() -> None:
    assert refused(b"x", "x.tar") == "is none of .tar.gz, .aar, .zip"
    assert refused(b"PK\3\4", "x.tar.gz") == "is no gzip archive"
    assert refused(b"", "x.tar.gz") == "is no gzip archive"
    assert refused(b"", "x.zip") == "is no zip archive"
    assert refused(tar_gz(TREE), "x.zip").startswith("is no zip archive")


def test_tars_that_other_programs_read_differently() -> None:
    long = "a" * 150 + "/" + "b" * 150
    plain = gzip.decompress(tar_gz(TREE, ""))
    gnu = [(tar_member("a" * 120, 1), b"x")]
    assert "not POSIX's" in refused(tar_of(gnu, tarfile.GNU_FORMAT))
    assert "is an extended header" in refused(tar_of([(tar_member(long, 1), b"x")], tarfile.PAX_FORMAT))
    assert "goes on behind its end mark" in refused(gzipped(plain + plain))
    assert "goes on behind its end mark" in refused(gzipped(plain + bytes(1 << 20)))
    assert "breaks off" in refused(gzipped(plain[:-9000]))
    assert "breaks off" in refused(gzipped(plain + b"\0"))
    assert "goes on behind its end mark" in refused(gzipped(plain[:-1] + b"x"))
    assert "something behind its end" in refused(gzipped(plain) + b"\0")
    named = io.BytesIO()
    with gzip.GzipFile("name", "wb", fileobj=named, mtime=0) as stream:
        stream.write(plain)
    assert "gzip header with a name" in refused(named.getvalue())


def header(**changes: tuple[int, bytes]) -> bytes:
    """A tar of one empty file, some bytes of whose header are others."""
    block = bytearray(gzip.decompress(tar_of([(tar_member("a.txt"), b"")])))
    for place, content in changes.values():
        block[place : place + len(content)] = content
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block[:512])
    return gzipped(bytes(block))


@pytest.mark.parametrize(
    ("place", "content", "reason"),
    [
        (0, b"a\0/etc/x", "something behind a name"),
        (0, b"\xff", "not UTF-8"),
        (0, b"a\n", "characters"),
        (0, b"a.txt/", "a file, named as a folder"),
        (100, b"0000777\0", "has mode 0777"),
        (100, b"0002755\0", "has mode 2755"),
        (108, b"0001750\0", "another user than root"),
        (116, b"0001750\0", "another user than root"),
        (265, b"nobody", "another user than root"),
        (297, b"staff", "another user than root"),
        (136, b"\x80\0\0\0\0\0\0\0\0\0\0\1", "a number that no release has"),
        (329, b"0000001\0", "something in its header"),
        (337, b"\xff", "something in its header"),
        (124, b"\x80\0\0\0\0\0\0\0\0\0\0\1", "a number that no release has"),
        (124, b"77777777777\0", "claims 8589934591 bytes"),
        (124, b"-0000000001\0", "a number that no release has"),
        (156, b"\0", "neither file nor folder"),
        (156, b"7", "neither file nor folder"),
        (156, b"S", "a file with holes"),
        (156, b"6", "a pipe"),
        (157, b"/etc", "something in its header"),
        (257, b"ustar  \0", "not POSIX's"),
        (345, b"..", "leads out of its folder"),
        (500, b"x", "something in its header"),
    ],
)
def test_headers_of_tar(place: int, content: bytes, reason: str) -> None:
    assert reason in refused(header(change=(place, content)))


def test_a_header_with_another_checksum() -> None:
    plain = bytearray(gzip.decompress(tar_gz(TREE, "")))
    plain[0] ^= 1
    assert "damaged header" in refused(gzipped(bytes(plain)))


def test_something_hidden_behind_a_member() -> None:
    plain = bytearray(gzip.decompress(tar_of([(tar_member("a", 1), b"x")])))
    plain[600] = 1
    assert "something hidden behind it" in refused(gzipped(bytes(plain)))


def test_bounds() -> None:
    tar, zipped = tar_gz(TREE, ""), zip_of(TREE)
    for content, name in ((tar, "x.tar.gz"), (zipped, "x.zip")):
        assert "more than 3 members" in refused(content, name, Limits(members=3))
        assert "claims 256000 bytes" in refused(content, name, Limits(member=255_999))
        assert "holds more than 200000 bytes" in refused(content, name, Limits(total=200_000))
        assert "is a bomb" in refused(content, name, Limits(free=1000, ratio=2))


def test_what_is_kept_is_never_long() -> None:
    with pytest.raises(UnsafeArchiveError, match=r"member 'a\.txt' has 2 bytes, no such file is that long"):
        archive_contents(io.BytesIO(tar_gz(TREE, "")), "x.tar.gz", lambda _: 1)


def test_a_bomb_is_not_read_to_its_end() -> None:
    """What claims to be much is refused before it is unpacked; what is much, soon after."""

    class Counting(io.BytesIO):
        taken = 0

        def read(self, size: int | None = -1) -> bytes:
            content = super().read(size)
            self.taken += len(content)
            return content

    packer = zlib.compressobj(9, wbits=31)
    member = tar_member("zeros", 1 << 29)
    bomb = packer.compress(member.tobuf(tarfile.USTAR_FORMAT))
    bomb += b"".join(packer.compress(bytes(1 << 20)) for _ in range(96)) + packer.flush()
    stream = Counting(bomb)
    with pytest.raises(UnsafeArchiveError, match="is a bomb"):
        archive_contents(stream, "x.tar.gz", lambda _: 0)
    assert stream.taken <= 1 << 16 | 1 << 10


def zip_with(**changes: int) -> bytes:
    """A zip of one member, with fields of its directory changed."""
    content = bytearray(zip_of({"a.txt": b"a" * 100}))
    start = content.index(b"PK\1\2")
    end = content.index(b"PK\5\6")
    places = {
        "version": (start + 6, "<H"),
        "flags": (start + 8, "<H"),
        "method": (start + 10, "<H"),
        "packed": (start + 20, "<I"),
        "size": (start + 24, "<I"),
        "disk": (start + 34, "<H"),
        "mode": (start + 40, "<H"),
        "start": (start + 42, "<I"),
        "system": (start + 5, "<B"),
        "count": (end + 10, "<H"),
        "counts": (end + 8, "<I"),
        "length": (end + 12, "<I"),
        "directory": (end + 16, "<I"),
        "remark": (end + 20, "<H"),
        "local_size": (22, "<I"),
        "local_flags": (6, "<H"),
        "checksum": (start + 16, "<I"),
        "local_checksum": (14, "<I"),
        "local_packed": (18, "<I"),
        "local_name": (26, "<H"),
    }
    for name, value in changes.items():
        place, form = places[name]
        struct.pack_into(form, content, place, value)
    return bytes(content)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"flags": 1}, "is encrypted"),
        ({"flags": 8}, "its size stands behind it"),
        ({"method": 12}, "packed in a way"),
        ({"method": 0}, "packed in a way"),
        ({"version": 45}, "packed in a way"),
        ({"size": 99}, "another one than the directory says"),
        ({"size": 99, "local_size": 99}, "longer than it says"),
        ({"size": 101, "local_size": 101}, "is damaged"),
        ({"local_flags": 1}, "another one than the directory says"),
        ({"checksum": 1, "local_checksum": 1}, "is damaged"),
        ({"packed": 4, "local_packed": 4}, "breaks off"),
        ({"packed": 60000, "local_packed": 60000}, "reaches into the directory"),
        ({"mode": 0o120777}, "is a symbolic link"),
        ({"mode": 0o020644}, "neither file nor folder"),
        ({"mode": 0o040755}, "neither file nor folder"),
        ({"mode": 0o104755}, "has mode 4755"),
        ({"system": 7}, "of a system"),
        ({"disk": 1}, "an extra field or remark"),
        ({"start": 1}, "does not stand behind"),
        ({"count": 2}, "a directory that does not end the file"),
        ({"directory": 0}, "a directory that does not end the file"),
        ({"remark": 1}, "a directory that does not end the file"),
        ({"counts": 2 << 16 | 2}, "has a directory that breaks off"),
        ({"local_name": 500}, "breaks off before its end"),
    ],
)
def test_headers_of_zip(changes: dict[str, int], reason: str) -> None:
    read(zip_with(), "x.zip")
    assert reason in refused(zip_with(**changes), "x.zip")


def zip_grown(place: int, more: bytes) -> bytes:
    """A zip of one member, with something put before its directory (0) or behind that (1)."""
    content = zip_of({"a.txt": b"a" * 100})
    start, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    grown = bytearray(content[: (start, end)[place]] + more + content[(start, end)[place] :])
    field = end + len(more) + (16, 12)[place]  # where the directory begins, or how long it is
    struct.pack_into("<I", grown, field, struct.unpack_from("<I", grown, field)[0] + len(more))
    return bytes(grown)


def test_what_is_hidden_in_a_zip() -> None:
    assert refused(zip_grown(0, b"x"), "x.zip") == "has something between its members and its directory"
    assert refused(zip_grown(1, b"x"), "x.zip") == "has something behind its directory"
    assert refused(zip_grown(1, bytes(512)), "x.zip") == "has a directory that is too long"
    grown = bytearray(zip_grown(0, b"x"))
    for field in (18, grown.index(b"PK\1\2") + 20):  # the member's packed size, said twice
        struct.pack_into("<I", grown, field, struct.unpack_from("<I", grown, field)[0] + 1)
    assert refused(bytes(grown), "x.zip") == "member 'a.txt' has something hidden behind it"


def test_zips_that_other_programs_read_differently() -> None:
    content = zip_of(TREE)
    assert "something stands behind its end" in refused(content + b"x", "x.zip")
    assert "does not end the file" in refused(b"#!/bin/sh\n" + content, "x.zip")
    streamed = io.BytesIO()

    class Unseekable(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, piece: bytes) -> int:  # type: ignore[override]
            return streamed.write(piece)

    with zipfile.ZipFile(Unseekable(), "w") as archive:  # type: ignore[arg-type]
        archive.writestr(zip_member("a"), b"a")
    assert "its size stands behind it" in refused(streamed.getvalue(), "x.zip")


def outcome(content: bytes, name: str = "x.tar.gz") -> dict[str, bytes] | None:
    """What is read, or None where it is refused; nothing else may come of it."""
    try:
        return dict(read(content, name).kept)
    except UnsafeArchiveError:
        return None


@pytest.mark.parametrize(("whole", "name"), [(tar_gz(TREE, ""), "x.tar.gz"), (zip_of(TREE), "x.zip")])
def test_random_damage_changes_no_content(whole: bytes, name: str) -> None:
    dice = random.Random(7)
    refusals = 0
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(dice.choice((1, 1, 3))):
            content[dice.randrange(len(content))] ^= dice.randrange(1, 256)
        if dice.random() < 0.2:
            del content[dice.randrange(len(content)) :]
        found = outcome(bytes(content), name)
        assert found in (None, TREE)  # a time or an owner may be another
        refusals += found is None
    assert refusals > 200


def test_random_damage_inside_a_tar() -> None:
    """A tar file says nothing of its content; its headers are safe by their checksums."""
    dice = random.Random(8)
    plain = gzip.decompress(tar_gz(TREE, ""))
    refusals = 0
    for _ in range(200):
        content = bytearray(plain)
        content[dice.randrange(1024)] ^= dice.randrange(1, 256)
        found = outcome(gzipped(bytes(content)))
        assert found is None or found.keys() == TREE.keys()
        refusals += found is None
    assert refusals > 50


@pytest.mark.parametrize(("content", "name"), [(tar_gz(TREE, "top/"), "x.tar.gz"), (zip_of(TREE), "x.aar")])
def test_unpacking(content: bytes, name: str, tmp_path: Path) -> None:
    archive = tmp_path / name
    archive.write_bytes(content)
    umask = os.umask(0o077)
    try:
        names = safe_extract(archive, tmp_path / "new" / "x", sha256=sha256_of(archive))
    finally:
        os.umask(umask)
    top = "top/" if name == "x.tar.gz" else ""
    folder = tmp_path / "new" / "x"
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert set(names) == found == {f"{top}{each}" for each in TREE}
    for each, expected in TREE.items():
        assert (folder / f"{top}{each}").read_bytes() == expected
    modes = {path.relative_to(folder).as_posix(): path.stat().st_mode & 0o7777 for path in folder.rglob("*")}
    assert modes[f"{top}a.txt"] == 0o644
    assert modes[f"{top}bin"] == 0o755
    assert folder.stat().st_mode & 0o7777 == 0o755
    if top:
        assert modes["top/bin/selftest"] == 0o755
    assert list((tmp_path / "new").iterdir()) == [folder]


HOSTILE = {
    "leads out": tar_of([(tar_member("ok", 1), b"x"), (tar_member("../x", 1), b"x")]),
    "absolute": tar_of([(tar_member("ok", 1), b"x"), (tar_member("/tmp/ppocr-edge-hostile", 1), b"x")]),
    "through a link": tar_of(
        [(tar_member("l", type=tarfile.SYMTYPE, linkname=".."), b""), (tar_member("l/x", 1), b"x")]
    ),
    "cut off": tar_gz({**TREE, "noise": random.Random(1).randbytes(200_000)})[:-5000],
    "bomb": tar_of([(tar_member("ok", 1), b"x"), (tar_member("zeros", 40 << 20), bytes(40 << 20))]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_of_a_hostile_archive_is_left(name: str, tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(HOSTILE[name])
    with pytest.raises(ReleaseError, match=r"x.tar.gz: .*; do not use it"):
        safe_extract(archive, tmp_path / "in" / "new")
    assert list(tmp_path.iterdir()) == [archive]
    assert not Path("/tmp/ppocr-edge-hostile").exists()


def test_another_archive_than_expected(tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(tar_gz(TREE))
    with pytest.raises(ReleaseError, match="has SHA-256"):
        safe_extract(archive, tmp_path / "new", sha256="0" * 64)
    assert list(tmp_path.iterdir()) == [archive]


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_something_is_in_the_way(kind: str, tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(tar_gz(TREE))
    place = tmp_path / "new"
    if kind == "folder":
        place.mkdir()
    elif kind == "file":
        place.write_text("mine")
    else:
        place.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ReleaseError, match="is there already"):
        safe_extract(archive, place)
    assert not (tmp_path / "elsewhere").exists()


def test_where_nothing_can_be_unpacked(tmp_path: Path) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(tar_gz(TREE))
    with pytest.raises(ReleaseError, match=r"new: cannot be written \(File exists\); free space there"):
        safe_extract(archive, archive / "new")
    assert list(tmp_path.iterdir()) == [archive]
