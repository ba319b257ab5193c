"""Functions that also work on the symbolic tensors of a model that is being put together.

`tf.exp(x)` computes where x has values. Where x stands for the data of a functional model, the
call becomes a layer of the model. Rooms to the right say what such tensors are, with `add_kind`.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from typing import Any, NamedTuple


class Kind(NamedTuple):
    """A kind of symbolic tensor.

    Attributes:
        is_in: whether there is one in some nested arguments.
        make: ``(path, function, args, kwargs)``: what a call with such arguments gives.
    """

    is_in: Callable[[Any], bool]
    make: Callable[[str, Callable[..., Any], tuple[Any, ...], dict[str, Any]], Any]


_kinds: list[Kind] = []


def add_kind(kind: Kind) -> None:
    """Adds a kind of symbolic tensor; done once, by the module that has it."""
    _kinds.append(kind)


def takes_symbols(function: Callable[..., Any], path: str) -> Any:
    """The function, which now takes symbolic tensors as well.

    Nothing is looked at before the function has refused its arguments, so that the usual call costs
    next to nothing more.

    Args:
        function: a function of tensors.
        path: what the function is called in a model's description, such as ``"math.exp"``.
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
    """The kind of the symbolic tensors among some arguments; None if there are none."""
    return next((kind for kind in _kinds if kind.is_in(arguments)), None)
