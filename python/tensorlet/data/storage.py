"""Datasets in files: `Dataset.save`, `Dataset.load` and `Dataset.snapshot`.

A folder holds ``elements.npz``, the values of each part of an element, and ``dataset.json``, which says what the folder
is. Text is kept as its bytes and their lengths. Nothing in the files is code.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.buffers import array_of
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.ragged_spec import RaggedTensorSpec
from tensorlet.core.ragged_tensor import RaggedTensor
from tensorlet.core.shape import TensorShape
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.pipeline import Pipeline, Transformation
from tensorlet.data.sources import TensorSlices
from tensorlet.dtypes import as_dtype
from tensorlet.errors import FileFormatError, InvalidArgumentError, NotFoundError
from tensorlet.formats.array_archive import read_arrays
from tensorlet.formats.atomic import write_atomically
from tensorlet.formats.checksums import sealed, unsealed

if TYPE_CHECKING:
    from tensorlet.type_aliases import PathLike


_FORM = "dataset of Tensorlet"
_WHAT = (
    "The elements of a tf.data.Dataset, written by Tensorlet's Dataset.save. TensorFlow does not read this folder; "
    "tf.data.Dataset.load of Tensorlet does."
)


def _structure(specs: Any) -> Any:
    """The form of an element as JSON: a list for a tuple, a dictionary, or a leaf's dtype and shape."""
    if isinstance(specs, dict):
        return {"names": {name: _structure(one) for name, one in specs.items()}}
    if isinstance(specs, tuple):
        return {"parts": [_structure(one) for one in specs]}
    shape = None if specs.shape.rank is None else list(specs.shape)
    leaf = {"dtype": specs.dtype.name, "shape": shape}
    return {**leaf, "ragged_rank": specs.ragged_rank} if isinstance(specs, RaggedTensorSpec) else leaf


def _specs(structure: Any) -> Any:
    if "names" in structure:
        return {name: _specs(one) for name, one in structure["names"].items()}
    if "parts" in structure:
        return tuple(_specs(one) for one in structure["parts"])
    shape = structure["shape"]
    if "ragged_rank" in structure:
        return RaggedTensorSpec(shape, structure["dtype"], structure["ragged_rank"])
    return TensorSpec(None if shape is None else TensorShape(shape), as_dtype(structure["dtype"]))


def save_elements(pipeline: Pipeline, path: PathLike, compression: str | None) -> None:
    """Writes all elements of a pipeline into a folder."""
    _write(list(pipeline.elements()), pipeline.element_spec, path, compression)


def _write(elements: list[Any], specs: Any, path: PathLike, compression: str | None) -> None:
    if any(isinstance(leaf, RaggedTensor) for element in elements for leaf in flatten(element)):
        raise InvalidArgumentError(
            f"save: the elements hold ragged tensors ({specs}), but tensors are expected. Save the rows, "
            "dataset.unbatch(), or pad them first with map(lambda rows: rows.to_tensor())."
        )
    folder = os.fspath(path)
    os.makedirs(folder, exist_ok=True)
    arrays: dict[str, np.ndarray] = {}
    columns = list(zip(*(flatten(element) for element in elements), strict=True))
    for number, column in enumerate(columns):
        values = [array_of(leaf) for leaf in column]
        arrays[f"{number}.shapes"] = np.array([value.shape for value in values], np.int64).reshape(
            len(values), -1
        )
        flat = np.concatenate([value.reshape(-1) for value in values])
        if flat.dtype.kind == "O":
            arrays[f"{number}.lengths"] = np.array([len(text) for text in flat], np.int64)
            flat = np.frombuffer(b"".join(flat.tolist()), np.uint8)
        arrays[f"{number}.values"] = flat
    content = io.BytesIO()
    (np.savez_compressed if compression == "GZIP" else np.savez)(content, **arrays)  # type: ignore[arg-type]
    write_atomically(os.path.join(folder, "elements.npz"), content.getvalue())
    about = {
        "format": _FORM,
        "version": 1,
        "about": _WHAT,
        "count": len(elements),
        "element": _structure(specs),
    }
    write_atomically(os.path.join(folder, "dataset.json"), json.dumps(sealed(about), indent=1).encode())


