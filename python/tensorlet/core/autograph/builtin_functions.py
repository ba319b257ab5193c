"""Python's functions that work on tensors in converted functions, such as ``range``, ``enumerate`` and ``int``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core.tensor import Operators, SymbolicTensor
from tensorlet.core.tracing import current_trace
from tensorlet.dtypes import float32, int32
from tensorlet.graph.ir import CONSTANT
from tensorlet.ops.registry import convert


def is_unknown(value: object) -> bool:
    """Whether the value is a tensor or variable that has no value while the function is traced."""
    if current_trace() is None or not isinstance(value, Operators):
        return False
    tensor = value if isinstance(value, SymbolicTensor) else convert(value)
    return isinstance(tensor, SymbolicTensor) and tensor.node.kind != CONSTANT


class Counted:
    """What a loop over ``tf.range`` goes over, if a bound is known only when the function runs."""

    def __init__(self, *bounds: Any) -> None:
        given = [convert(bound) for bound in bounds]
        dtype = next((tensor.dtype for tensor in given if tensor.dtype is not int32), int32)
        given = [ops.cast(tensor, dtype) for tensor in given]
        one, zero = convert(1, dtype), convert(0, dtype)
        self.start, limit, self.delta = {
            1: (zero, given[0], one),
            2: (*given, one),
            3: tuple(given),
        }[len(given)]
        span = limit - self.start
        if dtype.is_floating:
            rounds = ops.ceil(span / self.delta)
        else:  # the number of steps, rounded up
            rounds = -((-span) // self.delta)
        self.count = ops.cast(ops.maximum(rounds, zero), int32)

    def __iter__(self) -> Any:
        raise TypeError(
            "A tf.range with a bound that is known only when the function runs can be looped over in `for` only."
        )


class Enumerated:
    """What a loop over ``enumerate(tensor)`` goes over."""

    def __init__(self, over: Any, start: Any = 0) -> None:
        self.over = over
        self.start = start


class Zipped:
    """What a loop over ``zip`` of tensors goes over."""

    def __init__(self, *parts: Any) -> None:
        self.parts = parts


def iterated(function: Any) -> Callable[..., Any] | None:
    """What makes the thing that a loop goes over, in the place of a function; None for that function itself."""
    if getattr(function, "__wrapped__", function) is ops.range or function is range:
        return _counted_by(function)
    if function is enumerate:
        return _enumerated
    if function is zip:
        return _zipped
    return None


def _counted_by(function: Callable[..., Any]) -> Callable[..., Any]:
    def count(*bounds: Any, **options: Any) -> Any:
        return (
            Counted(*bounds) if not options and any(map(is_unknown, bounds)) else function(*bounds, **options)
        )

    return count


def _enumerated(over: Any, start: Any = 0) -> Any:
    if hasattr(over, "element_spec") and hasattr(over, "enumerate") and current_trace() is not None:
        return over.enumerate(start)
    return Enumerated(over, start) if isinstance(over, Operators | Counted) else enumerate(over, start)


def _zipped(*parts: Any, **options: Any) -> Any:
    whole = parts and all(isinstance(part, Operators | Counted) for part in parts)
    return Zipped(*parts) if whole and not options else zip(*parts, **options)  # noqa: B905 - as the user wrote it


def _becomes_tensor(*values: Any) -> bool:
    """Whether a value is unknown, and the function is not better called with values (on each element of a dataset)."""
    return any(map(is_unknown, values)) and not current_trace().computes_both_branches  # type: ignore[union-attr]


def _integer(*args: Any, **kwargs: Any) -> Any:
    return ops.cast(args[0], int32) if len(args) == 1 and _becomes_tensor(args[0]) else int(*args, **kwargs)


def _float(*args: Any) -> Any:
    return ops.cast(args[0], float32) if args and _becomes_tensor(args[0]) else float(*args)


def _range(*bounds: Any) -> Any:
    return ops.range(*bounds) if _becomes_tensor(*bounds) else range(*bounds)


#: What a converted function calls in the place of each.
CALLED: dict[Any, Callable[..., Any]] = {int: _integer, float: _float, range: _range}
