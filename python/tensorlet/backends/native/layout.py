"""Keeps narrow weights transposed while an epoch runs.

A product ``x @ w`` with few outputs is fastest along the inputs, with the weights of each output in one row. The engine
transposes such variables once when an epoch starts, and back when it ends. The rewrite here transposes everything that
the update computes for them.
"""

from __future__ import annotations

from tensorlet.backends.native.instructions import Program, Value, result

#: A weight of shape [inputs, outputs] is narrow if it has at most this many outputs ...
MOST_OUTPUTS = 16
#: ... and at least this many inputs.
LEAST_INPUTS = 128


def transpose_narrow_variables(program: Program) -> None:
    """Transposes the narrow variables that products read, and all variables of the same shape."""
    shapes = {
        value.inputs[1].shape
        for value in program.values()
        if value.op == "matmul"
        and value.inputs[1].kind == "variable"
        and not value.attributes["transpose_b"]
        and _is_narrow(value.inputs[1])
    }
    chosen = [value for value in program.variables if value.shape in shapes]
    if chosen:
        _Transposer(program, chosen).run()


def _is_narrow(value: Value) -> bool:
    inputs, outputs = value.shape
    return value.dtype == "f32" and outputs <= MOST_OUTPUTS and inputs >= LEAST_INPUTS


class _Transposer:
    """Rewrites a program for transposed variables."""

    def __init__(self, program: Program, chosen: list[Value]) -> None:
        self._program = program
        self._transposed: dict[int, Value] = {}
        for value in chosen:
            inputs, outputs = value.shape
            self._transposed[id(value)] = Value("variable", value.dtype, (outputs, inputs), index=value.index)
        self._chosen = chosen

    def run(self) -> None:
        """Transposes the updates, then the products, then whatever else still reads a chosen variable."""
        program = self._program
        chosen = {value.index for value in self._chosen}
        program.updates = [
            (index, self._transpose(value) if index in chosen else value) for index, value in program.updates
        ]
        for value in program.values():
            if (
                value.op == "matmul"
                and id(value.inputs[1]) in self._transposed
                and not value.attributes["transpose_b"]
            ):
                value.inputs[1] = self._transposed[id(value.inputs[1])]
                value.attributes = value.attributes | {"transpose_b": True}
        plain = {
            id(value): result(
                "transpose", [self._transposed[id(value)]], value.dtype, value.shape, "plain", perm=[1, 0]
            )
            for value in self._chosen
        }
        program.replace(plain)
        for value in self._chosen:
            program.variables[value.index] = self._transposed[id(value)]
            program.transposed.add(value.index)

    def _transpose(self, value: Value) -> Value:
        """The transpose of a value with two axes."""
        known = self._transposed.get(id(value))
        if known is None:
            known = self._transposed[id(value)] = self._transposed_result(value)
        return known

    def _transposed_result(self, value: Value) -> Value:
        rows, columns = value.shape
        if value.is_map:
            inputs = [self._transposed_operand(other) for other in value.inputs]
            return result("map", inputs, value.dtype, (columns, rows), value.name, **value.attributes)
        if value.op == "matmul":
            a, b = value.inputs
            flags = {
                "transpose_a": not value.attributes["transpose_b"],
                "transpose_b": not value.attributes["transpose_a"],
            }
            return result("matmul", [b, a], value.dtype, (columns, rows), value.name, **flags)
        return result("transpose", [value], value.dtype, (columns, rows), value.name, perm=[1, 0])

    def _transposed_operand(self, value: Value) -> Value:
        """An operand of a transposed map; it broadcasts, so it may have fewer axes, or axes of length 1."""
        if value.size == 1:
            return result("reshape", [value], value.dtype, (), value.name) if value.shape else value
        if len(value.shape) == 1:
            return result("reshape", [value], value.dtype, (value.shape[0], 1), value.name)
        return self._transpose(value)
