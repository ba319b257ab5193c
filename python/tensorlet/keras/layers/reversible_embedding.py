"""`ReversibleEmbedding`: vectors for integers, and from vectors back to a score for each integer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.keras.layers.embeddings import Embedding
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, Identifier


@register("layer")
class ReversibleEmbedding(Embedding):
    """An `Embedding` that can be called the other way round, as the last layer of a language model.

    ``layer(numbers)`` gives vectors. ``layer(vectors, reverse=True)`` gives, for vectors of shape ``(...,
    output_dim)``, the logits of all integers, of shape ``(..., input_dim)``: the products with the vector of each.

    Args:
        input_dim: the number of integers.
        output_dim: the length of the vectors.
        tie_weights: whether both directions use the same weights.
        embeddings_initializer: the initial values of the vectors.
        embeddings_regularizer: a penalty added to the loss.
        embeddings_constraint: applied after each update.
        mask_zero: whether 0 is padding.
        reverse_dtype: the dtype of the logits' computation; None for that of the layer.
        logit_soft_cap: a number ``c`` that keeps logits between ``-c`` and ``c``, by ``c * tanh(logits / c)``; None
            for none.
        options: the arguments of `Layer`.

    Source: O. Press and L. Wolf, "Using the output embedding to improve language models", 2017.

    >>> import tensorlet as tf
    >>> vectors = tf.keras.initializers.Constant([[0.0, 1.0], [2.0, 3.0]])
    >>> layer = tf.keras.layers.ReversibleEmbedding(2, 2, embeddings_initializer=vectors)
    >>> layer(layer(tf.constant([1])), reverse=True).numpy()
    array([[ 3., 13.]], dtype=float32)
    """

    config_names = (*Embedding.config_names[:-1], "tie_weights", "reverse_dtype", "logit_soft_cap")

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        tie_weights: bool = True,
        embeddings_initializer: Identifier | None = "uniform",
        embeddings_regularizer: Identifier | None = None,
        embeddings_constraint: Identifier | None = None,
        mask_zero: bool = False,
        reverse_dtype: DTypeLike | None = None,
        logit_soft_cap: float | None = None,
        **options: Any,
    ) -> None:
        super().__init__(
            input_dim, output_dim, embeddings_initializer, embeddings_regularizer,
            embeddings_constraint=embeddings_constraint, mask_zero=mask_zero, **options,
        )  # fmt: skip
        self.tie_weights = tie_weights
        self.reverse_dtype = reverse_dtype
        self.logit_soft_cap = logit_soft_cap

    def build(self, input_shape: TensorShape | None = None) -> None:
        """Creates the vectors, and without ``tie_weights`` those of the other direction."""
        super().build(input_shape)
        if not self.tie_weights:
            self.reverse_embeddings = self.add_weight(
                "reverse_embeddings",
                (self.output_dim, self.input_dim),
                initializer=self.embeddings_initializer,
            )

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        """Returns the vectors of integers, or the logits of vectors."""
        if not reverse:
            return super().call(inputs)
        weights: Any = self.embeddings if self.tie_weights else self.reverse_embeddings
        if self.reverse_dtype is not None:
            inputs, weights = ops.cast(inputs, self.reverse_dtype), ops.cast(weights, self.reverse_dtype)
        rows = ops.reshape(inputs, [-1, self.output_dim])
        logits = ops.matmul(rows, weights, transpose_b=self.tie_weights)
        if self.logit_soft_cap is not None:
            logits = ops.tanh(logits / self.logit_soft_cap) * self.logit_soft_cap
        return ops.reshape(logits, [*inputs.shape[:-1], self.input_dim])

    def compute_mask(self, inputs: Tensor, mask: Tensor | None = None) -> Any:
        """Returns, with ``mask_zero``, the mask that is False where an integer is 0; vectors have none."""
        return super().compute_mask(inputs, mask) if inputs.dtype.is_integer else None
