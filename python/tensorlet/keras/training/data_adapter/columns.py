"""Arrays from whatever holds rows: lists of numbers, data frames, tables, tensors."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from tensorlet.data.elements import as_column
from tensorlet.dtypes import DType, as_dtype, float32, int32, int64

#: dtypes that rows are converted to for the step, as Keras does with floats; others stay as they are.
STEP_DTYPES: dict[str, DType] = {
    "float64": float32, "float16": float32, "int8": int32, "int16": int32, "uint16": int32, "uint32": int64,
    "uint64": int64,
}  # fmt: skip
#: dtypes of columns that the native epoch reads as they are.
READ = frozenset(map(np.dtype, ("float32", "float64", "int32", "int64", "uint8", "bool")))


def as_columns(value: Any, several: bool = True) -> Any:
    """The value with arrays in the places of tensors, frames, tables and nested lists of numbers."""
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
def step_dtype(dtype: Any) -> DType:
    """The dtype in which the step sees rows of a dtype: floats are float32, as in Keras."""
    return STEP_DTYPES.get(np.dtype(dtype).name) or as_dtype(dtype)


def is_table(value: Any) -> bool:
    """Whether a value is a data frame, a table or a sparse matrix, of any library."""
    return (
        hasattr(value, "to_numpy")
        or hasattr(value, "toarray")
        or (hasattr(value, "column_names") and hasattr(value, "column"))
    )


def _is_nested_numbers(value: Any) -> bool:
    """Whether a list holds numbers (and lists of them), and no arrays."""
    while isinstance(value, list | tuple):
        if not value:
            return True
        value = value[0]
    return isinstance(value, bool | int | float | np.generic)
