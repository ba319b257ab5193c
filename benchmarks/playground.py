"""The playground in a real browser: frames and epochs a second, and memory over ten minutes.

python benchmarks/playground.py [--quick] [--minutes 10]

A browser draws while the engine trains, on the same cores. Its epochs a second are compared with those of the same
training without a page. The processor time for a frame hardly depends on what else runs. Needs Debian's packages
chromium and chromium-driver.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import measure

#: Frames a second that the page should draw while it trains.
FRAMES = 30.0
#: Page address -> name.
PAGES = {
    "data=circles": "2 classes",
    "data=gaussians&classes=8": "8 classes",
    "data=spirals&classes=3&compare=activation&values=sigmoid tanh relu elu": "4 networks",
}
#: The growth of memory after the first minute that ten minutes may have, in MiB.
MOST_GROWTH = 20.0


class Page:
    """A playground and a browser that has opened it."""

    def __init__(self) -> None:
        from selenium import webdriver

        command = [
            sys.executable,
            "-m",
            "tensorlet",
            "playground",
            "--port",
            "0",
            "--no-browser",
            "--lang",
            "en",
        ]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert self.server.stdout is not None
        self.address = [self.server.stdout.readline() for _ in range(3)][2].strip()
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for argument in (
            "--headless=new",
            "--no-sandbox",
            "--window-size=1280,900",
            "--js-flags=--expose-gc",
        ):
            options.add_argument(argument)
        service = webdriver.ChromeService(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)
        self.driver.get(self.address)

    def play(self, page: str) -> None:
        """Opens a page, and starts its training."""
        home = self.address.partition("?")[0]
        self.driver.get("about:blank")
        self.driver.get(f"{home}#{page}")
        self._wait()
        self.driver.find_element("css selector", ".play").click()
        time.sleep(2)

    def _wait(self) -> None:
        for _ in range(200):
            if self.driver.execute_script("return globalThis.tensorletPlayground?.frames > 0"):
                return
            time.sleep(0.05)
        sys.exit("the page was not drawn within 10 s")

    def counts(self) -> tuple[float, float, float]:
        """Frames, epochs and seconds so far."""
        script = "return [tensorletPlayground.frames, tensorletPlayground.epoch, performance.now() / 1000]"
        frames, epochs, seconds = self.driver.execute_script(script)
        return frames, epochs, seconds

    def memory(self) -> tuple[float, float]:
        """The memory of the server and of the page's objects, in MiB."""
        status = Path(f"/proc/{self.server.pid}/status").read_text()
        resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        script = "globalThis.gc?.(); return performance.memory.usedJSHeapSize"
        return resident / 1024, self.driver.execute_script(script) / 2**20

    def processor_time(self) -> tuple[float, float]:
        """Seconds of processor time so far: of the server without the thread that trains, and of the browser.

        The thread that trains is the busiest one of the server.
        """
        threads = [seconds_of(task) for task in Path(f"/proc/{self.server.pid}/task").iterdir()]
        browser = sum(
            seconds_of(Path(f"/proc/{one}")) for one in descendants(self.driver.service.process.pid)
        )
        return sum(threads) - max(threads), browser

    def close(self) -> None:
        """Ends the browser and the server."""
        self.driver.quit()
        self.server.send_signal(2)
        self.server.wait(20)


def seconds_of(folder: Path) -> float:
    """The processor time of a process or thread, by its folder in /proc; 0 if it has ended."""
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def descendants(parent: int) -> list[int]:
    """A process, and all that it has started."""
    found = [parent]
    for children in Path(f"/proc/{parent}/task").glob("*/children"):
        for child in children.read_text().split():
            found += descendants(int(child))
    return found


def without_page(seconds: float) -> float:
    """The epochs a second of the first page's network, trained without a page."""
    program = f"""
import json, time
from tensorlet.playground.session import Session
session = Session()
session.do("configure", {{"settings": {{}}}})
session.do("play", {{}})
end = time.perf_counter() + 1
while time.perf_counter() < end:
    session.advance()
start, first = time.perf_counter(), session.do("play", {{}})["epoch"]
while time.perf_counter() < start + {seconds}:
    session.advance()
print(json.dumps((session.do("play", {{}})["epoch"] - first) / (time.perf_counter() - start)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout))


def run(quick: bool) -> list[measure.Result]:
    """The results of this benchmark; none where there is no Chromium."""
    needed = [shutil.which("chromium"), shutil.which("chromedriver"), importlib.util.find_spec("selenium")]
    if not all(needed):
        print("playground: chromium, chromedriver or selenium is not installed, so nothing was measured")
        return []
    seconds, rounds = (3.0, 2) if quick else (5.0, 5)
    frames: dict[str, list[float]] = {name: [] for name in PAGES.values()}
    epochs: dict[str, list[float]] = {"with a page": [], "without a page": []}
    server: dict[str, list[float]] = {name: [] for name in PAGES.values()}
    browser: dict[str, list[float]] = {name: [] for name in PAGES.values()}
    page = Page()
    try:
        for _ in range(rounds):
            for address, name in PAGES.items():
                page.play(address)
                before, used = page.counts(), page.processor_time()
                time.sleep(seconds)
                after, now = page.counts(), page.processor_time()
                drawn = max(after[0] - before[0], 1)
                server[name].append((now[0] - used[0]) / drawn * 1000)
                browser[name].append((now[1] - used[1]) / drawn * 1000)
                frames[name].append((after[0] - before[0]) / (after[2] - before[2]))
                if name == "2 classes":
                    epochs["with a page"].append((after[1] - before[1]) / (after[2] - before[2]))
            page.driver.get("about:blank")
            epochs["without a page"].append(without_page(seconds))
    finally:
        page.close()
    return [
        measure.Result("playground, frames a second while training", "1/s", frames),
        measure.Result("playground, epochs a second", "1/s", epochs),
        measure.Result("playground, processor time of the server for a frame", "ms", server),
        measure.Result("playground, processor time of the browser for a frame", "ms", browser),
    ]


def watch(minutes: float) -> dict[str, Any]:
    """Trains for some minutes, and returns the memory of server and page at the end of each."""
    page = Page()
    rows = []
    try:
        page.play("data=gaussians&classes=6")
        before = page.counts()
        end = time.monotonic() + 60 * minutes
        while time.monotonic() < end:
            time.sleep(min(30, max(end - time.monotonic(), 0)))
            rows.append([round(value, 1) for value in page.memory()])
            print(f"server {rows[-1][0]} MiB, page {rows[-1][1]} MiB", flush=True)
        after = page.counts()
    finally:
        page.close()
    settled = rows[2:] or rows
    growth = statistics.median(row[0] for row in settled[-3:]) - statistics.median(
        row[0] for row in settled[:3]
    )
    return {
        "growth of the server, MiB": round(growth, 1),
        "page, MiB": [settled[0][1], settled[-1][1]],
        "frames a second": round((after[0] - before[0]) / (after[2] - before[2]), 1),
        "epochs": int(after[1]),
        "flat": growth < MOST_GROWTH,
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument(
        "--minutes", type=float, default=0, help="watch the memory for so long, and nothing else"
    )
    options = parser.parse_args()
    measure.refuse_debug_build()
    if options.minutes:
        print(json.dumps(watch(options.minutes), indent=2))
    else:
        measure.report(run(options.quick), name="playground")
