"""What the NumPy references of many operations share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def quiet(function: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """The function without NumPy's warnings; its result has the dtype of the first argument.

    Infinities and NaNs are passed on, as the references of elementwise operations must, and
    float16 is computed in float32 and rounded once.
    """

    def reference(x: np.ndarray, *others: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            if x.dtype == np.float16:
                wide = [array.astype(np.float32) for array in (x, *others)]
                return np.asarray(function(*wide)).astype(np.float16)
            return np.asarray(function(x, *others)).astype(x.dtype, copy=False)

    return reference


def truth(function: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """The function without NumPy's warnings; its result is bool."""

    def reference(*arrays: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            return np.asarray(function(*arrays), bool)

    return reference
