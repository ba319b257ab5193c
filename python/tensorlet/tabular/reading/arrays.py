"""Arrays of NumPy (.npz) and IDX files, the format of MNIST."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from tensorlet.datasets.idx import read_idx
from tensorlet.errors import FileFormatError, TensorletError
from tensorlet.formats.array_archive import read_arrays
from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.columnar import damaged
from tensorlet.tabular.reading.room import check_room
from tensorlet.tabular.reading.source import Pictures, Table
from tensorlet.tabular.table_error import TableError

_INPUTS, _LABELS = ("x", "x_train", "X", "data", "images"), ("y", "y_train", "labels", "target")


def read_npz(name: str) -> Table | Pictures:
    """Reads a ``.npz`` file with the arrays ``x`` and ``y`` (or ``x_train`` and ``y_train``).

    Raises:
        TableError: if the file is damaged or lacks these arrays, or if they do not fit together.
    """
    try:
        with zipfile.ZipFile(name) as archive:
            sizes = {one.filename.removesuffix(".npy"): one.file_size for one in archive.infolist()}
        inputs = next((key for key in _INPUTS if key in sizes), None)
        labels = next((key for key in _LABELS if key in sizes), None)
        if inputs is None:
            raise TableError(
                name,
                _("it has the arrays {names}.").format(names=", ".join(sizes) or _("none")),
                _("Expected x for the inputs and y for the labels, each with one row per example."),
            )
        wanted = [key for key in (inputs, labels) if key is not None]
        check_room(name, sum(sizes[key] for key in wanted))
        found = read_arrays(name, wanted)
    except FileFormatError as error:
        reason = str(error).rpartition("archive of arrays: ")[2].rstrip(".")
        raise TableError(
            name,
            _("it cannot be read: {reason}.").format(reason=reason),
            _("Save it again with numpy.savez(FILE, x=..., y=...), as arrays of numbers or texts."),
        ) from None
    except (zipfile.BadZipFile, OSError, MemoryError) as error:
        raise damaged(name, ".npz", error) from None
    others = [key for key in sizes if key not in wanted]
    table = _fitting(name, found[inputs], None if labels is None else found[labels], ".npz")
    if others:
        table.notes.append(
            _("The arrays {inputs} and {labels} were read; not read: {names}.").format(
                inputs=inputs, labels=labels or "–", names=", ".join(others)
            )
        )
    return table


def _fitting(name: str, x: np.ndarray, y: np.ndarray | None, format: str) -> Table | Pictures:
    if y is not None and (y.ndim == 2 and y.shape[1] == 1):
        y = y[:, 0]
    if x.ndim == 0 or len(x) == 0 or (y is not None and (y.ndim != 1 or len(y) != len(x))):
        raise TableError(
            name,
            _("x has shape {x} and y has shape {y}.").format(x=x.shape, y=None if y is None else y.shape),
            _("Expected x of shape [rows, ...] and y of shape [rows]."),
        )
    if x.ndim > 2 and x.dtype.kind not in "biuf":
        raise TableError(
            name,
            _("x has shape {x} and holds texts.").format(x=x.shape),
            _("Expected numbers, or texts in one column or several: [rows] or [rows, columns]."),
        )
    if x.ndim > 2:
        labels = None if y is None else [str(label) for label in y.tolist()]
        return Pictures(name, x if x.ndim > 3 else x[..., None], labels, format=format)
    pa = require("pyarrow", "data")
    matrix = x if x.ndim == 2 else x[:, None]
    width = matrix.shape[1]
    columns = {f"x{index}": _column(matrix[:, index]) for index in range(width)}
    if y is not None:
        columns["y"] = _column(y)
    return Table(name, pa.table(columns), [], None, format)


def _column(values: np.ndarray) -> Any:
    pa = require("pyarrow", "data")
    if values.dtype.kind in "biuf":
        return pa.array(values.astype(np.float64))
    texts = np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values.astype(str)
    return pa.array(texts).dictionary_encode()


def is_idx(data: bytes) -> bool:
    """Whether a file is in the IDX format."""
    return len(data) > 4 and data[:2] == b"\0\0" and data[2] in (8, 9, 11, 12, 13, 14) and 1 <= data[3] <= 4


def read_pictures(name: str) -> Table | Pictures:
    """Reads an IDX file of pictures, with the labels from the file that belongs to it.

    ``train-images-idx3-ubyte`` belongs to ``train-labels-idx1-ubyte``; both may be compressed.

    Raises:
        TableError: if a file is damaged, or if there are no labels for it.
    """
    labels = _labels_of(name)
    if labels is None:
        raise TableError(
            name,
            _("there is no file with labels beside it."),
            _("Expected a file of the same name with 'labels' and 'idx1' instead of 'images' and 'idx3'."),
        )
    return _fitting(name, _parsed(name), _parsed(str(labels)), "IDX")


def _parsed(name: str) -> np.ndarray:
    try:
        return read_idx(name)
    except TensorletError as error:
        raise damaged(name, "IDX", error) from None


def _labels_of(name: str) -> Path | None:
    folder, file = os.path.split(name)
    stem = file.removesuffix(".gz").replace("images", "labels").replace("idx3", "idx1")
    if stem == file.removesuffix(".gz"):
        return None
    return next((path for path in (Path(folder, stem), Path(folder, stem + ".gz")) if path.is_file()), None)
