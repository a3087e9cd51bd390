"""From what was seen of a device to how it is."""

from __future__ import annotations

from importlib import metadata
from typing import Final

from deploy_tools.devices.doctor.finding import Finding, State
from deploy_tools.devices.doctor.trial import Trial
from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.probe.ability import Ability, abilities, runner_facts
from deploy_tools.devices.probe.facts import Probe
from deploy_tools.devices.probe.words import clock_text, size_text
from deploy_tools.devices.remote.facts import as_library
from deploy_tools.devices.remote.runner import choose_runner
from deploy_tools.devices.store.holder import Holder
from deploy_tools.devices.versions import check_versions
from deploy_tools.native.check import check_build
from deploy_tools.native.target import TARGETS
from edge.errors import DeviceError, InputError, PredictorError
from edge.failures.explain import explain

LEAST_ROOM: Final = 64 << 20
"""Bytes that a runner with its library and a model need, roughly."""
MOST_SKEW: Final = 60.0
"""Seconds a clock may be off."""
HOT: Final = 80.0
"""Degrees Celsius from which on most chips slow down."""
_SLOW_GOVERNORS: Final = ("powersave", "conservative")


def judge_shell(probe: Probe) -> Finding:
    """Whether it answers, and as what."""
    system = probe.os or probe.system
    found = f"as {probe.user or 'an unknown user'}, {system} on {probe.machine}"
    return Finding("shell", State.OK, found)


def judge_folder(probe: Probe, trial: Trial) -> Finding:
    """Whether files can be written where they are kept."""
    error = trial.folder_error or trial.write_error
    if error:
        return Finding(
            "folder",
            State.MEND,
            f"{probe.folder} cannot be written ({error})",
            "let the user write there, or name another folder: devices add --replace --folder",
        )
    return Finding("folder", State.OK, f"{probe.folder} can be written")


def judge_programs(probe: Probe, trial: Trial) -> Finding:
    """Whether programs run there."""
    if trial.folder_error or trial.write_error:
        return Finding("programs", State.SKIPPED, "not looked at, as nothing can be written")
    if trial.run_error:
        return Finding(
            "programs",
            State.MEND,
            f"programs in {probe.folder} do not run ({trial.run_error})",
            "its file system may be mounted with noexec: name another folder with devices add --replace "
            "--folder (on Android below /data/local/tmp)",
        )
    return Finding("programs", State.OK, "a program written there runs")


def judge_space(probe: Probe, entry: DeviceEntry) -> Finding:
    """Whether there is room."""
    if probe.free_bytes is None:
        return Finding("space", State.NOTE, "the device does not tell how much room there is")
    found = f"{size_text(probe.free_bytes)} free"
    if probe.free_bytes < LEAST_ROOM:
        return Finding(
            "space",
            State.MEND,
            f"{found}, {size_text(LEAST_ROOM)} are needed for a runner and a model",
            f"free space there, for example with: ppocr-edge devices clean {entry.name}",
        )
    return Finding("space", State.OK, found)


def judge_sha256(probe: Probe) -> Finding:
    """Whether it can check what arrives."""
    if probe.sha256_tool is None:
        return Finding(
            "sha256",
            State.NOTE,
            "no tool computes it there, so all that is sent is read back, which takes twice as long",
            "install coreutils, BusyBox with sha256sum, or openssl there",
        )
    return Finding("sha256", State.OK, probe.sha256_tool)


def judge_runner(probe: Probe, entry: DeviceEntry, trial: Trial) -> Finding:
    """Whether it can be given a program that runs models."""
    first, *others = abilities(probe, entry)
    if not first.ready:
        lacks = [_lacks(one) for one in (first, *others) if not one.ready]
        return Finding("runner", State.MEND, "nothing runs models there yet", "; or ".join(lacks))
    if first.runner == "python":
        (python, *_) = probe.pythons
        return Finding("runner", State.OK, f"Python {python.version} with paddlelite, {python.path}")
    target = TARGETS[first.abi]
    missing = [one for one in check_build(target, entry.lite_home, "lite_home") if one.needed and not one.ok]
    if missing:
        found = ", ".join(f"{one.name} ({one.found})" for one in missing)
        return Finding(
            "runner", State.MEND, f"the native runner cannot be built here: {found}", missing[0].remedy
        )
    return _native_runner(first, trial, entry)


def _lacks(ability: Ability) -> str:
    way = "the native runner" if ability.runner == "native" else "Python"
    return f"for {way}: " + "; ".join(ability.missing)


