"""Tables and checkpoints as files: written, read, damaged, broken off."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensorlet.errors import FileFormatError, InvalidArgumentError, TensorletError
from tensorlet.formats import sorted_table, tensor_bundle
from tensorlet.formats.bundle_strings import string_pieces
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.protobuf import Message
from tensorlet.formats.sorted_table import read_table, write_table
from tensorlet.formats.tensor_bundle import NUMBERS, BundleReader, write_bundle

TENSORS = {
    "w": np.arange(6, dtype=np.float32).reshape(2, 3),
    "step": np.asarray(7, np.int64),
    "empty": np.zeros((0, 3), np.float64),
    "note": "한글".encode(),
}


# Tables


def test_a_table_byte_for_byte() -> None:
    """One block with "ab" and "ac", laid out by hand."""
    block = bytes([0, 2, 1]) + b"ab1" + bytes([1, 1, 1]) + b"c2" + bytes([0, 0, 0, 0, 1, 0, 0, 0])
    empty = bytes([0, 0, 0, 0, 1, 0, 0, 0])
    # "b" is not before "ac"; the block lies at 0 and has 19 bytes.
    index = bytes([0, 1, 2]) + b"b" + bytes([0, 19]) + bytes([0, 0, 0, 0, 1, 0, 0, 0])

    def with_trailer(content: bytes) -> bytes:
        return content + b"\0" + mask(crc32c(content + b"\0")).to_bytes(4, "little")

    footer = bytes([24, 8, 37, 14]).ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")
    expected = with_trailer(block) + with_trailer(empty) + with_trailer(index) + footer
    assert write_table([(b"ab", b"1"), (b"ac", b"2")]) == expected
    assert read_table(expected, "x") == {b"ab": b"1", b"ac": b"2"}


@given(st.dictionaries(st.binary(max_size=12), st.binary(max_size=30), max_size=60))
def test_tables_are_read_as_written(entries: dict[bytes, bytes]) -> None:
    assert read_table(write_table(sorted(entries.items())), "x") == entries


def test_a_table_of_several_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sorted_table, "BLOCK_BYTES", 100)
    entries = {f"key {number:04d}".encode(): bytes([number % 256]) * 9 for number in range(300)}
    data = write_table(sorted(entries.items()))
    assert read_table(data, "x") == entries


def test_keys_out_of_order_are_not_written() -> None:
    with pytest.raises(InvalidArgumentError, match="must be sorted"):
        write_table([(b"b", b""), (b"a", b"")])


def test_a_compressed_table_is_refused_with_a_sentence() -> None:
    data = bytearray(write_table([(b"a", b"1")]))
    size = 3 + 2 + 8
    data[size] = 1
    data[size + 1 : size + 5] = mask(crc32c(data[: size + 1])).to_bytes(4, "little")
    with pytest.raises(FileFormatError, match="compressed \\(Snappy\\)"):
        read_table(data, "x")


def test_a_table_made_to_fill_the_memory_is_refused() -> None:
    """Each entry repeats a key of 60,000 bytes and adds one: four bytes in the file for each."""
    long = b"a" * 60_000
    block = sorted_table._Block()
    block.add(long, b"")
    for number in range(2000):
        key = long + number.to_bytes(2, "big")
        block.parts += (
            sorted_table.varint(60_000) + sorted_table.varint(2) + sorted_table.varint(0) + key[-2:]
        )
    out = bytearray()
    index = sorted_table._Block()
    index.add(b"b", sorted_table._append(out, block))
    footer = sorted_table._append(out, sorted_table._Block()) + sorted_table._append(out, index)
    out += footer.ljust(40, b"\0") + sorted_table.MAGIC.to_bytes(8, "little")
    with pytest.raises(FileFormatError, match="far more memory"):
        read_table(out, "x")


def test_an_index_that_names_one_block_many_times_is_refused() -> None:
    block = sorted_table._Block()
    block.add(b"k", b"v")
    out = bytearray()
    handle = sorted_table._append(out, block)
    index = sorted_table._Block()
    index.add(b"k", handle)
    index.add(b"l", handle)
    footer = sorted_table._append(out, sorted_table._Block()) + sorted_table._append(out, index)
    out += footer.ljust(40, b"\0") + sorted_table.MAGIC.to_bytes(8, "little")
    with pytest.raises(FileFormatError, match="not in order"):
        read_table(out, "x")


# Checkpoints


def assert_holds(prefix: Path, tensors: dict[str, object]) -> None:
    reader = BundleReader(prefix)
    assert list(reader) == sorted(tensors)
    for key, value in tensors.items():
        found = reader.read(key)
        if isinstance(value, bytes):
            assert found == value
        else:
            assert found.dtype == value.dtype  # type: ignore[attr-defined]
            np.testing.assert_array_equal(found, value)


def test_every_element_type_comes_back(tmp_path: Path) -> None:
    tensors = {dtype.name: np.array([[0, 1, 100]]).astype(dtype) for dtype in NUMBERS}
    write_bundle(tmp_path / "한글 폴더" / "all", tensors)
    assert_holds(tmp_path / "한글 폴더" / "all", tensors)


def test_names_of_the_files(tmp_path: Path) -> None:
    for _ in range(3):
        write_bundle(tmp_path / "one", TENSORS)
        assert sorted(os.listdir(tmp_path)) == ["one.data-00000-of-00001", "one.index"]
        assert_holds(tmp_path / "one", TENSORS)


def test_bfloat16_becomes_float32(tmp_path: Path) -> None:
    write_bundle(tmp_path / "x", {"h": np.array([0x3F80, 0xC000], np.uint16)})
    data = (tmp_path / "x.data-00000-of-00001").read_bytes()
    entry = Message().varint(1, 14).message(2, Message().message(2, Message().varint(1, 2)))
    entry.varint(5, 4).fixed32(6, mask(crc32c(data)))
    (tmp_path / "x.index").write_bytes(tensor_bundle._index({"h": entry}, 1))
    found = BundleReader(tmp_path / "x").read("h")
    assert found.dtype == np.float32
    assert found.tolist() == [1.0, -2.0]


def test_arrays_of_strings_are_read(tmp_path: Path) -> None:
    strings = [b"one", b"", "셋".encode()]
    pieces, checksum = string_pieces(strings)
    content = b"".join(pieces)
    entry = Message().varint(1, 7).message(2, Message().message(2, Message().varint(1, 3)))
    entry.varint(5, len(content)).fixed32(6, mask(checksum))
    (tmp_path / "x.data-00000-of-00001").write_bytes(content)
    (tmp_path / "x.index").write_bytes(tensor_bundle._index({"s": entry}, 1))
    assert BundleReader(tmp_path / "x").read("s").tolist() == strings


class BrokenOffError(Exception):
    """Stands for a program that is killed."""


def test_broken_off_at_every_step_there_is_a_whole_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever the last system call was: the index leads to the old arrays or to the new ones, whole."""
    prefix = tmp_path / "model"
    real = os.replace
    steps = 0

    def replace(source: object, target: object) -> None:
        nonlocal steps
        steps -= 1
        if steps < 0:
            raise BrokenOffError
        real(source, target)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "replace", replace)
    steps = 100
    write_bundle(prefix, {"w": np.zeros(5, np.float32)})
    older = 0.0
    outcomes = set()
    for number in range(1, 30):
        steps = number % 6
        try:
            write_bundle(prefix, {"w": np.full(number % 7 + 1, number, np.float32)})
            assert steps >= 0
        except BrokenOffError:
            pass
        found = BundleReader(prefix).read("w")
        assert found[0] in (older, number)
        if found[0] == number:
            assert len(found) == number % 7 + 1
        outcomes.add(bool(found[0] == number))
        older = found[0]
    assert outcomes == {True, False}
    steps = 100
    write_bundle(prefix, TENSORS)
    assert_holds(prefix, TENSORS)
    assert sorted(name for name in os.listdir(tmp_path) if not name.startswith(".")) == [
        "model.data-00000-of-00001",
        "model.index",
    ]


