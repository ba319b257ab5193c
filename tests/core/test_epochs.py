"""`run_epochs`: a user's step over arrays."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError


def _data(rows: int = 50) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    x = generator.integers(0, 256, (rows, 12), dtype=np.uint8)
    y = (x.astype(int).sum(axis=1) % 3).astype(np.uint8)
    return x, y


class Regression:
    """Softmax regression with 3 classes over bytes."""

    def __init__(self) -> None:
        self.w = tf.Variable(np.linspace(-0.5, 0.5, 36, dtype=np.float32).reshape(12, 3))
        self.b = tf.Variable(tf.zeros([3]))

    def loss(self, x: Any, y: Any) -> Any:
        logits = tf.matmul(tf.cast(x, tf.float32) / 255.0, self.w) + self.b
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits)), logits

    def step(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss, logits = self.loss(x, y)
        dw, db = tape.gradient(loss, [self.w, self.b])
        self.w.assign_sub(0.1 * dw)
        self.b.assign_sub(0.1 * db)
        right = tf.equal(tf.argmax(logits, 1), tf.cast(y, tf.int64))
        return {"loss": loss, "accuracy": tf.reduce_mean(tf.cast(right, tf.float32))}


def test_equals_a_loop_over_batches() -> None:
    """50 rows in batches of 16: three full ones and one of 2, in their order."""
    x, y = _data()
    fast, slow = Regression(), Regression()
    history = tf.run_epochs(fast.step, (x, y), batch_size=16, epochs=3, shuffle=False)
    for epoch in range(3):
        total = 0.0
        for start in range(0, 50, 16):
            rows = slice(start, start + 16)
            result = slow.step(x[rows], y[rows])
            total += float(result["loss"]) * len(x[rows])
        assert history.history["loss"][epoch] == pytest.approx(total / 50, rel=1e-5)
    np.testing.assert_allclose(fast.w, slow.w, rtol=1e-4, atol=1e-6)
    assert history.epoch == [0, 1, 2]
    assert sorted(history.history) == ["accuracy", "loss"]


def test_every_row_once_in_a_shuffled_epoch() -> None:
    seen = tf.Variable(tf.zeros([50]))

    def count(row: Any) -> Any:
        seen.assign_add(tf.reduce_sum(tf.one_hot(row, 50), axis=0))
        return tf.reduce_mean(tf.cast(row, tf.float32))

    history = tf.run_epochs(count, np.arange(50), batch_size=8, seed=3)
    np.testing.assert_array_equal(seen, np.ones(50))
    assert history.history["loss"] == [pytest.approx(24.5)]


def test_the_seed_decides_the_order() -> None:
    x, y = _data()
    weights = []
    for seed in (1, 1, 2):
        model = Regression()
        tf.run_epochs(model.step, (x, y), batch_size=10, epochs=2, seed=seed)
        weights.append(model.w.numpy())
    np.testing.assert_array_equal(weights[0], weights[1])
    assert not np.array_equal(weights[0], weights[2])


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32", "float64"])
def test_rows_of_every_dtype(dtype: str) -> None:
    x, y = _data()
    expected, model = Regression(), Regression()
    tf.run_epochs(expected.step, (x, y), batch_size=25, shuffle=False)
    tf.run_epochs(model.step, (x.astype(dtype), y), batch_size=25, shuffle=False)
    np.testing.assert_allclose(model.w, expected.w, rtol=1e-5, atol=1e-7)


def test_memory_mapped_and_strided_rows(tmp_path: Path) -> None:
    x, y = _data()
    np.save(tmp_path / "x.npy", x)
    mapped = np.load(tmp_path / "x.npy", mmap_mode="r")
    wide = np.zeros((50, 20), np.uint8)
    wide[:, :12] = x
    results = []
    for rows in (x, mapped, wide[:, :12], np.asfortranarray(x)):
        model = Regression()
        tf.run_epochs(model.step, (rows, y), batch_size=20, epochs=2, seed=0)
        results.append(model.w.numpy())
    for result in results[1:]:
        np.testing.assert_array_equal(result, results[0])


def test_progress_and_stopping() -> None:
    x, y = _data()
    model = Regression()
    epochs = []

    def on_epoch(epoch: int, means: dict[str, float]) -> bool:
        epochs.append((epoch, sorted(means)))
        return epoch < 1

    history = tf.run_epochs(model.step, (x, y), batch_size=25, epochs=9, on_epoch=on_epoch)
    assert epochs == [(0, ["accuracy", "loss"]), (1, ["accuracy", "loss"])]
    assert len(history.epoch) == 2


def test_dropping_the_remainder() -> None:
    def count(row: Any) -> Any:
        return tf.reduce_mean(tf.cast(row, tf.float32))

    history = tf.run_epochs(count, np.arange(10), batch_size=4, shuffle=False, drop_remainder=True)
    assert history.history["loss"] == [pytest.approx(3.5)]


def test_an_error_in_progress_reaches_the_user() -> None:
    x, y = _data(500_000)
    model = Regression()

    def fail(*_: Any) -> None:
        raise RuntimeError("from the callback")

    with pytest.raises(RuntimeError, match="from the callback"):
        tf.run_epochs(model.step, (x, y), batch_size=1, on_progress=fail)
    assert np.isfinite(model.w.numpy()).all()


def test_labels_out_of_range_change_nothing() -> None:
    x, y = _data()
    y[7] = 9
    model = Regression()
    before = model.w.numpy()
    with pytest.raises(OutOfRangeError, match="9"):
        tf.run_epochs(model.step, (x, y), batch_size=50, shuffle=False)
    np.testing.assert_array_equal(model.w, before)


def test_bad_data_teaches() -> None:
    x, y = _data()
    model = Regression()
    with pytest.raises(InvalidArgumentError, match="no rows"):
        tf.run_epochs(model.step, (x[:0], y[:0]))
    with pytest.raises(ShapeError, match="49"):
        tf.run_epochs(model.step, (x, y[:49]))
    with pytest.raises(InvalidArgumentError, match="batch_size is 0"):
        tf.run_epochs(model.step, (x, y), batch_size=0)
    with pytest.raises(InvalidArgumentError, match="do not fill a batch"):
        tf.run_epochs(model.step, (x, y), batch_size=64, drop_remainder=True)
    holed = x.astype(np.float32)
    holed[31, 4] = np.nan
    with pytest.raises(InvalidArgumentError, match="1 NaN, the first in row 31"):
        tf.run_epochs(model.step, (holed, y))
    with pytest.raises(ShapeError, match="scalars that can be averaged are expected"):
        tf.run_epochs(lambda rows: tf.cast(rows, tf.float32), x)
    with pytest.raises(ShapeError, match="inner dimensions"):
        tf.run_epochs(model.step, (x[:, :5], y))


INTERRUPTED = """
import signal, sys, threading, time
import numpy as np
import tensorlet as tf

