"""Saving and loading: the file's name says its format, as in Keras."""

from __future__ import annotations

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.layers.layer_weights import weights_within
from tensorlet.keras.models.model import Model, not_built
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.optimizers.saved_variables import KERAS_2, KERAS_3
from tensorlet.keras.providers import MODEL_METHODS
from tensorlet.keras.registry import CustomObjectScope
from tensorlet.keras.saving import compile_config, hdf5, keras_archive, legacy_h5, weights_h5
from tensorlet.keras.saving.hdf5 import Hdf5File, hdf5_bytes, open_hdf5
from tensorlet.keras.saving.keras2_keras3 import from_file
from tensorlet.keras.saving.load_errors import DAMAGE, MissingFileError, file_to_read, reading

DIALECTS = (KERAS_2, KERAS_3)
_H5 = (".h5", ".hdf5")
_MODEL, _WEIGHTS = "a model in Keras's HDF5 format", "a file of weights in Keras's HDF5 format"
_ARCHIVE = "a model in Keras's .keras format"
#: Bytes of weights beyond those of the file that a configuration may ask for: arrays of zeros take no room.
_SPARE = 1 << 20


@MODEL_METHODS.register("save_model")
def save_model(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    save_format: str | None = None,
    include_optimizer: bool = True,
    dialect: str | None = None,
    **ignored: Any,
) -> None:
    """Writes a whole model: layers, weights, what `compile` was given, and the optimizer's state.

    The file is replaced whole or not at all. A Sequential or functional model can be written; of a subclassed
    one the weights alone, with `Model.save_weights`.

    Args:
        model: the model.
        filepath: the name says the format: ``.keras`` or ``.h5``. In a folder (a name without ending) a
            ``model.keras`` is written.
        overwrite: False refuses to replace a file.
        save_format: "keras" or "h5", whatever the name says.
        include_optimizer: whether `compile`'s arguments and the optimizer's state are written.
        dialect: "keras2" or "keras3". By default ``.keras`` as Keras 3 writes it, and ``.h5`` as Keras 2: real
            Keras 2 restores all of that, and Keras 3 the model and the weights.
        ignored: options of TensorFlow's SavedModel.

    Raises:
        InvalidArgumentError: for a model that cannot be written, an unknown format or dialect.
        OSError: if the disk is full or the folder may not be written to; the old file is still there.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.keras"
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
    >>> tf.keras.models.save_model(model, path)
    >>> tf.keras.models.load_model(path).count_params()
    8
    """
    path = os.fspath(filepath)
    kind = _format_of(path, save_format)
    _check_can_be_written(model, path)
    chosen = _dialect(dialect, KERAS_2 if kind == "h5" else KERAS_3)
    if kind == "folder":
        path = os.path.join(path, "model.keras")
    _check_overwrite(path, overwrite)
    if kind == "h5":
        content = hdf5_bytes(lambda file: legacy_h5.write_model(file, model, chosen, include_optimizer))
    else:
        content = keras_archive.archive_bytes(model, chosen, include_optimizer)
    write_atomically(path, content)


def _format_of(path: str, save_format: str | None) -> str:
    """``"h5"``, ``"keras"`` or ``"folder"``."""
    ending = os.path.splitext(path)[1].lower()
    if save_format in ("h5", "hdf5"):
        return "h5"
    if save_format not in (None, "keras", "tf"):
        raise InvalidArgumentError(f"save: save_format is {save_format!r}, expected 'keras' or 'h5'.")
    if ending in _H5:
        return "h5"
    if ending == ".keras" or save_format == "keras":
        return "keras"
    if ending and save_format is None and not os.path.isdir(path):
        raise InvalidArgumentError(
            f"save: '{path}' ends in '{ending}', which is no format of models. Name the file '....keras' or '....h5'."
        )
    return "folder"


def _dialect(dialect: str | None, default: str) -> str:
    if dialect is not None and dialect not in DIALECTS:
        raise InvalidArgumentError(
            f"dialect is {dialect!r}, expected 'keras2' or 'keras3': the version that is to read the file."
        )
    return dialect or default


def _check_can_be_written(model: Any, path: str) -> None:
    if getattr(model, "_graph", None) is not None:
        return
    if isinstance(model, Sequential):
        raise ValueError(not_built(model, "save"))
    raise UnsavableModelError(
        f"'{path}': the model \"{model.name}\" is a subclass with a call() of its own, whose Python code no file "
        "holds. Save its weights with model.save_weights('name.weights.h5'), and load them into the same class; or "
        "write the model with tf.keras.Model(inputs, outputs)."
    )


class UnsavableModelError(InvalidArgumentError, NotImplementedError):
    """A model that is Python code: only its weights can be saved."""


def _check_overwrite(path: str, overwrite: bool) -> None:
    if not overwrite and os.path.exists(path):
        raise FileAlreadyThereError(f"'{path}' exists already, and overwrite=False. Choose another name.")


class FileAlreadyThereError(InvalidArgumentError, FileExistsError):
    """A file that was not to be replaced."""


