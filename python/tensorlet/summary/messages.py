"""The messages of a summary: tensors, and the metadata that select a TensorBoard plugin.

Field numbers are those of TensorFlow's ``summary.proto``, ``tensor.proto`` and ``tensor_shape.proto``.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.protobuf import Message

if TYPE_CHECKING:
    from tensorlet.type_aliases import FloatLike

#: TensorFlow's numbers of dtypes.
DATA_TYPES = {
    "float32": 1,
    "float64": 2,
    "int32": 3,
    "uint8": 4,
    "int16": 5,
    "int8": 6,
    "int64": 9,
    "bool": 10,
    "uint16": 17,
    "float16": 19,
    "uint32": 22,
    "uint64": 23,
}
STRING = 7


def shape_message(shape: Sequence[int]) -> Message:
    """Returns a ``TensorShapeProto``."""
    message = Message()
    for length in shape:
        message.message(2, Message().varint(1, length))
    return message


def tensor_message(value: object) -> Message:
    """Returns a ``TensorProto`` of numbers, or of strings for an array of text or bytes.

    Args:
        value: a value that NumPy converts to an array, of any shape.

    Raises:
        InvalidArgumentError: for elements of a type that TensorBoard does not support.
    """
    array = np.asarray(value)
    if array.dtype.kind in "USO":
        message = Message().varint(1, STRING).message(2, shape_message(array.shape))
        for item in array.reshape(-1).tolist():
            message.data(8, _encoded(item))
        return message
    number = DATA_TYPES.get(array.dtype.name)
    if number is None:
        raise InvalidArgumentError(
            f"A summary got an array of {array.dtype.name}, expected strings or one of {', '.join(DATA_TYPES)}."
        )
    message = Message().varint(1, number).message(2, shape_message(array.shape))
    little_endian = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return message.data(4, little_endian.tobytes()) if array.size else message


def _encoded(item: object) -> bytes:
    if isinstance(item, bytes):
        return item
    if isinstance(item, str):
        return item.encode("utf-8")
    raise InvalidArgumentError(
        f"A summary got {type(item).__name__} {item!r:.60}, expected a string, bytes, or an array of numbers."
    )


@lru_cache(maxsize=256)
def metadata(plugin: str, content: bytes = b"", description: str | None = None) -> bytes:
    """Returns a ``SummaryMetadata``, which selects the TensorBoard plugin for a tag.

    Args:
        plugin: "scalars", "histograms", "images", "text", ...
        content: the data of the plugin.
        description: a Markdown description that is shown with the values.
    """
    plugin_data = Message().text(1, plugin)
    if content:
        plugin_data.data(2, content)
    message = Message().message(1, plugin_data)
    if description:
        message.text(3, description)
    return bytes(message)


def summary(tag: str, tensor: Message, about: bytes) -> bytes:
    """Returns a ``Summary`` with one value.

    Args:
        tag: the name.
        tensor: a ``TensorProto``.
        about: a ``SummaryMetadata``.
    """
    value = Message().text(1, tag).message(8, tensor)
    if about:
        value.data(9, about)
    return bytes(Message().message(1, value))


def scalar_summary(tag: str, number: FloatLike | np.ndarray, about: bytes) -> bytes:
    """Returns a ``Summary`` with one float32; a fast version of `summary` for curves with many points.

    Args:
        tag: the name.
        number: a number, or an array of shape []; values beyond float32 become infinite.
        about: a ``SummaryMetadata``.
    """
    before, after = _around_a_scalar(tag, about)
    with np.errstate(over="ignore"):
        return before + np.asarray(number).astype("<f4").tobytes() + after


@lru_cache(maxsize=1024)
def _around_a_scalar(tag: str, about: bytes) -> tuple[bytes, bytes]:
    """Returns the bytes before and after the number, which are the same for all points of a curve."""
    mark = b"\xff\xff\xff\x7f"  # the bits of a NaN, which are not UTF-8 and therefore not in any string
    before, after = summary(tag, tensor_message(np.frombuffer(mark, "<f4").reshape(())), about).split(mark)
    return before, after
