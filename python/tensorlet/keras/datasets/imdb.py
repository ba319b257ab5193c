"""IMDB: 50,000 reviews of films as numbers of words, read from the download folder of Keras."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

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


def load_data(
    path: str | os.PathLike[str] = "imdb.npz", num_words: int | None = None, skip_top: int = 0,
    maxlen: int | None = None, seed: int = 113, start_char: int | None = 1, oov_char: int | None = 2,
    index_from: int = 3, **kwargs: Any,
) -> tuple[Split, Split]:  # fmt: skip
    """Loads the reviews: ``(x_train, y_train), (x_test, y_test)``, 25,000 each.

    ``x`` has lists of the numbers of words, the most frequent word first; ``y`` is 1 for a good and 0 for a bad review.
    Nothing is downloaded: the file is read from ``~/.keras/datasets``. No code in it is run.

    Args:
        path: the name of the file in that folder, or its full path.
        num_words: words with this number or a larger one are replaced by ``oov_char``.
        skip_top: so are this many of the most frequent words.
        maxlen: longer reviews are left out.
        seed: of the order, which is that of Keras.
        start_char: the number at the start of each review; None for none.
        oov_char: the number of words that are left out; None leaves nothing in their place.
        index_from: is added to the numbers of words.
        kwargs: ``nb_words``, the older name of ``num_words``.

    Raises:
        FileNotFoundError: if the file does not exist; the message says which file to put where.
        FileFormatError: if it is damaged.
        InvalidArgumentError: if no review is as short as ``maxlen``.

    Source: A. Maas et al., "Learning word vectors for sentiment analysis", 2011.
    """
    num_words = kwargs.pop("nb_words", num_words)
    if kwargs:
        raise TypeError(f"imdb.load_data got unexpected arguments: {', '.join(sorted(kwargs))}.")
    file = cached_file("imdb.load_data", path, f"{SOURCE}imdb.npz")
    x_train, y_train, x_test, y_test = arrays_of(file, ("x_train", "y_train", "x_test", "y_test"))
    order = np.random.RandomState(seed)  # the order of Keras
    parts = []
    for x, y in ((x_train, y_train), (x_test, y_test)):
        rows = np.arange(len(x))
        order.shuffle(rows)
        sequences, labels = with_start(x[rows], start_char, index_from), y[rows]
        sequences, labels = short_ones("imdb.load_data", sequences, labels, maxlen)
        parts.append((sequences, labels))
    (first, y_train), (second, y_test) = parts
    words = cut_words([*first, *second], num_words, skip_top, oov_char)
    train, test = object_array(words[: len(first)]), object_array(words[len(first) :])
    return (train, y_train), (test, y_test)


def get_word_index(path: str | os.PathLike[str] = "imdb_word_index.json") -> dict[str, int]:
    """The number of each word, before ``index_from`` is added; read from the download folder of Keras."""
    return word_index_of("imdb.get_word_index", path, f"{SOURCE}imdb_word_index.json")
