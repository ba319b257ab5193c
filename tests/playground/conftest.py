"""A playground that listens, and a browser that looks at it."""

from __future__ import annotations

import contextlib
import shutil
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse

import pytest
from websockets.sync.client import connect

from tensorlet.playground import listen
from tensorlet.playground.server import Playground, make_server

TOKEN = "secret-token"


class Served:
    """A playground that listens, and requests to it."""

    def __init__(self) -> None:
        self.listening = listen(0)
        self.port = self.listening.getsockname()[1]
        self.home = f"http://127.0.0.1:{self.port}"
        self.cookie = f"tensorlet_playground_{self.port}={TOKEN}"
        self.own = {"Cookie": self.cookie, "Origin": self.home}
        self.playground = Playground(self.port, TOKEN, "ko")
        self.server = make_server(self.playground)
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listening]})
        self.thread.start()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(timeout=20)
        self.playground.stop()

    def request(
        self, method: str, path: str, headers: dict | None = None, body: object = None
    ) -> HTTPResponse:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.putrequest(method, path, skip_host="Host" in (headers or {}))
        if body is not None:
            headers = {**(headers or {}), "Content-Length": str(len(body))}
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        connection.endheaders(body)
        answer = connection.getresponse()
        answer.text = answer.read()
        connection.close()
        return answer

    def get(self, path: str, headers: dict | None = None) -> HTTPResponse:
        return self.request("GET", path, headers)

    def socket(self, cookie: str | None = None, origin: str | None = "own"):
        headers = {"Cookie": self.cookie if cookie is None else cookie}
        return connect(
            f"ws://127.0.0.1:{self.port}/socket",
            origin=self.home if origin == "own" else origin,
            additional_headers=headers,
            proxy=None,
            max_size=None,
        )


@pytest.fixture(scope="session")
def serve():
    """Starts servers: each call gives one, which the caller stops."""
    return Served


@pytest.fixture(scope="session")
def served(serve):
    """The server of the browser."""
    made = serve()
    yield made
    made.stop()


class Current:
    """An element that is found again for each call, since the page may draw it anew in between.

    Args:
        browser: the browser.
        selector: finds the element.
    """

    def __init__(self, browser: Browser, selector: str) -> None:
        self._browser = browser
        self._selector = selector

    def __getattr__(self, name: str) -> Callable[..., object]:
        from selenium.common.exceptions import StaleElementReferenceException

        def call(*arguments: object) -> object:
            for _ in range(20):
                with contextlib.suppress(StaleElementReferenceException):
                    return getattr(self._browser.find(self._selector), name)(*arguments)
            raise AssertionError(f"{self._selector} is drawn anew all the time")

        return call


class Browser:
    """Chromium with a page of the playground, and the session that the page has."""

    def __init__(self, served: Served) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        options = Options()
        options.binary_location = shutil.which("chromium") or ""
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--window-size=1280,1000",
        ):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.served = served
        self.driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
        self.driver.get(f"{served.home}/?token={TOKEN}")
        self.look(1280, dark=False)

    def look(self, width: int, dark: bool) -> None:
        """Sets the width of the window and the colours that the page prefers."""
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        still = {"name": "prefers-reduced-motion", "value": "reduce"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme, still]})

    def open(self, address: str = "", language: str = "en") -> Browser:
        """Opens a page afresh, and waits until its network is drawn."""
        self.run("sessionStorage.setItem('playground-language', arguments[0])", language)
        self.driver.get("about:blank")
        self.until(lambda: not self.served.playground.sessions, "the page before has closed")
        self.driver.get(f"{self.served.home}/#{address}")
        self.until(lambda: self.run("return globalThis.tensorletPlayground?.frames > 0"), "a frame was drawn")
        return self

    @property
    def session(self):
        (session,) = self.served.playground.sessions.values()
        return session

    def run(self, script: str, *arguments: object) -> object:
        return self.driver.execute_script(script, *arguments)

    def find(self, selector: str):
        return self.driver.find_element("css selector", selector)

    def on(self, selector: str) -> Current:
        """The element that a selector finds when one of its methods is called."""
        return Current(self, selector)

    def all(self, selector: str) -> list:
        return self.driver.find_elements("css selector", selector)

    def click(self, selector: str) -> None:
        script = (
            "const one = document.querySelector(arguments[0]); one?.scrollIntoView({block: 'center'});"
            "one?.click(); return Boolean(one)"
        )
        self.until(lambda: self.run(script, selector), f"the button {selector}")

    def set(self, name: str, value: object) -> None:
        """Sets a control as a user does: its events follow."""
        self.until(lambda: self.all(f"[name='{name}']"), f"the control {name}")
        self.run(
            "const one = document.querySelector(`[name='${arguments[0]}']`); one.value = arguments[1];"
            "for (const name of ['input', 'change']) one.dispatchEvent(new Event(name, {bubbles: true}))",
            name,
            str(value),
        )

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).textContent", selector))

    def texts(self, selector: str) -> list[str]:
        """The texts of all elements that a selector finds, in one look."""
        return self.run(
            "return [...document.querySelectorAll(arguments[0])].map((one) => one.textContent)", selector
        )

    def until(self, condition: Callable[[], object], what: str, seconds: float = 30) -> None:
        """Waits until a condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"after {seconds} s, not yet: {what}"
            time.sleep(0.02)

    def errors(self) -> list[str]:
        """What the browser complained about since the last call."""
        return [entry["message"] for entry in self.driver.get_log("browser") if entry["level"] == "SEVERE"]


@pytest.fixture(scope="session")
def chromium(served):
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        pytest.skip(
            "chromium and chromedriver are not installed (Debian: apt-get install chromium chromium-driver)"
        )
    made = Browser(served)
    yield made
    made.driver.quit()


@pytest.fixture
def browser(chromium):
    chromium.look(1280, dark=False)
    chromium.errors()
    yield chromium
    assert chromium.errors() == []
