"""Calls outside of traced functions that run as compiled graphs: of models, losses and optimizers.

Run operation by operation, a call of a small model takes some tens of microseconds of Python for each operation. If
all of its code is Tensorlet's own, nobody can tell whether that code ran at this call or was traced at an earlier one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from tensorlet.core import active_tapes
from tensorlet.core.concrete_function import Concrete
from tensorlet.core.eager import EAGER
from tensorlet.core.function import functions_run_eagerly
from tensorlet.core.signature import Key, key_of
from tensorlet.graph import ir
from tensorlet.ops.registry import interpreter

#: What a call gives that has to be run operation by operation.
NOT_COMPILED = object()
#: Signatures that are compiled for one function; further ones run operation by operation.
MOST_SIGNATURES = 16
#: The most bytes that all values of a call may have: a compiled graph keeps memory for some of them.
MOST_BYTES = 512 << 20


class _State(threading.local):
    def __init__(self) -> None:
        self.depth = 0


_state = _State()


class uncompiled:  # noqa: N801 - reads as a statement: with uncompiled()
    """A ``with`` block in which calls run operation by operation: for one call only, or for tapes that are drawn."""

    def __enter__(self) -> None:
        _state.depth += 1

    def __exit__(self, *_: object) -> None:
        _state.depth -= 1


def may_compile() -> bool:
    """Whether a call may run as a compiled graph now: not inside a trace, nor where everything is to run eagerly."""
    return interpreter() is EAGER and not _state.depth and not functions_run_eagerly()


class CompiledCall:
    """A function of tensors, compiled for each signature that it is called with.

    Args:
        function: takes tensors, or structures of them; all of its code is Tensorlet's own.
        name: for messages.
        changes_variables: whether it may assign to variables.
    """

    def __init__(self, function: Callable[..., Any], name: str, changes_variables: bool = False) -> None:
        self._function = function
        self._name = name
        self._changes_variables = changes_variables
        self._concretes: dict[Key, Concrete | None] = {}
        #: Those with an output that depends on another one: a tape may be asked for the gradient between them.
        self._chained: set[Key] = set()

    def __call__(self, *args: Any) -> Any:
        """The result, or `NOT_COMPILED`; an error of the run is raised."""
        leaves: list[np.ndarray] = []
        tensors: list[Any] = []
        key = key_of(args, {}, leaves, tensors)
        concrete = self._concretes[key] if key in self._concretes else self._compiled(key, args)
        if concrete is None:
            return NOT_COMPILED
        if active_tapes.recording():
            if key in self._chained:
                return NOT_COMPILED
            return concrete.call_recorded(leaves, tensors)
        return concrete.call(leaves)

    def _compiled(self, key: Key, args: tuple[Any, ...]) -> Concrete | None:
        if len(self._concretes) >= MOST_SIGNATURES:
            return None
        self._concretes[key] = concrete = self._traced(args)
        if concrete is not None and _are_chained(concrete.graph.outputs):
            self._chained.add(key)
        return concrete

    def _traced(self, args: tuple[Any, ...]) -> Concrete | None:
        try:
            with active_tapes.paused():
                concrete = Concrete(self._function, self._name, args, {}, first=False, quiet=True)
        except Exception:  # run operation by operation, the call raises the error that users know
            return None
        if concrete.uses_random or (concrete.graph.updates and not self._changes_variables):
            return None
        if sum(node.spec.size * node.dtype.numpy.itemsize for node in concrete.graph.nodes()) > MOST_BYTES:
            return None
        return concrete


def _are_chained(outputs: Sequence[ir.Node]) -> bool:
    """Whether an output is computed from another one."""
    ends = {id(node) for node in outputs}
    seen: set[int] = set()
    stack = [before for node in outputs for before in _before(node)] if len(ends) > 1 else []
    while stack:
        node = stack.pop()
        if id(node) in ends:
            return True
        if id(node) not in seen:
            seen.add(id(node))
            stack.extend(_before(node))
    return False


def _before(node: ir.Node) -> list[ir.Node]:
    """What a node is computed from, as the program has it, and after rewrites."""
    written = () if node.written is None else node.written.inputs
    return [*node.inputs, *written]


def is_own(thing: object) -> bool:
    """Whether a class, a function or an object is Tensorlet's own, not a user's.

    >>> from tensorlet.core.compiled_call import is_own
    >>> import tensorlet as tf
    >>> is_own(tf.nn.relu), is_own(tf.keras.layers.Dense(1)), is_own(lambda x: x)
    (True, True, False)
    """
    module = getattr(thing, "__module__", None)
    return isinstance(module, str) and module.startswith("tensorlet.")


def all_own(values: Iterable[object]) -> bool:
    """Whether none of some values is a function of a user's."""
    return all(not callable(value) or is_own(value) for value in values)
