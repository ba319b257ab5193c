"""Layers that give each value of a vocabulary its number: `StringLookup` and `IntegerLookup`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from tensorlet import ops
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.tensor import EagerTensor, SymbolicTensor
from tensorlet.dtypes import int64, string
from tensorlet.errors import InvalidArgumentError, OutOfRangeError
from tensorlet.formats.farmhash import fingerprint64
from tensorlet.formats.string_hashes import siphash
from tensorlet.keras.layers.adapt_data import whole_data
from tensorlet.keras.layers.categorical import ENCODINGS, encoded
from tensorlet.keras.layers.hashing import key_of
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.layers.shape_inference import OpenSpec
from tensorlet.keras.layers.value_layer import ValueLayer, encoded_spec, on_rows, values_of
from tensorlet.ops.registry import Tensor, convert
from tensorlet.registry import register

#: Options of Keras that change nothing here, and the values that they may have.
_IGNORED = frozenset({"vocabulary_size", "encoding", "vocabulary_dtype"})
MODES = ("int", *ENCODINGS, "tf_idf")


class IndexLookup(ValueLayer):
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
        salt: the key of SipHash, an integer or two of them, which chooses among several numbers for unknown values;
            None for FarmHash, or for integers the remainder.
        oov_method: how unknown integers choose among several numbers: ``"floormod"`` or ``"farmhash"``. Words are
            always hashed.
        pad_to_max_tokens: whether encoded rows have ``max_tokens`` columns, also if there are fewer values.
        options: the arguments of `Layer`.
    """

    config_names = (
        "max_tokens", "num_oov_indices", "mask_token", "oov_token", "vocabulary", "invert", "output_mode",
        "idf_weights", "pad_to_max_tokens",
    )  # fmt: skip
    keras_3_names: ClassVar[dict[str, Any]] = {"salt": None, "oov_method": "floormod"}

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: Any = None, oov_token: Any = None,
        vocabulary: Any = None, invert: bool = False, output_mode: str = "int", idf_weights: Any = None,
        pad_to_max_tokens: bool = False, sparse: bool = False, salt: Any = None, oov_method: str = "floormod",
        **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**{key: value for key, value in options.items() if key not in _IGNORED})
        kind = type(self).__name__
        if oov_method not in ("floormod", "farmhash"):
            raise InvalidArgumentError(
                f"{kind}: oov_method={oov_method!r}, but 'floormod' or 'farmhash' is expected."
            )
        if num_oov_indices < 0:
            raise InvalidArgumentError(
                f"{kind}: num_oov_indices={num_oov_indices}, but 0 or more is expected."
            )
        output_mode = "multi_hot" if output_mode == "binary" else output_mode
        if output_mode not in MODES:
            raise InvalidArgumentError(
                f"{kind}: output_mode={output_mode!r}, but one of {', '.join(MODES)} is expected."
            )
        if max_tokens is not None and max_tokens <= num_oov_indices + (mask_token is not None):
            raise InvalidArgumentError(
                f"{kind}: max_tokens={max_tokens} leaves no room beside the special tokens."
            )
        if sparse:
            raise InvalidArgumentError(f"{kind}: sparse=True is not supported. Omit it.")
        if pad_to_max_tokens and max_tokens is None:
            raise InvalidArgumentError(f"{kind}: pad_to_max_tokens=True needs max_tokens.")
        self.salt, self._key, self.oov_method = salt, key_of(kind, salt), oov_method
        self.max_tokens, self.num_oov_indices = max_tokens, num_oov_indices
        self.mask_token, self.oov_token = mask_token, oov_token
        self.invert, self.output_mode, self.pad_to_max_tokens = invert, output_mode, pad_to_max_tokens
        self.vocabulary: list[Any] | None = None
        self.idf_weights: list[float] | None = None
        if vocabulary is not None:
            if isinstance(vocabulary, str):
                with open(vocabulary, encoding="utf-8") as file:
                    vocabulary = file.read().splitlines()
            self.set_vocabulary(vocabulary, idf_weights)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of the constructor, and the vocabulary."""
        return super().get_config() | {"dtype": "int64" if self.output_mode == "int" else "float32"}

    def named_arrays(self) -> dict[str, np.ndarray]:
        """Returns the weights of ``"tf_idf"``."""
        return {"idf_weights": self.weights_of_numbers()} if self.idf_weights is not None else {}

    def _value(self, item: Any) -> Any:
        """A value as it is written in the vocabulary."""
        raise NotImplementedError

    def _special(self) -> list[Any]:
        mask = [self.mask_token] if self._has_mask else []
        return mask + [self.oov_token] * self.num_oov_indices

    @property
    def _has_mask(self) -> bool:
        """Whether a number is kept for the mask; encoded rows have no column for it."""
        return self.mask_token is not None and self.output_mode == "int"

    def set_vocabulary(self, vocabulary: Any, idf_weights: Any = None) -> None:
        """Sets the values, with or without the special ones before them.

        Raises:
            InvalidArgumentError: if a value occurs twice, or there is not one weight for each.
        """
        items = vocabulary.numpy().tolist() if isinstance(vocabulary, EagerTensor) else list(vocabulary)
        values = [self._value(item) for item in items]
        special = self._special()
        weights = (
            [] if idf_weights is None else np.asarray(convert(idf_weights), np.float32).reshape(-1).tolist()
        )
        if special and values[: len(special)] == special:
            weights = weights[len(special) :] if len(weights) == len(values) else weights
            values = values[len(special) :]
        repeated = [value for value, times in Counter(values).items() if times > 1 or value in special]
        if repeated:
            raise InvalidArgumentError(
                f"{type(self).__name__}: {repeated[0]!r} occurs twice in the vocabulary, or is a special token."
            )
        self.vocabulary = values
        self._numbers = {value: number + len(special) for number, value in enumerate(values)}
        if self._has_mask:
            self._numbers[self.mask_token] = 0
        if self.output_mode == "tf_idf":
            self._set_idf_weights(weights)

    def _set_idf_weights(self, weights: list[float]) -> None:
        if len(weights) != len(self.vocabulary or []):
            raise InvalidArgumentError(
                f"{type(self).__name__}: there are {len(weights)} idf_weights for {len(self.vocabulary or [])} values."
            )
        self.idf_weights = weights

    def columns(self) -> int | None:
        """The length of encoded rows; None while there is no vocabulary."""
        if self.pad_to_max_tokens:
            return self.max_tokens
        return None if self.vocabulary is None else self.vocabulary_size()

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
        self.adapt_to_rows([self._value(item) for item in row] for row in rows)

    def adapt_to_rows(self, rows: Any) -> None:
        """Learns the vocabulary from rows of values, which are documents for ``"tf_idf"``."""
        counts: Counter[Any] = Counter()
        documents: Counter[Any] = Counter()
        total = 0
        for row in rows:
            total += 1
            counts.update(row)
            if self.output_mode == "tf_idf":
                documents.update(set(row))
        for special in self._special():
            counts.pop(special, None)
        ordered = sorted(sorted(counts, reverse=True), key=lambda value: -counts[value])
        room = None if self.max_tokens is None else max(0, self.max_tokens - len(self._special()))
        kept = ordered[:room]
        weights = [float(np.log(1.0 + total / (1.0 + documents[value]))) for value in kept]
        self.set_vocabulary(kept, weights if self.output_mode == "tf_idf" else None)

    def output_spec(self, specs: Sequence[OpenSpec]) -> OpenSpec:
        """Shape and dtype of the numbers."""
        if self.invert:
            return OpenSpec(specs[0].shape, string if isinstance(self.oov_token, str) else int64)
        if self.output_mode != "int":
            self.require_vocabulary()
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        return encoded_spec(specs[0].shape, self.columns(), mode)

    def require_vocabulary(self) -> None:
        """Refuses to go on without a vocabulary.

        Raises:
            InvalidArgumentError: says how to give one.
        """
        if self.vocabulary is None:
            raise InvalidArgumentError(
                f"{type(self).__name__} has no vocabulary yet. Pass vocabulary=[...], or call adapt(data) first."
            )

    def on_values(self, inputs: Any) -> Any:
        """The numbers of the values, or with ``invert`` the values of the numbers."""
        self.require_vocabulary()
        if isinstance(inputs, RaggedTensor) and self.output_mode == "int":
            return on_rows(self, inputs)
        array = values_of(inputs)
        if self.invert:
            return self._values_of(array)
        numbers = [self.number_of(self._value(item)) for item in array.reshape(-1).tolist()]
        return self.encode(convert(np.array(numbers, np.int64).reshape(array.shape)))

    def encode(self, numbers: Tensor) -> Tensor:
        """Numbers in the output mode."""
        if self.output_mode == "int":
            return numbers
        mode = "count" if self.output_mode == "tf_idf" else self.output_mode
        rows = encoded(numbers, self.columns() or 0, mode)
        return rows * self.weights_of_numbers() if self.output_mode == "tf_idf" else rows

    def weights_of_numbers(self) -> np.ndarray:
        """The weight of each number with ``"tf_idf"``; that of unknown values is the mean."""
        weights = np.asarray(self.idf_weights or [], np.float32)
        special = len(self._special())
        found = np.zeros(self.columns() or 0, np.float32)
        found[:special] = weights.mean() if len(weights) else 1.0
        found[special : special + len(weights)] = weights
        return found

    def number_of(self, value: Any) -> int:
        """The number of a value.

        Raises:
            OutOfRangeError: if it is unknown, and there are no numbers for unknown values.
        """
        found = self._numbers.get(value)
        if found is not None:
            return found
        if self.num_oov_indices == 0:
            raise OutOfRangeError(
                f"{type(self).__name__}: {value!r} is not in the vocabulary. Use num_oov_indices=1 to assign a number "
                "to unknown values."
            )
        first = int(self._has_mask)
        if self.num_oov_indices == 1:
            return first
        return first + self._hash(value) % self.num_oov_indices

    def _hash(self, value: Any) -> int:
        """A number that chooses among the numbers for unknown values."""
        text = str(value).encode()
        return fingerprint64(text) if self._key is None else siphash(text, self._key)

    def _values_of(self, numbers: np.ndarray) -> Tensor:
        values = self.get_vocabulary()
        inside = [
            values[one] if 0 <= one < len(values) else self.oov_token for one in numbers.reshape(-1).tolist()
        ]
        return ops.reshape(convert(np.array(inside, None if inside else np.int64)), numbers.shape)


@register("layer")
class StringLookup(IndexLookup):
    """Maps each word of a vocabulary to its index.

    In a model on text inputs, ``tf.keras.Input(shape=(1,), dtype="string")``, it runs in front of the compiled part.

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
        return item.decode("utf-8", "replace") if isinstance(item, bytes) else str(item)


