"""The state of training in a file: everything that training needs to continue."""

from __future__ import annotations

import json
import random
from typing import Any

import numpy as np

from tensorlet.core import random_state
from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError
from tensorlet.formats.atomic import write_atomically
from tensorlet.keras.models.model import Model
from tensorlet.keras.providers import MODEL_METHODS
from tensorlet.keras.saving.hdf5 import WritableGroup, hdf5_bytes, open_hdf5

_NUMPY, _VARIABLES = "numpy_random", "variables"


@MODEL_METHODS.register("write_training_state")
def write(path: str, model: Model, epoch: int) -> None:
    """Writes the state of a model that is being trained.

    Args:
        path: of the file, which is replaced whole or not at all.
        model: compiled.
        epoch: the number of the next epoch.
    """
    kind, keys, position, has_gauss, gauss = np.random.get_state()  # noqa: NPY002 - programs draw from it
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
    """Sets everything that `write` wrote; nothing, if the file does not fit.

    Args:
        path: of the file.
        model: compiled as it was.

    Returns:
        The number of the epoch to go on with.

    Raises:
        FileFormatError: if the file is damaged, or of another model.
    """
    variables = _variables(model)
    with open_hdf5(path, path, "the state of a training") as file:
        described = json.loads(file.text("", "state") or "null")
        paths = [f"{_VARIABLES}/{number}" for number in range(len(variables))]
        stored = {one: file.shape(one) for one in file.arrays if one.startswith(f"{_VARIABLES}/")}
        expected = {one: tuple(variable.shape) for one, variable in zip(paths, variables, strict=True)}
        if stored != expected:
            raise FileFormatError(
                f"'{path}' holds the state of another model or optimizer: the shapes in it are "
                f"{list(stored.values())}, expected {list(expected.values())}. Remove the file, or give each model a "
                "backup_dir of its own."
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
    """Sets all three generators or, if the numbers are not theirs, none."""
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
    """The weights, the optimizer's variables and its learning rate."""
    optimizer = model.optimizer
    optimizer.build(list(model.trainable_variables))
    own = optimizer.variables
    rate = optimizer._learning_rate
    found = [*model.weights, *(own() if callable(own) else own)]
    return [*found, rate] if isinstance(rate, Variable) else found
