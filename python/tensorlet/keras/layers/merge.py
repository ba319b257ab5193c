"""Layers with several inputs: sum, product, concatenation and so on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.layers.merge_masks import joint_mask, require_lists, without_masked
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register


class Merge(Layer):
    """Base class of layers that take a list of inputs."""

    #: The smallest and the largest number of inputs (None: no limit).
    counts: tuple[int, int | None] = (1, None)
    supports_masking = True

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Checks the number of inputs, then calls the layer."""
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
        exactly = "exactly" if fewest == most else "a list of"
        raise InvalidArgumentError(
            f'Layer "{self.name}" ({type(self).__name__}): the layer should be called on {exactly} {wanted} inputs, '
            f"but got {received}. Write {type(self).__name__}()([a, b])."
        )

    def call(self, inputs: Sequence[Tensor], mask: Any = None) -> Tensor:
        """Combines the inputs one after the other."""
        rank = max(len(one.shape) for one in inputs)
        inputs = [_with_rank(one, rank) for one in inputs]
        self._require_fitting([one.shape for one in inputs])
        return self.merge(inputs, mask)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Returns the mask of the output, from a list of masks, by the rules of `merge_masks`.

        Raises:
            InvalidArgumentError: if the inputs or masks are not lists of the same length.
        """
        if mask is None:
            return None
        require_lists(type(self).__name__, inputs, mask)
        return joint_mask(mask)

    def _require_fitting(self, shapes: Sequence[TensorShape]) -> None:
        for lengths in zip(*shapes, strict=True):
            if len({length for length in lengths if length != 1}) > 1:
                raise ShapeError(
                    f"{type(self).__name__}: inputs of shapes {', '.join(str(tuple(one)) for one in shapes)} cannot be "
                    "combined element by element. Give them the same shape, for example with Dense layers "
                    "with the same number of units."
                )

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Combines inputs with compatible shapes; ``masks`` is a list of their masks, or None."""
        raise NotImplementedError


def _with_rank(tensor: Tensor, rank: int) -> Tensor:
    """Inserts axes of length 1 after the first, up to a rank."""
    missing = rank - len(tensor.shape)
    if not missing:
        return tensor
    return ops.reshape(tensor, [tensor.shape[0], *[1] * missing, *tensor.shape[1:]])


@register("layer")
class Add(Merge):
    """Adds the inputs element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Add()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Returns the sum."""
        total = inputs[0]
        for one in inputs[1:]:
            total = total + one
        return total


