"""What converted functions call in the place of ``if``, ``while``, ``for``, ``and``, ``or``, ``not`` and ``assert``.

Where the condition is known, also while tracing, they do what Python does. Where it is a tensor of a trace,
they trace both parts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes, effects
from tensorlet.core.autograph.merging import UNDEFINED, UNRETURNED, Merge, expanded
from tensorlet.core.control_flow import stage_choice
from tensorlet.core.subgraphs import Branch
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.errors import AssertionFailedError, InvalidArgumentError
from tensorlet.graph import ir
from tensorlet.ops.registry import convert, interpreting

__all__ = ["UNDEFINED", "UNRETURNED", "State", "if_statement", "staged"]

_UNBOUND = (NameError, AttributeError, KeyError, IndexError, TypeError)


class State:
    """The names that a statement assigns.

    Args:
        names: first those that are needed afterwards.
        read: functions that return their values.
        write: functions that set them.
        kept: how many are needed afterwards.
    """

    def __init__(
        self,
        names: tuple[str, ...],
        read: tuple[Callable[[], Any], ...],
        write: tuple[Callable[[Any], None], ...],
        kept: int,
    ) -> None:
        self.names = names
        self.kept = kept
        #: Of a loop, as `set_loop_options` has said: whether its shapes change, and its most rounds.
        self.shapes_change = False
        self.limit = float("inf")
        #: Whether the loop is being traced as one node.
        self.staging = False
        self._read = read
        self._write = write

    def functions(self) -> tuple[Callable[..., Any], ...]:
        """The functions that read and set the names."""
        return *self._read, *self._write

    def get(self) -> list[Any]:
        """The values; `UNDEFINED` for names without one."""
        return [_value_of(read) for read in self._read]

    def set(self, values: list[Any]) -> None:
        """Sets the names whose values have changed."""
        for read, write, value in zip(self._read, self._write, values, strict=True):
            if _value_of(read) is not value:
                write(value)


def _value_of(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except _UNBOUND:
        return UNDEFINED


def staged(value: object, what: str) -> Tensor | None:
    """The truth value as a tensor of the trace under way; None if it is known now.

    Raises:
        InvalidArgumentError: for a tensor that is no single truth value.
    """
    trace = current_trace()
    if trace is None or not isinstance(value, Operators):
        return None
    tensor: Any = convert(value)
    if tensor.node.kind == ir.CONSTANT:
        return None
    if tensor.spec.size != 1:
        raise InvalidArgumentError(
            f"The condition of {what} is a tensor of shape {tensor.shape}, but one truth value is expected. Use "
            "tf.reduce_all(x) or tf.reduce_any(x), or tf.where to choose element by element; `x is not None` tests "
            "for None."
        )
    if not tensor.dtype.is_bool:
        raise InvalidArgumentError(
            f"The condition of {what} is a {tensor.dtype.name} tensor, but a bool is expected. Write a comparison, "
            "such as x != 0; `x is not None` tests for None."
        )
    return ops.reshape(tensor, ()) if tensor.spec.shape else tensor


def if_statement(test: object, then: Callable[[], None], otherwise: Callable[[], None], state: State) -> None:
    """``if test: ... else: ...``."""
    condition = staged(test, "`if`")
    if condition is None:
        then() if test else otherwise()
        return
    first = state.get()

    def part(run: Callable[[], None]) -> Callable[[], list[Any]]:
        def values() -> list[Any]:
            state.set(first)
            run()
            return state.get()[: state.kept]

        return values

    results = choose(condition, part(then), part(otherwise), state.names[: state.kept])
    state.set([*results, *first[state.kept :]])


def choose(
    condition: Tensor,
    then: Callable[[], list[Any]],
    otherwise: Callable[[], list[Any]],
    names: tuple[str, ...],
) -> list[Any]:
    """The values of one of two functions, whichever the condition says.

    Args:
        condition: a scalar tensor of the trace under way.
        then, otherwise: compute one value for each name.
        names: for messages.
    """
    trace: Any = current_trace()
    if trace.computes_both_branches:
        both = [[expanded(value) for value in run()] for run in (then, otherwise)]
        merge = Merge(names, *both)
        pairs = zip(merge.converted(0), merge.converted(1), strict=True)
        return merge.packed([ops.where(condition, one, other) for one, other in pairs])
    traces, values = [], []
    for run in (then, otherwise):
        inner = Trace(trace.name, trace, trace.may_create_variables)
        inner.scope = trace.scope
        with interpreting(inner), active_tapes.paused():
            values.append([expanded(value) for value in run()])
        traces.append(inner)
    merge = Merge(names, *values)
    branches = []
    for index, inner in enumerate(traces):
        with interpreting(inner), active_tapes.paused():
            branches.append(Branch(inner, merge.converted(index), None))
    merge.check([branch.specs for branch in branches])
    return merge.packed(stage_choice(trace, condition, branches))


# Expressions.


def conditional(test: object, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """``a if test else b``."""
    condition = staged(test, "`a if condition else b`")
    if condition is None:
        return then() if test else otherwise()
    return choose(condition, lambda: [then()], lambda: [otherwise()], ("the result",))[0]


def and_(first: object, *rest: Callable[[], Any]) -> Any:
    """``first and rest``: what follows a false value is not computed, unless that value is a tensor's."""
    return _logical("and", first, rest)


