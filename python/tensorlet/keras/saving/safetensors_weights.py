"""The weights of a model, and the state of its optimizer, in a safetensors file.

The name of a weight consists of the layers that contain it and its own name: ``dense/kernel``. The arrays of the
optimizer start with ``optimizer/``: ``optimizer/iteration``, ``optimizer/learning_rate``,
``optimizer/m/dense/kernel``. The arrays have the order of ``model.weights``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from tensorlet.core.variable import Variable
from tensorlet.errors import DTypeError, FileFormatError, ShapeError
from tensorlet.formats.safetensors import read_safetensors, write_safetensors
from tensorlet.keras.layers.call_context import eagerly
from tensorlet.keras.layers.layer_weights import HasWeights
from tensorlet.keras.models.model import Model
from tensorlet.keras.optimizers.base import Optimizer

OPTIMIZER = "optimizer/"


def save(model: Model, path: str | os.PathLike[str]) -> None:
    """Saves the weights, and the state of the optimizer if the model has one.

    Args:
        model: a built model or layer.
        path: the path of the file; missing folders are created.

    Raises:
        SavingError: if the file cannot be written; an existing file is unchanged.
    """
    weights = names_of_weights(model)
    optimizer = getattr(model, "optimizer", None)
    if (
        optimizer is not None and not optimizer.built
    ):  # files of compiled models contain slots, trained or not
        optimizer.build(list(model.trainable_variables))
    tensors = {name: variable.numpy() for name, variable in weights.items()}
    tensors |= {name: variable.numpy() for name, variable in _of_optimizer(model, weights).items()}
    write_safetensors(path, tensors, {"format": "tf"})


def load(model: Model, path: str | os.PathLike[str]) -> None:
    """Loads the weights, and the state of the optimizer if both the file and the model have one.

    Weights are matched by name. If the names differ, as for a second model created by the same function,
    they are matched in order, provided that all shapes agree.

    Args:
        model: a built model or layer.
        path: the path of the file.

    Raises:
        FileNotFoundError: if the file does not exist.
        FileFormatError: if it is damaged.
        ShapeError, DTypeError: if the arrays do not match the model; no variable is changed in that case.
    """
    shown = os.fspath(path)
    arrays, _ = read_safetensors(path)
    weights = names_of_weights(model)
    own = {name: array for name, array in arrays.items() if not name.startswith(OPTIMIZER)}
    of_file = list(own)
    if set(own) == set(weights):
        of_file = list(weights)
    elif [array.shape for array in own.values()] != [tuple(one.shape) for one in weights.values()]:
        raise ShapeError(_other_model(shown, own, weights))
    pairs = [(variable, own[name], name) for variable, name in zip(weights.values(), of_file, strict=True)]
    optimizer = getattr(model, "optimizer", None)
    if optimizer is not None and any(name.startswith(OPTIMIZER) for name in arrays):
        optimizer.build(list(model.trainable_variables))
        ours = dict(zip(weights, of_file, strict=True))
        pairs += _pairs_of_optimizer(shown, arrays, _of_optimizer(model, weights), ours)
    for variable, array, name in pairs:
        _check(shown, variable, array, name)
    with eagerly():
        for variable, array, _ in pairs:
            variable.assign(array)


def names_of_weights(model: Model) -> dict[str, Variable]:
    """Returns the weights of a model by name, in order, without those of metrics; duplicate names are numbered."""
    paths = {id(variable): path for path, variable in _paths(model, "")}
    metrics = [metric for layer in model._flatten_layers() for metric in layer._held_metrics()]
    of_metrics = {id(variable) for metric in metrics for variable in metric.variables}
    found: dict[str, Variable] = {}
    for variable in model.weights:
        if id(variable) in of_metrics:  # Keras 2 lists them among the weights
            continue
        path = paths.get(id(variable), variable.path)
        if path.startswith(OPTIMIZER):  # a layer with that name
            path = f"weights/{path}"
        name, number = path, 1
        while name in found:
            name, number = f"{path}_{number}", number + 1
        found[name] = variable
    return found


def _paths(layer: HasWeights, prefix: str) -> Iterator[tuple[str, Variable]]:
    for inner in layer._sublayers():
        yield from _paths(inner, f"{prefix}{inner.name}/")
    for trainable in (True, False):
        for variable in layer._own_variables(trainable=trainable):
            own = variable.path.removeprefix(layer.weight_prefix)
            yield f"{prefix}{own}", variable


def _of_optimizer(model: Model, weights: dict[str, Variable]) -> dict[str, Variable]:
    """Returns the variables of the optimizer by name."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return {}
    return _named(optimizer, {id(variable): name for name, variable in weights.items()}, OPTIMIZER)


