"""Scaling of features before training."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike

# As in the lecture's table, whose largest values are 0.99999999 and not 1.
CALL_FORM_EPSILON = 1e-7


class MinMaxScaler:
    """Brings every column of a table into the same range, by default 0 to 1.

    ``scaled = (x - smallest) / (largest - smallest)``, column by column. Columns of very
    different sizes make gradients of very different sizes: one learning rate does not fit
    them all, and the loss becomes NaN. A column that is constant becomes the lower end of
    the range. NaN values are ignored when the smallest and largest values are determined,
    and stay NaN.

    Args:
        data: the lecture's call form: given a table (an array, a list or a tensor; one or
            two axes), the result is *the scaled table itself* and not a scaler, computed with
            ``1e-7`` added to the denominator, as in the lecture. A tuple is taken as
            ``feature_range``.
        feature_range: the smallest and the largest value of the result.
        clip: whether ``transform`` clips values outside the range (values of a test set
            beyond those that were fitted).

    Attributes:
        data_min_, data_max_, data_range_: by column, shape ``(columns,)``; after ``fit``.
        scale_, min_: ``transform(x) == x * scale_ + min_``.
        n_features_in_: the number of columns.

    Raises:
        ShapeError: if the table does not have two axes, has no rows, or another number of columns.
        InvalidArgumentError: for an invalid range, infinite values or text in the table, or
            ``transform`` before ``fit``.

    >>> import tensorlet as tf
    >>> scaler = tf.MinMaxScaler()
    >>> scaler.fit_transform([[1.0, 100.0], [2.0, 300.0], [3.0, 200.0]])
    array([[0. , 0. ],
           [0.5, 1. ],
           [1. , 0.5]])
    >>> scaler.inverse_transform([[0.5, 0.5]])
    array([[  2., 200.]])
    >>> tf.MinMaxScaler([[1.0, 100.0], [2.0, 300.0], [3.0, 200.0]])[:, 1].round(6)
    array([0. , 1. , 0.5])
    """

    data_min_: np.ndarray
    data_max_: np.ndarray
    data_range_: np.ndarray
    scale_: np.ndarray
    min_: np.ndarray
    n_features_in_: int

    def __new__(cls, data: ArrayLike | tuple[float, float] | None = None, /, **options: Any) -> Any:
        """A scaler; or, given a table, the scaled table."""
        if data is None or isinstance(data, tuple):
            return super().__new__(cls)
        if options:
            raise InvalidArgumentError(
                f"MinMaxScaler: with a table it takes no options, but got {', '.join(options)}. "
                f"Write MinMaxScaler({', '.join(options)}=...).fit_transform(table)."
            )
        return _scale_at_once(data)

    def __init__(
        self,
        range_: tuple[float, float] | None = None,
        /,
        *,
        feature_range: tuple[float, float] = (0, 1),
        clip: bool = False,
    ) -> None:
        self.feature_range = _checked_range(feature_range if range_ is None else range_)
        self.clip = clip

    def fit(self, x: ArrayLike, y: object = None) -> MinMaxScaler:
        """Learns the smallest and largest value of each column of ``x``, shape ``(rows, columns)``.

        ``y`` is ignored; pipelines pass it.
        """
        table = _table(x, "MinMaxScaler.fit", axes=(2,))
        low, high = self.feature_range
        self.n_features_in_ = table.shape[1]
        self.data_min_, self.data_max_ = _column_limits(table)
        self.data_range_ = self.data_max_ - self.data_min_
        # A constant column has nothing to scale: divided by one, it becomes the lower end.
        self.scale_ = (high - low) / np.where(self.data_range_ == 0, 1.0, self.data_range_)
        self.min_ = low - self.data_min_ * self.scale_
        return self

    def transform(self, x: ArrayLike) -> np.ndarray:
        """``x`` of shape ``(rows, columns)`` with each column brought into the range; a new array."""
        table = self._fitting_table(x, "transform")
        low, high = self.feature_range
        # Not x * scale_ + min_: subtracting first gives exactly the lower end at the smallest value.
        scaled = (table - self.data_min_) * self.scale_ + low
        if self.clip:
            scaled = np.clip(scaled, low, high)
        return scaled.astype(_result_type(x), copy=False)

    def fit_transform(self, x: ArrayLike, y: object = None) -> np.ndarray:
        """``fit(x)``, then ``transform(x)``."""
        return self.fit(x, y).transform(x)

    def inverse_transform(self, x: ArrayLike) -> np.ndarray:
        """Undoes ``transform``: scaled rows become rows in the units of the fitted table."""
        table = self._fitting_table(x, "inverse_transform")
        original = (table - self.feature_range[0]) / self.scale_ + self.data_min_
        return original.astype(_result_type(x), copy=False)

    def _fitting_table(self, x: ArrayLike, method: str) -> np.ndarray:
        if not hasattr(self, "scale_"):
            raise InvalidArgumentError(
                f"MinMaxScaler.{method}: this scaler has not been fitted. "
                "Call fit(x) or fit_transform(x) first."
            )
        table = _table(x, f"MinMaxScaler.{method}", axes=(2,))
        if table.shape[1] != self.n_features_in_:
            raise ShapeError(
                f"MinMaxScaler.{method}: x has {table.shape[1]} columns, but fit saw {self.n_features_in_}. "
                "Pass the same columns in the same order."
            )
        return table

    def __repr__(self) -> str:
        clip = ", clip=True" if self.clip else ""
        return f"MinMaxScaler(feature_range={self.feature_range}{clip})"


def _scale_at_once(data: ArrayLike) -> np.ndarray:
    table = _table(data, "MinMaxScaler", axes=(1, 2))  # one axis: a single column
    smallest, largest = _column_limits(table)
    scaled = (table - smallest) / (largest - smallest + CALL_FORM_EPSILON)
    return scaled.astype(_result_type(data), copy=False)


def _checked_range(feature_range: tuple[float, float]) -> tuple[float, float]:
    try:
        low, high = feature_range
        fits = bool(low < high) and bool(np.isfinite([low, high]).all())
    except (TypeError, ValueError):
        fits = False
    if not fits:
        raise InvalidArgumentError(
            f"MinMaxScaler: feature_range is {feature_range!r}; two finite numbers were expected, "
            "the smaller one first, such as (0, 1)."
        )
    return low, high


def _result_type(x: ArrayLike) -> np.dtype:
    """float32 for float32, and float64 for everything else."""
    return np.dtype(np.float32) if np.asarray(x).dtype == np.float32 else np.dtype(np.float64)


def _column_limits(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The smallest and largest values of the columns; NaN only where a column has nothing else."""
    return np.fmin.reduce(table, axis=0), np.fmax.reduce(table, axis=0)


def _table(x: ArrayLike, caller: str, axes: tuple[int, ...]) -> np.ndarray:
    """``x`` as float64, checked."""
    try:
        table = np.asarray(x)
        if table.dtype.kind not in "biufO":
            raise TypeError(table.dtype)
        table = table.astype(np.float64, copy=False)
    except (TypeError, ValueError):
        raise InvalidArgumentError(
            f"{caller}: the table contains values that are not numbers, or its rows have different lengths. "
            "Pass rows of numbers, all of one length."
        ) from None
    if table.ndim not in axes:
        hint = " For one column, pass x.reshape(-1, 1)." if table.ndim == 1 else ""
        raise ShapeError(
            f"{caller}: a table of shape (rows, columns) was expected, but got {table.shape}.{hint}"
        )
    if table.size == 0:
        raise ShapeError(
            f"{caller}: the table is empty, its shape is {table.shape}; at least one row is needed."
        )
    if np.isinf(table).any():
        place = tuple(int(i) for i in np.argwhere(np.isinf(table))[0])
        raise InvalidArgumentError(
            f"{caller}: the table holds infinity, first at index {place}. "
            "Remove that row, or mark the value as missing with NaN."
        )
    return table
