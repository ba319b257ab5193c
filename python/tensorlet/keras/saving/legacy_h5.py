"""The ``.h5`` files of Keras 2, which Keras 3 also writes: weights by layer, configurations as attributes."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError
from tensorlet.keras.config import KERAS_VERSION
from tensorlet.keras.generations import generation_of, keras_generation, spelled_for
from tensorlet.keras.layers.layer_weights import HasWeights
from tensorlet.keras.layers.serialization import serialize
from tensorlet.keras.models.json_form import plain_json
from tensorlet.keras.models.model import Model
from tensorlet.keras.optimizers import saved_variables
from tensorlet.keras.optimizers.saved_variables import KERAS_2, KERAS_3
from tensorlet.keras.saving import compile_config, keras3_model, optimizer_state, weights_h5
from tensorlet.keras.saving.hdf5 import Hdf5File, WritableGroup, write_names
from tensorlet.keras.saving.keras2_keras3 import to_keras_2

#: The version of Keras 3 whose form these files have.
KERAS_3_VERSION = "3.15.1"
_WEIGHTS, _TOP = "model_weights", "top_level_model_weights"
_OPTIMIZER = "optimizer_weights"
#: Keras 3.15 cannot continue training after loading the state of an optimizer from an ``.h5`` file, so in files
#: for Keras 3 the state has a name that only Tensorlet reads.
_HIDDEN_OPTIMIZER = "tensorlet/optimizer_weights"
#: An attribute that only Tensorlet reads: the optimizer is a legacy one, which Keras 3 does not have.
_LEGACY_OPTIMIZER = "tensorlet_legacy_optimizer"


def write_model(file: WritableGroup, model: Model, dialect: str, include_optimizer: bool) -> None:
    """Writes a whole model to an open HDF5 file."""
    file.attrs["keras_version"] = KERAS_3_VERSION if dialect == KERAS_3 else KERAS_VERSION
    file.attrs["backend"] = "tensorflow"
    if dialect == KERAS_3:
        described: Any = _short(keras3_model.describe(model))
        compiled = compile_config.keras_3_training(model)
    else:
        described = spelled_for(2, to_keras_2(serialize(model)))
        compiled = compile_config.keras_2_training(model)
    file.attrs["model_config"] = json.dumps(described, default=plain_json)
    write_weights(file.create_group(_WEIGHTS), model, dialect)
    if include_optimizer and compiled is not None:
        file.attrs["training_config"] = json.dumps(compiled, default=plain_json)
        if dialect == KERAS_3 and model.optimizer.is_legacy:
            file.attrs[_LEGACY_OPTIMIZER] = "yes"
        _write_optimizer(file, model, dialect)


def _short(described: dict[str, Any]) -> dict[str, Any]:
    """Removes the modules, which only ``.keras`` files contain, from the configuration of a model."""
    return {key: value for key, value in described.items() if key in ("class_name", "config")}


def write_weights(group: WritableGroup, model: Model, dialect: str = KERAS_2) -> None:
    """Writes the weights of a model to a group, with one group per layer and one array per weight."""
    layers = _layers_as_in(3 if dialect == KERAS_3 else 2, model)
    group.attrs["backend"] = "tensorflow"
    group.attrs["keras_version"] = KERAS_3_VERSION if dialect == KERAS_3 else KERAS_VERSION
    if dialect == KERAS_3:
        layers = [layer for layer in layers if type(layer).__name__ != "TFOpLambda"]
    write_names(group, "layer_names", [layer.name for layer in layers])
    for layer in layers:
        _write_arrays(group.require_group(layer.name), ordered_weights(layer), dialect)
    _write_arrays(group.create_group(_TOP), _top_level_weights(model), dialect)


def _write_arrays(group: WritableGroup, variables: list[Variable], dialect: str) -> None:
    names = _each_once([_stored_name(f"{variable.path}:0", dialect) for variable in variables])
    write_names(group, "weight_names", names)
    for name, variable in zip(names, variables, strict=True):
        group.create_dataset(name, data=np.asarray(variable))


def _stored_name(name: str, dialect: str) -> str:
    return name.removesuffix(":0") if dialect == KERAS_3 else name


def _each_once(names: list[str]) -> list[str]:
    """Makes names unique by appending numbers, since each is a path in the file."""
    used: set[str] = set()
    found = []
    for name in names:
        unique, number = name, 0
        while unique in used:
            number += 1
            stem, colon, rest = name.partition(":")
            unique = f"{stem}_{number}{colon}{rest}"
        used.add(unique)
        found.append(unique)
    return found


def ordered_weights(layer: HasWeights) -> list[Variable]:
    """Returns the weights of a layer in the order of these files: trainable ones first, then the others."""
    both = [*layer.trainable_weights, *layer.non_trainable_weights]
    return list({id(variable): variable for variable in both}.values())


def _top_level_weights(model: Model) -> list[Variable]:
    """Returns the weights that belong to a subclassed model itself rather than to its layers."""
    return [*model._own_variables(trainable=True), *model._own_variables(trainable=False)]


def _write_optimizer(file: WritableGroup, model: Model, dialect: str) -> None:
    weights_h5.build_optimizer(model)
    found = saved_variables.entries(model.optimizer, dialect)
    names = _each_once([entry.name for entry in found])
    group = file.create_group(_OPTIMIZER if dialect == KERAS_2 else _HIDDEN_OPTIMIZER)
    write_names(group, "weight_names", names)
    for name, entry in zip(names, found, strict=True):
        group.create_dataset(name, data=entry.value())
    if dialect == KERAS_2:
        weights_h5.write_product(file, model.optimizer)


# Reading.


def training_of(file: Hdf5File) -> Any:
    """The settings of `compile` in a file, or None."""
    settings = config_of(file, "training_config")
    if isinstance(settings, dict) and file.text("", _LEGACY_OPTIMIZER) is not None:
        return compile_config.as_legacy(settings)
    return settings


def config_of(file: Hdf5File, name: str) -> Any:
    """Returns a configuration that is stored in an attribute, or None."""
    text = file.text("", name)
    return None if text is None else json.loads(text)


def group_of_weights(file: Hdf5File) -> str:
    """Returns the group of the weights: ``model_weights`` for a whole model, the root group for only weights."""
    for path in ("", _WEIGHTS):
        if file.has(path, "layer_names"):
            return path
    raise FileFormatError("it contains neither a model nor weights in Keras's format")


def read_weights(file: Hdf5File, model: Model, by_name: bool = False, skip_mismatch: bool = False) -> None:
    """Sets the weights of a model.

    Args:
        file: a file with weights, or a whole model.
        model: a built model.
        by_name: whether to match layers by name, skipping others; by default they are matched in order.
        skip_mismatch: whether to skip layers whose weights do not match.

    Raises:
        FileFormatError: if layers or shapes differ; no weight is changed in that case.
    """
    base = group_of_weights(file)
    stored = {name: _arrays_of(file, base, name) for name in file.names(base, "layer_names")}
    stored = {name: paths for name, paths in stored.items() if paths}
    generation = generation_of(file.text("", "keras_version") or file.text(base, "keras_version"))
    layers = [layer for layer in _layers_as_in(generation, model) if ordered_weights(layer)]
    if by_name:
        matched = [(layer, stored[layer.name]) for layer in layers if layer.name in stored]
    elif len(stored) != len(layers):
        raise FileFormatError(
            f"it contains weights of {len(stored)} layers ({', '.join(stored) or 'none'}), but the model has "
            f"{len(layers)} layers with weights ({', '.join(layer.name for layer in layers) or 'none'}). Create the "
            "same layers in the same order, or pass by_name=True to load those with matching names"
        )
    else:
        matched = list(zip(layers, stored.values(), strict=True))
    pairs = []
    for layer, paths in matched:
        pairs += _pairs(layer.name, ordered_weights(layer), paths, file, skip_mismatch)
    own = _arrays_of(file, base, _TOP) if _join(base, _TOP) in file.groups else []
    if own:
        pairs += _pairs(model.name, _top_level_weights(model), own, file, skip_mismatch)
    weights_h5.assign_all(pairs, file)


def _layers_as_in(generation: int, model: Model) -> list[Any]:
    """Returns the layers of a model in the order of the files of a generation of Keras."""
    if generation == keras_generation():
        return list(dict.fromkeys(model.layers))  # a Sequential may contain a layer twice
    return model._sublayers(model._parts(generation))


def _join(base: str, name: str) -> str:
    return f"{base}/{name}" if base else name


def _arrays_of(file: Hdf5File, base: str, layer: str) -> list[str]:
    """Returns the paths of the arrays of a layer."""
    group = _join(base, layer)
    if group not in file.groups:
        raise FileFormatError(f"the group '{group}' of a layer is missing")
    paths = [f"{group}/{name}" for name in file.names(group, "weight_names")]
    for path in paths:
        if path not in file.arrays:
            raise FileFormatError(f"the array '{path}' is missing")
    return paths


def _pairs(
    name: str, variables: list[Variable], paths: list[str], file: Hdf5File, skip_mismatch: bool
) -> list[tuple[Variable, str]]:
    shapes = [tuple(variable.shape) for variable in variables]
    found = [file.shape(path) for path in paths]
    if shapes == found:
        return list(zip(variables, paths, strict=True))
    problem = (
        f"the weights of the layer '{name}' have shapes {shapes}, but those in the file have shapes {found}"
    )
    if skip_mismatch:
        warnings.warn(f"Weights were not loaded: {problem}.", stacklevel=6)
        return []
    raise FileFormatError(f"{problem}. Create the same layer, or pass by_name=True, skip_mismatch=True")


def has_optimizer(file: Hdf5File) -> bool:
    """Whether a file contains the state of an optimizer."""
    return _OPTIMIZER in file.groups or _HIDDEN_OPTIMIZER in file.groups


def read_optimizer(file: Hdf5File, model: Model) -> bool:
    """Sets the variables of the optimizer, if the file contains them and they match."""
    if not has_optimizer(file) or model.optimizer is None:
        return False
    group = _OPTIMIZER if _OPTIMIZER in file.groups else _HIDDEN_OPTIMIZER
    names = file.names(group, "weight_names")
    paths = [f"{group}/{name}" for name in names]
    if not paths or any(path not in file.arrays for path in paths):
        return False
    done = optimizer_state.restore(
        model.optimizer,
        model.trainable_variables,
        [file.shape(path) for path in paths],
        lambda number: file.array(paths[number]),
        prefer=KERAS_2 if names[0].endswith(":0") else KERAS_3,
        first_name=names[0],
    )
    if done:
        weights_h5.read_product(file, model.optimizer)
    return done
