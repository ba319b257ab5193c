"""`tf.Module`: a class whose attributes contain variables and other modules."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from typing import Any

from tensorlet.checkpoint.object_graph import attributes
from tensorlet.checkpoint.pending import resume
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError


class Module:
    """Base class of objects with variables; it finds the variables, and checkpoints save them.

    Args:
        name: a Python identifier; by default the name of the class in lower case.

    Raises:
        InvalidArgumentError: if the name is not an identifier.

    >>> import tensorlet as tf
    >>> class Line(tf.Module):
    ...     def __init__(self, name=None):
    ...         super().__init__(name=name)
    ...         self.slope = tf.Variable(2.0, name="slope")
    ...         self.start = tf.Variable(1.0, trainable=False, name="start")
    ...     def __call__(self, x):
    ...         return self.slope * x + self.start
    >>> line = Line()
    >>> float(line(3.0)), [v.name for v in line.trainable_variables], line.name
    (7.0, ['slope:0'], 'line')
    """

    def __init__(self, name: str | None = None) -> None:
        if name is not None and not str(name).isidentifier():
            raise InvalidArgumentError(
                f"tf.Module: the name {name!r} is not a Python identifier. Use letters, digits and underscores."
            )
        self._name = name or _snake_case(type(self).__name__)

    @property
    def name(self) -> str:
        """The name of the module."""
        return self._name

    @property
    def name_scope(self) -> Any:
        """A context manager without effect: the names of variables do not depend on it."""
        return nullcontext(f"{self._name}/")

    @classmethod
    def with_name_scope(cls, method: Callable[..., Any]) -> Callable[..., Any]:
        """Decorator for methods without effect: the names of variables do not depend on it."""

        @functools.wraps(method)
        def call(self: object, *args: Any, **kwargs: Any) -> Any:
            return method(self, *args, **kwargs)

        return call

    @property
    def variables(self) -> tuple[Any, ...]:
        """All variables: those of the attributes in the order of their names, then those of modules among them."""
        return tuple(_each_once(_variables(self)))

    @property
    def trainable_variables(self) -> tuple[Any, ...]:
        """The variables that training updates."""
        return tuple(variable for variable in self.variables if variable.trainable)

    @property
    def non_trainable_variables(self) -> tuple[Any, ...]:
        """The variables that training does not update."""
        return tuple(variable for variable in self.variables if not variable.trainable)

    @property
    def submodules(self) -> tuple[Any, ...]:
        """All modules and layers inside, in breadth-first order."""
        found: list[Any] = []
        queue = list(_inner(self))
        while queue:
            module = queue.pop(0)
            if all(module is not one for one in [self, *found]):
                found.append(module)
                queue += _inner(module)
        return tuple(found)

    def _tracked_children(self) -> list[tuple[str, Any]]:
        return attributes(self)

    def __setattr__(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)
        resume()


def _snake_case(name: str) -> str:
    out = ""
    for at, letter in enumerate(name):
        before, after = name[at - 1 : at], name[at + 1 : at + 2]
        if letter.isupper() and at and (before.islower() or before.isdigit() or after.islower()):
            out += "_"
        out += letter.lower()
    return out


def _leaves(value: object) -> Iterator[Any]:
    """Yields variables, modules and layers in a value, including nested lists, tuples and dictionaries."""
    if isinstance(value, Variable | Module) or hasattr(type(value), "_tracked_children"):
        yield value
    elif isinstance(value, dict):
        for key in sorted(value, key=str):
            yield from _leaves(value[key])
    elif isinstance(value, list | tuple) and value and not isinstance(value[0], str | int | float):
        for item in value:
            yield from _leaves(item)


def _parts(owner: object) -> Iterator[Any]:
    for _, value in sorted(vars(owner).items()):
        yield from _leaves(value)


def _variables(module: Module) -> Iterator[Any]:
    for owner in [module, *module.submodules]:
        if isinstance(owner, Module):
            yield from (part for part in _parts(owner) if isinstance(part, Variable))
        else:  # a layer, an optimizer or a metric
            yield from getattr(owner, "variables", ())


def _inner(owner: object) -> list[Any]:
    """Returns the modules and layers directly inside."""
    if isinstance(owner, Module):
        return [part for part in _parts(owner) if not isinstance(part, Variable)]
    return list(owner._sublayers()) if hasattr(owner, "_sublayers") else []


def _each_once(variables: Iterator[Any]) -> list[Any]:
    return list({id(variable): variable for variable in variables}.values())
