"""The keeper: a shell on the device that ends what we started there when we, or the link, are gone.

Devices differ in what they do with the processes of a closed stream: some tell their shell, some tell nobody.
But all of them let a program see the end of its standard input. So one shell waits for that, however it comes
about: this process ends or is killed, the adb server ends, the cable is pulled out.
"""

from __future__ import annotations

import contextlib
import itertools
import secrets
import select
import shlex
import socket
import threading
from typing import Final

from deploy_tools.devices.wire.adb.commands import HOME, Place
from deploy_tools.devices.wire.adb.server import AdbClosedError, AdbRefusedError, AdbServer, receive_exactly

_END_SECONDS: Final = 10.0
_PREFIX: Final = f"{HOME}/.ppocr-edge-adb-"

# First what a keeper left that could not tidy up, because the device was switched off. A folder appears with
# the number of its keeper in it. A command's number is that of its process group: adbd gives each a session.
_SCRIPT: Final = """
exec 2>/dev/null
trap '' HUP INT TERM PIPE
umask 077
cd HOME && mkdir NEW && echo $$ >NEW/keeper || { rm -rf NEW; echo "cannot write to HOME"; exit 1; }
keeps() {
    [ "$1" -gt 0 ] && kill -0 "$1" && { [ ! -r /proc/self/cmdline ] || grep -qF "$2" "/proc/$1/cmdline"; }
}
for old in PREFIX*; do
    [ -e "$old" ] || continue
    pid=; read -r pid <"$old/keeper"
    keeps "${pid:-0}" "$old" || rm -rf "$old"
done
mv NEW FOLDER && cd FOLDER || { echo "cannot write to HOME"; exit 1; }
finish() {
    pid=; read -r pid <"$1"
    # without a number it was about to write it, and ends by itself when it sees that it shall not run
    if [ -n "$pid" ]; then
        kill -9 "-$pid" || kill -9 "$pid"
        rm -f "$1" "$1".*
    fi
}
echo ready
while read -r what n; do
    case $what in
    end)
        echo >"$n.end"
        if [ -e "$n" ]; then finish "$n"; else rm -f "$n.err" "$n.exit"; fi
        echo "ended $n"
        ;;
    gone) rm -f "$n" "$n".* ;;
    esac
done
rm -f keeper
for n in *; do
    case $n in *[!0-9]*) ;; *) finish "$n" ;; esac
done
cd / && rm -rf FOLDER
"""


class Keeper:
    """What ends our processes on a device.

    Args:
        server: That leads to the device.
        serial: Of the device.

    Raises:
        AdbClosedError: The link is gone.
        AdbRefusedError: The device refuses.
    """

    def __init__(self, server: AdbServer, serial: str) -> None:
        token = secrets.token_hex(8)
        self._folder = f"{_PREFIX}{token}"
        self._numbers = itertools.count(1)
        self._turn = threading.Lock()
        new = f"{HOME}/.ppocr-edge-new-{token}"
        text = _SCRIPT.replace("NEW", new).replace("FOLDER", self._folder).replace("PREFIX", _PREFIX)
        self._stream = server.open(serial, b"exec:" + text.replace("HOME", shlex.quote(HOME)).encode())
        try:
            said = self._line()
            if said != "ready":
                raise AdbRefusedError(said)
            self._stream.settimeout(_END_SECONDS)
        except BaseException:
            self._stream.close()
            raise

    def alive(self, seconds: float = 0.0) -> bool:
        """Whether the link it was started over still stands, as far as is known here.

        Args:
            seconds: How long it may take to end.
        """
        with self._turn:
            if self._stream.fileno() < 0:
                return False
            poll = select.poll()
            poll.register(self._stream, select.POLLRDHUP)
            return not poll.poll(seconds * 1000)

    def place(self) -> Place:
        """For the next command."""
        return Place(self._folder, next(self._numbers))

    def end(self, place: Place) -> None:
        """End a command with everything it started; it may be just starting.

        Raises:
            AdbClosedError: The link is gone, with which it ends as well.
        """
        with self._turn:
            self._say(f"end {place.number}\n")
            while self._line() != f"ended {place.number}":
                pass

    def gone(self, place: Place) -> None:
        """Forget a command that ended by itself."""
        with self._turn, contextlib.suppress(AdbClosedError):
            self._say(f"gone {place.number}\n")

    def close(self) -> None:
        """Let it end all that is left, and itself."""
        with self._turn:
            with contextlib.suppress(OSError):
                self._stream.shutdown(socket.SHUT_RDWR)
            self._stream.close()

    def _say(self, line: str) -> None:
        try:
            self._stream.sendall(line.encode())
        except OSError as error:
            raise AdbClosedError(str(error)) from None

    def _line(self) -> str:
        line = bytearray()
        while not line.endswith(b"\n"):
            line += receive_exactly(self._stream, 1)
        return line.decode(errors="replace").strip()
