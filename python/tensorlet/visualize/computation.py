"""The computation of a function: its graph, the value of each node, and the gradients."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.buffers import array_of
from tensorlet.core.concrete_function import unpack_outputs
from tensorlet.core.eager import EAGER
from tensorlet.core.function import Function
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor, SymbolicTensor
from tensorlet.core.tracing import Trace
from tensorlet.core.user_code import converted, traced
from tensorlet.core.variable import Variable
from tensorlet.errors import InvalidArgumentError, TracingError
from tensorlet.graph import ir
from tensorlet.graph.gradient import Record, backpropagate, evaluated
from tensorlet.keras.layers.sequences.loops import written_out
from tensorlet.ops.registry import Spec, interpreting
from tensorlet.visualize.written import as_written

#: Element-wise operations, for which the gradient rule with an upstream gradient of one is the local derivative.
ELEMENTWISE = frozenset(
    {
        "abs", "add", "cos", "divide", "erf", "exp", "expm1", "floormod", "identity", "log", "log1p", "maximum",
        "minimum", "multiply", "negative", "pow", "rsqrt", "sigmoid", "sin", "softplus", "sqrt", "square",
        "subtract", "tan", "tanh", "where", "cast",
    }
)  # fmt: skip
#: Larger constants are not compared with the arrays of the program to find their names.
LARGEST_COMPARED = 1_000_000
#: Loops of recurrent layers over more steps are one box.
LONGEST_LOOP = 4


@dataclass
class Computation:
    """A graph with names and, if they are known, values, each by the id of the node.

    Attributes:
        name: the name of the function.
        graph: the graph of the function.
        names: the name of each node.
        captured: the constants that are tensors of the user.
        values: the values of the nodes.
        gradients: the gradients of the output.
        locals: the derivatives of each node with respect to its inputs (None if it is not a single number).
        problem: why there are no gradients, if they were requested.
        undone: whether the rewrites of the graph were undone; those of the graphs inside of its nodes are not yet.
    """

    name: str
    graph: ir.Graph
    names: dict[int, str]
    captured: set[int] = field(default_factory=set)
    values: dict[int, Any] = field(default_factory=dict)
    gradients: dict[int, np.ndarray] = field(default_factory=dict)
    locals: dict[int, list[np.ndarray | None]] = field(default_factory=dict)
    problem: str = ""
    undone: bool = False


def trace(
    function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], optimized: bool = False
) -> tuple[Computation, list[Any]]:
    """Traces a call, and finds the names that its author uses for the values.

    Args:
        function, args, kwargs: the call.
        optimized: whether to trace what runs, instead of what is written.

    Returns:
        The computation, without values, and the arrays of its inputs (None for a `TensorSpec`).
    """
    if optimized:
        return _traced(function, args, kwargs)
    try:
        return _traced(function, args, kwargs, as_written=True)
    except TracingError:  # it needs the value of a constant that only the optimized trace knows
        return _traced(function, args, kwargs, undone=True)


def _traced(
    function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    as_written: bool = False,
    undone: bool = False,
) -> tuple[Computation, list[Any]]:
    """Traces a call.

    Args:
        function, args, kwargs: the call.
        as_written: whether the trace does without rewrites.
        undone: whether its rewrites are undone afterwards.
    """
    given = function.python_function if isinstance(function, Function) else function
    name = _name_of(given)
    parameters = parameters_of(given, code_of(given))
    spare = ["x"] if len(args) == 1 else [f"x{number}" for number in range(1, len(args) + 1)]
    called = [*parameters, *spare[len(parameters) :]][: len(args)]

    def run(trace: Trace) -> tuple[Computation, list[Any]]:
        inputs = _Inputs(trace)
        trace.as_written = as_written
        body = converted(given) if trace.converts else given
        with (
            interpreting(trace), active_tapes.paused(), locals_of(code_of(body)) as found, written_out(LONGEST_LOOP),
        ):  # fmt: skip
            result = body(
                *[inputs.given(value, name) for value, name in zip(args, called, strict=True)],
                **{name: inputs.given(value, name) for name, value in kwargs.items()},
            )
            outputs, _ = unpack_outputs(result)
        graph = trace.graph(outputs)
        return author_names(name, graph, trace.captured, found, inputs.names, undone), inputs.arrays

    return traced(lambda: Trace(name), run)


class _Inputs:
    """The arguments of a traced call.

    Args:
        trace: the trace of the call.

    Attributes:
        arrays: the value of each input of the graph; None for a `TensorSpec`.
        names: the names in the function of variables without their own name, by id.
    """

    def __init__(self, trace: Trace) -> None:
        self.trace = trace
        self.arrays: list[Any] = []
        self.names: dict[int, str] = {}

    def given(self, value: object, called: str) -> Any:
        """Returns the value that the function receives for an argument."""
        if value is None or isinstance(value, str | bool):
            return value
        if isinstance(value, dict) or (isinstance(value, list | tuple) and _holds_tensors(value)):
            leaves = [self._symbolic(leaf, f"{called}_{index}") for index, leaf in enumerate(flatten(value))]
            return pack_like(value, leaves)
        return self._symbolic(value, called)

    def _symbolic(self, value: object, called: str) -> Any:
        if isinstance(value, Variable):
            if value._name == "Variable":
                self.names[id(value)] = called
            return value
        if isinstance(value, TensorSpec):
            if not value.shape.is_fully_defined():
                raise InvalidArgumentError(
                    f"tf.show got {value} for '{called}', whose shape is not fully known. Specify all lengths."
                )
            self.arrays.append(None)
            return self.trace.add_input(Spec(tuple(value.shape), value.dtype), called)
        tensor = EAGER.convert(float(value) if type(value) is int else value)
        self.arrays.append(array_of(tensor))
        return self.trace.add_input(tensor.spec, called)


def author_names(
    name: str,
    graph: ir.Graph,
    captured: dict[int, EagerTensor],
    found: dict[str, Any],
    variables: dict[int, str],
    written: bool = False,
) -> Computation:
    """Returns the computation of a graph, with values named as in the traced function.

    Args:
        name: the name of the function.
        graph: the graph of the function.
        captured: tensors from outside, by the id of their node.
        found: the values of names when the function returned, see `locals_of`.
        variables: names of variables by id, if already known.
        written: whether to undo the rewrites of the graph.
    """
    graph, made = as_written(graph) if written else (graph, {})
    known = {id(tensor): key for key, tensor in found.items() if isinstance(tensor, EagerTensor)}
    by_node = {key: known[id(tensor)] for key, tensor in captured.items() if id(tensor) in known}
    for local, value in found.items():
        if isinstance(value, SymbolicTensor):
            by_node.setdefault(id(made.get(id(value.node), value.node)), local)
        elif isinstance(value, Variable) and value._name == "Variable":
            variables.setdefault(id(value), local)
    by_node |= names_of_arrays(graph, found)
    names = names_of(name, graph, by_node, variables, set(captured))
    return Computation(name, graph, names, set(captured), undone=written)


def names_of_arrays(graph: ir.Graph, found: Mapping[str, Any]) -> dict[int, str]:
    """Returns the names of NumPy arrays that became constants, by the id of the node, found by comparing values."""
    arrays = {key: value for key, value in found.items() if isinstance(value, np.ndarray) and value.ndim}
    names: dict[int, str] = {}
    for node in graph.nodes():
        if node.kind == ir.CONSTANT and node.shape:
            for key, array in arrays.items():
                if (
                    array.shape == node.shape
                    and array.size <= LARGEST_COMPARED
                    and np.array_equal(array, node.value)
                ):
                    names[id(node)] = key
                    break
    return names


def _holds_tensors(value: object) -> bool:
    leaves = flatten(value)
    return any(hasattr(leaf, "dtype") or isinstance(leaf, TensorSpec) for leaf in leaves)


def code_of(body: object) -> CodeType | None:
    """Returns the code whose names the drawing uses: that of the author, not of built-in models and layers."""
    inner = getattr(body, "__func__", body)
    if not hasattr(inner, "__code__"):  # a model or layer
        inner = getattr(type(body), "call", None) or type(body).__call__
        if str(getattr(inner, "__module__", "")).startswith("tensorlet."):
            return None
    code = getattr(inner, "__code__", None)
    return code if isinstance(code, CodeType) else None


def parameters_of(body: object, code: CodeType | None) -> list[str]:
    """Returns the names of the parameters, without ``self``."""
    parameters = list(code.co_varnames[: code.co_argcount]) if code else []
    return parameters if isinstance(body, FunctionType) else parameters[1:]


def _name_of(body: object) -> str:
    name = str(getattr(body, "__name__", None) or getattr(body, "name", None) or type(body).__name__)
    return "f" if name == "<lambda>" else name


@contextmanager
def locals_of(code: CodeType | None) -> Iterator[dict[str, Any]]:
    """Yields the values of the names in a function when it returns: its locals, and the globals that it uses."""
    found: dict[str, Any] = {}
    before = sys.getprofile()

    def look(frame: FrameType, event: str, argument: object) -> None:
        if event == "return" and frame.f_code is code:
            outside = {name: frame.f_globals[name] for name in code.co_names if name in frame.f_globals}
            found.update({**outside, **frame.f_locals})

    sys.setprofile(look)
    try:
        yield found
    finally:
        sys.setprofile(before)


def is_number(node: ir.Node, captured: set[int]) -> bool:
    """Whether a node is a number written in the program rather than a tensor of the user."""
    return node.kind == ir.CONSTANT and node.spec.size == 1 and id(node) not in captured


def names_of(
    function: str,
    graph: ir.Graph,
    by_node: dict[int, str],
    variables: dict[int, str],
    captured: set[int],
    outside: Collection[str] = (),
) -> dict[int, str]:
    """Returns a unique name for every node: that of the author if there is one, otherwise v1, v2, ...

    The numbered names are not among those of values ``outside``.
    """
    names: dict[int, str] = {}
    taken: set[str] = set()

    def give(node: ir.Node, wanted: str) -> None:
        name, number = wanted, 1
        while name in taken:
            number += 1
            name = f"{wanted}_{number}"
        taken.add(name)
        names[id(node)] = name

    nodes = graph.nodes()
    for node in [*graph.inputs, *nodes]:
        if id(node) in names:
            continue
        if node.kind == ir.INPUT:
            give(node, by_node.get(id(node), node.name))
        elif node.kind == ir.VARIABLE:
            give(node, variables.get(id(node.value), node.value._name))
        elif id(node) in by_node:
            give(node, by_node[id(node)])
    if len(graph.outputs) == 1 and id(graph.outputs[0]) not in names and function not in taken:
        give(graph.outputs[0], function)
    count = 0
    for node in nodes:
        if id(node) in names:
            continue
        if is_number(node, captured):
            names[id(node)] = "constant"  # shown in formulas instead of its name
            continue
        if node.kind == ir.CONSTANT:
            give(node, "constant")
            continue
        count += 1
        while f"v{count}" in taken or f"v{count}" in outside:
            count += 1
        give(node, f"v{count}")
    return names


def add_values(computation: Computation, arrays: Sequence[np.ndarray]) -> None:
    """Runs the graph with the reference backend, and stores the value of every node."""
    values = computation.values
    for node in computation.graph.nodes():
        if node.kind == ir.INPUT:
            values[id(node)] = np.asarray(arrays[node.value])
        elif node.kind == ir.CONSTANT:
            values[id(node)] = node.value
        elif node.kind == ir.VARIABLE:
            values[id(node)] = array_of(node.value).copy()
        else:
            inputs = [values[id(other)] for other in node.inputs]
            values[id(node)] = node.operation.reference(*inputs, **node.attributes)  # type: ignore[union-attr]


def add_gradients(computation: Computation) -> None:
    """Computes the gradient of the output at every node, and the local derivative along every edge."""
    graph = computation.graph
    output = graph.outputs[0]
    nodes = graph.nodes()
    if any(not hasattr(node.operation, "infer") for node in nodes if node.kind == ir.APPLY):
        computation.problem = (
            "it contains tf.cond, tf.while_loop or a loop over steps, through which no arrows lead"
        )
        return
    tensors = {id(node): EagerTensor(np.asarray(computation.values[id(node)])) for node in nodes}
    records: list[Record] = []
    with interpreting(EAGER), active_tapes.paused():
        for node in nodes:
            if node.kind == ir.APPLY and node.operation.gradient is not None:  # type: ignore[union-attr]
                inputs = [tensors[id(other)] for other in node.inputs]
                record = Record(node.operation, inputs, node.attributes, tensors[id(node)])  # type: ignore[arg-type]
                records.append(record)
                computation.locals[id(node)] = _local_derivatives(node, record)
        wanted = {id(tensors[id(node)]) for node in nodes if node.dtype.is_floating}
        last = tensors[id(output)]
        found = backpropagate(records, [(last, ops.ones_like(last))], wanted)
    for node in nodes:
        gradient = found.get(id(tensors[id(node)]))
        if gradient is not None:
            computation.gradients[id(node)] = array_of(gradient)


def _local_derivatives(node: ir.Node, record: Record) -> list[np.ndarray | None]:
    """Returns the derivative with respect to each input, if it is one number per element."""
    shapes = [other.shape for other in node.inputs]
    if not node.dtype.is_floating or (
        not node.is_op(*ELEMENTWISE)
        and any(spec.size != 1 for spec in (node.spec, *(i.spec for i in node.inputs)))
    ):
        return [None] * len(shapes)
    pulled = record.pull_back([ops.ones_like(record.outputs[0])])
    return [
        None if gradient is None or shape != node.shape else array_of(evaluated(gradient))
        for gradient, shape in zip(pulled, shapes, strict=True)
    ]