def or_(first: object, *rest: Callable[[], Any]) -> Any:
    """``first or rest``."""
    return _logical("or", first, rest)


def _logical(word: str, value: object, rest: tuple[Callable[[], Any], ...]) -> Any:
    join = ops.logical_and if word == "and" else ops.logical_or
    for delayed in rest:
        condition = staged(value, f"`{word}`")
        if condition is None:
            if bool(value) is (word == "or"):
                return value
            value = delayed()
            continue
        following = delayed()
        other = staged(following, f"`{word}`")
        value = join(condition, convert(bool(following)) if other is None else other)
    return value


def not_(value: object) -> Any:
    """``not value``."""
    condition = staged(value, "`not`")
    return (not value) if condition is None else ops.logical_not(condition)


def asserted(test: object, message: Callable[[], Any]) -> Any:
    """What ``assert`` tests: of a tensor, it becomes part of the traced function."""
    condition = staged(test, "`assert`")
    if condition is None:
        return test
    frame = sys._getframe(1)
    place = f'File "{frame.f_code.co_filename}", line {frame.f_lineno}, in {frame.f_code.co_name}'
    text = message()

    def check(values: Any) -> None:
        if not bool(values[0]):
            told = "" if values[1] is None else f": {describe_value(values[1])}"
            raise AssertionFailedError(f"The assertion does not hold{told} ({place})")

    effects.run("assert", check, [condition, text], may_fail=True)
    return True


def describe_value(value: object) -> str:
    """The message of an assertion."""
    return str(np.asarray(value) if isinstance(value, Operators) else value)


_SIGNS: dict[str, Callable[[Any, Any], Any]] = {
    "Lt": lambda a, b: a < b,
    "LtE": lambda a, b: a <= b,
    "Gt": lambda a, b: a > b,
    "GtE": lambda a, b: a >= b,
    "Eq": lambda a, b: a == b,
    "NotEq": lambda a, b: a != b,
    "Is": lambda a, b: a is b,
    "IsNot": lambda a, b: a is not b,
    "In": lambda a, b: a in b,
    "NotIn": lambda a, b: a not in b,
}


def _itself(value: Any) -> Any:
    return value


def chained(left: object, *parts: Any) -> Any:
    """``a < b <= c``.

    Args:
        left: the first value.
        parts: signs, each followed by a function that computes the next value.
    """
    pairs: Iterator[tuple[str, Callable[[], Any]]] = zip(parts[::2], parts[1::2], strict=True)
    result: Any = True
    for sign, delayed in pairs:
        right = delayed()
        here = _SIGNS[sign](left, right)
        result = and_(result, partial(_itself, here))
        if staged(result, "`and`") is None and not result:
            return result
        left = right
    return result
