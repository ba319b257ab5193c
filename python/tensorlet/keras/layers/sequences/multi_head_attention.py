"""`MultiHeadAttention`, the attention of transformers."""

from __future__ import annotations

import math
import operator
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, ClassVar

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer, mask_of
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.einsum_dense import EinsumDense
from tensorlet.keras.layers.sequences.attention import lower_triangle, masked_softmax
from tensorlet.keras.layers.sequences.cells import build_inside, rate_of
from tensorlet.ops.registry import Tensor, convert
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import Config, Identifier, ShapeLike, TensorLike

#: The projections, by the names of their attributes.
_PARTS = ("query", "key", "value", "gate", "output")
#: Shapes that configurations of Keras 2 contain.
_SHAPES = ("query_shape", "value_shape", "key_shape")


@register("layer", "MultiHeadAttention")
class MultiHeadAttention(Layer):
    """Attention with several heads: each compares projections of the queries with projections of the keys.

    With projections Q, K, V for each head, the output is ``softmax(Q @ transpose(K) / sqrt(key_dim)) @ V``, all heads
    of which are projected to the output. Called as ``layer(query, value, key=None)`` with tensors of shape
    ``(examples, steps, features)``; ``layer(x, x)`` is self-attention. Masks of the inputs are taken into account.

    Args:
        num_heads: the number of heads.
        key_dim: the length of the projected queries and keys of a head.
        value_dim: the length of the projected values of a head; by default ``key_dim``.
        dropout: the fraction of the weights that is dropped in training.
        use_bias: whether the projections have a bias.
        output_shape: the shape of an output; by default the length of a query.
        attention_axes: the axes along which attention is applied; by default all but those of the examples and
            features.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, activity_regularizer,
            kernel_constraint, bias_constraint: of the projections, as for `Dense`.
        use_gate: whether the means of the values are multiplied by ``sigmoid`` of one more projection of the queries,
            before they are projected to the output.
        sliding_window: how far a query sees: values less than so many steps away, before and after it; None for all.
        options: of every layer, and ``seed`` of the dropout.

    Raises:
        InvalidArgumentError: for sizes that are not integers of at least 1, or an ``output_shape`` that is not made of
            integers; when called without a value.
        ShapeError: when called, if value and key have different numbers of steps.

    Source: A. Vaswani and others, "Attention is all you need", 2017.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.MultiHeadAttention(num_heads=2, key_dim=4)
    >>> x = tf.ones([3, 5, 6])
    >>> result, weights = layer(x, x, use_causal_mask=True, return_attention_scores=True)
    >>> result.shape, weights.shape, weights[0, 0, 1].numpy()
    (TensorShape([3, 5, 6]), TensorShape([3, 2, 5, 5]), array([0.5, 0.5, 0. , 0. , 0. ], dtype=float32))
    """

    supports_masking = True
    names_in_keras_3: ClassVar[dict[str, str]] = {
        f"_{part}_dense": f"{part}_dense" for part in _PARTS if part != "gate"
    }
    config_names = ("num_heads", "key_dim", "value_dim", "dropout", "use_bias")
    keras_3_names: ClassVar[dict[str, Any]] = {"use_gate": False, "sliding_window": None}

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        kernel_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        use_gate: bool = False,
        sliding_window: int | None = None,
        **options: Any,
    ) -> None:
        self.seed = options.pop("seed", None)
        super().__init__(**options)
        kind = "MultiHeadAttention"
        self.num_heads = _size(kind, "num_heads", num_heads)
        self.key_dim = _size(kind, "key_dim", key_dim)
        self.value_dim = self.key_dim if value_dim is None else _size(kind, "value_dim", value_dim)
        if sliding_window is not None and (not isinstance(sliding_window, int) or sliding_window < 1):
            raise InvalidArgumentError(
                f"{kind}: sliding_window={sliding_window!r}. Expected an integer of 1 or more, the number of steps "
                "that a query sees on each side, itself included, or None for all."
            )
        self.use_gate = bool(use_gate)
        self.sliding_window = sliding_window
        self.dropout = rate_of(kind, "dropout", dropout)
        self.use_bias = bool(use_bias)
        self._output_lengths = _listed("output_shape", output_shape)
        self._given_axes = _listed("attention_axes", attention_axes)
        self._projection_options = {
            "kernel_initializer": initializers.get(kernel_initializer),
            "bias_initializer": initializers.get(bias_initializer),
            "kernel_regularizer": regularizers.get(kernel_regularizer),
            "bias_regularizer": regularizers.get(bias_regularizer),
            "activity_regularizer": regularizers.get(activity_regularizer),
            "kernel_constraint": constraints.get(kernel_constraint),
            "bias_constraint": constraints.get(bias_constraint),
        }
        if (
            keras_generation() == 2
        ):  # it penalizes the outputs of the layer; in Keras 3 those of the projections
            self.activity_regularizer = self._projection_options["activity_regularizer"]
        self._shapes: dict[str, list[int | None]] = {}

    # Building.

    def build_from(self, query: Any, value: Any, key: Any = None) -> None:
        """Creates the projections.

        Args:
            query, value, key: the shapes of the inputs; that of the key is by default that of the value.

        Raises:
            ShapeError: if value and key have different numbers of steps.
        """
        if self.built:
            return
        shapes = dict(
            zip(_SHAPES, map(TensorShape, (query, value, value if key is None else key)), strict=True)
        )
        if shapes["value_shape"][1:-1] != shapes["key_shape"][1:-1]:
            raise ShapeError(
                f'MultiHeadAttention "{self.name}": the steps of value and key must be equal, but they have the shapes '
                f"{tuple(shapes['value_shape'])} and {tuple(shapes['key_shape'])}."
            )
        self._shapes = {name: list(shape) for name, shape in shapes.items()}
        heads, inner_heads = self.num_heads, self._value_heads()
        query_shape = shapes["query_shape"]
        self._query_dense = self._projection("query", query_shape, [heads, self.key_dim])
        self._key_dense = self._projection("key", shapes["key_shape"], [inner_heads, self.key_dim])
        if self.use_gate:
            self._gate_dense = self._projection("gate", query_shape, [heads, self.value_dim])
        self._value_dense = self._projection("value", shapes["value_shape"], [inner_heads, self.value_dim])
        inner = [*query_shape[:-1], heads, self.value_dim]
        lengths = self._output_lengths or [int(query_shape[-1])]
        self._output_dense = self._projection("attention_output", inner, lengths, bound=2)
        self.built = True

    def build(
        self, query_shape: ShapeLike, value_shape: ShapeLike | None = None, key_shape: ShapeLike | None = None
    ) -> None:
        """Creates the projections; see `build_from`."""
        self.build_from(query_shape, query_shape if value_shape is None else value_shape, key_shape)

    def _value_heads(self) -> int:
        """The number of heads of keys and values."""
        return self.num_heads

    def _projection(
        self, name: str, shape: Sequence[int | None], lengths: Sequence[int], bound: int = 1
    ) -> EinsumDense:
        """A dense layer that replaces the last ``bound`` axes by axes of other lengths."""
        letters = iter(ascii_lowercase)
        free, summed, new = (
            "".join(next(letters) for _ in range(count))
            for count in (len(shape) - bound, bound, len(lengths))
        )
        options = {
            key: type(value).from_config(value.get_config()) if key.endswith("initializer") else value
            for key, value in self._projection_options.items()
        }
        if self.activity_regularizer is not None:
            del options["activity_regularizer"]
        layer = EinsumDense(
            f"{free}{summed},{summed}{new}->{free}{new}", [*[None] * (len(free) - 1), *lengths],
            bias_axes=new if self.use_bias else None, name=name, dtype=self.dtype,
            activation="sigmoid" if name == "gate" else None, **options,
        )  # fmt: skip
        build_inside(self, layer, TensorShape(shape))
        return layer

    # Calls.

    def __call__(self, query: Any, value: Any = None, key: Any = None, *args: Any, **kwargs: Any) -> Any:
        """Calls the layer.

        Args:
            query: of shape (examples, queries, features).
            value: of shape (examples, values, features).
            key: of shape (examples, values, features); by default the value.
            args, kwargs: ``attention_mask`` of shape (examples, queries, values), False for pairs that do not count;
                ``return_attention_scores``; ``training``; ``use_causal_mask``.
        """
        if value is None:
            raise InvalidArgumentError(
                f'MultiHeadAttention layer "{self.name}" takes a query and a value: layer(x, x) for self-attention.'
            )
        if not self.built:
            shapes = [None if one is None else _shape_of(one) for one in (query, value, key)]
            self.build_from(*shapes)
        if key is not None:
            kwargs["key"] = key
        kwargs.update(
            zip(
                ("attention_mask", "return_attention_scores", "training", "use_causal_mask"),
                args,
                strict=False,
            )
        )
        return super().__call__(query, value, **kwargs)

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        attention_mask: TensorLike | None = None,
        return_attention_scores: bool = False,
        training: bool | None = None,
        use_causal_mask: bool = False,
        query_mask: TensorLike | None = None,
        value_mask: TensorLike | None = None,
        key_mask: TensorLike | None = None,
    ) -> Any:
        """Computes the attention; see `__call__`. The masks of the inputs are by default those attached to them."""
        value_mask = mask_of(value) if value_mask is None else value_mask
        key_mask = mask_of(key) if key_mask is None else key_mask
        query_mask = mask_of(query) if query_mask is None else query_mask
        value = self._converted(value)
        key = value if key is None else self._converted(key)
        visible = self._visible(query, value, (query_mask, value_mask, key_mask), use_causal_mask)
        if visible is not None and attention_mask is not None:
            visible = ops.logical_and(ops.cast(attention_mask, "bool"), visible)
        visible = attention_mask if visible is None else visible
        scores_of, mean_of, count = self._equations(len(query.shape) + 1)
        projected = self._query_dense(query) * (1.0 / math.sqrt(self.key_dim))
        scores = ops.einsum(scores_of, self._for_queries(self._key_dense(key)), projected)
        exact = return_attention_scores or self.dropout > 0 or len(projected.shape) != 4
        weights = masked_softmax(scores, visible, count, zeros=exact)
        kept = ops.dropout(weights, self.dropout, seed=self.seed) if training and self.dropout else weights
        values = self._for_queries(self._value_dense(value))
        means = ops.einsum(mean_of, kept, values)
        result = self._output_dense(means * self._gate_dense(query) if self.use_gate else means)
        return (result, weights) if return_attention_scores else result

    def _for_queries(self, projected: Tensor) -> Tensor:
        """Keys or values of shape (examples, values, heads, features), as many heads as the queries have."""
        return projected

    def _visible(self, query: Tensor, value: Tensor, masks: tuple[Any, Any, Any], causal: bool) -> Any:
        """Which values each query sees: of shape (examples, queries, values), or None for all."""
        parts = [
            ops.expand_dims(ops.cast(mask, "bool"), axis)
            for mask, axis in zip(masks, (-1, 1, 1), strict=True)
            if mask is not None
        ]
        if causal:
            parts.append(lower_triangle(query.shape[1], value.shape[1]))
        if self.sliding_window is not None:
            places, others = ops.range(query.shape[1]), ops.range(value.shape[1])
            distance = ops.abs(ops.expand_dims(places, 1) - ops.expand_dims(others, 0))
            parts.append(ops.expand_dims(distance < self.sliding_window, 0))
        visible = None
        for part in parts:
            visible = part if visible is None else ops.logical_and(visible, part)
        return visible

    def _axes(self, rank: int) -> list[int]:
        """The axes of attention of a query with heads, which has ``rank`` axes."""
        return self._given_axes or list(range(1, rank - 2))

    def _equations(self, rank: int) -> tuple[str, str, int]:
        """The sums for the scores and for the mean of the values, and the number of axes of attention.

        Args:
            rank: the number of axes of the projected query, (examples, ..., heads, features).
        """
        axes = [axis % (rank - 1) for axis in self._axes(rank)]
        target = ascii_lowercase[:rank]
        new = iter(ascii_lowercase[rank:])
        source = "".join(next(new) if axis in axes else letter for axis, letter in enumerate(target))
        kept = [target[axis] for axis in range(rank - 1) if axis not in axes]
        product = "".join([*kept, *(target[axis] for axis in axes), *(source[axis] for axis in axes)])
        return f"{source},{target}->{product}", f"{product},{source}->{target}", len(axes)

    def compute_output_shape(  # type: ignore[override]  # a shape for each input
        self, query_shape: ShapeLike, value_shape: ShapeLike | None = None, key_shape: ShapeLike | None = None
    ) -> TensorShape:
        """Returns the shape of the output, for the shapes of the inputs.

        Raises:
            ShapeError: if value and key have different numbers of steps.
        """
        query, value = (
            TensorShape(query_shape),
            TensorShape(query_shape if value_shape is None else value_shape),
        )
        key = value if key_shape is None else TensorShape(key_shape)
        if tuple(value[1:-1]) != tuple(key[1:-1]):
            raise ShapeError(
                f'MultiHeadAttention "{self.name}": the steps of value and key must be equal, but they have the shapes '
                f"{tuple(value)} and {tuple(key)}."
            )
        return TensorShape([*query[:-1], *(self._output_lengths or [query[-1]])])

    # Checkpoints and configurations.

    def _tracked_children(self) -> list[tuple[str, Any]]:
        return [*super()._tracked_children(), *self._projections()]

    def _tracked_in(self, names: set[str]) -> list[tuple[str, Any]]:
        return [*super()._tracked_in(names), *self._projections()]

    def _projections(self) -> list[tuple[str, Any]]:
        """The projections, under the names that Keras uses in files."""
        found = ((f"_{part}_dense", vars(self).get(f"_{part}_dense")) for part in _PARTS)
        return [(name, layer) for name, layer in found if layer is not None]

    def get_config(self) -> Config:
        """Returns the arguments of the constructor, and the shapes of the inputs once they are known."""
        config = super().get_config() | {
            "output_shape": self._output_lengths,
            "attention_axes": self._given_axes,
        }
        for name, value in self._projection_options.items():
            kind = name.rpartition("_")[2]
            module = {"initializer": initializers, "regularizer": regularizers, "constraint": constraints}[
                kind
            ]
            config[name] = module.serialize(value)
        if self.seed is not None:
            config["seed"] = self.seed
        return config | {name: self._shapes.get(name) for name in _SHAPES}

    @classmethod
    def from_config(cls, config: Config) -> Any:
        """Creates a layer from the output of `get_config`, with new weights if the shapes of its inputs are known."""
        shapes = [config.get(name) for name in _SHAPES]
        layer = cls(**{name: value for name, value in config.items() if name not in _SHAPES})
        if None not in shapes:
            layer.build_from(*shapes)
        return layer


def _listed(argument: str, value: int | Sequence[int] | None) -> list[int] | None:
    """Checks an argument that is an integer, several of them, or None, and returns a list."""
    if value is None:
        return None
    found: list[Any] = list(value) if isinstance(value, list | tuple) else [value]
    if not all(hasattr(one, "__index__") for one in found):
        raise InvalidArgumentError(
            f"MultiHeadAttention: Invalid `{argument}` argument: {value!r}. Expected an integer, or a list or tuple "
            "of them."
        )
    return [operator.index(one) for one in found]


def _size(kind: str, argument: str, value: object) -> int:
    """A number of heads or features; the message calls it an argument, as that of Keras does."""
    try:
        return positive_integer(kind, argument, value)
    except InvalidArgumentError as error:
        raise InvalidArgumentError(f"{error} Received an invalid value for argument `{argument}`.") from None


def _shape_of(value: Any) -> TensorShape:
    return TensorShape(value.shape if hasattr(value, "shape") else convert(value).shape)
