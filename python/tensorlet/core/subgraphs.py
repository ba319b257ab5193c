"""Graphs inside a graph: the branches of `tf.cond` and the bodies of `tf.while_loop`.

Each becomes a graph of its own, held by one node. The engine takes such a node as a program inside of a program. Where
it cannot, the graph runs on the reference backend, and its branches and bodies on the backend in force.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.backends.dispatch import compile_graph
from tensorlet.backends.programs import Executable
from tensorlet.core import active_tapes
from tensorlet.core.concrete_function import unpack_outputs
from tensorlet.core.tape import GradientTape
from tensorlet.core.tracing import Trace, replay
from tensorlet.dtypes import int32
from tensorlet.graph import ir
from tensorlet.ops.registry import Spec, Tensor, interpreting


class Branch:
    """A sub-graph: takes the outer values in ``takes`` (after any values of its own)."""

    def __init__(self, trace: Trace, outputs: Sequence[Any], structure: Any) -> None:
        self.graph = ir.Graph(trace.inputs, [tensor.node for tensor in outputs])
        self.structure = structure
        self.updates = dict(trace.updates)
        self.takes = [outside for outside, _ in trace.lifted]
        for variable, value in trace.reads:
            active_tapes.variable_read(trace.outer, variable, value)  # type: ignore[arg-type]  # a branch has one
        self._name = trace.name
        self._compiled: Executable | None = None

    @property
    def specs(self) -> list[Spec]:
        """The specs of its results."""
        return [node.spec for node in self.graph.outputs]

    def run(self, arrays: Sequence[np.ndarray]) -> list[np.ndarray]:
        """Runs the sub-graph on arrays for its inputs."""
        if self._compiled is None:
            # The function that holds this branch has already warned.
            self._compiled = compile_graph(self.graph, self._name, quiet=True)
        return self._compiled.run([np.asarray(array, order="C") for array in arrays], [])


class SubgraphNode:
    """An operation that holds sub-graphs and has several results; `ITEM` picks one of them."""

    deterministic = False
    gradient = None

    def __init__(
        self,
        name: str,
        reference: Callable[..., Any],
        again: Callable[..., Any],
        graphs: tuple[ir.Graph, ...] = (),
        detail: Any = None,
    ) -> None:
        self.name = name
        #: What backends have to know besides the sub-graphs.
        self.detail = detail
        #: The sub-graphs that it may run.
        self.graphs = graphs
        self.reference = reference
        #: Applies the same sub-graphs to other inputs, under the interpreter in force.
        self.again = again

    @property
    def form(self) -> tuple[object, ...]:
        """What tells it from other nodes of its name, besides the sub-graphs."""
        found: tuple[object, ...] = getattr(self.detail, "form", ())
        return found


#: The operation that picks one of several results.
ITEM = SubgraphNode("item", lambda results, index: results[index], lambda results, index: results[index])


def add_node(
    trace: Trace, operation: SubgraphNode, inputs: Sequence[ir.Node], specs: Sequence[Spec]
) -> list[Any]:
    """Adds a node with several results; returns their tensors."""
    whole = ir.Node(ir.APPLY, Spec((), int32), operation=operation, inputs=inputs, scope=trace.scope)  # type: ignore[arg-type]
    return [
        trace.tensor_of(
            ir.Node(ir.APPLY, spec, operation=ITEM, inputs=[whole], attributes={"index": index})  # type: ignore[arg-type]
        )
        for index, spec in enumerate(specs)
    ]


class RecordedCall:
    """A call as tapes record it."""

    def __init__(self, inputs: Sequence[Any], outputs: Sequence[Any], pull_back: Callable[..., Any]) -> None:
        self.inputs = list(inputs)
        self.outputs = tuple(outputs)
        self.pull_back = pull_back


def trace_branch(outer: Trace, body: Callable[[], Any]) -> Branch:
    """Traces a function without arguments as a sub-graph."""
    trace = Trace(outer.name, outer, outer.may_create_variables)
    with interpreting(trace), active_tapes.paused():
        outputs, structure = unpack_outputs(body())
    return Branch(trace, outputs, structure)


def filled(outputs: Sequence[Tensor], upstream: Sequence[Tensor | None]) -> list[Tensor]:
    """The upstream gradients, with zeros where there is none."""
    return [
        ops.zeros_like(output) if weight is None else weight
        for output, weight in zip(outputs, upstream, strict=True)
    ]


def differentiate(graph: ir.Graph, inputs: Sequence[Tensor], weights: Sequence[Tensor]) -> list[Tensor]:
    """The gradients of a graph's inputs; zeros where there is none."""
    with GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(list(inputs))
        outputs = applied(graph, inputs)
    return list(tape.gradient(outputs, list(inputs), list(weights), "zero"))


def applied(graph: ir.Graph, inputs: Sequence[Tensor]) -> list[Tensor]:
    """Applies a sub-graph to other inputs, under the interpreter in force."""
    return replay(graph, {id(node): tensor for node, tensor in zip(graph.inputs, inputs, strict=True)})
