"""All are closed at once, and none is waited for too long."""

from __future__ import annotations

import threading
import time

from deploy_tools.devices.closing import close_all


class Together:
    """Something that closes when all of its kind do."""

    def __init__(self, all_of_them: threading.Barrier) -> None:
        self._all = all_of_them
        self.closed = False

    def close(self) -> None:
        """Close, once the last one is about to."""
        self._all.wait(60)
        self.closed = True


class Slow:
    """Something that takes its time to close."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.closed = threading.Event()

    def close(self) -> None:
        """Close after a while."""
        self.closed.wait(self._seconds)
        self.closed.set()


def test_they_are_closed_at_the_same_time() -> None:
    all_of_them = threading.Barrier(5)
    several = [Together(all_of_them) for _ in range(5)]
    close_all(several, 60)
    assert all(one.closed for one in several)


def test_one_that_does_not_answer_is_left_alone() -> None:
    quick, dead = Slow(0), Slow(600)
    began = time.monotonic()
    close_all([dead, quick], 0.4)
    assert 0.3 < time.monotonic() - began < 60
    assert quick.closed.wait(60)
    assert not dead.closed.is_set()
    dead.closed.set()


def test_what_works_on_them_is_waited_for_too() -> None:
    done = threading.Event()
    worker = threading.Thread(target=lambda: (time.sleep(0.2), done.set()), daemon=True)
    worker.start()
    close_all([], 60, [worker])
    assert done.is_set()
