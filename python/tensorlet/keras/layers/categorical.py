"""Layers that encode categories as numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.tensor import EagerTensor, SymbolicTensor
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, TracingError
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.core import check_range, positive_integer
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.layers.preprocessing import whole_data
from tensorlet.ops.registry import Tensor, convert
from tensorlet.registry import register

_ENCODINGS = ("one_hot", "multi_hot", "count")


def encoded(inputs: Tensor, depth: int, mode: str, weights: Tensor | None = None) -> Tensor:
    """Encodes integers as rows of ``depth`` floats.

    Args:
        inputs: integers of shape (examples,) or (examples, n).
        depth: the length of the rows.
        mode: ``one_hot``: a 1 at the position of each integer; ``multi_hot``: a 1 at the position of each of the
            n integers of an example; ``count``: how often each occurs.
        weights: for ``count``: the weight of each integer.
    """
    inputs = ops.cast(inputs, "int32")
    if mode == "one_hot":
        if len(inputs.shape) > 1 and inputs.shape[-1] == 1:
            inputs = ops.reshape(inputs, inputs.shape[:-1])
        return ops.one_hot(inputs, depth)
    if len(inputs.shape) == 0:
        inputs = ops.reshape(inputs, [1])
    rows = ops.one_hot(inputs, depth)
    if mode == "multi_hot":
        return ops.reduce_max(rows, -2)
    if weights is not None:
        rows = rows * ops.expand_dims(ops.cast(weights, "float32"), -1)
    return ops.reduce_sum(rows, -2)


@register("layer")
class CategoryEncoding(Layer):
    """Encodes integers as rows of zeros and ones, or of counts.

    Args:
        num_tokens: the number of categories; the inputs are 0 to ``num_tokens - 1``.
        output_mode: ``"one_hot"``, ``"multi_hot"`` or ``"count"``.
        options: the arguments of `Layer`.

    Raises:
        OutOfRangeError: if an input is outside the range and the layer is called eagerly. (Inside a traced
            function, such an input is encoded as a row of zeros.)

    >>> import tensorlet as tf
    >>> tf.keras.layers.CategoryEncoding(3)([[0, 2], [1, 1]]).numpy()
    array([[1., 0., 1.],
           [0., 1., 0.]], dtype=float32)
    """

    config_names = ("num_tokens", "output_mode", "sparse")
    converts_inputs = False
    looks_at_values = True

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if output_mode not in _ENCODINGS:
            raise InvalidArgumentError(
                f"CategoryEncoding: output_mode={output_mode!r}, but one of {', '.join(_ENCODINGS)} is expected."
            )
        if sparse:
            raise InvalidArgumentError("CategoryEncoding: sparse=True is not supported. Omit it.")
        self.num_tokens = positive_integer("CategoryEncoding", "num_tokens", num_tokens)
        self.output_mode = output_mode
        self.sparse = False

    def call(self, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
        """Returns the encoded rows."""
        if isinstance(inputs, EagerTensor):
            array = inputs.numpy()
            if array.size and (array.min() < 0 or array.max() >= self.num_tokens):
                raise OutOfRangeError(
                    f"CategoryEncoding: the inputs range from {array.min()} to {array.max()}, but with num_tokens="
                    f"{self.num_tokens} they must be between 0 and {self.num_tokens - 1}. Increase num_tokens."
                )
        return encoded(inputs, self.num_tokens, self.output_mode, count_weights)

    def check_data(self, data: np.ndarray, name: str) -> None:
        """Checks the inputs before training; see `keras.training`."""
        check_range("CategoryEncoding", self.name, data, name, "num_tokens", self.num_tokens)


@register("layer")
class StringLookup(Layer):
    """Maps each word of a vocabulary to an index.

    Tensors of strings are not supported: the layer is called on lists and arrays of strings, outside of
    models, to prepare data.
    Unknown words have the index of ``oov_token``, which is the first (after that of the mask).

    Args:
        max_tokens: the largest number of words that ``adapt`` keeps, including special ones.
        num_oov_indices: 1, or 0 to raise an error for unknown words.
        mask_token: a word that represents missing data; its index is 0.
        oov_token: the word that represents unknown words.
        vocabulary: the words, in order of their indices; by default ``adapt`` determines them.
        invert: whether to map indices to words.
        output_mode: ``"int"``, or ``"one_hot"``, ``"multi_hot"``, ``"count"`` as for `CategoryEncoding`.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: for invalid arguments, a repeated word, or a call without a vocabulary.
        OutOfRangeError: when called, for an unknown word with ``num_oov_indices=0``.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.StringLookup(vocabulary=["setosa", "virginica"])
    >>> layer(["virginica", "rose", "setosa"]).numpy()
    array([2, 0, 1])
    >>> layer.get_vocabulary()
    ['[UNK]', 'setosa', 'virginica']
    """

    config_names = (
        "max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary", "invert", "output_mode",
    )  # fmt: skip

    def __init__(
        self,
        max_tokens: int | None = None,
        num_oov_indices: int = 1,
        mask_token: str | None = None,
        oov_token: str = "[UNK]",
        vocabulary: Sequence[str] | None = None,
        invert: bool = False,
        output_mode: str = "int",
        **options: Any,
    ) -> None:
        super().__init__(**{key: value for key, value in options.items() if key not in _ABOUT_TEXT})
        if num_oov_indices not in (0, 1):
            raise InvalidArgumentError(
                f"StringLookup: num_oov_indices={num_oov_indices}, but 0 or 1 is expected: "
                "all unknown words share one index."
            )
        if output_mode not in ("int", *_ENCODINGS):
            raise InvalidArgumentError(
                f"StringLookup: output_mode={output_mode!r}, but one of int, {', '.join(_ENCODINGS)} is expected."
            )
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.invert = invert
        self.output_mode = output_mode
        self.vocabulary: list[str] | None = None
        if vocabulary is not None:
            self.set_vocabulary(vocabulary)

    def _special(self) -> list[str]:
        mask = [] if self.mask_token is None else [self.mask_token]
        return mask + [self.oov_token] * self.num_oov_indices

    def set_vocabulary(self, vocabulary: Sequence[str]) -> None:
        """Sets the vocabulary, with or without the special words at its start.

        Raises:
            InvalidArgumentError: if a word occurs twice.
        """
        words = [str(word) for word in vocabulary]
        special = self._special()
        if special and words[: len(special)] == special:
            words = words[len(special) :]
        repeated = [word for word, times in Counter([*special, *words]).items() if times > 1]
        if repeated:
            raise InvalidArgumentError(
                f"StringLookup: the word {repeated[0]!r} occurs twice in the vocabulary. Remove one."
            )
        self.vocabulary = words
        self._numbers = {word: number for number, word in enumerate(self.get_vocabulary())}

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """Returns the words in the order of their indices."""
        special = self._special() if include_special_tokens else []
        return special + (self.vocabulary or [])

    def vocabulary_size(self) -> int:
        """Returns the number of words, including special ones."""
        return len(self.get_vocabulary())

    vocab_size = vocabulary_size

    def adapt(self, data: object, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns the vocabulary from data: most frequent words first, ties in reverse alphabetical order."""
        words = whole_data("StringLookup", data, batch_size, steps)
        counts = Counter(str(word) for word in words.reshape(-1).tolist())
        for special in self._special():
            counts.pop(special, None)
        ordered = sorted(sorted(counts, reverse=True), key=lambda word: -counts[word])
        room = None if self.max_tokens is None else max(0, self.max_tokens - len(self._special()))
        self.set_vocabulary(ordered[:room])

    def __call__(self, inputs: Any, **ignored: Any) -> Any:
        """Returns the indices of the words (with ``invert``, the words of the indices as a NumPy array)."""
        if isinstance(inputs, KerasTensor | SymbolicTensor):
            raise TracingError(
                "StringLookup: tensors of strings are not supported, so the layer cannot be part of a model. "
                "Call it on the data before training: x = layer(words)."
            )
        if self.vocabulary is None:
            raise InvalidArgumentError(
                "StringLookup has no vocabulary yet. Pass vocabulary=[...], or call adapt(data) first."
            )
        if self.invert:
            return self._words_of(np.asarray(inputs))
        words = np.asarray(inputs)
        unknown = None if self.num_oov_indices == 0 else len(self._special()) - 1
        numbers = [self._numbers.get(str(word), unknown) for word in words.reshape(-1).tolist()]
        if None in numbers:
            word = words.reshape(-1)[numbers.index(None)]
            raise OutOfRangeError(
                f"StringLookup: the word {str(word)!r} is not in the vocabulary. Use num_oov_indices=1 to give "
                "unknown words an index."
            )
        result = convert(np.array(numbers, np.int64).reshape(words.shape))
        if self.output_mode == "int":
            return result
        return encoded(result, self.vocabulary_size(), self.output_mode)

    def _words_of(self, numbers: np.ndarray) -> np.ndarray:
        words = self.get_vocabulary()
        inside = [
            words[number] if 0 <= number < len(words) else self.oov_token for number in numbers.reshape(-1)
        ]
        return np.array(inside).reshape(numbers.shape)


#: Options for text and sparse tensors that have no effect here.
_ABOUT_TEXT = frozenset({"sparse", "pad_to_max_tokens", "idf_weights", "vocabulary_size", "encoding"})
