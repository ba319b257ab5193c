"""Safe reading of HDF5 files: only data inside the file itself, and not more than its size allows."""

from __future__ import annotations

import contextlib
import io
import json
import os
from collections.abc import Callable, Iterator
from typing import IO, Any, Protocol

import numpy as np

from tensorlet.errors import FileFormatError
from tensorlet.formats import checksums
from tensorlet.formats.hdf5_attributes import text_lengths
from tensorlet.formats.hdf5_heaps import check_heaps
from tensorlet.keras.saving.load_errors import reading

#: The first bytes of every HDF5 file.
SIGNATURE = b"\x89HDF\r\n\x1a\n"
#: The largest number of groups and arrays; a model of a thousand layers with Adam slots has about twenty thousand.
MOST_OBJECTS = 200_000
#: The deepest nesting of groups.
DEEPEST = 64
#: The largest ratio of the size of the arrays to that of the file, which may be compressed.
LARGEST_RATIO = 64
#: The largest size in bytes of the names in one attribute; longer lists are split into several attributes.
LONGEST_ATTRIBUTE = 60_000
#: The attributes with the checksums.
_PLACES = (checksums.CHECKSUMS, checksums.MARK)


class WritableGroup(Protocol):
    """A group of an HDF5 file open for writing, as in h5py."""

    attrs: Any

    def create_group(self, name: str) -> Any:
        """Creates a group inside."""

    def require_group(self, name: str) -> Any:
        """Returns the group with that name, creating it if it does not exist."""

    def create_dataset(self, name: str, *, data: object) -> Any:
        """Creates an array inside."""


class Hdf5File:
    """The arrays and attributes of an open HDF5 file.

    Attributes:
        arrays: maps the path of each array, such as ``"layers/dense/vars/0"``, to the array in the file.
        groups: the paths of the groups; "" is the file itself.
    """

    def __init__(self, file: Any, size: int, raw: IO[bytes]) -> None:
        self._size = size
        self._raw = raw
        self._read = 0
        self.arrays: dict[str, Any] = {}
        self.groups: dict[str, Any] = {"": file}
        self._checksums: dict[str, str] | None = None
        self._walk(file, "", 0)
        self._checksums = checksums.stored({name: self._listed(name) for name in _PLACES})
        self._check_whole()

    def _check_whole(self) -> None:
        """Checks that everything with a checksum is there: a damaged name would hide an array, or a whole optimizer."""
        for entry in sorted(self._checksums or ()):
            path, _, name = entry.partition("@")
            if not (name in self.groups[path].attrs if name and path in self.groups else path in self.arrays):
                raise FileFormatError(
                    f"'{entry[:200]}' is missing: the file is damaged, or another program has changed it"
                )

    def _listed(self, name: str) -> str | None:
        """Returns a list of pairs as JSON; texts of fixed length, which a damaged heap cannot make endless."""
        if not self.has("", name):
            return None
        pairs = dict(entry.partition("\t")[::2] for entry in self.names("", name))
        return checksums.YES if name == checksums.MARK else json.dumps(pairs)

    def _walk(self, group: Any, path: str, depth: int) -> None:
        import h5py

        if depth > DEEPEST:
            raise FileFormatError(f"its groups are nested more than {DEEPEST} deep")
        for name in group:
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                kind = type(link).__name__
                raise FileFormatError(
                    f"'{path}{name}' is a link to another place ({kind}), which is not followed"
                )
            inner, item = f"{path}{name}", group[name]
            if len(self.arrays) + len(self.groups) > MOST_OBJECTS:
                raise FileFormatError(f"it contains more than {MOST_OBJECTS} arrays and groups")
            if isinstance(item, h5py.Dataset):
                # Files written by Keras 2 on Windows have backslashes in their names.
                self.arrays[inner.replace("\\", "/")] = item
            elif isinstance(item, h5py.Group):
                self.groups[inner.replace("\\", "/")] = item
                self._walk(item, f"{inner}/", depth + 1)

    def shape(self, path: str) -> tuple[int, ...]:
        """Returns the shape of an array without reading it."""
        return tuple(int(length) for length in self.arrays[path].shape or ())

    def array(self, path: str) -> np.ndarray:
        """Returns the values of an array.

        Raises:
            FileFormatError: if it is not numeric, is in another file, or is larger than the file allows.
        """
        stored = self.arrays[path]
        if stored.external or stored.is_virtual:
            raise FileFormatError(f"the array '{path}' is in another file, which is not read")
        if stored.shape is None or stored.dtype.kind not in "fiub":
            raise FileFormatError(f"'{path}' is not an array of numbers")
        size = int(np.prod(stored.shape, dtype=object)) * stored.dtype.itemsize
        self._read += size
        if self._read > LARGEST_RATIO * self._size:
            raise FileFormatError(
                f"its arrays would have {self._read} bytes, but the file has only {self._size} ('{path}' has "
                f"shape {stored.shape})"
            )
        found = np.asarray(stored[()])
        checksums.check(path, found, self._checksums)
        return found

    def text(self, path: str, name: str) -> str | None:
        """Returns a text attribute, or None if it does not exist."""
        value = self._attribute(path, name) if name in self.groups[path].attrs else None
        if isinstance(value, bytes):
            return value.decode("utf-8")
        if value is not None and not isinstance(value, str):
            raise FileFormatError(f"its attribute '{name}' is not text")
        return value

    def _attribute(self, path: str, name: str) -> Any:
        """Returns the value of an attribute, unless it claims to be larger than the file."""
        attributes = self.groups[path].attrs
        stored = attributes.get_id(name)
        size = int(np.prod(stored.shape or (), dtype=object)) * stored.dtype.itemsize
        if size > self._size:
            raise FileFormatError(
                f"its attribute '{name}' would have {size} bytes, but the file has {self._size}"
            )
        if stored.dtype.kind == "O":
            self._check_lengths(path, name)
        value = attributes[name]
        if self._checksums is not None and not name.startswith(_PLACES):
            checksums.check(f"{path}@{name}", _checked_form(value), self._checksums)
        return value

    def _check_lengths(self, path: str, name: str) -> None:
        """Checks that texts do not claim to be longer than the file."""
        import h5py

        address = h5py.h5o.get_info(self.groups[path].id).addr
        lengths = text_lengths(self._raw, address, self._size).get(name)
        if lengths is None:
            raise FileFormatError(f"its attribute '{name}' is stored in a form that Keras does not use")
        if sum(lengths) > self._size:
            raise FileFormatError(
                f"its attribute '{name}' would have {sum(lengths)} bytes, but the file has {self._size}"
            )

    def has(self, path: str, name: str) -> bool:
        """Whether a group has that attribute (or its first part)."""
        group = self.groups.get(path)
        return group is not None and (name in group.attrs or f"{name}0" in group.attrs)

    def names(self, path: str, name: str) -> list[str]:
        """Returns an attribute that is a list of names; empty lists are stored as numbers."""
        attributes = self.groups[path].attrs
        if name in attributes:
            parts = [self._attribute(path, name)]
        else:
            parts = []
            while f"{name}{len(parts)}" in attributes:
                parts.append(self._attribute(path, f"{name}{len(parts)}"))
        found = [one for part in parts for one in np.asarray(part).reshape(-1).tolist()]
        return [one.decode("utf-8") if isinstance(one, bytes) else str(one) for one in found]


