"""Padding of sequences, and windows of a time series."""

from __future__ import annotations

import math
import random
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


def make_sampling_table(size: int, sampling_factor: float = 1e-5) -> np.ndarray:
    """For words in the order of how frequent they are, the probabilities with which `skipgrams` takes them.

    Frequent words are taken less often: the word of rank r is assumed to be about 1 / (r (log r + 0.577)) of a text.

    Args:
        size: how many words there are.
        sampling_factor: the frequency above which words are left out now and then.

    Source: T. Mikolov and others, "Distributed representations of words and phrases and their compositionality", 2013.

    >>> import tensorlet as tf
    >>> tf.keras.preprocessing.sequence.make_sampling_table(3).round(5)
    array([0.00315, 0.00315, 0.00548])
    """
    rank = np.maximum(np.arange(size), 1)
    frequency = 1.0 / (rank * (np.log(rank) + 0.577) + 0.5 - 1.0 / (12.0 * rank))
    return np.minimum(1.0, np.sqrt(sampling_factor / frequency))


def skipgrams(
    sequence: SequenceOf[int], vocabulary_size: int, window_size: int = 4, negative_samples: float = 1.0,
    shuffle: bool = True, categorical: bool = False, sampling_table: ArrayLike | None = None, seed: int | None = None,
) -> tuple[list[list[int]], list[Any]]:  # fmt: skip
    """Pairs of words that stand near each other, and pairs of words at random, to train word2vec with.

    Args:
        sequence: the numbers of the words of a text; 0 stands for no word.
        vocabulary_size: the largest number plus 1.
        window_size: how far two words may stand apart.
        negative_samples: how many random pairs there are for each near one.
        shuffle: whether the pairs are shuffled.
        categorical: labels ``[0, 1]`` and ``[1, 0]`` instead of 1 and 0.
        sampling_table: the probability to take each word; see `make_sampling_table`.
        seed: of the random numbers.

    Returns:
        The pairs, and their labels: 1 for near words.

    Source: T. Mikolov and others, "Efficient estimation of word representations in vector space", 2013.

    >>> import tensorlet as tf
    >>> pairs, labels = tf.keras.preprocessing.sequence.skipgrams([1, 2, 3], 4, 1, negative_samples=0, shuffle=False)
    >>> pairs, labels
    ([[1, 2], [2, 1], [2, 3], [3, 2]], [1, 1, 1, 1])
    """
    draw = random.Random(seed) if seed is not None else random
    table = None if sampling_table is None else np.asarray(sampling_table)
    pairs: list[list[int]] = []
    for place, word in enumerate(sequence):
        if not word or (table is not None and table[word] < draw.random()):
            continue
        for near in range(max(0, place - window_size), min(len(sequence), place + window_size + 1)):
            if near != place and sequence[near]:
                pairs.append([word, sequence[near]])
    labels = [1] * len(pairs)
    words = [word for word, _ in pairs]
    draw.shuffle(words)
    others = int(len(pairs) * negative_samples)
    pairs += [[words[number % len(words)], draw.randint(1, vocabulary_size - 1)] for number in range(others)]
    labels += [0] * others
    if shuffle:
        order = list(range(len(pairs)))
        draw.shuffle(order)
        pairs, labels = [pairs[one] for one in order], [labels[one] for one in order]
    return pairs, [[1 - one, one] for one in labels] if categorical else labels
