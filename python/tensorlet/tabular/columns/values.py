"""The values of a column of Arrow as arrays of NumPy."""

from __future__ import annotations

import datetime
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.formats import MISSING, date_of, days_of, is_plain_number, number_of, truth_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import pyarrow as pa

MILLISECONDS_A_DAY = 86_400_000.0
#: What does not count at the ends of a category.
SPACES = " \t\u00a0"
#: The largest number of float32.
LARGEST = float(np.finfo(np.float32).max)
#: So many values stay in the cache.
PIECE = 4096


def is_text(column: pa.ChunkedArray) -> bool:
    """Whether a column holds text, as strings or as a dictionary."""
    types = require("pyarrow", "data").types
    return bool(
        types.is_dictionary(column.type) or types.is_string(column.type) or types.is_large_string(column.type)
    )


def coded(column: pa.ChunkedArray) -> tuple[list[str], np.ndarray]:
    """Returns the different texts of a column, and for each row the index of its text, or -1 where it is missing."""
    pa, compute = require("pyarrow", "data"), require("pyarrow.compute", "data")
    if not pa.types.is_dictionary(column.type):
        if not is_text(column):
            column = pa.chunked_array([pa.array(texts_of(column), pa.string())])
        column = column.dictionary_encode()
    column = column.unify_dictionaries()
    texts: list[str] = column.chunk(0).dictionary.to_pylist() if column.num_chunks else []
    indices = [chunk.indices for chunk in column.chunks]
    pieces = [(compute.fill_null(one, -1) if one.null_count else one).to_numpy() for one in indices]
    codes = np.concatenate(pieces).astype(np.int32, copy=False) if pieces else np.empty(0, np.int32)
    return _trimmed(texts, codes)


