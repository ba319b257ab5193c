"""`TimeDistributed`: a layer for each step of sequences."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.nest import flatten, map_structure
from tensorlet.core.shape import TensorShape
from tensorlet.errors import ShapeError
from tensorlet.keras.layers.einsum_dense import Wrapper
from tensorlet.keras.layers.shape_inference import shape_structure
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer
    from tensorlet.type_aliases import Config


@register("layer")
class TimeDistributed(Wrapper):
    """Applies a layer to each step: inputs ``(examples, steps, ...)`` become outputs ``(examples, steps, ...)``.

    All steps share the weights of the layer, which sees them as one large batch.

    Args:
        layer: the layer, for inputs without the axis of steps.
        options: of every layer.

    Raises:
        InvalidArgumentError: if ``layer`` is not a layer.
        ShapeError: when called, for inputs with fewer than three axes.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.TimeDistributed(tf.keras.layers.Conv2D(4, 3))
    >>> layer(tf.ones([2, 5, 8, 8, 1])).shape
    TensorShape([2, 5, 6, 6, 4])
    """

    supports_masking = True

    def __init__(self, layer: Layer, **options: Any) -> None:
        super().__init__(layer, **options)

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer for one step."""
        if not self.layer.built:
            self.layer._own.path = self.weight_prefix
            self.layer.build_for(self._of_step(shape_structure(input_shape)))

    def _of_step(self, shape: Any) -> Any:
        if isinstance(shape, dict):
            return {key: self._of_step(one) for key, one in shape.items()}
        if not isinstance(shape, TensorShape):
            return [self._of_step(one) for one in shape]
        if len(shape) < 3:
            raise ShapeError(
                f'TimeDistributed layer "{self.name}": inputs of shape (examples, steps, ...) with at least three axes '
                f"are expected, but got {tuple(shape)}. Use {type(self.layer).__name__} itself for rows without steps."
            )
        return TensorShape([None, *shape[2:]])

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Applies the layer to all steps.

        Raises:
            ShapeError: if the mask does not have the shape (examples, steps, ...) of the inputs.
        """
        expected = flatten(inputs)[0].shape[:2]
        if mask is not None and list(mask.shape[:2]) != list(expected):
            raise ShapeError(
                f"The `mask` passed to the `TimeDistributed` layer has a shape {tuple(mask.shape)} that does not begin "
                f"with {tuple(expected)}, the numbers of examples and steps of the inputs."
            )
        options: dict[str, Any] = {}
        takes = inspect.signature(self.layer.call).parameters
        if "training" in takes:
            options["training"] = training
        if "mask" in takes and mask is not None:
            options["mask"] = _joined(mask)
        examples, steps = flatten(inputs)[0].shape[:2]
        found = self.layer(map_structure(_joined, inputs), **options)
        return map_structure(lambda one: ops.reshape(one, [examples, steps, *one.shape[1:]]), found)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Returns the mask that the layer makes for each step, or else that of the inputs."""
        inner = None if mask is None else _joined(mask)
        found = self.layer.compute_mask(map_structure(_joined, inputs), inner)
        if found is not None:
            return ops.reshape(found, [*flatten(inputs)[0].shape[:2], *found.shape[1:]])
        if mask is None:
            return None
        return ops.reduce_any(mask, list(range(2, len(mask.shape)))) if len(mask.shape) > 2 else mask

    def get_config(self) -> Config:
        """Returns the arguments of the constructor."""
        config = super().get_config()
        shape = self._own.batch_input_shape
        return config if shape is None else config | {"batch_input_shape": shape}


def _joined(steps: Tensor) -> Tensor:
    """Joins the axes of the examples and of the steps."""
    return ops.reshape(steps, [-1, *steps.shape[2:]])
