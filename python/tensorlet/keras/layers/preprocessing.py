"""Layers that prepare data for training: scaling and normalization."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.keras import config
from tensorlet.keras.layers.adapt_data import whole_data
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.call_context import eagerly
from tensorlet.ops.object_columns import object_error
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike


@register("layer")
class Rescaling(Layer):
    """``inputs * scale + offset``.

    Args:
        scale: the factor, such as ``1 / 255`` for pixels; or one for each channel.
        offset: a number that is added; or one for each channel.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Rescaling(1 / 255)(tf.constant([0, 51, 255])).numpy().round(4)
    array([0. , 0.2, 1. ], dtype=float32)
    """

    config_names = ("scale", "offset")
    supports_masking = True
    stacks_lists = True

    def __init__(self, scale: Any, offset: Any = 0.0, **options: Any) -> None:
        super().__init__(**options)
        self.scale = scale
        self.offset = offset

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the scaled inputs, as floats."""
        rank = len(inputs.shape)
        scaled = ops.cast(inputs, self.dtype) * self._of_channels(self.scale, rank)
        if np.ndim(self.offset) == 0 and self.offset == 0:
            return scaled
        return scaled + self._of_channels(self.offset, rank)

    def _of_channels(self, value: Any, rank: int) -> Tensor:
        """A number, or one for each channel along the axis of the channels."""
        found = ops.cast(value, self.dtype)
        if len(found.shape) == 0 or rank < 3 or config.image_data_format() == "channels_last":
            return found
        return ops.reshape(found, [-1, *[1] * (rank - 2)])


