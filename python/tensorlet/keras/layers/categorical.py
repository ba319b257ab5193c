"""Layers that encode categories as numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import InvalidArgumentError, OutOfRangeError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import check_range, positive_integer
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

ENCODINGS = ("one_hot", "multi_hot", "count")


def encoded(inputs: Tensor, depth: int, mode: str, weights: Tensor | None = None) -> Tensor:
    """Encodes integers as rows of ``depth`` floats.

    Args:
        inputs: integers of shape (examples,) or (examples, n).
        depth: the length of the rows.
        mode: ``one_hot``: a 1 at the position of each integer; ``multi_hot``: a 1 at the position of each of the
            n integers of an example; ``count``: how often each occurs.
        weights: for ``count``: the weight of each integer.
    """
    inputs = ops.cast(inputs, "int32")
    if mode == "one_hot":
        if len(inputs.shape) > 1 and inputs.shape[-1] == 1:
            inputs = ops.reshape(inputs, inputs.shape[:-1])
        return ops.one_hot(inputs, depth)
    if len(inputs.shape) == 0:
        inputs = ops.reshape(inputs, [1])
    rows = ops.one_hot(inputs, depth)
    axis = encoded_axis(len(inputs.shape))
    if mode == "multi_hot":
        return ops.reduce_max(rows, axis)
    if weights is not None:
        rows = rows * ops.expand_dims(ops.cast(weights, "float32"), -1)
    return ops.reduce_sum(rows, axis)


def encoded_axis(rank: int) -> int:
    """The axis that ``multi_hot`` and ``count`` of integers of a rank reduce: the last, and in Keras 3 the second."""
    return min(1, rank - 1) if keras_generation() == 3 else rank - 1


@register("layer")
class CategoryEncoding(Layer):
    """Encodes integers as rows of zeros and ones, or of counts.

    Args:
        num_tokens: the number of categories; the inputs are 0 to ``num_tokens - 1``.
        output_mode: ``"one_hot"``, ``"multi_hot"`` or ``"count"``.
        options: the arguments of `Layer`.

    Raises:
        OutOfRangeError: if an input is outside the range and the layer is called eagerly. (Inside a traced
            function, such an input is encoded as a row of zeros.)

    >>> import tensorlet as tf
    >>> tf.keras.layers.CategoryEncoding(3)([[0, 2], [1, 1]]).numpy()
    array([[1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """

    config_names = ("num_tokens", "output_mode", "sparse")
    converts_inputs = False
    looks_at_values = True

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if output_mode not in ENCODINGS:
            raise InvalidArgumentError(
                f"CategoryEncoding: Unknown arg for output_mode: {output_mode}. Expected one of {', '.join(ENCODINGS)}."
            )
        if sparse:
            raise InvalidArgumentError("CategoryEncoding: sparse=True is not supported. Omit it.")
        if num_tokens is None:
            raise InvalidArgumentError(
                "CategoryEncoding: num_tokens must be set to use this layer: the number of categories."
            )
        if isinstance(num_tokens, int) and num_tokens < 1:
            raise InvalidArgumentError(
                f"CategoryEncoding: num_tokens={num_tokens}, but `num_tokens` must be >= 1: the number of categories."
            )
        self.num_tokens = positive_integer("CategoryEncoding", "num_tokens", num_tokens)
        self.output_mode = output_mode
        self.sparse = False

    def call(self, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
        """Returns the encoded rows.

        Raises:
            InvalidArgumentError: for weights of counts in another mode than ``"count"``.
        """
        if count_weights is not None and self.output_mode != "count":
            raise InvalidArgumentError(
                "CategoryEncoding: `count_weights` is not used when `output_mode` is not 'count', and it is "
                f"{self.output_mode!r}. Omit the weights, or create the layer with output_mode='count'."
            )
        if isinstance(inputs, EagerTensor):
            array = inputs.numpy()
            if array.size and (array.min() < 0 or array.max() >= self.num_tokens):
                raise OutOfRangeError(
                    f"CategoryEncoding: the inputs range from {array.min()} to {array.max()}, but with num_tokens="
                    f"{self.num_tokens} they must be between 0 and {self.num_tokens - 1}. Increase num_tokens."
                )
        return encoded(inputs, self.num_tokens, self.output_mode, count_weights)

    def check_data(self, data: np.ndarray, name: str) -> None:
        """Checks the inputs before training; see `keras.training`."""
        check_range("CategoryEncoding", self.name, data, name, "num_tokens", self.num_tokens)
