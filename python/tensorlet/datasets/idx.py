"""Reading of IDX files, the format of MNIST and similar data sets.

An IDX file consists of two zero bytes, one byte for the element type, one byte for the number of
axes, the length of each axis as a big-endian 32-bit number, and the elements, big-endian and
in C order. Such files are usually compressed with gzip. The reader recognizes the content rather
than the file name, and checks everything that a file claims.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np

from tensorlet.engine import native
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats.shapes import is_possible

ELEMENT_TYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype("u1"),
    0x09: np.dtype("i1"),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
GZIP_MAGIC = b"\x1f\x8b"
# The largest number of axes in NumPy depends on its version; all of them support 32.
MOST_AXES = 32
LONGEST_HEADER = 4 + 4 * MOST_AXES
# The largest compression ratio of Deflate (zlib's technical notes): a smaller file with a larger
# claimed size is damaged, which is found before memory is allocated.
BEST_DEFLATE_RATIO = 1032
PIECE = 1 << 16
DEFAULT_LIMIT = 4 << 30


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = DEFAULT_LIMIT) -> np.ndarray:
    """Reads an IDX file, uncompressed or compressed with gzip, into a new array.

    Args:
        path: the path of the file. Compression is recognized from its content.
        max_bytes: the largest uncompressed size in bytes, so that a damaged or
            malicious file cannot exhaust the memory; 4 GiB by default.

    Returns:
        A writable C-ordered array in native byte order, with the dtype (uint8, int8,
        int16, int32, float32 or float64) and shape stated in the file.

    Raises:
        FileFormatError: if the file is truncated, corrupted, too long, larger than
            ``max_bytes`` or not an IDX file; the message names the file.
        OSError: if the file cannot be opened.

    Source: "The IDX file format" in Y. LeCun, C. Cortes, C. Burges, *The MNIST database of
    handwritten digits*.

    >>> import tensorlet as tf, pathlib, tempfile
    >>> from tensorlet.datasets import read_idx
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder) / "three.idx"
    ...     _ = file.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))
    ...     read_idx(file)
    array([5, 6, 7], dtype=uint8)
    """
    if max_bytes < 1:
        raise InvalidArgumentError(f"read_idx: max_bytes is {max_bytes}; it must be at least 1.")
    name = os.fspath(path)
    raw = _read_bytes(name, max_bytes)
    if raw[:2].tobytes() == GZIP_MAGIC:
        head = _first_bytes(raw, name)
        dtype, shape, header_bytes = _parse_header(head, name)
        total = header_bytes + _data_bytes(dtype, shape)
        _check_size(total, max_bytes, name)
        if total > raw.size * BEST_DEFLATE_RATIO:
            raise FileFormatError(
                f"{name}: the header states {total:,} bytes (shape {shape}), more than gzip can store in "
                f"the {raw.size:,} bytes of this file. {_ADVICE}"
            )
        content = _unpack(raw, total, name)
    else:
        dtype, shape, header_bytes = _parse_header(raw[:LONGEST_HEADER].tobytes(), name)
        total = header_bytes + _data_bytes(dtype, shape)
        _check_size(total, max_bytes, name)
        if raw.size != total:
            raise FileFormatError(_wrong_length(name, raw.size, total))
        content = raw
    return _as_array(content[header_bytes:], dtype, shape)


_ADVICE = "The file is truncated, corrupted or of another format: download or copy it again."


def _read_bytes(name: str, max_bytes: int) -> np.ndarray:
    """Returns the content of the file as uint8."""
    if os.path.isdir(name):
        raise FileFormatError(f"{name} is a folder, expected the path of an IDX file.")
    try:
        size = os.path.getsize(name)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{name}: the file does not exist. Check the path (relative to {os.getcwd()})."
        ) from None
    _check_size(size, max_bytes, name)
    raw = np.fromfile(name, dtype=np.uint8)
    if raw.size < 4:
        raise FileFormatError(
            f"{name}: {raw.size} bytes are too short for the header of an IDX file. {_ADVICE}"
        )
    return raw


def _check_size(total: int, max_bytes: int, name: str) -> None:
    if total > max_bytes:
        raise FileFormatError(
            f"{name}: {total:,} bytes uncompressed, more than the limit of {max_bytes:,}. "
            f"If you trust the file, pass max_bytes={total} to read_idx."
        )


def _parse_header(head: bytes, name: str) -> tuple[np.dtype, tuple[int, ...], int]:
    """Returns the dtype, the shape and the size of the header in bytes."""
    if len(head) < 4 or head[0] or head[1]:
        raise FileFormatError(
            f"{name} is not an IDX file: it starts with {head[:4].hex(' ')}, "
            "but an IDX file starts with 00 00, the element type and the number of axes."
        )
    dtype = ELEMENT_TYPES.get(head[2])
    if dtype is None:
        known = ", ".join(f"0x{code:02x} ({kind.name})" for code, kind in ELEMENT_TYPES.items())
        raise FileFormatError(f"{name}: unknown element type 0x{head[2]:02x}; expected one of {known}.")
    axes = head[3]
    if axes > MOST_AXES:
        raise FileFormatError(f"{name}: the header states {axes} axes, more than the limit of {MOST_AXES}.")
    header_bytes = 4 + 4 * axes
    if len(head) < header_bytes:
        raise FileFormatError(f"{name}: the file ends within its header of {header_bytes} bytes. {_ADVICE}")
    shape = tuple(int.from_bytes(head[at : at + 4], "big") for at in range(4, header_bytes, 4))
    if 0 in shape and not is_possible(shape, dtype.itemsize):
        raise FileFormatError(f"{name}: the header states the invalid shape {shape}. {_ADVICE}")
    return dtype, shape, header_bytes


def _data_bytes(dtype: np.dtype, shape: tuple[int, ...]) -> int:
    return math.prod(shape) * dtype.itemsize  # Python's integers: this cannot overflow


def _first_bytes(raw: np.ndarray, name: str) -> bytes:
    """Returns the start of the content of a compressed file, long enough for any header."""
    head = np.empty(LONGEST_HEADER, dtype=np.uint8)
    _, filled, _ = _gunzip(raw[:PIECE], head, name)
    return head[:filled].tobytes()


def _unpack(raw: np.ndarray, total: int, name: str) -> np.ndarray:
    """Returns the ``total`` bytes of content of a gzip file, after verifying its checksum."""
    # One more byte is enough to detect a file that is too long, without using more memory for one
    # that never ends.
    content = np.empty(total + 1, dtype=np.uint8)
    read, filled, ended = _gunzip(raw, content, name)
    if filled > total:
        raise FileFormatError(f"{name}: more data than the {total:,} bytes stated in its header. {_ADVICE}")
    if ended and read < raw.size:
        raise FileFormatError(f"{name}: {raw.size - read:,} bytes follow the end of the gzip data. {_ADVICE}")
    if filled != total:
        raise FileFormatError(_wrong_length(name, filled, total))
    if not ended:
        raise FileFormatError(f"{name}: the gzip data ends before its checksum. {_ADVICE}")
    return content[:total]


def _gunzip(raw: np.ndarray, room: np.ndarray, name: str) -> tuple[int, int, bool]:
    try:
        return native.gunzip(raw, room)
    except ValueError as error:
        raise FileFormatError(f"{name}: the gzip data is corrupted ({error}). {_ADVICE}") from None


def _wrong_length(name: str, received: int, expected: int) -> str:
    return f"{name}: {received:,} bytes uncompressed, but the header states {expected:,}. {_ADVICE}"


def _as_array(data: np.ndarray, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    if dtype.itemsize > 1:
        native = dtype.newbyteorder("=")
        return np.frombuffer(data.tobytes(), dtype=dtype).astype(native).reshape(shape)
    return data.view(dtype).reshape(shape)
