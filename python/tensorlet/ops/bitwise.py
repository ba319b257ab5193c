"""Operations on the bits of integers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tensorlet.ops.conversion import convert_together
from tensorlet.ops.registry import Elsewhere, Operation, Sample, Tensor, TensorLike, convert
from tensorlet.ops.shape_rules import elementwise


def _samples() -> list[Sample]:
    numbers = np.array([0, 1, 5, 6, 255], np.int32)
    return [
        Sample(numbers, numbers[::-1].copy() % 8),
        Sample(numbers[:, None], np.array([1, 2], np.int32)),
        Sample(numbers[:0], numbers[:0]),
        Sample(numbers[:1], numbers[:1]),
    ]


def _binary(
    name: str, symbol: str, compute: Callable[..., np.ndarray], onnx: tuple[str, ...] = ()
) -> Operation:
    return Operation(
        name,
        doc=f"``x {symbol} y``, bit by bit.",
        infer=elementwise(f"tf.bitwise.{name}", "integer"),
        reference=lambda x, y: np.asarray(compute(x, y)),
        samples=_samples,
        elsewhere=Elsewhere(onnx=onnx, numpy=f"({{0}} {symbol} {{1}})", stacked="elementwise"),
    )


_and = _binary("bitwise_and", "&", np.bitwise_and, ("BitwiseAnd",))
_or = _binary("bitwise_or", "|", np.bitwise_or, ("BitwiseOr",))
_xor = _binary("bitwise_xor", "^", np.bitwise_xor, ("BitwiseXor",))
_left = _binary("left_shift", "<<", np.left_shift)
_right = _binary("right_shift", ">>", np.right_shift)


def bitwise_and(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits that are set in both of two integers, with broadcasting.

    >>> import tensorlet as tf
    >>> print(tf.bitwise.bitwise_and([6], [3]).numpy())
    [2]
    """
    return _and(*convert_together((x, y)))


def bitwise_or(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits that are set in at least one of two integers, with broadcasting.

    >>> import tensorlet as tf
    >>> print(tf.bitwise.bitwise_or([6], [3]).numpy())
    [7]
    """
    return _or(*convert_together((x, y)))


def bitwise_xor(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits that are set in exactly one of two integers, with broadcasting.

    >>> import tensorlet as tf
    >>> print(tf.bitwise.bitwise_xor([6], [3]).numpy())
    [5]
    """
    return _xor(*convert_together((x, y)))


def left_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits of ``x``, moved by ``y`` places towards the highest.

    >>> import tensorlet as tf
    >>> print(tf.bitwise.left_shift([3], [2]).numpy())
    [12]
    """
    return _left(*convert_together((x, y)))


def right_shift(x: TensorLike, y: TensorLike, name: str | None = None) -> Tensor:
    """The bits of ``x``, moved by ``y`` places towards the lowest; the sign is kept.

    >>> import tensorlet as tf
    >>> print(tf.bitwise.right_shift([12], [2]).numpy())
    [3]
    """
    return _right(*convert_together((x, y)))


def invert(x: TensorLike, name: str | None = None) -> Tensor:
    """Each bit of an integer turned over.

    >>> import tensorlet as tf
    >>> print(tf.bitwise.invert([0, 5]).numpy())
    [-1 -6]
    """
    x = convert(x)
    ones = np.array(-1).astype(x.dtype.numpy)
    return _xor(x, convert(ones, x.dtype))
