"""Schedulers and workers of this process: started, looked after, and ended with it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from deploy_tools.cluster.address import Address, parse_address
from deploy_tools.cluster.dask import NO_PAGES
from deploy_tools.cluster.desk import Desk, answer
from deploy_tools.cluster.reached import ABSENT, why_not_reached
from deploy_tools.cluster.work import OPERATIONS, PREFIX, resource
from edge.errors import DeviceError, InputError

T = TypeVar("T")
STARTING: Final = 60.0
"""Seconds within which a scheduler answers."""
_ENDING: Final = 5.0
_SPARE: Final = 2


class Loop:
    """An event loop in a thread of its own: signals reach the main thread, which does not wait in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="cluster", daemon=True)
        self._thread.start()

    def do(self, work: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """What a coroutine gives.

        Raises:
            TimeoutError: It takes too long.
        """
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(work, seconds), self._loop).result()

    def close(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_ENDING)
        if not self._thread.is_alive():
            self._loop.close()


@contextmanager
def loop_thread() -> Iterator[Loop]:
    """A loop for the block."""
    loop = Loop()
    try:
        yield loop
    finally:
        loop.close()


class Served:
    """A scheduler or worker that runs.

    Args:
        loop: It runs in.
        server: Dask's.
    """

    def __init__(self, loop: Loop, server: Any) -> None:
        self._loop = loop
        self._server = server
        self._over = threading.Event()

    @property
    def address(self) -> Address:
        """Where it listens."""
        return parse_address(str(self._server.address), "")

    def wait(self) -> None:
        """Wait until it ends by itself, as a worker does without its scheduler."""

        async def look() -> bool:
            try:
                await asyncio.wait_for(asyncio.shield(self._server.finished()), 1.0)
            except asyncio.TimeoutError:
                return False
            return True

        while not self._loop.do(look()):
            pass

    def close(self) -> None:
        """End it; what it has not done is another's from now on."""
        self._loop.do(_close(self._server), 2 * _ENDING)


def start_scheduler(loop: Loop, listen: Address, security: Any) -> Served:
    """Start a scheduler.

    Raises:
        InputError: The address cannot be listened on.
    """

    async def start() -> Any:
        from distributed import Scheduler

        return await Scheduler(
            protocol=listen.scheme,
            host=listen.host,
            port=listen.port,
            security=security,
            dashboard=False,
            dashboard_address=NO_PAGES,
        )

    try:
        return Served(loop, loop.do(start(), STARTING))
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(
            f"--listen {listen}", f"cannot be listened on ({_why(error)})", "choose another port or address"
        ) from None


def start_worker(
    loop: Loop, scheduler: Address, listen: Address, security: Any, desk: Desk, scratch: Path
) -> Served:
    """Start a worker of a scheduler.

    Args:
        loop: It runs in.
        scheduler: Where it belongs.
        listen: Where it listens, so that the scheduler can ask it.
        security: See `deploy_tools.cluster.certificates.security_of`.
        desk: Has the devices.
        scratch: Folder for Dask's own files.

    Raises:
        DeviceError: The scheduler does not answer.
    """

    async def start() -> Any:
        from distributed import Worker

        worker = Worker(
            str(scheduler),
            protocol=listen.scheme,
            host=listen.host,
            port=listen.port,
            security=security,
            nthreads=len(desk.devices) + _SPARE,
            resources={resource(name): 1 for name in desk.devices},
            local_directory=str(scratch),
            memory_limit=0,
            death_timeout=STARTING,
            dashboard=False,
            dashboard_address=NO_PAGES,
        )
        worker.ppocr_edge_desk = desk
        desk.wanted = lambda token: _is_wanted(worker, token)
        for name in OPERATIONS:
            worker.handlers[PREFIX + name] = _handler(getattr(desk, name))
        return await worker

    if refused := why_not_reached(scheduler):
        raise DeviceError(str(scheduler), f"no scheduler answers there ({refused})", ABSENT)
    try:
        return Served(loop, loop.do(start(), 2 * STARTING))
    except (OSError, asyncio.TimeoutError, ValueError, RuntimeError) as error:
        raise DeviceError(
            str(scheduler),
            f"no scheduler can be joined there ({_why(error)})",
            ABSENT,
        ) from None


def _handler(work: Callable[..., dict[str, Any]]) -> Callable[..., Coroutine[Any, Any, dict[str, Any]]]:
    """What Dask calls in its loop, which goes on meanwhile."""

    async def handle(**how: Any) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, lambda: answer(work, **how))

    return handle


def _is_wanted(worker: Any, token: str) -> bool:
    """Whether the scheduler did not take a task back, as it does when its client is gone."""
    task = worker.state.tasks.get(PREFIX + token)
    return task is not None and task.state == "executing"


async def _close(server: Any) -> None:
    from distributed import Worker

    if isinstance(server, Worker):
        await server.close(timeout=_ENDING, executor_wait=False, nanny=False, reason="ended by its user")
    else:
        await server.close()


def _why(error: BaseException) -> str:
    cause = error
    while (deeper := cause.__cause__ or cause.__context__) is not None:
        cause = deeper
    return " ".join(str(cause).split())[:200] or type(cause).__name__
