"""Core layers: Dense, Flatten, Reshape and so on."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, SupportsIndex, cast

import numpy as np

from tensorlet import ops
from tensorlet.core.shape import TensorShape
from tensorlet.errors import ArgumentTypeError, InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.keras import activations, constraints, initializers, regularizers
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.input_spec import InputSpec
from tensorlet.keras.layers.low_rank import LowRank, adapted
from tensorlet.keras.layers.picture_options import numbers
from tensorlet.keras.layers.shape_inference import OpenSpec
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


def positive_integer(layer: str, argument: str, value: object) -> int:
    """Converts the value to an int of at least 1; floats without a fraction, such as 128 / 2, are accepted.

    Raises:
        InvalidArgumentError: for any other value; the message names the layer and its argument.
        ArgumentTypeError: one of these, if it is not a number.
    """
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_number = hasattr(value, "__index__") and not isinstance(value, bool)
    if not is_number or int(cast(SupportsIndex, value)) < 1:
        kind = InvalidArgumentError if is_number else ArgumentTypeError
        raise kind(f"{layer}: {argument}={value!r}, but `{argument}` must be a positive integer, at least 1.")
    return int(cast(SupportsIndex, value))


def check_range(kind: str, layer: str, data: np.ndarray, name: str, argument: str, count: int) -> None:
    """Checks that an array contains only numbers from 0 to ``count - 1``.

    Args:
        kind, layer: the class and the name of the layer that takes the array as input.
        data: the array.
        name: the name of the array, for messages.
        argument: the argument of the layer that sets ``count``.
        count: the value of the argument.

    Raises:
        OutOfRangeError: names the first number outside the range, its row, and the value that the argument needs.
    """
    if data.size == 0 or data.dtype.kind not in "iuf":
        return
    if data.dtype.kind == "f":
        data = np.trunc(data)  # as the layers convert them
    lowest, highest = data.min(), data.max()
    if lowest >= 0 and highest <= count - 1:
        return
    wrong = highest if highest > count - 1 else lowest
    if wrong != wrong:  # NaN is reported by training
        return
    row = int((data == wrong).reshape(len(data), -1).any(axis=1).argmax())
    fix = f"Expected {argument}={int(highest) + 1}." if lowest >= 0 else "Expected integers that start at 0."
    raise OutOfRangeError(
        f"The number {wrong:g} in row {row} of {name} is outside the range 0 to {count - 1} of the {kind} layer "
        f'"{layer}" with {argument}={count}. {fix}'
    )


@register("layer")
class Dense(LowRank):
    """A fully connected layer: ``activation(inputs @ kernel + bias)``.

    Inputs of shape ``(..., n)`` become outputs of shape ``(..., units)``; the kernel has shape
    ``(n, units)`` and the bias ``(units,)``.

    Args:
        units: the number of outputs.
        activation: a name or a function; None for no activation.
        use_bias: whether to add a bias.
        kernel_initializer, bias_initializer: the initial weights; by default those of Glorot and Bengio, 2010,
            and zeros.
        kernel_regularizer, bias_regularizer, activity_regularizer: penalties added to the loss.
        kernel_constraint, bias_constraint: applied after each update.
        options: the arguments of `Layer`, and ``lora_rank`` and ``lora_alpha``, which call `enable_lora` when the layer
            is built.

    Raises:
        InvalidArgumentError: if ``units`` is not an integer of at least 1.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Dense(2, kernel_initializer="ones", bias_initializer="ones")
    >>> layer(tf.constant([[1.0, 2.0, 3.0]])).numpy()
    array([[7., 7.]], dtype=float32)
    """

    supports_masking = True
    kernel = adapted("kernel")
    config_names = (
        "units", "activation", "use_bias", "kernel_initializer", "bias_initializer", "kernel_regularizer",
        "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        units: int,
        activation: Identifier | None = None,
        use_bias: bool = True,
        kernel_initializer: Identifier | None = "glorot_uniform",
        bias_initializer: Identifier | None = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        activity_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.units = positive_integer("Dense", "units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self.input_spec = InputSpec(min_ndim=2)

    def build(self, input_shape: TensorShape) -> None:
        """Creates the kernel, of shape (inputs, units), and the bias."""
        width = input_shape[-1]
        if width is None:
            raise ShapeError(
                f'Dense layer "{self.name}": the last axis of its input has no fixed length (input shape '
                f"{tuple(input_shape)}), but the kernel needs one. Specify the whole input_shape, such as (784,)."
            )
        self.kernel = self.add_weight(
            "kernel", (width, self.units), initializer=self.kernel_initializer,
            regularizer=self.kernel_regularizer, constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                "bias", (self.units,), initializer=self.bias_initializer,
                regularizer=self.bias_regularizer, constraint=self.bias_constraint,
            )  # fmt: skip
        self.input_spec = InputSpec(min_ndim=2, axes={-1: width})
        self.adapt_if_asked()

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the weighted sums, passed through the activation."""
        x = inputs if inputs.dtype.name == self.dtype else ops.cast(inputs, self.dtype)
        *leading, width = x.shape
        if len(leading) != 1:
            x = ops.reshape(x, [-1, width])
        sums = ops.matmul(x, self.kernel)
        if self.bias is not None:
            sums = sums + self.bias
        if len(leading) != 1:
            sums = ops.reshape(sums, [*leading, self.units])
        return sums if self.activation is None else self.activation(sums)


