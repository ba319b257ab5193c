"""Applies functions of one element to many elements at a time.

``dataset.map(f).batch(32)`` calls `f` for each row. If `f` only uses operations whose result for stacked rows
is the stack of the results, it is traced once and run on whole batches: the same numbers, without Python code
for each row. Source of the idea: J. Bradbury et al., "JAX", 2018, `vmap`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.shape import TensorShape
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tracing import Trace
from tensorlet.core.user_code import traced
from tensorlet.data.elements import as_element, result_of
from tensorlet.dtypes import int64, string
from tensorlet.graph.ir import APPLY, INPUT, VARIABLE, Graph, Node
from tensorlet.ops.generator import Generator
from tensorlet.ops.registry import Spec, convert, interpreter, interpreting, named_elsewhere

#: How operations run on stacked elements, by their records.
STACKED = named_elsewhere("stacked")
#: Further ones, with rules of their own.
OTHERS = frozenset({"reshape", "broadcast_to", "transpose", "gather", "pad", "concat", "slice"})

Tensors = dict[int, Any]


class VectorizedFunction:
    """A traced function of one element, as a function of stacked elements.

    Args:
        graph: the graph of the function; its inputs are the parts of an element, followed by the counters of the
            random operations.
        structure: the structure of its result.
        draws: the ``seed`` argument of each random operation.
    """

    row_wise = True

    def __init__(self, graph: Graph, structure: object, draws: list[int | None]) -> None:
        self.repeatable = not draws
        self._draws = draws
        self._counters = {id(node) for node in graph.inputs[len(graph.inputs) - len(draws) :]}
        self._graph = graph
        self._structure = structure
        self._nodes = graph.nodes()
        self.element_spec = pack_like(
            structure, [TensorSpec(TensorShape(node.shape), node.dtype) for node in graph.outputs]
        )
        self._stacked: set[int] = {id(node) for node in graph.inputs}
        for node in self._nodes:
            if any(id(other) in self._stacked for other in node.inputs):
                self._stacked.add(id(node))

    def is_possible(self) -> bool:
        """Whether every operation is known to work on stacked rows."""
        return all(
            node.kind != APPLY or id(node) not in self._stacked or self._is_known(node)
            for node in self._nodes
        )

    def _is_known(self, node: Node) -> bool:
        name = node.operation.name  # type: ignore[union-attr]
        stacked = [id(other) in self._stacked for other in node.inputs]
        if (
            name == "gather"
        ):  # from rows of each element at fixed indices, or from a fixed table at the indices of each
            return stacked == [True, False] or (stacked == [False, True] and node.attributes["axis"] == 0)
        if name == "pad":
            return stacked == [True, False]
        if name == "random":  # not from a seed that is computed from the element
            drawn_apart = node.attributes["kind"] != "permutation"
            return drawn_apart and id(node.inputs[0]) in self._counters
        if STACKED.get(name) == "last axis":
            return bool(node.inputs[0].shape)
        return name in STACKED or name in OTHERS

    def __call__(self, element: object) -> Any:
        """The results for stacked elements, stacked; in the interpreter in force."""
        leaves = flatten(element)
        count = leaves[0].spec.shape[0]
        values: Tensors = {}
        sources = [interpreter().random_counter(seed) for seed in self._draws]
        for node in self._nodes:
            if node.kind == INPUT and node.value >= len(leaves):
                values[id(node)] = sources[node.value - len(leaves)]
            elif node.kind == INPUT:
                values[id(node)] = leaves[node.value]
            elif node.kind == APPLY:
                values[id(node)] = self._applied(node, values, count)
            else:  # constants and variables
                values[id(node)] = convert(node.value)
        outputs = [
            values[id(node)]
            if id(node) in self._stacked
            else ops.broadcast_to(values[id(node)], (count, *node.shape))
            for node in self._graph.outputs
        ]
        return pack_like(self._structure, outputs)

    def _applied(self, node: Node, values: Tensors, count: int) -> Any:
        operation: Any = node.operation
        inputs = [values[id(other)] for other in node.inputs]
        attributes = node.attributes
        if id(node.inputs[0]) in self._counters:
            seed, stream, counter = inputs[0]
            shape = (count, *attributes["shape"])
            return interpreter().apply(
                operation, [counter], attributes | {"seed": seed, "stream": stream, "shape": shape}
            )
        if id(node) in self._stacked:
            stacked = [id(other) in self._stacked for other in node.inputs]
            if STACKED.get(operation.name) == "elementwise":
                rank = max(len(other.shape) for other in node.inputs)
                inputs = [
                    _with_rank(tensor, other, rank, count) if is_stacked else tensor
                    for tensor, other, is_stacked in zip(inputs, node.inputs, stacked, strict=True)
                ]
            elif operation.name == "concat":
                inputs = [
                    tensor if is_stacked else ops.broadcast_to(tensor, (count, *other.shape))
                    for tensor, other, is_stacked in zip(inputs, node.inputs, stacked, strict=True)
                ]
            elif operation.name == "broadcast_to":
                inputs = [_with_rank(inputs[0], node.inputs[0], len(node.shape), count)]
            attributes = _attributes(operation.name, attributes, count, stacked)
        return interpreter().apply(operation, inputs, attributes)


class MapTrace(Trace):
    """A trace in which the counter of each random operation is an input, after the parts of the element.

    The condition of a `tf.cond` may differ from element to element, so both branches are computed.
    """

    computes_both_branches = True

    def __init__(self, name: str, may_create_variables: bool) -> None:
        super().__init__(name, may_create_variables=may_create_variables)
        self.draws: list[int | None] = []

    def may_convert(self, insists: bool) -> bool:
        """Only for ``if`` and the like: with ``int(x)``, the function is called for each element instead."""
        return insists and super().may_convert(insists)

    def random_counter(self, op_seed: int | None) -> tuple[int, int, Any]:
        """The key and stream, which each call of the function replaces, and an input for the counter."""
        self.draws.append(op_seed)
        return 1, 0, self.add_input(Spec((), int64))


def _with_rank(tensor: Any, node: Node, rank: int, count: int) -> Any:
    """Stacked elements with axes of length 1 before their own, as broadcasting adds them."""
    missing = rank - len(node.shape)
    return ops.reshape(tensor, (count, *(1,) * missing, *node.shape)) if missing else tensor


def _attributes(name: str, given: dict[str, Any], count: int, stacked: list[bool]) -> dict[str, Any]:
    """The attributes of an operation on elements for stacked elements, which have one more axis in front."""
    if name in ("reshape", "broadcast_to"):
        return {"shape": (count, *given["shape"])}
    if name == "transpose":
        return {"perm": (0, *(axis + 1 for axis in given["perm"]))}
    if name == "pad":
        return {"before": (0, *given["before"]), "after": (0, *given["after"])}
    if name == "slice":
        return {
            "begin": (0, *given["begin"]), "size": (count, *given["size"]), "strides": (1, *given["strides"]),
        }  # fmt: skip
    if name == "concat" or STACKED.get(name) == "named axes" or (name == "gather" and stacked[0]):
        axis = given["axis"]
        moved = tuple(one + 1 for one in axis) if isinstance(axis, tuple) else axis + 1
        return given | {"axis": moved}
    return given


def vectorized(function: Callable[..., Any], specs: object) -> VectorizedFunction | None:
    """The function for stacked elements; None if it has to be called for each element.

    Args:
        function: the user-defined function.
        specs: the specs of one element.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> halves = vectorized(lambda x: x / 2.0, tf.TensorSpec((3,), tf.float32))
    >>> halves(tf.constant([[2.0, 4.0, 6.0], [0.0, 0.0, 2.0]])).numpy()
    array([[1., 2., 3.],
           [0., 0., 1.]], dtype=float32)
    """
    leaves = flatten(specs)
    if not all(isinstance(spec, TensorSpec) and spec.shape.is_fully_defined() for spec in leaves):
        return None
    if any(spec.dtype is string for spec in leaves):
        return None
    generator_draws = Generator.draws

    def run(trace: MapTrace) -> tuple[MapTrace, Graph, VectorizedFunction]:
        inputs = [trace.add_input(Spec(tuple(spec.shape), spec.dtype)) for spec in leaves]
        with interpreting(trace), active_tapes.paused():
            result = as_element(result_of(function, pack_like(specs, inputs)))
        graph = trace.graph(flatten(result))
        return trace, graph, VectorizedFunction(graph, result, trace.draws)

    try:
        trace, graph, found = traced(lambda: MapTrace("map", may_create_variables=False), run)
    except Exception:  # the function needs values, or is wrong: calling it on an element raises the error
        return None
    uses_state = trace.uses_random or trace.updates or any(node.kind == VARIABLE for node in graph.nodes())
    uses_state = uses_state or Generator.draws != generator_draws  # the trace has read its count once
    return None if uses_state or not found.is_possible() else found


class Stage:
    """A user-defined function of whole elements, in the interpreter in force.

    Args:
        function: the user-defined function.
    """

    row_wise = False
    repeatable = False

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, element: object) -> Any:
        """The function's result for an element."""
        return as_element(result_of(self.function, element))
