"""Protocol buffers and checksums against the encodings that their documents print."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats import crc32c as checksums
from tensorlet.formats.protobuf import Message, Reader, fields, signed, varint


def test_varints_as_the_encoding_guide_prints_them() -> None:
    assert varint(0) == b"\x00"
    assert varint(1) == b"\x01"
    assert varint(150) == b"\x96\x01"
    assert varint(300) == b"\xac\x02"
    assert varint(-2) == b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"
    assert varint(2**64 - 1) == b"\xff" * 9 + b"\x01"


def test_messages_as_the_encoding_guide_prints_them() -> None:
    assert bytes(Message().varint(1, 150)) == b"\x08\x96\x01"
    assert bytes(Message().text(2, "testing")) == b"\x12\x07testing"
    assert bytes(Message().message(3, Message().varint(1, 150))) == b"\x1a\x03\x08\x96\x01"
    assert bytes(Message().packed_varints(6, [3, 270, 86942])) == bytes.fromhex("3206038e029ea705")


def test_every_kind_of_field_is_read_back() -> None:
    message = Message().varint(1, -5).fixed32(2, 7).fixed64(3, 2**63).float32(4, 0.5).float64(5, -0.25)
    message.data(6, b"\x00\xff").text(7, "한글").packed_doubles(8, [1.5]).packed_floats(9, [2.5, -1.0])
    message.packed_varints(10, [1, 300]).varint(10, 5).text(11, "a").text(11, "b")
    reader = Reader(bytes(message), "x")
    assert len(message) == len(bytes(message))
    assert reader.signed(1) == -5
    assert reader.integer(2) == 7
    assert reader.integer(3) == 2**63
    assert reader.float32(4) == 0.5
    assert reader.float64(5) == -0.25
    assert bytes(reader.data(6)) == b"\x00\xff"
    assert reader.text(7) == "한글"
    assert reader.doubles(8) == [1.5]
    assert reader.floats(9) == [2.5, -1.0]
    assert reader.integers(10) == [1, 300, 5]
    assert reader.texts(11) == ["a", "b"]
    assert reader.text(11) == "b"
    assert 11 in reader
    assert 12 not in reader
    assert (reader.float32(20), reader.float64(20), reader.text(20), reader.messages(20)) == (0, 0, "", [])


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x08", "ends within a number"),
        (b"\x08" + b"\xff" * 11, "more than 64 bits"),
        (b"\x08" + b"\xff" * 9 + b"\x7f", "more than 64 bits"),
        (b"\x12\x05ab", "5 bytes, but only 2 are left"),
        (b"\x0d\x00", "4 bytes, but only 1 are left"),
        (b"\x0b", "kind 3"),
        (b"\x00\x00", "number 0"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(FileFormatError, match=why) as caught:
        list(fields(data, "some.file"))
    assert str(caught.value).startswith("some.file: ")


def test_fields_of_the_wrong_kind_are_refused() -> None:
    reader = Reader(bytes(Message().varint(1, 1).data(2, b"\xff").data(3, b"abc")), "some.file")
    with pytest.raises(FileFormatError, match="field 1 has kind 0, expected 2"):
        reader.text(1)
    with pytest.raises(FileFormatError, match="not UTF-8"):
        reader.text(2)
    with pytest.raises(FileFormatError, match="not a multiple of 4"):
        reader.floats(3)


def test_nesting_has_an_end() -> None:
    message = Message()
    for _ in range(100):
        message = Message().message(1, message)
    reader = Reader(bytes(message), "deep")
    with pytest.raises(FileFormatError, match="nested more than 64"):
        while True:
            reader = reader.message(1)


def test_numbers_and_fields_that_cannot_be_written_are_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="64 bits"):
        varint(1 << 64)
    with pytest.raises(InvalidArgumentError, match="field number 0"):
        Message().varint(0, 1)


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.binary(max_size=40))
def test_what_is_written_is_read(number: int, data: bytes) -> None:
    reader = Reader(bytes(Message().varint(1, number).data(2, data)), "x")
    assert reader.signed(1) == number
    assert bytes(reader.data(2)) == data


@given(st.binary(max_size=60))
def test_any_bytes_are_a_message_or_an_error(data: bytes) -> None:
    try:
        found = list(fields(data, "x"))
    except FileFormatError:
        return
    assert len(found) <= len(data)


def test_two_complement_of_fewer_bits() -> None:
    assert signed(0xFFFFFFFF, 32) == -1
    assert signed(0x7FFFFFFF, 32) == 2**31 - 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [  # RFC 3720, appendix B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
        (b"", 0),
    ],
)
def test_checksums_of_the_standard(data: bytes, expected: int) -> None:
    assert checksums.crc32c(data) == expected
    assert checksums.crc32c(data[5:], checksums.crc32c(data[:5])) == expected


def by_definition(data: bytes, value: int) -> int:
    """The checksum bit by bit: division by the polynomial, lowest bit first."""
    value ^= 0xFFFFFFFF
    for byte in data:
        value ^= byte
        for _ in range(8):
            value = (value >> 1) ^ (0x82F63B78 if value & 1 else 0)
    return value ^ 0xFFFFFFFF


@given(st.binary(max_size=300), st.integers(0, 2**32 - 1))
def test_the_checksum_follows_its_definition(data: bytes, start: int) -> None:
    assert checksums.crc32c(data, start) == by_definition(data, start)
    assert checksums.unmask(checksums.mask(start)) == start
