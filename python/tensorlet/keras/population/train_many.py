"""`train_many`: trains many models on the same data in one native call."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from tensorlet.backends.dispatch import run_population
from tensorlet.core import random_state
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras.models.model import Model
from tensorlet.keras.population.members import Data, Member, Templates
from tensorlet.keras.training.data_adapter.inputs import (
    InputOptions,
    make_training_input,
    make_validation_input,
)
from tensorlet.keras.training.data_adapter.rows import Rows
from tensorlet.keras.training.report.history import History
from tensorlet.keras.utils.labels import set_random_seed

#: From this number of epochs it is worth looking whether floats can be stored as bytes, as in `fit`.
WORTH_NARROWING = 3


class Trained(NamedTuple):
    """A model that `train_many` has trained.

    Attributes:
        model: the model.
        history: as `fit` returns it.
        configuration: the arguments that it was built with.
        seed: its seed.
        diverged: whether its loss became NaN or infinite; its training has ended in that epoch.
    """

    model: Model
    history: History
    configuration: Mapping[str, Any]
    seed: int
    diverged: bool


def train_many(
    build: Callable[..., Model],
    configurations: Sequence[Mapping[str, Any]],
    data: Any,
    epochs: int = 1,
    batch_size: int = 32,
    validation_data: Any = None,
    shuffle: bool = True,
    seeds: int | Sequence[int] = 0,
) -> list[Trained]:
    """Trains a model for each configuration, all of them in one native call.

    The models read the same arrays; each has its own weights, learning rate and seed, and one thread trains it. Models
    of one form are traced and compiled once. The weights and histories are bitwise those of the same models trained
    one after the other::

        for configuration, seed in zip(configurations, seeds):
            tf.keras.utils.set_random_seed(seed)
            model = build(**configuration)
            model.fit(x, y, batch_size=batch_size, epochs=epochs, verbose=0)

    Args:
        build: a function that returns a compiled model.
        configurations: the arguments of each call of it.
        data: ``(x, y)`` or ``(x, y, sample_weight)``, arrays with one row per example.
        epochs: the number of epochs.
        batch_size: the number of rows in a batch.
        validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, evaluated after each epoch.
        shuffle: whether to take the rows in a new order in each epoch.
        seeds: the seed of each model; or that of the first, from which the others count on.

    Returns:
        The trained models, in the order of the configurations.

    Raises:
        InvalidArgumentError: for a model that is not compiled, or whose epochs need Python.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> def build(rate):
    ...     model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    ...     model.compile(tf.keras.optimizers.SGD(rate), "mse")
    ...     return model
    >>> x = np.linspace(-1, 1, 64)[:, None]
    >>> trained = tf.train_many(build, [{"rate": 0.001}, {"rate": 0.1}], (x, 3 * x + 1), epochs=20, batch_size=8)
    >>> [one.history.history["loss"][-1] < 0.01 for one in trained]
    [False, True]
    """
    starts = _checked_seeds(seeds, len(configurations))
    shared = _shared(data, validation_data, epochs, batch_size, shuffle)
    templates = Templates(shared)
    members: list[Member] = []
    with _own_random_numbers():
        for configuration, seed in zip(configurations, starts, strict=True):
            set_random_seed(seed)
            model = build(**configuration)
            if not isinstance(model, Model):
                raise InvalidArgumentError(
                    f"train_many: build returned {type(model).__name__}, expected a compiled Keras model. End the "
                    "function with `return model`."
                )
            members.append(templates.member(model))
    numbers = [np.empty((epochs, len(member.columns))) for member in members]
    stages = [(member.stages, member.shuffle, own) for member, own in zip(members, numbers, strict=True)]
    done, error = run_population(stages)
    if error is not None:
        raise error
    return [_result(*one) for one in zip(members, numbers, done, configurations, starts, strict=True)]


def _shared(data: Any, validation_data: Any, epochs: int, batch_size: int, shuffle: bool) -> Data:
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
            raise InvalidArgumentError(f"train_many: {name} is {value!r}, expected an integer of at least 1.")
    if not isinstance(data, list | tuple) or not 2 <= len(data) <= 3:
        raise ShapeError("train_many: data must be (x, y) or (x, y, sample_weight), arrays of the same rows.")
    x, y, weight = (*data, None)[:3]
    rows, _ = make_training_input(x, y, weight, InputOptions(), 0.0)
    validation = None if validation_data is None else make_validation_input(validation_data, InputOptions())
    if type(rows) is not Rows or not (validation is None or type(validation) is Rows):
        raise InvalidArgumentError("train_many: data and validation_data must be arrays, not datasets.")
    if epochs >= WORTH_NARROWING:
        for part in (rows, validation):
            if part is not None:
                part.keep_as_bytes()
    return Data(rows, validation, int(batch_size), bool(shuffle), int(epochs))


def _checked_seeds(seeds: int | Sequence[int], count: int) -> list[int]:
    if isinstance(seeds, int | np.integer):
        return [int(seeds) + number for number in range(count)]
    found = [int(seed) for seed in seeds]
    if len(found) != count:
        raise InvalidArgumentError(f"train_many: there are {len(found)} seeds for {count} configurations.")
    return found


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Context manager that leaves the random numbers of Python, NumPy and Tensorlet as they were."""
    ours, numpys, pythons = random_state.saved_state(), np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        yield
    finally:
        random_state.restore_state(ours)
        np.random.set_state(numpys)  # noqa: NPY002
        random.setstate(pythons)


def _result(
    member: Member, numbers: np.ndarray, done: int, configuration: Mapping[str, Any], seed: int
) -> Trained:
    model = member.model
    history = History()
    history.set_model(model)
    history.on_train_begin({})
    history.set_params({"epochs": len(numbers), "verbose": 0})
    history.epoch = list(range(done))
    history.history.update((name, numbers[:done, place].tolist()) for name, place in member.columns.items())
    model.history = history
    diverged = done < len(numbers) or not bool(np.isfinite(numbers[:done]).all())
    if getattr(model.optimizer, "use_ema", False):
        model.optimizer.finalize_variable_values(model.trainable_variables)
    return Trained(model, history, configuration, seed, diverged)
