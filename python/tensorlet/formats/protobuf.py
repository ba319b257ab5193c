"""Protocol buffers without a compiler: writes messages field by field, and reads them with limits.

A message is a sequence of fields. Each starts with a number, ``field * 8 + kind``, with one of four kinds:

| kind | content |
| --- | --- |
| 0, varint | integers, 7 bits per byte, least significant first; negative ones as 64 bits (two's complement) |
| 1, fixed64 | 8 bytes: float64 and integers |
| 2, length-delimited | a varint with the length, then bytes: text, messages, packed numbers |
| 5, fixed32 | 4 bytes: float32 and integers |

Source: "Encoding", in the documentation of Protocol Buffers (protobuf.dev).

Writing:

>>> from tensorlet.formats.protobuf import Message, Reader
>>> point = Message().varint(1, 150).text(2, "here")
>>> shape = Message().message(1, point).packed_floats(3, [1.0, 2.0])
>>> bytes(point).hex(" ")
'08 96 01 12 04 68 65 72 65'

Reading: the last value of a field, or all of them.

>>> reader = Reader(bytes(shape), "shape.pb")
>>> reader.message(1).integer(1), reader.message(1).text(2), reader.floats(3)
(150, 'here', [1.0, 2.0])
>>> reader.integer(7)  # missing fields are zero or empty
0
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from tensorlet.errors import FileFormatError, InvalidArgumentError

VARINT, FIXED64, LENGTH_DELIMITED, FIXED32 = 0, 1, 2, 5
MOST_FIELD = (1 << 29) - 1
#: The largest number of bytes of a varint with 64 bits.
LONGEST_VARINT = 10
#: The deepest nesting of messages; files written by TensorFlow and ONNX have less than ten levels.
DEEPEST = 64


_SMALL = [bytes([value]) for value in range(0x80)]


def varint(value: int) -> bytes:
    """Encodes an integer from -2**63 to 2**64 - 1 as a varint.

    Raises:
        InvalidArgumentError: for a number outside this range.
    """
    if 0 <= value < 0x80:
        return _SMALL[value]
    if not -(1 << 63) <= value < 1 << 64:
        raise InvalidArgumentError(f"protobuf: {value} does not fit into 64 bits, the limit of a varint.")
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Message:
    """A message that is being written. Methods add a field and return the message; ``bytes(message)`` encodes it.

    Fields are written in the order of the calls. Zeros are written too; callers that follow proto3, which omits
    them, must not add them.
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def varint(self, field: int, value: int) -> Message:
        """Adds an integer, enumeration value or bool; negative numbers as 64 bits."""
        self._parts += (_key(field, VARINT), varint(int(value)))
        return self

    def fixed32(self, field: int, value: int) -> Message:
        """Adds four bytes: an integer from 0 to 2**32 - 1."""
        self._parts += (_key(field, FIXED32), struct.pack("<I", value))
        return self

    def fixed64(self, field: int, value: int) -> Message:
        """Adds eight bytes: an integer from 0 to 2**64 - 1."""
        self._parts += (_key(field, FIXED64), struct.pack("<Q", value))
        return self

    def float32(self, field: int, value: float) -> Message:
        """Adds a ``float``."""
        self._parts += (_key(field, FIXED32), struct.pack("<f", value))
        return self

    def float64(self, field: int, value: float) -> Message:
        """Adds a ``double``."""
        self._parts += (_key(field, FIXED64), struct.pack("<d", value))
        return self

    def data(self, field: int, value: bytes | bytearray | memoryview) -> Message:
        """Adds bytes, or any object that supports the buffer protocol."""
        content = bytes(value)
        self._parts += (_key(field, LENGTH_DELIMITED), varint(len(content)), content)
        return self

    def text(self, field: int, value: str) -> Message:
        """Adds a string, as UTF-8."""
        return self.data(field, value.encode("utf-8"))

    def message(self, field: int, value: Message) -> Message:
        """Adds a nested message."""
        return self.data(field, bytes(value))

    def packed_varints(self, field: int, values: Iterable[int]) -> Message:
        """Adds integers to one packed field."""
        return self.data(field, b"".join(varint(int(value)) for value in values))

    def packed_floats(self, field: int, values: Iterable[float]) -> Message:
        """Adds ``float``s to one packed field."""
        listed = list(values)
        return self.data(field, struct.pack(f"<{len(listed)}f", *listed))

    def packed_doubles(self, field: int, values: Iterable[float]) -> Message:
        """Adds ``double``s to one packed field."""
        listed = list(values)
        return self.data(field, struct.pack(f"<{len(listed)}d", *listed))

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))


