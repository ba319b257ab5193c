"""Arrays of ``.npy`` files, also those whose elements are lists."""

from __future__ import annotations

import io
import math

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats.pickled_arrays import KINDS, read_pickled


def read_object_array(content: bytes, name: str) -> np.ndarray:
    """An array of a ``.npy`` file, whose elements may be lists: with those, the file has pickled data.

    Args:
        content: the bytes of the file.
        name: its name in messages.

    Raises:
        FileFormatError: for anything but such an array, and for a damaged file.
    """
    stream = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        read = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, is_fortran, dtype = read(stream)
    except Exception as error:  # NumPy parses the header as Python text, with errors of many kinds
        raise FileFormatError(f"{name}: it is not an array of NumPy ({error}).") from None
    rest = content[stream.tell() :]
    if dtype.hasobject:
        found = read_pickled(rest, name)
        if not isinstance(found, np.ndarray) or found.shape != shape:
            raise FileFormatError(f"{name}: its header and its contents do not fit together.")
        return found
    if dtype.kind not in KINDS:
        raise FileFormatError(f"{name}: it holds elements of type {dtype}; expected numbers or texts.")
    if min(shape, default=0) < 0 or len(rest) != math.prod(shape) * dtype.itemsize:
        raise FileFormatError(f"{name}: the array has another size than its header says.")
    return np.frombuffer(rest, dtype).reshape(shape, order="F" if is_fortran else "C")