@register("layer")
class Flatten(Layer):
    """Flattens all axes but the first: ``(examples, 28, 28)`` becomes ``(examples, 784)``.

    Args:
        data_format: ``"channels_first"`` moves the second axis to the end before flattening.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Flatten()(tf.constant([[[1.0, 2.0], [3.0, 4.0]]])).numpy()
    array([[1., 2., 3., 4.]], dtype=float32)
    """

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = data_format or "channels_last"
        self.input_spec = InputSpec(min_ndim=1)

    config_names = ("data_format",)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the examples as rows."""
        rank = len(inputs.shape)
        if self.data_format == "channels_first" and rank > 2:
            inputs = ops.transpose(inputs, [0, *range(2, rank), 1])
        width = 1
        for length in inputs.shape[1:]:
            width *= length
        return ops.reshape(inputs, [inputs.shape[0], width])


@register("layer")
class Identity(Layer):
    """Returns its inputs unchanged.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Identity()(tf.constant([1.0])).numpy()
    array([1.], dtype=float32)
    """

    supports_masking = True


@register("layer")
class Reshape(Layer):
    """Changes the shape of each example; the values keep their order.

    Args:
        target_shape: the new shape of one example; one length may be -1, which is inferred.
        options: the arguments of `Layer`.

    Raises:
        ShapeError: when called, if the number of elements differs.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Reshape((2, -1))(tf.constant([[1.0, 2.0, 3.0, 4.0]])).numpy()
    array([[[1., 2.],
            [3., 4.]]], dtype=float32)
    """

    config_names = ("target_shape",)

    def __init__(self, target_shape: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        self.target_shape = (target_shape,) if isinstance(target_shape, int) else tuple(target_shape)
        if any(length is None or length < -1 for length in self.target_shape):
            raise InvalidArgumentError(
                "Reshape: each length must be a non-negative integer, or -1 for the one that follows from the others. "
                f"Received: target_shape={self.target_shape}."
            )
        if self.target_shape.count(-1) > 1:
            raise InvalidArgumentError(
                "Reshape: there can be at most one unknown dimension, -1. Received: "
                f"target_shape={self.target_shape}. Give the other lengths."
            )

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the examples in their new shape."""
        size = 1
        for length in inputs.shape[1:]:
            size *= length
        return ops.reshape(inputs, [inputs.shape[0], *self._filled(size, inputs.shape)])

    def _with_implied_lengths(self, specs: list[OpenSpec]) -> list[OpenSpec]:
        """For ``Reshape((3, 5))`` after ``Input((None,))``: 15."""
        lengths = specs[0].shape[1:]
        if lengths.count(None) != 1 or -1 in self.target_shape:
            return specs
        known = math.prod(length for length in lengths if length is not None)
        wanted = math.prod(self.target_shape)
        if not known or wanted % known:
            return specs
        filled = [wanted // known if length is None else length for length in lengths]
        return [OpenSpec([specs[0].shape[0], *filled], specs[0].dtype)]

    def _filled(self, size: int, shape: TensorShape) -> list[int]:
        known = 1
        for length in self.target_shape:
            known *= 1 if length == -1 else length
        rest = size // known if known and size % known == 0 else 0
        lengths = [rest if length == -1 else length for length in self.target_shape]
        filled = 1
        for length in lengths:
            filled *= length
        if filled != size or self.target_shape.count(-1) > 1:
            raise ShapeError(
                f"Reshape: an example of shape {tuple(shape[1:])} has {size} elements, which do not fill "
                f"target_shape={self.target_shape}. The product of the lengths must stay the same; one may be -1."
            )
        return lengths


@register("layer")
class Activation(Layer):
    """An activation function as a layer.

    Args:
        activation: a name or a function.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Activation("relu")(tf.constant([-1.0, 2.0])).numpy()
    array([0., 2.], dtype=float32)
    """

    supports_masking = True
    config_names = ("activation",)

    def __init__(self, activation: Identifier | None, **options: Any) -> None:
        super().__init__(**options)
        self.activation = activations.get(activation)

    def call(self, inputs: Tensor) -> Tensor:
        """Applies the function."""
        return inputs if self.activation is None else self.activation(inputs)


@register("layer")
class Permute(Layer):
    """Permutes the axes of each example.

    Args:
        dims: the axes in their new order, counted from 1; the batch axis stays first.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: if ``dims`` is not a permutation.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Permute((2, 1))(tf.constant([[[1.0, 2.0], [3.0, 4.0]]])).numpy()
    array([[[1., 3.],
            [2., 4.]]], dtype=float32)
    """

    config_names = ("dims",)

    def __init__(self, dims: Sequence[int], **options: Any) -> None:
        super().__init__(**options)
        self.dims = tuple(dims)
        if sorted(self.dims) != list(range(1, len(self.dims) + 1)):
            raise InvalidArgumentError(
                f"Permute: Invalid permutation dims={self.dims}: a permutation of the axes of an example is expected, "
                f"counted from 1, such as {tuple(range(len(self.dims), 0, -1))}."
            )
        self.input_spec = InputSpec(ndim=len(self.dims) + 1)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the examples with their axes in the new order."""
        return ops.transpose(inputs, [0, *self.dims])


@register("layer")
class RepeatVector(Layer):
    """Repeats each row: ``(examples, features)`` becomes ``(examples, n, features)``.

    Args:
        n: the number of repetitions.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.RepeatVector(2)(tf.constant([[1.0, 2.0]])).numpy()
    array([[[1., 2.],
            [1., 2.]]], dtype=float32)
    """

    config_names = ("n",)

    def __init__(self, n: int, **options: Any) -> None:
        super().__init__(**options)
        self.n = numbers("RepeatVector", "n", n, 1)[0]
        self.input_spec = InputSpec(ndim=2)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the rows, repeated along a new second axis."""
        return ops.tile(ops.expand_dims(inputs, 1), [1, self.n, 1])


@register("layer")
class ActivityRegularization(Layer):
    """Returns its inputs unchanged, and adds a penalty on them to the loss.

    Args:
        l1: the factor of the sum of absolute values, divided by the number of examples.
        l2: the factor of the sum of squares, divided by the number of examples.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.ActivityRegularization(l2=0.5)
    >>> _ = layer(tf.constant([[1.0, 2.0], [0.0, 1.0]]))
    >>> layer.losses[0].numpy().item()
    1.5
    """

    supports_masking = True
    config_names = ("l1", "l2")

    def __init__(self, l1: float = 0.0, l2: float = 0.0, **options: Any) -> None:
        super().__init__(activity_regularizer=regularizers.L1L2(l1=l1, l2=l2), **options)
        self.l1 = l1
        self.l2 = l2