@lru_cache(maxsize=1024)
def _key(field: int, kind: int) -> bytes:
    if not 1 <= field <= MOST_FIELD:
        raise InvalidArgumentError(f"protobuf: field number {field} is not between 1 and {MOST_FIELD}.")
    return varint(field << 3 | kind)


def read_varint(data: bytes | bytearray | memoryview, at: int, name: str) -> tuple[int, int]:
    """Reads the varint at a position; returns it and the position after it.

    Args:
        data: bytes or a view of them.
        at: the position.
        name: the name of the file, for errors.

    Raises:
        FileFormatError: if the data ends within it, or it has more than 64 bits.
    """
    value = 0
    for index in range(LONGEST_VARINT):
        if at + index >= len(data):
            raise FileFormatError(
                f"{name}: the data ends within a number. The file is truncated or corrupted."
            )
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if value >> 64:
                break
            return value, at + index + 1
    raise FileFormatError(f"{name}: a number has more than 64 bits. The file is corrupted.")


def fields(data: bytes | bytearray | memoryview, name: str) -> Iterator[tuple[int, int, Any]]:
    """Yields the fields of a message, in order: number, kind, and value.

    The value is an integer for varint, fixed32 and fixed64 (unsigned; see `signed` and `Reader`), and a view
    of the data for length-delimited fields, so that nothing is copied.

    Args:
        data: the bytes of the message or a view of them.
        name: the name of the file, for errors.

    Raises:
        FileFormatError: if it is not a message.
    """
    view = memoryview(data)
    at = 0
    while at < len(view):
        key, at = read_varint(view, at, name)
        field, kind = key >> 3, key & 7
        if not 1 <= field <= MOST_FIELD:
            raise FileFormatError(f"{name}: the field number {field} is invalid. The file is corrupted.")
        if kind == VARINT:
            value, at = read_varint(view, at, name)
            yield field, kind, value
            continue
        if kind == LENGTH_DELIMITED:
            length, at = read_varint(view, at, name)
        elif kind in (FIXED32, FIXED64):
            length = 4 if kind == FIXED32 else 8
        else:
            raise FileFormatError(
                f"{name}: a field has kind {kind}, expected 0, 1, 2 or 5. The file is corrupted."
            )
        if length > len(view) - at:
            raise FileFormatError(
                f"{name}: field {field} claims {length:,} bytes, but only {len(view) - at:,} are left. "
                "The file is truncated or corrupted."
            )
        part = view[at : at + length]
        at += length
        yield field, kind, part if kind == LENGTH_DELIMITED else int.from_bytes(part, "little")


