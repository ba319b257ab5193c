"""Arrays from whatever holds rows: lists of numbers, data frames, tables, tensors."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.data.elements import as_column
from tensorlet.dtypes import DType, as_dtype, float32, int32, int64

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

#: dtypes that rows are converted to for the step, as Keras does with floats; others stay as they are.
STEP_DTYPES: dict[str, DType] = {
    "float64": float32, "float16": float32, "int8": int32, "int16": int32, "uint16": int32, "uint32": int64,
    "uint64": int64,
}  # fmt: skip

#: dtypes of columns that the native epoch reads as they are.
READ = frozenset(map(np.dtype, ("float32", "float64", "int32", "int64", "uint8", "bool")))


def as_columns(value: object, several: bool = True) -> Any:
    """The value, with tensors, frames, tables and nested lists of numbers replaced by arrays.

    Args:
        value: the user's x, y or sample_weight.
        several: whether a list of arrays means several inputs; otherwise it is one array of stacked rows.
    """
    if isinstance(value, dict):
        return {name: as_columns(value[name]) for name in value}
    if isinstance(value, list | tuple) and not _is_nested_numbers(value):
        if len(value) == 1:
            return as_columns(value[0])
        if several:
            return type(value)(as_columns(item) for item in value)
        return np.stack([np.asarray(as_columns(item)) for item in value])
    return as_column(value)


@functools.lru_cache(maxsize=64)
def step_dtype(dtype: DTypeLike) -> DType:
    """The dtype in which the step receives rows of a dtype: floats are float32, as in Keras."""
    return STEP_DTYPES.get(np.dtype(dtype).name) or as_dtype(dtype)  # type: ignore[arg-type]


def is_batched(x: object) -> bool:
    """Whether the input yields batches, as opposed to an array or a structure of arrays."""
    if isinstance(x, np.ndarray | list | tuple | dict | str) or hasattr(x, "__array__") or is_table(x):
        return False
    return isinstance(x, Iterable) or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def is_table(value: object) -> bool:
    """Whether a value is a data frame, a table or a sparse matrix, of any library."""
    return (
        hasattr(value, "to_numpy")
        or hasattr(value, "toarray")
        or (hasattr(value, "column_names") and hasattr(value, "column"))
    )


def _is_nested_numbers(value: object) -> bool:
    """Whether a list holds numbers, or lists of numbers, rather than arrays."""
    while isinstance(value, list | tuple):
        if not value:
            return True
        value = value[0]
    return isinstance(value, bool | int | float | np.generic)
