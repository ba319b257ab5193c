"""`RandomHeight` and `RandomWidth`: pictures of another height or width in each batch, while the model is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import SymbolicTensor
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, RunsEagerly
from tensorlet.keras.layers.image_augmentation import Factor, bounds
from tensorlet.keras.layers.image_layer import ImageLayer
from tensorlet.keras.layers.shape_inference import OpenSpec
from tensorlet.ops.image_resizing import resize, resize_method
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


class _Stretched(ImageLayer):
    """What both layers share.

    The size of the result is random: a step that contains such a layer runs operation by operation.
    """

    config_names = ("factor", "interpolation", "seed")
    #: The axis that changes, counted from the end.
    axis = -3

    def __init__(
        self, factor: Factor, interpolation: str = "bilinear", seed: int | None = None, **options: Any
    ) -> None:
        super().__init__(**options)
        self.factor, self.seed = factor, seed
        self._bounds = bounds(type(self).__name__, "factor", factor, least=-1.0)
        if self._bounds[0] == -1.0:
            raise InvalidArgumentError(
                f"{type(self).__name__}: factor={factor!r}, but pictures of no size would result. Use a lower bound "
                "above -1."
            )
        self.interpolation = resize_method(f"{type(self).__name__}: interpolation", interpolation)

    def _inferred(self, run: Callable[..., Any], specs: Sequence[OpenSpec]) -> Any:
        shape = list(specs[0].shape)
        shape[self.axis] = None
        return OpenSpec(tuple(shape), as_dtype(self.dtype))

    def call(self, inputs: Tensor, training: bool | None = True) -> Tensor:
        """The pictures; in training in their new size."""
        x = self.pictures(inputs)
        if not training:
            return self.like_inputs(x)
        if isinstance(x, SymbolicTensor):
            instead = "height_factor" if self.axis == -3 else "width_factor"
            raise RunsEagerly(
                f"{type(self).__name__} gives pictures of a random size, which a compiled step cannot have. To be "
                "faster, call it in dataset.map before Resizing; or use RandomZoom, which keeps the size, with only "
                f"its {instead} above 0."
            )
        low, high = self._bounds
        drawn = float(np.asarray(ops.random.uniform([], 1.0 + low, 1.0 + high, seed=self.seed)))
        size = list(x.shape[-3:-1])
        size[self.axis + 3] = max(1, int(size[self.axis + 3] * drawn))
        return self.like_inputs(resize(x, size, self.interpolation))


@register("layer")
class RandomHeight(_Stretched):
    """Pictures of a random height in training, the same for a whole batch.

    Args:
        factor: the smallest and the largest change as parts of the height, such as ``(-0.2, 0.3)``; a number ``f``
            means ``(-f, f)``.
        interpolation: the ``method`` of `tf.image.resize`.
        seed: of the random numbers.
        options: of every layer.

    In a model, `Resizing` should follow. Each batch of `fit` then runs operation by operation, since the shapes of
    compiled steps are fixed; a `PerformanceWarning` says so, and what is faster.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RandomHeight((0.5, 0.5))(tf.zeros([2, 4, 4, 1]), training=True).shape
    TensorShape([2, 6, 4, 1])
    """


@register("layer")
class RandomWidth(_Stretched):
    """Pictures of a random width in training, the same for a whole batch; see `RandomHeight`.

    Args:
        factor, interpolation, seed, options: see `RandomHeight`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RandomWidth((0.5, 0.5))(tf.zeros([2, 4, 4, 1]), training=True).shape
    TensorShape([2, 4, 6, 1])
    """

    axis = -2
