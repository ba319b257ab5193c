"""`tf.experimental.numpy`. The values are those of TensorFlow 2.15."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import UnknownNameError
from tensorlet.experimental import numpy as tnp


@pytest.mark.parametrize(
    ("call", "wanted"),
    [
        (lambda: tnp.ones(3), np.ones(3)),
        (lambda: tnp.array([1, 2]), np.array([1, 2])),
        (lambda: tnp.array([1, 2.5]), np.array([1, 2.5])),
        (lambda: tnp.mean([1, 2]), np.float64(1.5)),
        (lambda: tnp.sum(tnp.array([1, 2])), np.int64(3)),
        (lambda: tnp.add(1, 2.5), np.float64(3.5)),
        (lambda: tnp.arange(3), np.arange(3)),
        (lambda: tnp.argmax(tnp.array([1, 3, 2])), np.int64(1)),
        (lambda: tnp.add(tnp.ones(2, dtype=tnp.int32), tnp.ones(2, dtype=tnp.float32)), np.full(2, 2.0)),
        (lambda: tnp.linspace(0, 1, 3), np.linspace(0, 1, 3)),
        (lambda: tnp.concatenate([[1, 2], [3.0]]), np.array([1.0, 2.0, 3.0])),
        (lambda: tnp.where([True, False], 1, 2), np.array([1, 2])),
        (lambda: tnp.full((2,), 3), np.array([3, 3])),
        (lambda: tnp.max(tnp.array([[1, 2], [3, 4]]), axis=0), np.array([3, 4])),
        (lambda: tnp.eye(2), np.eye(2)),
        (lambda: tnp.asarray(tf.constant([1.0])), np.array([1.0], "float32")),
    ],
)
def test_values_and_dtypes_are_numpys(call: object, wanted: np.ndarray) -> None:
    found = call()  # type: ignore[operator]
    assert tf.is_tensor(found)
    assert found.dtype.numpy == wanted.dtype
    np.testing.assert_array_equal(found, wanted)


def test_keras_keeps_its_own_rules() -> None:
    tnp.ones(3)
    assert tf.keras.ops.ones(3).dtype is tf.float32


def test_random_numbers_and_names() -> None:
    tnp.random.seed(1)
    first = tnp.random.randn(2)
    tnp.random.seed(1)
    assert first.numpy().tolist() == tnp.random.randn(2).numpy().tolist()
    assert first.dtype is tf.float64
    assert {"ones", "mean", "ndarray"} <= set(dir(tnp))
    with pytest.raises(UnknownNameError, match="'ones'"):
        tnp.onse  # noqa: B018


def test_it_does_not_make_a_program_one_of_keras_3() -> None:
    code = """
from tensorlet.experimental import numpy as tnp
from tensorlet.keras.generations import keras_generation
tnp.ones(2)
print(keras_generation())
from tensorlet.keras import ops
ops.relu([1.0])
print(keras_generation())
"""
    environment = {name: value for name, value in os.environ.items() if name != "TENSORLET_KERAS"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["2", "3"]
