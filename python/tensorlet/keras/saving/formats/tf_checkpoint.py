"""TensorFlow checkpoints: ``NAME.index`` and ``NAME.data-00000-of-00001``, with the state of the optimizer."""

from __future__ import annotations

import os

from tensorlet.keras.models.model import Model
from tensorlet.keras.saving import checkpoints
from tensorlet.keras.saving.file_format import FileFormat
from tensorlet.registry import register


@register("file format", "tf", "tensorflow")
class CheckpointFormat(FileFormat):
    """Several files, identified by the common prefix of their names."""

    description = "a TensorFlow checkpoint"
    endings = (".index",)
    is_one_file = False

    def exists(self, path: str) -> bool:
        return os.path.exists(f"{path}.index")

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        return checkpoints.save_weights(model, path)

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        return checkpoints.load_weights(model, path.removesuffix(".index"))
