"""Protocol buffers without their compiler: writes messages field by field, and reads them with bounds.

A message is a row of fields. Each starts with a number, ``field * 8 + kind``, and has one of four kinds:

| kind | holds |
| --- | --- |
| 0, varint | whole numbers, 7 bits a byte, lowest first; negative ones as 64 bits (two's complement) |
| 1, fixed64 | 8 bytes: float64 and whole numbers |
| 2, length-delimited | a varint with the length, then bytes: text, messages, packed numbers |
| 5, fixed32 | 4 bytes: float32 and whole numbers |

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
>>> reader.integer(7)  # a missing field is zero or empty
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
#: A varint of 64 bits has at most so many bytes.
LONGEST_VARINT = 10
#: Messages within messages, at most; files that TensorFlow and ONNX write have less than ten.
DEEPEST = 64


_SMALL = [bytes([value]) for value in range(0x80)]


def varint(value: int) -> bytes:
    """A whole number from -2**63 to 2**64 - 1 as a varint.

    Raises:
        InvalidArgumentError: for a number outside of that.
    """
    if 0 <= value < 0x80:
        return _SMALL[value]
    if not -(1 << 63) <= value < 1 << 64:
        raise InvalidArgumentError(
            f"protobuf: {value} does not fit into 64 bits, the most that a varint holds."
        )
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


class Message:
    """A message that is being written. Methods add a field and return the message; ``bytes(message)`` ends it.

    Fields stand in the order of the calls. Nothing is left out: a caller who wants proto3's way, where zeros
    are not written, does not write them.
    """

    __slots__ = ("_parts",)

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def varint(self, field: int, value: int) -> Message:
        """A whole number, an enumeration's value or a bool; negative numbers as 64 bits."""
        self._parts += (_key(field, VARINT), varint(int(value)))
        return self

    def fixed32(self, field: int, value: int) -> Message:
        """Four bytes: a whole number from 0 to 2**32 - 1."""
        self._parts += (_key(field, FIXED32), struct.pack("<I", value))
        return self

    def fixed64(self, field: int, value: int) -> Message:
        """Eight bytes: a whole number from 0 to 2**64 - 1."""
        self._parts += (_key(field, FIXED64), struct.pack("<Q", value))
        return self

    def float32(self, field: int, value: float) -> Message:
        """A ``float``."""
        self._parts += (_key(field, FIXED32), struct.pack("<f", value))
        return self

    def float64(self, field: int, value: float) -> Message:
        """A ``double``."""
        self._parts += (_key(field, FIXED64), struct.pack("<d", value))
        return self

    def data(self, field: int, value: bytes | bytearray | memoryview) -> Message:
        """Bytes, or anything that shows itself as bytes."""
        content = bytes(value)
        self._parts += (_key(field, LENGTH_DELIMITED), varint(len(content)), content)
        return self

    def text(self, field: int, value: str) -> Message:
        """A string, as UTF-8."""
        return self.data(field, value.encode("utf-8"))

    def message(self, field: int, value: Message) -> Message:
        """A message within the message."""
        return self.data(field, bytes(value))

    def packed_varints(self, field: int, values: Iterable[int]) -> Message:
        """Whole numbers, one after the other in one field."""
        return self.data(field, b"".join(varint(int(value)) for value in values))

    def packed_floats(self, field: int, values: Iterable[float]) -> Message:
        """``float``s, one after the other in one field."""
        listed = list(values)
        return self.data(field, struct.pack(f"<{len(listed)}f", *listed))

    def packed_doubles(self, field: int, values: Iterable[float]) -> Message:
        """``double``s, one after the other in one field."""
        listed = list(values)
        return self.data(field, struct.pack(f"<{len(listed)}d", *listed))

    def __bytes__(self) -> bytes:
        return b"".join(self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts))


@lru_cache(maxsize=1024)
def _key(field: int, kind: int) -> bytes:
    if not 1 <= field <= MOST_FIELD:
        raise InvalidArgumentError(f"protobuf: field {field}; fields are numbered from 1 to {MOST_FIELD}.")
    return varint(field << 3 | kind)


def read_varint(data: bytes | bytearray | memoryview, at: int, name: str) -> tuple[int, int]:
    """The varint that starts at a position, and the position behind it.

    Args:
        data: bytes or a view of them.
        at: where it starts.
        name: of the file, for the error.

    Raises:
        FileFormatError: if the data end within it, or it has more than 64 bits.
    """
    value = 0
    for index in range(LONGEST_VARINT):
        if at + index >= len(data):
            raise FileFormatError(
                f"{name}: the data end within a number. The file is truncated or corrupted."
            )
        byte = data[at + index]
        value |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            if value >> 64:
                break
            return value, at + index + 1
    raise FileFormatError(
        f"{name}: a number of more than 64 bits, which nothing writes. The file is corrupted."
    )