@contextlib.contextmanager
def open_hdf5(source: str | IO[bytes], shown: str, what: str) -> Iterator[Hdf5File]:
    """Opens an HDF5 file for reading.

    Python opens the file and passes it to the HDF5 library, which cannot open all paths on Windows itself.

    Args:
        source: a path or an open file.
        shown: the path in error messages.
        what: the expected kind of file, for error messages.

    Raises:
        FileFormatError: if the file is damaged, also if this is found inside the block; the message names the file.
    """
    import h5py

    with reading(shown, what), contextlib.ExitStack() as stack:
        raw = stack.enter_context(open(source, "rb")) if isinstance(source, str) else source
        size = raw.seek(0, os.SEEK_END)
        raw.seek(0)
        if raw.read(len(SIGNATURE)) != SIGNATURE:
            raise ValueError("it does not begin like an HDF5 file" if size else "it is empty")
        check_heaps(raw)
        yield Hdf5File(stack.enter_context(h5py.File(raw, "r")), size, raw)


def hdf5_bytes(fill: Callable[[WritableGroup], None]) -> bytes:
    """Returns the bytes of a new HDF5 file, which ``fill`` receives as an h5py ``File``."""
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        fill(file)
        found = _checksums_of(file)
        write_names(file, checksums.CHECKSUMS, [f"{name}\t{value}" for name, value in found.items()])
        write_names(file, checksums.MARK, [checksums.YES])
    return buffer.getvalue()


def _checksums_of(file: Any) -> dict[str, str]:
    """Returns the checksums of all arrays, by path, and of all attributes, as ``path@name``."""
    import h5py

    found: dict[str, str] = {}

    def add(path: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found[path] = checksums.checksum(np.asarray(item[()]))
        for name, value in item.attrs.items():
            found[f"{path}@{name}"] = checksums.checksum(_checked_form(value))

    add("", file)
    file.visititems(add)
    return found


def _checked_form(value: object) -> np.ndarray | str:
    return value if isinstance(value, str) else np.asarray(value)


def write_names(group: WritableGroup, attribute: str, names: list[str]) -> None:
    """Writes a list of names as an attribute, split into several parts if it is too long.

    An empty list becomes a numeric array of length 0, as in Keras.
    """
    if not names:
        group.attrs[attribute] = np.zeros(0)
        return
    encoded = [name.encode("utf-8") for name in names]
    longest = max(len(name) for name in encoded)
    each = max(1, LONGEST_ATTRIBUTE // longest)
    if len(encoded) <= each:
        group.attrs[attribute] = np.asarray(encoded)
        return
    for part in range(0, len(encoded), each):
        group.attrs[f"{attribute}{part // each}"] = np.asarray(encoded[part : part + each])
