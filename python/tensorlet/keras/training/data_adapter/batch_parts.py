"""The parts of a batch: x, y and sample_weight in a tuple, as in Keras."""

from __future__ import annotations

from typing import Any, TypeAlias

from tensorlet.errors import InvalidArgumentError

#: ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``, where each part is an array, a tensor or a nested structure.
Batch: TypeAlias = tuple[Any, ...]


def packed(x: object, y: object = None, sample_weight: object = None) -> Batch:
    """Returns ``(x,)``, ``(x, y)`` or ``(x, y, sample_weight)``."""
    if sample_weight is not None:
        return (x, y, sample_weight)
    return (x,) if y is None else (x, y)


def unpack(data: object) -> tuple[Any, Any, Any]:
    """Returns x, y and sample_weight of a batch, with None for missing parts.

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
            "Combine several inputs in one tuple or dictionary: ((a, b), y)."
        )
    x, y, sample_weight = (*data, None, None)[:3]
    return x, y, sample_weight


def as_given(data: Batch) -> Any:
    """Returns a batch in the form that Keras passes to user-defined steps: a single tensor without a tuple.

    >>> as_given(("x",)), as_given(("x", "y"))
    ('x', ('x', 'y'))
    """
    alone = isinstance(data, tuple) and len(data) == 1 and not isinstance(data[0], dict | list | tuple)
    return data[0] if alone else data


def only_one(x: object) -> Any:
    """Returns the inputs; a tuple or list of one input becomes that input."""
    return only_one(x[0]) if isinstance(x, list | tuple) and len(x) == 1 else x
