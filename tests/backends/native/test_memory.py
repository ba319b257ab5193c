"""A machine without enough memory: `MemoryError`, never the end of the process, and the model as it was."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("resource", reason="limits on memory are POSIX's")

PROGRAM = """
import json, resource, sys
import numpy as np
import tensorlet as tf

tf.keras.utils.set_random_seed(1)
model = tf.keras.Sequential(
    [tf.keras.layers.Dense(256, activation="relu", input_shape=(64,)), tf.keras.layers.Dense(10)]
)
model.compile("adam", "mse")
rows, labels = np.ones((20_000, 64), "float32"), np.ones((20_000, 10), "float32")
left, right = tf.ones((1500, 1500)), tf.ones((1500, 1500))
model.fit(rows[:64], labels[:64], batch_size=32, verbose=0)
model.predict(rows[:64], verbose=0)
tf.function(lambda a, b: a @ b)(left[:8, :8], right[:8, :8])

def fit():
    model.fit(rows, labels, batch_size=20_000, epochs=1, verbose=0)

def predict():
    model.predict(rows, batch_size=20_000, verbose=0)

def multiply():
    tf.function(lambda a, b: tf.exp(a @ b) + tf.exp(a + b))(left, right)

def size():
    return int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()

action = {"fit": fit, "predict": predict, "multiply": multiply}[sys.argv[1]]
outcomes = []
for mebibytes in (0, 1, 2, 4, 8, 12, 16, 24, 32, 48, 4096):
    before = model.get_weights()
    resource.setrlimit(resource.RLIMIT_AS, (size() + (mebibytes << 20), resource.RLIM_INFINITY))
    try:
        action()
        outcome = "done"
    except MemoryError:
        outcome = "MemoryError"
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    if outcome == "MemoryError":
        for ours, theirs in zip(model.get_weights(), before, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    outcomes.append(outcome)
print(json.dumps(outcomes))
"""


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads the size of the process from /proc")
@pytest.mark.parametrize("action", ["fit", "predict", "multiply"])
def test_missing_memory_is_an_error_of_python(action: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, action], capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr
    outcomes = json.loads(done.stdout)
    assert outcomes[0] == "MemoryError"
    assert outcomes[-1] == "done"
