"""The state of a program: names, the learning phase, and functions made from models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import naming
from tensorlet.keras.layers.call_context import calling, training_of_call
from tensorlet.keras.layers.keras_tensor import KerasTensor

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike

#: A tensor of a functional model or a learning phase, or several.
Places: TypeAlias = KerasTensor | int | Sequence[KerasTensor | int]


def backend() -> str:
    """The name of the library that computes, as programs compare it: ``"tensorflow"``."""
    return "tensorflow"


def clear_session() -> None:
    """Resets the numbering of layer names, as in a new process.

    Existing models continue to work; Python frees those that are no longer referenced.

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
    """Resets the numbers of `get_uid` and of layer names."""
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


class learning_phase_scope:  # noqa: N801 - Keras's name
    """A ``with`` block whose calls of layers train (1) or not (0)."""

    def __init__(self, value: int) -> None:
        self._calling = calling(bool(value))

    def __enter__(self) -> None:
        self._calling.__enter__()

    def __exit__(self, *error: object) -> None:
        self._calling.__exit__(*error)


def in_train_phase(x: object, alt: object, training: bool | int | None = None) -> Any:
    """``x`` in training, ``alt`` otherwise; either may be a function without arguments.

    >>> import tensorlet as tf
    >>> tf.keras.backend.in_train_phase("training", "test", training=True)
    'training'
    """
    chosen = x if (learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: object, alt: object, training: bool | int | None = None) -> Any:
    """``x`` outside of training, ``alt`` in it."""
    return in_train_phase(alt, x, training)


def is_keras_tensor(x: object) -> bool:
    """Whether a value is a symbolic tensor of a functional model."""
    return isinstance(x, KerasTensor)


def function(
    inputs: Places, outputs: Places, updates: object = None, name: str | None = None, **options: object
) -> Callable[..., Any]:
    """A Python function from arrays to arrays, to compute what happens between two points of a model.

    Args:
        inputs: tensors such as ``model.input``, in a list; a ``learning_phase()`` among them
            takes 1 or 0 when the function is called.
        outputs: tensors such as ``model.layers[1].output``, in a list, or one.
        updates: not supported.
        name, options: ignored.

    Returns:
        A function of one list of arrays (of one array where ``inputs`` is no list). It returns a list
        of arrays, or one array where ``outputs`` is no list.

    Raises:
        InvalidArgumentError: if a tensor does not belong to a model.

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
    places: list[object] = list(inputs) if isinstance(inputs, Sequence) else [inputs]
    several = isinstance(outputs, Sequence)
    tensors = [place for place in places if isinstance(place, KerasTensor)]
    model = Model(tensors, list(outputs) if isinstance(outputs, Sequence) else [outputs])

    def run(values: ArrayLike | Sequence[ArrayLike]) -> Any:
        given: list[Any] = list(values) if isinstance(inputs, Sequence) else [values]  # type: ignore[arg-type]
        arrays, training = _sorted_out(places, given)
        results = model(arrays, training=training)
        results = results if isinstance(results, list | tuple) else [results]
        found = [np.asarray(result.numpy()) for result in results]
        return found if several else found[0]

    return run


def _sorted_out(places: Sequence[object], given: Sequence[ArrayLike]) -> tuple[list[Any], bool]:
    """The arrays among a function's arguments, and the learning phase, which may be one of them."""
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
