"""Parts of tensors along the first three axes, other views of their bits, and NumPy's windows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.dtypes import as_dtype
from tensorlet.errors import ShapeError
from tensorlet.keras.ops.promotion import float_dtype, floating, tensor
from tensorlet.keras.ops.shapes import reshape, split
from tensorlet.ops.bitcast import bitcast
from tensorlet.ops.registry import Tensor, TensorLike

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike


def _along(function: str, x: TensorLike, parts: int | Sequence[int], axis: int) -> list[Tensor]:
    found = tensor(x)
    if len(found.shape) <= axis:
        raise ShapeError(
            f"{function}: x has shape {tuple(found.shape)}, but at least {axis + 1} axes are expected. Use split."
        )
    return split(found, parts, axis)


def vsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """`split` along the first axis.

    >>> import tensorlet as tf
    >>> [part.numpy().tolist() for part in tf.keras.ops.vsplit([[1, 2], [3, 4]], 2)]
    [[[1, 2]], [[3, 4]]]
    """
    return _along("vsplit", x, indices_or_sections, 0)


def hsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """`split` along the second axis, or the only one.

    >>> import tensorlet as tf
    >>> [part.numpy().tolist() for part in tf.keras.ops.hsplit([[1, 2], [3, 4]], 2)]
    [[[1], [3]], [[2], [4]]]
    """
    found = tensor(x)
    return _along("hsplit", found, indices_or_sections, 0 if len(found.shape) == 1 else 1)


def dsplit(x: TensorLike, indices_or_sections: int | Sequence[int]) -> list[Tensor]:
    """`split` along the third axis.

    >>> import tensorlet as tf
    >>> [part.numpy().tolist() for part in tf.keras.ops.dsplit([[[1, 2]]], 2)]
    [[[[1]]], [[[2]]]]
    """
    return _along("dsplit", x, indices_or_sections, 2)


def view(x: TensorLike, dtype: DTypeLike | None = None) -> Tensor:
    """The bits of the numbers, read as another dtype; the last axis gets longer or shorter if its size differs.

    >>> import tensorlet as tf
    >>> tf.keras.ops.view([1.0], "uint8").numpy()
    array([  0,   0, 128,  63], dtype=uint8)
    """
    found = tensor(x)
    if dtype is None or as_dtype(dtype) is found.dtype:
        return found
    wanted, own = as_dtype(dtype).size, found.dtype.size
    if wanted != own and not found.shape:
        raise ShapeError(
            f"view: a single number of {found.dtype.name} cannot be read as {as_dtype(dtype).name}, whose size "
            "differs. Give it an axis, as in reshape(x, [1])."
        )
    if wanted > own:
        if int(found.shape[-1]) * own % wanted:
            raise ShapeError(
                f"view: the last axis of shape {tuple(found.shape)} has not the bytes of whole numbers of "
                f"{as_dtype(dtype).name}. Its length must be a multiple of {wanted // own}."
            )
        groups = [*found.shape[:-1], int(found.shape[-1]) * own // wanted, wanted // own]
        return bitcast(reshape(found, groups), dtype)
    bits = bitcast(found, dtype)
    return bits if wanted == own else reshape(bits, [*found.shape[:-1], -1])


def _window(name: str, formula: Callable[[int], np.ndarray]) -> Any:
    def window(x: int) -> Tensor:
        return tensor(formula(int(x)).astype(float_dtype().numpy))

    window.__name__, window.__doc__ = name, f"NumPy's window ``{name}``."
    return window


bartlett = _window("bartlett", np.bartlett)
blackman = _window("blackman", np.blackman)
hamming = _window("hamming", np.hamming)
hanning = _window("hanning", np.hanning)


def kaiser(x: int, beta: float) -> Tensor:
    """NumPy's window ``kaiser``."""
    return tensor(np.kaiser(int(x), beta).astype(floating(0).dtype.numpy))
