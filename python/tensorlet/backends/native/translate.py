"""From graphs to programs: node after node, and graphs inside of nodes as programs inside of instructions.

The body of a loop is a program of its own. What is the same in each round is computed before the loop, as far as no
other round could make it fail, and whatever nobody reads is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.backends.native.instructions import DTYPES, Program, Value, constant, map_, result
from tensorlet.backends.native.lower import DTYPE_ADVICE, cast_to, lower_node
from tensorlet.backends.programs import UnsupportedError
from tensorlet.graph import ir
from tensorlet.graph.choices import has_effects, with_selections
from tensorlet.ops.registry import Spec

#: The engine's limits: rounds of a loop, and loops in each other.
MOST_ROUNDS = 1 << 40
MOST_DEPTH = 4
#: Instructions that data can make fail: they stay where they are.
FALLIBLE = frozenset(("gather", "pick", "scatter_add"))


def lower(graph: ir.Graph) -> Program:
    """Translates a graph into instructions.

    Raises:
        UnsupportedError: if the engine lacks an operation or dtype of the graph.
    """
    inputs = [_leaf("input", node.spec, index) for index, node in enumerate(graph.inputs)]
    owners = graph.variables()
    positions = {id(variable): index for index, variable in enumerate(owners)}
    variables = [_leaf("variable", variable.spec, index) for index, variable in enumerate(owners)]
    program = Program(inputs, variables)
    given: dict[int, Any] = {id(node): value for node, value in zip(graph.inputs, inputs, strict=True)}
    given |= {
        id(node): variables[positions[id(node.value)]] for node in graph.nodes() if node.kind == ir.VARIABLE
    }
    values = _Scope(None).lower(graph, given)
    program.outputs = [values[id(node)] for node in graph.outputs]
    program.updates = [(positions[id(variable)], values[id(node)]) for variable, node in graph.updates]
    return program


def _leaf(kind: str, spec: Spec, index: int) -> Value:
    if spec.dtype.name not in DTYPES:
        raise UnsupportedError(f"the dtype {spec.dtype.name} (of {kind} {index})", DTYPE_ADVICE)
    return Value(kind, DTYPES[spec.dtype.name], spec.shape, index=index)


class _Rounds(NamedTuple):
    """A loop, before its body is translated.

    Attributes:
        name: for messages.
        length: the most rounds.
        reverse: whether the rows are read from the last one on.
        states: the first values.
        rows: stacked values, of which each round reads a part.
        specs: of a state each, and of a part each.
        first: whether there is a first round; None if the length is known.
        used: the results that somebody reads.
        hoists: whether what is the same in each round is computed before the loop.
    """

    name: str
    length: int
    reverse: bool
    states: Sequence[Value]
    rows: Sequence[Value]
    specs: Sequence[Spec]
    first: Value | None
    used: set[int]
    hoists: bool = True


class _Scope:
    """The program that a graph becomes a part of: the whole one, or the body of a loop.

    Args:
        outer: the scope around it.
        hoists: whether values that do not depend on the round are computed outside.
    """

    def __init__(self, outer: _Scope | None, hoists: bool = True) -> None:
        self._outer = outer
        self._hoists = hoists
        self.depth: int = 0 if outer is None else outer.depth + 1
        #: The scopes of values, by id; the values are kept alive.
        self._homes: dict[int, tuple[_Scope, Value]] = {} if outer is None else outer._homes
        #: What the body reads from outside: there, and here.
        self.captured: dict[int, tuple[Value, Value]] = {}

    def lower(self, graph: ir.Graph, given: dict[int, Any]) -> dict[int, Any]:
        """Translates the nodes of a graph; returns their values by id.

        Args:
            graph: the graph.
            given: the values of its inputs, by the id of the node.
        """
        values = dict(given)
        used = _used_results(graph)
        for node in graph.nodes():
            if id(node) in values:
                continue
            if node.kind == ir.CONSTANT:
                values[id(node)] = constant(node.value)
            elif node.kind == ir.APPLY:
                inputs = [values[id(other)] for other in node.inputs]
                rule = _NESTED.get(node.operation.name)  # type: ignore[union-attr]
                values[id(node)] = (
                    self._lower_node(node, inputs)
                    if rule is None
                    else rule(self, node, inputs, used[id(node)])
                )
        return values

    def _lower_node(self, node: ir.Node, inputs: list[Any]) -> Any:
        if node.is_op("item"):
            return inputs[0][node.attributes["index"]]
        home = self._home_of(inputs)
        value = lower_node(node, [home.local(value) for value in inputs])
        if value.op in FALLIBLE and home is not self:
            value, home = lower_node(node, [self.local(value) for value in inputs]), self
        return home.keep(value)

    def _home_of(self, values: Sequence[Value]) -> _Scope:
        """The outermost scope that has all of the values."""
        home = max(
            (self.home(value) for value in values), key=lambda scope: scope.depth, default=self._root()
        )
        scope = self
        while scope is not home and scope._hoists:
            scope = scope._outer  # type: ignore[assignment]  # the root is the home of all others
        return scope

    def _root(self) -> _Scope:
        scope = self
        while scope._outer is not None:
            scope = scope._outer
        return scope

    def home(self, value: Value) -> _Scope:
        """The scope that a value belongs to; constants and leaves belong to the whole program."""
        found = self._homes.get(id(value))
        return self._root() if found is None else found[0]

    def keep(self, value: Value) -> Value:
        """Notes that a value is computed here."""
        if value.kind != "constant" and self._outer is not None and id(value) not in self._homes:
            self._homes[id(value)] = self, value
        return value

    def local(self, value: Value) -> Value:
        """The value as this program sees it: what is computed outside is an input."""
        if value.kind == "constant" or self.home(value) is self:
            return value
        outside = self._outer.local(value)  # type: ignore[union-attr]
        if id(outside) not in self.captured:
            self.captured[id(outside)] = outside, self.keep(Value("input", value.dtype, value.shape))
        return self.captured[id(outside)][1]

    # Loops:

    def scan(self, node: ir.Node, inputs: list[Any], used: set[int]) -> list[Any]:
        """A loop of known length; its last states and stacked results."""
        loop: Any = node.operation
        states, rows = loop.layout
        rounds = _Rounds(
            node.scope, loop.length, loop.reverse, inputs[:states], inputs[states : states + rows],
            [one.spec for one in loop.body.inputs[: states + rows]], None, used,
        )  # fmt: skip
        return self._loop(rounds, loop.body, inputs[states + rows :])

    def while_loop(self, node: ir.Node, inputs: list[Any], used: set[int]) -> list[Any]:
        """A loop that goes on as long as a condition holds; its last states."""
        loop: Any = node.operation.detail  # type: ignore[union-attr]
        states, split = inputs[: loop.count], loop.split
        test, step = loop.test.graph, loop.step.graph
        first = self._scalar(self._apply(test, [*states, *inputs[loop.count : split]])[0])
        specs = [one.spec for one in step.inputs[: loop.count]]
        length = int(min(loop.limit, MOST_ROUNDS))
        rounds = _Rounds(node.scope, length, False, states, [], specs, first, used)
        return self._loop(rounds, step, inputs[split:], (test, inputs[loop.count : split]))

    def cond(self, node: ir.Node, inputs: list[Any], used: set[int]) -> list[Any]:
        """A choice that is dear: two loops of at most one round, of which one runs."""
        graphs: Sequence[ir.Graph] = node.operation.graphs  # type: ignore[union-attr]
        if any(has_effects(graph) for graph in graphs):
            raise UnsupportedError("the operation cond", ADVICE)
        chosen, taken = self._scalar(inputs[0]), inputs[1:]
        specs = [one.spec for one in graphs[0].outputs]
        values: list[Any] = [self._zeros(spec) for spec in specs]
        otherwise = self.home(chosen).keep(map_("not", [chosen], "bool", ()))
        for graph, first in zip(graphs, (chosen, otherwise), strict=True):
            own, taken = taken[: len(graph.inputs)], taken[len(graph.inputs) :]
            states = [ir.Node(ir.INPUT, spec) for spec in specs]
            body = ir.Graph([*states, *graph.inputs], graph.outputs)
            rounds = _Rounds(node.scope, 1, False, values, [], specs, first, used, False)
            values = self._loop(rounds, body, own)
        return values

    def _zeros(self, spec: Spec) -> Value:
        zero = constant(np.zeros((), spec.dtype.numpy))
        return self._root().keep(result("broadcast", [zero], zero.dtype, spec.shape))

    def _apply(self, graph: ir.Graph, inputs: Sequence[Any]) -> list[Any]:
        graph = with_selections(graph)
        values = self.lower(
            graph, {id(node): value for node, value in zip(graph.inputs, inputs, strict=True)}
        )
        return [values[id(node)] for node in graph.outputs]

    def _loop(
        self,
        rounds: _Rounds,
        body: ir.Graph,
        fixed: Sequence[Any],
        test: tuple[ir.Graph, Sequence[Any]] | None = None,
    ) -> list[Any]:
        if self.depth == MOST_DEPTH:
            raise UnsupportedError(
                f"more than {MOST_DEPTH} loops in each other", "Write one of them as a tensor."
            )
        inner = _Scope(self, rounds.hoists)
        own = [inner._input(spec) for spec in rounds.specs]
        count = len(rounds.states)
        # A state that never changes is the same in each round.
        constant_states = {
            place for place in range(count) if _plain(body.outputs[place]) is body.inputs[place]
        }
        given = [
            rounds.states[place] if place in constant_states else value for place, value in enumerate(own)
        ]
        following = inner._apply(body, [*given, *fixed])
        again = []
        if test is not None:
            again = [inner._scalar(inner._apply(test[0], [*following[:count], *test[1]])[0])]
        elif rounds.first is not None:
            again = [constant(np.asarray(False))]
        pieces = _Pieces(self, inner, rounds, own, following, again, constant_states)
        return pieces.results()

    def _scalar(self, value: Value) -> Value:
        """A truth value without axes."""
        home = self.home(value)
        value = cast_to(value, "bool")
        return home.keep(result("reshape", [value], "bool", ()) if value.shape else value)

    def _input(self, spec: Spec) -> Value:
        return self.keep(_leaf("input", spec, 0))


ADVICE = "A branch that prints, writes or checks values runs only if it is chosen."


def _plain(node: ir.Node) -> ir.Node:
    while node.is_op("identity"):
        (node,) = node.inputs
    return node


class _Pieces:
    """The pieces of a loop, of which only those that are needed become an instruction."""

    def __init__(
        self,
        outer: _Scope,
        inner: _Scope,
        rounds: _Rounds,
        own: Sequence[Value],
        following: Sequence[Value],
        again: Sequence[Value],
        constant_states: set[int],
    ) -> None:
        self._outer = outer
        self._inner = inner
        self._rounds = rounds
        self._own = own
        self._following = [inner.local(value) for value in following]
        self._again = [inner.local(value) for value in again]
        self._constant_states = constant_states

    def _needed(self) -> tuple[list[int], list[int], set[int]]:
        """The states and further results that are needed, and the ids of everything that is read for them."""
        count = len(self._rounds.states)
        stacked = sorted(place for place in self._rounds.used if place >= count)
        states = {place for place in self._rounds.used if place < count} - self._constant_states
        while True:
            roots = [*self._again, *(self._following[place] for place in [*sorted(states), *stacked])]
            reached = _reached(roots)
            more = {
                place for place in range(count) if id(self._own[place]) in reached
            } - self._constant_states
            if more <= states:
                return sorted(states), stacked, reached
            states |= more

    def results(self) -> list[Any]:
        """The values of all results; None for those that nobody reads."""
        rounds, count = self._rounds, len(self._rounds.states)
        states, stacked, reached = self._needed()
        found: list[Any] = [None] * len(self._following)
        for place in self._constant_states:
            found[place] = rounds.states[place]
        wanted = [*states, *stacked]
        if not wanted:
            return found
        rows = [place for place in range(len(rounds.rows)) if id(self._own[count + place]) in reached]
        captured = [pair for pair in self._inner.captured.values() if id(pair[1]) in reached]
        given = [self._own[place] for place in [*states, *(count + place for place in rows)]]
        front = [] if rounds.first is None else [self._inner.keep(Value("input", "bool", ()))]
        body = Program([*front, *given, *(inside for _, inside in captured)], [])
        body.outputs = [*self._again, *(self._following[place] for place in wanted)]
        outside = [rounds.states[place] for place in states] + [rounds.rows[place] for place in rows]
        if rounds.first is not None:
            outside.insert(0, rounds.first)
        inputs = [*(self._outer.local(value) for value in outside), *(value for value, _ in captured)]
        types = [self._type(place) for place in wanted]
        loop = result(
            "loop", inputs, *types[0], rounds.name, body=body, length=rounds.length, states=len(states),
            rows=len(rows), reverse=rounds.reverse, conditional=rounds.first is not None,
        )  # fmt: skip
        found[wanted[0]] = self._outer.keep(loop)
        for index, (place, kind) in enumerate(zip(wanted[1:], types[1:], strict=True), 1):
            found[place] = self._outer.keep(result("loop_result", [loop], *kind, rounds.name, index=index))
        return found

    def _type(self, place: int) -> tuple[str, tuple[int, ...]]:
        value = self._following[place]
        front = (self._rounds.length,) if place >= len(self._rounds.states) else ()
        return value.dtype, (*front, *value.shape)


def _reached(roots: Sequence[Value]) -> set[int]:
    """The ids of the values that roots are computed from, and theirs."""
    seen: set[int] = set()
    stack = list(roots)
    while stack:
        value = stack.pop()
        if id(value) not in seen:
            seen.add(id(value))
            stack.extend(value.inputs)
    return seen


def _used_results(graph: ir.Graph) -> dict[int, set[int]]:
    """For each node with several results, which of them are read."""
    used: dict[int, set[int]] = {}
    for node in graph.nodes():
        if node.kind != ir.APPLY:
            continue
        if node.operation.name in _NESTED:  # type: ignore[union-attr]
            used.setdefault(id(node), set())
        elif node.is_op("item"):
            used.setdefault(id(node.inputs[0]), set()).add(node.attributes["index"])
    return used


_NESTED = {"scan": _Scope.scan, "while_loop": _Scope.while_loop, "cond": _Scope.cond}
