"""Reads a number and writes the next one, again and again, each time with the lock: any other loses some.

``python count_alone.py HOME COUNTER TIMES``
"""

from __future__ import annotations

import random
import sys
import time
from pathlib import Path

from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.wire.host import HostWire
from edge.errors import DeviceError

if __name__ == "__main__":
    home, counter, times = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    store = DeviceStore(HostWire("pi4", home), None)
    done = 0
    while done < times:
        try:
            with store.lock("counter"):
                number = int(counter.read_text())
                time.sleep(0.02)
                counter.write_text(str(number + 1))
            done += 1
        except DeviceError as error:
            if "is in use by" not in error.found:
                raise
            time.sleep(random.random() * 0.1)
