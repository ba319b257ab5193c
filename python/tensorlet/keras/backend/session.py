"""Global state: names, the learning phase, and functions created from models."""

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

#: One or several tensors of a functional model, or learning phases.
Places: TypeAlias = KerasTensor | int | Sequence[KerasTensor | int]


def backend() -> str:
    """Returns ``"tensorflow"``, the name of the library with this interface."""
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
    """Returns a number that increases by 1 with each call for the same prefix, starting at 1.

    >>> import tensorlet as tf
    >>> tf.keras.backend.get_uid("example"), tf.keras.backend.get_uid("example")
    (1, 2)
    """
    return naming.next_number(prefix)


def reset_uids() -> None:
    """Resets the numbers of `get_uid` and of layer names."""
    naming.reset_names()


class name_scope:  # noqa: N801 - Keras's name
    """Context manager that names a part of a program; it has no effect."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> str:
        return f"{self.name}/"

    def __exit__(self, *_: object) -> None:
        """Leaves the scope."""


def learning_phase() -> int:
    """Returns 1 in a training step, otherwise 0."""
    return int(bool(training_of_call()))


class learning_phase_scope:  # noqa: N801 - Keras's name
    """Context manager that sets training mode (1) or inference mode (0) for calls of layers."""

    def __init__(self, value: int) -> None:
        self._calling = calling(bool(value))

    def __enter__(self) -> None:
        self._calling.__enter__()

    def __exit__(self, *error: object) -> None:
        self._calling.__exit__(*error)


def in_train_phase(x: object, alt: object, training: bool | int | None = None) -> Any:
    """Returns ``x`` in training mode, otherwise ``alt``; either may be a function without arguments.

    >>> import tensorlet as tf
    >>> tf.keras.backend.in_train_phase("training", "test", training=True)
    'training'
    """
    chosen = x if (learning_phase() if training is None else training) else alt
    return chosen() if callable(chosen) else chosen


def in_test_phase(x: object, alt: object, training: bool | int | None = None) -> Any:
    """Returns ``alt`` in training mode, otherwise ``x``."""
    return in_train_phase(alt, x, training)


def is_keras_tensor(x: object) -> bool:
    """Whether a value is a symbolic tensor of a functional model."""
    return isinstance(x, KerasTensor)


def function(
    inputs: Places, outputs: Places, updates: object = None, name: str | None = None, **options: object
) -> Callable[..., Any]:
    """Creates a function from arrays to arrays that computes a part of a model.

    Args:
        inputs: a list of tensors such as ``model.input``; a ``learning_phase()`` in the list
            is set to 1 or 0 when the function is called.
        outputs: a tensor such as ``model.layers[1].output``, or a list of tensors.
        updates: not supported.
        name, options: ignored.

    Returns:
        A function of one list of arrays (or of one array if ``inputs`` is not a list). It returns a list
        of arrays, or one array if ``outputs`` is not a list.

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
            "backend.function: updates are not supported. Assign to variables in a tf.function instead."
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
    """Splits the arguments of a function into arrays and the learning phase, if it is one of them."""
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
