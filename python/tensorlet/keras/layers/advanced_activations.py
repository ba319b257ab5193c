"""Layers for activation functions that have arguments or weights."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import constraints, initializers, regularizers
from tensorlet.keras.activations.probabilities import softmax
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import positive_integer
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


@register("layer")
class ReLU(Layer):
    """``max(x, 0)``, with an optional slope below a threshold and an upper bound.

    ``f(x) = max_value`` for ``x >= max_value``, ``f(x) = x`` for ``threshold < x < max_value``, and
    ``f(x) = negative_slope * (x - threshold)`` otherwise.

    Args:
        max_value: the upper bound of the output; None for no bound.
        negative_slope: the slope at and below the threshold.
        threshold: the largest input that is treated as negative.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: if an argument is negative.

    >>> import tensorlet as tf
    >>> tf.keras.layers.ReLU(max_value=2.0, negative_slope=0.5)(tf.constant([-1.0, 1.0, 5.0])).numpy()
    array([-0.5,  1. ,  2. ], dtype=float32)
    """

    supports_masking = True
    config_names = ("max_value", "negative_slope", "threshold")

    def __init__(
        self,
        max_value: float | None = None,
        negative_slope: float = 0.0,
        threshold: float = 0.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        for argument, value in (
            ("max_value", max_value),
            ("negative_slope", negative_slope),
            ("threshold", threshold),
        ):
            if value is None and argument != "max_value":
                raise InvalidArgumentError(
                    f"ReLU: {argument}=None, but {argument} of a ReLU layer cannot be None or a negative value. Use 0 "
                    "for none."
                )
            if value is not None and value < 0:
                none = "" if argument == "max_value" else "None or "
                raise InvalidArgumentError(
                    f"ReLU: {argument}={value}, but {argument} of a ReLU layer cannot be {none}a negative value."
                )
        self.max_value = max_value
        self.negative_slope = float(negative_slope or 0.0)
        self.threshold = float(threshold or 0.0)

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the function to each element."""
        if self.threshold == 0:
            result = ops.leaky_relu(inputs, self.negative_slope) if self.negative_slope else ops.relu(inputs)
        else:
            below = self.negative_slope * (inputs - self.threshold)
            result = ops.where(inputs > self.threshold, inputs, below)
        return result if self.max_value is None else ops.minimum(result, self.max_value)


@register("layer")
class LeakyReLU(Layer):
    """``x`` if positive, ``alpha * x`` otherwise.

    Args:
        alpha: the slope of the negative part, called ``negative_slope`` in Keras 3.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.LeakyReLU(alpha=0.25)(tf.constant([-4.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)
    """

    supports_masking = True
    config_names = ("alpha",)

    def __init__(self, alpha: float = 0.3, **options: Any) -> None:
        alpha = options.pop("negative_slope", alpha)
        super().__init__(**options)
        if alpha is None or alpha < 0:
            wrong = "None" if alpha is None else "a negative value"
            raise InvalidArgumentError(
                f"LeakyReLU: alpha={alpha}. The negative_slope value of a Leaky ReLU layer cannot be {wrong}."
            )
        self.alpha = float(alpha)

    @property
    def negative_slope(self) -> float:
        """The slope of the negative part, by its name in Keras 3.

        >>> import tensorlet as tf
        >>> tf.keras.layers.LeakyReLU(alpha=0.25).negative_slope
        0.25
        """
        return self.alpha

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the function to each element."""
        return ops.leaky_relu(inputs, self.alpha)


@register("layer")
class PReLU(Layer):
    """``x`` if positive, ``alpha * x`` otherwise, with a trainable ``alpha`` for each element.

    Args:
        alpha_initializer: the initial value of alpha.
        alpha_regularizer: a penalty on alpha, added to the loss.
        alpha_constraint: applied after each update.
        shared_axes: axes (counted from 1) along which alpha is shared.
        options: the arguments of `Layer`.

    Source: K. He and others, "Delving deep into rectifiers", 2015.

    >>> import tensorlet as tf
    >>> tf.keras.layers.PReLU(alpha_initializer="ones")(tf.constant([[-4.0, 2.0]])).numpy()
    array([[-4.,  2.]], dtype=float32)
    """

    supports_masking = True
    config_names = ("alpha_initializer", "alpha_regularizer", "alpha_constraint", "shared_axes")

    def __init__(
        self,
        alpha_initializer: Identifier | None = "zeros",
        alpha_regularizer: Identifier | None = None,
        alpha_constraint: Identifier | None = None,
        shared_axes: int | Sequence[int] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.alpha_initializer = initializers.get(alpha_initializer)
        self.alpha_regularizer = regularizers.get(alpha_regularizer)
        self.alpha_constraint = constraints.get(alpha_constraint)
        self.shared_axes = (
            [shared_axes] if isinstance(shared_axes, int) else shared_axes and list(shared_axes)
        )

    def build(self, input_shape: TensorShape) -> None:
        """Creates alpha, with the shape of one example."""
        shape = list(input_shape[1:])
        for axis in self.shared_axes or []:
            shape[axis - 1] = 1
        self.alpha = self.add_weight(
            "alpha", tuple(shape), initializer=self.alpha_initializer,
            regularizer=self.alpha_regularizer, constraint=self.alpha_constraint,
        )  # fmt: skip

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the function to each element."""
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)


