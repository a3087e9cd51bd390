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
    NOW,
    Tampered,
    canonical,
    gzipped,
    made_key,
    swapped,
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

    work: Callable[[Tampered], None]
    file: str
    reason: str

    def said_of(self, made: Tampered) -> str:
        """What must be said, of this release."""
        return self.reason.replace("{top}", made.top)


def attack(file: str, reason: str) -> Callable[[Callable[[Tampered], None]], Callable[[Tampered], None]]:
    def add(work: Callable[[Tampered], None]) -> Callable[[Tampered], None]:
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
def removed_file(made: Tampered) -> None:
    (made.folder / "sbom.cdx.json").unlink()


@attack("manifest.json", "lists 'sbom.cdx.json', SHA256SUMS does not")
def removed_file_and_its_line_signed_again(made: Tampered) -> None:
    (made.folder / "sbom.cdx.json").unlink()
    made.write_sums()
    made.sign()


@attack("extra.so", "is not in SHA256SUMS")
def added_file(made: Tampered) -> None:
    made.write("extra.so", b"\x7fELF")


@attack("cards/deep/.hidden", "is not in SHA256SUMS")
def added_file_deep_and_hidden(made: Tampered) -> None:
    (made.folder / "cards/deep").mkdir()
    made.write("cards/deep/.hidden", b"")


@attack("manifest.json", "does not list 'extra.so', SHA256SUMS does")
def added_file_and_its_line_signed_again(made: Tampered) -> None:
    made.write("extra.so", b"\x7fELF")
    made.write_sums()
    made.sign()


@attack("cards/empty", "is an empty folder")
def added_folder(made: Tampered) -> None:
    (made.folder / "cards/empty").mkdir()


@attack("android.aar", "is not the file that SHA256SUMS lists")
def two_files_exchanged(made: Tampered) -> None:
    one, other = made.tar.read_bytes(), made.aar.read_bytes()
    made.tar.write_bytes(other)
    made.aar.write_bytes(one)


@attack("THIRD_PARTY_NOTICES.md", "is not the file that SHA256SUMS lists")
def cut_file(made: Tampered) -> None:
    path = made.folder / "THIRD_PARTY_NOTICES.md"
    path.write_bytes(path.read_bytes()[:-1])


@attack("sbom.cdx.json", "is a symbolic link")
def symlink_to_the_same_content(made: Tampered) -> None:
    path = made.folder / "sbom.cdx.json"
    outside = made.folder.parent / "outside.json"
    outside.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(outside)


@attack("cards", "is a symbolic link")
def symlink_as_a_folder(made: Tampered) -> None:
    (made.folder / "cards").rename(made.folder.parent / "cards")
    (made.folder / "cards").symlink_to("../cards")


@attack("SHA256SUMS", "is a symbolic link")
def symlink_as_index(made: Tampered) -> None:
    (made.folder / SUMS_NAME).rename(made.folder.parent / "sums")
    (made.folder / SUMS_NAME).symlink_to("../sums")


@attack("sbom.cdx.json", "is a hard link")
def hard_link(made: Tampered) -> None:
    os.link(made.folder / "sbom.cdx.json", made.folder.parent / "mine")


@attack("sbom.cdx.json", "is no plain file")
def pipe(made: Tampered) -> None:
    (made.folder / "sbom.cdx.json").unlink()
    os.mkfifo(made.folder / "sbom.cdx.json")


@attack("SHA256SUMS.sig", "is no plain file")
def pipe_as_signature(made: Tampered) -> None:
    (made.folder / SIGNATURE_NAME).unlink()
    os.mkfifo(made.folder / SIGNATURE_NAME)


@attack("SHA256SUMS", "has 8589934592 bytes")
def endless_index(made: Tampered) -> None:
    with (made.folder / SUMS_NAME).open("ab") as stream:
        stream.truncate(8 << 30)


# the signature


@attack("SHA256SUMS.sig", "is missing")
def no_signature(made: Tampered) -> None:
    (made.folder / SIGNATURE_NAME).unlink()


@attack("SHA256SUMS.sig", "is by key 'dbc298251c51321b', which is not trusted (given: 34750f98bd59fcfc)")
def wrong_key(made: Tampered) -> None:
    made.sign(made_key(9))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def wrong_key_under_the_right_name(made: Tampered) -> None:
    made.sign(made_key(9))
    path = made.folder / SIGNATURE_NAME
    path.write_bytes(path.read_bytes().replace(made_key(9).public.id.encode(), made.key.public.id.encode()))


@attack("SHA256SUMS.sig", "expired at 2026-11-30T00:00:00Z")
def expired_signature(made: Tampered) -> None:
    made.sign(expires=datetime(2026, 11, 30, tzinfo=timezone.utc))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def expired_signature_made_longer(made: Tampered) -> None:
    made.sign(expires=datetime(2026, 11, 30, tzinfo=timezone.utc))
    path = made.folder / SIGNATURE_NAME
    path.write_bytes(path.read_bytes().replace(b"2026-11-30T", b"2036-11-30T"))


