"""Several epochs in one native call give the same results, and callbacks still run when needed."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import _native
from tensorlet.keras.callbacks import History
from tensorlet.keras.training.loop import multi_epoch
from tensorlet.keras.training.report.nan_guard import TrainingWarning

Layers = tf.keras.layers
ROWS = np.random.default_rng(5).normal(size=(26, 3)).astype("float32")
LABELS = (ROWS.sum(axis=1, keepdims=True) > 0).astype("float32")


class LooksOn(tf.keras.callbacks.Callback):
    """Wants to be called between epochs, so that no block is made."""

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        """Does nothing."""


def trained(
    *callbacks: Any, seed: int = 3, **options: Any
) -> tuple[dict[str, list[float]], list[np.ndarray]]:
    """History and weights after training a small network with dropout."""
    tf.keras.utils.set_random_seed(seed)
    model = tf.keras.Sequential(
        [Layers.Dense(4, activation="relu", input_shape=(3,)), Layers.Dropout(0.2), Layers.Dense(1)]
    )
    model.compile("adam", "mse", metrics=["mae", "accuracy"])
    options = {"epochs": 7, "batch_size": 8, "verbose": 0, **options}
    history = model.fit(ROWS, LABELS, callbacks=list(callbacks), **options)
    assert history.epoch == list(range(options.get("initial_epoch", 0), options["epochs"]))
    assert model.history is history
    return history.history, model.get_weights()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"shuffle": False},
        {"validation_split": 0.25},
        {"validation_data": (ROWS[:9], LABELS[:9]), "validation_batch_size": 4},
        {"initial_epoch": 2},
    ],
    ids=str,
)
def test_the_same_numbers_with_and_without_blocks(options: dict[str, Any], monkeypatch: Any) -> None:
    runs = []
    run_schedule = multi_epoch.run_schedule

    def counted(*arguments: Any) -> Any:
        runs.append(arguments)
        return run_schedule(*arguments)

    monkeypatch.setattr(multi_epoch, "run_schedule", counted)
    history, weights = trained(**options)
    assert len(runs) == 1
    expected, expected_weights = trained(LooksOn(), **options)
    assert len(runs) == 1
    assert history == expected
    assert list(history) == list(expected)
    for ours, theirs in zip(weights, expected_weights, strict=True):
        assert np.array_equal(ours, theirs)


def test_short_blocks_give_the_same_numbers(monkeypatch: Any) -> None:
    expected, _ = trained(validation_split=0.25)
    monkeypatch.setattr(multi_epoch, "SECONDS", 0.0)  # a block for each epoch
    assert trained(validation_split=0.25)[0] == expected
    monkeypatch.setattr(multi_epoch, "MOST_EPOCHS", 2)
    assert trained(validation_split=0.25)[0] == expected


def test_the_next_run_shuffles_as_after_single_epochs() -> None:
    after = []
    for callbacks in ([], [LooksOn()]):
        trained(*callbacks)
        after.append(tf.random.uniform([3]).numpy())
    assert np.array_equal(*after)


def test_own_history_and_own_hooks_are_called() -> None:
    class Counts(History):
        calls = 0

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            self.calls += 1
            super().on_epoch_end(epoch, logs)

    counts = Counts()
    history, _ = trained(counts)
    assert counts.calls == 7
    assert counts.history == history


def test_a_loss_that_is_not_finite_is_reported_with_its_epoch() -> None:
    def model() -> Any:
        made = tf.keras.Sequential([Layers.Dense(1, input_shape=(3,), kernel_initializer="ones")])
        made.compile(tf.keras.optimizers.SGD(1e9), "mse")
        return made

    said = []
    for callbacks in ([], [LooksOn()]):
        tf.keras.utils.set_random_seed(1)
        with pytest.warns(TrainingWarning, match="The learning rate 1e\\+09 is probably too large") as caught:
            history = model().fit(ROWS, LABELS, epochs=6, verbose=0, callbacks=callbacks)
        assert len(history.epoch) == 6
        said.append(str(caught[0].message))
    assert said[0] == said[1]


def test_stop_training_from_another_thread_ends_the_run() -> None:
    model = tf.keras.Sequential([Layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    model.fit(ROWS, LABELS, epochs=1, verbose=0)

    def stop() -> None:
        time.sleep(0.05)
        model.stop_training = True

    thread = threading.Thread(target=stop)
    thread.start()
    history = model.fit(ROWS, LABELS, epochs=1_000_000_000, verbose=0)
    thread.join()
    assert 0 < len(history.epoch) == len(history.history["loss"]) < 1_000_000_000


def test_the_native_call_refuses_what_does_not_fit() -> None:
    width_needed = "history must be a writable array float64"
    with pytest.raises(ValueError, match=width_needed):
        _native.run_schedule([], [], None, np.empty((2, 3)), 1.0)
    model = tf.keras.Sequential([Layers.Dense(1, input_shape=(3,))])
    model.compile("sgd", "mse")
    caught: list[Any] = []
    original = multi_epoch.run_schedule

    def catch(*arguments: Any) -> Any:
        caught.append(arguments)
        return original(*arguments)

    multi_epoch.run_schedule = catch  # type: ignore[assignment]
    try:
        model.fit(ROWS, LABELS, epochs=2, batch_size=8, verbose=0)
    finally:
        multi_epoch.run_schedule = original  # type: ignore[assignment]
    stages, copies, _, numbers, _ = caught[0]
    (part, columns, variables, steps, first), reports = stages[1], False
    program = part.program
    last = (stages[-1].program.program, (), stages[-1].variables, 0, None, True)

    def refused(match: str, *stage: Any, shuffle: Any = None, pairs: Any = ()) -> None:
        with pytest.raises(ValueError, match=match):
            _, error = _native.run_schedule([stage, last], list(pairs), shuffle, numbers, 1.0)
            assert error is not None
            raise error

    refused("has 2 inputs and", program, columns[:1], variables, steps, first, reports)
    refused("column 0 must have contiguous rows", program, [ROWS[:, ::2], LABELS], variables, 1, None, False)
    refused("need 24 rows, but there are 4", program, columns, variables, 3, 0, False, shuffle=(4, 1, 0))
    refused("need 80 rows, but there are 26", program, columns, variables, 10, None, False)
    refused("fewer than 2\\*\\*32", program, columns, variables, 1, 0, False, shuffle=(2**32, 1, 0))
    refused(
        "copy 0 needs two contiguous arrays of one size", program, columns, variables, 1, None, False,
        pairs=[(np.zeros(2), np.zeros(3))],
    )  # fmt: skip
    read_only = np.zeros(2)
    read_only.flags.writeable = False
    refused("copy 0", program, columns, variables, 1, None, False, pairs=[(np.zeros(2), read_only)])
    assert len(copies) == 2 * len(variables)


INTERRUPTED = """
import os, signal, threading, time
import numpy as np
import tensorlet as tf
model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(3,))])
model.compile("sgd", "mse")
first = model.fit(np.ones((8, 3)), np.ones(8), epochs=3, verbose=0)
signal.signal(signal.SIGINT, signal.default_int_handler)
def interrupt():
    while model.history is first or len(model.history.epoch) <= 10:
        time.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt, daemon=True).start()
try:
    model.fit(np.ones((8, 3)), np.ones(8), epochs=10**9, verbose=0)
except KeyboardInterrupt:
    done = model.history
    print(len(done.epoch) == len(done.history["loss"]) > 10, np.isfinite(model.get_weights()[0]).all())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent in another way there")
def test_ctrl_c_keeps_the_history_and_the_weights() -> None:
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, text=True, timeout=60)
    assert (done.stdout, done.stderr) == ("True True\n", "")