class _Adapting(Layer):
    """Base class of `Normalization` and `MinMaxScaling`: two statistics for each position along the axes."""

    supports_masking = True

    #: The names of the two statistics, and their initial values.
    statistics: tuple[tuple[str, str], tuple[str, str]]

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        given: tuple[Any, Any] = (None, None),
        invert: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if (given[0] is None) != (given[1] is None):
            (first, _), (second, _) = self.statistics
            raise InvalidArgumentError(
                f"{type(self).__name__}: when values are set directly, both `{first}` and `{second}` must be set. Give "
                "both, or neither of them and call adapt(data)."
            )
        #: The two statistics, if the user passed them; then nothing is learned.
        self._given = None if given[0] is None else tuple(np.asarray(one, np.float64) for one in given)
        self.invert = invert
        self.axis = axis if axis is None or isinstance(axis, int) else tuple(axis)
        self.is_adapted = False

    def _kept_axes(self, rank: int) -> tuple[int, ...]:
        axes = () if self.axis is None else (self.axis,) if isinstance(self.axis, int) else self.axis
        for axis in axes:
            if not -rank <= axis < rank:
                raise ShapeError(
                    f"{type(self).__name__}: axis={axis}, but the data has {rank} axes. All `axis` values must be in "
                    f"the range {-rank} to {rank - 1}. Use axis=None for one mean and one variance over all axes."
                )
        return tuple(sorted(axis % rank for axis in axes))

    def build(self, input_shape: TensorShape) -> None:
        """Creates the statistics, along the axes that are kept."""
        rank = len(input_shape)
        kept = self._kept_axes(rank)
        lengths = tuple(input_shape[axis] for axis in kept)
        # Of shape (1, lengths), which broadcasts against the inputs.
        self._broadcast = [input_shape[axis] if axis in kept else 1 for axis in range(rank)]
        if self._given is not None:
            if kept and None not in lengths:
                self._given = tuple(np.broadcast_to(one, lengths) for one in self._given)
            return
        if None in lengths:
            raise ShapeError(
                f"{type(self).__name__}: the length of each axis that is kept must be known, but axis={self.axis} of "
                f"inputs of shape {tuple(input_shape)} is open. Give the whole shape, or call adapt(data) first."
            )
        self._found = [
            self.add_weight(name, lengths, initializer=start, trainable=False)
            for name, start in self.statistics
        ]
        self.count = self.add_weight("count", (), dtype="int64", initializer="zeros", trainable=False)

    def adapt(self, data: object, batch_size: int | None = None, steps: int | None = None) -> None:
        """Computes the statistics of data, replacing earlier ones.

        Args:
            data: an array, a list, or an iterable of batches.
            batch_size: ignored; the data is processed as a whole.
            steps: the number of batches to use.
        """
        if self._given is not None:
            (first, _), (second, _) = self.statistics
            raise InvalidArgumentError(
                f"{type(self).__name__}.adapt: {first} and {second} were passed to the layer, so there is nothing to "
                "learn. Omit these arguments, or do not call adapt."
            )
        array = whole_data(type(self).__name__, data, batch_size, steps)
        if array.dtype.kind not in "biuf":
            raise DTypeError(f"{type(self).__name__}.adapt: {object_error(data, array.astype(object))}")
        if self.axis is not None and array.ndim == 1:
            array = array[:, None]
        self.build_for((None, *array.shape[1:]))
        kept = [array.shape[axis] for axis in self._kept_axes(array.ndim)]
        if list(self._found[0].shape) != kept:
            raise ShapeError(
                f"{type(self).__name__}.adapt: the layer was built for {list(self._found[0].shape)} positions along "
                f"axis={self.axis}, and the data of shape {list(array.shape)} has {kept}: an incompatible shape. "
                "Create a new layer for such data."
            )
        if self._own.batch_input_shape is None and not self._own.nodes and array.ndim > 1:
            self._own.batch_input_shape = (
                None,
                *array.shape[1:],
            )  # so that the layer can be the first of a model
        others = tuple(axis for axis in range(array.ndim) if axis not in self._kept_axes(array.ndim))
        with eagerly():
            for variable, found in zip(
                self._found, self.learn(array.astype(np.float64), others), strict=True
            ):
                variable.assign(np.asarray(found, variable.dtype.numpy))
            self.count.assign(np.asarray(array.size // max(self._found[0].spec.size, 1), np.int64))
        self.is_adapted = True

    def learn(self, data: np.ndarray, others: tuple[int, ...]) -> tuple[Any, Any]:
        """Computes the two statistics over the axes ``others``."""
        raise NotImplementedError

    def _values(self, inputs: Tensor) -> tuple[Any, Any]:
        """Returns the two statistics, shaped to broadcast against the inputs."""
        rank = len(inputs.shape)
        kept = self._kept_axes(rank)
        if self._given is not None and not kept:
            lengths = np.broadcast_shapes(*(one.shape for one in self._given))
            first, second = (np.broadcast_to(one.astype(self.dtype), lengths) for one in self._given)
            return first, second
        shape = [inputs.shape[axis] if axis in kept else 1 for axis in range(rank)]
        if self._given is not None:
            wanted = [inputs.shape[axis] for axis in kept]
            known = (np.broadcast_to(one.astype(self.dtype), wanted).reshape(shape) for one in self._given)
            return tuple(known)  # type: ignore[return-value]  # two
        first, second = (ops.reshape(value, shape) for value in self._found)
        return first, second

    def _shaped(self, which: int) -> Any:
        """Returns one of the statistics, shaped to broadcast against the inputs; None before ``adapt``."""
        if self._given is not None:
            value = ops.cast(self._given[which], self.dtype)
            kept = self.built and self.axis is not None and None not in self._broadcast
            return ops.reshape(value, self._broadcast) if kept else value
        return ops.reshape(self._found[which], self._broadcast) if self.built else None

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor; statistics only if they were passed to it."""
        given = [None, None] if self._given is None else [one.tolist() for one in self._given]
        names = [name for name, _ in self.statistics]
        return super().get_config() | dict(zip(names, given, strict=True))


@register("layer")
class Normalization(_Adapting):
    """``(inputs - mean) / sqrt(variance)``, with the mean and variance of the data passed to ``adapt``.

    Args:
        axis: the axes with separate statistics for each position; None for one mean and variance over all axes.
        mean, variance: known values, instead of calling ``adapt``.
        invert: whether to compute the inverse: ``inputs * sqrt(variance) + mean``.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Normalization()
    >>> layer.adapt([[1.0, 10.0], [3.0, 30.0]])
    >>> layer(tf.constant([[3.0, 10.0]])).numpy()
    array([[ 1., -1.]], dtype=float32)
    >>> layer.mean.numpy(), layer.variance.numpy()
    (array([[ 2., 20.]], dtype=float32), array([[  1., 100.]], dtype=float32))
    """

    config_names = ("axis", "invert")
    statistics = (("mean", "zeros"), ("variance", "ones"))

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: ArrayLike | None = None,
        variance: ArrayLike | None = None,
        invert: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(axis, (mean, variance), invert, **options)

    @property
    def mean(self) -> Any:
        """The mean, shaped to broadcast against the inputs; None before ``adapt``."""
        return self._shaped(0)

    @property
    def variance(self) -> Any:
        """The variance, shaped to broadcast against the inputs; None before ``adapt``."""
        return self._shaped(1)

    def learn(self, data: np.ndarray, others: tuple[int, ...]) -> tuple[Any, Any]:
        """Computes the mean and variance."""
        return data.mean(others), data.var(others)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the normalized inputs."""
        inputs = ops.cast(inputs, self.dtype)
        mean, variance = self._values(inputs)
        deviation = ops.maximum(ops.sqrt(variance), config.epsilon())
        if self.invert:
            return inputs * deviation + mean
        return (inputs - mean) / deviation


@register("layer")
class MinMaxScaling(_Adapting):
    """Scales each feature to a range: the minimum of the data passed to ``adapt`` to its lower bound, the maximum to
    its upper bound. A constant feature becomes the lower bound.

    Args:
        feature_range: the lower and upper bound of the outputs.
        axis: the axes of the features; None for one minimum and maximum over all axes.
        clip: whether to clip outputs to the range.
        minimum, maximum: known values, instead of calling ``adapt``.
        invert: whether to compute the inverse: from the range to the data.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.MinMaxScaling()
    >>> layer.adapt([[1.0, 100.0], [3.0, 300.0]])
    >>> layer(tf.constant([[2.0, 300.0]])).numpy()
    array([[0.5, 1. ]], dtype=float32)
    >>> back = tf.keras.layers.MinMaxScaling(minimum=[1.0, 100.0], maximum=[3.0, 300.0], invert=True)
    >>> back(tf.constant([[0.5, 1.0]])).numpy()
    array([[  2., 300.]], dtype=float32)
    """

    config_names = ("feature_range", "axis", "clip", "invert")
    statistics = (("minimum", "zeros"), ("maximum", "ones"))

    def __init__(
        self,
        feature_range: Sequence[float] = (0.0, 1.0),
        axis: int | Sequence[int] | None = -1,
        clip: bool = False,
        minimum: ArrayLike | None = None,
        maximum: ArrayLike | None = None,
        invert: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(axis, (minimum, maximum), invert, **options)
        low, high = feature_range
        if not low < high:
            raise InvalidArgumentError(
                f"MinMaxScaling: feature_range is {feature_range!r}. Expected two numbers, the smaller one first."
            )
        self.feature_range = (float(low), float(high))
        self.clip = clip

    @property
    def minimum(self) -> Any:
        """The minima, shaped to broadcast against the inputs; None before ``adapt``."""
        return self._shaped(0)

    @property
    def maximum(self) -> Any:
        """The maxima, shaped to broadcast against the inputs; None before ``adapt``."""
        return self._shaped(1)

    def learn(self, data: np.ndarray, others: tuple[int, ...]) -> tuple[Any, Any]:
        """Computes the minimum and maximum."""
        return data.min(others), data.max(others)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the scaled inputs."""
        inputs = ops.cast(inputs, self.dtype)
        smallest, largest = self._values(inputs)
        span = largest - smallest
        low, high = self.feature_range
        if self.invert:
            values = ops.clip_by_value(inputs, low, high) if self.clip else inputs
            return (values - low) / (high - low) * span + smallest
        scaled = (inputs - smallest) / ops.where(ops.equal(span, 0.0), 1.0, span) * (high - low) + low
        return ops.clip_by_value(scaled, low, high) if self.clip else scaled