def _native_runner(ability: Ability, trial: Trial, entry: DeviceEntry) -> Finding:
    broken = [(code, said) for code, said in trial.runners if code != 0]
    if not trial.runners:
        return Finding("runner", State.OK, f"the native one for {ability.abi}, sent with the first run")
    if not broken:
        return Finding("runner", State.OK, f"the native one for {ability.abi}, which starts there")
    code, said = broken[0]
    failure = explain(said, code)
    cause = failure.cause if failure else said or f"exit code {code}"
    anew = f"remove it, and it is sent anew: ppocr-edge devices clean {entry.name}"
    remedy = f"{anew}; or {failure.remedy}" if failure else anew
    # those of other libraries lie beside it, and one that starts may be the one that is used
    state = State.MEND if len(broken) == len(trial.runners) else State.NOTE
    return Finding("runner", state, f"a native runner there does not start: {cause}", remedy)


def judge_library(probe: Probe, entry: DeviceEntry) -> Finding:
    """Whether its Paddle-Lite suits models converted here."""
    try:
        library = choose_runner(entry, runner_facts(probe, entry)).library_version
    except (DeviceError, InputError):
        return Finding("library", State.SKIPPED, "no library yet")
    if not library:
        return Finding("library", State.NOTE, "it does not tell its version, models cannot be checked for it")
    written = as_library(metadata.version("paddlelite"))
    mend = "name a newer library with devices add --replace --lite-home"
    try:
        remark = check_versions("a model converted here", written, library, place=entry.name, mend=mend)
    except PredictorError as error:
        return Finding("library", State.NOTE, f"{error.subject} {error.found}", error.remedy)
    return Finding("library", State.OK, remark or f"Paddle-Lite {library}, as the opt here")


def judge_clock(probe: Probe) -> Finding:
    """Whether its clock is right."""
    if probe.clock_offset is None:
        return Finding("clock", State.NOTE, "the device does not tell the time")
    found = clock_text(probe.clock_offset)
    if abs(probe.clock_offset) > MOST_SKEW:
        return Finding(
            "clock",
            State.NOTE,
            f"{found}: times in its logs are of no use; nothing else here reads it",
            "set it there with 'date -s', or let NTP do so",
        )
    return Finding("clock", State.OK, found)


def judge_lock(holder: Holder | None, entry: DeviceEntry) -> Finding:
    """Whether somebody uses it."""
    if holder is None:
        return Finding("lock", State.OK, "nobody uses it")
    if not holder.alive:
        return Finding("lock", State.OK, f"left by {holder}; the next one takes it")
    return Finding(
        "lock",
        State.NOTE,
        f"in use by {holder}",
        f"wait for them, or take it away: ppocr-edge devices unlock {entry.name}",
    )


def judge_left_over(trial: Trial, holder: Holder | None, entry: DeviceEntry) -> Finding:
    """Whether something unfinished lies about."""
    size = f"{size_text(trial.size_bytes)} there in all"
    used = holder is not None and holder.alive
    if (trial.parts or trial.runs) and not used:
        return Finding(
            "left over",
            State.NOTE,
            f"{trial.parts} files that have not arrived entirely, {trial.runs} folders of runs; {size}",
            f"they do no harm; remove them with: ppocr-edge devices clean {entry.name}",
        )
    return Finding("left over", State.OK, f"nothing; {size}")


def judge_speed(probe: Probe) -> Finding:
    """Whether something slows it down."""
    slow = [governor for governor in probe.governors if governor in _SLOW_GOVERNORS]
    parked = [str(core.number) for core in probe.cores if not core.online]
    hottest = probe.hottest
    if hottest is not None and hottest.celsius >= HOT:
        found, remedy = (
            f"{hottest.zone} has {hottest.celsius:.0f} °C",
            "let it cool before anything is measured",
        )
    elif parked:
        found, remedy = f"cores are parked: {', '.join(parked)}", "wake them before anything is measured"
    elif slow:
        found = f"the governor {slow[0]} keeps frequencies low"
        remedy = "choose 'performance' before anything is measured"
    else:
        warmth = f", {hottest.zone} {hottest.celsius:.0f} °C" if hottest else ""
        governors = ", ".join(probe.governors) or "no governor"
        return Finding("speed", State.OK, f"{len(probe.cores)} cores, {governors}{warmth}")
    return Finding("speed", State.NOTE, found, remedy)
