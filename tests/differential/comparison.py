"""Whether two outcomes of a program are the same within what float32 can tell."""

from __future__ import annotations

import math
from typing import Any

RELATIVE, ABSOLUTE = 2e-3, 2e-4


def difference(found: dict[str, Any], wanted: dict[str, Any], names_in_order: bool = True) -> str:
    """The first place where two outcomes differ, in words; empty if nowhere."""
    ours, theirs = found["error"], wanted["error"]
    for (name, value), (other, expected) in zip(found["records"], wanted["records"], strict=False):
        if name != other:
            return f"records {name!r} where {other!r} is expected"
        if where := unequal(value, expected, names_in_order):
            return f"{name}{where}"
    if (ours is None) != (theirs is None) or (ours and theirs and ours["line"] != theirs["line"]):
        return f"error: {_told(ours)}, expected: {_told(theirs)}"
    return ""


def _told(error: dict[str, Any] | None) -> str:
    return "none" if error is None else f"line {error['line']} {error['type']} {error['message'][:200]!r}"


def unequal(value: Any, expected: Any, names_in_order: bool = True) -> str:
    """Where two values of JSON differ; empty if nowhere."""
    if isinstance(value, dict) and isinstance(expected, dict):
        names, others = (list(value), list(expected)) if names_in_order else (sorted(value), sorted(expected))
        if names != others:
            return f" has the names {names}, expected {others}"
        parts = [(f"[{name!r}]", value[name], expected[name]) for name in names]
    elif isinstance(value, list) and isinstance(expected, list):
        if len(value) != len(expected):
            return f" has {len(value)} parts, expected {len(expected)}"
        parts = [(f"[{n}]", *pair) for n, pair in enumerate(zip(value, expected, strict=True))]
    else:
        return "" if _close(value, expected) else f" is {value}, expected {expected}"
    for place, one, other in parts:
        if where := unequal(one, other, names_in_order):
            return place + where
    return ""


def _close(value: Any, expected: Any) -> bool:
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in (value, expected))
    if not numbers:
        return bool(value == expected)
    return math.isclose(value, expected, rel_tol=RELATIVE, abs_tol=ABSOLUTE)
