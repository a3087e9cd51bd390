"""Attacks on a release, and what each must be refused with."""

from __future__ import annotations

import hashlib
import json
import os
import random
import struct
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from deploy_tools.release.trust.signature import SIGNATURE_NAME
from deploy_tools.release.trust.sums import SUMS_NAME
from tests.release_kit.made_release import (
    AAR_BASE,
    NOW,
    SIGNED,
    TOP,
    MadeRelease,
    canonical,
    gzipped,
    made_key,
    packed_tree,
    swapped,
    tar_gz,
    tar_member,
    tar_of,
    zip_of,
)

MIB = 1 << 20
ATTACKS: dict[str, Attack] = {}


@dataclass(frozen=True)
class Attack:
    """One way to tamper with a release.

    Attributes:
        work: Does it.
        file: The end of the name of the file that must be named.
        reason: What must be said of it.
    """

    work: Callable[[MadeRelease], None]
    file: str
    reason: str


def attack(
    file: str, reason: str
) -> Callable[[Callable[[MadeRelease], None]], Callable[[MadeRelease], None]]:
    def add(work: Callable[[MadeRelease], None]) -> Callable[[MadeRelease], None]:
        ATTACKS[work.__name__.replace("_", " ")] = Attack(work, file, reason)
        return work

    return add


