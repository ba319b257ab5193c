"""Maximum, minimum and clipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.ops import samples
from tensorlet.ops.gradient_tools import sum_to
from tensorlet.ops.reference_tools import quiet
from tensorlet.ops.registry import (
    Elsewhere,
    Operation,
    Postponed,
    Sample,
    Tensor,
    TensorLike,
    convert,
    functions,
)
from tensorlet.ops.shape_rules import elementwise

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike


def chosen(g: Tensor, first: Tensor, x: Tensor, y: Tensor) -> tuple[Postponed, Postponed]:
    """The gradient goes to the operand that was chosen."""
    return (
        lambda: sum_to(functions.where(first, g, 0), x.shape),
        lambda: sum_to(functions.where(first, 0, g), y.shape),
    )


def _samples() -> list[Sample]:
    tie = np.array([1.0, 2.0], np.float32)
    return [*samples.of_two_numbers(), Sample(tie, tie[::-1].copy()), Sample(tie, tie, differentiable=())]


_maximum = Operation(
    "maximum",
    infer=elementwise("tf.maximum", "number"),
    reference=quiet(np.maximum),
    gradient=lambda g, output, x, y: chosen(g, x >= y, x, y),
    samples=_samples,
    together=(0, 1),
    elsewhere=Elsewhere(engine="max", onnx=("Max",), numpy="np.maximum({0}, {1})", stacked="elementwise"),
)


def maximum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The larger of ``x`` and ``y``, with broadcasting; NaN where either is NaN.

    In a tie the gradient goes to ``x``.

    Raises:
        DTypeError: if the dtypes differ.
        ShapeError: if the shapes do not broadcast.

    >>> import tensorlet as tf
    >>> print(tf.maximum([1.0, 5.0], 3.0).numpy())
    [3. 5.]
    """
    return _maximum(x, y)


_minimum = Operation(
    "minimum",
    infer=elementwise("tf.minimum", "number"),
    reference=quiet(np.minimum),
    gradient=lambda g, output, x, y: chosen(g, x <= y, x, y),
    samples=_samples,
    together=(0, 1),
    elsewhere=Elsewhere(engine="min", onnx=("Min",), numpy="np.minimum({0}, {1})", stacked="elementwise"),
)


def minimum(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The smaller of ``x`` and ``y``, with broadcasting; NaN where either is NaN. Errors as for `maximum`.

    In a tie the gradient goes to ``x``.

    >>> import tensorlet as tf
    >>> print(tf.minimum([1.0, 5.0], 3.0).numpy())
    [1. 3.]
    """
    return _minimum(x, y)


def clip_by_value(
    t: TensorLike, clip_value_min: TensorLike, clip_value_max: TensorLike, name: str | None = None
) -> Tensor:
    """Clips elements to the range from ``clip_value_min`` to ``clip_value_max``.

    The gradient is 0 for elements outside the range, and passes for elements inside it or on a bound.

    Args:
        t: a numeric tensor.
        clip_value_min: a number, or a tensor that broadcasts to the shape of ``t``.
        clip_value_max: likewise.
        name: ignored.

    Raises:
        ShapeError: if a bound has more axes or elements than ``t``.

    >>> import tensorlet as tf
    >>> print(tf.clip_by_value([-2.0, 0.5, 7.0], 0.0, 1.0).numpy())
    [0.  0.5 1. ]
    """
    t = convert(t)
    clipped = _maximum(_minimum(t, clip_value_max), clip_value_min)
    if tuple(clipped.shape) != tuple(t.shape):
        raise ShapeError(
            f"tf.clip_by_value: t has shape {tuple(t.shape)}, but with these bounds the result would have shape "
            f"{tuple(clipped.shape)}. Pass bounds that broadcast to the shape of t, such as scalars."
        )
    return clipped


def clip_by_norm(
    t: TensorLike, clip_norm: TensorLike, axes: AxisLike = None, name: str | None = None
) -> Tensor:
    """Scales ``t`` down to the norm ``clip_norm`` if its Euclidean norm is larger.

    Args:
        t: a float tensor.
        clip_norm: the largest norm, positive.
        axes: the axes over which the norm is taken; None for all.
        name: ignored.

    >>> import tensorlet as tf
    >>> print(tf.clip_by_norm([3.0, 4.0], 1.0).numpy())
    [0.6 0.8]
    """
    t = convert(t)
    squares = functions.reduce_sum(functions.square(t), axis=axes, keepdims=True)
    some = squares > 0
    # Where all elements are zero, the root of 1 is taken, so that the gradient is finite.
    length = functions.where(some, functions.sqrt(functions.where(some, squares, 1)), squares)
    return functions.divide(functions.multiply(t, clip_norm), _maximum(length, clip_norm))


def global_norm(t_list: Sequence[TensorLike | None], name: str | None = None) -> Tensor:
    """The global norm of several tensors: the square root of the sum of all squares.

    Args:
        t_list: float tensors; None entries are ignored.
        name: ignored.

    Raises:
        InvalidArgumentError: if the list contains no tensors.

    >>> import tensorlet as tf
    >>> print(tf.linalg.global_norm([[3.0], None, [4.0]]).numpy())
    5.0
    """
    sums = [
        functions.reduce_sum(functions.square(t))
        for t in _listed("tf.linalg.global_norm", t_list)
        if t is not None
    ]
    if not sums:
        raise InvalidArgumentError("tf.linalg.global_norm: 't_list' contains no tensors. Pass at least one.")
    return functions.sqrt(functions.add_n(sums))


def _listed(function: str, t_list: Any) -> list[Any]:
    if not isinstance(t_list, (list, tuple)):
        raise InvalidArgumentError(
            f"{function}: 't_list' is a {type(t_list).__name__}, but a list of tensors is expected. "
            "For a single tensor, write [t]."
        )
    return list(t_list)


def clip_by_global_norm(
    t_list: Sequence[TensorLike | None],
    clip_norm: TensorLike,
    use_norm: TensorLike | None = None,
    name: str | None = None,
) -> tuple[list[Tensor | None], Tensor]:
    """Scales all tensors by one factor, so that their `global_norm` is at most ``clip_norm``.

    Source: R. Pascanu, T. Mikolov, Y. Bengio, "On the difficulty of training recurrent neural
    networks", 2012.

    Args:
        t_list: float tensors, often gradients; None entries stay None.
        clip_norm: the largest norm, positive.
        use_norm: the global norm, if it is already known.
        name: ignored.

    Returns:
        The scaled tensors, and their norm before scaling. All are NaN if the norm is not finite.

    >>> import tensorlet as tf
    >>> clipped, norm = tf.clip_by_global_norm([[3.0], [4.0]], 1.0)
    >>> print(clipped[0].numpy(), clipped[1].numpy(), norm.numpy())
    [0.6] [0.8] 5.0
    """
    tensors = [t if t is None else convert(t) for t in _listed("tf.clip_by_global_norm", t_list)]
    norm = convert(use_norm) if use_norm is not None else global_norm(tensors)
    # norm - norm is 0, but NaN for an infinite norm.
    scale = functions.divide(clip_norm, _maximum(norm, clip_norm)) + (norm - norm)
    return [t if t is None else t * scale for t in tensors], norm
