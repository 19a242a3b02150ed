"""One headless Chromium for all tests that need a browser, driven by its DevTools protocol over a pipe.

Nothing but Python's standard library. Every page gets a profile of its own: no cache, no service worker, no permission.
"""

import base64
import fcntl
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--hide-scrollbars",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",  # grants the camera, which the headless shell cannot ask for; =deny refuses it
    "--remote-debugging-pipe",
)
#: Seconds that anything may take: a page that opens, a script that ends.
PATIENCE = 120.0


def find_browser() -> str | None:
    """Return the path of a Chromium, if one is installed."""
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@dataclass
class Site:
    """A folder, served on this machine alone: its address, what was asked for, and what was not there."""

    url: str
    asked: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)


@contextmanager
def serve(folder: Path, port: int = 0) -> Iterator[Site]:
    """Serve a folder, on a free port unless one is given."""
    site = Site("")

    class Handler(SimpleHTTPRequestHandler):
        def do_GET(self) -> None:
            site.asked.append(self.path)
            super().do_GET()

        def log_message(self, format: str, *arguments: Any) -> None:
            pass

        def send_error(self, code: int, *arguments: Any, **named: Any) -> None:
            site.failed.append(f"{code} {self.path}")
            super().send_error(code, *arguments, **named)

    server = ThreadingHTTPServer(("127.0.0.1", port), partial(Handler, directory=str(folder)))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Chromium:
    """A running browser."""

    def __init__(self, browser: str, folder: Path, *flags: str) -> None:
        (out_read, out_write), (in_read, in_write) = os.pipe(), os.pipe()
        # 3 and 4 are the browser's; what has these numbers here must not be in the way there
        high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 64) for end in (in_read, out_write)]

        def plumb() -> None:
            os.dup2(high[0], 3)
            os.dup2(high[1], 4)

        no_sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to sandbox the administrator's
        command = [browser, *FLAGS, *no_sandbox, f"--user-data-dir={folder / 'profile'}", *flags]
        self._log = open(folder / "chromium.log", "wb")  # noqa: SIM115
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log, close_fds=False, preexec_fn=plumb)
        for end in (out_write, in_read, *high):
            os.close(end)
        self._in, self._out = os.fdopen(in_write, "wb", buffering=0), os.fdopen(out_read, "rb")
        self._number, self._arrived = 0, threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self.pages: dict[str, Page] = {}
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End the browser: it ends its own processes, which a kill would leave with our pipe."""
        with suppress(AssertionError, OSError):
            self.ask("Browser.close")
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join(5)
        for stream in (self._in, self._out, self._log):
            stream.close()

    @contextmanager
    def page(self, url: str = "about:blank", *, width: int = 1200, height: int = 900) -> "Iterator[Page]":
        """Open an address in a profile of its own; `width` below 600 is a phone with a touch screen."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = self.pages[session] = Page(self, session, context)
        try:
            for domain in ("Page", "Runtime", "Network", "Log"):
                page.ask(f"{domain}.enable")
            page.resize(width, height)
            if url != "about:blank":
                page.go(url)
            yield page
        finally:
            del self.pages[session]
            self.ask("Target.disposeBrowserContext", browserContextId=context)

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result."""
        with self._arrived:
            self._number += 1
            number = self._number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        self._in.write(json.dumps(message).encode() + b"\0")
        with self._arrived:
            assert self._arrived.wait_for(lambda: number in self._answers, PATIENCE), f"no answer to {method}"
            answer = self._answers.pop(number)
        assert "error" not in answer, f"{method}: {answer['error']}"
        result: dict[str, Any] = answer["result"]
        return result

    def _read(self) -> None:
        waiting = b""
        while data := self._out.read1(1 << 20):
            *messages, waiting = (waiting + data).split(b"\0")
            for message in map(json.loads, messages):
                with self._arrived:
                    if "id" in message:
                        self._answers[message["id"]] = message
                    elif page := self.pages.get(message.get("sessionId", "")):
                        page.events.append(message)
                    self._arrived.notify_all()

    def wait_for(self, page: "Page", method: str, since: int) -> None:
        """Wait for an event of a page."""
        with self._arrived:
            came = self._arrived.wait_for(lambda: any(e["method"] == method for e in page.events[since:]), PATIENCE)
        assert came, f"no {method}; {page.console}"


class Page:
    """One page: what it prints, asks for and shows, and hands to use it with."""

    def __init__(self, browser: Chromium, session: str, context: str) -> None:
        self.browser, self.session, self.context = browser, session, context
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the DevTools protocol."""
        return self.browser.ask(method, self.session, **parameters)

    def go(self, url: str) -> None:
        """Open an address and wait until it is loaded."""
        since = len(self.events)
        self.ask("Page.navigate", url=url)
        self.browser.wait_for(self, "Page.loadEventFired", since)

    def reload(self) -> None:
        """Load the page again."""
        since = len(self.events)
        self.ask("Page.reload")
        self.browser.wait_for(self, "Page.loadEventFired", since)

    def evaluate(self, script: str) -> Any:
        """Return the value of an expression, awaited; an exception fails the test."""
        result = self.ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in result, result["exceptionDetails"]
        return result["result"].get("value")

    def until(self, script: str, seconds: float = 60.0) -> Any:
        """Wait until an expression is true, and return its value."""
        end = time.monotonic() + seconds
        while not (value := self.evaluate(script)):
            assert time.monotonic() < end, f"never came true: {script}; {self.console}"
            time.sleep(0.02)
        return value

    @property
    def console(self) -> list[str]:
        """What stands on the console, and exceptions that nobody caught; empty on a sound page."""
        found = []
        for event in list(self.events):
            said = event["params"]
            if event["method"] == "Runtime.consoleAPICalled":
                found.append(" ".join(str(one.get("value", one.get("description"))) for one in said["args"]))
            elif event["method"] == "Runtime.exceptionThrown":
                found.append(str(said["exceptionDetails"].get("exception", {}).get("description", said)))
            elif event["method"] == "Log.entryAdded":
                found.append(f"{said['entry']['text']} {said['entry'].get('url', '')}")
        return found

    @property
    def requests(self) -> list[str]:
        """Every address that was asked for; not blob: and data:, which never leave the page."""
        sent = [one["params"]["request"]["url"] for one in list(self.events) if one["method"] == _SENT]
        return [url for url in sent if not url.startswith(("data:", "blob:"))]

    def resize(self, width: int, height: int) -> None:
        """Give the page another size."""
        phone = width < 600
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=phone)
        self.ask("Emulation.setTouchEmulationEnabled", enabled=phone)

    def prefer(self, **features: str) -> None:
        """Set media features, such as prefers_color_scheme="dark"."""
        named = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.ask("Emulation.setEmulatedMedia", features=named)

    def screenshot(self, target: Path) -> Path:
        """Save a picture of the whole page, at its width."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        width = self.evaluate("innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(size["height"], 12_000), "scale": 1}
        answer = self.ask("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        target.write_bytes(base64.b64decode(answer["data"]))
        return target

    def mouse(self, kind: str, x: float, y: float, buttons: int = 1) -> None:
        """Send "mousePressed", "mouseMoved" or "mouseReleased"."""
        self.ask(
            "Input.dispatchMouseEvent", type=kind, x=x, y=y, buttons=buttons, button="left", clickCount=1,
            pointerType="mouse",
        )  # fmt: skip

    def click(self, selector: str) -> None:
        """Click on the middle of an element."""
        x, y = self.middle(selector)
        self.mouse("mousePressed", x, y)
        self.mouse("mouseReleased", x, y, 0)

    def middle(self, selector: str) -> tuple[float, float]:
        """Bring an element into view, and return its middle."""
        box = self.evaluate(
            f"(() => {{ const one = document.querySelector({json.dumps(selector)});"
            " one.scrollIntoView({ block: 'center' });"
            " const { left, top, width, height } = one.getBoundingClientRect();"
            " return [left + width / 2, top + height / 2]; })()"
        )
        return box[0], box[1]

    def key(self, key: str, *, code: str = "", number: int = 0, modifiers: int = 0) -> None:
        """Press and release a key; modifiers: 1 Alt, 2 Ctrl, 8 Shift."""
        known = {"key": key, "code": code or key, "windowsVirtualKeyCode": number, "modifiers": modifiers}
        text = {"text": "\r" if key == "Enter" else key} if not modifiers and (len(key) == 1 or key == "Enter") else {}
        self.ask("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **known, **text)
        self.ask("Input.dispatchKeyEvent", type="keyUp", **known)

    def give_files(self, selector: str, paths: Sequence[Path]) -> None:
        """Choose files in an <input type="file">."""
        root = self.ask("DOM.getDocument")["root"]["nodeId"]
        node = self.ask("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.ask("DOM.setFileInputFiles", nodeId=node, files=[str(path) for path in paths])


_SENT = "Network.requestWillBeSent"
