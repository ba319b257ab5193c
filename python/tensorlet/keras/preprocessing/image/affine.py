"""Pictures that are turned, moved, sheared and zoomed: `apply_affine_transform`, on NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError


def _nearest(places: np.ndarray, length: int) -> np.ndarray:
    return np.clip(places, 0, length - 1)


def _reflect(places: np.ndarray, length: int) -> np.ndarray:
    """``d c b a | a b c d | d c b a``, with the border between two pixels in the middle."""
    within = np.mod(places + 0.5, 2 * length)
    return np.where(within > length, 2 * length - within, within) - 0.5


def _wrap(places: np.ndarray, length: int) -> np.ndarray:
    """The picture again and again; as in SciPy its last pixel is the first of the next one."""
    period = max(length - 1, 1)
    outside = (places < 0) | (places > length - 1)
    return np.where(outside, np.mod(places, period), places)


def _unchanged(places: np.ndarray, length: int) -> np.ndarray:
    return places


#: What is outside of a picture -> which place of the picture it is.
FILL_MODES: dict[str, Callable[[np.ndarray, int], np.ndarray]] = {
    "constant": _unchanged,
    "nearest": _nearest,
    "reflect": _reflect,
    "wrap": _wrap,
}


def apply_affine_transform(
    x: np.ndarray, theta: float = 0, tx: float = 0, ty: float = 0, shear: float = 0, zx: float = 1, zy: float = 1,
    row_axis: int = 1, col_axis: int = 2, channel_axis: int = 0, fill_mode: str = "nearest", cval: float = 0.0,
    order: int = 1,
) -> np.ndarray:  # fmt: skip
    """A picture that is turned, moved, sheared and zoomed around its middle.

    Args:
        x: a picture with three axes.
        theta: the angle in degrees.
        tx, ty: the shift along the rows and along the columns, in pixels.
        shear: the angle of shearing, in degrees.
        zx, zy: the zoom; smaller than 1 makes the picture larger.
        row_axis, col_axis, channel_axis: which axis is which; channels are the first or last one.
        fill_mode: what is outside of the picture: ``"nearest"``, ``"constant"``, ``"reflect"`` or ``"wrap"``.
        cval: the number outside, with ``"constant"``.
        order: 1 for linear interpolation, 0 for the nearest pixel; other splines (2 to 5) need SciPy.

    Returns:
        An array of the same shape and dtype.

    Raises:
        ShapeError: for other axes.
        InvalidArgumentError: for another fill mode or order.

    >>> import numpy as np
    >>> from tensorlet.keras.preprocessing.image import apply_affine_transform
    >>> x = np.arange(4.0).reshape(1, 4, 1)
    >>> apply_affine_transform(x, tx=1, row_axis=0, col_axis=1, channel_axis=2).ravel()
    array([1., 2., 3., 3.])
    """
    if sorted((row_axis, col_axis, channel_axis)) != [0, 1, 2] or channel_axis == 1 or x.ndim != 3:
        raise ShapeError(
            f"apply_affine_transform: row_axis={row_axis}, col_axis={col_axis} and channel_axis={channel_axis} for a "
            f"picture of shape {list(x.shape)}. Three different axes are expected, with the channels first or last."
        )
    if fill_mode not in FILL_MODES:
        raise InvalidArgumentError(
            f"fill_mode={fill_mode!r}, but one of {', '.join(FILL_MODES)} is expected."
        )
    matrix = _matrix(theta, tx, ty, shear, zx, zy)
    if matrix is None:
        return x
    height, width = x.shape[row_axis], x.shape[col_axis]
    matrix = _around_the_middle(matrix, height, width)
    if col_axis > row_axis:  # the matrix has the order x, y; arrays have the order y, x
        matrix = matrix[np.ix_([1, 0, 2], [1, 0, 2])]
    pixels = x.transpose(row_axis, col_axis, channel_axis)
    moved = _looked_up(pixels, matrix, fill_mode, cval, order)
    return np.ascontiguousarray(moved.transpose(np.argsort([row_axis, col_axis, channel_axis])))


def _matrix(theta: float, tx: float, ty: float, shear: float, zx: float, zy: float) -> np.ndarray | None:
    """The product of the matrices that change anything; None if none does."""
    matrix = None
    turned, sheared = np.deg2rad(theta), np.deg2rad(shear)
    for is_needed, rows in (
        (theta != 0, [[np.cos(turned), -np.sin(turned), 0], [np.sin(turned), np.cos(turned), 0]]),
        (tx != 0 or ty != 0, [[1, 0, tx], [0, 1, ty]]),
        (shear != 0, [[1, -np.sin(sheared), 0], [0, np.cos(sheared), 0]]),
        (zx != 1 or zy != 1, [[zx, 0, 0], [0, zy, 0]]),
    ):
        if is_needed:
            one = np.array([*rows, [0, 0, 1]], np.float64)
            matrix = one if matrix is None else matrix @ one
    return matrix


def _around_the_middle(matrix: np.ndarray, height: int, width: int) -> np.ndarray:
    to, back = np.eye(3), np.eye(3)
    to[:2, 2] = height / 2 - 0.5, width / 2 - 0.5
    back[:2, 2] = -to[:2, 2]
    return to @ matrix @ back


def _looked_up(pixels: np.ndarray, matrix: np.ndarray, fill_mode: str, cval: float, order: int) -> np.ndarray:
    """Each place of the result, looked up where the matrix says. Pixels are [height, width, channels]."""
    if order not in (0, 1):
        return _spline(pixels, matrix, fill_mode, cval, order)
    height, width, channels = pixels.shape
    down, across = np.arange(height)[:, None], np.arange(width)[None, :]
    rows = matrix[0, 0] * down + matrix[0, 1] * across + matrix[0, 2]
    columns = matrix[1, 0] * down + matrix[1, 1] * across + matrix[1, 2]
    outside = None
    if fill_mode == "constant":
        outside = (rows < 0) | (rows > height - 1) | (columns < 0) | (columns > width - 1)
    inside = FILL_MODES[fill_mode]
    rows, columns = inside(rows, height), inside(columns, width)
    flat = pixels.reshape(height * width, channels)

    def at(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        return flat.take(np.clip(row, 0, height - 1) * width + np.clip(column, 0, width - 1), axis=0)

    if order == 0:
        found = at(np.floor(rows + 0.5).astype(np.intp), np.floor(columns + 0.5).astype(np.intp))
    else:
        top, left = np.floor(rows), np.floor(columns)
        below, right = (rows - top)[:, :, None], (columns - left)[:, :, None]
        if pixels.dtype == np.float32:
            below, right = below.astype(np.float32), right.astype(np.float32)
        y, z = top.astype(np.intp), left.astype(np.intp)
        upper = at(y, z) * (1 - right) + at(y, z + 1) * right
        lower = at(y + 1, z) * (1 - right) + at(y + 1, z + 1) * right
        found = upper * (1 - below) + lower * below
    if outside is not None:
        found[outside] = cval
    return found.astype(pixels.dtype, copy=False)


def _spline(pixels: np.ndarray, matrix: np.ndarray, fill_mode: str, cval: float, order: int) -> np.ndarray:
    if order not in (2, 3, 4, 5):
        raise InvalidArgumentError(f"interpolation_order={order!r}, but an integer from 0 to 5 is expected.")
    try:
        from scipy import ndimage  # type: ignore[import-untyped, unused-ignore]
    except ImportError as error:
        raise ImportError(
            f"interpolation_order={order} needs SciPy: pip install scipy. Orders 0 and 1 do not need it."
        ) from error
    channels = [
        ndimage.affine_transform(
            pixels[:, :, one], matrix[:2, :2], matrix[:2, 2], order=order, mode=fill_mode, cval=cval
        )
        for one in range(pixels.shape[2])
    ]
    return np.stack(channels, axis=2)
