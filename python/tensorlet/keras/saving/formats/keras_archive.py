"""``.keras`` files: whole models in a zip archive."""

from __future__ import annotations

import io

from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.models.model import Model
from tensorlet.keras.optimizers.saved_variables import KERAS_3
from tensorlet.keras.saving import keras_archive, vocabularies, weights_h5
from tensorlet.keras.saving.compile_config import as_legacy
from tensorlet.keras.saving.file_format import FileFormat
from tensorlet.keras.saving.formats.hdf5 import Hdf5Format
from tensorlet.keras.saving.hdf5 import open_hdf5
from tensorlet.keras.saving.load_errors import reading
from tensorlet.keras.saving.model_loading import (
    CustomObjects,
    bounded,
    compile_as_saved,
    model_of,
    warn_of_fresh_optimizer,
)
from tensorlet.registry import register


@register("file format", "keras")
class KerasFormat(FileFormat):
    """A zip archive with the configuration as JSON and the weights as HDF5; by default in the form of Keras 3."""

    description = "a model in Keras's .keras format"
    endings = (".keras",)
    signature = keras_archive.SIGNATURE
    holds_models = holds_subclasses = True

    def write_model(self, model: Model, path: str, dialect: str | None, include_optimizer: bool) -> None:
        write_atomically(path, keras_archive.archive_bytes(model, dialect or KERAS_3, include_optimizer))

    def read_model(self, path: str, custom_objects: CustomObjects, compile: bool) -> Model:
        with open(path, "rb") as file, reading(path, self.description):
            inside = keras_archive.Archive(file)
            config = inside.json(keras_archive.CONFIG)
            weights = inside.read(keras_archive.WEIGHTS)
            if any(name.endswith(vocabularies.NAME) for name in inside.names()):
                with open_hdf5(io.BytesIO(weights), path, self.description) as stored:
                    config = vocabularies.with_vocabularies(config, inside, stored)
            with bounded(path, len(weights)):
                model = model_of(config, custom_objects, inside.generation())
            settings = config.get("compile_config") if compile else None
            if settings and keras_archive.LEGACY_OPTIMIZER in inside.metadata():
                settings = as_legacy(settings)
            if settings:
                compile_as_saved(model, settings, custom_objects)
            described = f"{self.description} ({keras_archive.WEIGHTS} inside)"
            with open_hdf5(io.BytesIO(weights), path, described) as stored:
                dialect = weights_h5.read_weights(stored, model)
                if settings:
                    has_state = weights_h5.has_optimizer(stored)
                    restored = weights_h5.read_optimizer(stored, model, dialect)
                    warn_of_fresh_optimizer(restored, has_state, path)
            return model

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        # As in Keras 2, a .keras file with only weights is an HDF5 file.
        return Hdf5Format().write_weights(model, path, dialect)

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        with open(path, "rb") as file:
            if file.read(len(self.signature)) != self.signature:
                return Hdf5Format().read_weights(model, path, skip_mismatch, by_name)
            with reading(path, self.description):
                content = keras_archive.Archive(file).read(keras_archive.WEIGHTS)
        Hdf5Format().read_content(io.BytesIO(content), model, path, skip_mismatch, by_name)
        return None
