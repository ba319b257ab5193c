"""`keras.Variable` and `keras.name_scope` of Keras 3: variables with a name and a path."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.tracing import scope
from tensorlet.core.variable import Variable
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.keras import config
from tensorlet.keras.generations import keras_generation
from tensorlet.keras.naming import unique_name

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike


class _Scopes(threading.local):
    """The names of the `name_scope`s of a thread, outermost first."""

    def __init__(self) -> None:
        self.names: list[str] = []


_scopes = _Scopes()


class name_scope:  # noqa: N801 - Keras's name
    """A ``with`` block whose name begins the paths of variables that are created in it.

    Args:
        name: the name.
        options: ``caller``, ``deduplicate`` and ``override_parent``, which have no effect.

    >>> import tensorlet as tf
    >>> with tf.keras.name_scope("encoder"):
    ...     v = tf.keras.Variable(1.0, name="factor")
    >>> v.path, v.name
    ('encoder/factor', 'factor')
    """

    def __init__(self, name: str, **options: Any) -> None:
        if not isinstance(name, str) or "/" in name:
            raise InvalidArgumentError(
                f"name_scope: the name is {name!r}, expected a string without '/'. Nest the scopes instead."
            )
        self.name = name
        self._scope = scope(name)

    def __enter__(self) -> name_scope:
        _scopes.names.append(self.name)
        self._scope.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        """Leaves the scope."""
        self._scope.__exit__(*error)
        _scopes.names.pop()


class KerasVariable(Variable):
    """A variable of Keras 3: a weight, with a name and a path.

    Args:
        initializer: the initial value, or a function ``(shape, dtype) -> value``, such as an initializer, or its name.
        shape: the shape, which an initializer needs.
        dtype: the dtype; by default that of the value, or float32 for an initializer.
        trainable: whether a `GradientTape` watches the variable automatically.
        autocast, aggregation, synchronization, layout: ignored.
        name: the name; by default ``variable`` with a number. The path has the names of `name_scope`s before it.
        constraint: is applied after each step of an optimizer.

    Raises:
        ShapeError: if an initializer is given without a shape.

    >>> import tensorlet as tf
    >>> v = tf.keras.Variable("ones", shape=(2,), name="factor")
    >>> v.name, v.path, v.value.numpy()
    ('factor', 'factor', array([1., 1.], dtype=float32))
    """

    __slots__ = ()

    def __init__(
        self,
        initializer: TensorLike | Callable[..., TensorLike] | str | None = None,
        shape: Sequence[int] | None = None,
        dtype: DTypeLike | None = None,
        trainable: bool = True,
        autocast: bool = True,
        aggregation: str | None = None,
        synchronization: str | None = None,
        name: str | None = None,
        constraint: Callable[[Variable], TensorLike] | None = None,
        initial_value: TensorLike | None = None,
        layout: object = None,
    ) -> None:
        if name is not None and (not isinstance(name, str) or "/" in name):
            raise InvalidArgumentError(
                f"Variable: the name is {name!r}, expected a string without '/'. For names before it, write "
                "with keras.name_scope(...)."
            )
        given: Any = initial_value if initializer is None else initializer
        own = unique_name("variable") if name is None else name
        super().__init__(
            _initial_value(given, shape, dtype), trainable=trainable, dtype=dtype, constraint=constraint,
            name="/".join([*_scopes.names, own]),
        )  # fmt: skip

    @classmethod
    def with_path(cls, path: str, value: Any, **options: Any) -> Variable:
        """Creates a variable whose path is known, such as ``"dense/kernel"``."""
        made: Variable = cls.__new__(cls)
        Variable.__init__(made, value, name=path, **options)
        return made

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._name.rpartition("/")[2]

    @property
    def label(self) -> str:
        """What messages call the variable."""
        return self._name

    def __repr__(self) -> str:
        return (
            f"<Variable path={self.path}, shape={tuple(self.shape)}, dtype={self.dtype.name}, "
            f"value={np.array2string(self._array)}>"
        )


def named_variable(path: str, value: Any, **options: Any) -> Variable:
    """Creates a variable of a layer, optimizer or metric: in programs for Keras 3 a `KerasVariable`.

    Args:
        path: the path, such as ``"dense/kernel"``.
        value: the initial value.
        options: the other arguments of `tf.Variable`.
    """
    if keras_generation() == 3:
        return KerasVariable.with_path(path, value, **options)
    return Variable(value, name=path, **options)


def _initial_value(given: Any, shape: Sequence[int] | None, dtype: DTypeLike | None) -> Any:
    if isinstance(given, str):
        from tensorlet.keras import initializers

        given = initializers.get(given)
    if not callable(given) or hasattr(given, "spec"):
        return given
    if shape is None:
        raise ShapeError(
            "Variable: with an initializer, its shape is needed, too: Variable(initializer, shape=(2, 3))."
        )
    wanted = as_dtype(config.floatx() if dtype is None else dtype)
    return given(tuple(shape), dtype=wanted)
