"""``tf.debugging``: checks of shapes and dtypes, which are known while a function is traced."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators
from tensorlet.dtypes import DType, as_dtype, string
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tensorlet.type_aliases import DTypeLike, TensorLike


def _rank(x: TensorLike, fits: bool, text: str, message: str | None) -> None:
    if not fits:
        shape = tuple(convert(x).shape)
        begin = f"{message}.  " if message else ""
        raise ShapeError(
            f"{begin}The tensor must have rank {text}. Received rank {len(shape)}, shape {shape}."
        )


def assert_rank(x: TensorLike, rank: int, message: str | None = None, name: str | None = None) -> None:
    """Checks the number of axes.

    Raises:
        ShapeError: at once.

    >>> import tensorlet as tf
    >>> tf.debugging.assert_rank(tf.zeros([2, 3]), 2)
    """
    _rank(x, len(convert(x).shape) == int(rank), str(int(rank)), message)


def assert_rank_at_least(
    x: TensorLike, rank: int, message: str | None = None, name: str | None = None
) -> None:
    """Checks the smallest number of axes; see `assert_rank`."""
    _rank(x, len(convert(x).shape) >= int(rank), f"at least {int(rank)}", message)


def assert_rank_in(
    x: TensorLike, ranks: Iterable[int], message: str | None = None, name: str | None = None
) -> None:
    """Checks that the number of axes is one of several; see `assert_rank`."""
    allowed = tuple(int(rank) for rank in ranks)
    _rank(x, len(convert(x).shape) in allowed, f"in {allowed}", message)


def assert_scalar(tensor: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Checks that the tensor is a scalar; see `assert_rank`."""
    shape = tuple(convert(tensor).shape)
    if shape:
        raise ShapeError(f"{f'{message}. ' if message else ''}Expected scalar shape, saw shape: {shape}.")


def assert_shapes(
    shapes: Mapping[Any, Any] | Iterable[tuple[Any, Any]],
    data: Sequence[Any] | None = None,
    summarize: int | None = None,
    message: str | None = None,
    name: str | None = None,
) -> None:
    """Checks shapes that share lengths.

    Args:
        shapes: pairs of a tensor and its shape, or a dictionary. A length is a number, None for any, or a letter,
            which stands for the same length everywhere; ``"..."`` in the first place stands for any axes.
        data, summarize: accepted without effect.
        message: what the error begins with.

    Raises:
        ShapeError: at once.

    >>> import tensorlet as tf
    >>> tf.debugging.assert_shapes([(tf.zeros([4, 2]), ("rows", 2)), (tf.zeros([4]), ("rows",))])
    """
    begin = f"{message}.  " if message else ""
    lengths: dict[Any, int] = {}
    for tensor, wanted in shapes.items() if isinstance(shapes, dict) else shapes:
        tensor = tensor.deref() if hasattr(tensor, "deref") else tensor
        shape = tuple(convert(tensor).shape)
        symbols = list(wanted) if isinstance(wanted, list | tuple | TensorShape | str) else [wanted]
        if symbols and symbols[0] in ("...", Ellipsis, "*"):
            symbols = symbols[1:]
            own = shape[len(shape) - len(symbols) :] if len(symbols) <= len(shape) else ()
        else:
            own = shape
        if len(own) != len(symbols):
            raise ShapeError(
                f"{begin}The tensor must have rank {len(symbols)}. Received rank {len(shape)}, shape {shape}."
            )
        for axis, (length, symbol) in enumerate(zip(own, symbols, strict=True)):
            if symbol is None or symbol == ".":
                continue
            expected = symbol if isinstance(symbol, int) else lengths.setdefault(symbol, length)
            if expected != length:
                raise ShapeError(
                    f"{begin}Dimension {axis} of a tensor must have size {expected} ({symbol!r}). Received size "
                    f"{length}, shape {shape}."
                )


def assert_type(
    tensor: TensorLike, tf_type: DTypeLike, message: str | None = None, name: str | None = None
) -> None:
    """Checks the dtype.

    Raises:
        DTypeError: at once; a `TypeError`.

    >>> import tensorlet as tf
    >>> tf.debugging.assert_type(tf.zeros([2]), tf.float32)
    """
    dtype, wanted = convert(tensor).dtype, as_dtype(tf_type)
    if dtype is not wanted:
        raise DTypeError(
            f"{f'{message}  ' if message else ''}tensor must be of type {wanted!r}; got {dtype!r}"
        )


def assert_integer(x: TensorLike, message: str | None = None, name: str | None = None) -> None:
    """Checks that the dtype is an integer type; see `assert_type`."""
    dtype = convert(x).dtype
    if not dtype.is_integer:
        raise DTypeError(
            f'{f"{message}  " if message else ""}Expected "x" to be integer type. Found a tensor of dtype {dtype!r}.'
        )


def assert_same_float_dtype(tensors: Iterable[Any] | None = None, dtype: DTypeLike | None = None) -> DType:
    """Returns the float dtype that all tensors share.

    Raises:
        ValueError: if their dtypes differ, or are not floating-point.
    """
    found = as_dtype(dtype) if dtype is not None else None
    for tensor in tensors or ():
        own = convert(tensor).dtype
        if found is not None and own is not found:
            raise InvalidArgumentError(f"The tensors have the dtypes {found!r} and {own!r}, expected one.")
        found = own
    found = found or as_dtype("float32")
    if not found.is_floating:
        raise InvalidArgumentError(f"Expected a floating point dtype, got {found!r}.")
    return found


def assert_proper_iterable(values: object) -> None:
    """Checks that the value is an iterable such as a list or tuple, not a tensor, array or string.

    Raises:
        TypeError: if it is not.
    """
    if isinstance(values, Operators | np.ndarray | bytes | str) or not hasattr(values, "__iter__"):
        raise TypeError(
            f"Expected a list or tuple of values to look through, but got a {type(values).__name__}."
        )


def is_numeric_tensor(tensor: TensorLike) -> bool:
    """Returns whether the value is a tensor with a numeric dtype.

    >>> import tensorlet as tf
    >>> tf.debugging.is_numeric_tensor(tf.constant(1)), tf.debugging.is_numeric_tensor(3)
    (True, False)
    """
    return isinstance(tensor, Operators) and tensor.dtype is not string and not tensor.dtype.is_bool


def get_log_device_placement() -> bool:
    """Whether the device of each operation is logged: never."""
    return False


def set_log_device_placement(enabled: bool) -> None:
    """Accepted without effect: there is one device."""


def enable_traceback_filtering() -> None:
    """Accepted without effect: tracebacks leave out the frames of converted control flow in any case."""


def disable_traceback_filtering() -> None:
    """Accepted without effect; see `enable_traceback_filtering`."""


def is_traceback_filtering_enabled() -> bool:
    """Whether tracebacks leave out frames: always."""
    return True
