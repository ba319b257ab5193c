"""Saving and loading: the extension of a file name selects its format, as in Keras."""

from __future__ import annotations

import os
from collections.abc import Mapping

from tensorlet.errors import FileFormatError, InvalidArgumentError, warn_user
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.models.model import Model, not_built
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.optimizers.saved_variables import KERAS_2, KERAS_3
from tensorlet.keras.providers import MODEL_METHODS
from tensorlet.keras.saving.file_format import (
    FileFormat,
    format_by_ending,
    format_named,
    format_names,
    format_of_file,
    known_formats,
)
from tensorlet.keras.saving.load_errors import MissingFileError, file_to_read
from tensorlet.keras.saving.model_loading import classes_of_program

DIALECTS = (KERAS_2, KERAS_3)
#: The number of bytes read to recognize a file; longer than the signature of any format.
_START = 16
#: The file name of a whole model in a folder.
_IN_FOLDER = "model.keras"

FilePath = str | os.PathLike[str]


# Whole models.


@MODEL_METHODS.register("save_model")
def save_model(
    model: Model,
    filepath: FilePath,
    overwrite: bool = True,
    save_format: str | None = None,
    include_optimizer: bool = True,
    dialect: str | None = None,
    **ignored: object,
) -> None:
    """Saves a whole model: layers, weights, the arguments of `compile`, and the state of the optimizer.

    The file is replaced completely or not at all. A subclassed model is stored in
    ``.keras`` files only, as the name of its class, which `load_model` finds again through ``custom_objects`` or
    `register_keras_serializable`, and the arguments with which it was created.

    Args:
        model: the model.
        filepath: a path ending in ``.keras`` or ``.h5``, which selects the format. Any other name is that of a
            folder, as in Keras 2: the model is the file ``model.keras`` in it.
        overwrite: False raises an error if the file exists.
        save_format: "keras" or "h5", used instead of the extension.
        include_optimizer: whether to save the arguments of `compile` and the state of the optimizer.
        dialect: "keras2" or "keras3". The default is Keras 3 for ``.keras`` and Keras 2 for ``.h5``: such a file
            is restored completely by Keras 2, and without the training state by Keras 3.
        ignored: options of TensorFlow's SavedModel format, which have no effect.

    Raises:
        InvalidArgumentError: for a model that cannot be saved, or an unknown format or dialect; in programs for
            Keras 3, also for an unknown extension.
        OSError: if the disk is full or the folder is not writable; an existing file is unchanged.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.keras"
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(2, input_shape=(3,))])
    >>> tf.keras.models.save_model(model, path)
    >>> tf.keras.models.load_model(path).count_params()
    8
    """
    _refuse_in_keras_3("save", ignored)
    path, file_format = _where_to_save(os.fspath(filepath), save_format)
    _check_can_be_written(model, path, file_format)
    _check_dialect(dialect)
    _check_overwrite(path, file_format, overwrite)
    file_format.write_model(model, path, dialect, include_optimizer)


def _refuse_in_keras_3(what: str, ignored: Mapping[str, object]) -> None:
    """Refuses arguments that Keras 3 does not have; options of Keras 2's SavedModel have no effect elsewhere.

    Raises:
        InvalidArgumentError: names them.
    """
    if ignored and keras_generation() == 3:
        names = ", ".join(sorted(ignored))
        raise InvalidArgumentError(
            f"{what}: The following argument(s) are not supported: {names}. Leave them out."
        )


def _where_to_save(path: str, save_format: str | None) -> tuple[str, FileFormat]:
    """Returns the path and format of the file of a whole model; a folder becomes a file in it."""
    if save_format and keras_generation() == 3 and format_by_ending(path) is None:
        raise InvalidArgumentError(
            f"save: The `save_format` argument is deprecated in Keras 3, and '{path}' does not end in '.keras' or "
            f"'.h5' (save_format={save_format!r}). Leave it out, and end the path in '.keras' or '.h5'."
        )
    if save_format not in (None, "tf"):
        return path, _format_named("save", str(save_format), for_models=True)
    found = format_by_ending(path)
    if found is not None and (found.holds_models or save_format is None):
        return path, found
    ending = os.path.splitext(path)[1]
    if ending and save_format is None and not os.path.isdir(path):
        _check_ending(path, ending)
    return os.path.join(path, _IN_FOLDER), format_named("keras")


