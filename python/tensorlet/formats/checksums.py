"""Checksums of arrays and texts in files whose formats have none: HDF5 and safetensors.

They are stored beside the data, where other programs overlook them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats.crc32c import crc32c

#: The names of the two places: the checksums, and a mark without which damage to the first name would hide them.
CHECKSUMS, MARK = "tensorlet_checksums", "tensorlet_has_checksums"
YES = "yes"


def checksum(value: np.ndarray | str | bytes) -> str:
    """Returns the CRC-32C of a text, or of the dtype, the shape and the elements of an array, in hexadecimal.

    >>> from tensorlet.formats.checksums import checksum
    >>> checksum("123456789")
    'e3069283'
    """
    if isinstance(value, str):
        value = value.encode("utf-8")
    if isinstance(value, bytes):
        return f"{crc32c(value):08x}"
    array = np.ascontiguousarray(value)
    if array.dtype.hasobject:  # texts of any length
        return checksum(json.dumps([str(one) for one in array.reshape(-1).tolist()]))
    kind = crc32c(f"{array.dtype.newbyteorder('<').str}{value.shape}".encode())
    return f"{crc32c(array.astype(array.dtype.newbyteorder('<'), copy=False).tobytes(), kind):08x}"


def written(checksums: Mapping[str, str]) -> dict[str, str]:
    """Returns the texts to store in a file."""
    return {CHECKSUMS: json.dumps(dict(checksums)), MARK: YES}


def stored(texts: Mapping[str, str | None]) -> dict[str, str] | None:
    """Returns the checksums that a file contains; None if it has none, as in the files of other programs.

    Args:
        texts: what the file has under the names of the two places.

    Raises:
        FileFormatError: if only one of the two is there, or they cannot be read.
    """
    text, mark = texts.get(CHECKSUMS), texts.get(MARK)
    if text is None and mark is None:
        return None
    try:
        found = json.loads(text or "")
        if mark == YES and isinstance(found, dict) and all(isinstance(one, str) for one in found.values()):
            return found
    except ValueError:
        pass
    raise FileFormatError("its checksums are damaged")


def check(name: str, value: np.ndarray | str | bytes, checksums: Mapping[str, str] | None) -> None:
    """Compares a value with its checksum.

    Raises:
        FileFormatError: if they differ.
    """
    if checksums is not None and checksums.get(name) != checksum(value):
        raise FileFormatError(
            f"the checksum of '{name}' is wrong: the file is damaged, or another program has changed it"
        )


def check_names(names: Iterable[str], checksums: Mapping[str, str] | None) -> None:
    """Checks that a file contains what it contained when it was written.

    Raises:
        FileFormatError: if names are missing or new.
    """
    if checksums is not None and set(names) != set(checksums):
        different = sorted(set(names) ^ set(checksums))
        raise FileFormatError(
            f"'{different[0][:200]}' is missing or was added: the file is damaged, or another program has changed it"
        )


def sealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the content of a JSON file with a checksum of all of it.

    >>> from tensorlet.formats.checksums import sealed, unsealed
    >>> unsealed(sealed({"count": 3}))
    {'count': 3}
    """
    return {**content, "checksum": checksum(json.dumps(content, sort_keys=True))}


def unsealed(content: Mapping[str, Any]) -> dict[str, Any]:
    """Returns what `sealed` was given.

    Raises:
        FileFormatError: if the checksum is missing or wrong.
    """
    rest = {key: value for key, value in content.items() if key != "checksum"}
    check("checksum", json.dumps(rest, sort_keys=True), {"checksum": str(content.get("checksum"))})
    return rest
