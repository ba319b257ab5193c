"""Reuters: 11,228 newswires of 46 topics as numbers of words, read from the download folder of Keras."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.datasets.cached_files import (
    arrays_of,
    cached_file,
    cut_words,
    object_array,
    short_ones,
    with_start,
    word_index_of,
)

Split = tuple[np.ndarray, np.ndarray]
SOURCE = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
TOPICS = (
    "cocoa grain veg-oil earn acq wheat copper housing money-supply coffee sugar trade reserves ship cotton carcass "
    "crude nat-gas cpi money-fx interest gnp meal-feed alum oilseed gold tin strategic-metal livestock retail ipi "
    "iron-steel rubber heat jobs lei bop zinc orange pet-chem dlr gas silver wpi hog lead"
)


def load_data(
    path: str | os.PathLike[str] = "reuters.npz", num_words: int | None = None, skip_top: int = 0,
    maxlen: int | None = None, test_split: float = 0.2, seed: int = 113, start_char: int | None = 1,
    oov_char: int | None = 2, index_from: int = 3, **kwargs: Any,
) -> tuple[Split, Split]:  # fmt: skip
    """Loads the newswires: ``(x_train, y_train), (x_test, y_test)``; ``y`` has the numbers of topics, 0 to 45.

    Nothing is downloaded: the file is read from ``~/.keras/datasets``. No code in it is run.

    Args:
        path, num_words, skip_top, maxlen, seed, start_char, oov_char, index_from, kwargs: see `imdb.load_data`.
        test_split: the part of the newswires for testing.

    Raises:
        FileNotFoundError: if the file does not exist; the message says which file to put where.
        FileFormatError: if it is damaged.

    Source: D. Lewis, "Reuters-21578 text categorization test collection", 1997.
    """
    num_words = kwargs.pop("nb_words", num_words)
    if kwargs:
        raise TypeError(f"reuters.load_data got unexpected arguments: {', '.join(sorted(kwargs))}.")
    if not 0 <= test_split < 1:
        raise InvalidArgumentError(
            f"reuters.load_data: test_split={test_split!r}, but a number from 0 to below 1 is expected."
        )
    x, y = arrays_of(cached_file("reuters.load_data", path, f"{SOURCE}reuters.npz"), ("x", "y"))
    rows = np.arange(len(x))
    np.random.RandomState(seed).shuffle(rows)  # the order of Keras
    sequences, labels = with_start(x[rows], start_char, index_from), y[rows]
    sequences, labels = short_ones("reuters.load_data", sequences, labels, maxlen)
    words = cut_words(sequences, num_words, skip_top, oov_char)
    first = int(len(words) * (1 - test_split))
    train, test = object_array(words[:first]), object_array(words[first:])
    return (train, labels[:first]), (test, labels[first:])


def get_word_index(path: str | os.PathLike[str] = "reuters_word_index.json") -> dict[str, int]:
    """The number of each word, before ``index_from`` is added; read from the download folder of Keras."""
    return word_index_of("reuters.get_word_index", path, f"{SOURCE}reuters_word_index.json")


def get_label_names() -> tuple[str, ...]:
    """The names of the topics, in the order of their numbers.

    >>> import tensorlet as tf
    >>> tf.keras.datasets.reuters.get_label_names()[3]
    'earn'
    """
    return tuple(TOPICS.split())