def signed(value: int, bits: int = 64) -> int:
    """Interprets an unsigned number with this many bits as two's complement.

    >>> from tensorlet.formats.protobuf import signed
    >>> signed(2**64 - 1), signed(5)
    (-1, 5)
    """
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class Reader:
    """A message that was read: fields by number.

    Missing fields are zero or empty, as defined by protocol buffers. A field of another kind than requested
    is an error.

    Args:
        data: the bytes of the message or a view of them, which is kept alive but not copied.
        name: the name of the file, for errors.
        depth: the nesting depth of the message.

    Raises:
        FileFormatError: if it is not a message, or nested too deeply.
    """

    __slots__ = ("_depth", "_fields", "name")

    def __init__(self, data: bytes | bytearray | memoryview, name: str, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise FileFormatError(
                f"{name}: messages are nested more than {DEEPEST} levels deep. The file is corrupted."
            )
        self.name = name
        self._depth = depth
        self._fields: dict[int, list[tuple[int, Any]]] = {}
        for field, kind, value in fields(data, name):
            self._fields.setdefault(field, []).append((kind, value))

    def __contains__(self, field: int) -> bool:
        return field in self._fields

    def _all(self, field: int, *kinds: int) -> list[Any]:
        found = self._fields.get(field, [])
        for kind, _ in found:
            if kind not in kinds:
                raise FileFormatError(
                    f"{self.name}: field {field} has kind {kind}, expected {' or '.join(map(str, kinds))}. "
                    "The file is corrupted or has another format."
                )
        return [value for _, value in found]

    def integer(self, field: int) -> int:
        """Returns the last value of an integer field (unsigned), of variable or fixed size."""
        found = self._all(field, VARINT, FIXED32, FIXED64)
        return int(found[-1]) if found else 0

    def signed(self, field: int, bits: int = 64) -> int:
        """Returns the last value of an integer field as two's complement."""
        return signed(self.integer(field), bits)

    def float32(self, field: int) -> float:
        """Returns the last value of a ``float`` field."""
        found = self._all(field, FIXED32)
        return float(struct.unpack("<f", struct.pack("<I", found[-1]))[0]) if found else 0.0

    def float64(self, field: int) -> float:
        """Returns the last value of a ``double`` field."""
        found = self._all(field, FIXED64)
        return float(struct.unpack("<d", struct.pack("<Q", found[-1]))[0]) if found else 0.0

    def data(self, field: int) -> memoryview:
        """Returns the last value of a field of bytes."""
        found = self._all(field, LENGTH_DELIMITED)
        return found[-1] if found else memoryview(b"")

    def all_data(self, field: int) -> list[memoryview]:
        """Returns all values of a repeated field of bytes."""
        return self._all(field, LENGTH_DELIMITED)

    def text(self, field: int) -> str:
        """Returns the last value of a string field."""
        return self._text(self.data(field), field)

    def texts(self, field: int) -> list[str]:
        """Returns all values of a repeated string field."""
        return [self._text(value, field) for value in self.all_data(field)]

    def _text(self, value: memoryview, field: int) -> str:
        try:
            return str(value, "utf-8")
        except UnicodeDecodeError:
            raise FileFormatError(
                f"{self.name}: field {field} is not UTF-8 text. The file is corrupted."
            ) from None

    def message(self, field: int) -> Reader:
        """Returns the last value of a message field; an empty message if the field is missing."""
        return Reader(self.data(field), self.name, self._depth + 1)

    def messages(self, field: int) -> list[Reader]:
        """Returns all values of a repeated message field."""
        return [Reader(value, self.name, self._depth + 1) for value in self.all_data(field)]

    def integers(self, field: int) -> list[int]:
        """Returns all numbers of a repeated field of varints, packed or not (unsigned)."""
        numbers: list[int] = []
        for value in self._all(field, VARINT, LENGTH_DELIMITED):
            if isinstance(value, int):
                numbers.append(value)
                continue
            at = 0
            while at < len(value):
                number, at = read_varint(value, at, self.name)
                numbers.append(number)
        return numbers

    def floats(self, field: int) -> list[float]:
        """Returns all numbers of a repeated ``float`` field, packed or not."""
        return self._numbers(field, FIXED32, "f")

    def doubles(self, field: int) -> list[float]:
        """Returns all numbers of a repeated ``double`` field, packed or not."""
        return self._numbers(field, FIXED64, "d")

    def _numbers(self, field: int, kind: int, letter: str) -> list[float]:
        size = 4 if kind == FIXED32 else 8
        numbers: list[float] = []
        for value in self._all(field, kind, LENGTH_DELIMITED):
            content = value.to_bytes(size, "little") if isinstance(value, int) else value
            if len(content) % size:
                raise FileFormatError(
                    f"{self.name}: field {field} has {len(content)} bytes, not a multiple of {size}: corrupted."
                )
            numbers += struct.unpack(f"<{len(content) // size}{letter}", content)
        return numbers
