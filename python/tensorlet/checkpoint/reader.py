"""Reading the arrays of a checkpoint by name, without the objects that were saved."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from tensorlet.checkpoint.checkpoint_state import prefix_of
from tensorlet.dtypes import DType, as_dtype
from tensorlet.formats.tensor_bundle import STRING, BundleReader


class CheckpointReader:
    """Reads the arrays of a checkpoint by name; returned by `load_checkpoint`.

    Args:
        prefix: the path of a checkpoint without ``.index``.

    Raises:
        FileNotFoundError, FileFormatError: if it does not exist, or is damaged.
    """

    def __init__(self, prefix: str) -> None:
        self._reader = BundleReader(prefix)

    def get_tensor(self, tensor_str: str) -> Any:
        """Returns an array by name (a NumPy scalar for rank 0, bytes for a string).

        Raises:
            KeyError: if the name does not exist.
            FileFormatError: if the file is damaged.
        """
        value = self._reader.read(tensor_str)
        return value[()] if isinstance(value, np.ndarray) else value

    def has_tensor(self, tensor_str: str) -> bool:
        """Whether there is an array with that name."""
        return tensor_str in self._reader

    def get_variable_to_shape_map(self) -> dict[str, list[int]]:
        """Returns the shapes of all arrays by name."""
        return {name: list(entry.shape) for name, entry in self._reader.entries.items()}

    def get_variable_to_dtype_map(self) -> dict[str, DType | str]:
        """Returns the dtypes of all arrays by name; ``"string"`` for strings."""
        return {
            name: "string" if entry.number == STRING else _dtype(entry.dtype)
            for name, entry in self._reader.entries.items()
        }

    def debug_string(self) -> bytes:
        """Returns one line per array with its name, dtype and shape."""
        dtypes = self.get_variable_to_dtype_map()
        lines = [
            f"{name} ({getattr(dtypes[name], 'name', dtypes[name])}) {shape}"
            for name, shape in self.get_variable_to_shape_map().items()
        ]
        return "\n".join(lines).encode()


def _dtype(dtype: np.dtype[Any] | None) -> DType | str:
    return "unknown" if dtype is None else as_dtype(dtype)


def load_checkpoint(ckpt_dir_or_file: str | os.PathLike[str]) -> CheckpointReader:
    """Opens a checkpoint for reading.

    Args:
        ckpt_dir_or_file: the path without ``.index``, or a folder, whose latest checkpoint is used.

    Raises:
        FileNotFoundError, FileFormatError: if it does not exist, or is damaged.
    """
    return CheckpointReader(prefix_of(ckpt_dir_or_file))


def load_variable(ckpt_dir_or_file: str | os.PathLike[str], name: str) -> Any:
    """Returns one array of a checkpoint.

    Args:
        ckpt_dir_or_file: as for `load_checkpoint`.
        name: a name from `list_variables`.

    Raises:
        FileNotFoundError, FileFormatError, KeyError: if the file or the name does not exist, or the file is damaged.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> path = tf.train.Checkpoint(v=tf.Variable([1.0, 2.0])).write(folder / "one")
    >>> tf.train.list_variables(path)[1:]
    [('v/.ATTRIBUTES/VARIABLE_VALUE', [2])]
    >>> tf.train.load_variable(path, "v/.ATTRIBUTES/VARIABLE_VALUE")
    array([1., 2.], dtype=float32)
    """
    return load_checkpoint(ckpt_dir_or_file).get_tensor(name.removesuffix(":0"))


def list_variables(ckpt_dir_or_file: str | os.PathLike[str]) -> list[tuple[str, list[int]]]:
    """Returns the names and shapes of all arrays of a checkpoint, sorted by name; see `load_variable`."""
    return sorted(load_checkpoint(ckpt_dir_or_file).get_variable_to_shape_map().items())
