"""Whether a release computes on a device what it should, before anything uses it there."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from typing import Final

from deploy_tools.devices.remote.device import RemoteDevice
from deploy_tools.devices.remote.runner import choose_runner
from deploy_tools.devices.store.asking import last_words
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.wire import Finished, script
from deploy_tools.release.install.source import Unpacked
from deploy_tools.release.targets.selftest import NAME
from edge.bundle.bundle import load_bundle
from edge.bundle.manifest import MANIFEST_NAME
from edge.errors import DeviceError

PASSED: Final = "passed"
NOT_WANTED: Final = "not run: --no-selftest"
NO_RUNNER: Final = "not run: no runner is in the release, and none is named for the device"
RUNNER: Final = "bin/ppocr_runner"
_SECONDS: Final = 900.0
_NOTHING_TO_TEST_WITH: Final = 2
# $1: the release's folder; $2: a folder for the command; $3: the command, where it is none of the release
_RUN: Final = r"""
if [ -n "$3" ]; then
    mkdir -p "$2" && printf '%s\n' "$3" >"$2/command" && cd "$2" || exit 3
    PPOCR_EDGE_RUNNER='sh command'
    export PPOCR_EDGE_RUNNER
else
    unset PPOCR_EDGE_RUNNER
fi
sh "$1/selftest" 2>&1
code=$?
[ -z "$3" ] || { cd / && rm -rf "$2"; }
exit $code
"""


class SelftestError(DeviceError):
    """A device does not compute what it should."""


def run_selftest(device: RemoteDevice, store: DeviceStore, folder: str, unpacked: Unpacked) -> str:
    """Let a device run every model on its golden input, and compare.

    The runner is that of the release; else the one that the device's entry names, which is sent.

    Args:
        device: Which.
        store: Its store, whose lock is held.
        folder: Of the release there, absolute.
        unpacked: What is in it.

    Returns:
        ``passed``, or why it was not run.

    Raises:
        SelftestError: It failed.
        DeviceError: The runner that the entry names cannot be used, or the device failed.
        InputError: The library that the entry names does not suit.
        BuildError: The runner that the entry names cannot be built.
    """
    own = RUNNER in unpacked.files
    named = device.entry.lite_home is not None or device.entry.python is not None
    if not own and not named:
        return NO_RUNNER
    command = [] if own else _brought(device, store)
    if NAME in unpacked.files:
        _by_script(device, store.root(), folder, command)
    elif own:
        return NO_RUNNER  # nothing in the release says how
    else:
        _by_hand(device, folder, command, unpacked)
    return PASSED


def _brought(device: RemoteDevice, store: DeviceStore) -> list[str]:
    """The command of the runner that the entry names, which is there then."""
    choice = choose_runner(device.entry, device.facts)
    with choice.files() as runner:
        return choice.command(store.install(runner.name, runner.files, runner.executable))


def _by_script(device: RemoteDevice, root: str, folder: str, command: Sequence[str]) -> None:
    text = f'exec {shlex.join(command)} "$@"' if command else ""
    done = device.wire.run(script(_RUN, folder, f"{root}/run/selftest", text), seconds=_SECONDS)
    if done.exit.code == 0:
        return
    said = done.stdout.decode(errors="replace")
    failed = [" ".join(line.split()) for line in said.splitlines() if re.match(r"\S+\s+FAIL\s", line)]
    if done.exit.code == _NOTHING_TO_TEST_WITH:
        failed = [last_words(said)]
    raise _failure(device.name, failed or [_words(done)])


def _by_hand(device: RemoteDevice, folder: str, command: Sequence[str], unpacked: Unpacked) -> None:
    """What the script does, for archives without one."""
    failed = []
    for model in json.loads((unpacked.folder / MANIFEST_NAME).read_bytes())["models"]:
        bundle = load_bundle(unpacked.folder / model["folder"])
        golden = bundle.manifest.golden
        if golden is None:
            failed.append(f"{model['task']} FAIL {model['name']}: has no golden output to compare with")
            continue
        there = f"{folder}/{model['folder']}"
        words = ("--model", f"{there}/{bundle.manifest.model}", "--input", f"{there}/{golden.input}")
        compared = ("--compare", f"{there}/{golden.output}", "--tolerance", f"{model['tolerance']:g}")
        done = device.wire.run([*command, *words, *compared], seconds=_SECONDS)
        if done.exit.code != 0:
            failed.append(f"{model['task']} FAIL {model['name']}: {_words(done)}")
    if failed:
        raise _failure(device.name, failed)


def _failure(device: str, failed: Sequence[str]) -> SelftestError:
    return SelftestError(
        device,
        f"the release does not compute there what it should: {'; '.join(failed)}",
        "what was installed before stays; install another one, or look closer: --no-selftest, then run "
        "selftest there",
    )


def _words(done: Finished) -> str:
    said = last_words(done.stderr.decode(errors="replace")) or last_words(
        done.stdout.decode(errors="replace")
    )
    return said.removeprefix("runner: ") or str(done.exit)
