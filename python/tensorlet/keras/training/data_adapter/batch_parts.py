"""The parts of a batch: x, y and sample_weight, in one tuple as Keras passes them around."""

from __future__ import annotations

from typing import Any, TypeAlias

from tensorlet.errors import InvalidArgumentError

#: ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``: each part an array, a tensor or a nested structure of them.
Batch: TypeAlias = tuple[Any, ...]


def packed(x: object, y: object = None, sample_weight: object = None) -> Batch:
    """``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``."""
    if sample_weight is not None:
        return (x, y, sample_weight)
    return (x,) if y is None else (x, y)


def unpack(data: object) -> tuple[Any, Any, Any]:
    """x, y and sample_weight of a batch; None for each that is missing.

    >>> unpack(("x", "y"))
    ('x', 'y', None)
    """
    if isinstance(data, list):
        data = tuple(data)
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise InvalidArgumentError(
            f"A batch has {len(data)} parts, expected (x,), (x, y) or (x, y, sample_weight). "
            "Several inputs belong in one tuple or dictionary: ((a, b), y)."
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def as_given(data: Batch) -> Any:
    """A batch as Keras passes it to a step that the user wrote: a single tensor is not wrapped in a tuple.

    >>> as_given(("x",)), as_given(("x", "y"))
    ('x', ('x', 'y'))
    """
    alone = isinstance(data, tuple) and len(data) == 1 and not isinstance(data[0], dict | list | tuple)
    return data[0] if alone else data


def only_one(x: object) -> Any:
    """The inputs; a tuple or list of one input becomes that input."""
    return only_one(x[0]) if isinstance(x, list | tuple) and len(x) == 1 else x
