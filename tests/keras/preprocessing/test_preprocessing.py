"""`tf.keras.preprocessing`: sequences of one length, windows, and texts as numbers, worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, UnknownNameError
from tensorlet.keras.preprocessing import sequence, text

TEXTS = ["The cat sat on the mat.", "The dog ate my homework!"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[0, 0, 1], [2, 3, 4]]),
        ({"maxlen": 2}, [[0, 1], [3, 4]]),
        ({"maxlen": 2, "truncating": "post"}, [[0, 1], [2, 3]]),
        ({"maxlen": 4, "padding": "post", "value": 9}, [[1, 9, 9, 9], [2, 3, 4, 9]]),
        ({"maxlen": 0}, [[], []]),
    ],
)
def test_sequences_get_one_length(options: dict[str, Any], expected: list[list[int]]) -> None:
    found = sequence.pad_sequences([[1], [2, 3, 4]], **options)
    assert found.dtype == np.int32
    assert found.tolist() == expected


def test_sequences_of_vectors_and_floats() -> None:
    found = sequence.pad_sequences([[[1.5, 2.0]], []], maxlen=2, dtype="float32")
    assert found.tolist() == [[[0.0, 0.0], [1.5, 2.0]], [[0.0, 0.0], [0.0, 0.0]]]
    assert tf.keras.utils.pad_sequences is sequence.pad_sequences


def test_what_is_no_list_of_lists_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="element 0 is 1, expected a list of numbers"):
        sequence.pad_sequences([1, 2])
    with pytest.raises(InvalidArgumentError, match="padding='left', expected 'pre' or 'post'"):
        sequence.pad_sequences([[1]], padding="left")


def test_windows_of_a_series() -> None:
    series = np.arange(10)
    windows = sequence.TimeseriesGenerator(
        series, series * 10, length=4, sampling_rate=2, stride=3, batch_size=1
    )
    assert len(windows) == 2
    assert [(x.tolist(), y.tolist()) for x, y in windows] == [([[0, 2]], [40]), ([[3, 5]], [70])]
    backwards = sequence.TimeseriesGenerator(series, series, length=2, end_index=3, reverse=True)
    x, y = backwards[0]
    assert (x.tolist(), y.tolist()) == ([[1, 0], [2, 1]], [2, 3])
    with pytest.raises(InvalidArgumentError, match="no window of length 10"):
        sequence.TimeseriesGenerator(series, series, length=10)


def test_words_get_numbers_the_most_frequent_first() -> None:
    tokenizer = text.Tokenizer()
    tokenizer.fit_on_texts(TEXTS)
    assert list(tokenizer.word_index.items())[:3] == [("the", 1), ("cat", 2), ("sat", 3)]
    assert tokenizer.word_counts["the"] == 3
    assert tokenizer.word_docs["the"] == tokenizer.document_count == 2
    assert tokenizer.texts_to_sequences(["The homework sat", "nothing known"]) == [[1, 9, 3], []]
    assert tokenizer.sequences_to_texts([[1, 9]]) == ["the homework"]


def test_rare_and_unknown_words() -> None:
    tokenizer = text.Tokenizer(num_words=3, oov_token="<?>")
    tokenizer.fit_on_texts(TEXTS)
    assert tokenizer.word_index["<?>"] == 1
    assert tokenizer.texts_to_sequences(["the cat barks"]) == [[2, 1, 1]]
    without = text.Tokenizer(num_words=3)
    without.fit_on_texts(TEXTS)
    assert without.texts_to_sequences(["the cat sat barks"]) == [[1, 2]]


def test_matrices_of_words() -> None:
    tokenizer = text.Tokenizer()
    tokenizer.fit_on_texts(["a b", "a c"])
    sentence = ["a c c c"]
    assert tokenizer.texts_to_matrix(sentence).tolist() == [[0, 1, 0, 1]]
    assert tokenizer.texts_to_matrix(sentence, "count").tolist() == [[0, 1, 0, 3]]
    assert tokenizer.texts_to_matrix(sentence, "freq").tolist() == [[0, 0.25, 0, 0.75]]
    # a is in two of two texts, c in one.
    expected = [0, math.log(1 + 2 / 3), 0, (1 + math.log(3)) * math.log(1 + 2 / 2)]
    np.testing.assert_allclose(tokenizer.texts_to_matrix(sentence, "tfidf"), [expected])
    with pytest.raises(InvalidArgumentError, match="expected one of binary, count, freq, tfidf"):
        tokenizer.texts_to_matrix(sentence, "sum")
    with pytest.raises(InvalidArgumentError, match="vocabulary is empty"):
        text.Tokenizer().sequences_to_matrix([[1]])


def test_characters_lists_and_json() -> None:
    tokenizer = text.Tokenizer(char_level=True)
    tokenizer.fit_on_texts(["abA"])
    assert tokenizer.word_index == {"a": 1, "b": 2}
    again = text.tokenizer_from_json(tokenizer.to_json())
    assert again.texts_to_sequences(["ba"]) == [[2, 1]]
    assert again.document_count == 1
    words = text.Tokenizer(lower=False)
    words.fit_on_texts([["New", "York"], ["York"]])
    assert words.word_index == {"York": 1, "New": 2}


def test_hashed_words_lie_between_1_and_n() -> None:
    numbers = text.hashing_trick("a b c d e f", 5, "md5")
    assert len(numbers) == 6
    assert set(numbers) <= {1, 2, 3, 4}
    assert len(text.one_hot("to be", 10)) == 2


def test_other_names_are_refused_with_advice() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'image'"):
        tf.keras.preprocessing.images  # noqa: B018
