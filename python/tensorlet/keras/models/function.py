"""`keras.Function`: the operations between some symbolic tensors and others, as a function."""

from __future__ import annotations

from typing import Any

from tensorlet.core.nest import flatten, pack_like
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.input_layer import InputLayer
from tensorlet.keras.layers.keras_tensor import KerasTensor, keras_tensors
from tensorlet.keras.models.graph import LayerGraph
from tensorlet.keras.naming import unique_name
from tensorlet.ops.registry import convert


class Function:
    """The operations between some symbolic tensors and others, as a function; `Model` is one that can be trained.

    Args:
        inputs: a `KerasTensor`, or a list or dictionary of these: also results of operations.
        outputs: `KerasTensor`s that are computed from them.
        name: by default ``function`` with a number.

    Raises:
        InvalidArgumentError: if one of them is empty, or an output does not depend on the inputs.

    >>> import tensorlet as tf
    >>> x = tf.keras.KerasTensor((2,))
    >>> twice = tf.keras.Function(x, 2.0 * x)
    >>> twice([1.0, 3.0]).numpy(), twice(tf.keras.KerasTensor((2,))).shape
    (array([2., 6.], dtype=float32), TensorShape([2]))
    """

    def __init__(self, inputs: Any, outputs: Any, name: str | None = None) -> None:
        for what, given in (("inputs", inputs), ("outputs", outputs)):
            if not keras_tensors(given):
                raise InvalidArgumentError(
                    f"Function: `{what}` argument cannot be empty: it contains no KerasTensor. Pass outputs of "
                    "tf.keras.Input, or of operations on them."
                )
        for tensor in keras_tensors(inputs):
            if tensor.node is None:  # it was made by itself
                InputLayer(tensor=tensor)
        self.name = name or unique_name("function")
        self._graph = LayerGraph(inputs, outputs)

    @property
    def inputs(self) -> list[KerasTensor]:
        """The inputs, as a flat list."""
        return self._graph.input_tensors

    @property
    def outputs(self) -> list[KerasTensor]:
        """The outputs, as a flat list."""
        return self._graph.output_tensors

    @property
    def operations(self) -> list[Any]:
        """The operations, with the inputs, in the order in which they run."""
        return self._graph.layers

    def __call__(self, inputs: Any) -> Any:
        """Computes the outputs.

        Args:
            inputs: arrays, tensors or `KerasTensor`s, in the structure of the inputs.

        Raises:
            InvalidArgumentError: if there are more or fewer.
            ShapeError: if a shape does not fit.
        """
        several = self._has_structure_of(inputs)
        leaves = flatten(inputs) if several else [inputs]
        if len(leaves) != len(self.inputs):
            raise InvalidArgumentError(
                f"{self.name}: invalid input structure: {len(leaves)} inputs were given, and {len(self.inputs)} are "
                "expected. Pass them in the structure with which the function was created."
            )
        values = [one if isinstance(one, KerasTensor) else convert(one) for one in leaves]
        for own, value in zip(self.inputs, values, strict=True):
            self._check(own, value)
        return self._graph.run(self.name, pack_like(inputs, values) if several else values[0])

    call = __call__

    def _has_structure_of(self, inputs: Any) -> bool:
        """Whether the inputs are several, rather than a list of numbers."""
        return isinstance(self._graph.inputs, list | tuple | dict) and isinstance(inputs, list | tuple | dict)

    def _check(self, own: KerasTensor, value: Any) -> None:
        wanted, found = tuple(own.shape), tuple(value.shape)
        if len(wanted) == len(found) and all(
            one is None or other is None or one == other for one, other in zip(wanted, found, strict=True)
        ):
            return
        raise ShapeError(
            f"{self.name}: incompatible inputs: the input has shape {found}, and {wanted} is expected."
        )

    def compute_output_spec(self, inputs: Any) -> Any:
        """Returns `KerasTensor`s with the shapes and dtypes of the outputs, for `KerasTensor`s as inputs."""
        return self(inputs)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shapes of the outputs, as tuples.

        Args:
            input_shape: a shape, or a list or dictionary of shapes in the structure of the inputs.
        """
        if isinstance(self._graph.inputs, KerasTensor):
            given: Any = KerasTensor(input_shape)
        elif isinstance(self._graph.inputs, dict):
            given = {key: KerasTensor(shape) for key, shape in input_shape.items()}
        else:
            given = [KerasTensor(shape) for shape in input_shape]
        found = self(given)
        return pack_like(found, [tuple(one.shape) for one in flatten(found)])
