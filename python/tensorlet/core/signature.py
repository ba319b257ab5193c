"""Signatures: which calls of a traced function can share a graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.ragged_spec import RaggedTensorSpec
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import EagerTensor, Tensor
from tensorlet.core.variable import Variable
from tensorlet.dtypes import ALL, DType, as_dtype, float32
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.ops.conversion import to_array
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import AnyTensor, DTypeLike, ShapeLike


Key = tuple[Any, ...]


class TensorSpec:
    """The shape (None for any length), dtype and name of a tensor.

    >>> import tensorlet as tf
    >>> tf.TensorSpec([None, 3], tf.float32)
    TensorSpec(shape=(None, 3), dtype=tf.float32, name=None)
    """

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: ShapeLike | None, dtype: DTypeLike = float32, name: str | None = None) -> None:
        self.shape = TensorShape(shape)
        self.dtype: DType = as_dtype(dtype)
        self.name = name

    @classmethod
    def from_tensor(cls, tensor: AnyTensor, name: str | None = None) -> TensorSpec:
        """The spec of a tensor."""
        return cls(tensor.shape, tensor.dtype, name)

    def is_compatible_with(self, other: AnyTensor | TensorSpec) -> bool:
        """Whether a tensor or spec matches."""
        return self.dtype is other.dtype and self.shape.is_compatible_with(other.shape)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TensorSpec) and (self.shape, self.dtype) == (other.shape, other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __repr__(self) -> str:
        return f"TensorSpec(shape={self.shape}, dtype={self.dtype!r}, name={self.name!r})"


def fitted(function: str, signature: object, value: object) -> object:
    """Converts an argument to the signature, as values next to a tensor of that dtype are converted.

    Args:
        function: the name of the traced function.
        signature: a `TensorSpec` or `RaggedTensorSpec`, or a list, tuple or dictionary of them.
        value: a tensor or what becomes one, in the same structure.

    Raises:
        DTypeError: if a value cannot have the dtype of its `TensorSpec`.
        ShapeError: if its shape does not match.
    """
    if isinstance(signature, TensorSpec):
        try:
            tensor = convert(value, signature.dtype)
        except DTypeError as error:
            raise DTypeError(
                f"tf.function '{function}': an argument does not fit {signature} of the input_signature. {error}"
            ) from None
        if not signature.shape.is_compatible_with(tensor.shape):
            raise ShapeError(
                f"tf.function '{function}': an argument has shape {tensor.shape}, but the input_signature expects "
                f"{signature}. Reshape the argument (tf.reshape), or use None in the signature for any length."
            )
        return tensor
    if isinstance(signature, RaggedTensorSpec):
        if not signature.is_compatible_with(value):
            raise InvalidArgumentError(
                f"tf.function '{function}': an argument is {value!r}, but the input_signature expects {signature}."
            )
        return value
    if isinstance(signature, dict) and isinstance(value, dict) and signature.keys() == value.keys():
        return {name: fitted(function, spec, value[name]) for name, spec in signature.items()}
    if (
        isinstance(signature, list | tuple)
        and isinstance(value, list | tuple)
        and len(signature) == len(value)
    ):
        return type(value)([fitted(function, *pair) for pair in zip(signature, value, strict=True)])
    if signature != value:
        raise InvalidArgumentError(
            f"tf.function '{function}': an argument is {value!r}, but the input_signature expects {signature!r}."
        )
    return value


def key_of(args: Sequence[Any], kwargs: dict[str, Any], leaves: list[np.ndarray], tensors: list[Any]) -> Key:
    """The key of a call; the arrays of its tensor arguments go to ``leaves``, their owners to ``tensors``.

    Tensors and arrays are compared by shape and dtype, variables and other objects by
    identity, numbers and strings by value.
    """
    key = []
    for value in args:
        # The most frequent arguments are handled inline, since this runs at every call.
        kind = type(value)
        if kind is EagerTensor:
            array = value._array
        elif kind is np.ndarray and value.dtype in _AS_THEY_ARE:
            array = value
        else:
            key.append((kind, value) if kind in _BY_VALUE else _token(value, leaves, tensors))
            continue
        if not array.flags.c_contiguous:
            array = np.asarray(array, order="C")
        leaves.append(array)
        tensors.append(value)
        key.append((array.shape, array.dtype))
    if kwargs:
        key.append(tuple([(name, _token(kwargs[name], leaves, tensors)) for name in sorted(kwargs)]))
    return tuple(key)


def _token(value: Any, leaves: list[np.ndarray], tensors: list[Any]) -> Any:
    kind = type(value)
    if kind is EagerTensor:
        return key_of((value,), {}, leaves, tensors)[0]
    if kind is np.ndarray:
        if not (value.flags.c_contiguous and value.dtype.isnative):
            value = np.ascontiguousarray(value, value.dtype.newbyteorder("=")).reshape(value.shape)
        elif value.dtype.kind not in "biuf":
            value = to_array(value)
        leaves.append(value)
        tensors.append(value)
        return (value.shape, value.dtype)
    if kind in _BY_VALUE:
        return (kind, value)
    if isinstance(value, Variable):
        return value.ref()
    if isinstance(value, np.ndarray | np.generic | Tensor) or hasattr(value, "__array__"):
        return _token(np.asarray(value), leaves, tensors)
    if isinstance(value, list | tuple):
        return (kind, *[_token(item, leaves, tensors) for item in value])
    if isinstance(value, dict):
        return (kind, *[(name, _token(value[name], leaves, tensors)) for name in sorted(value)])
    return ByIdentity(value)


_BY_VALUE = frozenset({bool, int, float, str, type(None), bytes, complex})
#: Dtypes in the machine's byte order, whose arrays need no conversion.
_AS_THEY_ARE = frozenset(dtype.numpy for dtype in ALL)


class ByIdentity:
    """Represents an object in a key, and keeps it alive, so that its id is not reused."""

    __slots__ = ("held",)

    def __init__(self, held: object) -> None:
        self.held = held

    def __hash__(self) -> int:
        try:
            return hash(self.held)
        except TypeError:
            return id(self.held)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ByIdentity):
            return False
        if self.held is other.held:
            return True
        try:
            hash(self.held)
            return bool(self.held == other.held)
        except (TypeError, ValueError):
            return False


def describe_change(known: list[Key], key: Key, parameters: Sequence[Any]) -> str:
    """Why a call needed a trace of its own, and how to avoid it."""
    nearest = max(known, key=lambda other: sum(a == b for a, b in zip(other, key, strict=False)))
    for position, (before, now) in enumerate(zip(nearest, key, strict=False)):
        if before == now:
            continue
        name = parameters[position].name if position < len(parameters) else f"argument {position}"
        if isinstance(now, tuple) and len(now) == 2 and now[0] in (int, float, bool):
            return (
                f"the Python number '{name}' changes (now {now[1]!r}, before {before[1]!r}), and Python numbers are "
                f"built into the graph. Pass it as a tensor, tf.constant({now[1]!r}), or keep it in a tf.Variable."
            )
        if isinstance(now, tuple) and len(now) == 2 and isinstance(now[1], np.dtype):
            return (
                f"the shape or dtype of '{name}' changes (now {now[1]}{list(now[0])}, before "
                f"{_spec_text(before)}). Pass batches of the same size: drop or pad a smaller last one."
            )
        return f"'{name}' is a different object than before. Create it once, outside the loop."
    return "the number of arguments changes."


def _spec_text(token: object) -> str:
    if isinstance(token, tuple) and len(token) == 2 and isinstance(token[1], np.dtype):
        return f"{token[1]}{list(token[0])}"
    return str(token)
