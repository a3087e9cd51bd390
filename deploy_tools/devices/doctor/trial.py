"""Trying a device's folder: writing, running a program, starting runners that are there; one round trip."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from deploy_tools.devices.store.asking import PLACE, ask, folder_argument
from deploy_tools.devices.wire.wire import Wire

# what is made is removed again, by the next one where this one is killed
_TRIAL: Final = (
    PLACE
    + r"""
echo ppocr-edge-store
new=
[ -d "$root" ] || new=1
said=$(mkdir -p "$root" 2>&1) || { echo "folder=$said"; exit 0; }
rm -f "$root"/.doctor-* 2>/dev/null
f=$root/.doctor-$$
trap 'rm -f "$f"; [ -z "$new" ] || rmdir "$root" 2>/dev/null' 0
trap 'exit 1' 1 2 15
said=$({ printf '#!%s\necho it runs\n' "$(command -v sh)" >"$f"; } 2>&1)
[ -s "$f" ] || { echo "written=${said:-nothing arrived}"; exit 0; }
echo written=
chmod 700 "$f"
said=$("$f" 2>&1 </dev/null)
[ "$said" = "it runs" ] && echo ran= || echo "ran=${said:-it said nothing}"
for runner in "$root"/runners/*/ppocr_runner; do
    [ -f "$runner" ] || continue
    said=$("$runner" --help 2>&1 </dev/null)
    echo "runner=$? $said" | { read -r v; echo "$v"; }
done
parts=0
for file in "$root"/objects/*.part; do [ ! -e "$file" ] || parts=$((parts + 1)); done
runs=0
for file in "$root"/run/*; do [ ! -e "$file" ] || runs=$((runs + 1)); done
echo "parts=$parts"
echo "runs=$runs"
du -sk "$root" 2>/dev/null | { read -r size _; echo "kib=$size"; }
exit 0
"""
)
_SHELL: Final = re.compile(r"^\S*sh: (?:(?:line )?\d+: )?")
"""What shells put before their complaints."""
_SECONDS: Final = 60.0


@dataclass(frozen=True)
class Trial:
    """What came of it.

    Attributes:
        folder_error: Why the folder cannot be made; empty where it can.
        write_error: Why nothing can be written into it; empty where it can.
        run_error: Why programs in it do not run; empty where they do.
        runners: Of each native runner that is there: exit code and the first line it said.
        parts: How many files have not arrived entirely.
        runs: How many working folders of runs there are.
        size_bytes: Of everything there; None where the device does not tell.
    """

    folder_error: str
    write_error: str
    run_error: str
    runners: tuple[tuple[int, str], ...]
    parts: int
    runs: int
    size_bytes: int | None


def try_folder(wire: Wire, folder: str | None) -> Trial:
    """Try the folder of a device.

    Args:
        wire: Leads to it.
        folder: As the inventory has it.

    Raises:
        DeviceError: The device cannot be reached, or its shell failed.
    """
    answer = ask(wire, _TRIAL, folder_argument(folder), what="trying its folder", seconds=_SECONDS)
    lines = [line.strip().partition("=") for line in answer.decode(errors="replace").splitlines()]
    said = {key: _SHELL.sub("", value.strip())[:300] for key, _, value in lines}
    runners = [value.partition(" ") for key, _, value in lines if key == "runner"]
    size = _count(said, "kib")
    return Trial(
        folder_error=said.get("folder", ""),
        write_error=said.get("written", ""),
        run_error=said.get("ran", ""),
        runners=tuple((int(code), text) for code, _, text in runners if code.isdecimal()),
        parts=_count(said, "parts") or 0,
        runs=_count(said, "runs") or 0,
        size_bytes=size * 1024 if size is not None else None,
    )


def _count(said: dict[str, str], key: str) -> int | None:
    text = said.get(key, "")
    return int(text) if re.fullmatch(r"[0-9]{1,15}", text) else None
