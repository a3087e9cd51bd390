"""A device at the end of a wire, as commands see it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any, Final

from deploy_tools.devices.inventory.entry import DeviceEntry
from deploy_tools.devices.remote.facts import DeviceFacts, ask_facts
from deploy_tools.devices.remote.mending import change_command
from deploy_tools.devices.remote.process import DeviceProcess, explain_end
from deploy_tools.devices.remote.runner import Choice, choose_runner
from deploy_tools.devices.settings import USUAL, RunSettings
from deploy_tools.devices.store.lock import DeviceLock
from deploy_tools.devices.store.store import DeviceStore
from deploy_tools.devices.versions import check_versions
from deploy_tools.devices.wire.wire import Progress, Wire
from edge.bundle.bundle import Bundle
from edge.errors import BundleError, DeviceError, PredictorError
from edge.hashing import sha256_of
from edge.predictor.child import Ending
from edge.predictor.process import ProcessPredictor
from edge.predictor.protocol import Array

_MODEL: Final = "model.nb"


class RemotePredictor(ProcessPredictor):
    """A predictor whose runner is on a device. Closing it lets the device go.

    Attributes:
        released: Called when it is closed.
    """

    released: Callable[[], None] = staticmethod(lambda: None)

    def _run(self, inputs: Sequence[Array], request: dict[str, Any], limit: float) -> list[Array]:
        """Run the network; where the link breaks over it, once more over another.

        Raises:
            DeviceError: The link broke again, or before the model was loaded.
        """
        was_loaded = self._child is not None and self._child.greeting is not None
        try:
            return super()._run(inputs, request, limit)
        except DeviceError:
            if not was_loaded:
                raise
        # the first run of a process prepares it: what is timed is to be another
        super()._run(inputs, {"op": "run"}, self.run_seconds)
        return super()._run(inputs, request, limit)

    def close(self) -> None:
        """End the runner."""
        super().close()
        self.released()


class RemoteDevice:
    """A board or phone; see :class:`deploy_tools.devices.base.Device`.

    The device is locked, which keeps other hosts away, as long as a predictor on it is open.

    Args:
        entry: What the user said of it.
        wire: Leads to it.
        store: Of files there.
        progress: Told of what is being sent.

    Attributes:
        entry: What the user said of it.
        wire: Leads to it, also to ask it how it is.
    """

    def __init__(
        self, entry: DeviceEntry, wire: Wire, store: DeviceStore, *, progress: Progress | None = None
    ) -> None:
        self.entry = entry
        self.wire = wire
        self._store = store
        self._progress = progress
        self._facts: DeviceFacts | None = None
        self._choice: Choice | None = None
        self._folder = ""  # of the runner there
        self._remarks: list[str] = []
        self._open: set[RemotePredictor] = set()
        self._lock: DeviceLock | None = None
        self._held = ExitStack()  # what gives the lock back
        self._turn = threading.RLock()

    @property
    def name(self) -> str:
        """As the user names it."""
        return self.entry.name

    @property
    def note(self) -> str:
        """What a reader of its figures must know."""
        return "; ".join(self._remarks)

    @property
    def settings(self) -> RunSettings:
        """Of the library where nothing else is asked for."""
        return RunSettings(self.entry.threads, self.entry.power_mode)

    @property
    def target(self) -> str:
        """What models must be converted for; asks the device where it is not known yet.

        Raises:
            DeviceError: It cannot be reached, or is of a kind that Paddle-Lite has no kernels for.
        """
        facts = self.facts
        if not facts.target:
            raise DeviceError(
                self.name,
                f"has a processor of kind {facts.machine}, for which this toolkit has no models",
                "use a device with an ARM or x86 processor",
            )
        return facts.target

    @property
    def facts(self) -> DeviceFacts:
        """What the device is; asked once.

        Raises:
            DeviceError: It cannot be reached.
        """
        with self._turn:
            if self._facts is None:
                self._facts = ask_facts(self.wire, self.entry.python)
            return self._facts

    def open(
        self,
        bundle: Bundle,
        *,
        force: bool = False,
        run_seconds: float = 120.0,
        settings: RunSettings = USUAL,
    ) -> RemotePredictor:
        """Check, send what is missing, and start the runner; see :class:`deploy_tools.devices.base.Device`.

        Raises:
            BundleError: The bundle has changed since it was loaded.
            DeviceError: The device cannot be reached, refuses, is in use, or cannot be given a runner.
            InputError: The library for it is none, or for another processor.
            BuildError: The runner cannot be built.
            PredictorError: The bundle is not for this device.
        """
        settings.check()
        with self._turn:
            self._preflight(bundle, force=force)
            predictor = self._predictor(bundle, settings, force=force, run_seconds=run_seconds)
            self._open.add(predictor)
            try:
                predictor.start()
            except BaseException:
                predictor.close()
                raise
        return predictor

    def close(self) -> None:
        """Close what is open, and end the connection. May be called again; a later use connects anew."""
        for predictor in list(self._open):
            predictor.close()
        self.wire.close()

    def _preflight(self, bundle: Bundle, *, force: bool) -> None:
        """Everything that can be known before anything is sent."""
        subject, nb = self._subject(bundle), bundle.nb
        if not nb.runs_on({self.target}):
            raise PredictorError(
                subject,
                f"was converted for {nb.main_target}, {self.name} is {self.facts.abi}",
                f"convert the model for it: ppocr-edge convert {bundle.manifest.name} --target {self.target}",
            )
        if self.target == "x86" and nb.precision != "fp32" and not force:
            raise PredictorError(
                subject,
                f"is {nb.precision}, which x86 builds do not compute correctly",
                "run it on an ARM device, or add --force to see what comes out",
            )
        if self._choice is None:
            self._choice = choose_runner(self.entry, self.facts)
        self._look_at_version(bundle, self._choice.library_version, force=force)
        said = bundle.manifest.files[bundle.manifest.model].sha256
        if sha256_of(bundle.model_path) != said:
            raise BundleError(
                bundle.model_path, "has changed since the bundle was opened", "convert it again"
            )

    def _look_at_version(self, bundle: Bundle, library: str, *, force: bool) -> None:
        remark = check_versions(
            self._subject(bundle),
            bundle.nb.opt_version,
            library,
            place=self.name,
            mend=f"name a library of {bundle.nb.opt_version} or newer: "
            f"{change_command(self.name, '--lite-home DIR')}",
            force=force,
        )
        self._note(remark)

    def _note(self, remark: str) -> None:
        if remark and remark not in self._remarks:
            self._remarks.append(remark)

    def _ready(self, bundle: Bundle, settings: RunSettings) -> list[str]:
        """Have runner and model there; the command that serves the model."""
        assert self._choice is not None  # noqa: S101  (the preflight chose)
        if not self._folder:
            with self._choice.files() as runner:
                self._folder = self._store.install(
                    runner.name, runner.files, runner.executable, self._progress
                )
        model = self._store.push({_MODEL: bundle.model_path}, self._progress)[_MODEL]
        return [*self._choice.command(self._folder), "--serve", "--model", model, *settings.words()]

    def _predictor(
        self, bundle: Bundle, settings: RunSettings, *, force: bool, run_seconds: float
    ) -> RemotePredictor:
        wanted = settings.over(self.settings)

        def accept(greeting: Mapping[str, Any]) -> None:
            self._look_at_version(bundle, str(greeting["library_version"]), force=force)
            settings.require(self._subject(bundle), greeting)
            if missed := wanted.missed(greeting):
                self._note(f"its entry asks for {missed}")

        def explain(ending: Ending) -> tuple[str, str]:
            self._folder = ""  # whether its files are still whole is asked before another is started
            return explain_end(ending)

        predictor = RemotePredictor(
            self._subject(bundle),
            lambda: self._start(bundle, wanted),
            [bundle.manifest.input],
            run_seconds=run_seconds,
            accept=accept,
            explain=explain,
            place=self.name,
        )
        predictor.released = lambda: self._release(predictor)
        return predictor

    def _start(self, bundle: Bundle, settings: RunSettings) -> DeviceProcess:
        """Start a runner, the first or another after one died, maybe because the device was started anew."""
        with self._turn:
            while True:
                lock = self._held_lock()
                process = self.wire.start(self._ready(bundle, settings))
                # of a link that broke the end of the runner may be seen before that of the lock
                if not lock.lost:
                    return DeviceProcess(process)
                process.end()

    def _held_lock(self) -> DeviceLock:
        """The device's lock; taken, or taken again."""
        if self._lock is None or self._lock.lost:
            self._let_go()
            self._lock = self._held.enter_context(self._store.lock())
            self._folder = ""  # while nobody held the lock anybody could clean
        return self._lock

    def _release(self, predictor: RemotePredictor) -> None:
        with self._turn:
            if predictor not in self._open:
                return
            self._open.discard(predictor)
            if not self._open:
                self._let_go()

    def _let_go(self) -> None:
        held, self._held, self._lock = self._held, ExitStack(), None
        held.close()

    def _subject(self, bundle: Bundle) -> str:
        return f"{bundle.folder} on {self.name}"
