"""`tf.py_function` and `tf.numpy_function`: Python code on the values of tensors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.eager import EAGER
from tensorlet.core.tensor import EagerTensor, Operators, Tensor
from tensorlet.core.tracing import current_trace
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, RunsEagerly
from tensorlet.ops.registry import convert


def py_function(
    func: Callable[..., Any] | None = None, inp: Sequence[Any] = (), Tout: Any = None, name: str | None = None
) -> Any:
    """Calls a Python function on eager tensors; gradients flow through what it computes with them.

    A `tf.function` that calls it cannot be compiled, since the shape of the result is not known. It then runs as
    ordinary Python, operation by operation, with a `PerformanceWarning`.

    Args:
        func: the function; without it, a decorator is returned.
        inp: its arguments, tensors.
        Tout: the dtype of the result, or a list of them.
        name: ignored.

    Raises:
        InvalidArgumentError: if the function returns another number of tensors than ``Tout`` has.

    >>> import tensorlet as tf
    >>> tf.py_function(lambda x: x + 1, [tf.constant(1.0)], tf.float32).numpy().item()
    2.0
    """
    if func is None:
        return lambda function: lambda *args: py_function(function, args, Tout, name)
    _only_eagerly("tf.py_function")
    return _results("tf.py_function", func(*[EAGER.convert(value) for value in inp]), Tout)


def numpy_function(
    func: Callable[..., Any] | None = None,
    inp: Sequence[Any] = (),
    Tout: Any = None,
    stateful: bool = True,
    name: str | None = None,
) -> Any:
    """Calls a Python function on NumPy arrays; no gradient flows through it. See `tf.py_function`.

    Args:
        func, inp, Tout, name: as for `tf.py_function`; the results are arrays of exactly the dtypes ``Tout``.
        stateful: accepted without effect.

    Raises:
        InvalidArgumentError: if a result has another dtype.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> tf.numpy_function(np.sinh, [tf.constant(0.0)], tf.float32).numpy().item()
    0.0
    """
    if func is None:
        return lambda function: lambda *args: numpy_function(function, args, Tout, stateful, name)
    _only_eagerly("tf.numpy_function")
    with active_tapes.paused():
        arrays = func(*[np.array(EAGER.convert(value)) for value in inp])
        given = arrays if isinstance(arrays, list | tuple) else [arrays]
        for wanted, one in zip(Tout if isinstance(Tout, list | tuple) else [Tout], given, strict=False):
            if isinstance(one, np.ndarray | np.generic) and as_dtype(one.dtype) is not as_dtype(wanted):
                raise InvalidArgumentError(
                    f"tf.numpy_function: the function returned a {as_dtype(one.dtype).name} array, but Tout says "
                    f"{as_dtype(wanted).name}. Write array.astype({as_dtype(wanted).name!r})."
                )
        return _results("tf.numpy_function", arrays, Tout)


def _only_eagerly(name: str) -> None:
    if current_trace() is not None:
        raise RunsEagerly(
            f"{name} runs Python on values, so the function that calls it cannot be compiled. Write it in tf.* "
            "operations; in a model, compile(run_eagerly=True) runs it."
        )


def _results(name: str, result: Any, dtypes: Any) -> Any:
    """The results as tensors of the dtypes."""
    several = isinstance(dtypes, list | tuple)
    wanted = list(dtypes) if several else [] if dtypes is None else [dtypes]
    if not wanted:
        return [] if several else None
    given = list(result) if isinstance(result, list | tuple) and (several or len(wanted) != 1) else [result]
    if len(given) != len(wanted):
        raise InvalidArgumentError(
            f"{name}: the function returned {len(given)} results, but Tout has {len(wanted)} dtypes."
        )
    tensors = [_as(value, as_dtype(dtype)) for value, dtype in zip(given, wanted, strict=True)]
    return tensors if several else tensors[0]


def _as(value: Any, dtype: Any) -> Tensor:
    if isinstance(value, Operators):
        return ops.cast(value, dtype) if value.dtype is not dtype else convert(value)
    array = np.asarray(value)
    return EagerTensor(array.astype(dtype.numpy)) if array.dtype.kind in "biuf" else convert(value, dtype)
