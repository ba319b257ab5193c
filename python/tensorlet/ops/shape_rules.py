"""Shape and dtype rules that many operations share."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tensorlet.dtypes import DType
from tensorlet.errors import ShapeError
from tensorlet.ops.arguments import KINDS, require_dtype
from tensorlet.ops.conversion import dtypes_differ
from tensorlet.ops.registry import Spec


def same_dtype(function: str, names: Sequence[str], specs: Sequence[Spec]) -> DType:
    """The one dtype of all specs.

    Raises:
        DTypeError: if they differ.
    """
    first = specs[0]
    for name, spec in zip(names[1:], specs[1:], strict=True):
        if spec.dtype is not first.dtype:
            raise dtypes_differ(function, (names[0], name), (first.dtype, spec.dtype))
    return first.dtype


def broadcast(function: str, names: Sequence[str], specs: Sequence[Spec]) -> tuple[int, ...]:
    """The shape that all specs broadcast to, by the rule of NumPy.

    Raises:
        ShapeError: if two lengths of an axis differ and neither is 1.
    """
    shape = specs[0].shape
    for position in range(1, len(specs)):
        other = specs[position].shape
        if shape != other:
            joined = _joined(shape, other)
            if joined is None:
                given = " and ".join(f"{name} is {spec}" for name, spec in zip(names, specs, strict=True))
                raise ShapeError(
                    f"{function}: the shapes do not broadcast: {given}. Counted from the last axis, "
                    "lengths must be equal, or one of them 1. Use tf.reshape, tf.expand_dims or tf.transpose."
                )
            shape = joined
    return shape


def _joined(a: tuple[int, ...], b: tuple[int, ...]) -> tuple[int, ...] | None:
    """The broadcast of two shapes; None if they do not broadcast."""
    if not a or not b:  # a scalar
        return a or b
    rank = max(len(a), len(b))
    a = (1,) * (rank - len(a)) + a
    b = (1,) * (rank - len(b)) + b
    if any(one != two and one != 1 and two != 1 for one, two in zip(a, b, strict=True)):
        return None
    return tuple(two if one == 1 else one for one, two in zip(a, b, strict=True))


def elementwise(
    function: str, allowed: str, names: Sequence[str] = ("x", "y"), result: DType | None = None
) -> Callable[..., Spec]:
    """The shape rule of an element-wise operation, with broadcasting.

    Args:
        function: public name of the function, for messages.
        allowed: ``"float"``, ``"number"``, ``"bool"``, or ``"any"``.
        names: the names of the inputs, one per spec.
        result: the dtype of the result; by default that of the inputs.
    """

    is_allowed = KINDS[allowed]

    def infer(*specs: Spec) -> Spec:
        first = specs[0]
        if (
            result is None
            and len(specs) == 2
            and specs[1].dtype is first.dtype
            and specs[1].shape == first.shape
            and is_allowed(first.dtype)
        ):
            return first  # most calls: nothing to broadcast or to check
        dtype = same_dtype(function, names, specs)
        if allowed != "any":
            require_dtype(function, names[0], specs[0], allowed)
        return Spec(broadcast(function, names, specs), result or dtype)

    return infer


def unary(function: str, allowed: str, name: str = "x", result: DType | None = None) -> Callable[..., Spec]:
    """`elementwise` of one input."""
    return elementwise(function, allowed, (name,), result)
