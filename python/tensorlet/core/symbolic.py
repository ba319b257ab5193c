"""Functions that also accept the symbolic tensors of a functional model.

`tf.exp(x)` is computed where x has values. Where x stands for the data of a functional model, the
call becomes a layer of the model. Higher rooms register such tensors with `add_kind`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A kind of symbolic tensor.

    Attributes:
        is_in: whether nested arguments contain one.
        make: ``(path, function, args, kwargs)``: the result of a call with such arguments.
    """

    is_in: Callable[[Any], bool]
    make: Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


_kinds: list[Kind] = []


def add_kind(kind: Kind) -> None:
    """Adds a kind of symbolic tensor; called once, by the module that defines it."""
    _kinds.append(kind)


def takes_symbols(function: Callable[..., Any], path: str) -> Any:
    """Makes a function accept symbolic tensors as well.

    The arguments are inspected only after the function has refused them, so that an ordinary call
    has almost no overhead.

    Args:
        function: a function of tensors.
        path: the name of the function in the configuration of a model, such as ``"math.exp"``.
    """
    look = kind_of  # in the closure: `call` sees the globals of the function

    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except Exception:
            kind = look((args, kwargs))
            if kind is None:
                raise
        return kind.make(path, function, args, kwargs)

    # With the globals of the function, so that doctest finds the examples in its docstring.
    names = getattr(function, "__globals__", globals())
    wrapped = types.FunctionType(
        call.__code__, names, getattr(function, "__name__", path), None, call.__closure__
    )
    wrapped.__doc__, wrapped.__module__ = function.__doc__, function.__module__
    wrapped.__qualname__ = getattr(function, "__qualname__", wrapped.__name__)
    wrapped.__wrapped__ = function  # type: ignore[attr-defined]
    return wrapped


def kind_of(arguments: Any) -> Kind | None:
    """The kind of the symbolic tensors among the arguments; None if there are none."""
    return next((kind for kind in _kinds if kind.is_in(arguments)), None)
