"""Attention without heads: `Attention` and `AdditiveAttention`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.sequences.cells import rate_of
from tensorlet.ops.registry import Tensor, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Config


def lower_triangle(queries: int, values: int) -> Tensor:
    """The causal mask: position i of the queries sees the values up to i. Shape (1, queries, values).

    >>> from tensorlet.keras.layers.sequences.attention import lower_triangle
    >>> lower_triangle(2, 3)[0].numpy().astype(int)
    array([[1, 0, 0],
           [1, 1, 0]])
    """
    return convert(np.tri(queries, values, dtype=bool)[None])


class BaseAttention(Layer):
    """What `Attention` and `AdditiveAttention` have in common; subclasses define `scores`."""

    supports_masking = True
    config_names: tuple[str, ...] = ("dropout",)

    def __init__(self, dropout: float = 0.0, **options: Any) -> None:
        self.causal = bool(options.pop("causal", False))
        self.seed = options.pop("seed", None)
        super().__init__(**options)
        self.dropout = rate_of(type(self).__name__, "dropout", dropout)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer on a list ``[query, value]`` or ``[query, value, key]``.

        Raises:
            InvalidArgumentError: for anything else.
        """
        kind = type(self).__name__
        if not isinstance(inputs, list | tuple) or not 2 <= len(inputs) <= 3:
            given = f"{len(inputs)} inputs" if isinstance(inputs, list | tuple) else type(inputs).__name__
            raise InvalidArgumentError(
                f'{kind} layer "{self.name}" must be called on a list of length 2 or 3, [query, value] or [query, '
                "value, "
                f"key], but got {given}."
            )
        mask = kwargs.get("mask")
        if mask is not None and (not isinstance(mask, list | tuple) or not 2 <= len(mask) <= len(inputs)):
            raise InvalidArgumentError(
                f'{kind} layer "{self.name}": the layer mask must be a list of length 2 or 3, [query_mask, '
                "value_mask] or "
                "[query_mask, value_mask, key_mask], with None for no mask."
            )
        return super().__call__(list(inputs), *args, **kwargs)

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        """Returns how well each query (axis 1) fits each key (axis 2)."""
        raise NotImplementedError

    def call(
        self,
        inputs: Any,
        mask: Any = None,
        training: bool | None = None,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        """Computes the mean of the values, weighted by the scores.

        Args:
            inputs: query of shape (examples, queries, features), value and key of shape (examples, values, features).
            mask: those of the query and of the value, of shapes (examples, queries) and (examples, values). Outputs
                of masked queries are 0, and masked values do not contribute.
            training: whether scores are dropped.
            return_attention_scores: whether the weights, of shape (examples, queries, values), are returned, too.
            use_causal_mask: whether a query sees only the values up to its own position.
        """
        query, value = inputs[0], inputs[1]
        scores = self.scores(query, inputs[2] if len(inputs) > 2 else value)
        query_mask, value_mask = (None, None) if mask is None else (mask[0], mask[1])
        visible = None if value_mask is None else ops.expand_dims(ops.cast(value_mask, "bool"), -2)
        if self.causal or use_causal_mask:
            causal = lower_triangle(scores.shape[-2], scores.shape[-1])
            visible = causal if visible is None else ops.logical_and(visible, causal)
        if visible is not None:
            scores = scores - 1e9 * ops.cast(ops.logical_not(visible), scores.dtype)
        weights = ops.softmax(scores)
        if training and self.dropout:
            weights = ops.dropout(weights, self.dropout, seed=self.seed)
        result = ops.matmul(weights, value)
        if query_mask is not None:
            result = result * ops.cast(ops.expand_dims(query_mask, -1), result.dtype)
        return (result, weights) if return_attention_scores else result

    def compute_mask(self, inputs: object, mask: Any = None) -> Any:
        """Returns the mask of the query."""
        return mask[0] if isinstance(mask, list | tuple) else None

    def get_config(self) -> Config:
        """Returns the arguments of the constructor."""
        config = super().get_config()
        if self.causal:
            config["causal"] = True
        return config if self.seed is None else config | {"seed": self.seed}


@register("layer", "Attention")
class Attention(BaseAttention):
    """Dot-product attention: ``softmax(query @ transpose(key)) @ value``.

    Called on a list ``[query, value]`` or ``[query, value, key]``; the key is the value unless it is given. Masks of
    the inputs are taken into account.

    Args:
        use_scale: whether the scores are multiplied with a trained number.
        score_mode: ``"dot"``, or ``"concat"`` for ``sum(tanh(query + key))`` times a trained number.
        dropout: the fraction of the weights that is dropped in training.
        options: of every layer, and ``seed`` of the dropout.

    Raises:
        InvalidArgumentError: for another ``score_mode``; when called on something that is not such a list.

    Source: M. Luong and others, "Effective approaches to attention-based neural machine translation", 2015.

    >>> import tensorlet as tf
    >>> query, value = tf.constant([[[1.0, 0.0]]]), tf.constant([[[9.0, 0.0], [0.0, 9.0]]])
    >>> result, weights = tf.keras.layers.Attention()([query, value], return_attention_scores=True)
    >>> weights.numpy().round(3), result.shape
    (array([[[1., 0.]]], dtype=float32), TensorShape([1, 1, 2]))
    """

    config_names = ("dropout", "use_scale", "score_mode")

    def __init__(
        self, use_scale: bool = False, score_mode: str = "dot", dropout: float = 0.0, **options: Any
    ) -> None:
        super().__init__(dropout, **options)
        if score_mode not in ("dot", "concat"):
            raise InvalidArgumentError(
                f"Attention: Invalid value for argument score_mode. Expected one of {{'dot', 'concat'}}, but got "
                f"{score_mode!r}."
            )
        self.use_scale = bool(use_scale)
        self.score_mode = score_mode
        self.scale: Variable | None = None
        self.concat_score_weight: Variable | None = None

    def build(self, input_shape: Any) -> None:
        """Creates the trained numbers, if there are any."""
        if self.use_scale:
            self.scale = self.add_weight("scale", (), initializer="ones")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight("concat_score_weight", (), initializer="ones")

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        """Returns the scores of all pairs."""
        if self.concat_score_weight is None:
            scores = ops.matmul(query, key, transpose_b=True)
            return scores if self.scale is None else scores * self.scale
        sums = ops.expand_dims(query, -2) + ops.expand_dims(key, -3)
        sums = sums if self.scale is None else sums * self.scale
        return self.concat_score_weight * ops.reduce_sum(ops.tanh(sums), -1)


@register("layer", "AdditiveAttention")
class AdditiveAttention(BaseAttention):
    """Additive attention: ``softmax(sum(scale * tanh(query + key))) @ value``; called like `Attention`.

    Args:
        use_scale: whether the trained vector ``scale`` is used, one number for each feature.
        dropout: the fraction of the weights that is dropped in training.
        options: of every layer, and ``seed`` of the dropout.

    Source: D. Bahdanau, K. Cho, Y. Bengio, "Neural machine translation by jointly learning to align and
    translate", 2015.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.AdditiveAttention()
    >>> layer([tf.ones([2, 3, 4]), tf.ones([2, 5, 4])]).shape
    TensorShape([2, 3, 4])
    """

    config_names = ("dropout", "use_scale")

    def __init__(self, use_scale: bool = True, dropout: float = 0.0, **options: Any) -> None:
        super().__init__(dropout, **options)
        self.use_scale = bool(use_scale)
        self.scale: Variable | None = None

    def build(self, input_shape: Any) -> None:
        """Creates the vector."""
        if self.use_scale:
            self.scale = self.add_weight("scale", (input_shape[0][-1],), initializer="glorot_uniform")

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        """Returns the scores of all pairs."""
        sums = ops.tanh(ops.expand_dims(query, -2) + ops.expand_dims(key, -3))
        return ops.reduce_sum(sums if self.scale is None else sums * self.scale, -1)


def masked_softmax(scores: Tensor, visible: Any, count: int, zeros: bool) -> Tensor:
    """The softmax of the scores of several heads over the last ``count`` axes, without pairs that are not visible.

    In Keras 2, a large number is subtracted from the scores of hidden pairs. In Keras 3 it replaces them, so that a
    query that sees nothing has no gradient; and the weights of hidden pairs are 0 where the layer of Keras 3 applies
    its `Softmax`.

    Args:
        scores: of shape (examples, heads, queries, values).
        visible: of shape (examples, queries, values), or None for all.
        count: the number of axes of attention.
        zeros: whether hidden pairs get the weight 0 in Keras 3 even if the query sees nothing; otherwise such a query
            weights all values equally.
    """
    if visible is None:
        return _softmax_over(scores, count)
    for _ in range(len(scores.shape) - len(visible.shape)):
        visible = ops.expand_dims(visible, -2 * count - 1)
    if keras_generation() == 2:
        return _softmax_over(scores + (1.0 - ops.cast(visible, scores.dtype)) * -1e9, count)
    visible = ops.cast(visible, "bool")
    weights = _softmax_over(ops.where(visible, scores, -1e9), count)
    return ops.where(visible, weights, 0.0) if zeros else weights


def _softmax_over(scores: Tensor, count: int) -> Tensor:
    """The softmax over the last ``count`` axes together."""
    if count == 1:
        found: Tensor = ops.softmax(scores)
        return found
    axes = list(range(len(scores.shape) - count, len(scores.shape)))
    return ops.exp(scores - ops.reduce_logsumexp(scores, axes, keepdims=True))