w, steps = tf.Variable(tf.zeros([784, 10])), tf.Variable(0)

def step(x):
    steps.assign_add(1)
    w.assign_add(tf.matmul(tf.cast(x, tf.float32), tf.ones([x.shape[0], 10]), transpose_a=True) * 0.0 + 1.0)
    return tf.reduce_mean(tf.cast(x, tf.float32))

def interrupt():
    time.sleep(0.4)
    signal.raise_signal(signal.SIGINT)

data = np.zeros((100, 784), np.uint8)
tf.run_epochs(step, data, batch_size=100)
threading.Thread(target=interrupt).start()
try:
    tf.run_epochs(step, np.broadcast_to(data[:1], (20_000_000, 784)), batch_size=100, shuffle=False)
    print("ended by itself")
except KeyboardInterrupt:
    values = np.unique(w.numpy())
    print("whole" if len(values) == 1 and values[0] == steps.numpy() else (values, steps.numpy()))
"""


def test_ctrl_c_stops_between_two_batches() -> None:
    """Every weight has been changed as often as the counter says: no batch was left half done."""
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=120)
    assert done.stdout == "whole\n", (done.stdout, done.stderr)


INTERRUPTED_STEP = """
import signal, threading, time
import tensorlet as tf

w, steps = tf.Variable(tf.zeros([1024, 1024])), tf.Variable(0)
x = tf.ones([2048, 1024])

@tf.function
def step():
    y = x
    for _ in range(12):
        y = tf.tanh(tf.matmul(y, w))
    steps.assign_add(1)
    w.assign_add(tf.matmul(x, y, transpose_a=True) * 0.0 + 1.0)

def interrupt():
    time.sleep(0.05)
    signal.raise_signal(signal.SIGINT)

step()
threading.Thread(target=interrupt).start()
try:
    step()
    time.sleep(5)
except KeyboardInterrupt:
    print("whole" if (w.numpy() == steps.numpy()).all() else (w.numpy(), steps.numpy()))
"""


def test_ctrl_c_stops_within_a_long_step() -> None:
    """The step that was given up has changed nothing; one that had come to its updates is finished."""
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED_STEP], capture_output=True, text=True, timeout=120
    )
    assert done.stdout == "whole\n", (done.stdout, done.stderr)


def test_a_label_outside_the_classes_says_how_to_count() -> None:
    @tf.function
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=y, logits=x))

    with pytest.raises(
        tf.errors.OutOfRangeError, match=r"index 3 at position 1 .*not between 0 and 2.*count from 0"
    ):
        tf.run_epochs(step, (np.zeros([2, 3], np.float32), np.array([1, 3])), batch_size=2, shuffle=False)


def test_a_small_step_with_a_wide_layer_whose_rows_are_read_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few enough operations for a tape, and a layer that reads lists of what is not zero."""
    chance = np.random.default_rng(3)
    rows = (chance.random((64, 64)) * (chance.random((64, 64)) < 0.2)).astype(np.float32)
    start = chance.normal(0, 0.1, (64, 20)).astype(np.float32), chance.normal(0, 0.1, (20, 1))
    losses = []
    for backend in ("native", "reference"):
        monkeypatch.setenv("TENSORLET_BACKEND", backend)
        first, second = (tf.Variable(array, dtype=tf.float32) for array in start)

        @tf.function
        def step(
            x: tf.Tensor, first: tf.Variable = first, second: tf.Variable = second
        ) -> dict[str, tf.Tensor]:
            with tf.GradientTape() as tape:
                found = tf.matmul(tf.nn.relu(tf.matmul(x, first)), second)
                loss = tf.reduce_mean((found - tf.reduce_sum(x, axis=1, keepdims=True)) ** 2)
            for weights, gradient in zip([first, second], tape.gradient(loss, [first, second]), strict=True):
                weights.assign_sub(0.01 * gradient)
            return {"loss": loss}

        history = tf.run_epochs(step, (rows,), batch_size=16, epochs=3, shuffle=False)
        losses.append(history.history["loss"])
    np.testing.assert_allclose(*losses, rtol=1e-5)
