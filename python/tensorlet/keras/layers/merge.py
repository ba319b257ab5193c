"""Layers with several inputs: their sum, product, concatenation and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


class Merge(Layer):
    """The base of layers that take a list of inputs."""

    #: The fewest inputs, and the most (None: any number).
    counts: tuple[int, int | None] = (1, None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Checks that there are several inputs, then calls the layer."""
        if args and not isinstance(args[0], list | tuple):
            self._refuse(
                f"one {'KerasTensor' if isinstance(args[0], KerasTensor) else type(args[0]).__name__}"
            )
        fewest, most = self.counts
        if args and not fewest <= len(args[0]) <= (most or len(args[0])):
            self._refuse(f"{len(args[0])} of them")
        return super().__call__(*args, **kwargs)

    def _refuse(self, received: str) -> None:
        fewest, most = self.counts
        wanted = f"{fewest}" if fewest == most else f"at least {fewest}"
        raise InvalidArgumentError(
            f'Layer "{self.name}" ({type(self).__name__}) takes a list of inputs, {wanted}, but got {received}. '
            f"Write {type(self).__name__}()([a, b])."
        )

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """The inputs, merged one after the other."""
        rank = max(len(one.shape) for one in inputs)
        inputs = [_with_rank(one, rank) for one in inputs]
        self._require_fitting([one.shape for one in inputs])
        return self.merge(inputs)

    def _require_fitting(self, shapes: Sequence[TensorShape]) -> None:
        for lengths in zip(*shapes, strict=True):
            if len({length for length in lengths if length != 1}) > 1:
                raise ShapeError(
                    f"{type(self).__name__}: inputs of the shapes {', '.join(str(tuple(one)) for one in shapes)} do "
                    "not fit together element by element. Bring them to one shape, for example with Dense layers "
                    "of the same number of units."
                )

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """What becomes of inputs that fit together."""
        raise NotImplementedError


def _with_rank(tensor: Tensor, rank: int) -> Tensor:
    """Axes of length 1 after the first, so that tensors of fewer axes fit."""
    missing = rank - len(tensor.shape)
    if not missing:
        return tensor
    return ops.reshape(tensor, [tensor.shape[0], *[1] * missing, *tensor.shape[1:]])


@register("layer")
class Add(Merge):
    """The sum of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Add()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """The sum."""
        total = inputs[0]
        for one in inputs[1:]:
            total = total + one
        return total


@register("layer")
class Subtract(Merge):
    """The first input minus the second.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Subtract()([tf.constant([5.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """

    counts = (2, 2)

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """The difference."""
        return inputs[0] - inputs[1]


@register("layer")
class Multiply(Merge):
    """The product of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Multiply()([tf.constant([3.0]), tf.constant([2.0])]).numpy()
    array([6.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """The product."""
        product = inputs[0]
        for one in inputs[1:]:
            product = product * one
        return product


@register("layer")
class Average(Add):
    """The mean of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Average()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([1.5], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """The mean."""
        return super().merge(inputs) / float(len(inputs))


@register("layer")
class Maximum(Merge):
    """The largest of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Maximum()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([2.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """The largest."""
        largest = inputs[0]
        for one in inputs[1:]:
            largest = ops.maximum(largest, one)
        return largest


@register("layer")
class Minimum(Merge):
    """The smallest of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Minimum()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([1.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor]) -> Tensor:
        """The smallest."""
        smallest = inputs[0]
        for one in inputs[1:]:
            smallest = ops.minimum(smallest, one)
        return smallest


@register("layer")
class Concatenate(Merge):
    """The inputs side by side.

    Args:
        axis: along which they are concatenated; the other axes must have the same lengths.
        options: of every layer.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Concatenate()([tf.constant([[1.0]]), tf.constant([[2.0, 3.0]])]).numpy()
    array([[1., 2., 3.]], dtype=float32)
    """

    config_names = ("axis",)

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """One tensor of all inputs."""
        return ops.concat(list(inputs), self.axis)


@register("layer")
class Dot(Merge):
    """The inner products of two inputs, example by example.

    Args:
        axes: one axis for both inputs, or a pair: those that are multiplied and summed.
        normalize: divide each vector by its length first (the cosine).
        options: of every layer.

    >>> import tensorlet as tf
    >>> x, y = tf.constant([[1.0, 2.0]]), tf.constant([[3.0, 4.0]])
    >>> tf.keras.layers.Dot(axes=1)([x, y]).numpy()
    array([[11.]], dtype=float32)
    """

    config_names = ("axes", "normalize")
    counts = (2, 2)

    def __init__(self, axes: int | Sequence[int], normalize: bool = False, **options: Any) -> None:
        super().__init__(**options)
        self.axes = axes if isinstance(axes, int) else list(axes)
        self.normalize = normalize

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        """The products, of shape (examples, remaining axes of the first, of the second)."""
        first, second = inputs
        axes = [self.axes, self.axes] if isinstance(self.axes, int) else self.axes
        one, other = axes[0] % len(first.shape), axes[1] % len(second.shape)
        if first.shape[one] != second.shape[other] or 0 in (one, other):
            raise ShapeError(
                f"Dot: axis {axes[0]} of {tuple(first.shape)} and axis {axes[1]} of {tuple(second.shape)} cannot be "
                "multiplied. Choose axes of the same length; axis 0 counts the examples."
            )
        if self.normalize:
            first, second = ops.l2_normalize(first, axis=one), ops.l2_normalize(second, axis=other)
        names = "bcdefghijk"
        left = names[: len(first.shape) - 1]
        left = "a" + left[: one - 1] + "z" + left[one - 1 : -1]
        right = "lmnopqrst"[: len(second.shape) - 1]
        right = "a" + right[: other - 1] + "z" + right[other - 1 : -1]
        result = "a" + left[1:].replace("z", "") + right[1:].replace("z", "")
        product = ops.einsum(f"{left},{right}->{result}", first, second)
        return ops.expand_dims(product, 1) if result == "a" else product


def add(inputs: Sequence[Any], **options: Any) -> Any:
    """`Add` as a function.

    >>> import tensorlet as tf
    >>> tf.keras.layers.add([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """
    return Add(**options)(inputs)


def subtract(inputs: Sequence[Any], **options: Any) -> Any:
    """`Subtract` as a function."""
    return Subtract(**options)(inputs)


def multiply(inputs: Sequence[Any], **options: Any) -> Any:
    """`Multiply` as a function."""
    return Multiply(**options)(inputs)


def average(inputs: Sequence[Any], **options: Any) -> Any:
    """`Average` as a function."""
    return Average(**options)(inputs)


def maximum(inputs: Sequence[Any], **options: Any) -> Any:
    """`Maximum` as a function."""
    return Maximum(**options)(inputs)


def minimum(inputs: Sequence[Any], **options: Any) -> Any:
    """`Minimum` as a function."""
    return Minimum(**options)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **options: Any) -> Any:
    """`Concatenate` as a function."""
    return Concatenate(axis=axis, **options)(inputs)


def dot(inputs: Sequence[Any], axes: int | Sequence[int], normalize: bool = False, **options: Any) -> Any:
    """`Dot` as a function."""
    return Dot(axes=axes, normalize=normalize, **options)(inputs)
