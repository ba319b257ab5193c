"""The ONNX file format: the messages of a graph, as protocol buffers.

Source: onnx.proto and "Open Neural Network Exchange Intermediate Representation", opset 18 (github.com/onnx/onnx).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from tensorlet.formats.protobuf import Message

#: The value of an attribute of an operator.
Attribute: TypeAlias = str | float | int | Sequence[int] | Message
#: The version of the file format, and of the operator set.
FORMAT_VERSION, OPERATORS_VERSION = 8, 18

#: dtype -> its number in ``TensorProto.DataType``.
DTYPES = {
    "float32": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7, "bool": 9,
    "float16": 10, "float64": 11, "uint32": 12, "uint64": 13,
}  # fmt: skip

#: ``AttributeProto.AttributeType``.
_FLOAT, _INT, _STRING, _GRAPH, _INTS = 1, 2, 3, 5, 7


def tensor(name: str, array: np.ndarray) -> Message:
    """Returns a `TensorProto`: a weight or constant."""
    little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("<"), copy=False)
    message = Message()
    if array.shape:
        message.packed_varints(1, array.shape)
    return message.varint(2, DTYPES[array.dtype.name]).text(8, name).data(9, little.tobytes())


def node(
    operator: str,
    inputs: Sequence[str],
    output: str | Sequence[str],
    name: str,
    attributes: Mapping[str, Attribute],
) -> Message:
    """Returns a `NodeProto`: one application of an operator, with one or several outputs."""
    message = Message()
    for one in inputs:
        message.text(1, one)
    for one in [output] if isinstance(output, str) else output:
        message.text(2, one)
    message.text(3, name).text(4, operator)
    for key, value in attributes.items():
        message.message(5, _attribute(key, value))
    return message


def _attribute(name: str, value: Attribute) -> Message:
    message = Message().text(1, name)
    if isinstance(value, str):
        return message.text(4, value).varint(20, _STRING)
    if isinstance(value, float):
        return message.float32(2, value).varint(20, _FLOAT)
    if isinstance(value, int):
        return message.varint(3, value).varint(20, _INT)
    if isinstance(value, Message):
        return message.message(6, value).varint(20, _GRAPH)
    for item in value:
        message.varint(8, item)
    return message.varint(20, _INTS)


def value_info(name: str, dtype: str, shape: Sequence[int | str]) -> Message:
    """Returns a `ValueInfoProto`: name, dtype and shape of an input or output; strings name unknown lengths."""
    dimensions = Message()
    for length in shape:
        one = Message().text(2, length) if isinstance(length, str) else Message().varint(1, length)
        dimensions.message(1, one)
    tensor_type = Message().varint(1, DTYPES[dtype]).message(2, dimensions)
    return Message().text(1, name).message(2, Message().message(1, tensor_type))


def graph(
    name: str,
    nodes: Sequence[Message],
    weights: Sequence[Message],
    inputs: Sequence[Message],
    outputs: Sequence[Message],
) -> Message:
    """Returns a `GraphProto`: the computation of a model, or the body of a loop."""
    message = Message()
    for one in nodes:
        message.message(1, one)
    message.text(2, name)
    for one in weights:
        message.message(5, one)
    for one in inputs:
        message.message(11, one)
    for one in outputs:
        message.message(12, one)
    return message


def model(
    name: str,
    nodes: Sequence[Message],
    weights: Sequence[Message],
    inputs: Sequence[Message],
    outputs: Sequence[Message],
    version: str,
) -> bytes:
    """Returns a whole file: a `ModelProto`."""
    body = graph(name, nodes, weights, inputs, outputs)
    whole = Message().varint(1, FORMAT_VERSION).text(2, "tensorlet").text(3, version).message(7, body)
    return bytes(whole.message(8, Message().text(1, "").varint(2, OPERATORS_VERSION)))
