"""The arrays behind tensors and variables. Other rooms access them only through these functions.

Compiled programs read and write the buffers of variables in place, so a variable keeps its buffer for its whole
lifetime, with one exception: a buffer may be read-only, as in a model that ``joblib.load(path, mmap_mode="r")`` has
read from a file. It is shared with other processes until the first write; then the variable gets its own buffer.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable

import numpy as np

from tensorlet.core.tensor import EagerTensor
from tensorlet.core.variable import Variable, aligned_copy


class Buffers(list[np.ndarray]):
    """The buffers of some variables, as backends take them; `writable_array_of` keeps them up to date."""


#: The lists that hold a read-only buffer, which may be replaced.
_with_read_only: list[weakref.ref[Buffers]] = []


def array_of(value: EagerTensor | Variable) -> np.ndarray:
    """The values of a tensor or variable, without a copy. They must not be modified.

    >>> import tensorlet as tf
    >>> from tensorlet.core.buffers import array_of
    >>> array_of(tf.constant([1.0, 2.0]))
    array([1., 2.], dtype=float32)
    """
    return value._array


def writable_array_of(variable: Variable) -> np.ndarray:
    """The buffer of a variable, to be modified in place."""
    old = variable._array
    if not old.flags.writeable:
        variable._array = aligned_copy(old)
        for reference in _with_read_only:
            for position, buffer in enumerate(reference() or ()):
                if buffer is old:
                    reference()[position] = variable._array  # type: ignore[index]
    return variable._array


def buffers_of(variables: Iterable[Variable], changed: Iterable[Variable]) -> Buffers:
    """The buffers of the variables that a program reads.

    Args:
        variables: the variables.
        changed: those that the program also writes.
    """
    for variable in changed:
        writable_array_of(variable)
    buffers = Buffers(variable._array for variable in variables)
    if not all(buffer.flags.writeable for buffer in buffers):
        _with_read_only[:] = [one for one in _with_read_only if one() is not None]
        _with_read_only.append(weakref.ref(buffers))
    return buffers
