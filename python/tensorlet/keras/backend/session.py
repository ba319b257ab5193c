"""The state around a program: names, phases of training, and functions made from models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import naming
from tensorlet.keras.layers.call_context import calling, training_of_call
from tensorlet.keras.layers.keras_tensor import KerasTensor
from tensorlet.keras.spellings import note_old_spelling


def backend() -> str:
    """The name of the library that computes, as programs compare it: ``"tensorflow"``."""
    return "tensorflow"


def clear_session() -> None:
    """Starts counting the names of layers again, as if no model had been made in this process.

    Models that exist go on working; Python frees those that nothing refers to any more.

    >>> import tensorlet as tf
    >>> tf.keras.backend.clear_session()
    >>> tf.keras.layers.Dense(1).name, tf.keras.layers.Dense(1).name
    ('dense', 'dense_1')
    >>> tf.keras.backend.clear_session()
    >>> tf.keras.layers.Dense(1).name
    'dense'
    """
    naming.reset_names()


def get_uid(prefix: str = "") -> int:
    """A number that grows by 1 with each call of the same prefix; the first is 1.

    >>> import tensorlet as tf
    >>> tf.keras.backend.get_uid("example"), tf.keras.backend.get_uid("example")
    (1, 2)
    """
    return naming.next_number(prefix)


def reset_uids() -> None:
    """Starts the numbers of `get_uid` and of layers' names again."""
    naming.reset_names()


class name_scope:  # noqa: N801 - Keras's name
    """A ``with`` block that names a part of a program, for the reader only."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> str:
        return f"{self.name}/"

    def __exit__(self, *_: object) -> None:
        """Leaves the scope."""


def learning_phase() -> int:
    """1 inside a training step, 0 everywhere else."""
    return int(bool(training_of_call()))


def set_learning_phase(value: int) -> None:
    """Accepts 0, the phase outside of `fit`; layers are told by ``training=`` what they are to do.

    Raises:
        InvalidArgumentError: for 1, which would turn dropout on everywhere.
    """
    note_old_spelling("backend.set_learning_phase", "model(x, training=True or False)")
    if value not in (0, False):
        raise InvalidArgumentError(
            f"set_learning_phase: got {value!r}, but the phase cannot be set for the whole program. fit trains and "
            "predict does not; for one call write model(x, training=True)."
        )


class learning_phase_scope:  # noqa: N801 - Keras's name
    """A ``with`` block whose calls of layers train (1) or not (0)."""

    def __init__(self, value: int) -> None:
        self._calling = calling(bool(value))

    def __enter__(self) -> None:
        self._calling.__enter__()

    def __exit__(self, *error: object) -> None:
        self._calling.__exit__(*error)


def in_train_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """``x`` in training, ``alt`` otherwise; either may be a function without arguments.

    >>> import tensorlet as tf
    >>> tf.keras.backend.in_train_phase("training", "test", training=True)
    'training'
    """
    chosen = x if (learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: Any, alt: Any, training: Any = None) -> Any:
    """``x`` outside of training, ``alt`` in it."""
    return in_train_phase(alt, x, training)


def is_keras_tensor(x: Any) -> bool:
    """Whether a value stands for the data of a functional model that is being put together."""
    return isinstance(x, KerasTensor)


def function(
    inputs: Any, outputs: Any, updates: Any = None, name: str | None = None, **options: Any
) -> Callable[..., Any]:
    """A Python function from arrays to arrays, for what happens between two places of a model.

    Args:
        inputs: tensors such as ``model.input``, in a list; a ``learning_phase()`` among them
            takes 1 or 0 when the function is called.
        outputs: tensors such as ``model.layers[1].output``, in a list, or one.
        updates, name, options: there must be none, or they are ignored.

    Returns:
        A function of one list of arrays (of one array where ``inputs`` is no list). It returns a list
        of arrays, or one array where ``outputs`` is no list.

    Raises:
        InvalidArgumentError: if something is given that belongs to no model.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> hidden = tf.keras.layers.Dense(2, kernel_initializer="ones", input_shape=(3,))
    >>> model = tf.keras.Sequential([hidden, tf.keras.layers.Dense(1)])
    >>> look = tf.keras.backend.function([model.input], [hidden.output])
    >>> look([np.array([[1.0, 2.0, 3.0]])])
    [array([[6., 6.]], dtype=float32)]
    """
    from tensorlet.keras.models.model import Model

    if updates:
        raise InvalidArgumentError(
            "backend.function: updates are not run here. Assign to variables in a tf.function instead."
        )
    places = list(inputs) if isinstance(inputs, list | tuple) else [inputs]
    several = isinstance(outputs, list | tuple)
    tensors = [place for place in places if isinstance(place, KerasTensor)]
    model = Model(tensors, list(outputs) if several else [outputs])

    def run(values: Any) -> Any:
        given = list(values) if isinstance(inputs, list | tuple) else [values]
        arrays, training = _sorted_out(places, given)
        results = model(arrays, training=training)
        results = results if isinstance(results, list | tuple) else [results]
        found = [np.asarray(result.numpy()) for result in results]
        return found if several else found[0]

    return run


def _sorted_out(places: Sequence[Any], given: Sequence[Any]) -> tuple[list[Any], bool]:
    """The arrays among a function's arguments, and the learning phase, which may stand among them."""
    if len(places) != len(given):
        raise InvalidArgumentError(
            f"The function takes a list of {len(places)} values, but got {len(given)}: f([x, ...])."
        )
    arrays, training = [], False
    for place, value in zip(places, given, strict=True):
        if isinstance(place, KerasTensor):
            arrays.append(np.asarray(value, place.dtype.numpy))
        else:
            training = bool(value)
    return arrays, training
