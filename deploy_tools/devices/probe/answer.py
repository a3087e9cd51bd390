"""Reading what a device answered to the probe's script."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final

from deploy_tools.devices.probe.core_names import core_name
from deploy_tools.devices.probe.facts import Core, Probe, PythonThere, Temperature

_LINE: Final = re.compile(r"([a-z][a-z0-9_.]*)=(.*)")
_FOLDER: Final = b"\nfolder="
_END: Final = b"\n=end"
_DF: Final = re.compile(r"\s(\d+)\s+(\d+)\s+(-?\d+)\s+(?:\d+%|-)(?:\s|$)")
_ID: Final = re.compile(r"uid=(\d+)(?:\(([^)]*)\))?")
_MOST_CORES: Final = 4096
_MOST_DEGREES: Final = 150
_LEAST_DEGREES: Final = -40
_LONGEST: Final = 4000


def parse_answer(answer: bytes, clock: float) -> Probe:
    """The facts in an answer.

    Args:
        answer: Standard output of the script.
        clock: This host's, in seconds since 1970, when the answer came.

    Raises:
        ValueError: It is no answer of the script, or not all of it.
    """
    answer = answer.replace(b"\r\n", b"\n")
    head, mark, rest = answer.partition(_FOLDER)
    folder, end, _ = rest.rpartition(_END)
    if not mark or not end or not folder.startswith(b"/"):
        raise ValueError("the answer is not complete")
    facts = _Facts(head.decode(errors="replace"))
    uname = facts.one("uname").split()
    if len(uname) < 3:
        raise ValueError("the answer does not say what system it is")
    release = facts.one("build.version.release")
    seconds = facts.number("clock")
    return Probe(
        system=uname[0],
        kernel=" ".join(uname[1:-1]),
        machine=uname[-1],
        bits=facts.number("bits"),
        user=_user(facts.one("id")),
        os=f"Android {release}" if release else facts.one("os").strip("\"'") or None,
        android_api=facts.number("build.version.sdk"),
        abis=tuple(filter(None, re.split(r"[,\s]+", facts.one("product.cpu.abilist", "product.cpu.abi")))),
        board=_board(facts),
        soc=_soc(facts),
        cores=_cores(facts),
        features=frozenset(
            " ".join(text for key, text in _cpuinfo(facts) if key.lower() == "features").split()
        ),
        memory_bytes=_memory(facts, "MemTotal"),
        memory_free_bytes=_memory(facts, "MemAvailable") or _memory(facts, "MemFree"),
        temperatures=tuple(read_temperatures(facts.all("temperature"))),
        loaders=facts.all("loader"),
        libc=facts.one("libc") or None,
        libraries=facts.all("library"),
        folder=os.fsdecode(folder),
        folder_exists=bool(facts.one("folder_exists")),
        folder_writable=bool(facts.one("folder_writable")),
        free_bytes=_free(facts.all("df")),
        sha256_tool=facts.one("sha256") or None,
        installed=facts.all("installed"),
        pythons=tuple(_pythons(facts.lines)),
        clock_offset=seconds + 0.5 - clock if seconds is not None else None,
    )


class _Facts:
    """Keys with their values, in the order of the answer; what is no such line is somebody else's words."""

    def __init__(self, text: str) -> None:
        matches = (_LINE.fullmatch(line.strip("\r")) for line in text.split("\n"))
        self.lines = [(found[1], found[2].replace("\0", "").strip()[:_LONGEST]) for found in matches if found]

    def all(self, key: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.lines if name == key and value)

    def one(self, *keys: str) -> str:
        """The first value of the first key that has one; empty where none has."""
        return next((value for key in keys for value in self.all(key)), "")

    def number(self, key: str) -> int | None:
        return _whole(self.one(key))


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,18}", text) else None


def _hexadecimal(text: str) -> int | None:
    return int(text, 16) if re.fullmatch(r"0[xX][0-9a-fA-F]{1,8}", text) else None


def _user(text: str) -> str | None:
    found = _ID.search(text)
    return (found[2] or found[1]) if found else None


def _board(facts: _Facts) -> str | None:
    return (
        _joined(facts.one("product.manufacturer"), facts.one("product.model"))
        or facts.one("board", "soc_machine")
        or _joined(facts.one("vendor"), facts.one("product"))
        or None
    )


def _soc(facts: _Facts) -> str | None:
    hardware = next((text for key, text in _cpuinfo(facts) if key == "Hardware"), "")
    compatible = facts.one("compatible").split()
    platform = facts.one("board.platform")
    return (
        _joined(facts.one("soc.manufacturer"), facts.one("soc.model"))
        or (compatible[-1] if len(compatible) > 1 else "")
        or platform
        or hardware
        or _joined(facts.one("soc_family"), facts.one("soc_id"))
        or None
    )


