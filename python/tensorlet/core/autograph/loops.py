"""``while`` and ``for`` of converted functions.

A loop whose rounds are known while tracing is written out round by round, as Python does, as long as that is short.
Otherwise it becomes a `tf.while_loop`, from the round where it has come to.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core.autograph.builtin_functions import Counted, Enumerated, Zipped
from tensorlet.core.autograph.carried import Carried
from tensorlet.core.autograph.datasets import for_dataset
from tensorlet.core.autograph.merging import UNDEFINED
from tensorlet.core.autograph.statements import State, if_statement, staged
from tensorlet.core.loops import stage_loop
from tensorlet.core.tensor import Operators, Tensor
from tensorlet.core.tracing import Trace, current_trace
from tensorlet.dtypes import int32
from tensorlet.errors import InvalidArgumentError, NeedsValues, ShapeError, TracingError
from tensorlet.ops.registry import convert
from tensorlet.registry import register

#: So many operations may a loop become when it is written out.
MOST_OPERATIONS = 4_000
#: So many rounds of a loop whose end is not known beforehand.
MOST_ROUNDS = 400


class _MustBeWrittenOut(Exception):  # noqa: N818
    """Shapes change from round to round, so that each round needs a part of the graph of its own."""


class _Running(threading.local):
    def __init__(self) -> None:
        self.loops: list[State] = []


_running = _Running()


@register("control flow", "set_loop_options")
def set_loop_options(shape_invariants: Any = None, maximum_iterations: Any = None) -> None:
    """Sets options of the innermost loop under way; see `tf.autograph.experimental.set_loop_options`."""
    if not _running.loops:
        return
    state = _running.loops[-1]
    if maximum_iterations is not None:
        state.limit = int(maximum_iterations)
    if shape_invariants is not None:
        state.shapes_change = True
        if state.staging:
            raise _MustBeWrittenOut


def while_statement(test: Callable[[], Any], body: Callable[[], None], state: State) -> None:
    """``while test(): body()``."""
    _running.loops.append(state)
    try:
        _while(test, body, state)
    finally:
        _running.loops.pop()


def _while(test: Callable[[], Any], body: Callable[[], None], state: State) -> None:
    trace = current_trace()
    start = trace.size if trace is not None else 0
    rounds = 0
    while rounds < state.limit:
        answer = test()
        condition = staged(answer, "`while`")
        if trace is not None and not state.shapes_change:
            long = rounds > MOST_ROUNDS or (rounds and trace.size - start > MOST_OPERATIONS)
            if condition is not None or (long and isinstance(answer, Operators)):
                first = state.get()
                try:
                    _stage(trace, test, body, state, rounds, condition)
                except _MustBeWrittenOut:
                    state.staging = False
                    state.set(first)
                else:
                    return
        if not (answer if condition is None else _now(condition, "The condition of this `while` loop")):
            return
        body()
        rounds += 1


def _now(tensor: Tensor, what: str) -> Any:
    """The value of a tensor that decides how often shapes change."""
    try:
        return int(ops.cast(tensor, int32))
    except NeedsValues:
        raise
    except TracingError:
        raise ShapeError(
            f"{what} depends on values that are computed when the function runs, and the loop changes shapes "
            "(shape_invariants). Shapes are fixed while a function is traced, so the number of rounds must follow from "
            "integers that are arguments. Or leave out @tf.function, or write into a tf.TensorArray."
        ) from None


def _stage(
    trace: Trace,
    test: Callable[[], Any],
    body: Callable[[], None],
    state: State,
    done: int,
    begins: Tensor | None,
) -> None:
    """The rounds from ``done`` on as a `tf.while_loop`; ``begins``: whether there is one, None if there is."""
    first = state.get()
    carried = Carried(state.names, first[: state.kept], may_begin_inside=True)

    def question(own: Sequence[Tensor]) -> Any:
        state.set([*carried.values(own), *first[state.kept :]])
        answer = test()
        condition = staged(answer, "`while`")
        return bool(answer) if condition is None else condition

    def step(own: Sequence[Tensor]) -> list[Tensor]:
        state.set([*carried.values(own), *first[state.kept :]])
        body()
        return carried.following(state.get()[: state.kept])

    def run() -> list[Tensor]:
        return stage_loop(trace, carried.first(), question, step, lambda: state.limit - done, carried.check)

    state.staging = True
    last = carried.run(run)
    if begins is not None:
        carried.require_a_round(begins)
    state.set([*carried.values(last), *first[state.kept :]])


def for_statement(
    over: Any,
    body: Callable[[Any], None],
    go_on: Callable[[], Any] | None,
    state: State,
    targets: tuple[str, ...],
) -> None:
    """``for item in over: body(item)``, as long as ``go_on()``.

    Args:
        over: what the loop goes over.
        body: takes the item.
        go_on: whether the loop has not been left by ``break`` or ``return``; None if it never is.
        state: the names that the loop assigns.
        targets: those of the item.
    """
    _running.loops.append(state)
    try:
        _for(over, body, go_on, state, targets)
    finally:
        _running.loops.pop()


def _for(
    over: Any,
    body: Callable[[Any], None],
    go_on: Callable[[], Any] | None,
    state: State,
    targets: tuple[str, ...],
) -> None:
    trace = current_trace()
    if trace is not None and hasattr(over, "element_spec"):
        for_dataset(trace, over, body, go_on, state)
        return
    if trace is None or not isinstance(over, Operators | Counted | Enumerated | Zipped):
        _in_python(over, body, go_on, state)
        return
    rows = _Rows(over)
    done: int | None = 0
    if rows.known is not None:
        done = _written_out(trace, rows, body, go_on, state)
    if done is None:
        return
    first = state.get()
    try:
        _stage_rows(trace, rows, done, body, go_on, state, targets)
    except _MustBeWrittenOut:
        state.staging = False
        state.set(first)
        count = (
            rows.known
            if rows.known is not None
            else _now(rows.count, "The number of rounds of this `for` loop")
        )
        _in_python((rows.item(index) for index in range(done, count)), body, go_on, state)


def _in_python(
    over: Iterable[Any], body: Callable[[Any], None], go_on: Callable[[], Any] | None, state: State
) -> None:
    """Over a list, say. Once a tensor decides whether to go on, every further round depends on it."""
    for item in over:
        answer = True if go_on is None else go_on()
        if staged(answer, "`break`") is None and not answer:
            return
        if_statement(answer, partial(body, item), _nothing, state)


def _nothing() -> None:
    """The other branch."""


def _written_out(
    trace: Trace, rows: _Rows, body: Callable[[Any], None], go_on: Callable[[], Any] | None, state: State
) -> int | None:
    """Runs rounds one by one; returns the number of the first that was not run, or None if all is done."""
    start, count = trace.size, rows.known or 0
    for index in range(count):
        if go_on is not None:
            answer = go_on()
            if staged(answer, "`break`") is not None:
                return index
            if not answer:
                return None
        if index >= state.limit:
            return None
        body(rows.item(index))
        size = (trace.size - start) / (index + 1) * count
        if not state.shapes_change and size > MOST_OPERATIONS and index + 1 < count:
            return index + 1
    return None


def _stage_rows(
    trace: Trace,
    rows: _Rows,
    done: int,
    body: Callable[[Any], None],
    go_on: Callable[[], Any] | None,
    state: State,
    targets: tuple[str, ...],
) -> None:
    """The rounds from ``done`` on as a `tf.while_loop` over the number of the row."""
    first = state.get()
    values = first[: state.kept]
    for index, name in enumerate(state.names[: state.kept]):
        if name in targets and values[index] is UNDEFINED:
            values[index] = rows.example(targets)
    carried = Carried(state.names, values, may_begin_inside=True)
    count = convert(rows.count)

    def question(own: Sequence[Tensor]) -> Any:
        state.set([*carried.values(own[1:]), *first[state.kept :]])
        more = ops.less(own[0], count)
        if go_on is None:
            return more
        answer = go_on()
        condition = staged(answer, "`break`")
        return ops.logical_and(more, convert(bool(answer)) if condition is None else condition)

    def step(own: Sequence[Tensor]) -> list[Tensor]:
        state.set([*carried.values(own[1:]), *first[state.kept :]])
        body(rows.item(own[0]))
        return [own[0] + 1, *carried.following(state.get()[: state.kept])]

    def run() -> list[Tensor]:
        start = [convert(np.asarray(done, np.int32)), *carried.first()]
        return stage_loop(
            trace, start, question, step, lambda: state.limit - done, lambda specs: carried.check(specs[1:])
        )

    state.staging = True
    last = carried.run(run)
    if not done and not rows.known:
        carried.require_a_round(ops.greater(count, 0))
    state.set([*carried.values(last[1:]), *first[state.kept :]])


class _Rows:
    """The rows of what a loop goes over.

    Attributes:
        known: how many there are; None if that is known only when the function runs.
        count: the same, as a number or a tensor.
    """

    def __init__(self, over: Any) -> None:
        self._over = convert(over) if isinstance(over, Operators) else over
        self.known: int | None = None
        if isinstance(over, Counted):
            self.count: Any = over.count
        elif isinstance(over, Enumerated):
            self._inner = _Rows(over.over)
            self.known, self.count = self._inner.known, self._inner.count
        elif isinstance(over, Zipped):
            self._parts = [_Rows(part) for part in over.parts]
            counts = [part.known for part in self._parts if part.known is not None]
            if len(counts) < len(self._parts):
                self.count = self._parts[0].count
                for part in self._parts[1:]:
                    self.count = ops.minimum(self.count, part.count)
            else:
                self.known = self.count = min(counts)
        else:
            if not self._over.spec.shape:
                raise InvalidArgumentError(
                    "`for` goes over the rows of a tensor, but this one is a scalar. Write tf.range(n) to count to n."
                )
            self.known = self.count = self._over.spec.shape[0]

    def item(self, index: Any) -> Any:
        """A row; the index is a number or a scalar tensor."""
        if isinstance(self._over, Counted):
            place = ops.cast(index, self._over.start.dtype)
            return self._over.start + place * self._over.delta
        if isinstance(self._over, Enumerated):
            return self._over.start + index, self._inner.item(index)
        if isinstance(self._over, Zipped):
            return tuple(part.item(index) for part in self._parts)
        return self._over[index] if isinstance(index, int) else ops.gather(self._over, index)

    def example(self, targets: tuple[str, ...]) -> Any:
        """What the name of an item is before the first round: zeros, as in TensorFlow."""
        if len(targets) != 1:
            return UNDEFINED
        item = self.item(0) if self.known != 0 else UNDEFINED
        return np.zeros(tuple(item.shape), item.dtype.numpy) if isinstance(item, Operators) else UNDEFINED
