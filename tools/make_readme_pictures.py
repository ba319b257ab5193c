"""Makes the pictures of the README in ``docs/pictures``: the demo, a computation graph and the playground.

    python tools/make_readme_pictures.py             all of them
    python tools/make_readme_pictures.py NAME ...    demo, show, playground or playground.ko

It needs the extra ``test`` and, except for the demo, Chromium with its driver. The pictures are real: the demo trains
on MNIST, and the playground is opened in a browser and trains there. They are reduced to 256 colours.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

import tensorlet as tf

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "pictures"
COLOURS = 256
#: The settings of the playground, as in its address.
SPIRALS = "data=spirals&layers=12 tanh_8 tanh&rate=0.02"
#: Seconds that the playground trains before its picture is taken.
TRAINING = 6.0


def save(picture: Image.Image, name: str, width: int) -> None:
    """Writes a picture as a small PNG file, reduced to a width in pixels if it is wider."""
    picture = picture.convert("RGB")
    if picture.width > width:
        picture = picture.resize(
            (width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS
        )
    FOLDER.mkdir(exist_ok=True)
    path = FOLDER / f"{name}.png"
    picture.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.name}: {picture.width} x {picture.height}, {path.stat().st_size / 1024:.0f} KiB")


def browser(width: int, height: int) -> Any:
    """A Chromium without a window."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or ""
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--hide-scrollbars",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    return webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))


def screenshot(driver: Any, folder: str) -> Image.Image:
    """What the browser shows."""
    path = Path(folder) / "page.png"
    driver.save_screenshot(str(path))
    return Image.open(path)


def demo() -> None:
    """The weights that the demo has learned, and its learning curves."""
    from tensorlet.demo import main

    with tempfile.TemporaryDirectory() as folder:
        main(["--output", folder])
        save(Image.open(Path(folder) / "weights.png"), "demo", 900)


def show() -> None:
    """``tf.show`` of a small function."""

    def f(w: Any, x: Any, b: Any) -> Any:
        g = w * x
        return g + b

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "f.html"
        path.write_text(
            f"<body style='margin:12px'>{tf.show(f, -2.0, 5.0, 3.0).svg}</body>", encoding="utf-8"
        )
        driver = browser(900, 800)
        try:
            driver.get(path.as_uri())
            box = driver.find_element("css selector", "svg").rect
            picture = screenshot(driver, folder)
        finally:
            driver.quit()
        edges = round(box["x"] + box["width"]) + 12, round(box["y"] + box["height"]) + 12
        save(picture.crop((0, 0, *edges)), "show", 900)


def playground(language: str, name: str) -> None:
    """The playground, while a network learns two spirals."""
    command = [sys.executable, "-m", "tensorlet", "playground", "--no-browser", "--port", "0"]
    with (
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        assert server.stdout is not None
        address = next(line.strip() for line in server.stdout if "http://" in line)
        driver = browser(1280, 900)
        try:
            driver.get(address)
            driver.execute_script("sessionStorage.setItem('playground-language', arguments[0])", language)
            driver.get("about:blank")
            driver.get(f"{address.partition('?')[0]}#{SPIRALS}")
            time.sleep(2.0)
            driver.find_element("css selector", ".play").click()
            time.sleep(TRAINING)
            save(screenshot(driver, folder), name, 1280)
        finally:
            driver.quit()
            server.terminate()


PICTURES: dict[str, Callable[[], None]] = {
    "demo": demo,
    "show": show,
    "playground": lambda: playground("en", "playground"),
    "playground.ko": lambda: playground("ko", "playground.ko"),
}


def main(names: list[str]) -> None:
    """Makes the named pictures, or all."""
    for name in names or PICTURES:
        PICTURES[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
