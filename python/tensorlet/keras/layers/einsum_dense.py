"""`EinsumDense`, and `Wrapper`, the base of layers around a layer."""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from tensorlet import ops
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import activations, constraints, initializers, regularizers
from tensorlet.keras.layers import serialization
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.layer_config import config_of_own_layer
from tensorlet.keras.layers.low_rank import LowRank, adapted
from tensorlet.ops.registry import Tensor
from tensorlet.registry import register

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tensorlet.type_aliases import Identifier


@register("layer")
class EinsumDense(LowRank):
    """A dense layer whose product is an Einstein sum: ``activation(einsum(equation, inputs, kernel) + bias)``.

    Args:
        equation: such as ``"ab,bc->ac"``; ``...`` means axes that are kept.
        output_shape: the lengths of the result without the batch axis; None for open ones. Only lengths of the
            kernel's axes are read.
        activation: a name or a function; None for none.
        bias_axes: the axes of the result that the bias has, such as ``"c"``; None for no bias.
        kernel_initializer, bias_initializer, kernel_regularizer, bias_regularizer, kernel_constraint,
            bias_constraint: as for `Dense`.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for an equation that is not of this form.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.EinsumDense("ab,bc->ac", output_shape=2, bias_axes="c", kernel_initializer="ones")
    >>> layer(tf.constant([[1.0, 2.0, 3.0]])).numpy()
    array([[6., 6.]], dtype=float32)
    """

    kernel = adapted("kernel")
    config_names = (
        "equation", "activation", "bias_axes", "kernel_initializer", "bias_initializer",
        "kernel_regularizer", "bias_regularizer", "kernel_constraint", "bias_constraint",
    )  # fmt: skip

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Identifier | None = None,
        bias_axes: str | None = None,
        kernel_initializer: Identifier = "glorot_uniform",
        bias_initializer: Identifier = "zeros",
        kernel_regularizer: Identifier | None = None,
        bias_regularizer: Identifier | None = None,
        kernel_constraint: Identifier | None = None,
        bias_constraint: Identifier | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.equation = equation
        self.output_shape_of_rows = (output_shape,) if isinstance(output_shape, int) else tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_initializer = initializers.get(kernel_initializer)
        self.bias_initializer = initializers.get(bias_initializer)
        self.kernel_regularizer = regularizers.get(kernel_regularizer)
        self.bias_regularizer = regularizers.get(bias_regularizer)
        self.kernel_constraint = constraints.get(kernel_constraint)
        self.bias_constraint = constraints.get(bias_constraint)
        self._letters = self._parsed()

    def _parsed(self) -> tuple[str, str, str]:
        found = re.fullmatch(r"((?:\.\.\.)?[a-zA-Z]+(?:\.\.\.)?),([a-zA-Z]+)->((?:\.\.\.)?[a-zA-Z]+(?:\.\.\.)?)",
                             self.equation.replace(" ", ""))  # fmt: skip
        if found is None:
            raise InvalidArgumentError(
                f"EinsumDense: the equation {self.equation!r} is not of the form 'ab,bc->ac'."
            )
        inputs, kernel, outputs = found.groups()
        unknown = sorted(set(kernel) - set(inputs) - set(outputs))
        if unknown:
            raise InvalidArgumentError(
                f"EinsumDense: the kernel's axis '{unknown[0]}' of {self.equation!r} is in neither the "
                "inputs nor the outputs."
            )
        return inputs, kernel, outputs

    def _lengths(self, input_shape: Any) -> dict[str, int | None]:
        """The length of each axis, by its letter."""
        inputs, _, outputs = self._letters
        lengths: dict[str, int | None] = {}
        shape = tuple(input_shape)
        for letters, given in ((outputs, (None, *self.output_shape_of_rows)), (inputs, shape)):
            start, _, end = letters.partition("...") if "..." in letters else (letters, "", "")
            for letter, length in zip(start, given, strict=False):
                lengths[letter] = length if length is not None else lengths.get(letter)
            for letter, length in zip(reversed(end), reversed(given), strict=False):
                lengths[letter] = length if length is not None else lengths.get(letter)
        return lengths

    def build(self, input_shape: Any) -> None:
        """Creates the kernel, and the bias."""
        lengths = self._lengths(input_shape)
        _, kernel, outputs = self._letters
        shape = [lengths.get(letter) for letter in kernel]
        if None in shape:
            raise ShapeError(
                f"EinsumDense \"{self.name}\": the length of the axis '{kernel[shape.index(None)]}' of "
                f"{self.equation!r} is open. Give it in output_shape, or give the whole input shape."
            )
        self.kernel = self.add_weight(
            "kernel", shape, initializer=self.kernel_initializer, regularizer=self.kernel_regularizer,
            constraint=self.kernel_constraint,
        )  # fmt: skip
        self.bias = None
        if self.bias_axes:
            unknown = sorted(set(self.bias_axes) - set(outputs))
            if unknown:
                raise InvalidArgumentError(
                    f"EinsumDense: bias_axes={self.bias_axes!r} has the axis '{unknown[0]}', which the result of "
                    f"{self.equation!r} does not have."
                )
            first = min(outputs.index(letter) for letter in self.bias_axes)
            open_axes = len(input_shape) - len(self._letters[0].replace("...", ""))
            letters = outputs[first:].replace("...", " " * open_axes)  # an open axis has no letter
            bias = [lengths[one] if one in self.bias_axes else 1 for one in letters]
            self.bias = self.add_weight(
                "bias", bias, initializer=self.bias_initializer, regularizer=self.bias_regularizer,
                constraint=self.bias_constraint,
            )  # fmt: skip
        self.built = True
        self.adapt_if_asked()

    def call(self, inputs: Tensor) -> Tensor:
        """The sums, passed through the activation."""
        first, kernel, outputs = self._letters
        unused = [one for one in string.ascii_letters if one not in first + kernel + outputs]
        open_axes = "".join(unused[: len(inputs.shape) - len(first.replace("...", ""))])
        equation = f"{first},{kernel}->{outputs}".replace("...", open_axes)
        sums = ops.einsum(equation, inputs, self.kernel)
        sums = sums if self.bias is None else sums + self.bias
        return sums if self.activation is None else self.activation(sums)

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "output_shape": list(self.output_shape_of_rows)}


