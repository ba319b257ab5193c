"""Conversion of texts to integers: `Tokenizer` counts words and assigns an index to each."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError

_FILTERS = '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'
_MODES = ("binary", "count", "freq", "tfidf")


def text_to_word_sequence(
    input_text: str, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[str]:
    """Splits a text into words, in lower case and without punctuation.

    >>> from tensorlet.keras.preprocessing.text import text_to_word_sequence
    >>> text_to_word_sequence("To be, or not to be?")
    ['to', 'be', 'or', 'not', 'to', 'be']
    """
    text = input_text.lower() if lower else input_text
    return [word for word in text.translate(dict.fromkeys(map(ord, filters), split)).split(split) if word]


def hashing_trick(
    text: str,
    n: int,
    hash_function: str | Callable[[str], int] | None = None,
    filters: str = _FILTERS,
    lower: bool = True,
    split: str = " ",
) -> list[int]:
    """Converts each word to an integer from 1 to ``n - 1`` by hashing; words may collide.

    Args:
        text: the text.
        n: the number of indices, including 0, which is not used.
        hash_function: ``"md5"``, which is the same in every process, or a function from a word to an integer;
            by default Python's ``hash``, which differs between processes.
        filters, lower, split: as for `text_to_word_sequence`.

    >>> from tensorlet.keras.preprocessing.text import hashing_trick
    >>> hashing_trick("the cat the", 50, "md5")[0] == hashing_trick("the", 50, "md5")[0]
    True
    """
    if hash_function == "md5":

        def number(word: str) -> int:
            return int(hashlib.md5(word.encode(), usedforsecurity=False).hexdigest(), 16)

        hash_function = number
    if isinstance(hash_function, str):
        raise InvalidArgumentError(
            f"hashing_trick: hash_function={hash_function!r}, expected 'md5' or a function."
        )
    function = hash_function or hash
    return [function(word) % (n - 1) + 1 for word in text_to_word_sequence(text, filters, lower, split)]


def one_hot(
    input_text: str, n: int, filters: str = _FILTERS, lower: bool = True, split: str = " "
) -> list[int]:
    """Same as `hashing_trick`; despite its name in Keras, the result is not one-hot."""
    return hashing_trick(input_text, n, None, filters, lower, split)


class Tokenizer:
    """Assigns indices to the words of texts, the most frequent first, and converts texts to integers.

    Args:
        num_words: only words with smaller indices are used.
        filters, lower, split: as for `text_to_word_sequence`.
        char_level: whether to use characters instead of words.
        oov_token: replaces words that did not occur in the texts; its index is 1.
        analyzer: a function from a text to its words, used instead of the above.

    Attributes:
        word_index, index_word: the index, starting at 1, of each word, and the word of each index.
        word_counts: the number of occurrences of each word.
        word_docs: the number of texts in which each word occurred.
        document_count: the number of texts.

    >>> from tensorlet.keras.preprocessing.text import Tokenizer
    >>> tokenizer = Tokenizer()
    >>> tokenizer.fit_on_texts(["the cat sat", "the dog"])
    >>> tokenizer.word_index
    {'the': 1, 'cat': 2, 'sat': 3, 'dog': 4}
    >>> tokenizer.texts_to_sequences(["the bird sat"])
    [[1, 3]]
    >>> tokenizer.texts_to_matrix(["dog dog"], mode="count")
    array([[0., 0., 0., 0., 2.]])
    """

    def __init__(
        self,
        num_words: int | None = None,
        filters: str = _FILTERS,
        lower: bool = True,
        split: str = " ",
        char_level: bool = False,
        oov_token: str | None = None,
        analyzer: Callable[[str | list[str]], list[str]] | None = None,
        **counted: Any,
    ) -> None:
        self.num_words, self.filters, self.lower, self.split = num_words, filters, lower, split
        self.char_level, self.oov_token, self.analyzer = char_level, oov_token, analyzer
        self.word_counts: Counter[str] = Counter()
        self.word_docs: Counter[str] = Counter()
        self.word_index: dict[str, int] = {}
        self.index_word: dict[int, str] = {}
        self.document_count = int(counted.pop("document_count", 0))
        if counted:
            raise TypeError(f"Tokenizer got unexpected arguments: {', '.join(sorted(counted))}.")

    def _words(self, text: str | list[str]) -> list[str]:
        if self.analyzer is not None:
            return self.analyzer(text)
        if self.char_level or isinstance(text, list):
            words = text if isinstance(text, list) else list(text)
            return [word.lower() for word in words] if self.lower else words
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[str | list[str]]) -> None:
        """Counts the words of texts (or lists of words); may be called several times."""
        for text in [texts] if isinstance(texts, str) else texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        # Python's sort is stable: words with equal counts keep the order of their first occurrence.
        ordered = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        if self.oov_token is not None:
            ordered = [self.oov_token, *(word for word in ordered if word != self.oov_token)]
        self.word_index = {word: index for index, word in enumerate(ordered, start=1)}
        self.index_word = {index: word for word, index in self.word_index.items()}

    @property
    def index_docs(self) -> dict[int, int]:
        """The number of texts in which the word of each index occurred."""
        return {self.word_index[word]: count for word, count in self.word_docs.items()}

    def _number(self, word: str) -> int | None:
        index = self.word_index.get(word)
        if index is not None and (not self.num_words or index < self.num_words):
            return index
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def texts_to_sequences_generator(self, texts: Iterable[str | list[str]]) -> Iterator[list[int]]:
        """Yields the indices of the words of each text."""
        for text in texts:
            numbers = (self._number(word) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def texts_to_sequences(self, texts: Iterable[str | list[str]]) -> list[list[int]]:
        """Returns the indices of the words of each text; unknown words are skipped or replaced by ``oov_token``."""
        return list(self.texts_to_sequences_generator(texts))

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """Converts sequences of indices to texts, with spaces between words."""
        texts = []
        for sequence in sequences:
            known = [self.index_word.get(int(index), self.oov_token) for index in sequence]
            texts.append(" ".join(word for word in known if word is not None))
        return texts

    def texts_to_matrix(self, texts: Iterable[str | list[str]], mode: str = "binary") -> np.ndarray:
        """Converts texts to a matrix with one row per text and one column per word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """Converts sequences to a matrix with one row per sequence and one column per index.

        Args:
            sequences: indices of words.
            mode: ``"binary"``: whether the word occurs; ``"count"``: how often; ``"freq"``: its fraction of
                the words; ``"tfidf"``: ``(1 + log(count)) * log(1 + texts / (1 + texts with the word))``.

        Returns:
            A float64 array of shape ``[sequences, num_words]`` (by default one more than the number of words).

        Raises:
            InvalidArgumentError: for another mode, and before `fit_on_texts`.
        """
        if mode not in _MODES:
            raise InvalidArgumentError(f"Tokenizer: mode={mode!r}, expected one of {', '.join(_MODES)}.")
        if not self.num_words and not self.word_index:
            raise InvalidArgumentError("Tokenizer: the vocabulary is empty. Call fit_on_texts(texts) first.")
        columns = self.num_words or len(self.word_index) + 1
        texts_with = self.index_docs
        matrix = np.zeros((len(sequences), columns))
        for row, sequence in zip(matrix, sequences, strict=True):
            for index, count in Counter(one for one in sequence if one < columns).items():
                if mode == "binary":
                    row[index] = 1.0
                elif mode == "count":
                    row[index] = count
                elif mode == "freq":
                    row[index] = count / len(sequence)
                else:
                    rarity = math.log(1 + self.document_count / (1 + texts_with.get(index, 0)))
                    row[index] = (1 + math.log(count)) * rarity
        return matrix

    def get_config(self) -> dict[str, Any]:
        """Returns the settings and the counts."""
        counted = {
            name: json.dumps(getattr(self, name))
            for name in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
        }
        settings = {
            name: getattr(self, name)
            for name in (
                "num_words",
                "filters",
                "lower",
                "split",
                "char_level",
                "oov_token",
                "document_count",
            )
        }
        return settings | counted

    def to_json(self, **options: Any) -> str:
        """Returns the tokenizer as JSON text, for `tokenizer_from_json`."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **options)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """Creates a tokenizer from the output of `Tokenizer.to_json`.

    >>> from tensorlet.keras.preprocessing.text import Tokenizer, tokenizer_from_json
    >>> tokenizer = Tokenizer()
    >>> tokenizer.fit_on_texts(["a b a"])
    >>> tokenizer_from_json(tokenizer.to_json()).word_index
    {'a': 1, 'b': 2}
    """
    config = json.loads(json_string)["config"]
    counted = {
        name: json.loads(config.pop(name))
        for name in ("word_counts", "word_docs", "index_docs", "index_word", "word_index")
    }
    tokenizer = Tokenizer(**config)
    tokenizer.word_counts = Counter(counted["word_counts"])
    tokenizer.word_docs = Counter(counted["word_docs"])
    tokenizer.word_index = counted["word_index"]
    tokenizer.index_word = {int(index): word for index, word in counted["index_word"].items()}
    return tokenizer
