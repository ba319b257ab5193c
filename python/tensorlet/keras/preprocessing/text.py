"""Texts as numbers: `Tokenizer` counts words and gives each a number."""

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
    """The words of a text, in lower case and without punctuation.

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
    """A number from 1 to ``n - 1`` for each word, by hashing; two words may share one.

    Args:
        text: the words.
        n: how many numbers there are, 0 (which no word gets) among them.
        hash_function: ``"md5"``, the same in every process, or a function from a word to a whole number;
            by default Python's ``hash``, which differs from process to process.
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
    """Keras's name of `hashing_trick`; the result is not one-hot."""
    return hashing_trick(input_text, n, None, filters, lower, split)


class Tokenizer:
    """Numbers the words of some texts, the most frequent first, and converts texts to numbers.

    Args:
        num_words: only the words with smaller numbers are used.
        filters, lower, split: as for `text_to_word_sequence`.
        char_level: characters in place of words.
        oov_token: replaces words that the texts did not have; its number is 1.
        analyzer: a function from a text to its words, in place of the above.

    Attributes:
        word_index, index_word: the numbers, from 1, by word, and the words by number.
        word_counts: how often each word occurred.
        word_docs: in how many texts each word occurred.
        document_count: how many texts there were.

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
            raise TypeError(f"Tokenizer does not take {sorted(counted)}.")

    def _words(self, text: str | list[str]) -> list[str]:
        if self.analyzer is not None:
            return self.analyzer(text)
        if self.char_level or isinstance(text, list):
            words = text if isinstance(text, list) else list(text)
            return [word.lower() for word in words] if self.lower else words
        return text_to_word_sequence(text, self.filters, self.lower, self.split)

    def fit_on_texts(self, texts: Iterable[str | list[str]]) -> None:
        """Counts the words of texts (or of lists of words); may be called again with more."""
        for text in [texts] if isinstance(texts, str) else texts:
            words = self._words(text)
            self.document_count += 1
            self.word_counts.update(words)
            self.word_docs.update(set(words))
        # Python's sort keeps words that are equally frequent in the order in which they came.
        ordered = sorted(self.word_counts, key=lambda word: -self.word_counts[word])
        if self.oov_token is not None:
            ordered = [self.oov_token, *(word for word in ordered if word != self.oov_token)]
        self.word_index = {word: index for index, word in enumerate(ordered, start=1)}
        self.index_word = {index: word for word, index in self.word_index.items()}

    @property
    def index_docs(self) -> dict[int, int]:
        """In how many texts the word of a number occurred."""
        return {self.word_index[word]: count for word, count in self.word_docs.items()}

    def _number(self, word: str) -> int | None:
        index = self.word_index.get(word)
        if index is not None and (not self.num_words or index < self.num_words):
            return index
        return None if self.oov_token is None else self.word_index.get(self.oov_token)

    def texts_to_sequences_generator(self, texts: Iterable[str | list[str]]) -> Iterator[list[int]]:
        """The numbers of each text's words, one text after the other."""
        for text in texts:
            numbers = (self._number(word) for word in self._words(text))
            yield [number for number in numbers if number is not None]

    def texts_to_sequences(self, texts: Iterable[str | list[str]]) -> list[list[int]]:
        """The numbers of each text's words; unknown words are left out, or are those of ``oov_token``."""
        return list(self.texts_to_sequences_generator(texts))

    def sequences_to_texts(self, sequences: Iterable[Iterable[int]]) -> list[str]:
        """The words of numbers, with blanks between them."""
        texts = []
        for sequence in sequences:
            known = [self.index_word.get(int(index), self.oov_token) for index in sequence]
            texts.append(" ".join(word for word in known if word is not None))
        return texts

    def texts_to_matrix(self, texts: Iterable[str | list[str]], mode: str = "binary") -> np.ndarray:
        """A row for each text and a column for each word; see `sequences_to_matrix`."""
        return self.sequences_to_matrix(self.texts_to_sequences(texts), mode)

    def sequences_to_matrix(self, sequences: Sequence[Sequence[int]], mode: str = "binary") -> np.ndarray:
        """A row for each sequence and a column for each number.

        Args:
            sequences: numbers of words.
            mode: ``"binary"``: whether the word occurs; ``"count"``: how often; ``"freq"``: its share of
                the words; ``"tfidf"``: ``(1 + log(count)) * log(1 + texts / (1 + texts with the word))``.

        Returns:
            float64 of shape ``[sequences, num_words]`` (or one more than there are words).

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
        """The settings and what was counted."""
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
        """The tokenizer as text, for `tokenizer_from_json`."""
        return json.dumps({"class_name": "Tokenizer", "config": self.get_config()}, **options)


def tokenizer_from_json(json_string: str) -> Tokenizer:
    """The tokenizer that `Tokenizer.to_json` described.

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
