"""The reader of IDX files, the format in which MNIST and its relatives are published.

An IDX file is: two zero bytes, one byte for the element type, one byte for the number of
axes, the length of each axis as a big-endian 32-bit number, then the elements, big-endian,
in C order. Such files are usually packed with gzip. The reader looks at the contents, never
at the name, and believes nothing that it has not checked.
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
# NumPy's own limit on axes differs between its versions; 32 is in all of them.
MOST_AXES = 32
LONGEST_HEADER = 4 + 4 * MOST_AXES
# Deflate cannot shrink anything further than this (zlib's technical notes), so that a small
# file that promises more is known to be broken before any memory is taken for it.
BEST_DEFLATE_RATIO = 1032
PIECE = 1 << 16
DEFAULT_LIMIT = 4 << 30


def read_idx(path: str | os.PathLike[str], *, max_bytes: int = DEFAULT_LIMIT) -> np.ndarray:
    """Reads an IDX file, plain or packed with gzip, into a new array.

    Args:
        path: the file. Whether it is packed is seen from its contents.
        max_bytes: the most bytes that the unpacked file may have, so that a broken or
            malicious file cannot fill the memory; 4 GiB by default.

    Returns:
        A writable C-ordered array in the machine's byte order, of the type (uint8, int8,
        int16, int32, float32 or float64) and shape that the file states.

    Raises:
        FileFormatError: the file is truncated, corrupted, too long, larger than
            ``max_bytes`` or not an IDX file; the message names the file.
        OSError: the file cannot be opened.

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
                f"{name}: the header promises {total:,} bytes (shape {shape}), more than gzip can hold in "
                f"the {raw.size:,} bytes of this file. {_MEND}"
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


_MEND = "The file is truncated, corrupted or of another kind: fetch or copy it again."


def _read_bytes(name: str, max_bytes: int) -> np.ndarray:
    """The whole file as uint8."""
    if os.path.isdir(name):
        raise FileFormatError(f"{name}: this is a folder; the path of one IDX file was expected.")
    try:
        size = os.path.getsize(name)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"{name}: there is no such file. Check the path (relative to {os.getcwd()})."
        ) from None
    _check_size(size, max_bytes, name)
    raw = np.fromfile(name, dtype=np.uint8)
    if raw.size < 4:
        raise FileFormatError(f"{name}: {raw.size} bytes, too short for the header of an IDX file. {_MEND}")
    return raw


def _check_size(total: int, max_bytes: int, name: str) -> None:
    if total > max_bytes:
        raise FileFormatError(
            f"{name}: {total:,} bytes unpacked, more than the limit of {max_bytes:,}. "
            f"If you trust the file, pass max_bytes={total} to read_idx."
        )


def _parse_header(head: bytes, name: str) -> tuple[np.dtype, tuple[int, ...], int]:
    """The element type, the shape and the number of bytes of the header."""
    if len(head) < 4 or head[0] or head[1]:
        raise FileFormatError(
            f"{name}: not an IDX file: it starts with {head[:4].hex(' ')}, "
            "and an IDX file starts with 00 00, the element type and the number of axes."
        )
    dtype = ELEMENT_TYPES.get(head[2])
    if dtype is None:
        known = ", ".join(f"0x{code:02x} ({kind.name})" for code, kind in ELEMENT_TYPES.items())
        raise FileFormatError(
            f"{name}: unknown element type 0x{head[2]:02x}; an IDX file has one of {known}."
        )
    axes = head[3]
    if axes > MOST_AXES:
        raise FileFormatError(f"{name}: the header states {axes} axes; at most {MOST_AXES} can be read.")
    header_bytes = 4 + 4 * axes
    if len(head) < header_bytes:
        raise FileFormatError(f"{name}: the file ends inside its header of {header_bytes} bytes. {_MEND}")
    shape = tuple(int.from_bytes(head[at : at + 4], "big") for at in range(4, header_bytes, 4))
    if 0 in shape and not is_possible(shape, dtype.itemsize):
        raise FileFormatError(f"{name}: the header states the shape {shape}, which cannot be. {_MEND}")
    return dtype, shape, header_bytes


def _data_bytes(dtype: np.dtype, shape: tuple[int, ...]) -> int:
    return math.prod(shape) * dtype.itemsize  # Python's integers: this cannot overflow


def _first_bytes(raw: np.ndarray, name: str) -> bytes:
    """The start of a packed file's contents, long enough for any header."""
    head = np.empty(LONGEST_HEADER, dtype=np.uint8)
    _, filled, _ = _gunzip(raw[:PIECE], head, name)
    return head[:filled].tobytes()


def _unpack(raw: np.ndarray, total: int, name: str) -> np.ndarray:
    """The ``total`` bytes that a gzip file must hold, its checksum verified."""
    # Room for one byte more: enough to notice a file that is too long, and no more memory than that for one
    # that never ends.
    content = np.empty(total + 1, dtype=np.uint8)
    read, filled, ended = _gunzip(raw, content, name)
    if filled > total:
        raise FileFormatError(f"{name}: more data than the {total:,} bytes that its header promises. {_MEND}")
    if ended and read < raw.size:
        raise FileFormatError(f"{name}: {raw.size - read:,} bytes follow the end of the gzip data. {_MEND}")
    if filled != total:
        raise FileFormatError(_wrong_length(name, filled, total))
    if not ended:
        raise FileFormatError(f"{name}: the gzip data end before their checksum. {_MEND}")
    return content[:total]


def _gunzip(raw: np.ndarray, room: np.ndarray, name: str) -> tuple[int, int, bool]:
    try:
        return native.gunzip(raw, room)
    except ValueError as error:
        raise FileFormatError(f"{name}: the gzip data are corrupted ({error}). {_MEND}") from None


def _wrong_length(name: str, received: int, expected: int) -> str:
    return f"{name}: {received:,} bytes unpacked where the header promises {expected:,}. {_MEND}"


def _as_array(data: np.ndarray, dtype: np.dtype, shape: tuple[int, ...]) -> np.ndarray:
    if dtype.itemsize > 1:
        native = dtype.newbyteorder("=")
        return np.frombuffer(data.tobytes(), dtype=dtype).astype(native).reshape(shape)
    return data.view(dtype).reshape(shape)
