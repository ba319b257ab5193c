"""Arguments of plots as arrays of numbers."""

from __future__ import annotations

import numpy as np

from tensorlet.errors import DTypeError, InvalidArgumentError
from tensorlet.ops.conversion import to_array


def numeric(value: object, caller: str, what: str) -> np.ndarray:
    """An array of numbers or truth values, from lists, arrays, tensors, variables and tables.

    Args:
        value: what the user passed.
        caller: the function, for messages.
        what: the argument, for messages.

    Raises:
        InvalidArgumentError: for rows of different lengths and other objects.
        DTypeError: for text.

    >>> numeric([[1, 2]], "example", "x").shape
    (1, 2)
    """
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.empty(0, object)
    if array.dtype.kind in "biuf":
        return array
    try:
        array = to_array(value)
    except InvalidArgumentError as error:
        raise InvalidArgumentError(f"{caller} cannot read {what} as numbers. {error}") from None
    if array.dtype.kind not in "biuf":
        raise DTypeError(
            f"{caller}: {what} contains text, expected numbers. Number the classes from 0 to n-1: "
            "names, y = np.unique(labels, return_inverse=True)."
        )
    return array
