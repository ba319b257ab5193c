"""Operations that do more than compute: they print, write summaries, check values.

In a trace such an operation becomes a node. It takes and returns a *token*, the number of effects so far: the token is
kept like a variable, so that effects happen in their order, also in branches and loops, and none is left out.
`tensorlet.backends.effects` says how they run.
"""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.eager import EAGER
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.tensor import EagerTensor, Operators
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.core.variable import Variable
from tensorlet.dtypes import int64
from tensorlet.graph import ir
from tensorlet.ops.registry import Spec, convert, interpreting

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tensorlet.core.tensor import Tensor


class Effect:
    """The operation of a node with an effect.

    Args:
        name: for messages, such as ``"tf.print"``.
        function: is called with the arrays of the inputs, without the token.
        may_fail: whether it raises errors; the step then changes no variable.
    """

    deterministic = False
    gradient = None
    has_effect = True
    graphs: tuple[ir.Graph, ...] = ()

    def __init__(self, name: str, function: Callable[..., None], may_fail: bool) -> None:
        self.name = name
        self.may_fail = may_fail
        self._function = function

    def reference(self, token: np.ndarray, *arrays: np.ndarray) -> np.ndarray:
        """Has the effect."""
        self._function(*arrays)
        return token + 1

    def again(self, token: Tensor, *inputs: Any) -> Any:
        """The graph is computed again for its gradient: nothing happens a second time."""
        return token


class _State(threading.local):
    def __init__(self) -> None:
        self.silent = 0


_state = _State()


@functools.cache
def _token() -> Variable:
    # Made outside of the trace: the first effect may be in a later trace, where a function makes no variable.
    with interpreting(EAGER):
        return Variable(EagerTensor(np.zeros((), np.int64)), trainable=False, name="effects")


class silenced:  # noqa: N801 - reads as a statement: with silenced()
    """A ``with`` block without effects: a model is called to be built, and not for the user."""

    def __enter__(self) -> None:
        _state.silent += 1

    def __exit__(self, *_: object) -> None:
        _state.silent -= 1


def is_silenced() -> bool:
    """Whether effects are left out now, since a model is called to be built."""
    return bool(_state.silent)


def run(name: str, function: Callable[..., None], arguments: object, may_fail: bool = False) -> None:
    """Calls a function with the values of tensors: now, or each time that the traced function runs.

    Args:
        name: for messages.
        function: takes the arguments, with eager tensors in the places of tensors.
        arguments: nested lists, tuples and dictionaries of tensors and other things.
        may_fail: whether the function raises errors.
    """
    trace = current_trace()
    if trace is None:
        if not _state.silent:
            function(arguments)
        return
    leaves = flatten(arguments)
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Operators)]
    tensors = [convert(leaves[place]) for place in places]

    def with_values(*arrays: np.ndarray) -> None:
        filled: list[Any] = list(leaves)
        for place, array in zip(places, arrays, strict=True):
            filled[place] = EagerTensor(np.array(array))
        function(pack_like(arguments, filled))

    _add(trace, Effect(name, with_values, may_fail), tensors)


def _add(trace: Trace, effect: Effect, tensors: Sequence[Any]) -> None:
    token = _token()
    before = trace.variable_value(token)
    inputs = [before.node, *(tensor.node for tensor in tensors)]
    operation: Any = effect
    node = ir.Node(
        ir.APPLY, Spec((), int64), operation=operation, inputs=inputs, name=effect.name, scope=trace.scope
    )
    trace.assign_variable(token, trace.tensor_of(node))
