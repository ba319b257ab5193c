"""Models, and servers of them in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import tensorlet as tf


class Running(NamedTuple):
    """A server that listens."""

    address: str
    token: str | None
    process: subprocess.Popen[str]


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    """Context manager with a server on a free port."""
    command = [sys.executable, "-m", "tensorlet", "serve", *arguments, "--port", "0"]
    environment = {**os.environ, "TENSORLET_LANG": "en"}
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    try:
        line = process.stdout.readline()
        assert line.startswith("Serving at "), line + process.stderr.read()
        token = None
        if "--host" in arguments or "--token" in arguments:
            token = process.stdout.readline().removeprefix("Token: ").strip()
        yield Running(line.removeprefix("Serving at ").strip(), token, process)
    finally:
        process.terminate()
        process.communicate(timeout=20)


@pytest.fixture(scope="session")
def table_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model of `tensorlet train` with numbers, a category and a truth value."""
    from tensorlet.tabular import train

    random = np.random.default_rng(0)
    size = random.normal(10, 3, 400)
    city = random.choice(["Seoul", "Busan", "Daegu"], 400)
    new = random.random(400) < 0.5
    grade = np.where(size + 4 * (city == "Seoul") + 3 * new > 13, "high", "low")
    path = tmp_path_factory.mktemp("serve") / "houses.keras"
    table = {"size (m)": size, "city": city.tolist(), "new": new.tolist(), "grade": grade.tolist()}
    train(table, "grade", trees=False, epochs=5).save(str(path))
    return path


@pytest.fixture(scope="session")
def array_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Keras model with two inputs."""
    a, b = tf.keras.Input((2,), name="left"), tf.keras.Input((3, 2), name="right")
    joined = tf.keras.layers.concatenate([a, tf.keras.layers.Flatten()(b)])
    hidden = tf.keras.layers.Dense(600, "tanh")(joined)
    model = tf.keras.Model([a, b], tf.keras.layers.Dense(4, "softmax", name="classes")(hidden))
    path = tmp_path_factory.mktemp("serve") / "pair.keras"
    model.save(path)
    return path


@pytest.fixture(scope="session")
def start() -> Callable[..., AbstractContextManager[Running]]:
    """The function that starts a server with some arguments."""
    return running


@pytest.fixture(scope="session")
def table_server(table_file: Path) -> Iterator[Running]:
    """A server of the table's model."""
    with running(str(table_file)) as server:
        yield server
