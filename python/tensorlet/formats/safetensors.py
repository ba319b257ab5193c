"""The safetensors format: named arrays in one file, with a header that states the location of each.

Eight bytes contain the length of the header (little-endian); the header is JSON text that maps each name to its dtype,
shape and first and last byte position (exclusive); the bytes of all arrays follow without gaps, little-endian,
in C order. ``__metadata__`` in the header contains text about the file; files that are written here have the checksums
of the arrays in it, which reading checks and other programs overlook.

Source: Hugging Face, "safetensors: format" (README of the project).

>>> import pathlib, tempfile
>>> import numpy as np
>>> from tensorlet.formats.safetensors import read_safetensors, write_safetensors
>>> path = pathlib.Path(tempfile.mkdtemp()) / "weights.safetensors"
>>> write_safetensors(path, {"w": np.array([[1.0, 2.0]], np.float32)}, {"made by": "hand"})
>>> read_safetensors(path)
({'w': array([[1., 2.]], dtype=float32)}, {'made by': 'hand'})
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats import checksums
from tensorlet.formats.atomic import replace_atomically
from tensorlet.formats.shapes import is_possible

if TYPE_CHECKING:
    from io import BufferedReader

DTYPES: dict[str, np.dtype[Any]] = {
    name: np.dtype(numpy_name)
    for name, numpy_name in {
        "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16", "F16": "float16",
        "U32": "uint32", "I32": "int32", "F32": "float32", "U64": "uint64", "I64": "int64", "F64": "float64",
    }.items()
}  # fmt: skip
NAMES = {dtype: name for name, dtype in DTYPES.items()}
BFLOAT16 = "BF16"
METADATA = "__metadata__"
LENGTH_BYTES = 8
#: The largest header in bytes: at less than two hundred bytes per array, some hundred thousand arrays.
LARGEST_HEADER = 1 << 24
MOST_AXES = 32
LARGEST_ITEM = 8
#: The number of digits of numbers below 2**64.
MOST_DIGITS = 20


def write_safetensors(
    path: str | os.PathLike[str], tensors: Mapping[str, Any], metadata: Mapping[str, str] | None = None
) -> None:
    """Writes arrays to a file; an existing file is replaced completely or not at all.

    Args:
        path: the path of the file; missing folders are created.
        tensors: name -> array.
        metadata: text about the file.

    Raises:
        InvalidArgumentError: for a dtype that the format does not support, or the name ``__metadata__``.
        SavingError: if the file cannot be written; an existing file is unchanged.
    """
    sums = {name: checksums.checksum(np.asarray(value)) for name, value in tensors.items()}
    header: dict[str, Any] = {METADATA: {**(metadata or {}), **checksums.written(sums)}}
    arrays = []
    start = 0
    for name, value in tensors.items():
        array = np.asarray(value)
        kind = NAMES.get(array.dtype.newbyteorder("="))
        if kind is None or name == METADATA:
            raise InvalidArgumentError(
                f"write_safetensors: '{name}' with dtype {array.dtype} cannot be written. Supported dtypes are "
                f"{', '.join(dtype.name for dtype in NAMES)}; the name {METADATA} is reserved."
            )
        end = start + array.nbytes
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [start, end]}
        arrays.append(np.ascontiguousarray(array, array.dtype.newbyteorder("<")))
        start = end
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    text += b" " * (-len(text) % LENGTH_BYTES)  # aligns the arrays for memory mapping
    with replace_atomically(path) as temporary, open(temporary, "wb") as file:
        file.write(len(text).to_bytes(LENGTH_BYTES, "little") + text)
        for array in arrays:
            file.write(array.reshape(-1).view(np.uint8).data)


def read_safetensors(path: str | os.PathLike[str]) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Reads all arrays of a file, in the order of their positions, and the metadata.

    Args:
        path: the path of the file.

    Returns:
        A dictionary from names to new arrays (bfloat16 is converted to float32), and the metadata.

    Raises:
        FileNotFoundError: if the file does not exist.
        FileFormatError: if it is truncated, damaged, or has another format.
    """
    name = os.fspath(path)
    with open(name, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        header, start = _header(file, name, size)
        metadata = _metadata(header.pop(METADATA, {}), name)
        entries = sorted(
            ((*_entry(key, value, name), key) for key, value in header.items()),
            key=lambda one: (one[2], one[3]),
        )
        _check_places([(begin, end, key) for _, _, begin, end, key in entries], size - start, name)
        found = {key: _read(file, kind, shape, end - begin, name) for kind, shape, begin, end, key in entries}
        _check_sums(found, metadata, name)
        return found, metadata


def _check_sums(arrays: dict[str, np.ndarray], metadata: dict[str, str], name: str) -> None:
    """Compares the arrays with the checksums in the metadata, which are removed from it."""
    texts = {place: metadata.pop(place, None) for place in (checksums.CHECKSUMS, checksums.MARK)}
    try:
        sums = checksums.stored(texts)
        checksums.check_names(arrays, sums)
        for key, array in arrays.items():
            checksums.check(key, array, sums)
    except FileFormatError as error:
        raise FileFormatError(f"{name}: {error}.") from None


def _header(file: BufferedReader, name: str, size: int) -> tuple[dict[str, Any], int]:
    """Returns the header, and the position of the first array."""
    length = int.from_bytes(file.read(LENGTH_BYTES), "little")
    start = LENGTH_BYTES + length
    if size < LENGTH_BYTES or start > size:
        raise FileFormatError(
            f"{name}: this is not a safetensors file, or it is truncated: it has {size:,} bytes, and its first eight "
            f"state a header of {length:,} bytes."
        )
    if length > LARGEST_HEADER:
        raise FileFormatError(
            f"{name}: the header has {length:,} bytes, more than the limit of {LARGEST_HEADER:,}."
        )
    try:
        header = json.loads(
            file.read(length).decode("utf-8"),
            object_pairs_hook=_without_repetition,
            parse_int=_short_number,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (ValueError, RecursionError) as error:
        raise FileFormatError(
            f"{name}: the header is not valid JSON ({error}). The file is corrupted."
        ) from None
    if not isinstance(header, dict):
        raise FileFormatError(
            f"{name}: the header is a {type(header).__name__}, expected an object with arrays."
        )
    return header, start


def _without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("it contains a name twice")
    return found


def _short_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of {len(text)} digits")
    return int(text)


def _no_number(text: str) -> Any:
    raise ValueError(f"{text[:MOST_DIGITS]} where an integer is expected")


def _metadata(found: object, name: str) -> dict[str, str]:
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
        raise FileFormatError(f"{name}: {METADATA} must contain only text. The file is corrupted.")
    return found


def _entry(key: str, value: object, name: str) -> tuple[str, tuple[int, ...], int, int]:
    """Checks the entry of an array; returns its type, shape, begin and end."""
    where = f"{name}: '{key[:200]}'"
    if not isinstance(value, dict) or not {"dtype", "shape", "data_offsets"} <= set(value):
        raise FileFormatError(f"{where} has no dtype, shape or data_offsets. The file is corrupted.")
    kind, shape, offsets = value["dtype"], value["shape"], value["data_offsets"]
    if kind != BFLOAT16 and (not isinstance(kind, str) or kind not in DTYPES):
        raise FileFormatError(
            f"{where} has dtype {str(kind)[:40]!r}, which is not supported. Supported dtypes are {', '.join(DTYPES)}, "
            f"{BFLOAT16}."
        )
    if not _are_lengths(shape) or len(shape) > MOST_AXES:
        raise FileFormatError(f"{where} has an invalid shape. The file is corrupted.")
    if not _are_lengths(offsets) or len(offsets) != 2 or offsets[0] > offsets[1]:
        raise FileFormatError(f"{where} has invalid data_offsets. The file is corrupted.")
    begin, end = offsets
    expected = math.prod(shape) * (2 if kind == BFLOAT16 else DTYPES[kind].itemsize)
    if end - begin != expected:
        raise FileFormatError(
            f"{where} has {end - begin:,} bytes, but its shape {tuple(shape)} needs {expected:,}: corrupted."
        )
    if 0 in shape and not is_possible(shape, LARGEST_ITEM):
        raise FileFormatError(
            f"{where} is empty, but has the invalid shape {tuple(shape)}. The file is corrupted."
        )
    return kind, tuple(shape), begin, end


def _are_lengths(value: object) -> bool:
    return isinstance(value, list) and all(type(one) is int and one >= 0 for one in value)


def _check_places(places: list[tuple[int, int, str]], size: int, name: str) -> None:
    """Checks that the arrays fill the rest of the file, without gaps or overlaps."""
    at = 0
    for begin, end, key in places:
        if begin != at:
            raise FileFormatError(
                f"{name}: '{key[:200]}' starts at byte {begin:,} of the data, expected {at:,}. The file is corrupted."
            )
        at = end
    if at != size:
        raise FileFormatError(
            f"{name}: the header describes {at:,} bytes of data, but there are {size:,}. The file is truncated or "
            "corrupted."
        )


def _read(file: BufferedReader, kind: str, shape: tuple[int, ...], size: int, name: str) -> np.ndarray:
    data = np.empty(size, np.uint8)
    if file.readinto(data.data) != size:
        raise FileFormatError(f"{name}: the file ended while it was being read.")
    if kind == BFLOAT16:  # the upper half of a float32
        wide = data.view("<u2").astype("<u4") << np.uint32(16)
        return wide.view("<f4").astype(np.float32).reshape(shape)
    dtype = DTYPES[kind]
    if dtype.kind == "b":
        data = (data != 0).view(np.uint8)
    return data.view(dtype.newbyteorder("<")).astype(dtype, copy=False).reshape(shape)
