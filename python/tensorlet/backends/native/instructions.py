"""Programs of the native engine in single-assignment form, while they are being rewritten.

The engine reads the same program as JSON (``crates/engine/src/ir/program.rs``). `lower` creates it from a graph,
`simplify`, `layout` and `fuse` rewrite it, and `emit` serializes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tensorlet.backends.programs import UnsupportedError

#: The engine's names of its element types, by NumPy's names.
DTYPES = {"float32": "f32", "float64": "f64", "int32": "i32", "int64": "i64", "uint8": "u8", "bool": "bool"}


class Value:
    """One value: an input, a variable, a constant, or the result of an instruction.

    Attributes:
        kind: ``input``, ``variable``, ``constant`` or ``result``.
        index: the position of an input or variable.
        array: a constant's array.
        op, inputs, attributes: a result's instruction.
    """

    __slots__ = ("array", "attributes", "dtype", "index", "inputs", "kind", "name", "op", "shape")

    def __init__(
        self,
        kind: str,
        dtype: str,
        shape: Sequence[int],
        *,
        index: int = 0,
        array: np.ndarray | None = None,
        op: str = "",
        inputs: Sequence[Value] = (),
        attributes: dict[str, Any] | None = None,
        name: str = "",
    ) -> None:
        self.kind = kind
        self.dtype = dtype
        self.shape = tuple(shape)
        self.index = index
        self.array = array
        self.op = op
        self.inputs = list(inputs)
        self.attributes = attributes or {}
        self.name = name

    @property
    def size(self) -> int:
        """The number of elements."""
        size = 1
        for length in self.shape:
            size *= length
        return size

    @property
    def is_map(self) -> bool:
        """Whether it is element-wise."""
        return self.op == "map"

    def step(self) -> str | None:
        """The operation of a map with a single step; None for other values."""
        code: list[dict[str, Any]] = self.attributes["code"] if self.is_map else []
        return code[0]["op"] if len(code) == 1 else None

    def __repr__(self) -> str:
        return f"<{self.op or self.kind} {self.dtype}{list(self.shape)}>"


class Program:
    """A step as the engine runs it.

    Attributes:
        inputs, variables: the leaves, by position.
        outputs: the results.
        updates: pairs of a variable's position and its new value.
        transposed: positions of the variables whose `Value` is the transpose of the caller's array.
    """

    def __init__(self, inputs: list[Value], variables: list[Value]) -> None:
        self.inputs = inputs
        self.variables = variables
        self.outputs: list[Value] = []
        self.updates: list[tuple[int, Value]] = []
        self.transposed: set[int] = set()

    def roots(self) -> list[Value]:
        """The outputs and the new values of variables."""
        return [*self.outputs, *(value for _, value in self.updates)]

    def values(self) -> list[Value]:
        """Every value that the roots need, each after its inputs."""
        done: set[int] = set()
        order: list[Value] = []
        stack = [(root, False) for root in reversed(self.roots())]
        while stack:
            value, inputs_done = stack.pop()
            if id(value) in done:
                continue
            if inputs_done:
                done.add(id(value))
                order.append(value)
            else:
                stack.append((value, True))
                stack.extend((other, False) for other in reversed(value.inputs) if id(other) not in done)
        return order

    def bodies(self) -> list[Program]:
        """The programs inside of its loops."""
        return [value.attributes["body"] for value in self.values() if value.op == "loop"]

    def users(self) -> dict[int, list[Value]]:
        """The values that read each value, by its ``id`` (twice if it is read twice)."""
        users: dict[int, list[Value]] = {}
        for value in self.values():
            for other in value.inputs:
                users.setdefault(id(other), []).append(value)
        return users

    def replace(self, change: dict[int, Value]) -> None:
        """Replaces values, given by their ``id``, everywhere."""
        if not change:
            return

        def new(value: Value) -> Value:
            while id(value) in change:
                value = change[id(value)]
            return value

        self.outputs = [new(value) for value in self.outputs]
        self.updates = [(variable, new(value)) for variable, value in self.updates]
        # From the roots down, since a replacement may itself read something that is replaced.
        seen: set[int] = set()
        stack = self.roots()
        while stack:
            value = stack.pop()
            if id(value) not in seen:
                seen.add(id(value))
                value.inputs = [new(other) for other in value.inputs]
                stack.extend(value.inputs)


def constant(array: np.ndarray | np.generic | float, dtype: str | None = None) -> Value:
    """A constant, given as an array or number."""
    array = np.ascontiguousarray(array, dtype).reshape(np.shape(array))
    name = array.dtype.name
    if name not in DTYPES:
        raise UnsupportedError(f"the dtype {name}")
    return Value("constant", DTYPES[name], array.shape, array=array)


def result(
    op: str, inputs: Sequence[Value], dtype: str, shape: Sequence[int], name: str = "", **attributes: Any
) -> Value:
    """The result of an instruction."""
    return Value("result", dtype, shape, op=op, inputs=inputs, attributes=attributes, name=name)


def map_(
    op: str, inputs: Sequence[Value], dtype: str, shape: Sequence[int] | None = None, name: str = ""
) -> Value:
    """An element-wise operation with a single step; its inputs are broadcast."""
    if shape is None:
        shape = np.broadcast_shapes(*(value.shape for value in inputs))
    code = [{"op": op, "args": list(range(len(inputs))), "dtype": dtype}]
    return result("map", inputs, dtype, shape, name or op, code=code)
