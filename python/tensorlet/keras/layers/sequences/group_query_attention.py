"""`GroupQueryAttention`: multi-head attention in which several heads of queries share one of keys and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.sequences.multi_head_attention import MultiHeadAttention
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Config

#: Arguments of `MultiHeadAttention` that this layer does not have.
_OTHERS = (
    "num_heads",
    "key_dim",
    "value_dim",
    "output_shape",
    "attention_axes",
    "query_shape",
    "value_shape",
    "key_shape",
)


@register("layer", "GroupQueryAttention", "GroupedQueryAttention")
class GroupQueryAttention(MultiHeadAttention):
    """Attention whose heads of queries share fewer heads of keys and values; called like `MultiHeadAttention`.

    Args:
        head_dim: the length of the projected queries, keys and values of a head.
        num_query_heads: the number of heads of the queries.
        num_key_value_heads: the number of heads of the keys and values, which divides ``num_query_heads``.
        dropout: the fraction of the weights that is dropped in training.
        use_bias: whether the projections have a bias.
        options: initializers, regularizers and constraints as for `MultiHeadAttention`, ``seed`` of the dropout, and
            those of every layer.

    Raises:
        InvalidArgumentError: if ``num_key_value_heads`` does not divide ``num_query_heads``.

    Source: J. Ainslie and others, "GQA: training generalized multi-query transformer models from multi-head
    checkpoints", 2023.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.GroupQueryAttention(head_dim=4, num_query_heads=6, num_key_value_heads=2)
    >>> x = tf.ones([3, 5, 8])
    >>> layer(x, x).shape, [w.shape.as_list() for w in layer.weights[:3:2]]
    (TensorShape([3, 5, 8]), [[8, 6, 4], [8, 2, 4]])
    """

    name_in_files = "GroupedQueryAttention"
    names_in_keras_3: ClassVar[dict[str, str]] = {}
    config_names = ("head_dim", "num_query_heads", "num_key_value_heads", "dropout", "use_bias")

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
        **options: Any,
    ) -> None:
        kind = "GroupQueryAttention"
        self.num_query_heads = positive_integer(kind, "num_query_heads", num_query_heads)
        self.num_key_value_heads = positive_integer(kind, "num_key_value_heads", num_key_value_heads)
        if self.num_query_heads % self.num_key_value_heads:
            raise InvalidArgumentError(
                f"{kind}: num_query_heads={num_query_heads} is not a multiple of "
                f"num_key_value_heads={num_key_value_heads}."
            )
        super().__init__(self.num_query_heads, head_dim, dropout=dropout, use_bias=use_bias, **options)

    @property
    def head_dim(self) -> int:
        """The length of a projected query, key or value."""
        return self.key_dim

    def _value_heads(self) -> int:
        return self.num_key_value_heads

    def _for_queries(self, projected: Tensor) -> Tensor:
        return ops.repeat(projected, self.num_query_heads // self.num_key_value_heads, axis=2)

    def get_config(self) -> Config:
        """Returns the arguments of the constructor."""
        config = super().get_config()
        return {name: value for name, value in config.items() if name not in _OTHERS}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """Creates a layer from the output of `get_config`."""
        return cls(**config)
