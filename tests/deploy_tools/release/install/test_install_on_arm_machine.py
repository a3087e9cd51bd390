"""A release with its runner on an emulated aarch64 machine: it computes there before it is current."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

from deploy_tools.devices.inventory.entry import DeviceEntry, HostKeys, SshAddress
from deploy_tools.devices.wire.ssh.wire import SshWire
from deploy_tools.release.install.outcome import InstallOptions
from edge.errors import DeviceError
from tests.devices_kit import arm_machine
from tests.release_kit.installing import KEY, NAME, Place, Releases
from tests.release_kit.made_bundles import changed

FOLDER = "ppocr-edge test of installing"


@pytest.mark.embedded
@pytest.mark.shared
@pytest.mark.arm
@pytest.mark.timeout(900)  # the runner is compiled in it, and all that the machine does is emulated
def test_a_release_with_its_runner(
    passed: Mapping[str, Path],
    shared_dir: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from deploy_tools.devices.emulated import emulated_runner
    from deploy_tools.release.gathering import gather
    from deploy_tools.release.package import write_release
    from deploy_tools.release.request import PackageRequest

    scripts = shared_dir / "arm_device"
    if reason := arm_machine.missing(scripts):
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PPOCR_EDGE_HOME", str(tmp_path_factory.getbasetemp() / "home"))
        runner = emulated_runner()
    wrong = changed(passed["arm"], tmp_path / "wrong")
    swap_golden(wrong)
    for version, bundle in (("1.0", passed["arm"]), ("1.1", wrong)):
        request = PackageRequest([bundle], ("linux-arm64",), NAME, version, runners=[runner.folder])
        write_release(gather(request), tmp_path, key=KEY)
    monkeypatch.setenv("HOME", str(tmp_path))  # its host key is taken there
    with arm_machine.arm_machine(scripts) as machine:
        address = SshAddress(
            "127.0.0.1", "root", machine.port, machine.identity, host_keys=HostKeys.ACCEPT_NEW
        )
        wire = SshWire("board", address)
        entry = DeviceEntry("board", address, folder=FOLDER)
        home = machine.root / "root"
        place = Place(Releases(tmp_path), home, lambda: wire, entry, home / FOLDER)
        try:
            done = place.install("1.0", InstallOptions())
            assert (done.target, done.selftest) == ("linux-arm64", "passed")
            with pytest.raises(
                DeviceError, match=r"does not compute there what it should: cls FAIL .* differs by"
            ):
                place.install("1.1", InstallOptions())
            there = Path(wire.run(["readlink", done.current]).stdout.decode().strip())
            assert there.name == Path(done.folder).name
            assert place.left() == []
        finally:
            wire.run(["rm", "-rf", FOLDER])
            wire.close()


def swap_golden(bundle: Path) -> None:
    """Let a bundle say that its model should compute something else."""
    path = bundle / "golden" / "output.npy"
    np.save(path, np.load(path)[:, ::-1].copy())
    manifest = json.loads((bundle / "manifest.json").read_text())
    entry = {"sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "size": path.stat().st_size}
    manifest["files"]["golden/output.npy"] = entry
    (bundle / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
