"""`TextVectorization`: texts as the numbers of their words, or as rows of counts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np

from tensorlet.core.ragged_tensor import RaggedTensor, from_row_lengths
from tensorlet.core.tensor import EagerTensor, Operators
from tensorlet.dtypes import int64
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.layers.layer_config import plain
from tensorlet.keras.layers.lookup import MODES, StringLookup
from tensorlet.keras.layers.shape_inference import OpenSpec
from tensorlet.keras.layers.value_layer import ValueLayer, encoded_spec, text_columns
from tensorlet.ops.registry import convert
from tensorlet.registry import register

Words: TypeAlias = list[bytes]

#: What ``strip_punctuation`` removes.
PUNCTUATION = rb"""!"#$%&()*+,-./:;<=>?@[\]^_`{|}~'"""
STANDARDIZE = ("lower_and_strip_punctuation", "lower", "strip_punctuation")
SPLIT = ("whitespace", "character")
#: The word for padding.
_MASK = ""


@register("layer", "TextVectorization")
class TextVectorization(ValueLayer):
    """Texts as the numbers of their words, or as rows of counts.

    Each text is standardized, split into words, and its words are looked up in a vocabulary, which ``adapt`` learns
    from texts. In a model on text inputs, ``tf.keras.Input(shape=(1,), dtype="string")``, the layer runs in front of
    the compiled part, so that `fit` takes texts.

    Args:
        max_tokens: the most words that ``adapt`` keeps, special ones included.
        standardize: ``"lower_and_strip_punctuation"``, ``"lower"``, ``"strip_punctuation"``, None, or a function of a
            string tensor.
        split: ``"whitespace"``, ``"character"``, None for texts that are words, or a function of a string tensor of
            shape [texts] that returns a ragged one.
        ngrams: also look up runs of words: a number ``n`` means runs of 1 to ``n`` words, a tuple the lengths.
        output_mode: ``"int"`` for the numbers of the words, 0 for padding and 1 for unknown words; ``"multi_hot"``,
            ``"count"`` or ``"tf_idf"`` for a row with a column for each word, 0 for unknown ones.
        output_sequence_length: to which length the numbers are cut or padded; None pads to the longest text.
        pad_to_max_tokens: whether rows have ``max_tokens`` columns, also if there are fewer words.
        vocabulary: the words, in order, or the path of a file with a word in each line.
        idf_weights: of the words, for ``"tf_idf"``.
        sparse: not supported.
        ragged: whether the numbers are a ragged tensor instead of padded.
        encoding: ``"utf-8"``.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for an unknown option; and by a call, while there is no vocabulary.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.TextVectorization(output_sequence_length=4)
    >>> layer.adapt(["The cat sat.", "The dog!"])
    >>> layer.get_vocabulary()
    ['', '[UNK]', 'the', 'sat', 'dog', 'cat']
    >>> layer(["the bird sat"]).numpy()
    array([[2, 1, 3, 0]])
    """

    def __init__(
        self, max_tokens: int | None = None, standardize: Any = STANDARDIZE[0], split: Any = "whitespace",
        ngrams: int | tuple[int, ...] | None = None, output_mode: str = "int",
        output_sequence_length: int | None = None, pad_to_max_tokens: bool = False, vocabulary: Any = None,
        idf_weights: Any = None, sparse: bool = False, ragged: bool = False, encoding: str = "utf-8", **options: Any,
    ) -> None:  # fmt: skip
        options.pop("vocabulary_size", None)
        if options.get("dtype") in (None, "string"):
            options.pop("dtype", None)
        super().__init__(**options)
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        _one_of("standardize", standardize, STANDARDIZE)
        _one_of("split", split, SPLIT)
        if output_mode not in MODES or output_mode == "one_hot":
            raise InvalidArgumentError(
                f"TextVectorization: output_mode={output_mode!r}, but one of int, multi_hot, count, tf_idf is expected."
            )
        if output_mode != "int" and (output_sequence_length is not None or ragged):
            raise InvalidArgumentError(
                f"TextVectorization: output_mode={output_mode!r} gives one row of counts per text, which has no "
                "length: omit output_sequence_length and ragged, or use output_mode='int'."
            )
        if output_sequence_length is not None and output_sequence_length < 1:
            raise InvalidArgumentError(
                f"TextVectorization: output_sequence_length={output_sequence_length!r}, but 1 or more is expected."
            )
        sizes = ngrams if isinstance(ngrams, list | tuple) else () if ngrams is None else (ngrams,)
        if any(isinstance(one, bool) or not isinstance(one, int) or one < 1 for one in sizes):
            raise InvalidArgumentError(
                f"TextVectorization: ngrams={ngrams!r}, but None, a positive integer or a tuple of them is expected."
            )
        self.standardize, self.split, self.ngrams = standardize, split, ngrams
        self.output_sequence_length, self.ragged, self.encoding = output_sequence_length, ragged, encoding
        self._lookup = StringLookup(
            max_tokens, mask_token=_MASK if output_mode == "int" else None, vocabulary=vocabulary,
            output_mode=output_mode, idf_weights=idf_weights,
            pad_to_max_tokens=pad_to_max_tokens and output_mode != "int", sparse=sparse,
        )  # fmt: skip
        self._pads = pad_to_max_tokens

    def _sublayers(self, parts: list[Any] | None = None) -> list[Any]:
        return []  # the table of words is part of this layer

    @property
    def output_mode(self) -> str:
        """What the layer returns."""
        return self._lookup.output_mode

    @property
    def max_tokens(self) -> int | None:
        """The most words that are kept."""
        return self._lookup.max_tokens

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor, and the vocabulary."""
        functions = {name: _function(name, getattr(self, name)) for name in ("standardize", "split")}
        return super().get_config() | functions | {
            "dtype": "string", "max_tokens": self.max_tokens, "ngrams": self.ngrams, "output_mode": self.output_mode,
            "output_sequence_length": self.output_sequence_length, "pad_to_max_tokens": self._pads,
            "sparse": False, "ragged": self.ragged, "encoding": self.encoding,
            "vocabulary": self._lookup.vocabulary, "idf_weights": self._lookup.idf_weights,
        }  # fmt: skip

    def named_arrays(self) -> dict[str, np.ndarray]:
        """Returns the weights of ``"tf_idf"``."""
        return self._lookup.named_arrays()

    # The vocabulary.

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words in the order of their numbers."""
        return self._lookup.get_vocabulary(include_special_tokens)

    def vocabulary_size(self) -> int:
        """The number of words, special ones included."""
        return self._lookup.vocabulary_size()

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the words, with or without the special ones before them."""
        if isinstance(vocabulary, str):
            with open(vocabulary, encoding=self.encoding) as file:
                vocabulary = file.read().splitlines()
        self._lookup.set_vocabulary(vocabulary, idf_weights)

    def adapt(self, data: object, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns the vocabulary from texts: the most frequent words first, ties in descending order.

        Args:
            data: an array or a list of texts, or a dataset of them (without labels).
            batch_size: ignored.
            steps: the number of batches of the dataset to use.
        """
        self._lookup.adapt_to_rows(
            [word.decode(self.encoding, "replace") for word in row] for row in self._rows_of_data(data, steps)
        )
        if not self._lookup.vocabulary:
            raise InvalidArgumentError("TextVectorization.adapt: the data has no words.")
        self.built = True

    def reset_state(self) -> None:
        """Forgets the vocabulary."""
        self._lookup.vocabulary = None

    def _rows_of_data(self, data: object, steps: int | None) -> Iterator[Words]:
        if hasattr(data, "__array__") or isinstance(data, list | tuple | RaggedTensor):
            batches: Iterable[object] = [data]
        elif isinstance(data, Iterable):
            batches = data
        else:
            raise InvalidArgumentError(
                f"TextVectorization.adapt got {type(data).__name__}. Pass a list of texts, an array or a dataset."
            )
        for _, batch in zip(range(steps or 1 << 62), batches, strict=False):
            if isinstance(batch, tuple) and batches is data:
                raise InvalidArgumentError(
                    "TextVectorization.adapt: the dataset yields tuples. Pass only the texts: "
                    "adapt(dataset.map(lambda text, label: text))."
                )
            yield from self._words(batch)[0]

    # From texts to words.

    def _words(self, inputs: Any) -> tuple[list[Words], tuple[int, ...] | None]:
        """The words of each text; and for texts that are not split, the shape of the result."""
        if isinstance(inputs, RaggedTensor):
            flat = self._standardized(text_columns("TextVectorization", inputs.flat_values)).tolist()
            splits = np.asarray(inputs.row_splits).tolist()
            return [flat[start:end] for start, end in itertools.pairwise(splits)], None
        array = self._standardized(text_columns("TextVectorization", inputs))
        if self.split is None:
            rows = (
                array.reshape(len(array) if array.ndim > 1 else 1, -1) if array.ndim else array.reshape(1, 1)
            )
            if array.ndim == 1:
                rows = array.reshape(-1, 1)
            return self._with_ngrams(rows.tolist()), array.shape
        if array.ndim > 1:
            if array.shape[-1] != 1:
                raise ShapeError(
                    f"TextVectorization got texts of shape {list(array.shape)}, but (texts,) or (texts, 1) is "
                    "expected. Use split=None for words, or join them: "
                    "tf.strings.reduce_join(words, axis=-1, separator=' ')."
                )
            array = array.reshape(-1)
        return self._with_ngrams(self._split(array)), None

    def _standardized(self, array: np.ndarray) -> np.ndarray:
        if self.standardize is None:
            return array
        if callable(self.standardize):
            return text_columns("TextVectorization", self.standardize(EagerTensor(array)))
        removed = PUNCTUATION if self.standardize != "lower" else b""
        lower = self.standardize != "strip_punctuation"
        changed = np.empty(array.size, object)
        texts = array.reshape(-1).tolist()
        changed[:] = [(one.lower() if lower else one).translate(None, removed) for one in texts]
        return changed.reshape(array.shape)

    def _split(self, array: np.ndarray) -> list[Words]:
        texts = array.reshape(-1).tolist()
        if self.split == "whitespace":
            return [one.split() for one in texts]
        if self.split == "character":
            return [[letter.encode() for letter in one.decode(self.encoding, "replace")] for one in texts]
        found = self.split(EagerTensor(array.reshape(-1)))
        if isinstance(found, RaggedTensor):
            flat = text_columns("TextVectorization", found.flat_values).tolist()
            splits = np.asarray(found.row_splits).tolist()
            return [flat[start:end] for start, end in itertools.pairwise(splits)]
        return [
            list(row) for row in text_columns("TextVectorization", found).reshape(len(texts), -1).tolist()
        ]

    def _with_ngrams(self, rows: list[Words]) -> list[Words]:
        if self.ngrams is None:
            return rows
        lengths = range(1, self.ngrams + 1) if isinstance(self.ngrams, int) else self.ngrams
        return [
            [b" ".join(row[start : start + one]) for one in lengths for start in range(len(row) - one + 1)]
            for row in rows
        ]

    # From words to numbers.

    def output_spec(self, specs: Sequence[OpenSpec]) -> OpenSpec:
        """Shape and dtype of the result."""
        shape = specs[0].shape
        if self.output_mode != "int":
            self._lookup.require_vocabulary()
            return encoded_spec((*shape[:1], None), self._lookup.columns(), "count")
        if self.ragged:
            raise InvalidArgumentError(
                "TextVectorization: ragged=True is for datasets. In a model, pass output_sequence_length instead."
            )
        if self.split is None and self.ngrams is None:
            return OpenSpec(shape, int64)
        return OpenSpec((*shape[:1], self.output_sequence_length), int64)

    def on_values(self, inputs: Any) -> Any:
        """The numbers of the words of texts, or rows of counts."""
        self._lookup.require_vocabulary()
        rows, shape = self._words(inputs)
        if self.output_mode != "int":
            if shape is not None and len(shape) == 1:  # as in Keras, words that are not split are one text
                rows = [[word for row in rows for word in row]]
            counted = convert(self._counted(rows))
            return counted if (_rank(inputs) if shape is None else len(shape) > 1) else counted[0]
        known, number = self._numbers_by_bytes(), self._lookup.number_of
        numbers = [
            [known[word] if word in known else number(word.decode(self.encoding, "replace")) for word in row]
            for row in rows
        ]
        if shape is not None and self.ngrams is None:
            return convert(np.array(numbers, np.int64).reshape(shape))
        length = self.output_sequence_length
        if self.ragged:
            cut = [row[:length] for row in numbers]
            flat = np.array([one for row in cut for one in row], np.int64)
            return from_row_lengths(convert(flat), [len(row) for row in cut])
        padded = np.zeros((len(numbers), length or max((len(row) for row in numbers), default=0)), np.int64)
        for place, row in zip(padded, numbers, strict=True):
            kept = row[: len(place)]
            place[: len(kept)] = kept
        return convert(padded if _rank(inputs) else padded[0])

    def _numbers_by_bytes(self) -> dict[bytes, int]:
        """The number of each word, by its bytes."""
        return {word.encode(self.encoding): number for word, number in self._lookup._numbers.items()}

    def _counted(self, rows: list[Words]) -> np.ndarray:
        columns = self._lookup.columns() or 0
        known, number = self._numbers_by_bytes(), self._lookup.number_of
        found = np.zeros((len(rows), columns), np.float32)
        for place, row in zip(found, rows, strict=True):
            numbers = [
                known[word] if word in known else number(word.decode(self.encoding, "replace"))
                for word in row
            ]
            place += np.bincount(np.array(numbers, np.int64), minlength=columns)
        if self.output_mode == "multi_hot":
            return (found > 0).astype(np.float32)
        return found * self._lookup.weights_of_numbers() if self.output_mode == "tf_idf" else found


def _rank(inputs: Any) -> int:
    """The number of axes of texts; 0 for one text."""
    if isinstance(inputs, str | bytes):
        return 0
    if isinstance(inputs, Operators):
        return len(inputs.shape)
    return int(np.ndim(inputs)) if isinstance(inputs, np.ndarray | np.generic) else 1


def _one_of(argument: str, value: Any, names: tuple[str, ...]) -> None:
    if value is not None and not callable(value) and value not in names:
        raise InvalidArgumentError(
            f"TextVectorization: {argument}={value!r}, but {', '.join(map(repr, names))}, None or a function is "
            "expected."
        )


def _function(name: str, value: Any) -> Any:
    """A function by its registered name, which files need; other values as they are."""
    return plain(name, value) if callable(value) else value
