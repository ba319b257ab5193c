"""Padding of sequences, and windows of a time series."""

from __future__ import annotations

import math
from collections.abc import Sequence as SequenceOf
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.utils.sequence import Sequence

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike

_ENDS = ("pre", "post")


def pad_sequences(
    sequences: SequenceOf[SequenceOf[Any]],
    maxlen: int | None = None,
    dtype: npt.DTypeLike = "int32",
    padding: str = "pre",
    truncating: str = "pre",
    value: float | str = 0.0,
) -> np.ndarray:
    """Pads sequences of different lengths, and returns them as the rows of one array.

    Args:
        sequences: lists of numbers (or of vectors of the same length).
        maxlen: the length of the rows; by default that of the longest sequence.
        dtype: the dtype of the array.
        padding: ``"pre"`` to pad at the start, ``"post"`` at the end.
        truncating: ``"pre"`` or ``"post"``, where to truncate long sequences.
        value: the value of the padding.

    Returns:
        An array of shape ``[sequences, maxlen]`` followed by the axes of one element.

    Raises:
        InvalidArgumentError: for anything but a list of lists, and for an unknown ``padding`` or ``truncating``.

    >>> import tensorlet as tf
    >>> tf.keras.utils.pad_sequences([[1, 2, 3], [4]])
    array([[1, 2, 3],
           [0, 0, 4]], dtype=int32)
    >>> tf.keras.utils.pad_sequences([[1, 2, 3], [4]], maxlen=2, padding="post", value=9)
    array([[2, 3],
           [4, 9]], dtype=int32)
    """
    for name, end in (("padding", padding), ("truncating", truncating)):
        if end not in _ENDS:
            raise InvalidArgumentError(f"pad_sequences: {name}={end!r}, expected 'pre' or 'post'.")
    for position, sequence in enumerate(sequences):
        if not hasattr(sequence, "__len__") or isinstance(sequence, str):
            raise InvalidArgumentError(
                f"pad_sequences: element {position} is {sequence!r}, expected a list of numbers. Pass a list of lists: "
                "[[1, 2], [3]]."
            )
    length = max((len(one) for one in sequences), default=0) if maxlen is None else int(maxlen)
    inner = next((np.asarray(one).shape[1:] for one in sequences if len(one)), ())
    result = np.full((len(sequences), length, *inner), value, dtype=dtype)
    for row, sequence in zip(result, sequences, strict=True):
        kept = np.asarray(sequence[-length:] if truncating == "pre" else sequence[:length], dtype=dtype)
        if length and len(kept):
            if padding == "pre":
                row[-len(kept) :] = kept
            else:
                row[: len(kept)] = kept
    return result


class TimeseriesGenerator(Sequence):
    """Batches of windows of a time series, with the value that follows each window.

    Args:
        data: the series, of shape ``[times, ...]``.
        targets: the values to predict, one per time.
        length: the length of a window.
        sampling_rate: the distance between values in a window.
        stride: the distance between two windows.
        start_index, end_index: the range of the series to use.
        shuffle: whether to draw the windows at random.
        reverse: whether to reverse the order in each window.
        batch_size: the number of windows in a batch.

    Raises:
        InvalidArgumentError: if the series and the targets differ in length, or no window fits.

    >>> import numpy as np
    >>> from tensorlet.keras.preprocessing.sequence import TimeseriesGenerator
    >>> series = np.array([10, 20, 30, 40])
    >>> x, y = TimeseriesGenerator(series, series, length=2, batch_size=8)[0]
    >>> x.tolist(), y.tolist()
    ([[10, 20], [20, 30]], [30, 40])
    """

    def __init__(
        self,
        data: ArrayLike,
        targets: ArrayLike,
        length: int,
        sampling_rate: int = 1,
        stride: int = 1,
        start_index: int = 0,
        end_index: int | None = None,
        shuffle: bool = False,
        reverse: bool = False,
        batch_size: int = 128,
    ) -> None:
        super().__init__()
        self.data, self.targets = np.asarray(data), np.asarray(targets)
        if len(self.data) != len(self.targets):
            raise InvalidArgumentError(
                f"TimeseriesGenerator: data has length {len(self.data)} and targets has length {len(self.targets)}; "
                "expected equal lengths."
            )
        self.length, self.sampling_rate, self.stride = length, sampling_rate, stride
        self.start_index = start_index + length
        self.end_index = len(self.data) - 1 if end_index is None else end_index
        self.shuffle, self.reverse, self.batch_size = shuffle, reverse, batch_size
        if self.start_index > self.end_index:
            raise InvalidArgumentError(
                f"TimeseriesGenerator: no window of length {length} followed by a value fits into "
                f"{self.end_index + 1 - start_index} times. Use a smaller length."
            )

    def __len__(self) -> int:
        windows = math.ceil((self.end_index - self.start_index + 1) / self.stride)
        return math.ceil(windows / self.batch_size)

    def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
        ends = np.arange(self.start_index, self.end_index + 1, self.stride)
        if self.shuffle:
            ends = np.random.choice(ends, self.batch_size)  # noqa: NPY002 - uses NumPy's global seed
        else:
            ends = ends[index * self.batch_size : (index + 1) * self.batch_size]
        windows = self.data[ends[:, None] + np.arange(-self.length, 0, self.sampling_rate)]
        return windows[:, ::-1] if self.reverse else windows, self.targets[ends]