def load_model(
    filepath: Any,
    custom_objects: dict[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
    **ignored: Any,
) -> Any:
    """Reads a whole model that Tensorlet, Keras 2 or Keras 3 wrote, from ``.keras`` or ``.h5``.

    A model's file is data: nothing in it is run. Training goes on from the optimizer's state.

    Args:
        filepath: of the file; what is in it says its format, not its name.
        custom_objects: from names to the user's own layers, losses, metrics and functions.
        compile: whether to compile the model as it was.
        safe_mode: taken, and of no use here: code in files is never run.
        ignored: options of TensorFlow's SavedModel.

    Raises:
        FileFormatError: (a `ValueError`) for a missing, truncated, damaged or wrong file; it names the file
            and what is wrong with it.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "model.h5")
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile(tf.keras.optimizers.Adam(0.25), "mse")
    >>> model.save(path)
    >>> float(tf.keras.models.load_model(path).optimizer.learning_rate)
    0.25
    """
    path = _model_file(filepath)
    with open(path, "rb") as file:
        start = file.read(len(hdf5.SIGNATURE))
        file.seek(0)
        if start.startswith(keras_archive.SIGNATURE):
            with reading(path, _ARCHIVE):
                return _load_archive(keras_archive.Archive(file), path, custom_objects, compile)
    if start == hdf5.SIGNATURE or os.path.splitext(path)[1].lower() in _H5:
        return _load_h5(path, custom_objects, compile)
    kind = "empty" if not start else "neither a zip (.keras) nor an HDF5 file (.h5)"
    raise FileFormatError(f"'{path}' is not a model's file: it is {kind}. Save the model again.")


def _model_file(filepath: Any) -> str:
    path = file_to_read(filepath)
    if not os.path.isdir(path):
        return path
    inner = os.path.join(path, "model.keras")
    if os.path.isfile(inner):
        return inner
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        raise FileFormatError(
            f"'{path}' is a SavedModel of TensorFlow's, which holds a program and not layers. Load it in TensorFlow "
            "and save it as '.keras' or '.h5'."
        )
    raise FileFormatError(f"'{path}' is a folder without a model in it. Name a '.keras' or '.h5' file.")


def _load_h5(path: str, custom_objects: dict[str, Any] | None, compile: bool) -> Any:
    with open_hdf5(path, path, _MODEL) as file:
        config = legacy_h5.config_of(file, "model_config")
        if config is None:
            raise FileFormatError(_no_model(file))
        with _bounded(path):
            model = _made(config, custom_objects)
        legacy_h5.read_weights(file, model)
        settings = legacy_h5.config_of(file, "training_config") if compile else None
        if settings is not None:
            _compiled(model, settings, custom_objects)
            _note_fresh(legacy_h5.read_optimizer(file, model), legacy_h5.has_optimizer(file), path)
    return model


def _no_model(file: Hdf5File) -> str:
    if file.has("", "layer_names") or "layers" in file.groups:
        return "it holds weights and no model. Make the model first, then call model.load_weights(...)"
    return "it holds no model: the attribute 'model_config' is missing"


def _load_archive(
    inside: keras_archive.Archive, path: str, custom_objects: dict[str, Any] | None, compile: bool
) -> Any:
    config = inside.json(keras_archive.CONFIG)
    weights = inside.read(keras_archive.WEIGHTS)
    with _bounded(path, len(weights)):
        model = _made(config, custom_objects)
    settings = config.get("compile_config") if compile else None
    if settings:
        _compiled(model, settings, custom_objects)
    with open_hdf5(io.BytesIO(weights), path, f"{_ARCHIVE} ({keras_archive.WEIGHTS} inside)") as file:
        dialect = weights_h5.read_weights(file, model)
        if settings:
            has_state = any(one.startswith("optimizer/vars/") for one in file.arrays)
            _note_fresh(weights_h5.read_optimizer(file, model, dialect), has_state, path)
    return model


def _bounded(path: str, size: int | None = None) -> Any:
    """While a configuration is built: no more weights than the file can hold."""
    stored = os.path.getsize(path) if size is None else size
    return weights_within(_SPARE + hdf5.LARGEST_RATIO * stored)


@contextmanager
def _configuration() -> Iterator[None]:
    """What building from a damaged configuration raises, as a `FileFormatError`."""
    try:
        yield
    except FileFormatError:
        raise
    except DAMAGE as error:
        raise FileFormatError(f"its configuration cannot be built: {error}") from error


def _made(config: Any, custom_objects: dict[str, Any] | None) -> Any:
    """A new model, with new weights, from a configuration in any dialect."""
    from tensorlet.keras.models.cloning import model_from_config

    with _configuration(), CustomObjectScope(custom_objects or {}):
        model = model_from_config(from_file(config), custom_objects)
        if not isinstance(model, Model):
            raise FileFormatError(f"its configuration describes {type(model).__name__}, which is no model")
        shape = _shape_to_build(config)
        if not model.built and shape is not None:
            model.build(shape)
    return model


def _shape_to_build(config: dict[str, Any]) -> Any:
    built = config.get("build_config") or {}
    return built.get("input_shape") if isinstance(built, dict) else None


def _compiled(model: Any, settings: Any, custom_objects: dict[str, Any] | None) -> None:
    with _configuration():
        compile_config.compile_from(model, settings, custom_objects)


def _note_fresh(restored: bool, expected: bool, path: str) -> None:
    if expected and not restored:
        warnings.warn(
            f"'{path}': the optimizer's state does not fit the optimizer, which starts afresh. The weights are "
            "restored.",
            stacklevel=4,
        )


# Weights alone.


@MODEL_METHODS.register("save_weights")
def save_weights(
    model: Any,
    filepath: Any,
    overwrite: bool = True,
    save_format: str | None = None,
    dialect: str | None = None,
    **ignored: Any,
) -> Any:
    """Writes the weights of a model; see `Model.save_weights`."""
    path = os.fspath(filepath)
    if not model.built:
        raise ValueError(not_built(model, "save_weights"))
    kind = _weights_format(path, save_format)
    if kind == "checkpoint":
        from tensorlet.keras.saving import checkpoints

        if not overwrite and os.path.exists(f"{path}.index"):
            _check_overwrite(f"{path}.index", overwrite)
        return checkpoints.save_weights(model, path)
    _check_overwrite(path, overwrite)
    if kind == "safetensors":
        from tensorlet.keras.saving import safetensors_weights

        return safetensors_weights.save(model, path)
    chosen = _dialect(dialect, KERAS_3 if kind == "tree" else KERAS_2)
    if kind == "tree":
        content = hdf5_bytes(lambda file: weights_h5.write_weights(file, model, chosen))
    else:
        content = hdf5_bytes(lambda file: legacy_h5.write_weights(file, model, chosen))
    return write_atomically(path, content)


def _weights_format(path: str, save_format: str | None) -> str:
    """``"tree"``, ``"legacy"``, ``"safetensors"`` or ``"checkpoint"``."""
    name = path.lower()
    if save_format not in (None, "h5", "hdf5", "keras", "tf", "tensorflow"):
        raise InvalidArgumentError(f"save_weights: save_format is {save_format!r}, expected 'h5' or 'tf'.")
    if save_format in ("tf", "tensorflow"):
        return "checkpoint"
    if name.endswith(".weights.h5"):
        return "tree"
    if name.endswith(".safetensors"):
        return "safetensors"
    if name.endswith((*_H5, ".keras")) or save_format in ("h5", "hdf5", "keras"):
        return "legacy"
    return "checkpoint"


@MODEL_METHODS.register("load_weights")
def load_weights(
    model: Any,
    filepath: Any,
    skip_mismatch: bool = False,
    by_name: bool = False,
    options: Any = None,
    **ignored: Any,
) -> Any:
    """Sets the weights of a model from a file; see `Model.load_weights`."""
    path = os.fspath(filepath)
    if os.path.exists(f"{path}.index") or path.endswith(".index"):
        from tensorlet.keras.saving import checkpoints

        return checkpoints.load_weights(model, path.removesuffix(".index"))
    path = _weights_file(path)
    if path.lower().endswith(".safetensors"):
        from tensorlet.keras.saving import safetensors_weights

        return safetensors_weights.load(model, path)
    if not model.built:
        raise ValueError(not_built(model, "load_weights"))
    with open(path, "rb") as file:
        if file.read(len(keras_archive.SIGNATURE)) == keras_archive.SIGNATURE:
            with reading(path, _ARCHIVE):
                content = keras_archive.Archive(file).read(keras_archive.WEIGHTS)
            _load_h5_weights(io.BytesIO(content), path, model, by_name, skip_mismatch)
            return None
    _load_h5_weights(path, path, model, by_name, skip_mismatch)
    return None


def _weights_file(path: str) -> str:
    if os.path.isdir(path):
        raise MissingFileError(
            f"'{path}' is a folder. Name a file of weights in it, or a checkpoint without its ending '.index'."
        )
    return file_to_read(path)


def _load_h5_weights(source: Any, path: str, model: Any, by_name: bool, skip_mismatch: bool) -> None:
    with open_hdf5(source, path, _WEIGHTS) as file:
        if file.has("", "layer_names") or file.has("model_weights", "layer_names"):
            legacy_h5.read_weights(file, model, by_name, skip_mismatch)
            return
        if by_name:
            raise InvalidArgumentError(
                f"load_weights: by_name needs the names of layers, which '{path}' does not hold. Leave it out, or use "
                "a file that save_weights('name.h5') wrote."
            )
        dialect = weights_h5.read_weights(file, model, skip_mismatch)
        optimizer = getattr(model, "optimizer", None)
        if optimizer is not None and not skip_mismatch:
            # A model that was only just compiled keeps the learning rate that compile() got.
            weights_h5.read_optimizer(file, model, dialect, with_rate=optimizer.built)