def _trimmed(texts: list[str], codes: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Returns texts without spaces around them; those that only differ in spaces are one."""
    if all(text == text.strip(SPACES) for text in texts if text is not None):
        return texts, codes
    places: dict[str, int] = {}
    table = [places.setdefault(text.strip(SPACES), len(places)) for text in texts]
    return list(places), np.array([*table, -1], np.int32)[codes]


def texts_of(column: pa.ChunkedArray) -> list[str | None]:
    """Returns the values of a column as text, whole numbers without a decimal point."""
    return [text_of(value) for value in column.to_pylist()]


def text_of(value: object) -> str | None:
    """Returns a single value as text; None for a missing one.

    >>> text_of(3.0), text_of(True), text_of(float("nan"))
    ('3', 'true', None)
    """
    if value is None or (isinstance(value, float) and value != value):
        return None
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and float(value).is_integer() and abs(float(value)) < 2**53:
        return str(int(value))
    return str(value)


def lookup(index: Mapping[str, int], text: str) -> int | None:
    """Returns the number of a text; a number that is written in another way, such as 1.0 for 1, is found as well.

    >>> lookup({"1": 7}, "1.0"), lookup({"1": 7}, "one")
    (7, None)
    """
    text = text.strip(SPACES)
    found = index.get(text)
    if found is None and is_plain_number(text):
        return index.get(str(text_of(float(text))))
    return found


def numbers_of(column: pa.ChunkedArray, form: str = "plain") -> np.ndarray:
    """Returns the values of a column as float64; missing values, and texts that are not numbers, become NaN.

    Args:
        column: the column.
        form: how numbers are written in text.
    """
    if is_text(column):
        quick = _cast(column) if form == "plain" else None
        found = _by_text(column, lambda text: number_of(text, form)) if quick is None else quick
        return within_float32(found)
    types = require("pyarrow", "data").types
    if types.is_timestamp(column.type):
        return days(column)
    return within_float32(np.asarray(column.cast("float64", safe=False).to_numpy(), np.float64))


def within_float32(numbers: np.ndarray) -> np.ndarray:
    """Returns numbers in which those that float32 cannot hold are infinite, as they would be in the model."""
    far = np.abs(numbers) > LARGEST
    return np.where(far, np.copysign(np.inf, numbers), numbers) if far.any() else numbers


def _cast(column: pa.ChunkedArray) -> np.ndarray | None:
    """Returns text as numbers with PyArrow; None if a text is not a plain number."""
    pa, compute = require("pyarrow", "data"), require("pyarrow.compute", "data")
    if pa.types.is_dictionary(column.type):
        return None
    try:
        numbers = compute.cast(column, pa.float64())
    except pa.ArrowInvalid:
        return None
    return np.asarray(numbers.to_numpy(), np.float64)


def finite(numbers: np.ndarray) -> np.ndarray:
    """Returns the numbers that are neither NaN nor infinite; the array itself if all of them are."""
    if numbers.size and np.isfinite(numbers.sum()):  # quicker than a mask
        return numbers
    return numbers[np.isfinite(numbers)]


def pieces_of(column: pa.ChunkedArray) -> Iterator[np.ndarray]:
    """Yields the values of a column of float64 without missing values, a few thousand at a time and without copies."""
    for chunk in column.chunks:
        values = chunk.to_numpy()
        for start in range(0, len(values), PIECE):
            yield values[start : start + PIECE]


def fits_float32(numbers: np.ndarray) -> bool:
    """Whether all numbers of a piece are certainly finite and within float32: quick, and strict near the limit.

    >>> fits_float32(np.array([1.0, 2.0])), fits_float32(np.array([1.0, np.nan])), fits_float32(np.array([1e39]))
    (True, False, False)
    """
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(numbers @ numbers <= LARGEST**2)  # a sum of squares is no smaller than each of them


def summary_of(column: pa.ChunkedArray) -> tuple[float, float, float, float] | None:
    """Returns the minimum, the maximum, the mean and the standard deviation of a column of numbers.

    The values are gone through once, a piece that stays in the cache at a time.

    Returns:
        None for text, for a column without values, and if a value is NaN, infinite or too large for float32.
    """
    pa = require("pyarrow", "data")
    if not pa.types.is_float64(column.type) or column.null_count == len(column):
        return None
    column = column.drop_null() if column.null_count else column
    origin = column[0].as_py()
    low, high, total, squares = math.inf, -math.inf, 0.0, 0.0
    for piece in pieces_of(column):
        if not fits_float32(piece):
            return None
        low, high = min(low, piece.min()), max(high, piece.max())
        shifted = piece - origin
        total += float(shifted.sum())
        squares += float(shifted @ shifted)
    mean = total / len(column)
    deviation = math.sqrt(max(squares / len(column) - mean * mean, 0.0))
    return float(low), float(high), origin + mean, deviation


def mean_and_deviation(numbers: np.ndarray) -> tuple[float, float]:
    """Returns the mean and the standard deviation of finite numbers, in two passes.

    >>> mean_and_deviation(np.array([1.0, 2.0, 3.0]))[0]
    2.0
    """
    shifted = numbers - numbers[0]
    mean = float(shifted.mean())
    variance = float(shifted @ shifted) / len(shifted) - mean * mean
    return float(numbers[0]) + mean, float(np.sqrt(max(variance, 0.0)))


def truths_of(column: pa.ChunkedArray) -> np.ndarray:
    """Returns the values of a column as 0.0 and 1.0; missing values, and texts that mean neither, become NaN."""
    if is_text(column):
        return _by_text(column, truth_of)
    values = numbers_of(column)
    return np.where((values == 0) | (values == 1), values, np.nan)


def days(column: pa.ChunkedArray, form: str | None = None) -> np.ndarray:
    """Returns dates as days since 1 January 1970; missing values, and texts of another form, become NaN."""
    pa = require("pyarrow", "data")
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        whole = column.cast(pa.timestamp("ms"), safe=False).cast(pa.int64())
        return np.asarray(whole.to_numpy(), np.float64) / MILLISECONDS_A_DAY
    if not is_text(column):
        column = pa.chunked_array([pa.array(texts_of(column), pa.string())])

    def convert(text: str) -> float | None:
        date = date_of(text, form or "%Y-%m-%d")
        return None if date is None else days_of(date)

    return _by_text(column, convert)


def _by_text(column: pa.ChunkedArray, convert: Callable[[str], Any]) -> np.ndarray:
    """Converts each different text once."""
    texts, codes = coded(column)
    found = [None if text in MISSING else convert(text) for text in texts]
    table = np.array([np.nan if value is None else float(value) for value in found] + [np.nan])
    return table[codes]


def date_text(number: float, has_time: bool = False) -> str:
    """Returns days since 1970 as a date.

    >>> date_text(0.0), date_text(19782.5, True)
    ('1970-01-01', '2024-02-29 12:00')
    """
    moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(days=float(number))
    return moment.strftime("%Y-%m-%d %H:%M" if has_time else "%Y-%m-%d")
