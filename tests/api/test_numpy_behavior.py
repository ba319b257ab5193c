"""NumPy's methods, indices and mixed dtypes for tensors, against real TensorFlow. Each mode has its own process."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy_behavior_cases
import pytest
from golden_files import GOLDEN_FOLDER

GOLDEN = json.loads((GOLDEN_FOLDER / "numpy_behavior.json").read_text(encoding="utf-8"))
CODE = """
import json, sys
sys.path.insert(0, sys.argv[1])
import numpy_behavior_cases
import tensorlet as tf
print(json.dumps(numpy_behavior_cases.results(tf, sys.argv[2], sys.argv[3] == "True")))
"""
#: In the mode "safe", TensorFlow refuses tensors of int64 beside floats, but not numbers of NumPy; here it is the same
#: for both. It makes float32 of float16 and 300, which float16 has.
DIFFERENT = {("safe", f"{dtype} NumPy's integer") for dtype in ("float16", "float32", "float64")}
DIFFERENT |= {("safe", "int64 NumPy's float")}
DIFFERENT |= {("legacy", "float16 large")}


def results(code: str, *arguments: str) -> str:
    """What a program prints."""
    command = [sys.executable, "-c", code, str(GOLDEN_FOLDER), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(("mode", "prefer"), numpy_behavior_cases.MODES)
def test_everything_is_as_in_tensorflow(mode: str, prefer: bool) -> None:
    found = json.loads(results(CODE, mode, str(prefer)))
    expected = GOLDEN[f"{mode} {prefer}"]
    assert found.keys() == expected.keys()
    differ = {name for name in expected if found[name] != expected[name]}
    assert {(mode, name) for name in differ} <= DIFFERENT, {
        name: (found[name], expected[name]) for name in differ
    }


def test_nothing_is_in_force_before_and_a_wrong_mode_is_refused() -> None:
    code = """
import tensorlet as tf
from tensorflow.python.ops.numpy_ops import np_config
for attempt in (
    lambda: tf.ones(2).reshape(2, 1),
    lambda: np_config.enable_numpy_behavior(dtype_conversion_mode="some"),
    lambda: tf.ones(2)[[0]],
):
    try:
        attempt()
    except Exception as error:
        print(error)
np_config.enable_numpy_behavior(dtype_conversion_mode="off")
print(tf.ones(2).reshape(2, 1).shape, tf.ones(3)[[0, -1]].shape)
try:
    tf.ones(2) + tf.constant(1)
except TypeError as error:
    print(error)
"""
    lines = results(f"from tensorlet.api.install import install_as_tensorflow; install_as_tensorflow(){code}")
    words = ("tf.reshape", "expected one of 'legacy'", "tf.gather", "(2, 1) (2,)", "dtypes differ")
    for word, line in zip(words, lines.splitlines(), strict=True):
        assert word in line


def test_models_train_as_before() -> None:
    code = """
import numpy as np
import tensorlet as tf
def loss():
    tf.random.set_seed(1)
    model = tf.keras.Sequential([tf.keras.layers.Dense(4, "relu"), tf.keras.layers.Dense(1)])
    model.compile("adam", "mse", metrics=["mae"])
    x = np.arange(40.0).reshape(10, 4)
    return model.fit(x, x.sum(1), epochs=3, verbose=0).history["loss"]
before = loss()
tf.experimental.numpy.experimental_enable_numpy_behavior()
print(before == loss())
"""
    assert results(code).strip() == "True"


def test_large_negative_numbers_and_other_objects() -> None:
    code = """
import tensorlet as tf
tf.experimental.numpy.experimental_enable_numpy_behavior()
x = tf.constant([1], tf.int8)
print((x + -300).numpy(), (x + [-300]).dtype.name, x == None)
"""
    assert results(code).split()[:3] == ["[-299]", "int16", "False"]
