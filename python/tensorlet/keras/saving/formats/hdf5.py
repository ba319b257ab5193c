"""``.h5`` files: whole models and weights in the layout of Keras 2, and ``.weights.h5`` in that of Keras 3."""

from __future__ import annotations

from typing import IO

from tensorlet.errors import FileFormatError, InvalidArgumentError, warn_user
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.generations import generation_of
from tensorlet.keras.models.model import Model, not_built
from tensorlet.keras.optimizers.saved_variables import KERAS_2, KERAS_3
from tensorlet.keras.saving import hdf5, legacy_h5, weights_h5
from tensorlet.keras.saving.file_format import FileFormat
from tensorlet.keras.saving.hdf5 import Hdf5File, WritableGroup, hdf5_bytes, open_hdf5
from tensorlet.keras.saving.model_loading import (
    CustomObjects,
    bounded,
    compile_as_saved,
    model_of,
    warn_of_fresh_optimizer,
)
from tensorlet.registry import register

_WEIGHTS = "a file of weights in Keras's HDF5 format"


@register("file format", "h5", "hdf5")
class Hdf5Format(FileFormat):
    """HDF5 files; those with only weights have one of two layouts, selected by the extension ``.weights.h5``."""

    description = "a model in Keras's HDF5 format"
    endings = (".h5", ".hdf5")
    signature = hdf5.SIGNATURE
    holds_models = True

    def write_model(self, model: Model, path: str, dialect: str | None, include_optimizer: bool) -> None:
        def fill(file: WritableGroup) -> None:
            legacy_h5.write_model(file, model, dialect or KERAS_2, include_optimizer)

        write_atomically(path, hdf5_bytes(fill))

    def read_model(self, path: str, custom_objects: CustomObjects, compile: bool) -> Model:
        with open_hdf5(path, path, self.description) as file:
            config = legacy_h5.config_of(file, "model_config")
            if config is None:
                raise FileFormatError(_no_model(file))
            with bounded(path):
                generation = generation_of(file.text("", "keras_version"))
                model = model_of(config, custom_objects, generation)
            legacy_h5.read_weights(file, model)
            settings = legacy_h5.training_of(file) if compile else None
            if settings is not None:
                compile_as_saved(model, settings, custom_objects)
                restored = legacy_h5.read_optimizer(file, model)
                warn_of_fresh_optimizer(restored, legacy_h5.has_optimizer(file), path)
        return model

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        def fill(file: WritableGroup) -> None:
            if path.lower().endswith(".weights.h5"):
                weights_h5.write_weights(file, model, dialect or KERAS_3)
            else:
                legacy_h5.write_weights(file, model, dialect or KERAS_2)

        write_atomically(path, hdf5_bytes(fill))
        return None

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        self.read_content(path, model, path, skip_mismatch, by_name)
        return None

    def read_content(
        self, source: str | IO[bytes], model: Model, path: str, skip_mismatch: bool, by_name: bool
    ) -> None:
        """Sets the weights of a model from HDF5 content.

        Args:
            source: the path of the file, or an open file.
            model: a built model.
            path: the name of the file, for messages.
            skip_mismatch, by_name: see `FileFormat.read_weights`.
        """
        if not model.built:
            raise ValueError(not_built(model, "load_weights"))
        with open_hdf5(source, path, _WEIGHTS) as file:
            if file.has("", "layer_names") or file.has("model_weights", "layer_names"):
                legacy_h5.read_weights(file, model, by_name, skip_mismatch)
                return
            if by_name:
                raise InvalidArgumentError(
                    f"load_weights: by_name requires the names of layers, which '{path}' does not contain. Omit it, or "
                    "use a file written by save_weights('name.h5')."
                )
            dialect = weights_h5.read_weights(file, model, skip_mismatch)
            optimizer = getattr(model, "optimizer", None)
            if optimizer is not None and not skip_mismatch:
                # A model that was just compiled keeps the learning rate passed to compile().
                restored = weights_h5.read_optimizer(file, model, dialect, with_rate=optimizer.built)
                if not restored and weights_h5.has_optimizer(file):
                    warn_user(
                        f"'{path}': the saved optimizer state does not match {optimizer.name}, whose state is not "
                        "changed. The weights are loaded."
                    )


def _no_model(file: Hdf5File) -> str:
    if file.has("", "layer_names") or "layers" in file.groups:
        return "it contains only weights, not the model. Create the model first, then call model.load_weights(...)"
    return "it does not contain a model: the attribute 'model_config' is missing"
