"""What a wire knows of the processes it started."""

from __future__ import annotations

import threading

from deploy_tools.devices.wire.running import Running


class Process:
    """One that tells its end, as those of wires do."""

    def __init__(self, running: Running[Process]) -> None:
        self._running = running

    def end(self) -> None:
        self._running.forget(self)
        self._running.forget(self)


def test_they_can_be_ended_one_after_the_other() -> None:
    running: Running[Process] = Running()
    started = [running.add(Process(running)) for _ in range(3)]
    assert set(running.now()) == set(started)
    for process in running.now():
        process.end()
    assert running.now() == []


def test_several_threads_at_once() -> None:
    running: Running[Process] = Running()

    def work() -> None:
        for _ in range(2000):
            process = running.add(Process(running))
            assert process in running.now()
            process.end()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert running.now() == []