@register("layer")
class IntegerLookup(IndexLookup):
    """Maps each integer of a vocabulary to its index.

    Args:
        max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, invert, output_mode: see `IndexLookup`.
        oov_method: how unknown values choose among several numbers: ``"floormod"`` or ``"farmhash"``.
        options: further ones of `IndexLookup`, and the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.IntegerLookup(vocabulary=[12, 36, 1138])
    >>> layer([[12, 1138, 7]]).numpy()
    array([[1, 3, 0]])
    """

    def __init__(
        self, max_tokens: int | None = None, num_oov_indices: int = 1, mask_token: int | None = None,
        oov_token: int = -1, vocabulary: Sequence[int] | str | None = None, invert: bool = False,
        output_mode: str = "int", oov_method: str = "floormod", **options: Any,
    ) -> None:  # fmt: skip
        if options.get("vocabulary_dtype", "int64") != "int64":
            raise InvalidArgumentError(
                f"IntegerLookup: vocabulary_dtype={options['vocabulary_dtype']!r}, but vocabularies are int64. Omit it."
            )
        super().__init__(
            max_tokens, num_oov_indices, mask_token, oov_token, vocabulary, invert, output_mode,
            oov_method=oov_method, **options,
        )  # fmt: skip

    def _hash(self, value: Any) -> int:
        by_remainder = self._key is None and self.oov_method == "floormod"
        return int(value) if by_remainder else super()._hash(value)

    @property
    def runs_on_values(self) -> bool:
        """Whether the layer cannot be part of a compiled function; with one number for unknown values it can."""
        return self.invert or self.num_oov_indices > 1 or self.vocabulary is None

    def _value(self, item: Any) -> int:
        return int(item)

    def __call__(self, inputs: Any, *args: Any, **kwargs: Any) -> Any:
        """The numbers of the values; see `IndexLookup`."""
        if self.runs_on_values or not _is_symbolic(inputs):
            return super().__call__(inputs, *args, **kwargs)
        return super(ValueLayer, self).__call__(inputs, *args, **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """The numbers, in a compiled function."""
        values = np.array(sorted(self._numbers), np.int64)
        numbers = np.array([self._numbers[one] for one in values.tolist()], np.int64)
        x = ops.cast(inputs, "int64")
        flat = ops.reshape(x, [-1])
        places = ops.minimum(ops.cast(ops.searchsorted(values, flat), "int64"), len(values) - 1)
        unknown = int(self._has_mask)
        found = ops.where(
            ops.equal(ops.gather(values, places), flat), ops.gather(numbers, places), np.int64(unknown)
        )
        return self.encode(ops.reshape(found, x.shape))


def _is_symbolic(inputs: Any) -> bool:
    return isinstance(inputs, KerasTensor | SymbolicTensor)