def _joined(maker: str, model: str) -> str:
    """Both, or the model alone where it begins with its maker."""
    return model if model.lower().startswith(maker.lower()) else f"{maker} {model}".strip()


def _cpuinfo(facts: _Facts) -> Iterator[tuple[str, str]]:
    for line in facts.all("cpu"):
        key, _, value = line.partition(":")
        yield key.strip(), value.strip()


def _cores(facts: _Facts) -> tuple[Core, ...]:
    cores = _listed_cores(facts.lines)
    models = _models(facts)
    for number in models:
        cores.setdefault(number, Core(number))
    usual = next(iter(models.values()), None) if len(set(models.values())) == 1 else None
    return tuple(
        replace(core, model=models.get(number, usual)) for number, core in sorted(cores.items())[:_MOST_CORES]
    )


def _listed_cores(lines: Sequence[tuple[str, str]]) -> dict[int, Core]:
    """Those of ``/sys``: what follows a core is about it."""
    cores: dict[int, Core] = {}
    number = None
    for key, value in lines:
        if key == "core":
            number = _whole(value)
            if number is not None:
                cores[number] = Core(number)
        elif number is not None and key == "online":
            cores[number] = replace(cores[number], online=value != "0")
        elif number is not None and key == "khz":
            cores[number] = replace(cores[number], khz=_whole(value))
        elif number is not None and key == "governor":
            cores[number] = replace(cores[number], governor=value)
    return cores


def _models(facts: _Facts) -> dict[int, str | None]:
    """Models by the numbers of ``/proc/cpuinfo``; old kernels tell them once, after all numbers."""
    models: dict[int, str | None] = {}
    number, maker, last = 0, None, None
    for key, value in _cpuinfo(facts):
        if key == "processor":
            number = _whole(value) or 0
            models[number] = None
        elif key == "CPU implementer":
            maker = _hexadecimal(value)
        elif key == "CPU part" and (part := _hexadecimal(value)) is not None:
            models[number] = last = core_name(maker, part)
        elif key == "model name":
            models.setdefault(number, None)
            models[number] = models[number] or value
    if last is not None and sum(model == last for model in models.values()) == 1:
        models = {one: model if _is_core(model) else last for one, model in models.items()}
    return models


def _is_core(model: str | None) -> bool:
    """Whether this is the name of a core; 32-bit kernels give an architecture there."""
    return model is not None and not model.startswith("ARM")


def _memory(facts: _Facts, name: str) -> int | None:
    """In bytes."""
    for line in facts.all("memory"):
        if found := re.fullmatch(rf"{name}:\s*(\d{{1,15}}) kB", line):
            return int(found[1]) * 1024
    return None


def read_temperatures(lines: Iterable[str]) -> Iterator[Temperature]:
    """Temperatures of lines of a number and the name of a zone, as the script writes them."""
    for line in lines:
        number, _, zone = line.partition(" ")
        value = _whole(number)
        if value is None:
            continue
        # thousandths by rule; some makers write tenths or whole degrees
        scale = 1000 if abs(value) >= 1000 else 10 if abs(value) > _MOST_DEGREES else 1
        if _LEAST_DEGREES < value / scale <= _MOST_DEGREES:
            yield Temperature(zone.strip() or "zone", value / scale)


def _free(lines: Sequence[str]) -> int | None:
    """In bytes."""
    found = _DF.findall(" ".join(lines) + " ")
    return max(0, int(found[-1][2]) * 1024) if found else None


def _pythons(lines: Sequence[tuple[str, str]]) -> Iterator[PythonThere]:
    """Those that were found: what follows one is about it."""
    current: PythonThere | None = None
    ended = False
    for key, value in lines:
        if key == "python":
            if current is not None:
                yield _judged(current, ended)
            current, ended = PythonThere(value), False
        elif current is None:
            continue
        elif key == "py_version":
            current = replace(current, version=value)
        elif key == "py_has":
            current = replace(current, packages=current.packages | {value})
        elif key == "py_lite":
            current = replace(current, lite_version=value)
        elif key == "py_error":
            current = replace(current, error=value or "it cannot be imported")
        elif key == "py_end":
            ended = True
    if current is not None:
        yield _judged(current, ended)


def _judged(python: PythonThere, ended: bool) -> PythonThere:
    if python.version is None:
        return replace(python, error="it does not run")
    if not ended and not python.error:
        return replace(python, error="Python died while it loaded the library")
    return python
