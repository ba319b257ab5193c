"""Layers that turn categories into numbers."""

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
    """Whole numbers as rows of ``depth`` floats.

    Args:
        inputs: whole numbers, of shape (examples,) or (examples, n).
        depth: the length of the rows.
        mode: ``one_hot``: a 1 at each number's place; ``multi_hot``: a 1 at the place of each of an example's
            n numbers; ``count``: how often each occurs.
        weights: for ``count``: how much each number counts.
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
    """Whole numbers as rows of zeros and ones (or counts).

    Args:
        num_tokens: how many categories there are; the inputs are 0 to ``num_tokens - 1``.
        output_mode: ``"one_hot"``, ``"multi_hot"`` or ``"count"``.
        options: of every layer.

    Raises:
        OutOfRangeError: when called at once on a number outside the range. (Inside a traced function such a number
            gives a row of zeros.)

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
            raise InvalidArgumentError("CategoryEncoding: sparse=True is not supported. Leave it out.")
        self.num_tokens = positive_integer("CategoryEncoding", "num_tokens", num_tokens)
        self.output_mode = output_mode
        self.sparse = False

    def call(self, inputs: Tensor, count_weights: Tensor | None = None) -> Tensor:
        """The rows."""
        if isinstance(inputs, EagerTensor):
            array = inputs.numpy()
            if array.size and (array.min() < 0 or array.max() >= self.num_tokens):
                raise OutOfRangeError(
                    f"CategoryEncoding: the inputs run from {array.min()} to {array.max()}, but with num_tokens="
                    f"{self.num_tokens} they must lie between 0 and {self.num_tokens - 1}. Raise num_tokens."
                )
        return encoded(inputs, self.num_tokens, self.output_mode, count_weights)

    def check_data(self, data: np.ndarray, name: str) -> None:
        """Checks the numbers before training; see `keras.training`."""
        check_range("CategoryEncoding", self.name, data, name, "num_tokens", self.num_tokens)


@register("layer")
class StringLookup(Layer):
    """The number of each word in a vocabulary.

    Tensors of strings are not supported: the layer takes lists and arrays of strings, outside of models, to
    prepare data.
    Unknown words get the number of ``oov_token``, the first (after the mask's).

    Args:
        max_tokens: the most words that ``adapt`` keeps, special ones included.
        num_oov_indices: 1, or 0: unknown words are an error then.
        mask_token: a word that means "nothing"; its number is 0.
        oov_token: the word for unknown ones.
        vocabulary: the words, in order; by default ``adapt`` finds them.
        invert: from numbers to words.
        output_mode: ``"int"``, or ``"one_hot"``, ``"multi_hot"``, ``"count"`` as for `CategoryEncoding`.
        options: of every layer.

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
                "unknown words share a number."
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
        """Sets the words, with or without the special ones before them.

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
                f"StringLookup: the word {repeated[0]!r} occurs twice in the vocabulary."
            )
        self.vocabulary = words
        self._numbers = {word: number for number, word in enumerate(self.get_vocabulary())}

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[str]:
        """The words in the order of their numbers."""
        special = self._special() if include_special_tokens else []
        return special + (self.vocabulary or [])

    def vocabulary_size(self) -> int:
        """The number of words, special ones included."""
        return len(self.get_vocabulary())

    vocab_size = vocabulary_size

    def adapt(self, data: object, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns the words of some data: the most frequent first, equals in reverse alphabetical order."""
        words = whole_data("StringLookup", data, batch_size, steps)
        counts = Counter(str(word) for word in words.reshape(-1).tolist())
        for special in self._special():
            counts.pop(special, None)
        ordered = sorted(sorted(counts, reverse=True), key=lambda word: -counts[word])
        room = None if self.max_tokens is None else max(0, self.max_tokens - len(self._special()))
        self.set_vocabulary(ordered[:room])

    def __call__(self, inputs: Any, **ignored: Any) -> Any:
        """The numbers of the words (with ``invert`` the words of the numbers, as a NumPy array)."""
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
                "unknown words a number."
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


#: Options about text and sparse tensors that change nothing here.
_ABOUT_TEXT = frozenset({"sparse", "pad_to_max_tokens", "idf_weights", "vocabulary_size", "encoding"})
