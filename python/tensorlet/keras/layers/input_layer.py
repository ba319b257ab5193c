"""The inputs of functional models."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import tensorlet.keras.layers.operators  # noqa: F401 - defines operators on the tensors that Input returns
from tensorlet.errors import ShapeError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node
from tensorlet.keras.naming import unique_name
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


@register("layer")
class InputLayer(Layer):
    """The layer that `tf.keras.Input` creates; its output is an input of the model.

    Args:
        input_shape: the shape of one example.
        batch_size: a fixed number of examples per batch; by default any number.
        dtype: the dtype of the data.
        name: by default ``input_1``, ``input_2`` and so on.
        batch_input_shape: the shape with the batch axis, instead of the first two.
        options: ``shape``, ``batch_shape``, and options for sparse and ragged tensors, which are not supported.

    >>> import tensorlet as tf
    >>> tf.keras.layers.InputLayer(input_shape=(3,), name="pixels").output.shape
    TensorShape([None, 3])
    """

    def __init__(
        self,
        input_shape: Sequence[int | None] | int | None = None,
        batch_size: int | None = None,
        dtype: DTypeLike | None = None,
        name: str | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
        **options: Any,
    ) -> None:
        for what in ("sparse", "ragged", "optional", "input_tensor", "tensor", "type_spec"):
            if options.pop(what, None):
                raise ShapeError(f"Input: {what} is not supported. Pass dense arrays and omit it.")
        if batch_input_shape is None:
            batch_input_shape = options.pop("batch_shape", None)
        if batch_input_shape is None:
            shape = options.pop("shape", input_shape)
            if shape is None:
                raise ShapeError(
                    "Input: the shape of one example is missing. Write, for example, Input(shape=(784,))."
                )
            shape = (shape,) if isinstance(shape, int) else tuple(shape)
            batch_input_shape = (batch_size, *shape)
        options.pop("input_shape", None)
        super().__init__(
            name=name or unique_name("input", first=1),
            dtype=dtype,
            batch_shape=batch_input_shape,
            **options,
        )
        self.built = True
        node = Node(self, (), {}, [], 0)
        tensor = KerasTensor(tuple(batch_input_shape), self.dtype, self.name, node, 0)
        node.args = (tensor,)
        node.outputs, node.output_structure = [tensor], None
        self._own.nodes.append(node)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            "batch_input_shape": self._own.batch_input_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
        }


def Input(  # noqa: N802 - Keras's name
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    name: str | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool | None = None,
    tensor: object = None,
    ragged: bool | None = None,
    type_spec: object = None,
    batch_shape: Sequence[int | None] | None = None,
    batch_input_shape: Sequence[int | None] | None = None,
) -> KerasTensor:
    """Creates an input of a functional model: a `KerasTensor` with the shape and dtype of the data.

    Args:
        shape: the shape of one example, such as ``(784,)`` or ``(28, 28)``.
        batch_size: a fixed number of examples per batch; by default any number.
        name: the name of the input; data may be passed in a dictionary under this name.
        dtype: the dtype of the data, float32 by default.
        sparse, tensor, ragged, type_spec: not supported.
        batch_shape, batch_input_shape: the shape with the batch axis, instead of the first two.

    Raises:
        ShapeError: if the shape is missing.

    >>> import tensorlet as tf
    >>> x = tf.keras.Input(shape=(4,))
    >>> y = tf.keras.layers.Dense(2)(x)
    >>> tf.keras.Model(x, y).count_params()
    10
    """
    layer = InputLayer(
        shape, batch_size, dtype, name,
        batch_input_shape=batch_shape if batch_input_shape is None else batch_input_shape,
        sparse=sparse, tensor=tensor, ragged=ragged, type_spec=type_spec,
    )  # fmt: skip
    return layer._own.nodes[0].outputs[0]
