"""The inputs of functional models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import tensorlet.keras.layers.operators  # noqa: F401 - defines operators on the tensors that Input returns
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError, warn_user
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.keras_tensor import KerasTensor, Node
from tensorlet.keras.naming import unique_name
from tensorlet.registry import register

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


#: Arguments that TensorFlow has and that have no meaning here.
_UNSUPPORTED = ("ragged", "type_spec")


@register("layer")
class InputLayer(Layer):
    """The layer that `tf.keras.Input` creates; its output is an input of the model.

    Args:
        input_shape: the shape of one example.
        batch_size: a fixed number of examples per batch; by default any number.
        dtype: the dtype of the data.
        name: by default ``input_1``, ``input_2`` and so on.
        batch_input_shape: the shape with the batch axis, instead of the first two.
        optional: whether the value may be None.
        options: ``shape``, ``batch_shape``, ``input_tensor``, and options for sparse and ragged tensors, which are not
            supported.

    Attributes:
        batch_shape: the shape with the batch axis.

    >>> import tensorlet as tf
    >>> tf.keras.layers.InputLayer(input_shape=(3,), name="pixels").output.shape
    TensorShape([None, 3])
    """

    def __init__(
        self,
        input_shape: Sequence[int | None] | int | None = None,
        batch_size: int | None = None,
        dtype: DTypeLike | None = None,
        name: str | None = None,
        batch_input_shape: Sequence[int | None] | None = None,
        optional: bool = False,
        **options: Any,
    ) -> None:
        tensor = options.pop("input_tensor", None)
        tensor = options.pop("tensor", None) if tensor is None else tensor
        if input_shape is not None and keras_generation() == 3:
            warn_user("InputLayer: Argument `input_shape` is deprecated. Use `shape` instead.")
        whole = options.pop("batch_shape", None)
        given = _Given(
            shape=options.pop("shape", input_shape),
            batch_size=batch_size,
            batch_shape=whole if batch_input_shape is None else batch_input_shape,
            dtype=dtype,
            sparse=options.pop("sparse", None),
        )
        if tensor is not None:
            given.require_fitting(tensor)
        for what, value in (
            ("sparse", given.sparse),
            *((one, options.pop(one, None)) for one in _UNSUPPORTED),
        ):
            if value:
                raise ShapeError(
                    f"Input: `{what}={value!r}` is not supported. Pass dense arrays and omit it."
                )
        options.pop("input_shape", None)
        shape = given.whole_shape() if tensor is None else tuple(tensor.shape)
        super().__init__(
            name=name or unique_name("input", first=1),
            dtype=dtype if tensor is None else tensor.dtype.name,
            batch_shape=shape,
            **options,
        )
        self.built = True
        self.batch_shape = shape
        self.optional = bool(optional)
        #: Inputs are dense here.
        self.sparse = self.ragged = False
        self._add_output(tensor)

    def _add_output(self, tensor: KerasTensor | None) -> None:
        """Makes the tensor of the input, or takes one that exists, an output of this layer."""
        node = Node(self, (), {}, [], 0)
        if tensor is None:
            tensor = KerasTensor(self.batch_shape, self.dtype, self.name, node, 0)
        elif tensor.node is None:
            tensor.node, tensor.position = node, 0
        node.args = (tensor,)
        node.outputs, node.output_structure = [tensor], None
        self._own.nodes.append(node)

    def call(self, inputs: Any = None) -> Any:
        """Returns its argument."""
        return inputs

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor."""
        return {
            "batch_input_shape": self._own.batch_input_shape,
            "dtype": self.dtype,
            "sparse": False,
            "ragged": False,
            "name": self.name,
            **({"optional": True} if self.optional else {}),
        }


@dataclass
class _Given:
    """The arguments of an input that say what its data are like."""

    shape: Any
    batch_size: int | None
    batch_shape: Any
    dtype: Any
    sparse: Any

    def whole_shape(self) -> tuple[int | None, ...]:
        """The shape with the batch axis.

        Raises:
            ShapeError: if no shape is given, or two.
        """
        if self.batch_shape is not None:
            for name, other in (("shape", self.shape), ("batch_size", self.batch_size)):
                if other is not None:
                    raise ShapeError(
                        f"Input: you cannot pass both `{name}` and `batch_shape` at the same time, but got "
                        f"{name}={other} and batch_shape={self.batch_shape}. The batch_shape includes the batch axis."
                    )
            return tuple(self.batch_shape)
        if self.shape is None:
            raise ShapeError(
                "Input: the shape of one example is missing. You must pass a `shape` argument. Write, for example, "
                "Input(shape=(784,))."
            )
        shape = (self.shape,) if isinstance(self.shape, int) else tuple(self.shape)
        return (self.batch_size, *shape)

    def require_fitting(self, tensor: Any) -> None:
        """Checks that nothing contradicts a tensor that is given as the input.

        Raises:
            InvalidArgumentError: if it is not a `KerasTensor`, or an argument differs from it.
        """
        if not isinstance(tensor, KerasTensor):
            raise InvalidArgumentError(
                f"Input: Argument `input_tensor` must be a KerasTensor, but got a {type(tensor).__name__}. Use "
                "tf.constant for values, and call the model on them."
            )
        shape = tuple(tensor.shape)
        dtype = None if self.dtype is None else as_dtype(self.dtype).name
        for name, own, wanted in (
            ("shape", self.shape, shape[1:]), ("batch_size", self.batch_size, shape[0]),
            ("batch_shape", self.batch_shape, shape), ("dtype", dtype, tensor.dtype.name),
            ("sparse", self.sparse, False),
        ):  # fmt: skip
            if own is not None and (tuple(own) if isinstance(own, list | tuple) else own) != wanted:
                raise InvalidArgumentError(
                    f"Input: with an input_tensor, you cannot provide an incompatible `{name}`: got {name}={own!r}, "
                    "and "
                    f"the tensor has {wanted!r}. Omit {name}."
                )


def Input(  # noqa: N802 - Keras's name
    shape: Sequence[int | None] | int | None = None,
    batch_size: int | None = None,
    name: str | None = None,
    dtype: DTypeLike | None = None,
    sparse: bool | None = None,
    tensor: object = None,
    ragged: bool | None = None,
    type_spec: object = None,
    batch_shape: Sequence[int | None] | None = None,
    batch_input_shape: Sequence[int | None] | None = None,
    optional: bool = False,
) -> KerasTensor:
    """Creates an input of a functional model: a `KerasTensor` with the shape and dtype of the data.

    Args:
        shape: the shape of one example, such as ``(784,)`` or ``(28, 28)``.
        batch_size: a fixed number of examples per batch; by default any number.
        name: the name of the input; data may be passed in a dictionary under this name.
        dtype: the dtype of the data, float32 by default.
        tensor: a `KerasTensor` that becomes the input; its shape and dtype are taken over.
        sparse, ragged, type_spec: not supported.
        optional: whether the value may be None, or be left out of a dictionary.
        batch_shape, batch_input_shape: the shape with the batch axis, instead of the first two.

    Raises:
        ShapeError: if the shape is missing.

    >>> import tensorlet as tf
    >>> x = tf.keras.Input(shape=(4,))
    >>> y = tf.keras.layers.Dense(2)(x)
    >>> tf.keras.Model(x, y).count_params()
    10
    """
    layer = InputLayer(
        None, batch_size, dtype, name, shape=shape,
        batch_input_shape=batch_shape if batch_input_shape is None else batch_input_shape,
        sparse=sparse, tensor=tensor, ragged=ragged, type_spec=type_spec, optional=optional,
    )  # fmt: skip
    return layer._own.nodes[0].outputs[0]
