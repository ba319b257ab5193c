"""``.safetensors`` files: weights and the state of the optimizer."""

from __future__ import annotations

from tensorlet.keras.models.model import Model
from tensorlet.keras.saving import safetensors_weights
from tensorlet.keras.saving.file_format import FileFormat
from tensorlet.registry import register


@register("file format", "safetensors")
class SafetensorsFormat(FileFormat):
    """Arrays by name, in Hugging Face's format, which programs can map into memory."""

    description = "a safetensors file"
    endings = (".safetensors",)

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        safetensors_weights.save(model, path)
        return None

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        # Arrays are always matched by name, and an array that does not match is an error.
        safetensors_weights.load(model, path)
        return None
