"""Saved graphs for any number of rows, inferred from the graphs for two numbers of rows.

Graphs have fixed shapes. A length that is 36 for 12 rows and 72 for 24 is three times the number of rows; the graph for
a third number of rows must agree.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError

#: The numbers of rows that are traced. The third checks what the first two say.
ROWS = (12, 24, 60)
#: A graph as values for JSON, and its constants by name.
Described = tuple[dict[str, Any], dict[str, np.ndarray]]


def for_any_rows(describe: Callable[[int], Described]) -> Described:
    """Returns the graph for any number of rows; lengths that depend on it are ``{"rows": [factor, divisor, offset]}``.

    Args:
        describe: gives the graph for a number of rows, as `tensorlet.checkpoint.saved_graph.described` does.

    Raises:
        InvalidArgumentError: if the computation is another one for another number of rows.
    """
    first, second, third = map(describe, ROWS)
    nodes, arrays = [], dict(first[1])
    for one, other in zip(first[0]["nodes"], second[0]["nodes"], strict=False):
        if "array" in one and "array" in other:
            filled = _constant(arrays, one["array"], second[1][other["array"]])
            other = {**other, "array": one["array"], **filled}
            one = {**one, **filled}
        nodes.append(_joined(one, other))
    same = len(first[0]["nodes"]) == len(second[0]["nodes"])
    rest = _joined(_without_nodes(first[0]), _without_nodes(second[0]))
    general = {**rest, "nodes": nodes}, arrays
    if not same or _comparable(at_rows(*general, ROWS[2])) != _comparable(third):
        raise _other_computation()
    return general


def at_rows(saved: dict[str, Any], arrays: Any, rows: int) -> Described:
    """Returns a graph of `for_any_rows` for one number of rows."""
    fixed = _resolved(saved, rows)
    known = {entry["array"]: arrays[entry["array"]] for entry in fixed["nodes"] if "array" in entry}
    for entry in fixed["nodes"]:
        if "slope" in entry:
            value, slope = known[entry["array"]], arrays[entry.pop("slope")]
            known[entry["array"]] = np.asarray(value + slope * (rows - ROWS[0])).astype(value.dtype)
        if entry.pop("fill", False):
            known[entry["array"]] = np.full(entry["shape"], known[entry["array"]])
    return fixed, known


def rows_that_fit(patterns: list[list[Any]], shapes: list[tuple[int, ...]]) -> int | None:
    """Returns the number of rows with which saved shapes are those of the arguments; None if there is none.

    >>> rows_that_fit([[{"rows": [1, 1, 0]}, 4]], [(7, 4)]), rows_that_fit([[{"rows": [1, 1, 0]}, 4]], [(7, 3)])
    (7, None)
    """
    found: int | None = None
    for pattern, shape in zip(patterns, shapes, strict=True):
        if found is None:
            for wanted, length in zip(pattern, shape, strict=False):
                if isinstance(wanted, dict):
                    factor, divisor, offset = wanted["rows"]
                    found = (length - offset) * divisor // factor
                    break
    found = ROWS[0] if found is None else found
    return found if [tuple(one) for one in _resolved(patterns, found)] == list(shapes) else None


def _resolved(value: object, rows: int) -> Any:
    if isinstance(value, list):
        return [_resolved(one, rows) for one in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"rows"}:
        factor, divisor, offset = value["rows"]
        return rows * factor // divisor + offset
    return {key: _resolved(one, rows) for key, one in value.items()}


def _joined(one: object, other: object) -> Any:
    """A value for JSON with the lengths that differ as functions of the number of rows."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        return {key: _joined(one[key], other[key]) for key in one}
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [_joined(*pair) for pair in zip(one, other, strict=True)]
    if type(one) is int and type(other) is int and one != other:
        factor = Fraction(other - one, ROWS[1] - ROWS[0])
        offset = one - factor * ROWS[0]
        if offset.denominator == 1:
            return {"rows": [factor.numerator, factor.denominator, int(offset)]}
    if type(one) is type(other) and (one == other or (one != one and other != other)):
        return one
    raise _other_computation()


def _constant(arrays: dict[str, np.ndarray], name: str, other: np.ndarray) -> dict[str, Any]:
    """How a constant depends on the number of rows: by its shape, if its elements are equal, or by its values."""
    one = arrays[name]
    if one.shape == other.shape:
        if np.array_equal(one, other, equal_nan=one.dtype.kind in "fc"):
            return {}
        if one.dtype.kind not in "iuf":
            raise _other_computation()
        arrays[f"{name}/slope"] = (other.astype(np.float64) - one) / (ROWS[1] - ROWS[0])
        return {"slope": f"{name}/slope"}
    if not one.size or np.unique(np.concatenate([one.ravel(), other.ravel()])).size != 1:
        raise _other_computation()
    arrays[name] = one.ravel()[0]
    return {"fill": True}


def _without_nodes(saved: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in saved.items() if key != "nodes"}


def _comparable(described: Described) -> Any:
    """A graph with its constants in it."""
    saved, arrays = described
    nodes = [
        {**node, "array": (arrays[node["array"]].shape, arrays[node["array"]].tobytes())}
        if "array" in node
        else node
        for node in saved["nodes"]
    ]
    return {**saved, "nodes": nodes}


def _other_computation() -> InvalidArgumentError:
    return InvalidArgumentError(
        f"saved_model: the function computes differently for {ROWS[0]} rows and for {ROWS[1]} or {ROWS[2]} rows. "
        "Make it independent of the number of rows."
    )
