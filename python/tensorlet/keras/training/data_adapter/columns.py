"""Conversion of row data to arrays: lists of numbers, data frames, tables, tensors."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.data.elements import as_column
from tensorlet.dtypes import DType, as_dtype, int32, int64
from tensorlet.keras.config import float_dtype

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike

#: The integers to which rows are converted for the step; other integers are unchanged.
STEP_INTEGERS: dict[str, DType] = {
    "int8": int32, "int16": int32, "uint16": int32, "uint32": int64, "uint64": int64,
}  # fmt: skip

#: The dtypes of columns that native epochs read without conversion.
READ = frozenset(map(np.dtype, ("float32", "float64", "int32", "int64", "uint8", "bool")))


def as_columns(value: object, several: bool = True, text: bool = False) -> Any:
    """Converts tensors, frames, tables and nested lists of numbers in a value to arrays.

    Args:
        value: the user's x, y or sample_weight.
        several: whether a list of arrays means several inputs; otherwise the arrays are stacked as rows.
        text: whether arrays may hold text.
    """
    if isinstance(value, dict):
        # None stands for an optional input, which the model takes for left out.
        return {name: as_columns(one, text=text) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple) and not _is_nested_elements(value):
        if len(value) == 1:
            return as_columns(value[0], text=text)
        if several:
            return type(value)(as_columns(item, text=text) for item in value)
        return np.stack([np.asarray(as_columns(item, text=text)) for item in value])
    return as_column(value, text=text)


def step_dtype(dtype: DTypeLike) -> DType:
    """Returns the dtype of rows in the step: that of `tf.keras.backend.floatx` for floats, as in Keras."""
    return _step_dtype(dtype, float_dtype())


@functools.lru_cache(maxsize=64)
def _step_dtype(dtype: DTypeLike, floats: DType) -> DType:
    given = np.dtype(dtype)  # type: ignore[arg-type]
    return floats if given.kind == "f" else STEP_INTEGERS.get(given.name) or as_dtype(dtype)


def is_batched(x: object) -> bool:
    """Whether the input yields batches, unlike an array or a structure of arrays."""
    if isinstance(x, np.ndarray | list | tuple | dict | str) or hasattr(x, "__array__") or is_table(x):
        return False
    return isinstance(x, Iterable) or (hasattr(x, "__getitem__") and hasattr(x, "__len__"))


def is_table(value: object) -> bool:
    """Whether a value is a data frame, a table or a sparse matrix of any library."""
    return (
        hasattr(value, "to_numpy")
        or hasattr(value, "toarray")
        or (hasattr(value, "column_names") and hasattr(value, "column"))
    )


def is_text(dtype: object) -> bool:
    """Whether columns of this NumPy dtype hold text."""
    return np.dtype(dtype).kind == "O"  # type: ignore[call-overload]


def _is_nested_elements(value: object) -> bool:
    """Whether a list contains numbers or texts, or lists of them, rather than arrays."""
    while isinstance(value, list | tuple):
        if not value:
            return True
        value = value[0]
    return isinstance(value, bool | int | float | str | bytes | np.generic)