def _values(arrays: Any, number: int) -> tuple[np.ndarray, np.ndarray]:
    flat, shapes = arrays[f"{number}.values"], arrays[f"{number}.shapes"]
    if f"{number}.lengths" in arrays:
        ends = np.cumsum(arrays[f"{number}.lengths"])
        data, text = flat.tobytes(), np.empty(len(ends), object)
        text[:] = [
            data[end - length : end] for end, length in zip(ends, arrays[f"{number}.lengths"], strict=True)
        ]
        flat = text
    return flat, shapes


class Stored(Pipeline):
    """Elements of different shapes, read from a folder."""

    shown_name = "_LoadDataset"

    def __init__(self, columns: list[list[np.ndarray]], specs: Any) -> None:
        self._columns = columns
        self._specs = specs

    @property
    def element_spec(self) -> Any:
        """Shape and dtype of the elements."""
        return self._specs

    def count(self) -> int:
        return len(self._columns[0]) if self._columns else 0

    def one_by_one(self) -> Iterator[Any]:
        for leaves in zip(*self._columns, strict=True):
            yield pack_like(self._specs, [EagerTensor(leaf) for leaf in leaves])


def load_elements(path: PathLike) -> Pipeline:
    """The elements in a folder that `save_elements` has written.

    Raises:
        NotFoundError: if there is no such folder.
        FileFormatError: if it holds something else, or is damaged.
    """
    folder = os.fspath(path)
    if not os.path.isdir(folder):
        raise NotFoundError(f"Dataset.load: there is no folder {folder!r}.")
    try:
        with open(os.path.join(folder, "dataset.json"), encoding="utf-8") as file:
            about = json.load(file)
        if about["format"] != _FORM:
            raise ValueError("another format")
        about = unsealed(about)
        specs = _specs(about["element"])
        arrays = read_arrays(os.path.join(folder, "elements.npz"))
        parts = range(len(flatten(specs))) if about["count"] else ()
        found = [_values(arrays, number) for number in parts]
        return _pipeline(found, specs)
    except FileNotFoundError:
        hint = " It looks like one that TensorFlow has saved, which is not supported: save the arrays with numpy.savez."
        written_by_tensorflow = any(name.endswith(".pb") for name in os.listdir(folder))
        raise FileFormatError(
            f"Dataset.load: {folder!r} is not a folder of Dataset.save.{hint if written_by_tensorflow else ''}"
        ) from None
    except MemoryError:
        raise
    except Exception as error:  # also those of NumPy's reader of archives, which has many
        raise FileFormatError(f"Dataset.load: the files in {folder!r} are damaged ({error}).") from None


def _pipeline(found: list[tuple[np.ndarray, np.ndarray]], specs: Any) -> Pipeline:
    if not found:
        return Stored([[] for _ in flatten(specs)], specs)
    ragged = any(isinstance(spec, RaggedTensorSpec) for spec in flatten(specs))
    if not ragged and all((shapes == shapes[0]).all() for _, shapes in found):
        whole = [values.reshape(len(shapes), *shapes[0]) for values, shapes in found]
        return TensorSlices(pack_like(specs, whole))
    columns = []
    for values, shapes in found:
        ends = np.cumsum(shapes.prod(axis=1))
        columns.append(
            [part.reshape(shape) for part, shape in zip(np.split(values, ends[:-1]), shapes, strict=True)]
        )
    return Stored(columns, specs)


class Snapshot(Transformation):
    """See `Dataset.snapshot`."""

    shown_name = "_SnapshotDataset"

    def __init__(self, source: Pipeline, path: PathLike, compression: str | None) -> None:
        super().__init__(source)
        self._path = os.fspath(path)
        self._compression = compression

    def one_by_one(self) -> Iterator[Any]:
        if os.path.exists(os.path.join(self._path, "dataset.json")):
            yield from load_elements(self._path).elements()
            return
        kept = []
        for element in self.source.elements():
            kept.append(element)
            yield element
        _write(kept, self.element_spec, self._path, self._compression)
