"""Embeddings for the Projector of TensorBoard: tables as text, and the file that lists them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.layers import Embedding

CONFIGURATION = "projector_config.pbtxt"

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import PathLike

    #: A file with one line per row, or a dictionary from layer names to such files.
    RowNames: TypeAlias = PathLike | dict[str, PathLike] | None


def write_embeddings(model: Model, folder: str, names_of_rows: RowNames = None) -> None:
    """Writes the weights of the `Embedding` layers of a model, one line per row.

    Args:
        model: the model.
        folder: the folder of the log.
        names_of_rows: a file with one line per row, or a dictionary from layer names to such files.

    Raises:
        InvalidArgumentError: if the dictionary contains unknown layer names.
    """
    layers = [layer for layer in model.layers if isinstance(layer, Embedding)]
    files = names_of_rows if isinstance(names_of_rows, dict) else {}
    unknown = sorted(set(files) - {layer.name for layer in layers})
    if unknown:
        raise InvalidArgumentError(
            f"TensorBoard: embeddings_metadata contains {unknown}, but the model's Embedding layers are "
            f"{[layer.name for layer in layers]}."
        )
    entries = []
    for layer in layers:
        table = np.asarray(layer.weights[0])
        lines = ("\t".join(f"{number:.8g}" for number in row) for row in table.tolist())
        name = f"{layer.name.replace('/', '_')}.tsv"
        write_atomically(os.path.join(folder, "train", name), "\n".join(lines).encode() + b"\n")
        labels = files.get(layer.name, None if isinstance(names_of_rows, dict) else names_of_rows)
        entries.append(_entry(layer.name, f"train/{name}", table.shape, labels))
    if entries:
        write_atomically(os.path.join(folder, CONFIGURATION), "".join(entries).encode())


def _entry(name: str, path: str, shape: tuple[int, ...], labels: PathLike | None) -> str:
    fields = [f"tensor_name: {_quoted(name)}", *(f"tensor_shape: {length}" for length in shape)]
    fields.append(f"tensor_path: {_quoted(path)}")
    if labels is not None:
        fields.append(f"metadata_path: {_quoted(os.fspath(labels))}")
    return "embeddings {\n" + "".join(f"  {field}\n" for field in fields) + "}\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