def _check_ending(path: str, ending: str) -> None:
    """Keras 3 refuses an unknown extension; for Keras 2 it is part of the name of a folder."""
    problem = (
        f"save: Invalid filepath extension for saving: '{path}' ends in '{ending}', which is not a supported model "
        "format."
    )
    if keras_generation() == 3:
        raise InvalidArgumentError(f"{problem} Name the file '....keras' or '....h5'.")
    warn_user(
        f"{problem} As in Keras 2, the model is saved in a folder of this name. For a single file, name it '....keras' "
        "or '....h5'."
    )


def _format_named(method: str, name: str, for_models: bool) -> FileFormat:
    names = format_names(for_models)
    if name not in names:
        expected = ", ".join(repr(one) for one in names)
        raise InvalidArgumentError(
            f"{method}: save_format={name!r} is not supported. Expected one of: {expected}."
        )
    return format_named(name)


def _check_dialect(dialect: str | None) -> None:
    if dialect is not None and dialect not in DIALECTS:
        raise InvalidArgumentError(
            f"dialect={dialect!r} is not supported. Expected 'keras2' or 'keras3', the version that will read the file."
        )


def _check_can_be_written(model: Model, path: str, file_format: FileFormat) -> None:
    if getattr(model, "_graph", None) is not None:
        return
    if not model.built:
        if keras_generation() == 2 or not file_format.holds_subclasses:
            raise ValueError(not_built(model, "save"))
        warn_user(
            f'save: the model "{model.name}" has not been built, so that the file has no weights. Call it on a '
            "batch of data first to save some."
        )
    if file_format.holds_subclasses:
        return
    if isinstance(model, Sequential):
        raise UnsavableModelError(
            f"'{path}': the first layer of \"{model.name}\" takes several inputs, and this format stores a Sequential "
            "with one input only. Save it as 'name.keras', or write it as Model(inputs, outputs)."
        )
    raise UnsavableModelError(
        f"'{path}': the model \"{model.name}\" is a subclass with its own call(), and this format does not "
        "store the arguments of its class. Save it as 'name.keras', or its weights with "
        "model.save_weights('name.weights.h5'), and load them into the same class."
    )


class UnsavableModelError(InvalidArgumentError, NotImplementedError):
    """A model defined by Python code: only its weights can be saved."""


def _check_overwrite(path: str, file_format: FileFormat, overwrite: bool) -> None:
    if not overwrite and file_format.exists(path):
        raise FileAlreadyThereError(f"'{path}' already exists, and overwrite=False. Choose another name.")


class FileAlreadyThereError(InvalidArgumentError, FileExistsError):
    """A file that already exists and must not be replaced."""


def load_model(
    filepath: FilePath,
    custom_objects: Mapping[str, object] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
    **ignored: object,
) -> Model:
    """Loads a whole model saved by Tensorlet, Keras 2 or Keras 3, from a ``.keras`` or ``.h5`` file.

    Files are data: no code in them is run. Training continues with the saved state of the optimizer. The classes of a
    model in a folder are found by their names among those of the program, if ``custom_objects`` does not hold them.

    Args:
        filepath: the path of the file, whose format is recognized by its content.
        custom_objects: user-defined layers, losses, metrics and functions by name.
        compile: whether to compile the model with the saved arguments.
        safe_mode: ignored, because code in files is never run.
        ignored: options of TensorFlow's SavedModel format, which have no effect.

    Raises:
        FileFormatError: (a `ValueError`) if the file is missing, truncated, damaged or not a model; the message
            names the file and the problem.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> path = str(pathlib.Path(tempfile.mkdtemp()) / "model.h5")
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile(tf.keras.optimizers.Adam(0.25), "mse")
    >>> model.save(path)
    >>> float(tf.keras.models.load_model(path).optimizer.learning_rate)
    0.25
    """
    _refuse_in_keras_3("load_model", ignored)
    path = _model_file(filepath)
    with open(path, "rb") as file:
        start = file.read(_START)
    found = format_of_file(path, start)
    if found is None or not start:
        problem = "empty" if not start else "neither a zip (.keras) nor an HDF5 file (.h5)"
        raise FileFormatError(f"'{path}' is not a model file: it is {problem}. Save the model again.")
    if path != os.fspath(filepath):  # in a folder, which holds classes in TensorFlow
        custom_objects = {**classes_of_program(), **(custom_objects or {})}
    return found.read_model(path, custom_objects, compile)


