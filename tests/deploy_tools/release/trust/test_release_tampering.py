"""Whatever is done to a release, it is refused, and the file and the reason are named."""

from __future__ import annotations

import random

import pytest

from deploy_tools.release.trust.verify import verify_release
from edge.errors import ReleaseError
from tests.release_kit.attacks import ATTACKS, change_a_byte
from tests.release_kit.made_release import NOW, Tampered

pytestmark = pytest.mark.embedded


def test_an_untouched_release_is_verified(made: Tampered) -> None:
    found = verify_release(made.folder, [made.key.public], now=NOW)
    assert (found.name, found.version, found.whole) == ("made", "1.0.0", True)
    assert found.key == made.key.public.id
    assert sorted(found.files) == sorted(made.contents())
    assert found.targets == ("android", "linux-arm64")
    assert [model.sha256 for model in found.models] == [made.model["sha256"]]
    assert found.allowed == ("no-gates",)


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str, made: Tampered) -> None:
    attack = ATTACKS[name]
    attack.work(made)
    with pytest.raises(ReleaseError) as refused:
        verify_release(made.folder, [made.key.public], now=NOW)
    assert refused.value.subject.endswith(attack.file)
    assert attack.said_of(made) in refused.value.found
    assert refused.value.remedy


def test_a_hundred_changed_bytes(made: Tampered) -> None:
    dice = random.Random(6)
    keys = [made.key.public]
    touched = set()
    for _ in range(100):
        before = {path: path.read_bytes() for path in made.folder.rglob("*") if path.is_file()}
        name = change_a_byte(made.folder, dice)
        touched.add(name)
        with pytest.raises(ReleaseError) as refused:
            verify_release(made.folder, keys, now=NOW)
        # a changed index cannot be told from a changed signature
        named = "SHA256SUMS.sig" if name == "SHA256SUMS" else name
        assert refused.value.subject == str(made.folder / named)
        (made.folder / name).write_bytes(before[made.folder / name])
    assert touched == {*made.contents(), "SHA256SUMS", "SHA256SUMS.sig"}
    verify_release(made.folder, keys, now=NOW)
