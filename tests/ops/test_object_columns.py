"""Data frames and arrays that hold objects: the message names the column, the value and the way out."""

from __future__ import annotations

import datetime
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import DTypeError


class Frame:
    """As much of a pandas data frame as is looked at."""

    def __init__(self, **columns: list[Any]) -> None:
        self.columns = list(columns)
        self._rows = list(zip(*columns.values(), strict=True))

    def to_numpy(self) -> np.ndarray:
        """The values, as objects."""
        array = np.empty((len(self._rows), len(self.columns)), dtype=object)
        for number, row in enumerate(self._rows):
            array[number] = row
        return array


class NAType:
    """What pandas calls a missing value of its own types."""

    def __repr__(self) -> str:
        return "<NA>"


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (["rome", "oslo"], r"The column 'city' holds text, such as 'rome' in row 0. Encode it .*get_dummies"),
        ([1, NAType()], r"The column 'city' holds missing values, such as <NA> in row 1. Fill the gaps"),
        ([datetime.datetime(2020, 1, 1)] * 2, r"values of type datetime, .* Convert times to numbers"),
        (
            [[1, 2], [3]],
            r"The column 'city' holds lists, such as \[1, 2\] in row 0. Make all rows the same length",
        ),
    ],
)
def test_frames(column: list[Any], expected: str) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    model.compile("sgd", "mse")
    frame = Frame(age=[30, 40], city=column)
    with pytest.raises(DTypeError, match=expected):
        model.fit(frame, np.zeros(2), verbose=0)
    with pytest.raises(DTypeError, match=expected):
        model.predict(frame, verbose=0)


def test_numbers_among_objects_are_numbers() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,), kernel_initializer="ones")])
    found = model.predict(Frame(age=[30, 40], member=[True, 0.5]), verbose=0)
    assert found.tolist() == [[31.0], [40.5]]


def test_arrays() -> None:
    x = np.array([[1, "rome"], [2, "oslo"]], dtype=object)
    with pytest.raises(DTypeError, match="Column 1 of the data holds text, such as 'rome' in row 0"):
        tf.data.Dataset.from_tensor_slices(x)