def _named(optimizer: Optimizer, names: dict[int, str], prefix: str) -> dict[str, Variable]:
    """Returns the variables of an optimizer, and of those that it passes the work on to.

    Args:
        optimizer: the optimizer.
        names: the names of the weights, by their ids.
        prefix: the beginning of the names of the variables.
    """
    found = {f"{prefix}iteration": optimizer._iterations}
    rate = optimizer._learning_rate
    if isinstance(rate, Variable):
        found[f"{prefix}learning_rate"] = rate
    slots = {id(slot): (name, weight) for (weight, name), slot in optimizer._slots.items()}
    for number, variable in enumerate(optimizer._tracked):
        if variable is optimizer._iterations or variable is rate:
            continue
        if id(variable) in slots:
            slot, weight = slots[id(variable)]
            found[f"{prefix}{slot}/{names.get(id(weight.deref()), number)}"] = variable
        else:
            found[f"{prefix}{variable.path.rpartition('/')[2]}"] = variable
    for number, one in enumerate(optimizer.inner_optimizers()):
        found |= _named(one, names, f"{prefix}inner_{number}/")
    return found


def _pairs_of_optimizer(
    shown: str, arrays: dict[str, np.ndarray], variables: dict[str, Variable], in_file: dict[str, str]
) -> list[tuple[Variable, np.ndarray, str]]:
    """Returns the variables of the optimizer with their arrays; raises an error for another kind of optimizer."""
    pairs = []
    for name, variable in variables.items():
        kind, _, weight = name.removeprefix(OPTIMIZER).partition("/")
        stored = f"{OPTIMIZER}{kind}/{in_file.get(weight, weight)}" if weight else name
        if stored not in arrays:
            if kind == "learning_rate":  # the optimizer in the file had a schedule
                continue
            held = ", ".join(sorted({one.split("/")[1] for one in arrays if one.startswith(OPTIMIZER)}))
            raise FileFormatError(
                f"{shown}: the file has no '{stored}' for the model's optimizer; its optimizer arrays are: {held}. "
                "Compile the model with the optimizer that it was saved with, or load the file before compiling."
            )
        pairs.append((variable, arrays[stored], stored))
    return pairs


def _check(shown: str, variable: Variable, array: np.ndarray, name: str) -> None:
    if array.shape != tuple(variable.shape):
        raise ShapeError(
            f"{shown}: '{name}' has shape {array.shape}, but the variable '{variable.label}' has shape "
            f"{tuple(variable.shape)}. Load it into a model with the same sizes."
        )
    if array.dtype != variable.dtype.numpy:
        raise DTypeError(
            f"{shown}: '{name}' is {array.dtype.name}, but the variable '{variable.label}' is {variable.dtype.name}. "
            f"Create the layer with dtype='{array.dtype.name}'."
        )


def _other_model(shown: str, arrays: dict[str, np.ndarray], weights: dict[str, Variable]) -> str:
    held = ", ".join(f"{name} {array.shape}" for name, array in list(arrays.items())[:8])
    wanted = ", ".join(f"{name} {tuple(one.shape)}" for name, one in list(weights.items())[:8])
    return (
        f"{shown}: the file belongs to another model. It has {len(arrays)} arrays ({held or 'none'}), and the model "
        f"has {len(weights)} weights ({wanted or 'none: build it first, or call it on a batch of data'})."
    )
