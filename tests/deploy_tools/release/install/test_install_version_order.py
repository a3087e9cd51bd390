"""Which of two versions is the newer one."""

from __future__ import annotations

import pytest

from deploy_tools.release.install.version_order import version_key


@pytest.mark.parametrize(
    "versions",
    [
        ("1.9", "1.10-rc1", "1.10", "1.10.1", "2"),
        ("1.0.dev3", "1.0a1", "1.0-beta.2", "1.0-rc.1", "1.0-rc.10", "1.0"),
        ("2025-12-31", "2026-01-01", "2026-11-26.2"),
        ("1.2", "1.2+build5", "1.2.0"),
        ("0.9", "v1.0", "1.1"),
        ("1.0", "1.0-hotfix", "1.0.1"),
    ],
)
def test_they_are_in_order(versions: tuple[str, ...]) -> None:
    mixed = versions[::-1]
    assert tuple(sorted(mixed, key=version_key)) == versions
    assert len({version_key(version) for version in versions}) == len(versions)


def test_what_is_the_same_version() -> None:
    assert version_key("v1.2") == version_key("1.2") == version_key("1-2") == version_key("1.02")
    assert version_key("1.0-RC1") == version_key("1.0rc1")
