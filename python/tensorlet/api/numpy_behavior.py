"""``experimental_enable_numpy_behavior``: tensors with NumPy's methods, indices and mixed dtypes.

Programs call it for ``x.reshape(...)``, ``x[[2, 0]]`` or ``integers + floats``. None of it holds before the call.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import DTypeError, InvalidArgumentError
from tensorlet.ops.conversion import HasDType
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import AxisLike, DTypeLike

#: How dtypes are mixed: as in NumPy 1, with floats as wide as they are, only without loss, or not at all.
MODES = ("legacy", "all", "safe", "off")
_OPERATORS = (
    "add", "radd", "sub", "rsub", "mul", "rmul", "truediv", "rtruediv", "floordiv", "rfloordiv", "mod", "rmod", "pow",
    "rpow", "matmul", "rmatmul", "and", "rand", "or", "ror", "xor", "rxor", "lt", "le", "gt", "ge", "eq", "ne",
)  # fmt: skip
#: Values whose dtypes are mixed with that of a tensor.
_MIXED = (HasDType, np.ndarray, np.generic, int, float, list, tuple)
_ORIGINAL: dict[str, Callable[..., Any]] = {
    name: getattr(Operators, f"__{name}__") for name in (*_OPERATORS, "getitem")
}


class _Rules:
    """How dtypes are mixed.

    Args:
        mode: one of `MODES`.
        prefer_float32: let Python's floats be float32 beside integers of few bits.
    """

    def __init__(self, mode: str, prefer_float32: bool) -> None:
        self.mode = mode
        self.float = np.dtype("float32" if prefer_float32 else "float64")

    def of(self, tensor: Operators, other: object) -> np.dtype:
        """The dtype of a result.

        Raises:
            DTypeError: if the mode does not allow it.
        """
        mine: np.dtype = np.dtype(tensor.dtype.numpy)
        if isinstance(other, HasDType | np.ndarray | np.generic):
            theirs = np.dtype(as_dtype(other.dtype).numpy)
            if self.mode == "legacy" and isinstance(other, np.generic):
                return self._beside_number(mine, theirs.kind, other.item())
            return self._of_both(mine, theirs)
        value = np.asarray(other)  # a number, or a list of them
        return self._beside_number(mine, value.dtype.kind, max(value.ravel().tolist(), key=abs, default=0))

    def _of_both(self, mine: np.dtype, theirs: np.dtype) -> np.dtype:
        found = np.promote_types(mine, theirs)
        if self.mode == "legacy":
            return found
        floats = [one for one in (mine, theirs) if one.kind == "f"]
        if floats:
            found = max(floats, key=lambda one: one.itemsize)
        exact = np.can_cast(mine, found) and np.can_cast(theirs, found) and found in (mine, theirs)
        if self.mode == "safe" and (not exact or (found.kind == "f" and np.dtype("int64") in (mine, theirs))):
            raise _unsafe(mine.name, theirs.name)
        return found

    def _beside_number(self, mine: np.dtype, kind: str, value: float) -> np.dtype:
        """The dtype beside a number without one of its own, which yields to a dtype of its kind or a wider one."""
        if kind == "b" or mine.kind == "f":
            return mine
        if mine.kind in "iu" and kind in "iu":
            if self.mode != "legacy":
                return mine
            size = int(value) if mine.kind == "u" else -abs(int(value))
            return np.promote_types(mine, np.min_scalar_type(size))
        if self.mode == "legacy":
            return np.promote_types(mine, self.float if kind == "f" else np.dtype("int64"))
        if mine.kind == "b":
            return np.dtype("float32" if kind == "f" else "int32")
        if self.mode == "safe":
            raise _unsafe(mine.name, "a float")
        return np.dtype("float64")


def _unsafe(one: str, other: str) -> DTypeError:
    return DTypeError(
        f"A result of {one} and {other} may lose digits, which the mode 'safe' of "
        "experimental_enable_numpy_behavior does not allow. Write tf.cast on one of the two, or choose the mode 'all'."
    )


def enable_numpy_behavior(prefer_float32: bool = False, dtype_conversion_mode: str = "legacy") -> None:
    """Gives tensors NumPy's methods, its indices by lists and arrays, and mixed dtypes, for the whole program.

    Args:
        prefer_float32: let Python's floats be float32 beside integers of 8 and 16 bits.
        dtype_conversion_mode: ``"legacy"`` mixes dtypes as NumPy 1 does: int32 and float32 make float64. ``"all"`` lets
            floats keep their width: int32 and float32 make float32. ``"safe"`` allows this only where no digit can be
            lost. ``"off"`` mixes nothing.

    Raises:
        InvalidArgumentError: for another mode.
    """
    if dtype_conversion_mode not in MODES:
        raise InvalidArgumentError(
            f"experimental_enable_numpy_behavior: dtype_conversion_mode={dtype_conversion_mode!r}, expected one of "
            f"{', '.join(map(repr, MODES))}."
        )
    for name, member in _METHODS.items():
        setattr(Tensor, name, member)
    Operators.__getitem__ = _getitem  # type: ignore[method-assign]
    rules = None if dtype_conversion_mode == "off" else _Rules(dtype_conversion_mode, prefer_float32)
    for name in _OPERATORS:
        setattr(Operators, f"__{name}__", _ORIGINAL[name] if rules is None else _mixing(name, rules))


def _mixing(name: str, rules: _Rules) -> Callable[[Operators, Any], Any]:
    """An operator that converts both sides to one dtype first."""
    original = _ORIGINAL[name]

    def apply(self: Operators, other: object) -> Any:
        if self.dtype.name == "string" or not isinstance(other, _MIXED):
            return original(self, other)
        dtype: DType = as_dtype(rules.of(self, other).name)
        mine = self if self.dtype is dtype else ops.cast(self, dtype)
        return original(mine, ops.cast(other, dtype))

    apply.__name__ = f"__{name}__"
    return apply


def _getitem(self: Operators, key: object) -> Any:
    """Parts of a tensor, also by a list or an array of indices, or by one for each axis."""
    if isinstance(key, list | np.ndarray) or (isinstance(key, Operators) and len(key.shape)):
        places = convert(key)
        return ops.boolean_mask(self, places) if places.dtype.name == "bool" else _rows(self, places)
    if isinstance(key, tuple) and len(key) > 1 and all(np.ndim(one) > 0 for one in key):
        return ops.gather_nd(self, np.stack(np.broadcast_arrays(*map(np.asarray, key)), -1))
    return _ORIGINAL["getitem"](self, key)


def _rows(x: Operators, places: Tensor) -> Any:
    """The rows at places, of which negative ones count from the end."""
    return ops.gather(x, ops.where(places < 0, places + x.shape[0], places))


def _shape(first: object, more: tuple[int, ...]) -> Any:
    return [first, *more] if isinstance(first, int) or more else first


def _mean(
    x: Tensor, axis: AxisLike = None, dtype: DTypeLike | None = None, out: None = None, keepdims: bool = False
) -> Tensor:
    wide = dtype or (x.dtype if x.dtype.is_floating else "float64")
    return ops.reduce_mean(ops.cast(x, wide), axis, bool(keepdims))


#: Attributes of NumPy's arrays -> those of tensors.
_METHODS: dict[str, Any] = {
    "T": property(lambda x: ops.transpose(x)),
    "astype": lambda x, dtype: ops.cast(x, dtype),
    "clip": lambda x, a_min=None, a_max=None: ops.maximum(
        ops.minimum(x, x.dtype.max if a_max is None else a_max), x.dtype.min if a_min is None else a_min
    ),
    "data": property(lambda x: x),
    "flatten": lambda x, order="C": ops.reshape(x if order == "C" else ops.transpose(x), [-1]),
    "max": lambda x, axis=None, keepdims=None: ops.reduce_max(x, axis, bool(keepdims)),
    "mean": _mean,
    "min": lambda x, axis=None, keepdims=None: ops.reduce_min(x, axis, bool(keepdims)),
    "ravel": lambda x, order="C": ops.reshape(x if order == "C" else ops.transpose(x), [-1]),
    "reshape": lambda x, shape, *more: ops.reshape(x, _shape(shape, more)),
    "size": property(lambda x: np.int64(x.spec.size)),
    "tolist": lambda x: x.numpy().tolist(),
    "transpose": lambda x, axes=None: ops.transpose(x, axes),
}
