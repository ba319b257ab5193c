"""Whichever input the user hands over: rows for native epochs where possible, else batches."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from tensorlet.data.dataset import Dataset
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.data_adapter.batch_parts import packed
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.class_weights import weighted_rows
from tensorlet.keras.training.data_adapter.columns import as_columns, is_table
from tensorlet.keras.training.data_adapter.dataset_rows import dataset_rows
from tensorlet.keras.training.data_adapter.rows import Rows


def make_input(
    x: Any,
    y: Any = None,
    sample_weight: Any = None,
    *,
    class_weight: dict[int, float] | None = None,
    steps: int | None = None,
    several_inputs: bool = False,
    batch_size: Any = None,
    argument: str = "steps",
) -> Rows | Batches:
    """Rows or batches, whichever the user's input gives.

    Args:
        x: array, structure of arrays, data frame, table, generator, `Sequence` or `Dataset`.
        y, sample_weight: arrays or structures of them; only beside arrays.
        class_weight: from class number to the weight of its examples.
        steps: batches in an epoch, for input without an end.
        several_inputs: whether a list of arrays means one array for each input of the model.
        batch_size: what the user asked for; only beside arrays.
        argument: the name by which the user can say ``steps``.
    """
    if not is_batched(x):
        x = as_columns(x, several_inputs)
        y = None if y is None else as_columns(y)
        weight = None if sample_weight is None else as_columns(sample_weight)
        return Rows(packed(x, y, weighted_rows(y, weight, class_weight)))
    kind = "Dataset" if isinstance(x, Dataset) else type(x).__name__
    if y is not None or sample_weight is not None:
        raise InvalidArgumentError(
            f"y and sample_weight were given beside x of type {kind}, which yields batches. "
            "Expected the labels to come with it: let it yield (x, y) or (x, y, sample_weight)."
        )
    if batch_size is not None:
        raise InvalidArgumentError(
            f"batch_size={batch_size} was given beside x of type {kind}, which yields batches already. "
            "Leave it out, and let the input make batches of that size: dataset.batch(32)."
        )
    return dataset_rows(x, steps, class_weight, argument) or Batches(x, steps, class_weight)


def is_batched(x: Any) -> bool:
    """Whether the input yields batches, and is no array or structure of arrays."""
    if isinstance(x, np.ndarray | list | tuple | dict | str) or hasattr(x, "__array__") or is_table(x):
        return False
    return isinstance(x, Iterable) or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))
