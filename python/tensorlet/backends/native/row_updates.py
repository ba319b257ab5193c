"""Updates of large arrays of which a step reads a few rows, such as the table of an embedding.

The gradient of `gather` is zero in all other rows. Where a zero gradient leaves a variable as it is, as in SGD and
Adagrad, only the rows that were read are updated: they are computed apart, from a gradient that has one row for each
index, and put back. The numbers are the same bit for bit. Optimizers that also change the other rows, such as Adam and
momentum, update them all, as in Keras.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from tensorlet.backends.native.instructions import Program, Value, constant, map_, result

#: Smaller arrays are updated as a whole ...
LEAST_SIZE = 1 << 14
#: ... and those with fewer rows than this for each index.
LEAST_ROWS = 4

#: Stands for a value that is zero where the gradient is.
ZERO = constant(0.0)
#: What a value is where the gradient is zero: `ZERO`, another value, or None if that is not known.
State: TypeAlias = Value | None


def update_rows(program: Program) -> None:
    """Rewrites the updates of a program for which it pays."""
    sources = {id(value): value for value in program.values() if _is_source(value)}
    if not sources:
        return
    states = _states(program, sources)
    cones = {}
    for place, value in program.updates:
        variable = program.variables[place]
        if id(value) in states and states[id(value)] is variable:
            cone = _cone(value, states)
            if all(one.shape == variable.shape for name, one in sources.items() if name in cone):
                cones[id(value)] = (value, variable, cone)
    while unfit := _read_elsewhere(program, cones, states):
        for key in unfit:
            del cones[key]
    rows: dict[frozenset[int], _Rows] = {}
    change = {}
    for key, (value, variable, cone) in cones.items():
        used = frozenset(cone & sources.keys())
        found = rows.setdefault(used, _Rows([one for name, one in sources.items() if name in used]))
        if found.pays:
            change[key] = found.put(variable, value)
    program.replace(change)


def _is_source(value: Value) -> bool:
    if value.op != "scatter_add" or value.size < LEAST_SIZE:
        return False
    return bool(value.shape[0] >= LEAST_ROWS * value.inputs[0].size)


def _states(program: Program, sources: dict[int, Value]) -> dict[int, State]:
    """What each value that depends on a source is where the sources are zero."""
    states: dict[int, State] = {}
    for value in program.values():
        if id(value) in sources:
            states[id(value)] = ZERO
        elif any(id(other) in states for other in value.inputs):
            rule = _RULES.get(value.step() or "")
            given = [states.get(id(other), other) for other in value.inputs]
            states[id(value)] = rule(given) if rule else None
    return states


def _cone(root: Value, states: dict[int, State]) -> set[int]:
    """The ids of a value and of all that it depends on, as far as that depends on a source."""
    cone: set[int] = set()
    stack = [root]
    while stack:
        value = stack.pop()
        if id(value) in states and id(value) not in cone:
            cone.add(id(value))
            if value.is_map:
                stack.extend(value.inputs)
    return cone


def _read_elsewhere(
    program: Program, cones: dict[int, tuple[Value, Value, set[int]]], states: dict[int, State]
) -> list[int]:
    """The updates whose values something else reads as well: it needs all rows."""
    inside = set().union(*(cone for _, _, cone in cones.values()))
    needed = {id(root) for root in program.roots()}
    for value in program.values():
        if id(value) not in inside:
            needed.update(id(other) for other in value.inputs)
    return [key for key, (_, _, cone) in cones.items() if any(one in needed for one in cone - cones.keys())]


# What the result of an element-wise operation is where the gradient is zero.


def _of_zero(given: Sequence[State]) -> State:
    return ZERO if given[0] is ZERO else None


def _of_product(given: Sequence[State]) -> State:
    return ZERO if ZERO in given else None


def _of_quotient(given: Sequence[State]) -> State:
    return ZERO if given[0] is ZERO and given[1] is not ZERO else None


def _of_sum(given: Sequence[State]) -> State:
    first, second = given
    return second if first is ZERO else first if second is ZERO else None


def _of_difference(given: Sequence[State]) -> State:
    return given[0] if given[1] is ZERO else None


def _of_bound(holds: Callable[[float], bool]) -> Callable[[Sequence[State]], State]:
    def rule(given: Sequence[State]) -> State:
        others = [other for other in given if other is not ZERO]
        if len(others) != 1 or others[0] is None or others[0].kind != "constant" or others[0].size != 1:
            return None
        return ZERO if holds(float(others[0].array.item())) else None  # type: ignore[union-attr]

    return rule


_RULES: dict[str, Callable[[Sequence[State]], State]] = {
    **dict.fromkeys(("neg", "square", "sqrt", "abs", "sign", "cast"), _of_zero),
    "mul": _of_product,
    "div": _of_quotient,
    "add": _of_sum,
    "sub": _of_difference,
    "min": _of_bound(lambda bound: bound >= 0.0),
    "max": _of_bound(lambda bound: bound <= 0.0),
}


class _Rows:
    """The rows that some gradients of `gather` change: one for each index, of which equal ones share the first.

    Args:
        sources: the gradients, all of one shape.
    """

    def __init__(self, sources: Sequence[Value]) -> None:
        self._shape = sources[0].shape
        self._count = sum(source.inputs[0].size for source in sources)
        self.pays = self._shape[0] >= LEAST_ROWS * self._count and self._count < 1 << 31
        self._index = _joined([_flat(source.inputs[0]) for source in sources])
        self._first = result(
            "first_places", [self._index], "i32", (self._count,), "first_places", rows=self._shape[0]
        )
        self._known: dict[int, Value] = {}
        start = 0
        for source in sources:
            count = source.inputs[0].size
            self._known[id(source)] = self._sums(source, start, count)
            start += count

    def put(self, variable: Value, value: Value) -> Value:
        """The variable with its new rows."""
        inputs = [variable, self._index, self._first, self._of(value)]
        return result("put_rows", inputs, variable.dtype, variable.shape, value.name)

    def _sums(self, source: Value, start: int, count: int) -> Value:
        """The rows of a gradient, added up at the first of equal indices."""
        first = self._first
        if count < self._count:
            first = result("slice", [first], "i32", (count,), begin=[start], strides=[1])
        row = source.shape[1:]
        updates = result("reshape", [source.inputs[1]], source.dtype, (count, *row))
        return result("scatter_add", [first, updates], source.dtype, (self._count, *row), source.name)

    def _of(self, value: Value) -> Value:
        """The rows of a value; the value itself if it is the same for all rows."""
        if len(value.shape) < len(self._shape) or value.shape[0] != self._shape[0]:
            return value
        known = self._known.get(id(value))
        if known is None:
            shape = (self._count, *value.shape[1:])
            if value.is_map:
                inputs = [self._of(other) for other in value.inputs]
                known = result("map", inputs, value.dtype, shape, value.name, **value.attributes)
            else:
                known = result("gather", [value, self._index], value.dtype, shape, value.name, axis=0)
            self._known[id(value)] = known
        return known


def _flat(index: Value) -> Value:
    return (
        index if len(index.shape) == 1 else result("reshape", [index], index.dtype, (index.size,), index.name)
    )


def _joined(parts: Sequence[Value]) -> Value:
    if len(parts) == 1:
        return parts[0]
    if len({part.dtype for part in parts}) > 1:
        parts = [part if part.dtype == "i64" else map_("cast", [part], "i64") for part in parts]
    return result("concat", parts, parts[0].dtype, (sum(part.size for part in parts),), axis=0)
