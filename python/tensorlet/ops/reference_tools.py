"""Helpers that the NumPy references of many operations share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

_FLOAT16 = np.dtype(np.float16)


def _without_warnings(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, run without NumPy's warnings."""
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        return np.errstate(all="ignore")(function)  # half the cost of a with block

    # Before NumPy 2, the decorator stored the previous state itself, which is not safe with threads.
    @functools.wraps(function)
    def quietly(*arrays: np.ndarray) -> Any:
        with np.errstate(all="ignore"):
            return function(*arrays)

    return quietly


def quiet(function: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """The function without NumPy's warnings; its result has the dtype of the first argument.

    Infinities and NaNs are passed on, as the references of elementwise operations must, and
    float16 is computed in float32 and rounded once.
    """

    @_without_warnings
    def reference(x: np.ndarray, *others: np.ndarray) -> np.ndarray:
        if x.dtype == _FLOAT16:
            wide = [array.astype(np.float32) for array in (x, *others)]
            return np.asarray(function(*wide)).astype(np.float16)
        return np.asarray(function(x, *others)).astype(x.dtype, copy=False)

    return reference


def truth(function: Callable[..., Any]) -> Callable[..., np.ndarray]:
    """The function without NumPy's warnings; its result is bool."""

    @_without_warnings
    def reference(*arrays: np.ndarray) -> np.ndarray:
        return np.asarray(function(*arrays), bool)

    return reference
