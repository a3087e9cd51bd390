"""Sending what a store lacks: resumed where it was cut, checked there, and only then given its name."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy_tools.devices.scratch import scratch
from deploy_tools.devices.store.asking import ask, says_full
from deploy_tools.devices.store.checking import accept, digests
from deploy_tools.devices.store.pack import worth_packing, write_pack
from deploy_tools.devices.store.prefix import sha256_of_start
from deploy_tools.devices.store.status import Status, read_status
from deploy_tools.devices.wire.wire import Progress, Wire
from edge.errors import DeviceError, InputError
from edge.hashing import sha256_of
from edge.sizes import size_text

_RESERVE: Final = 1 << 20  # left free: for folders, the lock, and what else the device writes
_ATTEMPTS: Final = 3
_REMOVE: Final = r"""
cd "$1/objects" || exit 3
shift
rm -f "$@"
echo ppocr-edge-store
"""


@dataclass(frozen=True)
class LocalFile:
    """A file of this host that is to be on the device.

    Attributes:
        path: Here.
        digest: Its SHA-256.
        size: In bytes.
    """

    path: Path
    digest: str
    size: int

    @classmethod
    def of(cls, path: Path) -> LocalFile:
        """A file as it is now.

        Raises:
            InputError: It cannot be read.
        """
        try:
            return cls(path, sha256_of(path), path.stat().st_size)
        except OSError as error:
            raise InputError(path, f"cannot be read ({error.strerror})", "see whether it is there") from None


def send_lacking(
    wire: Wire, status: Status, files: Iterable[LocalFile], progress: Progress | None = None
) -> None:
    """Bring a store to hold these files.

    Args:
        wire: Leads to the device.
        status: What is there.
        files: What shall be.
        progress: Called with the bytes that are there and those that were to be sent.

    Raises:
        DeviceError: There is no room, the device failed, or a file arrives damaged again and again.
        InputError: A file changes while it is sent.
    """
    lacking = {file.digest: file for file in files if status.objects.get(file.digest) != file.size}
    for attempt in range(_ATTEMPTS):
        if not lacking:
            return
        push = _Push(wire, status, lacking, progress, pack=attempt == 0 and status.has_tar)
        damaged = push.run()
        for file in (lacking[digest] for digest in damaged):
            if sha256_of(file.path) != file.digest:
                raise InputError(file.path, "changed while it was sent", "let it be written, then try again")
        lacking = {digest: lacking[digest] for digest in damaged}
        status = push.status
    if lacking:
        file = next(iter(lacking.values()))
        raise DeviceError(
            wire.name,
            f"{file.path} arrives damaged, {_ATTEMPTS} times in a row",
            "see whether the storage there is sound, and the link",
        )


class _Push:
    """One attempt to send some files."""

    def __init__(
        self,
        wire: Wire,
        status: Status,
        files: Mapping[str, LocalFile],
        progress: Progress | None,
        *,
        pack: bool,
    ) -> None:
        self.status = status
        self._wire = wire
        self._files = files
        self._progress = progress
        self._done = 0
        self._total = 0
        self._sent: list[str] = []
        sizes = {
            digest: file.size for digest, file in files.items() if not status.parts.get(digest)
        }  # what has begun to arrive goes on as it began
        self._packed = worth_packing(sizes) if pack else frozenset()

    def run(self) -> frozenset[str]:
        """Send and check them; returns those that did not arrive as they are."""
        with self._pack() as pack:
            single = [file for digest, file in self._files.items() if digest not in self._packed]
            sent = [*([pack] if pack else []), *single]
            self._total = sum(file.size for file in sent)
            offsets = self._offsets(sent)
            self._require_room(sent)
            for file in sent:
                self._send(file, offsets.get(file.digest))
            sizes = {digest: file.size for digest, file in self._files.items()}
            with self._returning_room():
                accepted = accept(self._wire, self.status.root, sizes, pack.digest if pack else "")
        if not accepted.missing:
            return accepted.damaged
        # another process that sent the same files was first
        self.status = read_status(self._wire, self.status.root)
        gone = {name for name in accepted.missing if self.status.objects.get(name) != sizes[name]}
        return accepted.damaged | gone

    @contextlib.contextmanager
    def _pack(self) -> Iterator[LocalFile | None]:
        if not self._packed:
            yield None
            return
        with scratch() as folder:
            path = folder / "pack.tar"
            write_pack(path, {digest: self._files[digest].path for digest in self._packed})
            yield LocalFile.of(path)

    def _offsets(self, files: Iterable[LocalFile]) -> Mapping[str, int]:
        """How much of each file is there already, by its digest; what does not fit it counts as nothing."""
        begun = {
            file.digest: self.status.parts[file.digest]
            for file in files
            if 0 < self.status.parts.get(file.digest, 0) <= file.size
        }
        there = digests(self._wire, self.status.root, begun) if begun else {}
        return {
            file.digest: begun[file.digest]
            for file in files
            if file.digest in there and there[file.digest] == sha256_of_start(file.path, begun[file.digest])
        }

    def _require_room(self, files: Iterable[LocalFile]) -> None:
        free = self.status.free_bytes
        unpacked = sum(self._files[digest].size for digest in self._packed)
        # what is there of a file is gone on with or written over
        left = sum(max(0, file.size - self.status.parts.get(file.digest, 0)) for file in files)
        needed = left + unpacked + _RESERVE
        if free is not None and needed > free:
            raise DeviceError(
                self._wire.name,
                f"{size_text(needed)} are needed at {self.status.root}, {size_text(free)} are free",
                f"free space there: ppocr-edge devices clean {self._wire.name}",
            )

    def _send(self, file: LocalFile, offset: int | None) -> None:
        before = self._done
        if (offset or 0) < file.size or offset is None:
            target = f"{self.status.root}/objects/{file.digest}.part"
            self._sent.append(file.digest)
            with self._returning_room():
                self._wire.send(
                    file.path,
                    target,
                    offset=offset or 0,
                    progress=lambda there, _: self._tell(before + min(there, file.size)),
                )
        self._done = before + file.size
        self._tell(self._done)

    def _tell(self, done: int) -> None:
        if self._progress is not None:
            self._progress(done, self._total)

    @contextlib.contextmanager
    def _returning_room(self) -> Iterator[None]:
        """Where the device became full, say so, and take back what was sent to it."""
        try:
            yield
        except DeviceError as error:
            if not says_full(error):
                raise
            with contextlib.suppress(DeviceError):
                parts = [f"{digest}.part" for digest in self._sent]
                ask(self._wire, _REMOVE, self.status.root, *parts, what="removing what was sent")
            raise DeviceError(
                self._wire.name,
                f"{self.status.root} became full while files were sent: {error.found}",
                f"free space there: ppocr-edge devices clean {self._wire.name}",
            ) from error
