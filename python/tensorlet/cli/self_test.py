"""The self-test of ``tensorlet doctor``: a few seconds of training, compared with what must come out."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

import tensorlet as tf
from tensorlet.engine import native
from tensorlet.localization import translate as _

#: Seconds after which no further test is started.
LIMIT = 10.0


@dataclass
class Check:
    """One test.

    Attributes:
        name: what is tested.
        passed: whether the result was right.
        text: numbers, or what went wrong.
        seconds: how long it took.
    """

    name: str
    passed: bool
    text: str
    seconds: float


def self_test() -> Iterator[Check]:
    """Runs the tests one after another, and yields their results."""
    started = time.perf_counter()
    tests: tuple[tuple[str, Callable[[], str]], ...] = (
        (_("training of softmax regression"), _trains),
        (_("the same bits with one thread and with all"), _same_bits),
        (_("native engine against the reference"), _against_reference),
        (_("saving and loading"), _saves),
        (_("speed"), _speed),
    )
    for name, test in tests:
        if time.perf_counter() - started > LIMIT:
            return
        begun = time.perf_counter()
        try:
            text, passed = test(), True
        except Exception as error:  # whatever goes wrong is the result of the test
            text, passed = f"{type(error).__name__}: {error}".splitlines()[0], False
        yield Check(name, passed, text, time.perf_counter() - begun)


def _data(rows: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    y = random.integers(0, 3, rows)
    x = random.normal(size=(rows, 8)) + 1.5 * np.eye(3, 8)[y]
    return x.astype(np.float32), y.astype(np.int32)


def _model(hidden: int = 0) -> tf.keras.Sequential:
    tf.random.set_seed(1)
    layers = [tf.keras.layers.Dense(hidden, activation="relu")] if hidden else []
    model = tf.keras.Sequential(
        [tf.keras.Input((8,)), *layers, tf.keras.layers.Dense(3, activation="softmax")]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def _trains() -> str:
    x, y = _data()
    history = _model().fit(x, y, epochs=15, verbose=0).history
    accuracy = history["accuracy"][-1]
    if accuracy < 0.7:
        raise ValueError(_("the accuracy is {accuracy:.3f}, expected about 0.77").format(accuracy=accuracy))
    return _("accuracy {accuracy:.3f} after 15 epochs").format(accuracy=accuracy)


def _weights() -> list[np.ndarray]:
    model = _model(256)
    x, y = _data(2000)
    model.fit(x, y, batch_size=500, epochs=3, verbose=0)
    return [np.array(weight) for weight in model.get_weights()]


def _same_bits() -> str:
    before = native.threads()
    several = _weights()
    native.set_threads(1)
    try:
        single = _weights()
    finally:
        native.set_threads(before)
    if not all(np.array_equal(one, other) for one, other in zip(several, single, strict=True)):
        raise ValueError(_("the weights differ"))
    return _("equal")


def _against_reference() -> str:
    fast = _weights()
    before = os.environ.get("TENSORLET_BACKEND")
    os.environ["TENSORLET_BACKEND"] = "reference"
    try:
        slow = _weights()
    finally:
        if before is None:
            del os.environ["TENSORLET_BACKEND"]
        else:
            os.environ["TENSORLET_BACKEND"] = before
    worst = max(float(np.abs(one - other).max()) for one, other in zip(fast, slow, strict=True))
    if not worst < 1e-4:
        raise ValueError(_("the largest difference is {worst:.2g}").format(worst=worst))
    return _("largest difference {worst:.1g}").format(worst=worst)


def _saves() -> str:
    model, (x, _labels) = _model(16), _data(100)
    expected = model.predict(x, verbose=0)
    with tempfile.TemporaryDirectory() as folder:
        for ending in (".keras", ".h5"):
            path = os.path.join(folder, f"model{ending}")
            model.save(path)
            if not np.array_equal(tf.keras.models.load_model(path).predict(x, verbose=0), expected):
                raise ValueError(_("{ending}: the loaded model answers differently").format(ending=ending))
    return ".keras, .h5"


def _speed() -> str:
    x, y = _data(60_000)
    model = _model(32)
    model.fit(x, y, batch_size=100, epochs=1, verbose=0)
    begun = time.perf_counter()
    model.fit(x, y, batch_size=100, epochs=3, verbose=0)
    rows = 180_000 / (time.perf_counter() - begun)
    return _("{rows:,.0f} rows per second in a perceptron 8-32-3").format(rows=rows)
