"""Random orthogonal matrices."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.dtypes import DType, float32
from tensorlet.errors import ShapeError
from tensorlet.keras.initializers.base import at_once
from tensorlet.keras.initializers.random import Drawn
from tensorlet.ops.reference_tools import on_one_thread
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence


@register("initializer", "Orthogonal", "orthogonal", "OrthogonalInitializer")
class Orthogonal(Drawn):
    """A random matrix with orthonormal columns (or rows, if there are fewer), times ``gain``.

    All axes before the last are flattened into one.

    Raises:
        ShapeError: if the weight has fewer than two axes.

    Source: A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks", 2014.

    >>> import tensorlet as tf
    >>> w = tf.keras.initializers.Orthogonal(seed=1)((3, 2))
    >>> bool(tf.reduce_all(tf.abs(tf.matmul(w, w, transpose_a=True) - tf.eye(2)) < 1e-5))
    True
    """

    def __init__(self, gain: float = 1.0, seed: int | None = None) -> None:
        self.gain = gain
        self._set_seed(seed)

    @at_once
    def __call__(self, shape: Sequence[int], dtype: DType = float32, **kwargs: Any) -> Tensor:
        if len(shape) < 2:
            raise ShapeError(
                f"The Orthogonal initializer creates matrices, but the weight has shape {shape}. "
                "Use another initializer for weights with fewer than two axes."
            )
        rows, columns = math.prod(shape[:-1]), shape[-1]
        wide = (max(rows, columns), min(rows, columns))
        drawn = self._draw("normal", wide, float32, 0.0, 1.0).numpy()
        orthogonal, triangular = on_one_thread(np.linalg.qr)(drawn)
        # Removing the signs of the diagonal makes every orthogonal matrix equally likely.
        orthogonal = orthogonal * np.where(np.diag(triangular) < 0, -1.0, 1.0)
        matrix = orthogonal.T if rows < columns else orthogonal
        return EAGER.convert(np.ascontiguousarray(self.gain * matrix.reshape(shape), dtype.numpy))

    def get_config(self) -> dict[str, Any]:
        return {"gain": self.gain, "seed": self.seed_config}
