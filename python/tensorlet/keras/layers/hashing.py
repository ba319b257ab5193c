"""Layers that put values into buckets: by hashing, crossed with each other, or by intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.shape import TensorShape
from tensorlet.dtypes import as_dtype
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.formats.farmhash import fingerprint64
from tensorlet.formats.string_hashes import crossed, siphash
from tensorlet.keras.dtype_policies import dtype_of
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.layers.adapt_data import whole_data
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.categorical import ENCODINGS, encoded
from tensorlet.keras.layers.core import positive_integer
from tensorlet.keras.layers.shape_inference import OpenSpec
from tensorlet.keras.layers.value_layer import ValueLayer, as_tensor, encoded_spec, on_rows, values_of
from tensorlet.ops.registry import Tensor, TensorLike
from tensorlet.registry import register


def _checked_mode(kind: str, output_mode: str, modes: Sequence[str]) -> str:
    if output_mode not in modes:
        raise InvalidArgumentError(
            f"{kind}: Invalid value for argument `output_mode`. Expected one of {', '.join(modes)}, but got "
            f"{output_mode!r}."
        )
    return output_mode


def key_of(kind: str, salt: Any) -> tuple[int, int] | None:
    """The key of SipHash for a salt: None, an integer or two of them.

    Raises:
        InvalidArgumentError: for anything else.
    """
    if salt is None:
        return None
    both = tuple(salt) if isinstance(salt, list | tuple) and len(salt) == 2 else (salt, salt)
    if not all(isinstance(one, int) for one in both):
        raise InvalidArgumentError(
            f"{kind}: salt={salt!r}, but an integer, or a tuple of size 2, is expected."
        )
    return both[0], both[1]


def _as_text(item: Any) -> bytes:
    return item if isinstance(item, bytes) else str(item).encode()


def _dtype_of_numbers(kind: str, dtype: Any, output_mode: str) -> str:
    """The dtype of buckets: by default int64, and float32 for rows.

    Raises:
        InvalidArgumentError: for floats as numbers of buckets.
    """
    if dtype is None:
        return "int64" if output_mode == "int" else "float32"
    name = dtype_of(dtype)
    if output_mode == "int" and keras_generation() == 3 and not as_dtype(name).is_integer:
        raise InvalidArgumentError(
            f'{kind}: When `output_mode="int"`, `dtype` should be an integer type, but got {name!r}. Omit it, or use '
            "'int64'."
        )
    return name


@register("layer")
class Hashing(ValueLayer):
    """Hashes each word or integer to a bucket, by the hashes of Keras: FarmHash, or SipHash with a salt.

    Args:
        num_bins: the number of buckets.
        mask_value: a value whose bucket is 0, which no other value gets then.
        salt: the key of SipHash, an integer or two of them; None for FarmHash.
        output_mode: ``"int"``, ``"one_hot"``, ``"multi_hot"`` or ``"count"``.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> tf.keras.layers.Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).numpy().tolist()
    [[1], [0], [1], [1], [2]]
    """

    config_names = ("num_bins", "mask_value", "salt", "output_mode")

    def __init__(
        self, num_bins: int, mask_value: Any = None, salt: Any = None, output_mode: str = "int", sparse: bool = False,
        **options: Any,
    ) -> None:  # fmt: skip
        if num_bins is None or (isinstance(num_bins, int) and num_bins < 1):
            raise InvalidArgumentError(
                f"Hashing: num_bins={num_bins}. The `num_bins` for `Hashing` cannot be `None` or non-positive: give "
                "the "
                "number of buckets."
            )
        options["dtype"] = _dtype_of_numbers("Hashing", options.get("dtype"), output_mode)
        super().__init__(**options)
        self.num_bins = positive_integer("Hashing", "num_bins", num_bins)
        self.salt, self._key = salt, key_of("Hashing", salt)
        if sparse:
            raise InvalidArgumentError(
                "Hashing: sparse=True is not supported (and `sparse` may only be true if `output_mode` is not 'int'). "
                "Omit it."
            )
        self.mask_value = mask_value
        self.output_mode = _checked_mode("Hashing", output_mode, ("int", *ENCODINGS))

    def output_spec(self, specs: Sequence[OpenSpec]) -> OpenSpec:
        """Shape and dtype of the buckets."""
        shape = encoded_spec(specs[0].shape, self.num_bins, self.output_mode).shape
        return OpenSpec(shape, as_dtype(self.dtype))

    def on_values(self, inputs: Any) -> Any:
        """The buckets."""
        if isinstance(inputs, RaggedTensor):
            return on_rows(self, inputs)
        array = values_of(inputs)
        bins = self.num_bins - (self.mask_value is not None)
        found = [self._bucket(item, max(bins, 1)) for item in array.reshape(-1).tolist()]
        numbers = np.array(found, np.int64).reshape(array.shape)
        return ops.cast(as_tensor(numbers, self.num_bins, self.output_mode), self.dtype)

    def _bucket(self, item: Any, bins: int) -> int:
        text = _as_text(item)
        number = fingerprint64(text) if self._key is None else siphash(text, self._key)
        if self.mask_value is None:
            return number % bins
        return 0 if text == _as_text(self.mask_value) else 1 + number % bins


@register("layer")
class HashedCrossing(ValueLayer):
    """Hashes each combination of several values to a bucket, by the hash of Keras.

    Args:
        num_bins: the number of buckets.
        output_mode: ``"int"`` or ``"one_hot"``.
        options: the arguments of `Layer`.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.HashedCrossing(num_bins=7)
    >>> layer((tf.constant(["a", "b"]), tf.constant([1, 2]))).numpy()
    array([2, 4])
    """

    config_names = ("num_bins", "output_mode")

    def __init__(self, num_bins: int, output_mode: str = "int", sparse: bool = False, **options: Any) -> None:
        options["dtype"] = _dtype_of_numbers("HashedCrossing", options.get("dtype"), output_mode)
        super().__init__(**options)
        self.num_bins = positive_integer("HashedCrossing", "num_bins", num_bins)
        self.output_mode = _checked_mode("HashedCrossing", output_mode, ("int", "one_hot"))

    def output_spec(self, specs: Sequence[OpenSpec]) -> OpenSpec:
        """Shape and dtype of the buckets."""
        shape = encoded_spec(specs[0].shape, self.num_bins, self.output_mode).shape
        return OpenSpec(shape, as_dtype(self.dtype))

    def on_values(self, inputs: Any) -> Any:
        """The buckets."""
        if not isinstance(inputs, list | tuple):
            raise InvalidArgumentError(
                f"HashedCrossing should be called on a list or tuple of inputs, but got a {type(inputs).__name__}."
            )
        if len(inputs) < 2:
            raise InvalidArgumentError(
                f"HashedCrossing should be called on at least two inputs, but got {len(inputs)}."
            )
        columns = [values_of(one) for one in inputs]
        for column in columns:
            if column.ndim > 2 or (column.ndim == 2 and column.shape[-1] != 1):
                raise ShapeError(
                    "HashedCrossing: inputs should have shape (), (examples,) or (examples, 1), but got "
                    f"{column.shape}. Cross one column with another."
                )
            if column.dtype.kind not in "iuO":
                raise DTypeError(
                    f"HashedCrossing: inputs should have an integer or string dtype, but got {column.dtype.name}. Put "
                    "numbers into intervals first, with Discretization."
                )
        joined = zip(*(column.reshape(-1).tolist() for column in columns), strict=True)
        found = [crossed(items) % self.num_bins for items in joined]
        numbers = np.array(found, np.int64).reshape(columns[0].shape)
        return ops.cast(as_tensor(numbers, self.num_bins, self.output_mode), self.dtype)


@register("layer")
class Discretization(Layer):
    """Maps each number to the index of its interval.

    Args:
        bin_boundaries: where a new interval begins, in ascending order.
        num_bins: how many intervals ``adapt`` makes, with as many numbers in each as possible.
        epsilon: ignored; ``adapt`` is exact.
        output_mode: ``"int"``, ``"one_hot"``, ``"multi_hot"`` or ``"count"``.
        options: the arguments of `Layer`.

    Raises:
        InvalidArgumentError: if both boundaries and a number of intervals are given.

    >>> import tensorlet as tf
    >>> layer = tf.keras.layers.Discretization(bin_boundaries=[0.0, 1.0, 2.0])
    >>> layer([[-1.5, 1.0, 3.4, 0.5]]).numpy()
    array([[0, 2, 3, 1]])
    """

    config_names = ("bin_boundaries", "num_bins", "epsilon", "output_mode")

    def __init__(
        self, bin_boundaries: Sequence[float] | None = None, num_bins: int | None = None, epsilon: float = 0.01,
        output_mode: str = "int", sparse: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        super().__init__(**options)
        if bin_boundaries is None and num_bins is None:
            raise InvalidArgumentError(
                "Discretization: you need to set either `num_bins` or `bin_boundaries`: with num_bins, call adapt."
            )
        if bin_boundaries is not None and num_bins is not None:
            raise InvalidArgumentError(
                "Discretization: Both `num_bins` and `bin_boundaries` are given. Omit one: boundaries are used as they "
                "are, and num_bins is for adapt."
            )
        self.bin_boundaries = None if bin_boundaries is None else [float(one) for one in bin_boundaries]
        if self.bin_boundaries is not None and sorted(self.bin_boundaries) != self.bin_boundaries:
            raise InvalidArgumentError(
                f"Discretization: bin_boundaries is {self.bin_boundaries}, expected ascending numbers."
            )
        self.num_bins = None if num_bins is None else positive_integer("Discretization", "num_bins", num_bins)
        self.epsilon = epsilon
        self.output_mode = _checked_mode("Discretization", output_mode, ("int", *ENCODINGS))

    @property
    def output_dtype(self) -> str:
        """The dtype of the results: int64 for numbers of intervals, otherwise that of the layer."""
        return "int64" if self.output_mode == "int" else self.dtype

    def _columns(self) -> int | None:
        """The number of intervals."""
        return self.num_bins if self.bin_boundaries is None else len(self.bin_boundaries) + 1

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the output shape for an input shape, also before ``adapt``."""
        return TensorShape(encoded_spec(tuple(input_shape), self._columns(), self.output_mode).shape)

    def _inferred(self, run: Any, specs: Sequence[OpenSpec]) -> Any:
        shape = encoded_spec(specs[0].shape, self._columns(), self.output_mode).shape
        return OpenSpec(shape, as_dtype(self.output_dtype))

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Any:
        """Creates a layer from the output of `get_config`, which has both arguments after ``adapt``."""
        learned = config.get("bin_boundaries") if config.get("num_bins") is not None else None
        layer = cls(**(config if learned is None else {**config, "bin_boundaries": None}))
        layer.bin_boundaries = layer.bin_boundaries if learned is None else list(learned)
        return layer

    def adapt(self, data: object, batch_size: int | None = None, steps: int | None = None) -> None:
        """Learns the boundaries of ``num_bins`` intervals with equally many numbers."""
        if self.num_bins is None:
            raise InvalidArgumentError("Discretization: adapt needs num_bins, and no bin_boundaries.")
        numbers = np.sort(whole_data("Discretization", data, batch_size, steps).reshape(-1))
        places = (np.arange(1, self.num_bins) * len(numbers)) // self.num_bins
        self.bin_boundaries = np.unique(numbers[places]).astype(float).tolist()

    def call(self, inputs: TensorLike) -> Tensor:
        """The numbers of the intervals."""
        if self.bin_boundaries is None:
            raise InvalidArgumentError(
                "Discretization has no boundaries yet. You need to either pass bin_boundaries, or call adapt(data) "
                "first."
            )
        x = ops.cast(inputs, "float32")
        bounds = np.array(self.bin_boundaries, np.float32)
        found = ops.searchsorted(bounds, ops.reshape(x, [-1]), side="right")
        numbers = ops.cast(ops.reshape(found, x.shape), "int64")
        if self.output_mode == "int":
            return numbers
        return ops.cast(encoded(numbers, len(bounds) + 1, self.output_mode), self.dtype)