@register("layer")
class ELU(Layer):
    """``x`` if positive, ``alpha * (exp(x) - 1)`` otherwise.

    Args:
        alpha: minus the limit for large negative inputs.
        options: the arguments of `Layer`.

    Source: D.-A. Clevert and others, "Fast and accurate deep network learning by exponential linear units", 2015.

    >>> import tensorlet as tf
    >>> tf.keras.layers.ELU()(tf.constant([-100.0, 2.0])).numpy()
    array([-1.,  2.], dtype=float32)
    """

    supports_masking = True
    config_names = ("alpha",)

    def __init__(self, alpha: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.alpha = float(alpha)

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the function to each element."""
        if self.alpha == 1:
            return ops.elu(inputs)
        return ops.where(inputs > 0, inputs, self.alpha * ops.expm1(ops.minimum(inputs, 0.0)))


@register("layer")
class Softmax(Layer):
    """``exp(x) / sum(exp(x))`` along an axis: positive numbers that sum to 1.

    Args:
        axis: the axis of the classes, or several.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Softmax()(tf.constant([[0.0, 0.0]])).numpy()
    array([[0.5, 0.5]], dtype=float32)
    """

    supports_masking = True
    config_names = ("axis",)

    def __init__(self, axis: int | Sequence[int] = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis: int | list[int] = axis if isinstance(axis, int) else list(axis)

    def call(self, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Returns the probabilities; where the mask is False they are 0.

        In Keras 2, masks of another rank than the inputs, such as those of steps, have no effect.
        """
        axis = self.axis if isinstance(self.axis, int) else tuple(self.axis)
        kept = None if mask is None else self._kept(inputs, mask)
        if kept is None:
            found: Tensor = softmax(inputs, axis)
            return found
        probabilities = softmax(ops.where(kept, inputs, -1e9), axis)
        return ops.where(kept, probabilities, 0.0) if keras_generation() == 3 else probabilities

    def _kept(self, inputs: Tensor, mask: Any) -> Tensor | None:
        """The mask in the shape of the inputs.

        Raises:
            ShapeError: in Keras 3, if it cannot be broadcast to that shape.
        """
        mask = ops.cast(mask, "bool")
        if keras_generation() == 2 and len(mask.shape) != len(inputs.shape):
            return None
        if len(mask.shape) > len(inputs.shape):
            raise ShapeError(
                f"Softmax: the mask has the shape {list(mask.shape)}, and the inputs {list(inputs.shape)}. The mask "
                "must "
                "not have more dimensions than the inputs."
            )
        lengths = zip(reversed(mask.shape), reversed(inputs.shape), strict=False)
        if any(own not in (1, wanted) for own, wanted in lengths):
            raise ShapeError(
                f"Softmax: the mask has the shape {list(mask.shape)}, which is not broadcastable to that of the "
                "inputs, "
                f"{list(inputs.shape)}."
            )
        return ops.broadcast_to(mask, inputs.shape)


@register("layer")
class Maxout(Layer):
    """The maximum of each group of inputs: ``n`` inputs in ``num_units`` groups become ``num_units`` outputs.

    Input ``k`` belongs to group ``k % num_units``, as in TensorFlow Addons.

    Args:
        num_units: the number of groups; it must divide the length of the axis.
        axis: the axis of the groups.
        options: the arguments of `Layer`.

    Raises:
        ShapeError: when called, if ``num_units`` does not divide the length of the axis.

    Source: I. Goodfellow and others, "Maxout networks", 2013.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Maxout(2)(tf.constant([[1.0, 5.0, 3.0, 2.0]])).numpy()
    array([[3., 5.]], dtype=float32)
    """

    config_names = ("num_units", "axis")

    def __init__(self, num_units: int, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.num_units = positive_integer("Maxout", "num_units", num_units)
        self.axis = axis

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the maximum of each group."""
        shape = list(inputs.shape)
        axis = self.axis % len(shape)
        if shape[axis] % self.num_units:
            raise ShapeError(
                f"Maxout: {shape[axis]} inputs cannot be divided into {self.num_units} equal groups. Choose a "
                "num_units that divides them."
            )
        groups = [*shape[:axis], shape[axis] // self.num_units, self.num_units, *shape[axis + 1 :]]
        return ops.reduce_max(ops.reshape(inputs, groups), axis)
