"""Trainable vectors for integers, and masks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import check_range, positive_integer
from tensorlet.keras.layers.low_rank import LowRank, adapted
from tensorlet.ops.registry import Tensor, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


@register("layer")
class Embedding(LowRank):
    """A trainable vector for each integer: ``(examples, steps)`` becomes ``(examples, steps, output_dim)``.

    Args:
        input_dim: the number of integers; the inputs are 0 to ``input_dim - 1``.
        output_dim: the length of the vectors.
        embeddings_initializer: the initial values of the vectors.
        embeddings_regularizer, activity_regularizer: penalties added to the loss.
        embeddings_constraint: applied after each update.
        mask_zero: whether 0 is padding, which layers such as `GlobalAveragePooling1D` ignore.
        input_length: the number of steps. In programs for Keras 2, a model that begins with the layer is built at
            once, for any number of steps if it is None.
        options: the arguments of `Layer`, such as ``weights``: the vectors, with which the layer is built at once; and
            ``lora_rank`` and ``lora_alpha``, which call `enable_lora` when the layer is built.

    Raises:
        OutOfRangeError: when called, if an input is outside the range.

    >>> import tensorlet as tf
    >>> vectors = tf.keras.initializers.Constant([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    >>> layer = tf.keras.layers.Embedding(3, 2, embeddings_initializer=vectors)
    >>> layer(tf.constant([[2, 0]])).numpy()
    array([[[4., 5.],
            [0., 1.]]], dtype=float32)
    """

    adapted_weight = "embeddings"
    embeddings = adapted("embeddings")
    config_names: tuple[str, ...] = (
        "input_dim", "output_dim", "embeddings_initializer", "embeddings_regularizer", "activity_regularizer",
        "embeddings_constraint", "mask_zero", "input_length",
    )  # fmt: skip

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Identifier | None = "uniform",
        embeddings_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        embeddings_constraint: Identifier | None = None,
        mask_zero: bool = False,
        input_length: int | None = None,
        **options: Any,
    ) -> None:
        if input_length is not None and not {"input_shape", "batch_input_shape"} & set(options):
            options["input_shape"] = (input_length,)
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.supports_masking = bool(mask_zero)
        self.input_dim = positive_integer("Embedding", "input_dim", input_dim)
        self.output_dim = positive_integer("Embedding", "output_dim", output_dim)
        self.embeddings_initializer = initializers.get(embeddings_initializer)
        self.embeddings_regularizer = regularizers.get(embeddings_regularizer)
        self.embeddings_constraint = constraints.get(embeddings_constraint)
        self.mask_zero = bool(mask_zero)
        self.input_length = input_length
        if self._own.initial_weights is not None:
            given = self._own.initial_weights
            self._own.initial_weights = list(given) if isinstance(given, list | tuple) else [given]
            self.build()

    def assumed_input_shape(self) -> tuple[int | None, ...] | None:
        """In Keras 2, a model that begins with the layer takes rows of any length."""
        return (None, None) if keras_generation() == 2 else None

    def build(self, input_shape: TensorShape | None = None) -> None:
        """Creates the vectors, of shape (input_dim, output_dim), which does not depend on the inputs."""
        self.embeddings = self.add_weight(
            "embeddings", (self.input_dim, self.output_dim), initializer=self.embeddings_initializer,
            regularizer=self.embeddings_regularizer, constraint=self.embeddings_constraint,
        )  # fmt: skip
        self.adapt_if_asked()

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the vectors of the inputs."""
        if not inputs.dtype.is_integer or inputs.dtype.size < 4:
            inputs = ops.cast(inputs, "int32")
        if not self.lora_enabled:
            return ops.gather(self.embeddings, inputs)
        first, second = self.low_rank_parts()  # of the rows that are read, and not of all
        rows = ops.matmul(ops.reshape(ops.gather(first, inputs), [-1, self.lora_rank]), second)
        change = ops.reshape(rows, [*inputs.shape, self.output_dim]) * self.low_rank_scale()
        vectors = ops.gather(self.frozen_weight(), inputs)
        return vectors + ops.cast(change, vectors.dtype)

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Any:
        """Returns, with ``mask_zero``, the mask that is False where the input is 0."""
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def check_data(self, data: np.ndarray, name: str) -> None:
        """Checks the inputs before training; see `keras.training`."""
        check_range("Embedding", self.name, data, name, "input_dim", self.input_dim)


@register("layer")
class Masking(Layer):
    """Masks the steps whose features all equal ``mask_value``, and sets them to 0.

    Args:
        mask_value: the value of all features of a padding step.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> steps = tf.constant([[[1.0, 3.0], [9.0, 9.0]]])
    >>> tf.keras.layers.GlobalAveragePooling1D()(tf.keras.layers.Masking(9.0)(steps)).numpy()
    array([[1., 3.]], dtype=float32)
    """

    config_names = ("mask_value",)
    supports_masking = True

    def __init__(self, mask_value: float = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.mask_value = mask_value

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Any:
        """Returns the mask, which is False for padding."""
        return ops.reduce_any(self._differs(convert(inputs)), -1)

    def _differs(self, inputs: Tensor) -> Tensor:
        return ops.not_equal(inputs, ops.cast(self.mask_value, inputs.dtype))

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the inputs with 0 in place of padding."""
        kept = ops.reduce_any(self._differs(inputs), -1, keepdims=True)
        return inputs * ops.cast(kept, inputs.dtype)
