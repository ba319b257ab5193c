"""`ValueLayer`: the base of layers that run on values, such as text, and not in compiled functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators, SymbolicTensor
from tensorlet.dtypes import float32, int64, string
from tensorlet.errors import InvalidArgumentError, RunsEagerly
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.categorical import encoded, encoded_axis
from tensorlet.keras.layers.keras_tensor import keras_tensors
from tensorlet.keras.layers.shape_inference import OpenSpec, flat_shapes, shape_structure
from tensorlet.ops.conversion import to_array
from tensorlet.ops.registry import Tensor, convert

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class ValueLayer(Layer):
    """A layer that runs on values with NumPy. In a model, it runs in front of the compiled part.

    A subclass defines ``on_values(inputs)``, and ``output_spec(specs)``, the shape and dtype of its result.
    """

    converts_inputs = False

    @property
    def runs_on_values(self) -> bool:
        """Whether the layer cannot be part of a compiled function."""
        return True

    def on_values(self, inputs: Any) -> Any:
        """The result for values."""
        raise NotImplementedError

    def output_spec(self, specs: Sequence[OpenSpec]) -> OpenSpec:
        """Shape and dtype of the result, for those of the inputs."""
        raise NotImplementedError

    def compute_output_shape(self, input_shape: object) -> Any:
        """Returns the output shape for an input shape, or for several of them."""
        shapes = flat_shapes(shape_structure(input_shape))
        return TensorShape(self.output_spec([OpenSpec(shape, int64) for shape in shapes]).shape)

    def _inferred(self, run: Callable[..., Any], specs: Sequence[OpenSpec]) -> Any:
        return self.output_spec(specs) if self.runs_on_values else super()._inferred(run, specs)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The result, or in a functional model the tensor that stands for it."""
        if keras_tensors(inputs):
            return self._call_symbolically((inputs, *args), kwargs)
        parts = inputs if isinstance(inputs, list | tuple) else [inputs]
        if any(isinstance(one, SymbolicTensor) for one in parts):
            raise RunsEagerly(
                f"{type(self).__name__} works on values with NumPy, so the function that calls it cannot be compiled. "
                "Call it on the data before training, x = layer(values); in dataset.map; or in a functional or "
                "Sequential model, where it runs in front of the compiled part."
            )
        self.built = True
        return self.on_values(inputs)


def values_of(inputs: Any) -> np.ndarray:
    """Inputs as one array; text as bytes."""
    if isinstance(inputs, Operators):
        array = np.asarray(inputs)
    elif hasattr(inputs, "to_numpy"):
        array = np.asarray(inputs.to_numpy())
    else:
        array = inputs if isinstance(inputs, np.ndarray) else np.asarray(convert(inputs))
    return to_array(array) if array.dtype.kind in "OUS" else array


def text_columns(kind: str, inputs: Any) -> np.ndarray:
    """Text as an array of bytes.

    Raises:
        InvalidArgumentError: for numbers.
    """
    array = values_of(inputs)
    if array.dtype.kind != "O":
        raise InvalidArgumentError(
            f"{kind}: the inputs are {array.dtype.name}, but text is expected. Write tf.strings.as_string(x)."
        )
    return array


def encoded_spec(shape: Sequence[int | None], depth: int | None, mode: str) -> OpenSpec:
    """Shape and dtype of integers of a shape that are encoded; see `encoded`."""
    if mode == "int":
        return OpenSpec(shape, int64)
    kept = tuple(shape)
    if mode == "one_hot":
        kept = kept[:-1] if len(kept) > 1 and kept[-1] == 1 else kept
    elif kept:
        axis = encoded_axis(len(kept))
        kept = (*kept[:axis], *kept[axis + 1 :])
    return OpenSpec((*kept, depth), float32)


def as_tensor(numbers: np.ndarray, depth: int | None, mode: str) -> Tensor:
    """Integers as a tensor, encoded in a mode."""
    tensor = convert(numbers)
    return tensor if mode == "int" or depth is None else encoded(tensor, depth, mode)


def on_rows(layer: ValueLayer, inputs: RaggedTensor) -> RaggedTensor:
    """The result for each value of rows of different lengths."""
    return inputs.with_flat_values(layer(inputs.flat_values))


def is_text(spec: OpenSpec) -> bool:
    """Whether a spec is one of text."""
    return spec.dtype is string
