"""The shapes of a layer's outputs, found by tracing it without computing values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from tensorlet.core.nest import flatten, map_structure, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators
from tensorlet.core.tracing import Trace
from tensorlet.dtypes import DType
from tensorlet.errors import ShapeError
from tensorlet.ops.registry import Spec, convert, interpreting

#: Values for unknown lengths while tracing. Both are divisible by 2, 3 and 4; lengths that differ between the two
#: traces are unknown as well.
STAND_INS = (12, 24)


class OpenSpec:
    """A shape, whose lengths may be open (None), and a dtype.

    No tuple, so that it counts as one thing in nested structures.
    """

    __slots__ = ("dtype", "shape")

    def __init__(self, shape: Sequence[int | None], dtype: DType) -> None:
        self.shape = tuple(shape)
        self.dtype = dtype

    def with_length(self, length: int) -> Spec:
        """The spec with each open length filled in."""
        return Spec(tuple(length if one is None else one for one in self.shape), self.dtype)


def infer(function: Callable[..., Any], specs: Sequence[OpenSpec], name: str) -> Any:
    """The `OpenSpec`s of a function's results, in the structure in which it returns tensors.

    Args:
        function: takes one tensor for each spec.
        specs: of its arguments; open lengths are all taken to be the same number.
        name: for messages.
    """
    runs = [_trace(function, specs, name, STAND_INS[0])]
    if any(None in spec.shape for spec in specs):
        runs.append(_trace(function, specs, name, STAND_INS[1]))
    leaves = [_merged(found) for found in zip(*[flatten(run) for run in runs], strict=True)]
    return pack_like(runs[0], leaves)


def _trace(function: Callable[..., Any], specs: Sequence[OpenSpec], name: str, length: int) -> Any:
    trace = Trace(name)
    with interpreting(trace):
        result = function(*[trace.add_input(spec.with_length(length)) for spec in specs])
        return map_structure(_spec_of, result)


def _spec_of(value: object) -> OpenSpec | None:
    if value is None:
        return None
    tensor: Any = value if isinstance(value, Operators) else convert(value)
    return OpenSpec(tensor.shape, tensor.dtype)


def _merged(found: Sequence[OpenSpec | None]) -> OpenSpec | None:
    first, last = found[0], found[-1]
    if first is None or last is None:
        return first
    pairs = zip(first.shape, last.shape, strict=True)
    return OpenSpec([one if one == other else None for one, other in pairs], first.dtype)


def shapes_of(structure: Any) -> Any:
    """The shapes of tensors, arrays or `KerasTensor`s, in their structure."""
    if isinstance(structure, list | tuple):
        return [shapes_of(item) for item in structure]
    if isinstance(structure, dict):
        return {key: shapes_of(item) for key, item in structure.items()}
    return TensorShape(structure.shape)


def is_shape(value: object) -> bool:
    """Whether it is one shape, and not a list or dictionary of shapes."""
    return isinstance(value, list | tuple) and all(one is None or isinstance(one, int) for one in value)


def shape_structure(value: object) -> Any:
    """The shapes that a user wrote, for one or several inputs, as `TensorShape`s."""
    if isinstance(value, dict):
        return {key: shape_structure(item) for key, item in value.items()}
    if is_shape(value):
        return TensorShape(value)
    if isinstance(value, list | tuple):
        return [shape_structure(item) for item in value]
    raise ShapeError(
        f"An input shape is expected, such as (None, 784), or a list or dictionary of them; got {value!r}."
    )


def flat_shapes(structure: Any) -> list[TensorShape]:
    """The shapes of such a structure, in order."""
    if isinstance(structure, dict):
        return [shape for key in sorted(structure) for shape in flat_shapes(structure[key])]
    if isinstance(structure, TensorShape):
        return [structure]
    return [shape for item in structure for shape in flat_shapes(item)]


def specs_of(structure: Any, dtype: DType) -> Any:
    """An `OpenSpec` in the place of each shape."""
    if isinstance(structure, dict):
        return {key: specs_of(item, dtype) for key, item in structure.items()}
    if isinstance(structure, TensorShape):
        return OpenSpec(structure, dtype)
    return [specs_of(item, dtype) for item in structure]