@register("layer")
class Subtract(Merge):
    """Subtracts the second input from the first.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Subtract()([tf.constant([5.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """

    counts = (2, 2)

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Returns the difference."""
        return inputs[0] - inputs[1]


@register("layer")
class Multiply(Merge):
    """Multiplies the inputs element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Multiply()([tf.constant([3.0]), tf.constant([2.0])]).numpy()
    array([6.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Returns the product."""
        return without_masked(ops.multiply, inputs, masks)


@register("layer")
class Average(Add):
    """Averages the inputs element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Average()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([1.5], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Returns the mean, a float."""
        total = super().merge(inputs)
        return (ops.cast(total, self.dtype) if total.dtype.is_integer else total) / float(len(inputs))


@register("layer")
class Maximum(Merge):
    """The maximum of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Maximum()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([2.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Returns the maximum."""
        return without_masked(ops.maximum, inputs, masks)


@register("layer")
class Minimum(Merge):
    """The minimum of the inputs, element by element.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Minimum()([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([1.], dtype=float32)
    """

    def merge(self, inputs: Sequence[Tensor], masks: Any = None) -> Tensor:
        """Returns the minimum."""
        return without_masked(ops.minimum, inputs, masks)


@register("layer")
class Concatenate(Merge):
    """Concatenates the inputs along an axis.

    Args:
        axis: the axis of concatenation; the other axes must have the same lengths.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Concatenate()([tf.constant([[1.0]]), tf.constant([[2.0, 3.0]])]).numpy()
    array([[1., 2., 3.]], dtype=float32)
    """

    config_names = ("axis",)

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def call(self, inputs: Sequence[Tensor], mask: Any = None) -> Tensor:
        """Returns the concatenated inputs."""
        shapes = [list(one.shape) for one in inputs]
        ranks = {len(shape) for shape in shapes}
        rank = len(shapes[0])
        others = [axis for axis in range(rank) if axis != self.axis % rank]
        if len(ranks) > 1 or any(len({shape[axis] for shape in shapes}) > 1 for axis in others):
            raise ShapeError(
                "A `Concatenate` layer requires inputs with matching shapes except for the concatenation axis, which "
                f"is axis {self.axis}, but got {', '.join(map(str, shapes))}. Reshape the inputs, or choose another "
                "axis."
            )
        return ops.concat(list(inputs), self.axis)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Returns the mask of the output: along the axis of the steps, the masks one after the other."""
        if mask is None:
            return None
        require_lists("Concatenate", inputs, mask)
        given = [one for one in mask if one is not None]
        axis = self.axis % len(inputs[0].shape)
        if not given:
            return None
        rank = len(given[0].shape)
        if axis >= rank:  # along the features
            known = (
                mask
                if keras_generation() == 2
                else [_all_kept(x, rank, one) for x, one in zip(inputs, mask, strict=True)]
            )
            return joint_mask(known)
        return ops.concat([_all_kept(x, rank, one) for x, one in zip(inputs, mask, strict=True)], axis)


def _all_kept(x: Tensor, rank: int, mask: Any) -> Tensor:
    """A mask as booleans; for None, one that is True everywhere."""
    return ops.ones(list(x.shape[:rank]), "bool") if mask is None else ops.cast(mask, "bool")


@register("layer")
class Dot(Merge):
    """The dot product of two inputs, example by example.

    Args:
        axes: one axis for both inputs, or a pair: the axes that are multiplied and summed.
        normalize: whether to divide each vector by its norm first, which gives the cosine.
        options: the arguments of `Layer`.

    Raises:
        ShapeError: if the axes have different lengths.

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

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """Returns None: products have no steps."""

    def call(self, inputs: Sequence[Tensor], mask: Any = None) -> Tensor:
        """Returns the products, of shape (examples, remaining axes of the first, of the second)."""
        first, second = inputs
        axes = [self.axes, self.axes] if isinstance(self.axes, int) else self.axes
        one, other = axes[0] % len(first.shape), axes[1] % len(second.shape)
        if first.shape[one] != second.shape[other] or 0 in (one, other):
            raise ShapeError(
                f"Dot: axis {axes[0]} of {tuple(first.shape)} and axis {axes[1]} of {tuple(second.shape)} cannot be "
                "multiplied. Choose axes of the same length; axis 0 is the batch axis."
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
    """Functional form of `Add`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.add([tf.constant([1.0]), tf.constant([2.0])]).numpy()
    array([3.], dtype=float32)
    """
    return Add(**options)(inputs)


def subtract(inputs: Sequence[Any], **options: Any) -> Any:
    """Functional form of `Subtract`."""
    return Subtract(**options)(inputs)


def multiply(inputs: Sequence[Any], **options: Any) -> Any:
    """Functional form of `Multiply`."""
    return Multiply(**options)(inputs)


def average(inputs: Sequence[Any], **options: Any) -> Any:
    """Functional form of `Average`."""
    return Average(**options)(inputs)


def maximum(inputs: Sequence[Any], **options: Any) -> Any:
    """Functional form of `Maximum`."""
    return Maximum(**options)(inputs)


def minimum(inputs: Sequence[Any], **options: Any) -> Any:
    """Functional form of `Minimum`."""
    return Minimum(**options)(inputs)


def concatenate(inputs: Sequence[Any], axis: int = -1, **options: Any) -> Any:
    """Functional form of `Concatenate`."""
    return Concatenate(axis=axis, **options)(inputs)


def dot(inputs: Sequence[Any], axes: int | Sequence[int], normalize: bool = False, **options: Any) -> Any:
    """Functional form of `Dot`."""
    return Dot(axes=axes, normalize=normalize, **options)(inputs)
