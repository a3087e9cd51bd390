"""One shell over there that outlives the link and ends what the link leaves behind.

It waits for lines. When none come any more, because this process or the link is gone, it ends everything
that was started over the link. While they come, every one is answered: so this side learns too when the link
is dead.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from deploy_tools.devices.wire.ssh.patience import Patience
from deploy_tools.devices.wire.ssh.transport import close_channel
from deploy_tools.devices.wire.ssh.wrapper import NAME

# Processes are found by the tag in the command line of the shell around them, by that shell's session, which
# may be the server's own (Dropbear), and by their parents. All are found before the first is ended, or their
# parents would be lost. Only builtins: it starts no process to look.
SCRIPT: Final = r"""exec 2>/dev/null
trap '' HUP INT TERM PIPE
wire=$1 link=$2 patience=$3
of() { state=$1 parent=$2 session=$4; }
look() {
  read -r line <"$1/stat" && of ${line##*) } && [ "$state" != Z ] || return 1
  case "$session" in '' | *[!0-9]*) return 1 ;; esac # a name with a newline in it
}
look /proc/self && own=$session
gather() { # $1: beginning of tags; $2: session, if known; sets found
  tags=$1 sessions=" ${2:+$2 }" found=' ' again=1
  while [ "$again" ]; do
    again=
    for folder in /proc/[0-9]*; do
      pid=${folder#/proc/}
      case "$found $$ " in *" $pid "*) continue ;; esac
      look "$folder" || continue
      case "$sessions" in
      *" $session "*) ;;
      *)
        case "$found" in
        *" $parent "*) ;;
        *)
          words=
          [ "$tags" ] && read -r words <"$folder/cmdline"
          case "$words" in *": @NAME@ $tags"*) ;; *) continue ;; esac
          [ "$session" = "$own" ] || sessions="$sessions$session "
          ;;
        esac
        ;;
      esac
      found="$found$pid " again=1
    done
  done
}
finish() {
  round=0
  while gather "$1" "$2" && [ "$found" != ' ' ] && [ "$round" -lt 20 ]; do
    kill -9 $found
    round=$((round + 1))
  done
}
end() { # $1: tag; $2: session, if known
  if [ "$2" ] && [ "$2" != "$own" ]; then
    finish '' "$2"
  else
    finish "$1;" ''
  fi
}
limit=
(echo | { read -r -t 1 _; }) && limit="-t $patience"
finish "$wire-" ''
echo "ready $own"
while read -r $limit word tag session; do
  case "$word" in
  beat) echo beat ;;
  end) end "$tag" "$session"; echo "ended $tag" ;;
  quit) finish "$wire-$link-" ''; echo "ended all"; exit ;;
  esac
done
for _ in 1 2 3; do
  finish "$wire-$link-" ''
  sleep 1
done
""".replace("@NAME@", NAME)
# the first that can limit how long it waits for a line; dash cannot
_LAUNCH: Final = """for shell in bash "busybox sh" sh; do
  command -v "${shell%% *}" >/dev/null 2>&1 && exec $shell -c "$@"
done"""


def lifeline_command(wire: str, link: int, patience: Patience) -> list[str]:
    """What to run over there.

    Args:
        wire: First part of all tags of this wire; leftovers of its earlier links are ended first.
        link: Second part.
        patience: Of the other side.
    """
    return ["sh", "-c", _LAUNCH, "sh", SCRIPT, "sh", wire, str(link), str(patience.there)]


class Lifeline:
    """This side of it, with a thread that keeps it going.

    Attributes:
        said: The last line that came before it began, by somebody else.

    Args:
        channel: Of the shell over there.
        patience: Of this side.
        heard: When the link last carried something to us, by ``time.monotonic``.
        lost: Called with the reason when the link is to be given up.
    """

    def __init__(
        self, channel: Any, patience: Patience, heard: Callable[[], float], lost: Callable[[str], None]
    ) -> None:
        self._channel = channel
        self._patience = patience
        self._heard = heard
        self._lost = lost
        self._changed = threading.Condition()
        self._session: str | None = None
        self._ended: set[str] = set()
        self._gone = False
        self.said = ""
        channel.settimeout(patience.beat)
        self._thread = threading.Thread(target=self._attend, daemon=True, name="ssh lifeline")
        self._thread.start()

    @property
    def session(self) -> str:
        """Its session over there; commands that are in the same one cannot be ended by it."""
        return self._session or ""

    @property
    def alive(self) -> bool:
        """Whether it still answers."""
        return not self._gone

    def ready(self, seconds: float) -> bool:
        """Wait until it began."""
        with self._changed:
            self._changed.wait_for(lambda: self._session is not None or self._gone, seconds)
            return self._session is not None

    def end(self, tag: str, session: str, seconds: float = 10.0) -> None:
        """End a command and all it started; does nothing where the link is gone, which does the same.

        Args:
            tag: Of the command.
            session: It said it is in; empty where it did not.
            seconds: How long to wait for that.
        """
        self._ask(f"end {tag} {session if session != self.session else ''}\n", tag, seconds)

    def quit(self, seconds: float = 10.0) -> None:
        """End all commands of the link, and it."""
        self._ask("quit\n", "all", seconds)
        with self._changed:
            self._gone = True
        close_channel(self._channel)
        self._thread.join(5.0)

    def _ask(self, line: str, answer: str, seconds: float) -> None:
        if not self._send(line):
            return
        with self._changed:
            self._changed.wait_for(lambda: answer in self._ended or self._gone, seconds)
            self._ended.discard(answer)

    def _send(self, line: str) -> bool:
        with contextlib.suppress(OSError, EOFError):
            self._channel.sendall(line.encode())
            return not self._channel.closed
        return False

    def _attend(self) -> None:
        rest = b""
        beaten = time.monotonic()
        while True:
            try:
                data = self._channel.recv(1 << 12)
            except TimeoutError:
                now = time.monotonic()
                if min(now - self._heard(), now - beaten) > self._patience.here:
                    self._lost(f"nothing was heard for {self._patience.here:g} s")
                    break
                self._send("beat\n")
                continue
            if not data:
                break
            beaten = time.monotonic()
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                self._note(*line.decode(errors="replace").partition(" ")[::2])
        with self._changed:
            self._gone = True
            self._changed.notify_all()

    def _note(self, word: str, rest: str) -> None:
        with self._changed:
            if word == "ready":
                self._session = rest
            elif word == "ended":
                self._ended.add(rest)
            elif self._session is None:
                self.said = f"{word} {rest}".strip()
            self._changed.notify_all()
