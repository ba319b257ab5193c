"""Helpers that the NumPy references of many operations share."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

_FLOAT16 = np.dtype(np.float16)
#: NumPy's routines of linear algebra use several threads for matrices of more elements.
_SEVERAL_THREADS = 1 << 12


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


#: The number of threads belongs to the process in some releases of OpenBLAS and to the caller in others. One call at a
#: time sets and restores it, which is right for both.
_one_at_a_time = threading.RLock()


@functools.cache
def _libraries() -> Any:
    """What sets the number of threads of NumPy's linear algebra."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController().select(user_api="blas")


def on_one_thread(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, with NumPy's linear algebra on one thread where it would take several.

    Its threads wait for each other after each of many small steps, and own fixed parts of the work: on a busy machine a
    decomposition that needs 20 ms on one thread takes seconds on two. Nor do the bits depend on the machine.
    """

    @functools.wraps(function)
    def apply(*arrays: np.ndarray, **options: object) -> Any:
        if all(array.size <= _SEVERAL_THREADS for array in arrays):
            return function(*arrays, **options)
        with _one_at_a_time, _libraries().limit(limits=1):
            return function(*arrays, **options)

    return apply
