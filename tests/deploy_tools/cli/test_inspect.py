"""``ppocr-edge inspect`` on real bundles and .nb files, several at a time, with damaged ones among them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy_tools.cli.inspect import inspect
from deploy_tools.cli.visible import printable
from edge.bundle.bundle import Bundle

pytestmark = pytest.mark.embedded


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(inspect, [str(word) for word in words], standalone_mode=False)
    assert result.exception is None, result.exception
    return result.return_value, result.stdout, result.stderr


def test_a_bundle_and_its_ops(default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["cls"]
    code, out, err = run("--ops", bundle.folder)
    assert (code, err) == (0, "")
    assert f"opt version  {bundle.nb.opt_version}" in out
    assert f"ops          {len(bundle.nb.ops)}: " in out
    listed = out.partition("ops in order:\n")[2].splitlines()
    assert [line.split()[1] for line in listed] == [op.type for op in bundle.nb.ops]


def test_a_damaged_file_does_not_hide_the_others(
    default_bundles: Mapping[str, Bundle], tmp_path: Path
) -> None:
    text = tmp_path / "text.nb"
    text.write_text("no model\n")
    good = default_bundles["cls"].model_path
    code, out, err = run(good, text, default_bundles["det"].folder)
    assert code == 2
    assert str(good) in out
    assert str(default_bundles["det"].folder) in out
    assert "text.nb" in err.splitlines()[0]
    assert err.splitlines()[1] == "2 of 3 read, 1 failed"


def test_json_is_always_a_list(default_bundles: Mapping[str, Bundle]) -> None:
    bundle = default_bundles["rec"]
    for words in ([bundle.folder], [bundle.folder, bundle.model_path]):
        code, out, _ = run("--json", *words)
        documents = json.loads(out)
        assert code == 0
        assert [document["path"] for document in documents] == [str(word) for word in words]
        assert documents[0]["manifest"]["classes"] == 6625
        assert documents[0]["nb"]["opt_version"] == bundle.nb.opt_version


def test_names_cannot_steer_the_terminal() -> None:
    assert printable("a\x1b[2J\x07文 b\n") == "a\\x1b[2J\\x07文 b\\n"