def change_a_byte(folder: Path, dice: random.Random) -> str:
    """Give one byte of one file another value; what and where."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path = dice.choice(files)
    content = bytearray(path.read_bytes())
    place = dice.randrange(len(content))
    content[place] ^= dice.randrange(1, 256)
    path.write_bytes(content)
    return path.relative_to(folder).as_posix()


# files and their index


@attack("sbom.cdx.json", "is missing")
def removed_file(made: MadeRelease) -> None:
    (made.folder / "sbom.cdx.json").unlink()


@attack("manifest.json", "lists 'sbom.cdx.json', SHA256SUMS does not")
def removed_file_and_its_line_signed_again(made: MadeRelease) -> None:
    (made.folder / "sbom.cdx.json").unlink()
    made.write_sums()
    made.sign()


@attack("extra.so", "is not in SHA256SUMS")
def added_file(made: MadeRelease) -> None:
    made.write("extra.so", b"\x7fELF")


@attack("cards/deep/.hidden", "is not in SHA256SUMS")
def added_file_deep_and_hidden(made: MadeRelease) -> None:
    (made.folder / "cards/deep").mkdir()
    made.write("cards/deep/.hidden", b"")


@attack("manifest.json", "does not list 'extra.so', SHA256SUMS does")
def added_file_and_its_line_signed_again(made: MadeRelease) -> None:
    made.write("extra.so", b"\x7fELF")
    made.write_sums()
    made.sign()


@attack("cards/empty", "is an empty folder")
def added_folder(made: MadeRelease) -> None:
    (made.folder / "cards/empty").mkdir()


@attack("android.aar", "is not the file that SHA256SUMS lists")
def two_files_exchanged(made: MadeRelease) -> None:
    one, other = made.tar.read_bytes(), made.aar.read_bytes()
    made.tar.write_bytes(other)
    made.aar.write_bytes(one)


@attack("cards/made.md", "is not the file that SHA256SUMS lists")
def cut_file(made: MadeRelease) -> None:
    path = made.folder / "cards/made.md"
    path.write_bytes(path.read_bytes()[:-1])


@attack("sbom.cdx.json", "is a symbolic link")
def symlink_to_the_same_content(made: MadeRelease) -> None:
    path = made.folder / "sbom.cdx.json"
    outside = made.folder.parent / "outside.json"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)


@attack("cards", "is a symbolic link")
def symlink_as_a_folder(made: MadeRelease) -> None:
    (made.folder / "cards").rename(made.folder.parent / "cards")
    (made.folder / "cards").symlink_to("../cards")


@attack("SHA256SUMS", "is a symbolic link")
def symlink_as_index(made: MadeRelease) -> None:
    (made.folder / SUMS_NAME).rename(made.folder.parent / "sums")
    (made.folder / SUMS_NAME).symlink_to("../sums")


@attack("sbom.cdx.json", "is a hard link")
def hard_link(made: MadeRelease) -> None:
    os.link(made.folder / "sbom.cdx.json", made.folder.parent / "mine")


@attack("sbom.cdx.json", "is no plain file")
def pipe(made: MadeRelease) -> None:
    (made.folder / "sbom.cdx.json").unlink()
    os.mkfifo(made.folder / "sbom.cdx.json")


@attack("SHA256SUMS.sig", "is no plain file")
def pipe_as_signature(made: MadeRelease) -> None:
    (made.folder / SIGNATURE_NAME).unlink()
    os.mkfifo(made.folder / SIGNATURE_NAME)


@attack("SHA256SUMS", "has 8589934592 bytes")
def endless_index(made: MadeRelease) -> None:
    with (made.folder / SUMS_NAME).open("ab") as stream:
        stream.truncate(8 << 30)


# the signature


@attack("SHA256SUMS.sig", "is missing")
def no_signature(made: MadeRelease) -> None:
    (made.folder / SIGNATURE_NAME).unlink()


@attack("SHA256SUMS.sig", "is by key 'dbc298251c51321b', which is not trusted (given: 34750f98bd59fcfc)")
def wrong_key(made: MadeRelease) -> None:
    made.sign(made_key(9))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def wrong_key_under_the_right_name(made: MadeRelease) -> None:
    made.sign(made_key(9))
    path = made.folder / SIGNATURE_NAME
    path.write_bytes(path.read_bytes().replace(made_key(9).public.id.encode(), made.key.public.id.encode()))


@attack("SHA256SUMS.sig", "expired at 2026-11-30T00:00:00Z")
def expired_signature(made: MadeRelease) -> None:
    made.sign(expires=datetime(2026, 11, 30, tzinfo=timezone.utc))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def expired_signature_made_longer(made: MadeRelease) -> None:
    made.sign(expires=datetime(2026, 11, 30, tzinfo=timezone.utc))
    path = made.folder / SIGNATURE_NAME
    path.write_bytes(path.read_bytes().replace(b"2026-11-30T", b"2036-11-30T"))


@attack("SHA256SUMS.sig", "and it is only 2026-12-01T00:00:00Z here")
def signature_of_the_future(made: MadeRelease) -> None:
    made.sign(signed=NOW + timedelta(days=3))


@attack("SHA256SUMS.sig", "field 'signature' is not written as base64 is")
def signature_written_otherwise(made: MadeRelease) -> None:
    path = made.folder / SIGNATURE_NAME
    values = json.loads(path.read_bytes())
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = digits.index(values["signature"][85])
    values["signature"] = f"{values['signature'][:85]}{digits[last ^ 1]}=="  # the same 64 bytes
    path.write_bytes(canonical(values))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def signature_of_sums_without_their_domain(made: MadeRelease) -> None:
    import base64

    path = made.folder / SIGNATURE_NAME
    values = json.loads(path.read_bytes())
    value = made.key.sign((made.folder / SUMS_NAME).read_bytes())
    path.write_bytes(canonical({**values, "signature": base64.b64encode(value).decode()}))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def signature_of_another_release(made: MadeRelease) -> None:
    sums = (made.folder / SUMS_NAME).read_bytes()
    made.write(SUMS_NAME, sums.replace(b"a", b"b"))
    made.sign()
    made.write(SUMS_NAME, sums)


@attack("SHA256SUMS", "'../../etc/passwd' leads out of its folder")
def index_that_leads_out(made: MadeRelease) -> None:
    path = made.folder / SUMS_NAME
    path.write_bytes(f"{'0' * 64}  ../../etc/passwd\n".encode() + path.read_bytes())
    made.sign()


# a model, by somebody who recomputes more and more


def _swap(made: MadeRelease, *, inner: bool) -> None:
    files = swapped(made.files)
    model = {**made.model, "sha256": hashlib.sha256(files["model.nb"]).hexdigest()} if inner else made.model
    made.tar.write_bytes(tar_gz(packed_tree("linux-arm64", files, [model])))


@attack("linux-arm64.tar.gz", "is not the file that SHA256SUMS lists")
def swapped_model(made: MadeRelease) -> None:
    _swap(made, inner=True)


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def swapped_model_and_new_sums(made: MadeRelease) -> None:
    _swap(made, inner=True)
    made.write_manifest(models=[{**made.model, "sha256": hashlib.sha256(b"").hexdigest()}])
    made.write_sums()


@attack("manifest.json", "and SHA256SUMS differ about 'made-1.0.0-linux-arm64.tar.gz'")
def swapped_model_and_new_sums_signed_again(made: MadeRelease) -> None:
    _swap(made, inner=True)
    made.write_sums()
    made.sign()


@attack("linux-arm64.tar.gz", "it holds ch_ppocr_mobile_v2.0_cls (cls, fp32 for arm)")
def swapped_model_listed_and_signed_again(made: MadeRelease) -> None:
    _swap(made, inner=False)
    made.again()


@attack("linux-arm64.tar.gz", "which the release has with other bytes or of another kind: it was swapped")
def swapped_model_listed_inside_too(made: MadeRelease) -> None:
    _swap(made, inner=True)
    made.again()


@attack("linux-arm64.tar.gz", "'made-1.0.0/models/cls/model.nb' is not what made-1.0.0/manifest.json lists")
def swapped_bytes_of_a_model(made: MadeRelease) -> None:
    tree = packed_tree("linux-arm64", made.files, [made.model])
    tree["models/cls/model.nb"] = swapped(made.files)["model.nb"]
    made.tar.write_bytes(tar_gz(tree))
    made.again()


@attack("manifest.json", "names another (rec, fp32 for arm), which is in no archive")
def model_that_is_nowhere(made: MadeRelease) -> None:
    made.write_manifest(models=[made.model, {**made.model, "name": "another", "task": "rec"}])
    made.write_sums()
    made.sign()


@attack("linux-arm64.tar.gz", "says precision 'int8', its model has fp32")
def model_of_another_precision(made: MadeRelease) -> None:
    manifest = {**json.loads(made.files["manifest.json"]), "precision": "int8"}
    files = {**made.files, "manifest.json": json.dumps(manifest).encode()}
    made.tar.write_bytes(tar_gz(packed_tree("linux-arm64", files, [made.model])))
    made.again()


@attack("linux-arm64.tar.gz", "its manifest is of made-1.0.0 for linux-armhf, which its name does not say")
def archive_of_another_target(made: MadeRelease) -> None:
    made.tar.write_bytes(tar_gz(packed_tree("linux-armhf", made.files, [made.model])))
    made.again()


# archives, by somebody who has the key


def _with(
    made: MadeRelease, member: tarfile.TarInfo, content: bytes = b"", form: int = tarfile.USTAR_FORMAT
) -> None:
    tree = packed_tree("linux-arm64", made.files, [made.model])
    members = [(tar_member(f"{TOP}/{name}", len(tree[name])), tree[name]) for name in sorted(tree)]
    made.tar.write_bytes(tar_of([*members, (member, content)], form))
    made.again()


@attack("linux-arm64.tar.gz", "'made-1.0.0/../../x' leads out of its folder")
def member_that_leads_out(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/../../x", 1), b"x")


@attack("linux-arm64.tar.gz", "'/etc/cron.d/x' is an absolute path")
def member_with_an_absolute_path(made: MadeRelease) -> None:
    _with(made, tar_member("/etc/cron.d/x", 1), b"x")


@attack("linux-arm64.tar.gz", "'made-1.0.0/selftest' is there twice")
def member_twice(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/selftest", 1), b"x")


@attack("linux-arm64.tar.gz", "is the same as 'made-1.0.0/selftest' on some systems")
def member_twice_but_for_case(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/SELFTEST", 1), b"x")


@attack("linux-arm64.tar.gz", "is a symbolic link")
def member_is_a_symlink(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/lib", type=tarfile.SYMTYPE, linkname="/lib"))


@attack("linux-arm64.tar.gz", "is a hard link")
def member_is_a_hard_link(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/lib", type=tarfile.LNKTYPE, linkname="/etc/passwd"))


@attack("linux-arm64.tar.gz", "is a device")
def member_is_a_device(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/null", type=tarfile.CHRTYPE, devmajor=1, devminor=3))


@attack("linux-arm64.tar.gz", "has mode 4755")
def member_is_setuid(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/su", 1, mode=0o4755), b"x")


@attack("linux-arm64.tar.gz", "would belong to another user than root")
def member_of_another_user(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/mine", 1, uid=1000), b"x")


@attack("linux-arm64.tar.gz", "is an extended header")
def member_renamed_by_a_header(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/a", 1, pax_headers={"path": "../../x"}), b"x", tarfile.PAX_FORMAT)


@attack("linux-arm64.tar.gz", "holds 'made-1.0.0/bin/more', which made-1.0.0/manifest.json does not list")
def member_that_no_manifest_lists(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/bin/more", 1), b"x")


@attack("linux-arm64.tar.gz", "is a bomb")
def tar_bomb(made: MadeRelease) -> None:
    _with(made, tar_member(f"{TOP}/zeros", 40 * MIB), bytes(40 * MIB))


@attack("android.aar", "is a bomb")
def zip_bomb(made: MadeRelease) -> None:
    tree = packed_tree("android", made.files, [made.model], base=AAR_BASE)
    made.aar.write_bytes(zip_of({**tree, "assets/zeros": bytes(40 * MIB)}))
    made.again()


@attack("android.aar", "is a bomb: it is longer than it says")
def zip_bomb_that_lies_about_its_size(made: MadeRelease) -> None:
    tree = packed_tree("android", made.files, [made.model], base=AAR_BASE)
    size = 8 * MIB
    content = zip_of({**tree, "assets/zeros": bytes(size)})
    made.aar.write_bytes(content.replace(struct.pack("<I", size), struct.pack("<I", 10)))
    made.again()


@attack("android.aar", "'../../x' leads out of its folder")
def zip_member_that_leads_out(made: MadeRelease) -> None:
    tree = packed_tree("android", made.files, [made.model], base=AAR_BASE)
    made.aar.write_bytes(zip_of({**tree, "../../x": b""}))
    made.again()


@attack("android.aar", "does not stand behind the one before it")
def zip_with_a_hidden_member(made: MadeRelease) -> None:
    tree = packed_tree("android", made.files, [made.model], base=AAR_BASE)
    made.aar.write_bytes(b"PK\3\4 hidden" + zip_of(tree))
    content = bytearray(made.aar.read_bytes())
    _shift(content, len(b"PK\3\4 hidden"))
    made.aar.write_bytes(content)
    made.again()


@attack("android.aar", "is another one than the directory says")
def zip_member_named_twice_differently(made: MadeRelease) -> None:
    tree = packed_tree("android", made.files, [made.model], base=AAR_BASE)
    content = bytearray(zip_of(tree))
    first = content.index(b"assets/ppocr/manifest.json")
    content[first : first + 6] = b"ASSETS"
    made.aar.write_bytes(content)
    made.again()


def _shift(content: bytearray, length: int) -> None:
    """Tell a zip's directory that everything moved back."""
    start = struct.unpack_from("<I", content, len(content) - 6)[0] + length
    struct.pack_into("<I", content, len(content) - 6, start)
    place = start
    while content[place : place + 4] == b"PK\1\2":
        name, extra, remark = struct.unpack_from("<3H", content, place + 28)
        struct.pack_into("<I", content, place + 42, struct.unpack_from("<I", content, place + 42)[0] + length)
        place += 46 + name + extra + remark


@attack("linux-arm64.tar.gz", "has something behind its end")
def tar_with_something_behind_it(made: MadeRelease) -> None:
    made.tar.write_bytes(made.tar.read_bytes() + gzipped(bytes(1024)))
    made.again()


@attack("linux-arm64.tar.gz", "breaks off before its end")
def tar_cut_off(made: MadeRelease) -> None:
    made.tar.write_bytes(made.tar.read_bytes()[:-1000])
    made.again()


__all__ = ["ATTACKS", "SIGNED", "Attack", "change_a_byte"]
