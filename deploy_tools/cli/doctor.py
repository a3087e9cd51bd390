"""``ppocr-edge doctor``: what is wrong with a device, or in a log."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from deploy_tools.cli.console import print_json, remark, stdout_console
from deploy_tools.cli.inventory_option import inventory_option
from deploy_tools.cli.visible import printable
from deploy_tools.cli.waiting import waiting_for
from edge.errors import InputError, PpocrEdgeError

if TYPE_CHECKING:
    from deploy_tools.devices.doctor.finding import Finding

EXIT_MEND = 1


@click.command(
    epilog="""\b
Examples:
  ppocr-edge doctor --device pi4
  ppocr-edge doctor --device all --json
  ppocr-edge doctor board.log
  adb logcat -d | ppocr-edge doctor -
  ppocr-edge doctor board.log --exit-code 139
"""
)
@click.argument("logfile", required=False)
@click.option("--device", metavar="NAME", help="Check a device, several with commas between them, or all.")
@click.option(
    "--exit-code",
    type=click.IntRange(-64, 255),
    help="How the program of the log ended, as a shell says it: explains where the log does not.",
)
@inventory_option
@click.option("--json", "as_json", is_flag=True, help="Print all findings as JSON.")
def doctor(
    logfile: str | None, device: str | None, exit_code: int | None, inventory: Path | None, as_json: bool
) -> int:
    """Find out what is wrong with a device, or explain a LOGFILE of Paddle-Lite ('-' for standard input).

    A device is checked from end to end: reached, logged in, its folder written, a program run there; space,
    sha256, runner, library, clock, lock, what is left over, speed. Exit code 1 where something is to be
    mended.
    """
    if (logfile is None) == (device is None):
        found = "a LOGFILE and --device do not go together" if logfile else "there is nothing to look at"
        raise InputError("doctor", found, "give either a LOGFILE, or '-', or --device NAME")
    if logfile is not None:
        return _explain_log(logfile, exit_code, as_json=as_json)
    if exit_code is not None:
        raise InputError("--exit-code", "is for a LOGFILE", "leave it out")
    return _check_devices(str(device), inventory, as_json=as_json)


def _check_devices(names: str, inventory: Path | None, *, as_json: bool) -> int:
    from deploy_tools.cli.doctor_view import show_findings
    from deploy_tools.devices.doctor.examine import examine_device
    from deploy_tools.devices.doctor.finding import Finding, State
    from deploy_tools.devices.inventory.chosen import chosen_entries
    from deploy_tools.devices.inventory.reading import load_inventory
    from deploy_tools.devices.several import ask_devices

    entries = chosen_entries(load_inventory(inventory), [names], "--device")
    found: list[tuple[str, tuple[Finding, ...]]] = []
    waiting_for(f"looking at {', '.join(entry.name for entry in entries)}")
    for entry, result in ask_devices(entries, examine_device):
        if isinstance(result, PpocrEdgeError):  # there is not even a wire
            found.append((entry.name, (Finding("connection", State.MEND, result.found, result.remedy),)))
        else:
            found.append((entry.name, result))
    if as_json:
        print_json([_row(name, findings) for name, findings in found])
    else:
        for name, findings in found:
            show_findings(stdout_console(), name, findings)
    return 0 if all(_sound(findings) for _, findings in found) else EXIT_MEND


def _row(name: str, findings: tuple[Finding, ...]) -> dict[str, object]:
    return {"device": name, "ok": _sound(findings), "findings": [one.to_json() for one in findings]}


def _sound(findings: tuple[Finding, ...]) -> bool:
    return all(one.state.value != "mend" for one in findings)


def _explain_log(logfile: str, exit_code: int | None, *, as_json: bool) -> int:
    from dataclasses import asdict

    from deploy_tools.cli.doctor_log import read_log
    from deploy_tools.cli.doctor_view import show_failures
    from edge.failures.explain import findings

    if logfile == "-" and os.isatty(0):
        remark("paste the log, then press Ctrl-D on a line of its own")
    log = read_log(logfile)
    if log.cut_bytes:
        remark(f"the first {log.cut_bytes / 1e6:.0f} MB of {printable(log.name)} were left out")
    failures = findings(log.text, exit_code)
    if as_json:
        print_json([asdict(one) for one in failures])
    else:
        show_failures(stdout_console(), failures)
    return 0
