"""Sorted tables of keys and values in LevelDB's format, such as the index of a TensorFlow checkpoint.

A table is a sequence of blocks and a footer. A block contains entries: the number of bytes that the key shares
with the previous key, the number of other bytes, the length of the value (three varints), the rest of the key, and
the value. Every sixteenth key is stored completely; a block ends with the positions of these (32 bits each) and
their number. Each block is followed by a byte for its compression (0: none) and the masked CRC-32C of both.
The last two blocks are an empty one ("metaindex") and the index: for each data block, a key that is not before
its last one, and the position and size of the block (two varints). The footer contains the positions of these two,
zeros up to 40 bytes, and a magic number.

Source: S. Ghemawat, J. Dean, "LevelDB: table format" (doc/table_format.md of LevelDB).

>>> from tensorlet.formats.sorted_table import read_table, write_table
>>> read_table(write_table([(b"ant", b"1"), (b"anteater", b"2")]), "insects.index")
{b'ant': b'1', b'anteater': b'2'}
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats.crc32c import crc32c, mask
from tensorlet.formats.protobuf import read_varint, varint

MAGIC = 0xDB4775248B80FB57
FOOTER = 48
#: The size in bytes at which a block is closed.
BLOCK_BYTES = 1 << 18
#: The interval at which a key is stored completely.
RESTART_INTERVAL = 16
TRAILER = 5
COMPRESSIONS = {1: "Snappy", 2: "zstd"}
LONGEST_KEY = 1 << 16
#: The largest ratio of the size of the full keys to the size of the file. A real index expands
#: about fivefold; a file made to exhaust the memory could expand by thousands.
MOST_GROWTH = 64


def write_table(entries: Iterable[tuple[bytes, bytes]]) -> bytes:
    """Returns a table of these keys and values.

    Args:
        entries: pairs in the order of the bytes of the keys, without duplicates.

    Raises:
        InvalidArgumentError: if the keys are not in order.
    """
    out = bytearray()
    index = _Block()
    block, last = _Block(), None
    for key, value in entries:
        if last is not None and key <= last:
            raise InvalidArgumentError(
                f"write_table: the key {key!r} follows {last!r}; keys must be sorted and unique."
            )
        if block.size >= BLOCK_BYTES:
            index.add(last or b"", _append(out, block))
            block = _Block()
        block.add(key, value)
        last = key
    if last is not None:
        index.add(_successor(last), _append(out, block))
    footer = _append(out, _Block()) + _append(out, index)
    out += footer.ljust(FOOTER - 8, b"\0") + struct.pack("<Q", MAGIC)
    return bytes(out)


class _Block:
    """A block that is being written."""

    def __init__(self) -> None:
        self.parts = bytearray()
        self.restarts = [0]
        self.entries = 0
        self.last = b""

    @property
    def size(self) -> int:
        return len(self.parts)

    def add(self, key: bytes, value: bytes) -> None:
        if self.entries and self.entries % RESTART_INTERVAL == 0:
            self.restarts.append(len(self.parts))
            self.last = b""
        shared = _common_start(self.last, key)
        self.parts += varint(shared) + varint(len(key) - shared) + varint(len(value)) + key[shared:] + value
        self.entries += 1
        self.last = key

    def finished(self) -> bytes:
        return bytes(self.parts) + struct.pack(
            f"<{len(self.restarts) + 1}I", *self.restarts, len(self.restarts)
        )


def _common_start(first: bytes, second: bytes) -> int:
    for at, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return at
    return min(len(first), len(second))


def _successor(key: bytes) -> bytes:
    """Returns a short key that is not before this one, which is all that the index stores of the last block."""
    for at, byte in enumerate(key):
        if byte != 0xFF:
            return key[:at] + bytes([byte + 1])
    return key


def _append(out: bytearray, block: _Block) -> bytes:
    """Appends a block to the others; returns its handle: position and size."""
    content = block.finished()
    handle = varint(len(out)) + varint(len(content))
    content += b"\0"  # not compressed
    out += content + struct.pack("<I", mask(crc32c(content)))
    return handle


def read_table(data: bytes | bytearray | memoryview, name: str) -> dict[bytes, bytes]:
    """Returns the keys and values of a table, in order.

    Args:
        data: all bytes of the file.
        name: the name of the file, for errors.

    Raises:
        FileFormatError: if it is not a table, is truncated or damaged, or is compressed.
    """
    view = memoryview(data)
    if len(view) < FOOTER or int.from_bytes(view[-8:], "little") != MAGIC:
        raise FileFormatError(
            f"{name}: this is not the index of a TensorFlow checkpoint (its last 8 bytes are "
            f"{bytes(view[-8:]).hex(' ') or 'missing'}, expected 57 fb 80 8b 24 75 47 db), or it is truncated."
        )
    footer = view[len(view) - FOOTER : len(view) - 8]
    _, at = _handle(footer, 0, name)  # the metaindex, which checkpoints do not use
    index_handle, _ = _handle(footer, at, name)
    body = view[: len(view) - FOOTER]
    growth = _Growth(MOST_GROWTH * len(view), name)
    entries: dict[bytes, bytes] = {}
    last: bytes | None = None
    for _, value in _block_entries(_block(body, index_handle, name), growth):
        handle, _ = _handle(value, 0, name)
        for key, content in _block_entries(_block(body, handle, name), growth):
            # Also rejects an index that refers to one block a thousand times.
            if last is not None and key <= last:
                raise FileFormatError(f"{name}: its keys are not in order. The file is corrupted.")
            entries[key] = bytes(content)
            last = key
    return entries


class _Growth:
    """Counts the bytes of the full keys."""

    def __init__(self, most: int, name: str) -> None:
        self.left = most
        self.name = name

    def spend(self, count: int) -> None:
        self.left -= count
        if self.left < 0 or count > LONGEST_KEY:
            raise FileFormatError(
                f"{self.name}: its keys would need far more memory than the size of the file. The file is corrupted."
            )


def _handle(data: memoryview, at: int, name: str) -> tuple[tuple[int, int], int]:
    position, at = read_varint(data, at, name)
    size, at = read_varint(data, at, name)
    return (position, size), at


def _block(body: memoryview, handle: tuple[int, int], name: str) -> memoryview:
    """Returns the bytes of a block after verifying its checksum."""
    position, size = handle
    if position + size + TRAILER > len(body):
        raise FileFormatError(
            f"{name}: a block ends at byte {position + size + TRAILER:,}, but the file's blocks have "
            f"{len(body):,} bytes. The file is truncated or corrupted."
        )
    content = body[position : position + size + 1]
    stored = int.from_bytes(body[position + size + 1 : position + size + TRAILER], "little")
    if mask(crc32c(content)) != stored:
        raise FileFormatError(
            f"{name}: the checksum of the block at byte {position:,} does not match. The file is corrupted."
        )
    compression = content[size]
    if compression:
        kind = COMPRESSIONS.get(compression, f"method {compression}")
        raise FileFormatError(
            f"{name}: the table is compressed ({kind}). TensorFlow writes uncompressed checkpoints, and only these "
            "are supported: load the file in the program that wrote it and save it again."
        )
    return content[:size]


def _block_entries(block: memoryview, growth: _Growth) -> Iterator[tuple[bytes, memoryview]]:
    """Yields the keys and values of one block."""
    name = growth.name
    restarts = int.from_bytes(block[-4:], "little") if len(block) >= 4 else 0
    end = len(block) - 4 * (restarts + 1)
    if end < 0 or len(block) < 4:
        raise FileFormatError(f"{name}: a block has the invalid size {len(block)}. The file is corrupted.")
    at = 0
    key = b""
    entries = block[:end]
    while at < end:
        shared, at = read_varint(entries, at, name)
        rest, at = read_varint(entries, at, name)
        size, at = read_varint(entries, at, name)
        if shared > len(key) or rest + size > end - at:
            raise FileFormatError(f"{name}: an entry extends beyond its block. The file is corrupted.")
        growth.spend(shared + rest)
        key = key[:shared] + bytes(entries[at : at + rest])
        yield key, entries[at + rest : at + rest + size]
        at += rest + size
