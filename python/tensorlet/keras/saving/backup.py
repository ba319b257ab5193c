"""The training state in a file: everything that is needed to continue training."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from tensorlet.core import random_state
from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.layers.layer_weights import each_once
from tensorlet.keras.models.model import Model
from tensorlet.keras.providers import MODEL_METHODS
from tensorlet.keras.saving.hdf5 import WritableGroup, hdf5_bytes, open_hdf5

_NUMPY, _VARIABLES = "numpy_random", "variables"


@MODEL_METHODS.register("write_training_state")
def write(path: str, model: Model, epoch: int) -> None:
    """Writes the training state of a model.

    Args:
        path: the path of the file, which is replaced completely or not at all.
        model: a compiled model.
        epoch: the index of the next epoch.
    """
    kind, keys, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002 - used by users' programs
    described = {
        "epoch": epoch,
        "random": random_state.saved_state(),
        "numpy": [kind, position, has_gauss, gauss],
        "python": random.getstate(),
    }

    def fill(file: WritableGroup) -> None:
        file.attrs["state"] = json.dumps(described)
        file.create_dataset(_NUMPY, data=keys)
        for number, variable in enumerate(_variables(model)):
            file.create_dataset(f"{_VARIABLES}/{number}", data=np.asarray(variable))

    write_atomically(path, hdf5_bytes(fill))


@MODEL_METHODS.register("restore_training_state")
def restore(path: str, model: Model) -> int:
    """Restores everything that `write` saved, or nothing if the file does not match the model.

    Args:
        path: the path of the file.
        model: a model compiled with the same arguments.

    Returns:
        The index of the epoch to continue with.

    Raises:
        FileFormatError: if the file is damaged or belongs to another model.
    """
    variables = _variables(model)
    with open_hdf5(path, path, "the state of a training") as file:
        described = json.loads(file.text("", "state") or "null")
        paths = [f"{_VARIABLES}/{number}" for number in range(len(variables))]
        stored = {one: file.shape(one) for one in file.arrays if one.startswith(f"{_VARIABLES}/")}
        expected = {one: tuple(variable.shape) for one, variable in zip(paths, variables, strict=True)}
        if stored != expected:
            raise FileFormatError(
                f"'{path}' contains the state of another model or optimizer: its shapes are "
                f"{list(stored.values())}, expected {list(expected.values())}. Delete the file, or use a different "
                "backup_dir for each model."
            )
        pairs = [
            (one, file.array(path).astype(one.dtype.numpy))
            for one, path in zip(variables, paths, strict=True)
        ]
        epoch = int(described["epoch"])
        _restore_generators(described, file.array(_NUMPY))
    for variable, value in pairs:
        variable.assign(value)
    return epoch


def _restore_generators(described: dict[str, Any], keys: np.ndarray) -> None:
    """Restores the three random number generators, or none of them if a state is invalid."""
    before = random.getstate(), np.random.get_state()  # noqa: NPY002
    kind, position, has_gauss, gauss = described["numpy"]
    version, internal, gauss_next = described["python"]
    try:
        random.setstate((version, tuple(internal), None if gauss_next is None else float(gauss_next)))
        np.random.set_state((kind, keys, int(position), int(has_gauss), float(gauss)))  # noqa: NPY002
        random_state.restore_state(described["random"])
    except BaseException:
        random.setstate(before[0])
        np.random.set_state(before[1])  # noqa: NPY002
        raise


def _variables(model: Model) -> list[Variable]:
    """Returns the weights, the variables of the optimizer, and its learning rate."""
    optimizer = model.optimizer
    optimizer.build(list(model.trainable_variables))
    own = optimizer.variables
    rates = [one._learning_rate for one in optimizer.single_optimizers()]
    found = [*model.weights, *(own() if callable(own) else own)]
    return each_once([*found, *(rate for rate in rates if isinstance(rate, Variable))])
