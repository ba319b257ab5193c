"""Layers that give each value of a vocabulary its number: `StringLookup` and `IntegerLookup`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.tensor import EagerTensor, SymbolicTensor
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, TracingError
from tensorlet.formats.farmhash import fingerprint64
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.categorical import ENCODINGS, encoded
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.layers.preprocessing import whole_data
from tensorlet.ops.registry import Tensor, convert
from tensorlet.registry import register

#: Options that change nothing here.
_IGNORED = frozenset({"sparse", "pad_to_max_tokens", "vocabulary_size", "encoding", "vocabulary_dtype"})


class IndexLookup(Layer):
    """What both layers share. A vocabulary is: the mask's token, the tokens of unknown values, the values.

    Args:
        max_tokens: the most tokens that ``adapt`` keeps, special ones included.
        num_oov_indices: how many numbers unknown values share; with 0 they are an error.
        mask_token: a value that means "nothing"; its number is 0. None for none.
        oov_token: the token for unknown values.
        vocabulary: the values, in order, or the path of a file with a value in each line; by default ``adapt``
            finds them.
        invert: from numbers to values.
        output_mode: ``"int"``, or ``"one_hot"``, ``"multi_hot"``, ``"count"`` as for `CategoryEncoding`, or
            ``"tf_idf"``: counts times ``idf_weights``.
        idf_weights: of the values, for ``"tf_idf"``.
        options: the arguments of `Layer`.
    """

    config_names = (
        "max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary", "invert", "output_mode",
    )  # fmt: skip
    converts_inputs = False

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None, oov_token: Any = None,
        vocabulary: Any = None, invert: bool = False, output_mode: str = "int", idf_weights: Any = None, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**{key: value for key, value in options.items() if key not in _IGNORED})
        kind = type(self).__name__
        if num_oov_indices < 0:
            raise InvalidArgumentError(
                f"{kind}: num_oov_indices={num_oov_indices}, but 0 or more is expected."
            )
        modes = ("int", *ENCODINGS, "tf_idf")
        if output_mode not in modes:
            raise InvalidArgumentError(
                f"{kind}: output_mode={output_mode!r}, but one of {', '.join(modes)} is expected."
            )
        if max_tokens is not None and max_tokens <= num_oov_indices + (mask_token is not None):
            raise InvalidArgumentError(
                f"{kind}: max_tokens={max_tokens} leaves no room beside the special tokens."
            )
        self.max_tokens = max_tokens
        self.num_oov_indices = num_oov_indices
        self.mask_token = mask_token
        self.oov_token = oov_token
        self.invert = invert
        self.output_mode = output_mode
        self.vocabulary: list[Any] | None = None
        if vocabulary is not None:
            if isinstance(vocabulary, str):
                with open(vocabulary, encoding="utf-8") as file:
                    vocabulary = file.read().splitlines()
            self.set_vocabulary(vocabulary, idf_weights)

    def _value(self, item: Any) -> Any:
        """A value as it is written in the vocabulary."""
        raise NotImplementedError

    def _special(self) -> list[Any]:
        mask = [] if self.mask_token is None else [self.mask_token]
        return mask + [self.oov_token] * self.num_oov_indices

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the values, with or without the special ones before them.

        Raises:
            InvalidArgumentError: if a value occurs twice, or there is not one weight for each.
        """
        items = vocabulary.numpy().tolist() if isinstance(vocabulary, EagerTensor) else list(vocabulary)
        values = [self._value(item) for item in items]
        special = self._special()
        if special and values[: len(special)] == special:
            values = values[len(special) :]
        repeated = [value for value, times in Counter(values).items() if times > 1 or value in special]
        if repeated:
            raise InvalidArgumentError(
                f"{type(self).__name__}: {repeated[0]!r} occurs twice in the vocabulary, or is a special token."
            )
        self.vocabulary = values
        self._numbers = {value: number + len(special) for number, value in enumerate(values)}
        if self.mask_token is not None:
            self._numbers[self.mask_token] = 0
        if self.output_mode == "tf_idf":
            self._set_weights_of_values(idf_weights, len(special))

    def _set_weights_of_values(self, idf_weights: Any, special: int) -> None:
        weights = np.asarray([] if idf_weights is None else convert(idf_weights), np.float32).reshape(-1)
        if len(weights) != len(self.vocabulary or []):
            raise InvalidArgumentError(
                f"{type(self).__name__}: there are {len(weights)} idf_weights for {len(self.vocabulary or [])} values."
            )
        self._idf = np.concatenate(
            [np.full(special, weights.mean() if len(weights) else 1.0, np.float32), weights]
        )

    def get_vocabulary(self, include_special_tokens: bool = True) -> list[Any]:
        """The values in the order of their numbers."""
        special = self._special() if include_special_tokens else []
        return special + (self.vocabulary or [])

    def vocabulary_size(self) -> int:
        """The number of values, special ones included."""
        return len(self.get_vocabulary())

    vocab_size = vocabulary_size

    def adapt(self, data: object, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns the vocabulary from data: the most frequent values first, ties in descending order."""
        found = whole_data(type(self).__name__, data, batch_size, steps)
        rows = found.reshape(len(found), -1).tolist() if found.ndim else [[found.item()]]
        counts = Counter(self._value(item) for row in rows for item in row)
        documents = Counter(value for row in rows for value in {self._value(item) for item in row})
        for special in self._special():
            counts.pop(special, None)
        ordered = sorted(sorted(counts, reverse=True), key=lambda value: -counts[value])
        room = None if self.max_tokens is None else max(0, self.max_tokens - len(self._special()))
        kept = ordered[:room]
        weights = [float(np.log(1.0 + len(rows) / (1.0 + documents[value]))) for value in kept]
        self.set_vocabulary(kept, weights if self.output_mode == "tf_idf" else None)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The numbers of the values, or with ``invert`` the values of the numbers."""
        if self.vocabulary is None:
            raise InvalidArgumentError(
                f"{type(self).__name__} has no vocabulary yet. Pass vocabulary=[...], or call adapt(data) first."
            )
        if isinstance(inputs, RaggedTensor) and self.output_mode == "int":
            return inputs.with_flat_values(self(inputs.flat_values))
        return self._looked_up(inputs, *args, **kwargs)

    def _looked_up(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(inputs, KerasTensor | SymbolicTensor):
            raise TracingError(
                f"{type(self).__name__}: tensors of strings are not supported in models and compiled functions. Call "
                "the layer on the data before training, x = layer(words), or in dataset.map."
            )
        array = np.asarray(inputs)
        if self.invert:
            return self._values_of(array)
        numbers = [self._number(self._value(item)) for item in array.reshape(-1).tolist()]
        return self._output(convert(np.array(numbers, np.int64).reshape(array.shape)))

    def _output(self, numbers: Tensor) -> Tensor:
        if self.output_mode == "int":
            return numbers
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        rows = encoded(numbers, self.vocabulary_size(), mode)
        return rows * self._idf if self.output_mode == "tf_idf" else rows

    def _number(self, value: Any) -> int:
        found = self._numbers.get(value)
        if found is not None:
            return found
        if self.num_oov_indices == 0:
            raise OutOfRangeError(
                f"{type(self).__name__}: {value!r} is not in the vocabulary. Use num_oov_indices=1 to assign a number "
                "to unknown values."
            )
        first = 0 if self.mask_token is None else 1
        key = value if isinstance(value, int) else fingerprint64(value.encode())
        return first + key % self.num_oov_indices

    def _values_of(self, numbers: np.ndarray) -> Tensor:
        values = self.get_vocabulary()
        inside = [
            values[one] if 0 <= one < len(values) else self.oov_token for one in numbers.reshape(-1).tolist()
        ]
        return ops.reshape(convert(np.array(inside, None if inside else np.int64)), numbers.shape)


@register("layer")
class StringLookup(IndexLookup):
    """Maps each word of a vocabulary to its index.

    Text is not part of models and compiled functions: call the layer on the data, or in ``dataset.map``.

    Args:
        max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, invert, output_mode: see `IndexLookup`.
        options: further ones of `IndexLookup`, and the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.StringLookup(vocabulary=["setosa", "virginica"])
    >>> layer(["virginica", "rose", "setosa"]).numpy()
    array([2, 0, 1])
    >>> layer.get_vocabulary()
    ['[UNK]', 'setosa', 'virginica']
    """

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: str | None = None,
        oov_token: str = "[UNK]", vocabulary: Sequence[str] | str | None = None, invert: bool = False,
        output_mode: str = "int", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, invert, output_mode, **options
        )

    def _value(self, item: Any) -> str:
        return item.decode() if isinstance(item, bytes) else str(item)


@register("layer")
class IntegerLookup(IndexLookup):
    """Maps each integer of a vocabulary to its index.

    Args:
        max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, invert, output_mode: see `IndexLookup`.
        options: further ones of `IndexLookup`, and the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])
    >>> layer([[12, 1138, 7]]).numpy()
    array([[1, 3, 0]])
    """

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: int | None = None,
        oov_token: int = -1, vocabulary: Sequence[int] | str | None = None, invert: bool = False,
        output_mode: str = "int", **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, invert, output_mode, **options
        )

    def _value(self, item: Any) -> int:
        return int(item)

    def _looked_up(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(inputs, KerasTensor):
            return super(IndexLookup, self).__call__(inputs, *args, **kwargs)
        if isinstance(inputs, SymbolicTensor):
            return self.call(inputs)
        return super()._looked_up(inputs)

    def call(self, inputs: Tensor) -> Tensor:
        """The numbers, in a compiled function."""
        if self.invert or self.num_oov_indices > 1:
            raise TracingError(
                "IntegerLookup: invert=True and several num_oov_indices are not supported in models and compiled "
                "functions. Call the layer on the data before training: x = layer(numbers)."
            )
        values = np.array(sorted(self._numbers), np.int64)
        numbers = np.array([self._numbers[one] for one in values.tolist()], np.int64)
        x = ops.cast(inputs, "int64")
        flat = ops.reshape(x, [-1])
        places = ops.minimum(ops.cast(ops.searchsorted(values, flat), "int64"), len(values) - 1)
        unknown = 0 if self.mask_token is None else 1
        found = ops.where(
            ops.equal(ops.gather(values, places), flat), ops.gather(numbers, places), np.int64(unknown)
        )
        return self._output(ops.reshape(found, x.shape))
