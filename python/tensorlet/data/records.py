"""TFRecord files, and the messages that they usually hold: `tf.train.Example`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.shape import TensorShape
from tensorlet.core.signature import TensorSpec
from tensorlet.core.sparse_tensor import SparseTensor
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset, dataset_of
from tensorlet.data.paths import paths_of
from tensorlet.data.pipeline import Pipeline
from tensorlet.dtypes import as_dtype, float32, int64, string
from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.events import frame
from tensorlet.formats.protobuf import Message, Reader
from tensorlet.formats.tfrecord import records

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike, DTypeLike, PathLike, ShapeLike, TensorLike


class TFRecordWriter:
    """Writes records of bytes into a file: `tf.io.TFRecordWriter`.

    Args:
        path: of the file, which is replaced.
        options: compression is not supported.

    >>> import tensorlet as tf, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.tfrecord")
    >>> with tf.io.TFRecordWriter(path) as writer:
    ...     writer.write(b"one")
    >>> list(tf.data.TFRecordDataset(path).as_numpy_iterator())
    [b'one']
    """

    def __init__(self, path: PathLike, options: object = None) -> None:
        if options not in (None, ""):
            raise InvalidArgumentError(
                f"TFRecordWriter: options is {options!r}, but compression is not supported."
            )
        self._file = open(os.fspath(path), "wb")  # noqa: SIM115 - closed by close

    def write(self, record: bytes) -> None:
        """Writes one record."""
        self._file.write(frame(bytes(record)))

    def flush(self) -> None:
        """Writes what is still in memory."""
        self._file.flush()

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __enter__(self) -> TFRecordWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Records(Pipeline):
    """The records of files, as text."""

    shown_name = "TFRecordDatasetV2"

    def __init__(self, filenames: Any) -> None:
        self._filenames = filenames

    @property
    def element_spec(self) -> Any:
        """A scalar of text."""
        return TensorSpec((), string)

    def one_by_one(self) -> Iterator[Any]:
        for name in paths_of(self._filenames):
            for record in records(name):
                yield EagerTensor(np.array(record, object))


def tfrecord_dataset(
    filenames: Any, compression_type: str | None = None, *ignored: Any, **options: Any
) -> Dataset:
    """The records of TFRecord files: `tf.data.TFRecordDataset`.

    Args:
        filenames: a path, several, or a dataset of paths.
        compression_type: None; compressed files are not supported.
        ignored, options: about threads and buffers.
    """
    if compression_type not in (None, ""):
        raise InvalidArgumentError(
            f"TFRecordDataset: compression_type {compression_type!r} is not supported."
        )
    return dataset_of(Records(filenames))


class BytesList:
    """Several texts: `tf.train.BytesList`."""

    field = 1

    def __init__(self, value: Sequence[Any] = ()) -> None:
        self.value = [bytes(one) for one in value]

    def _message(self) -> Message:
        message = Message()
        for one in self.value:
            message.data(1, one)
        return message


class FloatList:
    """Several floats: `tf.train.FloatList`."""

    field = 2

    def __init__(self, value: Sequence[Any] = ()) -> None:
        self.value = [float(np.float32(one)) for one in value]

    def _message(self) -> Message:
        return Message().packed_floats(1, self.value) if self.value else Message()


class Int64List:
    """Several integers: `tf.train.Int64List`."""

    field = 3

    def __init__(self, value: Sequence[Any] = ()) -> None:
        self.value = [int(one) for one in value]

    def _message(self) -> Message:
        return Message().packed_varints(1, [one % 2**64 for one in self.value]) if self.value else Message()


class Feature:
    """One list of values: `tf.train.Feature`."""

    def __init__(
        self,
        bytes_list: BytesList | None = None,
        float_list: FloatList | None = None,
        int64_list: Int64List | None = None,
    ) -> None:
        self.bytes_list = bytes_list or BytesList()
        self.float_list = float_list or FloatList()
        self.int64_list = int64_list or Int64List()
        self.kind = next((one for one in (bytes_list, float_list, int64_list) if one is not None), None)

    def _message(self) -> Message:
        return Message() if self.kind is None else Message().message(self.kind.field, self.kind._message())


class Features:
    """Features by name: `tf.train.Features`."""

    def __init__(self, feature: Mapping[str, Feature] | None = None) -> None:
        self.feature = dict(feature or {})


class Example:
    """The features of one example: `tf.train.Example`.

    >>> import tensorlet as tf
    >>> row = tf.train.Feature(int64_list=tf.train.Int64List(value=[1, 2]))
    >>> example = tf.train.Example(features=tf.train.Features(feature={"row": row}))
    >>> tf.train.Example.FromString(example.SerializeToString()).features.feature["row"].int64_list.value
    [1, 2]
    """

    def __init__(self, features: Features | None = None) -> None:
        self.features = features or Features()

    def SerializeToString(self) -> bytes:  # noqa: N802 - its name
        """The example as bytes."""
        found = Message()
        for name in sorted(self.features.feature):
            found.message(1, Message().text(1, name).message(2, self.features.feature[name]._message()))
        return bytes(Message().message(1, found))

    @classmethod
    def FromString(cls, data: bytes) -> Example:  # noqa: N802 - its name
        """Parses an example from bytes.

        Raises:
            FileFormatError: if they hold something else.
        """
        features = {}
        for entry in Reader(data, "tf.train.Example").message(1).messages(1):
            features[entry.text(1)] = _feature(entry.message(2))
        return cls(Features(features))

    def ParseFromString(self, data: bytes) -> int:  # noqa: N802 - its name
        """Parses the features from bytes."""
        self.features = Example.FromString(data).features
        return len(data)


def _feature(reader: Reader) -> Feature:
    if 1 in reader:
        return Feature(bytes_list=BytesList([bytes(one) for one in reader.message(1).all_data(1)]))
    if 2 in reader:
        return Feature(float_list=FloatList(reader.message(2).floats(1)))
    if 3 in reader:
        values = [one - 2**64 if one >= 2**63 else one for one in reader.message(3).integers(1)]
        return Feature(int64_list=Int64List(values))
    return Feature()


class FixedLenFeature:
    """A feature with a fixed number of values: `tf.io.FixedLenFeature`.

    Args:
        shape: of the values.
        dtype: string, float32 or int64.
        default_value: of examples without the feature; None if every example has it.
    """

    def __init__(self, shape: ShapeLike, dtype: DTypeLike, default_value: ArrayLike | None = None) -> None:
        self.shape, self.dtype, self.default_value = TensorShape(shape), as_dtype(dtype), default_value


class VarLenFeature:
    """A feature with any number of values, which becomes a sparse tensor: `tf.io.VarLenFeature`."""

    def __init__(self, dtype: DTypeLike) -> None:
        self.dtype = as_dtype(dtype)


def parse_single_example(
    serialized: Any,
    features: Mapping[str, FixedLenFeature | VarLenFeature],
    example_names: object = None,
    name: str | None = None,
) -> dict[str, Any]:
    """The features of an example as tensors: `tf.io.parse_single_example`.

    Args:
        serialized: the bytes of a `tf.train.Example`, a scalar of text.
        features: what each feature is.
        example_names, name: ignored.

    Raises:
        InvalidArgumentError: if a feature is missing, or has another type or number of values.
    """
    found = Example.FromString(EAGER.convert(serialized).numpy()).features.feature
    return {key: _parsed(key, found.get(key), spec) for key, spec in features.items()}


def _parsed(key: str, feature: Feature | None, spec: FixedLenFeature | VarLenFeature) -> Any:
    kinds = {string: BytesList, float32: FloatList, int64: Int64List}
    kind = None if feature is None else feature.kind
    if kind is not None and not isinstance(kind, kinds.get(spec.dtype, ())):
        raise InvalidArgumentError(
            f"Feature {key!r} holds a {type(kind).__name__}, but {spec.dtype.name} is expected."
        )
    values = np.array([] if kind is None else kind.value, spec.dtype.numpy)
    if isinstance(spec, VarLenFeature):
        return SparseTensor(np.arange(len(values))[:, None], EagerTensor(values), [len(values)])
    if kind is None and spec.default_value is not None:
        default = np.asarray(EAGER.convert(spec.default_value, spec.dtype))
        return EagerTensor(np.broadcast_to(default, spec.shape).copy())
    if kind is None or len(values) != spec.shape.num_elements():
        raise InvalidArgumentError(
            f"Feature {key!r} has {len(values)} values, but the shape {list(spec.shape)} is expected. Give a "
            "default_value if it may be missing."
        )
    return EagerTensor(values.reshape(spec.shape))


def parse_example(
    serialized: Any,
    features: Mapping[str, FixedLenFeature | VarLenFeature],
    example_names: object = None,
    name: str | None = None,
) -> dict[str, Any]:
    """The features of several examples, stacked: `tf.io.parse_example`. Lists of any length become sparse rows."""
    rows = [parse_single_example(EagerTensor(np.array(one, object)), features)
            for one in EAGER.convert(serialized).numpy().tolist()]  # fmt: skip
    found: dict[str, Any] = {}
    for key, spec in features.items():
        column = [row[key] for row in rows]
        if isinstance(spec, FixedLenFeature):
            found[key] = EagerTensor(np.stack([one.numpy() for one in column]))
            continue
        places = [[row, place] for row, one in enumerate(column) for place in range(one.shape[0])]
        values = np.concatenate([np.asarray(one.values) for one in column])
        longest = max(one.shape[0] for one in column)
        found[key] = SparseTensor(
            np.array(places, np.int64).reshape(-1, 2), EagerTensor(values), [len(column), longest]
        )
    return found


def serialize_tensor(tensor: TensorLike, name: str | None = None) -> EagerTensor:
    """A tensor as bytes, in TensorFlow's form: `tf.io.serialize_tensor`.

    >>> import tensorlet as tf
    >>> tf.io.parse_tensor(tf.io.serialize_tensor([1, 2]), tf.int32).numpy()
    array([1, 2], dtype=int32)
    """
    array = np.asarray(EAGER.convert(tensor))
    shape = Message()
    for length in array.shape:
        shape.message(2, Message().varint(1, length))
    message = Message().varint(1, _TYPES[as_dtype(array.dtype).name]).message(2, shape)
    if array.dtype.kind == "O":
        for one in array.reshape(-1).tolist():
            message.data(8, one)
    else:
        message.data(4, array.tobytes())
    return EagerTensor(np.array(bytes(message), object))


def parse_tensor(serialized: Any, out_type: DTypeLike, name: str | None = None) -> EagerTensor:
    """The tensor that `serialize_tensor` has written: `tf.io.parse_tensor`.

    Raises:
        InvalidArgumentError: if it has another dtype.
    """
    reader = Reader(EAGER.convert(serialized).numpy(), "a tensor")
    wanted = as_dtype(out_type)
    if reader.integer(1) != _TYPES[wanted.name]:
        raise InvalidArgumentError(f"parse_tensor: the tensor is not of the type {wanted.name}.")
    shape = [
        one.integer(1) if 1 in one else 0 for one in (reader.message(2).messages(2) if 2 in reader else [])
    ]
    if wanted is string:
        text = np.empty(int(np.prod(shape)), object)
        text[:] = [bytes(one) for one in reader.all_data(8)]
        return EagerTensor(text.reshape(shape))
    return EagerTensor(np.frombuffer(bytes(reader.data(4)), wanted.numpy).reshape(shape).copy())


#: The numbers of dtypes in TensorFlow's messages.
_TYPES = {
    "float32": 1, "float64": 2, "int32": 3, "uint8": 4, "int16": 5, "int8": 6, "string": 7, "int64": 9, "bool": 10,
    "uint16": 17, "float16": 19, "uint32": 22, "uint64": 23,
}  # fmt: skip
