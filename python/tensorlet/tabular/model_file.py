"""The ``.keras`` file of a trained model: beside the weights, what its inputs and outputs mean."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass, field
from typing import Any

from tensorlet.errors import FileFormatError
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.optimizers.saved_variables import KERAS_3
from tensorlet.keras.saving import keras_archive
from tensorlet.keras.saving.load_errors import reading
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.encoder import Encoder
from tensorlet.tabular.columns.target import Target
from tensorlet.tabular.problem import PICTURES, Problem
from tensorlet.version_info import TENSORLET_VERSION

#: The member of ``metadata.json`` that describes the columns.
KEY = "tensorlet_tabular"
#: The version of the description; a reader refuses later ones.
FORMAT = 1


@dataclass
class Description:
    """What the inputs and outputs of a model mean.

    Attributes:
        columns: the columns that the model reads, in the order of its inputs; empty for pictures.
        target: what it predicts, with the names of the classes in the order of its outputs.
        model: "linear" or "perceptron".
        left_out: the columns of the training table that it does not read, with the reason.
        picture_shape: (height, width, channels) for pictures; None for tables.
        source: the name of the file that it was trained on.
        seed: the seed of the training.
        weights: the column of the weights of the rows; None if all counted the same.
        encoder: the encoding of the columns; None for pictures.
    """

    columns: list[Column]
    target: Target
    model: str
    left_out: dict[str, str] = field(default_factory=dict)
    picture_shape: tuple[int, ...] | None = None
    source: str = ""
    seed: int = 0
    weights: str | None = None

    def __post_init__(self) -> None:
        self.encoder = Encoder(self.columns) if self.columns else None

    @classmethod
    def of_problem(cls, problem: Problem, model: str, seed: int, weights: str | None = None) -> Description:
        """Describes a model that was trained for a problem."""
        columns = problem.encoder.columns if problem.encoder else []
        names = {column.name for column in columns} | {problem.target.name}
        left_out = {column.name: column.why for column in problem.columns if column.name not in names}
        shape = problem.inputs[PICTURES].shape[1:] if PICTURES in problem.inputs else None
        return cls(columns, problem.target, model, left_out, shape, problem.name, seed, weights)

    def to_json(self) -> dict[str, Any]:
        """Returns the description as plain values, with its fingerprint."""
        plain: dict[str, Any] = {
            "format": FORMAT,
            "written_by": f"Tensorlet {TENSORLET_VERSION}",
            "model": self.model,
            "source": self.source,
            "seed": self.seed,
            "target": self.target.to_json(),
            "columns": [column.to_json() for column in self.columns],
            "left_out": self.left_out,
            "picture_shape": None if self.picture_shape is None else list(self.picture_shape),
        }
        if self.weights is not None:
            plain["weights"] = self.weights
        if self.encoder is not None:
            plain["inputs"] = {
                name: [column.name for column in self.columns if self.encoder.group_of(column) == name]
                for name in self.encoder.inputs
            }
        return {**plain, "fingerprint": fingerprint(plain)}

    @classmethod
    def from_json(cls, values: object, path: str) -> Description:
        """Reads a description.

        Raises:
            FileFormatError: if it is of a later version, or not as `to_json` wrote it.
        """
        if not isinstance(values, dict) or not isinstance(values.get("format"), int):
            raise FileFormatError(
                f"'{path}': the description of its columns is damaged. Train the model again."
            )
        if values["format"] > FORMAT:
            raise FileFormatError(
                f"'{path}' was written by a later version of Tensorlet ({values.get('written_by')}). Update Tensorlet."
            )
        written = values.get("fingerprint")
        if written != fingerprint({key: value for key, value in values.items() if key != "fingerprint"}):
            raise FileFormatError(
                f"'{path}': the description of its columns does not have the fingerprint that it was written with, so "
                "it has been changed. Train the model again."
            )
        shape = values["picture_shape"]
        return cls(
            [Column.from_json(column) for column in values["columns"]],
            Target.from_json(values["target"]),
            str(values["model"]),
            dict(values["left_out"]),
            None if shape is None else tuple(shape),
            str(values["source"]),
            int(values["seed"]),
            values.get("weights"),
        )

    def save(self, model: Any, path: str) -> None:
        """Writes a model with this description as a ``.keras`` file, completely or not at all."""
        content = keras_archive.archive_bytes(model, KERAS_3, include_optimizer=False)
        write_atomically(path, with_metadata(content, {KEY: self.to_json()}))


def fingerprint(values: dict[str, Any]) -> str:
    """Returns the SHA-256 of plain values, as JSON with sorted names."""
    return hashlib.sha256(json.dumps(values, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def with_metadata(content: bytes, more: dict[str, Any]) -> bytes:
    """Returns a ``.keras`` archive with more entries in its ``metadata.json``, which Keras ignores."""
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(result, "w") as new:
        for info in old.infolist():
            data = old.read(info)
            if info.filename == keras_archive.METADATA:
                data = json.dumps({**json.loads(data), **more}, ensure_ascii=False).encode("utf-8")
            new.writestr(info, data)
    return result.getvalue()


def read_description(path: str) -> Description | None:
    """Reads the description of a model file; None if it has none, or is not a ``.keras`` file.

    Raises:
        FileFormatError: if it is damaged, changed or of a later version.
    """
    with open(path, "rb") as file:
        if file.read(2) != keras_archive.SIGNATURE:
            return None
        with reading(path, "a model in Keras's .keras format"):
            values = keras_archive.Archive(file).metadata().get(KEY)
    return None if values is None else Description.from_json(values, path)