def test_every_damaged_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    prefix = tmp_path / "x"
    write_bundle(prefix, TENSORS)
    for name in ("x.index", "x.data-00000-of-00001"):
        path = tmp_path / name
        whole = path.read_bytes()
        for at in range(len(whole)):
            for damage in (whole[:at], whole[:at] + bytes([whole[at] ^ 0x11]) + whole[at + 1 :]):
                path.write_bytes(damage)
                try:
                    assert_holds(prefix, TENSORS)
                except FileFormatError as error:
                    assert "x." in str(error)
        path.write_bytes(whole)
    assert_holds(prefix, TENSORS)


def test_an_index_that_promises_too_much_is_refused(tmp_path: Path) -> None:
    def read(entry: Message, shards: int = 1) -> None:
        (tmp_path / "x.index").write_bytes(tensor_bundle._index({"w": entry}, shards))
        BundleReader(tmp_path / "x").read("w")

    def shaped(*lengths: int) -> Message:
        shape = Message()
        for length in lengths:
            shape.message(2, Message().varint(1, length))
        return Message().varint(1, 1).message(2, shape)

    (tmp_path / "x.data-00000-of-00001").write_bytes(bytes(8))
    with pytest.raises(FileFormatError, match="need 4,000,000,000,000"):
        read(shaped(10**6, 10**6).varint(5, 4 * 10**12))
    with pytest.raises(FileFormatError, match="needs 4,000,000,000,000"):
        read(shaped(10**6, 10**6).varint(5, 8))
    with pytest.raises(FileFormatError, match=r"shape \(-1,\)"):
        read(shaped(-1).varint(5, 8))
    with pytest.raises(FileFormatError, match="is empty, but has the invalid shape"):
        read(shaped(2**40, 2**40, 0))
    with pytest.raises(FileFormatError, match="end at byte 12"):
        read(shaped(1).varint(4, 8).varint(5, 4))
    with pytest.raises(FileFormatError, match="complex64"):
        read(Message().varint(1, 8))
    with pytest.raises(FileFormatError, match="slices"):
        read(shaped(1).varint(5, 4).data(7, b""))
    with pytest.raises(FileFormatError, match="data file 3 of 1"):
        read(shaped(1).varint(3, 3).varint(5, 4))
    with pytest.raises(FileFormatError, match="states 0 data files"):
        read(shaped(1), 0)
    with pytest.raises(FileFormatError, match="the entry of 'w' has 5,0"):
        read(Message().data(9, bytes(5000)))
    (tmp_path / "x.data-00000-of-00001").unlink()
    with pytest.raises(FileFormatError, match="this file is missing"):
        read(shaped(1).varint(5, 4))


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    write_bundle(tmp_path / "good", TENSORS)
    with pytest.raises(FileNotFoundError, match="Checkpoints in that folder: good"):
        BundleReader(tmp_path / "bad")
    with pytest.raises(FileNotFoundError, match="no checkpoint"):
        BundleReader(tmp_path / "nowhere" / "bad")
    with pytest.raises(KeyError, match="Did you mean 'step'"):
        BundleReader(tmp_path / "good").read("steps")
    (tmp_path / "text.index").write_text("model = keras.Sequential()\n" * 9)
    with pytest.raises(FileFormatError, match="not the index of a TensorFlow checkpoint"):
        BundleReader(tmp_path / "text")
    with pytest.raises(InvalidArgumentError, match="complex128, which checkpoints do not support"):
        write_bundle(tmp_path / "c", {"z": np.zeros(2, complex)})
    assert not (tmp_path / "c.index").exists()


def test_a_full_disk_leaves_the_old_checkpoint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_bundle(tmp_path / "x", TENSORS)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TensorletError, match="the disk is full"):
        write_bundle(tmp_path / "x", {"w": np.ones(3)})
    monkeypatch.undo()
    assert_holds(tmp_path / "x", TENSORS)
