"""Turned, moved and scaled pictures: each place of the result looks up where it comes from."""

from __future__ import annotations

import numpy as np

from tensorlet.ops.registry import Tensor, functions

#: What stands outside of a picture: its mirror image, the picture again, one number, or its nearest pixel.
FILL_MODES = ("reflect", "wrap", "constant", "nearest")
INTERPOLATIONS = ("bilinear", "nearest")


def _inside(places: Tensor, length: int, fill_mode: str) -> Tensor:
    """Places along one axis, brought into the picture; with ``"constant"`` they stay where they are."""
    if fill_mode == "constant":
        return places
    if fill_mode == "reflect":
        period = 2.0 * length
        within = places - functions.floor(places / period) * period
        places = functions.where(within >= length, period - within - 1.0, within)
    elif fill_mode == "wrap":
        places = places - functions.floor(places / length) * length
    return functions.clip_by_value(places, 0.0, length - 1.0)


class _Lookup:
    """Pixels of pictures by their places."""

    def __init__(self, x: Tensor, fill_value: float) -> None:
        self.batch, self.height, self.width, channels = x.shape
        self.pixels = functions.reshape(x, [self.batch * self.height * self.width, channels])
        self.fill_value = fill_value
        first = np.arange(self.batch, dtype=np.int32) * (self.height * self.width)
        self.first = first.reshape(-1, 1, 1)

    def at(self, row: Tensor, column: Tensor) -> Tensor:
        """The pixels at whole places ``[batch, height, width]``; the fill value outside of the picture."""
        valid = (row >= 0) & (row <= self.height - 1) & (column >= 0) & (column <= self.width - 1)
        y = functions.cast(functions.clip_by_value(row, 0.0, self.height - 1.0), "int32")
        x = functions.cast(functions.clip_by_value(column, 0.0, self.width - 1.0), "int32")
        found = functions.gather(self.pixels, y * self.width + x + self.first)
        return functions.where(functions.expand_dims(valid, -1), found, self.fill_value)


def transform(
    x: Tensor,
    matrices: Tensor,
    fill_mode: str = "reflect",
    fill_value: float = 0.0,
    interpolation: str = "bilinear",
) -> Tensor:
    """Pictures of the same size, each place ``(x, y)`` looked up at ``(a x + b y + c, d x + e y + f)``.

    Args:
        x: float pictures ``[batch, height, width, channels]``.
        matrices: ``[batch, 6]``: a, b, c, d, e and f of each picture; or ``[batch, 8]`` with g and h as well, where
            both places are divided by ``g x + h y + 1``.
        fill_mode: one of `FILL_MODES`.
        fill_value: the value outside the picture with ``"constant"``.
        interpolation: ``"bilinear"`` or ``"nearest"``.
    """
    _, height, width, _ = x.shape
    dtype = matrices.dtype
    across = functions.cast(np.arange(width).reshape(1, 1, -1), dtype)
    down = functions.cast(np.arange(height).reshape(1, -1, 1), dtype)
    a, b, c, d, e, f = (functions.reshape(matrices[:, number], [-1, 1, 1]) for number in range(6))
    column, row = a * across + b * down + c, d * across + e * down + f
    if matrices.shape[1] == 8:
        g, h = (functions.reshape(matrices[:, number], [-1, 1, 1]) for number in (6, 7))
        depth = g * across + h * down + 1.0
        column, row = column / depth, row / depth
    column, row = _inside(column, width, fill_mode), _inside(row, height, fill_mode)
    look = _Lookup(x, fill_value)
    if interpolation == "nearest":
        return look.at(functions.round(row), functions.round(column))
    top, left = functions.floor(row), functions.floor(column)
    right, below = functions.expand_dims(column - left, -1), functions.expand_dims(row - top, -1)
    upper = (1.0 - right) * look.at(top, left) + right * look.at(top, left + 1.0)
    lower = (1.0 - right) * look.at(top + 1.0, left) + right * look.at(top + 1.0, left + 1.0)
    return (1.0 - below) * upper + below * lower


def crop(x: Tensor, top: Tensor, left: Tensor, height: int, width: int) -> Tensor:
    """Crops each picture of a batch, starting at the positions ``[batch]`` (integers)."""
    batch, rows, columns, channels = x.shape
    first = np.arange(batch, dtype=np.int32).reshape(-1, 1, 1) * (rows * columns)
    y = functions.reshape(top, [-1, 1, 1]) + np.arange(height, dtype=np.int32).reshape(1, -1, 1)
    across = functions.reshape(left, [-1, 1, 1]) + np.arange(width, dtype=np.int32).reshape(1, 1, -1)
    return functions.gather(
        functions.reshape(x, [batch * rows * columns, channels]), first + y * columns + across
    )
