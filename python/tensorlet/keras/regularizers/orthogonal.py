"""A penalty on matrices whose rows or columns are not orthogonal."""

from __future__ import annotations

from typing import Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.regularizers.base import Regularizer, factor_of
from tensorlet.ops.registry import Tensor, TensorLike, convert
from tensorlet.registry import register


@register("regularizer", "OrthogonalRegularizer", "orthogonal_regularizer")
class OrthogonalRegularizer(Regularizer):
    """``factor`` times the mean absolute cosine between different rows (or columns) of a matrix.

    Args:
        factor: the factor of the penalty.
        mode: ``"rows"`` or ``"columns"``.

    >>> import tensorlet as tf
    >>> regularizer = tf.keras.regularizers.OrthogonalRegularizer(factor=0.5)
    >>> print(regularizer(tf.constant([[3.0, 4.0], [4.0, 3.0]])).numpy().round(4))
    0.48
    """

    def __init__(self, factor: float = 0.01, mode: str = "rows") -> None:
        if mode not in ("rows", "columns"):
            raise InvalidArgumentError(f"mode is {mode!r}. Expected 'rows' or 'columns'.")
        self.factor = factor_of("factor", factor)
        self.mode = mode

    def __call__(self, x: TensorLike) -> Tensor:
        weight = convert(x)
        if len(weight.shape) != 2:
            raise InvalidArgumentError(
                f"OrthogonalRegularizer got a weight of shape {tuple(weight.shape)}. Expected a two-dimensional weight."
            )
        rows = weight if self.mode == "rows" else ops.transpose(weight)
        unit = ops.l2_normalize(rows, axis=1)
        cosines = ops.abs(ops.matmul(unit, unit, transpose_b=True))
        count = rows.shape[0]
        off_diagonal = cosines * (1 - ops.eye(count, dtype=weight.dtype))
        pairs = max(count * (count - 1) / 2.0, 1.0)
        return self.factor * 0.5 * ops.reduce_sum(off_diagonal) / pairs

    def get_config(self) -> dict[str, Any]:
        return {"factor": self.factor, "mode": self.mode}
