"""What a worker does, without the cluster around it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from deploy_tools.cluster.desk import Desk, answer
from deploy_tools.cluster.homes import ClusterDevice
from deploy_tools.cluster.wire_form import pack
from deploy_tools.measurement.json_form import measurement_from_json
from deploy_tools.scenarios.conditions import Conditions
from deploy_tools.scenarios.planning import Wanted, plan_networks, settings_of
from edge.bundle.bundle import Bundle
from tests.devices_kit.made_runner import write_inventory, write_made_python
from tests.devices_kit.sshd import started_with
from tests.processes import wait_until

pytestmark = pytest.mark.embedded
QUICK = Conditions(runs=3, seconds=0.0, limit=60.0, warmup=0.0, cool_down=0.0)
STOPPED = {"measured": [], "failed": [], "gone": "", "stopped": True}
LONG = Conditions(runs=1_000_000, seconds=0.0, limit=3600.0, warmup=0.0, cool_down=0.0)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """``desk(name={how})``: with devices of this host; see `write_made_python`."""
    with ExitStack() as stack:

        def make(silence: float = 60.0, **devices: Mapping[str, Any]) -> Desk:
            for name, how in devices.items():
                write_made_python(tmp_path / name, **how)
            folders = {name: tmp_path / name for name in devices}
            inventory = write_inventory(tmp_path / "devices.yml", folders, threads=2)
            made = Desk("lab1", inventory, tmp_path / "sent", silence=silence)
            stack.callback(made.close)
            return made

        yield make


def asked(
    desk: Desk, bundle: Bundle, conditions: Conditions, device: str = "one", **more: Any
) -> dict[str, Any]:
    """What a client asks of a desk, which gets the files."""
    device_here = ClusterDevice(f"{device}@lab1", device)
    wanted = Wanted([bundle], settings_of([2], []))
    (unit,) = plan_networks("sweep", [device_here], wanted, conditions).units
    packed = pack(unit, device)
    for name, path in packed.files.items():
        desk.put(name, path.stat().st_size, 0, path.read_bytes(), "0123abcd")
    return {
        "token": "t",
        "session": "s",
        "plan": packed.plan,
        "as": unit.device,
        "names": packed.names,
        **more,
    }


@pytest.fixture
def small(default_bundles: Mapping[str, Bundle]) -> Bundle:
    return default_bundles["cls"]


def test_a_unit(desk: Callable[..., Desk], small: Bundle) -> None:
    here = desk(one={"times": [5.0]}, other={})
    hello = here.hello()
    assert hello["label"] == "lab1"
    assert hello["devices"]["one"] == {"threads": 2, "power_mode": None}
    assert list(hello["devices"]) == ["one", "other", "local"]
    found = here.measure(asked(here, small, QUICK))
    assert (found["failed"], found["gone"], found["stopped"]) == ([], "", False)
    measurement = measurement_from_json(json.loads(found["measured"][0]))
    assert measurement.environment.device == "one@lab1", "as the client calls it"
    assert measurement.series["run"].values.tolist() == [5.0] * 3
    who = here.who(["one", "other", "local"])
    marks = {name: set(one["marks"]) for name, one in who.items()}
    assert marks["one"]
    assert not marks["one"] & marks["other"], "they stand for two devices"
    assert marks == {name: set(one["marks"]) for name, one in here.who(list(marks)).items()}


def test_failures_are_told_in_the_words_of_the_client(
    desk: Callable[..., Desk], small: Bundle, tmp_path: Path
) -> None:
    here = desk(one={})
    (tmp_path / "one" / "made python").unlink()
    found = here.measure(asked(here, small, QUICK))
    (failed,) = (measurement_from_json(json.loads(text)) for text in found["failed"])
    assert failed.error
    assert failed.environment.device == "one@lab1"
    assert found["gone"] == "", "it answers"
    found = here.measure(asked(here, small, QUICK, device="local"))
    error = measurement_from_json(json.loads(found["failed"][0])).error
    assert error.startswith(f"{small.folder}: cannot be run with 2 threads")
    assert str(tmp_path / "sent") not in error
    nobody = json.loads(here.measure(asked(here, small, QUICK, device="nobody"))["failed"][0])
    assert "lab1 has none of this name" in nobody["error"]
    refused = answer(here.lacks, files={"x": 1})
    assert list(refused) == ["error"]


def test_what_is_left_ends_at_once(desk: Callable[..., Desk], small: Bundle, tmp_path: Path) -> None:
    here = desk(one={"pace": 0.01})
    answers: list[dict[str, Any]] = []
    values = asked(here, small, LONG)
    thread = threading.Thread(target=lambda: answers.append(here.measure(values)))
    thread.start()
    wait_until(lambda: here.take("t", 0).get("share", 0.0) > 0, 240, "it is measured")
    assert here.take("t", 0)["measured"] == []
    here.leave("another")
    time.sleep(0.3)
    assert thread.is_alive()
    here.leave("s")
    thread.join(240)
    assert answers == [STOPPED]
    wait_until(lambda: not started_with(f"{tmp_path}/one/store"), 60, "nothing runs there")
    assert here.measure(values) == answers[0], "nobody waits for this client's units any more"
    assert here.take("t", 0) == {}


def test_a_silent_client_is_not_waited_for(desk: Callable[..., Desk], small: Bundle) -> None:
    """Its process was killed, or its host is gone; a device of this host ends too."""
    here = desk(silence=2.0)
    values = asked(here, small, LONG, device="local")
    values["plan"]["units"][0]["parts"][0]["settings"]["threads"] = None
    assert here.measure(values) == STOPPED