@register("layer")
class Wrapper(Layer):
    """Base class of layers that wrap another layer, their attribute ``layer``.

    Args:
        layer: the layer inside.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> class Twice(tf.keras.layers.Wrapper):
    ...     def call(self, inputs):
    ...         return 2.0 * self.layer(inputs)
    >>> layer = Twice(tf.keras.layers.Dense(1, kernel_initializer="ones"))
    >>> layer(tf.constant([[1.0, 2.0]])).numpy(), len(layer.weights)
    (array([[6.]], dtype=float32), 2)
    """

    def __init__(self, layer: Layer, **options: Any) -> None:
        if not isinstance(layer, Layer):
            raise InvalidArgumentError(
                f"{type(self).__name__}: {layer!r} of type {type(layer).__name__} isn't a supported layer type. "
                "Pass an instance of a layer, such as Dense(3)."
            )
        super().__init__(**options)
        self.layer = layer

    def build(self, input_shape: Any = None) -> None:
        """Builds the layer inside."""
        if not self.layer.built:
            self.layer.build(input_shape)
            self.layer.built = True
        self.built = True

    def get_config(self) -> dict[str, Any]:
        config = {"name": self.name, "trainable": self.trainable, "dtype": self.dtype}
        return {**config, **config_of_own_layer(self), "layer": serialization.serialize(self.layer)}

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None) -> Any:
        """The layer of a configuration."""
        inside = serialization.deserialize(config["layer"], custom_objects)
        return cls(inside, **{name: value for name, value in config.items() if name != "layer"})
