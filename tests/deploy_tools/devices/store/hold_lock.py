"""A program of another host: takes the lock of the device whose home is named, says so, and holds it.

``python hold_lock.py HOME OWNER [BEAT PATIENCE]``; a line on standard input, or its end, gives the lock back.
"""

from __future__ import annotations

import sys
from pathlib import Path

from deploy_tools.devices.store.lock import BEAT, PATIENCE, hold
from deploy_tools.devices.wire.host import HostWire

if __name__ == "__main__":
    home, owner, *times = sys.argv[1:]
    beat, patience = (float(times[0]), int(times[1])) if times else (BEAT, PATIENCE)
    with hold(HostWire("pi4", Path(home)), "", owner, beat=beat, patience=patience) as lock:
        print("held", flush=True)
        sys.stdin.readline()
        print("lost" if lock.lost else "still held", flush=True)
