"""``--device`` with several names, and ``all``: devices work at the same time, none hides another."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy_tools.cli.main import main
from deploy_tools.demo.page import render_sample_page
from deploy_tools.devices.find import find_devices
from edge.bundle.bundle import Bundle
from edge.errors import InputError
from tests.devices_kit.sshd import started_with
from tests.processes import wait_until


@pytest.fixture
def inventory(tmp_path: Path) -> Path:
    """Two devices of this host that work, and two that do not."""
    python = json.dumps(sys.executable)
    path = tmp_path / "devices.yml"
    path.write_text(
        "inventory: 1\ndevices:\n"
        f"  one: {{this_host: true, python: {python}, folder: {json.dumps(str(tmp_path / 'one'))}}}\n"
        "  gone: {ssh: {host: 127.0.0.1, port: 9, user: x}, python: python3}\n"
        f"  bare: {{this_host: true, folder: {json.dumps(str(tmp_path / 'bare'))}}}\n"
        f"  two é: {{this_host: true, python: {python}, folder: {json.dumps(str(tmp_path / 'two'))}}}\n"
    )
    return path


@pytest.fixture
def words(default_bundles: Mapping[str, Bundle]) -> list[str]:
    """``--bundle`` for all three tasks."""
    return [f"--bundle={task}={bundle.folder}" for task, bundle in default_bundles.items()]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with two pictures of text, and one that is none."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    page = render_sample_page().image
    page.crop((0, 0, 640, 160)).save(folder / "a.png")
    page.crop((0, 300, 640, 460)).save(folder / "c.png")
    (folder / "b.png").write_bytes(b"none")
    return folder


def test_names(inventory: Path, tmp_path: Path) -> None:
    assert [device.name for device in find_devices("all", inventory)] == ["one", "gone", "bare", "two é"]
    assert [device.name for device in find_devices("two é, local", inventory)] == ["two é", "local"]
    for names, message in (
        ("one,one", "--device one,one: names 'one' twice"),
        ("on", "there is no device of this name, did you mean 'one'"),
        ("one,", "--device : there is no device of this name"),
    ):
        with pytest.raises(InputError, match=message):
            find_devices(names, inventory)
    with pytest.raises(InputError, match=r"none\.yml names no devices; add them with"):
        find_devices("all", tmp_path / "none.yml")


@pytest.mark.embedded
def test_bench(
    inventory: Path, default_bundles: Mapping[str, Bundle], capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["bench", str(default_bundles["cls"].folder), "--inventory", str(inventory), "--repeats", "2"]
    assert main([*command, "--device", "all", "--json"]) == 2
    out, err = capsys.readouterr()
    rows = {row["device"]: row for row in json.loads(out)}
    assert [len(rows[name]["samples_ms"]) for name in ("one", "two é")] == [2, 2]
    assert "nothing is named that could run models there" in rows["bare"]["error"]
    assert rows["gone"]["error"].startswith("gone: ")
    assert "2 of 4 devices failed" in err
    assert main([*command, "--device", "two é,one"]) == 0
    out, err = capsys.readouterr()
    assert [line.split("  ")[0] for line in out.splitlines()] == ["device", "two é", "one"]
    assert err == ""


@pytest.mark.embedded
def test_run(
    inventory: Path,
    words: list[str],
    pictures: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["run", str(pictures), *words, "--inventory", str(inventory)]
    assert main([*command, "--device", "one,bare,two é", "--json", "--draw", str(tmp_path / "drawn")]) == 2
    out, err = capsys.readouterr()
    rows = [json.loads(line) for line in out.splitlines()]
    read = {
        name: {Path(row["image"]).name: row for row in rows if row["device"] == name and "image" in row}
        for name in ("one", "two é")
    }
    for pages in read.values():
        assert set(pages) == {"a.png", "b.png", "c.png"}
        assert "error" in pages["b.png"]
        assert Path(pages["a.png"]["drawn"]).is_file()
    assert read["one"]["a.png"]["lines"] == read["two é"]["a.png"]["lines"] != []
    assert read["one"]["a.png"]["drawn"] != read["two é"]["a.png"]["drawn"]
    assert [set(row) for row in rows if row["device"] == "bare"] == [{"device", "error"}]
    assert "one: 2 of 3 images read, 1 failed" in err
    assert "1 of 3 devices failed" in err
    (pictures / "b.png").unlink()
    assert main([*command, "--device", "one,two é"]) == 0
    out, _ = capsys.readouterr()
    headings = [line for line in out.splitlines() if line.startswith("== ")]
    assert sorted(line.split(" on ")[1].split(":")[0] for line in headings) == ["one"] * 2 + ["two é"] * 2
    assert main([*command, "--device", "one,two é", "--draw", "x.png"]) == 2
    assert "--draw x.png: one file for 2 devices; name a folder" in capsys.readouterr().err


@pytest.mark.embedded
def test_evaluate(
    inventory: Path,
    default_bundles: Mapping[str, Bundle],
    pictures: Path,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    (pictures / "b.png").unlink()
    command = [
        *("evaluate", str(default_bundles["cls"].folder), "--data", str(pictures)),
        *("--inventory", str(inventory)),
    ]
    assert main([*command, "--device", "one,bare,two é", "--json"]) == 2
    out, err = capsys.readouterr()
    rows = {row["device"]: row for row in json.loads(out)["devices"]}
    assert rows["one"]["measures"] == rows["two é"]["measures"] != {}
    assert "nothing is named" in rows["bare"]["error"]
    assert "1 of 3 devices failed" in err
    against = ["--against", str(default_bundles["cls"].folder), "--against-device", "local"]
    assert main([*command, "--device", "one,two é", *against]) == 0
    out, err = capsys.readouterr()
    assert out.count("agreement  100.00 %") == 2
    assert "on two é" in err
    for more, message in (
        (["--device", "one,two é", "--worst", str(tmp_path / "w.png")], "one picture for 2 devices"),
        (["--device", "one", *against[:-1], "one,two é"], "--against-device one,two é: names 2 devices"),
        (["--device", "one", *against[:-1], "nobody"], "--against-device nobody: there is no device"),
    ):
        assert main([*command, *more]) == 2
        assert message in capsys.readouterr().err


@pytest.mark.embedded
def test_interrupted(inventory: Path, default_bundles: Mapping[str, Bundle], tmp_path: Path) -> None:
    words = ["bench", str(default_bundles["cls"].folder), "--inventory", str(inventory)]
    with subprocess.Popen(
        [
            *(sys.executable, "-m", "deploy_tools.cli.main", *words),
            *("--device", "one,two é", "--repeats", "1000000"),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        roots = [str(tmp_path / name) for name in ("one", "two")]
        wait_until(
            lambda: all(started_with(f"{root}/objects") for root in roots) or process.poll() is not None,
            240,
            "both run",
        )
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=120)
    assert process.returncode == 130, stderr
    assert stderr.decode().strip() == "ppocr-edge: interrupted"
    wait_until(lambda: not any(started_with(root) for root in roots), 60, "everything there is ended")
    assert not any((Path(root) / "lock").exists() for root in roots)