def fields(data: bytes | bytearray | memoryview, name: str) -> Iterator[tuple[int, int, Any]]:
    """The fields of a message, in order: number, kind, and value.

    The value is a whole number for varint, fixed32 and fixed64 (unsigned; see `signed` and `Reader`), and a view
    of the data for length-delimited fields, so that reading copies nothing.

    Args:
        data: the message's bytes or a view of them.
        name: of the file, for the error.

    Raises:
        FileFormatError: for anything that is no message.
    """
    view = memoryview(data)
    at = 0
    while at < len(view):
        key, at = read_varint(view, at, name)
        field, kind = key >> 3, key & 7
        if not 1 <= field <= MOST_FIELD:
            raise FileFormatError(
                f"{name}: a field of number {field}, which cannot be. The file is corrupted."
            )
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
                f"{name}: a field of kind {kind}; known are 0, 1, 2 and 5. It is corrupted."
            )
        if length > len(view) - at:
            raise FileFormatError(
                f"{name}: field {field} says that it has {length:,} bytes, but {len(view) - at:,} are left. "
                "The file is truncated or corrupted."
            )
        part = view[at : at + length]
        at += length
        yield field, kind, part if kind == LENGTH_DELIMITED else int.from_bytes(part, "little")


def signed(value: int, bits: int = 64) -> int:
    """An unsigned number of so many bits, read as two's complement.

    >>> from tensorlet.formats.protobuf import signed
    >>> signed(2**64 - 1), signed(5)
    (-1, 5)
    """
    value &= (1 << bits) - 1
    return value - (1 << bits) if value >> (bits - 1) else value


class Reader:
    """A message that has been read: fields by number.

    Fields that are not there are zero or empty, as protocol buffers have it. A field of another kind than asked
    for is an error.

    Args:
        data: the message's bytes or a view of them; kept alive, not copied.
        name: of the file, for errors.
        depth: how many messages this one lies in.

    Raises:
        FileFormatError: for anything that is no message, and for messages nested too deeply.
    """

    __slots__ = ("_depth", "_fields", "name")

    def __init__(self, data: bytes | bytearray | memoryview, name: str, depth: int = 0) -> None:
        if depth > DEEPEST:
            raise FileFormatError(
                f"{name}: messages are nested more than {DEEPEST} deep. The file is corrupted."
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
                    f"{self.name}: field {field} is of kind {kind}, expected {' or '.join(map(str, kinds))}. "
                    "The file is corrupted or of another kind."
                )
        return [value for _, value in found]

    def integer(self, field: int) -> int:
        """The last value of a field of whole numbers (unsigned), a fixed-size one too."""
        found = self._all(field, VARINT, FIXED32, FIXED64)
        return int(found[-1]) if found else 0

    def signed(self, field: int, bits: int = 64) -> int:
        """The same as two's complement."""
        return signed(self.integer(field), bits)

    def float32(self, field: int) -> float:
        """The last value of a ``float`` field."""
        found = self._all(field, FIXED32)
        return float(struct.unpack("<f", struct.pack("<I", found[-1]))[0]) if found else 0.0

    def float64(self, field: int) -> float:
        """The last value of a ``double`` field."""
        found = self._all(field, FIXED64)
        return float(struct.unpack("<d", struct.pack("<Q", found[-1]))[0]) if found else 0.0

    def data(self, field: int) -> memoryview:
        """The last value of a field of bytes."""
        found = self._all(field, LENGTH_DELIMITED)
        return found[-1] if found else memoryview(b"")

    def all_data(self, field: int) -> list[memoryview]:
        """All values of a repeated field of bytes."""
        return self._all(field, LENGTH_DELIMITED)

    def text(self, field: int) -> str:
        """The last value of a string field."""
        return self._text(self.data(field), field)

    def texts(self, field: int) -> list[str]:
        """All values of a repeated string field."""
        return [self._text(value, field) for value in self.all_data(field)]

    def _text(self, value: memoryview, field: int) -> str:
        try:
            return str(value, "utf-8")
        except UnicodeDecodeError:
            raise FileFormatError(
                f"{self.name}: field {field} is no UTF-8 text. The file is corrupted."
            ) from None

    def message(self, field: int) -> Reader:
        """The last value of a field that holds a message; an empty message if the field is missing."""
        return Reader(self.data(field), self.name, self._depth + 1)

    def messages(self, field: int) -> list[Reader]:
        """All values of a repeated field of messages."""
        return [Reader(value, self.name, self._depth + 1) for value in self.all_data(field)]

    def integers(self, field: int) -> list[int]:
        """All numbers of a repeated field of varints, packed or one by one (unsigned)."""
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
        """All numbers of a repeated ``float`` field, packed or one by one."""
        return self._numbers(field, FIXED32, "f")

    def doubles(self, field: int) -> list[float]:
        """All numbers of a repeated ``double`` field, packed or one by one."""
        return self._numbers(field, FIXED64, "d")

    def _numbers(self, field: int, kind: int, letter: str) -> list[float]:
        size = 4 if kind == FIXED32 else 8
        numbers: list[float] = []
        for value in self._all(field, kind, LENGTH_DELIMITED):
            content = value.to_bytes(size, "little") if isinstance(value, int) else value
            if len(content) % size:
                raise FileFormatError(
                    f"{self.name}: field {field} has {len(content)} bytes, no multiple of {size}. It is corrupted."
                )
            numbers += struct.unpack(f"<{len(content) // size}{letter}", content)
        return numbers
