"""The shape that two shapes broadcast to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tensorlet.core.shape import TensorShape
from tensorlet.errors import ShapeError
from tensorlet.ops.arguments import static_integers
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.ops.registry import Tensor, TensorLike
    from tensorlet.type_aliases import ShapeLike


def broadcast_static_shape(shape_x: ShapeLike, shape_y: ShapeLike) -> TensorShape:
    """The shape of what an element-wise operation makes of two shapes.

    Args:
        shape_x, shape_y: shapes; an axis may have the length None.

    Raises:
        ShapeError: if they do not broadcast.

    >>> import tensorlet as tf
    >>> tf.broadcast_static_shape(tf.TensorShape([1, 2, 3]), tf.TensorShape([5, 1, 3]))
    TensorShape([5, 2, 3])
    """
    first, second = TensorShape(shape_x), TensorShape(shape_y)
    if first.rank is None or second.rank is None:
        return TensorShape(None)
    count = max(len(first), len(second))
    lengths: list[int | None] = []
    for a, b in zip(
        [1] * (count - len(first)) + list(first), [1] * (count - len(second)) + list(second), strict=True
    ):
        if a == 1 or b == 1:
            lengths.append(b if a == 1 else a)
        elif a is None or b is None or a == b:
            lengths.append(b if a is None else a)
        else:
            raise ShapeError(
                f"Shapes {list(first)} and {list(second)} do not broadcast: axes are compared from the last to the "
                f"first, and {a} and {b} are neither equal nor 1."
            )
    return TensorShape(lengths)


def broadcast_dynamic_shape(shape_x: TensorLike, shape_y: TensorLike) -> Tensor:
    """As `broadcast_static_shape`, with shapes and a result that are tensors of integers.

    >>> import tensorlet as tf
    >>> tf.broadcast_dynamic_shape((1, 2, 3), (5, 1, 3)).numpy()
    array([5, 2, 3], dtype=int32)
    """
    function = "tf.broadcast_dynamic_shape"
    first, second = (
        static_integers(function, "shape_x", shape_x),
        static_integers(function, "shape_y", shape_y),
    )
    dtype = (
        np.int64
        if any(str(getattr(one, "dtype", "")).endswith("int64") for one in (shape_x, shape_y))
        else np.int32
    )
    return convert(np.array(tuple(broadcast_static_shape(first, second)), dtype))