def _model_file(filepath: FilePath) -> str:
    _check_known_or_there(os.fspath(filepath), "Pass a '.keras' or '.h5' file.")
    path = file_to_read(filepath)
    if not os.path.isdir(path):
        return path
    inner = os.path.join(path, _IN_FOLDER)
    if os.path.isfile(inner):
        return inner
    if os.path.exists(os.path.join(path, "saved_model.pb")):
        raise FileFormatError(
            f"'{path}' is a TensorFlow SavedModel, which contains a program instead of layers. Load it in TensorFlow "
            "and save it as '.keras' or '.h5'."
        )
    raise FileFormatError(f"'{path}' is a folder without a model. Pass a '.keras' or '.h5' file.")


def _check_known_or_there(path: str, fix: str) -> None:
    """In programs for Keras 3, blames the extension of a missing file whose format is unknown.

    Raises:
        MissingFileError: names the extension.
    """
    ending = os.path.splitext(path)[1]
    if not ending or keras_generation() != 3 or format_by_ending(path) is not None:
        return
    if os.path.exists(path) or any(one.exists(path) for one in known_formats() if not one.is_one_file):
        return
    raise MissingFileError(
        f"File format not supported: '{path}' ends in '{ending}', and there is no such file. {fix}"
    )


# Weights only.


@MODEL_METHODS.register("save_weights")
def save_weights(
    model: Model,
    filepath: FilePath,
    overwrite: bool = True,
    save_format: str | None = None,
    dialect: str | None = None,
    **ignored: object,
) -> str | None:
    """Saves the weights of a model; see `Model.save_weights`."""
    path = os.fspath(filepath)
    if not model.built:
        raise ValueError(not_built(model, "save_weights"))
    if save_format is not None:
        file_format = _format_named("save_weights", save_format, for_models=False)
    else:
        file_format = format_by_ending(path) or format_named("tf")
    _check_dialect(dialect)
    _check_overwrite(path, file_format, overwrite)
    return file_format.write_weights(model, path, dialect)


@MODEL_METHODS.register("load_weights")
def load_weights(
    model: Model,
    filepath: FilePath,
    skip_mismatch: bool = False,
    by_name: bool = False,
    options: object = None,
    **ignored: object,
) -> object:
    """Loads the weights of a model from a file; see `Model.load_weights`."""
    path = os.fspath(filepath)
    _check_known_or_there(path, "Pass a '.weights.h5', '.keras' or '.h5' file, or a checkpoint.")
    return _format_of_weights(path).read_weights(model, path, skip_mismatch, by_name)


def _format_of_weights(path: str) -> FileFormat:
    """Returns the format of saved weights, which may be several files with the given name as a prefix."""
    several = next((one for one in known_formats() if not one.is_one_file and one.exists(path)), None)
    if several is not None:
        return several
    if os.path.isdir(path):
        raise MissingFileError(
            f"'{path}' is a folder. Pass a weights file in it, or a checkpoint without its extension '.index'."
        )
    with open(file_to_read(path), "rb") as file:
        return format_of_file(path, file.read(_START)) or format_named("h5")
