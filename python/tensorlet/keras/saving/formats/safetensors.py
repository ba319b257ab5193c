"""``.safetensors`` files: weights, and the optimizer's state."""

from __future__ import annotations

from tensorlet.keras.models.model import Model
from tensorlet.keras.saving import safetensors_weights
from tensorlet.keras.saving.file_format import FileFormat
from tensorlet.registry import register


@register("file format", "safetensors")
class SafetensorsFormat(FileFormat):
    """Arrays by name, which any program can map into memory; by Hugging Face."""

    description = "a safetensors file"
    endings = (".safetensors",)

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        safetensors_weights.save(model, path)
        return None

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        # Arrays are matched by name in any case, and one that does not fit is an error.
        safetensors_weights.load(model, path)
        return None
