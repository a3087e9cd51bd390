"""A real Chromium without a window, for tests of pages: spoken to over pipes, so that nothing listens.

The words are those of the Chrome DevTools Protocol.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_chromium = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here (apt-get install chromium)")
_SECONDS = 120.0
_KEYS = {"Tab": 9, "Enter": 13, " ": 32}


class Chromium:
    """A browser with one page.

    Attributes:
        said: Errors, warnings and exceptions of the page since it was opened.
        fetched: Addresses that it asked for since it was opened.
    """

    def __init__(self, folder: Path) -> None:
        assert CHROMIUM is not None
        theirs_in, ours_out = os.pipe()
        ours_in, theirs_out = os.pipe()
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        command += ["--no-first-run", "--disable-extensions", "--remote-debugging-pipe", "--hide-scrollbars"]
        command += [f"--user-data-dir={folder}", "--force-color-profile=srgb", "about:blank"]

        def give_pipes() -> None:
            """Make them descriptors 3 and 4, where Chromium reads and writes."""
            high = fcntl.fcntl(theirs_out, fcntl.F_DUPFD, 10)  # it may be 3 itself
            os.dup2(theirs_in, 3)
            os.dup2(high, 4)

        self._log = (folder / "chromium.log").open("wb")
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
            pass_fds=(3, 4),
            preexec_fn=give_pipes,
            start_new_session=True,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self._out, self._in = os.fdopen(ours_out, "wb", 0), os.fdopen(ours_in, "rb", 0)
        self._rest = b""
        self._number = 0
        self._session = ""
        self.said: list[str] = []
        self.fetched: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")

    def close(self) -> None:
        """End it with everything that it started."""
        self._out.close()
        self._in.close()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._log.close()

    def open(self, path: Path, *, width: int = 1400, dark: bool = False, anchor: str = "") -> None:
        """Open a file on a screen of some width, in CSS pixels, and wait until it is loaded."""
        phone = width < 600
        self._ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=phone
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        calm = {"name": "prefers-reduced-motion", "value": "reduce"}
        self._ask("Emulation.setEmulatedMedia", features=[scheme, calm])
        self._ask("Page.navigate", url="about:blank")
        self.said.clear()
        self.fetched.clear()
        self._ask("Page.navigate", url=path.as_uri() + anchor)
        self.wait("document.readyState === 'complete' && location.href !== 'about:blank'")

    def wait(self, script: str) -> None:
        """Wait until a JavaScript expression is true: events of the page come in their own time."""
        end = time.monotonic() + _SECONDS
        while not self.run(script):
            assert time.monotonic() < end, script
            time.sleep(0.02)

    def run(self, script: str) -> Any:
        """The value of a JavaScript expression."""
        answer = self._ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let go of it."""
        code = {"key": key, "windowsVirtualKeyCode": _KEYS[key], "code": "Space" if key == " " else key}
        text = {"text": "\r"} if key == "Enter" else {"text": " "} if key == " " else {}
        self._ask("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **code)

    def screenshot(self, path: Path, *, selector: str = "") -> None:
        """Write a PNG of what is seen, or of an element and some pixels around it."""
        more: dict[str, Any] = {}
        self.run("Promise.all([...document.images].map((one) => one.decode())).then(() => true)")
        if selector:
            box = self.run(
                f"(() => {{ const box = document.querySelector({json.dumps(selector)})"
                ".getBoundingClientRect(); return [box.top + scrollY, box.height]; })()"
            )
            width = self.run("innerWidth")
            clip = {"x": 0, "y": max(0, box[0] - 8), "width": width, "height": box[1] + 16, "scale": 1}
            more = {"captureBeyondViewport": True, "clip": clip}
        path.write_bytes(base64.b64decode(self._ask("Page.captureScreenshot", format="png", **more)["data"]))

    def _ask(self, method: str, **values: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": values}
        if self._session:
            message["sessionId"] = self._session
        self._out.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                assert "error" not in answer, (method, answer["error"])
                result: dict[str, Any] = answer["result"]
                return result
            self._hear(answer)

    def _hear(self, event: dict[str, Any]) -> None:
        method, values = event.get("method"), event.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.said.append(values["exceptionDetails"]["text"])
        elif method == "Runtime.consoleAPICalled":
            self.said.append(str(values["args"]))
        elif method == "Log.entryAdded":
            self.said.append(values["entry"]["text"])
        elif method == "Network.requestWillBeSent":
            self.fetched.append(values["request"]["url"])
        elif method == "Page.javascriptDialogOpening":
            self.said.append(f"a dialogue: {values['message']}")

    def _read(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            more = self._in.read(1 << 16)
            assert more, "Chromium ended"
            self._rest += more
        message, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        return answer


@contextmanager
def chromium() -> Iterator[Chromium]:
    """A browser, with a profile of its own that goes with it."""
    with tempfile.TemporaryDirectory(prefix="chromium-", ignore_cleanup_errors=True) as folder:
        browser = Chromium(Path(folder))
        try:
            yield browser
        finally:
            browser.close()
