"""Creation of models from the configurations in files, with a limit on their size."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from tensorlet.errors import FileFormatError
from tensorlet.keras.generations import spelled_from
from tensorlet.keras.layers.base import Layer
from tensorlet.keras.layers.weight_limits import weights_within
from tensorlet.keras.losses.base import Loss
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.models.cloning import model_from_config
from tensorlet.keras.models.model import Model
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.registry import CustomObjectScope, UnknownThingError
from tensorlet.keras.saving import compile_config, hdf5
from tensorlet.keras.saving.keras2_keras3 import from_file
from tensorlet.keras.saving.load_errors import DAMAGE

CustomObjects = Mapping[str, object] | None
_PACKAGE = __name__.partition(".")[0]
#: The number of bytes of weights allowed in addition to those of the file: arrays of zeros take no space.
_SPARE = 1 << 20


def bounded(path: str, size: int | None = None) -> AbstractContextManager[None]:
    """Context manager in which a configuration may not request more weights than a file can contain.

    Args:
        path: the path of the file.
        size: the size of its weights in bytes; by default that of the file.
    """
    stored = os.path.getsize(path) if size is None else size
    return weights_within(_SPARE + hdf5.LARGEST_RATIO * stored)


@contextmanager
def _configuration(of_training: bool = False) -> Iterator[None]:
    """Converts errors in the creation of objects from a configuration to a `FileFormatError`.

    Args:
        of_training: whether it is the configuration of `compile`, which can be omitted.
    """
    try:
        yield
    except FileFormatError:
        raise
    except UnknownThingError as error:
        raise FileFormatError(_unknown_thing(error, of_training)) from error
    except DAMAGE as error:
        raise FileFormatError(f"its configuration cannot be built: {error}") from error


def _unknown_thing(error: UnknownThingError, of_training: bool) -> str:
    """Returns the message for a class or function in a file that is not registered."""
    kind, name = error.kind, error.name
    if name == "<lambda>":
        text = f"its {kind} is a lambda expression, which files cannot contain."
        if of_training:
            return f"{text} Pass compile=False, and compile the model after loading it"
        return f"{text} Create the model in your program, and load only the weights: model.load_weights(...)"
    own = name.rpartition(">")[2]
    text = f"there is no {kind} named '{name}'.{error.near} If it is your own, pass custom_objects={{'{own}': {own}}}"
    return (
        f"{text}, or compile=False to load the model without its training settings" if of_training else text
    )


def classes_of_program() -> dict[str, type]:
    """The layers, models, losses, metrics and optimizers that the program defines, by the names of their classes."""
    found: dict[str, type] = {}
    one: type
    waiting: list[type] = [Layer, Loss, Metric, Optimizer]
    while waiting:
        for one in waiting.pop().__subclasses__():
            waiting.append(one)
            if one.__module__.partition(".")[0] != _PACKAGE:
                found[one.__name__] = one
    return found


def model_of(config: dict[str, Any], custom_objects: CustomObjects, generation: int | None = None) -> Model:
    """Creates a model, with new weights, from a configuration in any dialect.

    Args:
        config: of the model.
        custom_objects: from names to the user's own classes and functions.
        generation: of the Keras whose file it is, 2 or 3; None if that is not known.

    Raises:
        FileFormatError: if the configuration is damaged.
    """
    own = dict(custom_objects or {})
    with _configuration(), CustomObjectScope(own):
        model = model_from_config(spelled_from(generation, from_file(config)), own)
        if not isinstance(model, Model):
            raise FileFormatError(f"its configuration describes {type(model).__name__}, which is not a model")
        built = config.get("build_config")
        shape = built.get("input_shape") if isinstance(built, dict) else None
        if not model.built and shape is not None:
            model.build(shape)
    return model


def compile_as_saved(model: Model, settings: dict[str, Any], custom_objects: CustomObjects) -> None:
    """Compiles a model with the settings in a file."""
    with _configuration(of_training=True):
        compile_config.compile_from(model, settings, dict(custom_objects or {}))


def warn_of_fresh_optimizer(restored: bool, expected: bool, path: str) -> None:
    """Warns if the state of the optimizer in a file was not used.

    Args:
        restored: whether the state was restored.
        expected: whether the file contains one.
        path: the path of the file.
    """
    if expected and not restored:
        warnings.warn(
            f"'{path}': the saved optimizer state does not match the optimizer, which starts with a new state. "
            "The weights are restored.",
            stacklevel=5,
        )
