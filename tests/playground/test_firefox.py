"""The main controls in Firefox, driven by WebDriver BiDi, which Firefox speaks without a driver program."""

from __future__ import annotations

import contextlib
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")


class Firefox:
    """Firefox with one page."""

    def __init__(self, profile: Path) -> None:
        command = [
            FIREFOX,
            "--headless",
            "--no-remote",
            "--profile",
            str(profile),
            "--remote-debugging-port=0",
        ]
        # What Firefox says may contain any bytes.
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        assert self.process.stdout is not None
        address = ""
        while "WebDriver BiDi listening" not in address:
            line = self.process.stdout.readline()
            assert line, "Firefox has ended"
            address = line.decode("utf-8", "replace")
        self.open_sockets = contextlib.ExitStack()
        self.socket = self.open_sockets.enter_context(
            connect(f"{address.split()[-1]}/session", proxy=None, max_size=None)
        )
        self.count = 0
        self.complaints: list[str] = []
        self.command("session.new", capabilities={})
        self.command("session.subscribe", events=["log.entryAdded"])
        self.page = self.command("browsingContext.getTree")["contexts"][0]["context"]

    def command(self, method: str, **parameters: object) -> dict:
        self.count += 1
        self.socket.send(json.dumps({"id": self.count, "method": method, "params": parameters}))
        while True:
            message = json.loads(self.socket.recv(timeout=60))
            if message.get("method") == "log.entryAdded" and message["params"]["level"] == "error":
                self.complaints.append(message["params"]["text"])
            if message.get("id") == self.count:
                assert message["type"] == "success", message
                return message["result"]

    def open(self, address: str) -> None:
        self.command("browsingContext.navigate", context=self.page, url="about:blank", wait="complete")
        self.command("browsingContext.navigate", context=self.page, url=address, wait="complete")
        until(lambda: self.run("globalThis.tensorletPlayground?.frames > 0"), "a frame was drawn")

    def run(self, script: str) -> object:
        found = self.command(
            "script.evaluate", expression=script, target={"context": self.page}, awaitPromise=True
        )
        assert found["type"] == "success", found
        return found["result"].get("value")

    def click(self, selector: str) -> None:
        find = f"document.querySelector({json.dumps(selector)})"
        script = f"(() => {{ const one = {find}; one?.click(); return !!one }})()"
        until(lambda: self.run(script), selector)

    def set(self, name: str, value: object) -> None:
        self.run(
            f"(() => {{ const one = document.querySelector(`[name='{name}']`); one.value = {json.dumps(str(value))};"
            "for (const kind of ['input', 'change']) one.dispatchEvent(new Event(kind, {bubbles: true})) })()"
        )

    def text(self, selector: str) -> str:
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.textContent"))

    def close(self) -> None:
        self.open_sockets.close()
        self.process.terminate()
        self.process.wait(20)
        self.process.stdout.close()


def until(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"after {seconds} s, not yet: {what}"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def firefox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Firefox]:
    if FIREFOX is None:
        pytest.skip("Firefox is not installed (Debian: apt-get install firefox-esr)")
    made = Firefox(tmp_path_factory.mktemp("profile"))
    yield made
    made.close()


def test_the_main_controls_in_firefox(firefox: Firefox, serve: type) -> None:
    served = serve()
    try:
        firefox.open(f"{served.home}/?token=secret-token")
        network_page(firefox, lambda: next(iter(served.playground.sessions.values())))
        other_pages(firefox, served)
        assert firefox.complaints == []
    finally:
        firefox.command("browsingContext.navigate", context=firefox.page, url="about:blank", wait="complete")
        served.stop()


def network_page(firefox: Firefox, session: Callable) -> None:
    firefox.click(".kinds [data-value=moons]")
    until(lambda: session().settings.data.kind == "moons", "moons")
    firefox.click(".play")
    until(lambda: firefox.run("tensorletPlayground.epoch > 30"), "it trains")
    firefox.click(".play")
    until(lambda: not session().playing, "it pauses")
    firefox.set("back", 20)
    until(lambda: session()._runs[0].epoch == 20, "back to epoch 20")
    firefox.click(".reset")
    firefox.set("compare", "activation")
    until(lambda: firefox.run("document.querySelectorAll('.planes .plane').length === 3"), "three planes")
    firefox.click(".epoch")
    until(lambda: {run.epoch for run in session()._runs} == {1}, "all have trained")
    until(lambda: "%" in firefox.text(".compared td:nth-child(4)"), "their numbers")
    firefox.run("""(() => {
      const files = new DataTransfer();
      files.items.add(new File(['a,b,k\\n1,2,x\\n2,1,y\\n3,5,x\\n4,4,y\\n'], 'mine.csv'));
      document.querySelector('.kinds [data-value=table]').click();
      const one = document.querySelector('[name=table]');
      one.files = files.files;
      one.dispatchEvent(new Event('change', {bubbles: true}));
    })()""")
    until(lambda: session().settings.data.kind == "table", "a table")
    until(lambda: firefox.text(".file-name") == "mine.csv", "its name")


def other_pages(firefox: Firefox, served) -> None:
    firefox.click("[data-page=step]")
    until(lambda: firefox.run("document.querySelectorAll('.node').length > 5"), "the graph")
    firefox.click(".step-next")
    firefox.click("[data-page=perceptron]")
    firefox.set("angle", 45)
    firefox.set("offset", 0.35)
    assert "4" in firefox.text(".result-line")
    firefox.click("[data-page=digits]")
    until(lambda: next(iter(served.playground.sessions.values())).digits._model is not None, "a model")
    firefox.click(".example")
    until(lambda: firefox.run("document.querySelectorAll('.pictures li').length > 10"), "nearest images")
    firefox.click(".languages [data-value=en]")
    assert firefox.text("h1") == "Tensorlet Playground"
