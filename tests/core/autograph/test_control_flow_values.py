"""Control flow on tensors, `tf.TensorArray`, `tf.scan`, folds: the values and gradients of real TensorFlow."""

from __future__ import annotations

import json
from typing import Any

import autograph_cases
import dataset_loop_cases
import numpy as np
import pytest
import tensor_array_cases
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

#: Loops whose end is a tensor run on the reference backend.
pytestmark = pytest.mark.filterwarnings("ignore::tensorlet.errors.PerformanceWarning")
EXPECTED = json.loads((GOLDEN_FOLDER / "autograph.json").read_text())
#: What TensorFlow refuses, worked out by hand: an early return that leaves only some of the paths, a conditional
#: expression inside another, and enumerate of a tensor.
BY_HAND = {
    "early": [-1.0, 1.0, 9.5, 14.7, 14.0],
    "enum": 8.0,
    "ternary": [2.0, 0.0, 3.0],
    "g early": [[0.0], [1.0], [3.0], [3.0], [2.0]],
}
CASES = {**autograph_cases.cases(tf), **tensor_array_cases.cases(tf), **dataset_loop_cases.cases(tf)}


def flat(value: Any) -> list[float]:
    if isinstance(value, dict):
        return [number for name in sorted(value) for number in flat(value[name])]
    if isinstance(value, list | tuple):
        return [number for item in value for number in flat(item)]
    return [] if value is None else list(np.asarray(value, np.float64).reshape(-1))


@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_tensorflow(name: str) -> None:
    expected = BY_HAND.get(name, EXPECTED[name])
    np.testing.assert_allclose(flat(CASES[name]()), flat(expected), rtol=1e-5, atol=1e-6)