@attack("SHA256SUMS.sig", "and it is only 2026-12-01T00:00:00Z here")
def signature_of_the_future(made: Tampered) -> None:
    made.sign(signed=NOW + timedelta(days=3))


@attack("SHA256SUMS.sig", "field 'signature' is not written as base64 is")
def signature_written_otherwise(made: Tampered) -> None:
    path = made.folder / SIGNATURE_NAME
    values = json.loads(path.read_bytes())
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = digits.index(values["signature"][85])
    values["signature"] = f"{values['signature'][:85]}{digits[last ^ 1]}=="  # the same 64 bytes
    path.write_bytes(canonical(values))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def signature_of_sums_without_their_domain(made: Tampered) -> None:
    import base64

    path = made.folder / SIGNATURE_NAME
    values = json.loads(path.read_bytes())
    value = made.key.sign((made.folder / SUMS_NAME).read_bytes())
    path.write_bytes(canonical({**values, "signature": base64.b64encode(value).decode()}))


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def signature_of_another_release(made: Tampered) -> None:
    sums = (made.folder / SUMS_NAME).read_bytes()
    made.write(SUMS_NAME, sums.replace(b"a", b"b"))
    made.sign()
    made.write(SUMS_NAME, sums)


@attack("SHA256SUMS", "'../../etc/passwd' leads out of its folder")
def index_that_leads_out(made: Tampered) -> None:
    path = made.folder / SUMS_NAME
    path.write_bytes(f"{'0' * 64}  ../../etc/passwd\n".encode() + path.read_bytes())
    made.sign()


# a model, by somebody who recomputes more and more


def _swap(made: Tampered, name: str = "model.nb", *, inner: bool = True) -> None:
    files = swapped(made.classifier(), name)
    model = {"sha256": hashlib.sha256(files["model.nb"]).hexdigest()} if inner else {}
    made.pack_linux({f"models/cls/{each}": content for each, content in files.items()}, **model)


@attack("linux-arm64.tar.gz", "is not the file that SHA256SUMS lists")
def swapped_model(made: Tampered) -> None:
    _swap(made)


@attack("SHA256SUMS.sig", "does not fit SHA256SUMS")
def swapped_model_and_new_sums(made: Tampered) -> None:
    _swap(made)
    made.write_manifest()
    made.write_sums()


@attack("manifest.json", "and SHA256SUMS differ about '{top}-linux-arm64.tar.gz'")
def swapped_model_and_new_sums_signed_again(made: Tampered) -> None:
    _swap(made)
    made.write_sums()
    made.sign()


@attack("linux-arm64.tar.gz", "{top}/manifest.json says it holds ")
def swapped_model_listed_and_signed_again(made: Tampered) -> None:
    _swap(made, inner=False)
    made.again()


@attack("linux-arm64.tar.gz", "which the release has with other bytes or of another kind: it was swapped")
def swapped_model_listed_inside_too(made: Tampered) -> None:
    _swap(made)
    made.again()


@attack("linux-arm64.tar.gz", "with other files beside it than the release has: they were swapped")
def swapped_file_beside_a_model(made: Tampered) -> None:
    _swap(made, "golden/input.npy")
    made.again()


@attack("linux-arm64.tar.gz", "'{top}/models/cls/model.nb' is not what {top}/manifest.json lists")
def swapped_bytes_of_a_model(made: Tampered) -> None:
    made.pack_linux({"models/cls/model.nb": swapped(made.classifier())["model.nb"]}, listed=False)
    made.again()


@attack("linux-arm64.tar.gz", "'{top}/models/cls/model.nb' is not what {top}/models/cls/manifest.json lists")
def swapped_bytes_of_a_model_listed(made: Tampered) -> None:
    made.pack_linux({"models/cls/model.nb": swapped(made.classifier())["model.nb"]})
    made.again()


@attack("linux-arm64.tar.gz", "holds '{top}/lib/model.nb', a model without a manifest")
def model_beside_the_models(made: Tampered) -> None:
    made.pack_linux({"lib/model.nb": made.classifier()["model.nb"]})
    made.again()


@attack("manifest.json", "names another (cls, fp32 for arm), which is in no archive")
def model_that_is_nowhere(made: Tampered) -> None:
    made.write_manifest(models=[*made.manifest["models"], {**made.model, "name": "another"}])
    made.write_sums()
    made.sign()


@attack("linux-arm64.tar.gz", "says precision 'int8', its model has fp32")
def model_of_another_precision(made: Tampered) -> None:
    manifest = {**json.loads(made.classifier()["manifest.json"]), "precision": "int8"}
    made.pack_linux({"models/cls/manifest.json": json.dumps(manifest).encode()})
    made.again()


@attack("linux-arm64.tar.gz", "its manifest is of {top} for linux-armhf, which its name does not say")
def archive_of_another_target(made: Tampered) -> None:
    own = json.loads(made.linux()["manifest.json"])
    made.pack_linux({"manifest.json": canonical({**own, "target": "linux-armhf"})})
    made.again()


