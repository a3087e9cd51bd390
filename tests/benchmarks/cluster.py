"""What a cluster costs: three workers with three devices, one of them killed, against the ideal schedule."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from deploy_tools.cluster.address import parse_address
from deploy_tools.cluster.connection import Connection
from deploy_tools.cluster.execution import ClusterExecutor
from deploy_tools.cluster.homes import choose_home, find_cluster_devices
from deploy_tools.default_bundles import default_bundle
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.memory import MemoryRecorder
from deploy_tools.scenarios.planning import Wanted, plan_networks, settings_of
from deploy_tools.scenarios.running import Done, begin, carry_out
from edge.bundle.bundle import Bundle
from tests.benchmarks.material import Material
from tests.cluster_kit import Cluster

LABELS = ("lab1", "lab2", "lab3")
NAMES = ("one", "two", "three")
CASES = 30
MOST = 1.2
KILL_AFTER = 10


class Killing(MemoryRecorder):
    """Has something done when there are so many measurements."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.reached = threading.Event()
        self.added: Counter[tuple[str, str]] = Counter()
        self._left = count

    def add(self, run_id: str, measurement) -> None:  # type: ignore[no-untyped-def]
        """Remember a measurement, and that it came."""
        super().add(run_id, measurement)
        self.added[measurement.environment.device, measurement.case.key] += 1
        self._left -= 1
        if self._left == 0:
            self.reached.set()


def measure(_: Material) -> bool:
    """Print wall time, the ideal, and their ratio; whether the target is met."""
    bundle = default_bundle("cls")
    print("\n## Cluster: 3 workers, 3 devices that each of them leads to, 30 cases, one worker killed")
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(Path(folder))
        try:
            wall, done, recorder, killed = one_killed(cluster, bundle, pace=0.2)
        finally:
            cluster.close()
    ideal = ideal_seconds(done)
    once = set(recorder.added.values()) == {1} and len(recorder.added) == CASES
    print(f"  killed {killed}; {len(recorder.added)} cases done, {'all once' if once else 'NOT all once'}")
    print(f"  wall {wall:.1f} s, ideal {ideal:.1f} s, ratio {wall / ideal:.2f}, at most {MOST}")
    return once and not done.missing and wall <= MOST * ideal


def one_killed(cluster: Cluster, bundle: Bundle, *, pace: float) -> tuple[float, Done, Killing, str]:
    """Measure 30 cases; a worker that has a case in hand is killed after a third of them.

    Returns:
        Wall time in seconds, what came, who kept it, and who was killed.
    """
    cluster.start()
    folders = {name: cluster.device(name, pace=pace) for name in NAMES}
    cluster.workers(dict.fromkeys(LABELS, folders))
    connection = Connection(parse_address(cluster.address, ""), None)
    try:
        devices = find_cluster_devices(connection, ",".join(NAMES))
        conditions = Conditions(runs=9, seconds=0.0, limit=60.0, warmup=0.0, cool_down=0.0)
        settings = settings_of(range(1, CASES // len(NAMES) + 1), [])
        plan = plan_networks("sweep", devices, Wanted([bundle], settings), conditions)
        recorder = Killing(KILL_AFTER)
        run = begin(plan, recorder)
        homes = Counter(choose_home(connection, device, ()) for device in devices)
        labels = {one.address: one.label for one in connection.workers()}
        victim = labels[str(homes.most_common(1)[0][0])]

        def kill() -> None:
            recorder.reached.wait()
            time.sleep(4.5 * pace)  # the next case is half done
            cluster.members[victim].end(signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        start = time.monotonic()
        done = carry_out(run, plan, recorder, ClusterExecutor(connection, devices))
        wall = time.monotonic() - start
        killer.join()
    finally:
        connection.close()
    return wall, done, recorder, f"{victim}, which had {homes.most_common(1)[0][1]} of the devices"


def ideal_seconds(done: Done) -> float:
    """What the cases of the busiest device took, one right after the other."""
    seconds: Counter[str] = Counter()
    for one in done.measurements:
        seconds[one.environment.device] += one.seconds  # type: ignore[assignment]
    return max(seconds.values())
