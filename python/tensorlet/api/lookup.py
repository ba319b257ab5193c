"""``tf.lookup``: tables that map keys to values. Lookups run eagerly, outside of compiled functions."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.convert import constant
from tensorlet.core.eager import EAGER
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.dtypes import DType, as_dtype, int64, string
from tensorlet.errors import DTypeError, FailedPreconditionError, InvalidArgumentError
from tensorlet.formats.farmhash import fingerprint64

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tensorlet.core.tensor import Tensor
    from tensorlet.ops.registry import TensorLike
    from tensorlet.type_aliases import DTypeLike, PathLike, Scalar


class KeyValueTensorInitializer:
    """The keys and values of a table.

    Args:
        keys: strings or integers, of shape [entries].
        values: the values, of shape [entries].
        key_dtype: by default that of the keys.
        value_dtype: by default that of the values.
        name: ignored.
    """

    def __init__(
        self, keys: TensorLike, values: TensorLike, key_dtype: DTypeLike | None = None,
        value_dtype: DTypeLike | None = None, name: str | None = None,
    ) -> None:  # fmt: skip
        self.keys = np.asarray(constant(keys, key_dtype)).reshape(-1)
        self.values = np.asarray(constant(values, value_dtype)).reshape(-1)
        if len(self.keys) != len(self.values):
            raise InvalidArgumentError(
                f"KeyValueTensorInitializer: got {len(self.keys)} keys but {len(self.values)} values."
            )

    @property
    def key_dtype(self) -> DType:
        """The dtype of the keys."""
        return as_dtype(self.keys.dtype)

    @property
    def value_dtype(self) -> DType:
        """The dtype of the values."""
        return as_dtype(self.values.dtype)


class TextFileIndex(enum.IntEnum):
    """The content of a line of a file to use, if it is not one of its columns."""

    WHOLE_LINE = -2
    LINE_NUMBER = -1


class TextFileInitializer(KeyValueTensorInitializer):
    """The keys and values of a table, from the lines of a text file.

    Args:
        filename: the path of the file.
        key_dtype: string or an integer dtype.
        key_index: the column of the keys, or a `TextFileIndex`.
        value_dtype: the dtype of the values.
        value_index: the column of the values, or a `TextFileIndex`.
        vocab_size: ignored.
        delimiter: the separator of columns.
    """

    def __init__(
        self, filename: PathLike, key_dtype: DTypeLike, key_index: int, value_dtype: DTypeLike, value_index: int,
        vocab_size: int | None = None, delimiter: str = "\t", name: str | None = None, value_index_offset: int = 0,
    ) -> None:  # fmt: skip
        with open(filename, encoding="utf-8") as file:
            lines = file.read().splitlines()

        def column(index: int, dtype: DType) -> np.ndarray:
            if index == TextFileIndex.LINE_NUMBER:
                return np.arange(len(lines)) + value_index_offset
            found = (
                lines
                if index == TextFileIndex.WHOLE_LINE
                else [line.split(delimiter)[index] for line in lines]
            )
            return np.array(found, object) if dtype is string else np.array(found).astype(dtype.numpy)

        keys, values = column(key_index, as_dtype(key_dtype)), column(value_index, as_dtype(value_dtype))
        super().__init__(keys, values, key_dtype, value_dtype)


class StaticHashTable:
    """A table whose entries are set when it is created.

    Args:
        initializer: the keys and values.
        default_value: the value for unknown keys.
        name: ignored.

    Raises:
        FailedPreconditionError: if a key occurs twice with different values.

    >>> import tensorlet as tf
    >>> numbers = tf.lookup.KeyValueTensorInitializer(["a", "b"], [1, 2])
    >>> table = tf.lookup.StaticHashTable(numbers, default_value=-1)
    >>> table.lookup(tf.constant(["b", "z"])).numpy()
    array([ 2, -1], dtype=int32)
    """

    def __init__(
        self, initializer: KeyValueTensorInitializer, default_value: TensorLike, name: str | None = None,
        experimental_is_anonymous: bool = False,
    ) -> None:  # fmt: skip
        self.key_dtype, self.value_dtype = initializer.key_dtype, initializer.value_dtype
        self._default = np.asarray(constant(default_value, self.value_dtype)).reshape(())
        self._entries: dict[Any, Any] = {}
        for key, value in zip(initializer.keys.tolist(), initializer.values.tolist(), strict=True):
            if self._entries.setdefault(key, value) != value:
                raise FailedPreconditionError(f"StaticHashTable: the key {key!r} has the values "
                                              f"{self._entries[key]!r} and {value!r}.")  # fmt: skip

    def lookup(self, keys: TensorLike | RaggedTensor, name: str | None = None) -> Any:
        """Returns the values of keys.

        Raises:
            DTypeError: if the keys have another dtype than those of the table.
        """
        if isinstance(keys, RaggedTensor):
            return keys.with_flat_values(self.lookup(keys.flat_values))
        array = np.asarray(EAGER.convert(keys))
        if array.dtype != self.key_dtype.numpy:
            raise DTypeError(
                f"The keys are {as_dtype(array.dtype).name}, but those of the table are {self.key_dtype.name}."
            )
        return self._tensor([self._find(key) for key in array.reshape(-1).tolist()], array.shape)

    def _find(self, key: Scalar | bytes) -> Any:
        return self._entries.get(key, self._default.item())

    def _tensor(self, values: Iterable[Any], shape: tuple[int, ...]) -> Tensor:
        return constant(np.array(list(values), self.value_dtype.numpy).reshape(shape), self.value_dtype)

    __getitem__ = lookup

    def size(self, name: str | None = None) -> Tensor:
        """Returns the number of keys, as int64."""
        return constant(np.int64(len(self._entries)))

    def export(self, name: str | None = None) -> tuple[Tensor, Tensor]:
        """Returns the keys and the values."""
        keys = constant(np.array(list(self._entries), self.key_dtype.numpy), self.key_dtype)
        return keys, self._tensor(self._entries.values(), (len(self._entries),))


class MutableHashTable(StaticHashTable):
    """A table that is empty at first and filled by `insert`.

    Args:
        key_dtype: string or an integer dtype.
        value_dtype: the dtype of the values.
        default_value: the value for unknown keys.

    >>> import tensorlet as tf
    >>> table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, default_value=-1)
    >>> table.insert(["a"], [5])
    >>> table["a"].numpy()
    np.int64(5)
    """

    def __init__(
        self,
        key_dtype: DTypeLike | None,
        value_dtype: DTypeLike | None,
        default_value: TensorLike,
        name: str = "",
        **ignored: Any,
    ) -> None:
        empty = KeyValueTensorInitializer(np.array([], object), np.array([], object), string, string)
        empty.keys, empty.values = (
            np.empty(0, as_dtype(key_dtype).numpy), np.empty(0, as_dtype(value_dtype).numpy)
        )  # fmt: skip
        super().__init__(empty, default_value)

    def insert(self, keys: TensorLike, values: TensorLike, name: str | None = None) -> None:
        """Sets the values of keys."""
        found = KeyValueTensorInitializer(keys, values, self.key_dtype, self.value_dtype)
        self._entries.update(zip(found.keys.tolist(), found.values.tolist(), strict=True))

    def remove(self, keys: TensorLike, name: str | None = None) -> None:
        """Removes keys; unknown keys are ignored."""
        for key in np.asarray(constant(keys, self.key_dtype)).reshape(-1).tolist():
            self._entries.pop(key, None)

    erase = remove


class StaticVocabularyTable(StaticHashTable):
    """Maps words to indices; unknown words are hashed to further indices at the end.

    Args:
        initializer: the words and their indices, int64, starting at 0; None for no words.
        num_oov_buckets: the number of indices for unknown words.
        lookup_key_dtype: string or an integer dtype.
        name: ignored.

    >>> import tensorlet as tf
    >>> words = tf.lookup.KeyValueTensorInitializer(["a", "b"], tf.constant([0, 1], tf.int64))
    >>> tf.lookup.StaticVocabularyTable(words, 1).lookup(tf.constant(["b", "z"])).numpy()
    array([1, 2])
    """

    def __init__(
        self, initializer: KeyValueTensorInitializer, num_oov_buckets: int, lookup_key_dtype: DTypeLike | None = None,
        name: str | None = None, experimental_is_anonymous: bool = False,
    ) -> None:  # fmt: skip
        if num_oov_buckets < 1:
            raise InvalidArgumentError(
                f"StaticVocabularyTable: num_oov_buckets is {num_oov_buckets}, expected at least 1."
            )
        if initializer.value_dtype is not int64:
            raise DTypeError(
                f"StaticVocabularyTable: the values are {initializer.value_dtype.name}, expected int64."
            )
        super().__init__(initializer, np.int64(-1))
        self._buckets = num_oov_buckets

    def _find(self, key: Scalar | bytes) -> int:
        if key in self._entries:
            return int(self._entries[key])
        text = key if isinstance(key, bytes) else str(key).encode()
        return len(self._entries) + fingerprint64(text) % self._buckets

    def size(self, name: str | None = None) -> Tensor:
        """Returns the number of indices."""
        return constant(np.int64(len(self._entries) + self._buckets))