@attack("linux-arm64.tar.gz", "-9.9, but it holds {top}/")
def archive_of_another_release(made: Tampered) -> None:
    own = json.loads(made.linux()["manifest.json"])
    made.pack_linux({"manifest.json": canonical({**own, "version": "9.9"})})
    made.again()


# archives, by somebody who has the key


def _with(
    made: Tampered, name: str, content: bytes = b"", form: int = tarfile.USTAR_FORMAT, **more: object
) -> None:
    """Add a member to the archive for arm64; its name is below the top folder, or absolute."""
    tree = made.linux()
    members = [(tar_member(f"{made.top}/{each}", len(tree[each])), tree[each]) for each in sorted(tree)]
    member = tar_member(name if name.startswith("/") else f"{made.top}/{name}", len(content), **more)
    made.tar.write_bytes(tar_of([*members, (member, content)], form))
    made.again()


@attack("linux-arm64.tar.gz", "'{top}/../../x' leads out of its folder")
def member_that_leads_out(made: Tampered) -> None:
    _with(made, "../../x", b"x")


@attack("linux-arm64.tar.gz", "'/etc/cron.d/x' is an absolute path")
def member_with_an_absolute_path(made: Tampered) -> None:
    _with(made, "/etc/cron.d/x", b"x")


@attack("linux-arm64.tar.gz", "'{top}/selftest' is there twice")
def member_twice(made: Tampered) -> None:
    _with(made, "selftest", b"x")


@attack("linux-arm64.tar.gz", "is the same as '{top}/selftest' on some systems")
def member_twice_but_for_case(made: Tampered) -> None:
    _with(made, "SELFTEST", b"x")


@attack("linux-arm64.tar.gz", "is a symbolic link")
def member_is_a_symlink(made: Tampered) -> None:
    _with(made, "lib", type=tarfile.SYMTYPE, linkname="/lib")


@attack("linux-arm64.tar.gz", "is a hard link")
def member_is_a_hard_link(made: Tampered) -> None:
    _with(made, "lib", type=tarfile.LNKTYPE, linkname="/etc/passwd")


@attack("linux-arm64.tar.gz", "is a device")
def member_is_a_device(made: Tampered) -> None:
    _with(made, "null", type=tarfile.CHRTYPE, devmajor=1, devminor=3)


@attack("linux-arm64.tar.gz", "has mode 4755")
def member_is_setuid(made: Tampered) -> None:
    _with(made, "su", b"x", mode=0o4755)


@attack("linux-arm64.tar.gz", "would belong to another user than root")
def member_of_another_user(made: Tampered) -> None:
    _with(made, "mine", b"x", uid=1000)


@attack("linux-arm64.tar.gz", "is an extended header")
def member_renamed_by_a_header(made: Tampered) -> None:
    _with(made, "a", b"x", tarfile.PAX_FORMAT, pax_headers={"path": "../../x"})


@attack("linux-arm64.tar.gz", "holds '{top}/bin/more', which {top}/manifest.json does not list")
def member_that_no_manifest_lists(made: Tampered) -> None:
    _with(made, "bin/more", b"x")


@attack("linux-arm64.tar.gz", "is a bomb")
def tar_bomb(made: Tampered) -> None:
    made.tar.write_bytes(tar_of([(tar_member("zeros", 24 * MIB), bytes(24 * MIB))]))
    made.again()


@attack("android.aar", "is a bomb")
def zip_bomb(made: Tampered) -> None:
    made.aar.write_bytes(zip_of({"assets/zeros": bytes(24 * MIB)}))
    made.again()


@attack("android.aar", "is a bomb: it is longer than it says")
def zip_bomb_that_lies_about_its_size(made: Tampered) -> None:
    tree = made.android()
    size = 8 * MIB + 12345
    content = zip_of({**tree, "assets/zeros": bytes(size)})
    made.aar.write_bytes(content.replace(struct.pack("<I", size), struct.pack("<I", 10)))
    made.again()


@attack("android.aar", "'../../x' leads out of its folder")
def zip_member_that_leads_out(made: Tampered) -> None:
    tree = made.android()
    made.aar.write_bytes(zip_of({**tree, "../../x": b""}))
    made.again()


@attack("android.aar", "does not stand behind the one before it")
def zip_with_a_hidden_member(made: Tampered) -> None:
    tree = made.android()
    made.aar.write_bytes(b"PK\3\4 hidden" + zip_of(tree))
    content = bytearray(made.aar.read_bytes())
    _shift(content, len(b"PK\3\4 hidden"))
    made.aar.write_bytes(content)
    made.again()


@attack("android.aar", "is another one than the directory says")
def zip_member_named_twice_differently(made: Tampered) -> None:
    tree = made.android()
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
def tar_with_something_behind_it(made: Tampered) -> None:
    made.tar.write_bytes(made.tar.read_bytes() + gzipped(bytes(1024)))
    made.again()


@attack("linux-arm64.tar.gz", "breaks off before its end")
def tar_cut_off(made: Tampered) -> None:
    made.tar.write_bytes(made.tar.read_bytes()[:-1000])
    made.again()
