"""The tracing interpreter, which records operations as nodes of a graph."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Sequence
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes, random_state
from tensorlet.core.tensor import EagerTensor, Operators, SymbolicTensor
from tensorlet.dtypes import DType, string
from tensorlet.errors import RunsEagerly, TracingError
from tensorlet.graph import ir
from tensorlet.graph.rewrite import rewritten
from tensorlet.ops.conversion import convert_inputs, holds_tensors, require_dtype_of, to_array
from tensorlet.ops.registry import Operation, Spec, interpreter, interpreting

if TYPE_CHECKING:
    from tensorlet.core.variable import Variable


#: The most elements of an argument whose values may be built into a graph.
_MOST_BUILT_IN = 8


#: Why a function's control flow could not be converted, by its code.
UNCONVERTED: dict[CodeType, str] = {}


class Trace:
    """Builds one graph.

    Attributes:
        name: the name of the traced function, for messages.
        inputs: the inputs of the graph so far.
        updates: the current value of each assigned variable.
        captured: eager tensors from outside that the function uses, by the id of their node.
        scope: the current part of the model, such as ``sequential/dense``; see `scope`.
        converts: whether the user's functions are converted (`tensorlet.core.user_code`).
        convertible: whether the trace can be made again with converted functions.
        size: how many operations have been traced.
        as_written: whether operations are recorded as the program has them, without rewrites; for drawings.
        outer: the trace that contains this one (a branch of `tf.cond`, for example), or None.
    """

    #: Whether `tf.cond` computes both branches and selects the result, instead of becoming one operation.
    computes_both_branches = False
    #: Whether new traces do without rewrites; set for a moment, for drawings.
    starts_as_written = False

    def __init__(self, name: str, outer: Trace | None = None, may_create_variables: bool = True) -> None:
        self.name = name
        self.outer = outer
        self.may_create_variables = may_create_variables
        self.inputs: list[ir.Node] = []
        self.updates: dict[Any, ir.Node] = {}  # by Variable.ref()
        self.captured: dict[int, EagerTensor] = {}
        self.lifted: list[
            tuple[ir.Node, ir.Node]
        ] = []  # (a node of the outer trace, the input that stands for it)
        self.reads: list[
            tuple[Any, SymbolicTensor]
        ] = []  # variables of the outer trace, and their values there
        self.uses_random = False
        self.scope = ""
        self.size = 0
        self.converts: bool = outer is not None and outer.converts
        self.as_written: bool = Trace.starts_as_written if outer is None else outer.as_written
        self.convertible = False
        self.asked_for_conversion = False
        self._variables: dict[Any, ir.Node] = {}
        self._constants: dict[int, tuple[Any, SymbolicTensor]] = {}
        self._tensors: dict[int, SymbolicTensor] = {}
        self._after_assignment: dict[int, SymbolicTensor] = {}  # by the id of the assigned node
        self._names: dict[str, itertools.count[int]] = {}
        self._streams = itertools.count(1)
        self._counter: SymbolicTensor | None = None

    def tensor_of(self, node: ir.Node) -> SymbolicTensor:
        """The tensor that stands for a node, always the same one, since tapes identify tensors by id."""
        found = self._tensors.get(id(node))
        if found is None:
            found = self._tensors[id(node)] = SymbolicTensor(node, self)
        return found

    def add_input(self, spec: Spec, name: str = "input") -> SymbolicTensor:
        """Adds an input to the graph."""
        if spec.dtype is string:
            raise TracingError(
                f"The traced function '{self.name}' has a text argument, but tensors of strings are supported "
                "only eagerly and in datasets. Convert the text to numbers before the call."
            )
        node = ir.Node(ir.INPUT, spec, value=len(self.inputs), name=self._unique(name))
        self.inputs.append(node)
        return self.tensor_of(node)

    def _unique(self, name: str) -> str:
        count = next(self._names.setdefault(name, itertools.count()))
        return name if count == 0 else f"{name}_{count}"

    def outermost(self) -> Trace:
        """The trace of the whole function."""
        trace = self
        while trace.outer is not None:
            trace = trace.outer
        return trace

    def may_convert(self, insists: bool) -> bool:
        """Whether tracing again with converted functions is possible.

        Args:
            insists: also if the error that asks for it is caught on its way.
        """
        root = self.outermost()
        possible = root.convertible and not root.converts
        root.asked_for_conversion |= possible and insists
        return possible

    @staticmethod
    def why_unconverted() -> str:
        """Why the function that asks for a truth value has not been converted; empty if nothing was in the way."""
        frame: FrameType | None = sys._getframe()
        while frame is not None:
            if frame.f_code in UNCONVERTED:
                return (
                    f"The control flow of '{frame.f_code.co_name}' could not be converted, since "
                    f"{UNCONVERTED[frame.f_code]}. "
                )
            frame = frame.f_back
        return ""

    def arguments_behind(self, node: ir.Node) -> frozenset[int] | None:
        """The places of the function's arguments that decide a node's value; None if other things do too.

        Only small arrays of integers count: lengths and numbers of steps, whose values can be built in.
        """
        found: set[int] = set()
        for one in ir.in_order([node]):
            if one.kind == ir.INPUT and self.outer is not None:
                outside = next((outer for outer, inner in self.lifted if inner is one), None)
                more = None if outside is None else self.outer.arguments_behind(outside)
                if more is None:
                    return None
                found |= more
            elif one.kind == ir.INPUT:
                if one.dtype.is_floating or one.spec.size > _MOST_BUILT_IN:
                    return None
                found.add(one.value)
            elif one.kind == ir.VARIABLE or (one.operation is not None and not one.operation.deterministic):
                return None
        return frozenset(found)

    # Called by operations:

    def apply(
        self, operation: Operation, inputs: Sequence[Any], attributes: dict[str, Any]
    ) -> SymbolicTensor:
        """Adds a node, unless a rewrite replaces it."""
        self.size += 1
        tensors = convert_inputs(self, operation, inputs)
        better: Any = None if self.as_written else rewritten(operation.name, tensors, self.tensor_of)
        nodes = [tensor.node for tensor in tensors]
        spec = operation.infer(*[node.spec for node in nodes], **attributes)
        node = ir.Node(
            ir.APPLY, spec, operation=operation, inputs=nodes, attributes=attributes,
            name=operation.name if better is not None else self._unique(operation.name), scope=self.scope,
        )  # fmt: skip
        if better is not None:
            better.node.written = node
            return better
        if (
            operation.deterministic
            and nodes
            and all(one.kind == ir.CONSTANT for one in nodes)
            and spec.size <= 4096
            and not (self.as_written and spec.dtype.is_floating)  # shapes and axes must have values
        ):
            array = np.asarray(operation.reference(*[one.value for one in nodes], **attributes))
            folded = ir.constant(array, node.name)
            folded.scope, folded.written = self.scope, node
            node = folded
        output = self.tensor_of(node)
        if active_tapes.recording():
            active_tapes.record(self, operation, tensors, attributes, output)
        return output

    def convert(self, value: object, dtype: DType | None = None) -> SymbolicTensor:
        """Converts a value to a symbolic tensor; arrays and eager tensors become constants."""
        if isinstance(value, SymbolicTensor):
            tensor = value if value.trace is self else self._from_outside(value)
        elif isinstance(value, EagerTensor):
            tensor = self._capture(value)
        elif hasattr(value, "read_variable"):
            tensor = value.read_variable(self)
        elif holds_tensors(value):
            tensor = ops.stack([self.convert(item, dtype) for item in value])
        else:
            return self.tensor_of(ir.constant(self._numbers(to_array(value, dtype))))
        return tensor if dtype is None else require_dtype_of(tensor, dtype)

    def _numbers(self, array: np.ndarray) -> np.ndarray:
        """The array, which must not be text: compiled functions have no strings."""
        if array.dtype.kind == "O":
            raise RunsEagerly(
                f"The traced function '{self.name}' uses the text {array.reshape(-1)[:3].tolist()}, but tensors of "
                "strings are supported eagerly and in datasets only. Turn the text into numbers before (such as with "
                "tf.keras.layers.StringLookup), or keep it as a Python string."
            )
        return array

    def _capture(self, tensor: EagerTensor) -> SymbolicTensor:
        known = self._constants.get(id(tensor))
        if known is None:
            node = ir.constant(self._numbers(tensor._array), "captured")
            known = self._constants[id(tensor)] = (tensor, self.tensor_of(node))
            self.captured[id(node)] = tensor
        return known[1]

    def _from_outside(self, tensor: SymbolicTensor) -> SymbolicTensor:
        """Makes a tensor of the outer trace an input; tensors of other traces are refused."""
        outer = self.outer
        while outer is not None and outer is not tensor.trace:
            outer = outer.outer
        if outer is None:
            if tensor.trace.outermost() is self.outermost():
                raise TracingError(
                    f"{tensor!r} was computed in one round of a loop, or in one branch of an `if`, and used outside of "
                    "it. Give it a name that has a value before the loop or in both branches; collect the rows of a "
                    "loop in a tf.TensorArray (array = array.write(i, row)), not in a Python list."
                )
            raise TracingError(
                f"{tensor!r} belongs to another tf.function ('{tensor.trace.name}') and was used in '{self.name}'. "
                "Return it from the first function, and pass it to the second as an argument."
            )
        mine = self.outer.convert(tensor)  # type: ignore[union-attr]
        return self.lift(mine.node)

    def lift(self, node: ir.Node) -> SymbolicTensor:
        """The input that stands for a node of the outer trace."""
        for outside, inside in self.lifted:
            if outside is node:
                return self.tensor_of(inside)
        if node.kind == ir.CONSTANT:
            return self.tensor_of(node)
        tensor = self.add_input(node.spec, node.name)
        self.lifted.append((node, tensor.node))
        return tensor

    # Called by variables:

    def variable_value(self, variable: Variable) -> SymbolicTensor:
        """The variable's value at this point of the trace."""
        reference = variable.ref()
        node = self.updates.get(reference)
        if node is not None and active_tapes.recording():
            return self._value_after_assignment(node)
        node = node or self._variables.get(reference)
        if node is None:
            if self.outer is not None:
                outside = self.outer.variable_value(variable)
                self.reads.append((variable, outside))
                return self.lift(outside.node)
            node = ir.Node(ir.VARIABLE, variable.spec, value=variable, name=self._unique(variable._name))
            self._variables[variable.ref()] = node
        return self.tensor_of(node)

    def _value_after_assignment(self, node: ir.Node) -> SymbolicTensor:
        """The assigned value as a tensor of its own, since no gradient flows through an assignment."""
        known = self._after_assignment.get(id(node))
        if known is None:
            with active_tapes.paused():
                known = self._after_assignment[id(node)] = ops.identity(self.tensor_of(node))
        return known

    def assign_variable(self, variable: Variable, tensor: SymbolicTensor) -> None:
        """Assigns a value to the variable; it is written at the end of the step."""
        self.updates[variable.ref()] = tensor.node

    def initial_value(self, value: Any, dtype: DType | None) -> np.ndarray:
        """The initial value of a variable created in a traced function, which must be known while tracing."""
        if not self.may_create_variables:
            raise TracingError(
                f"The function '{self.name}' creates a new tf.Variable each time it is traced. "
                "Create the variable once, outside the function, and use it inside."
            )
        if isinstance(value, Operators):
            return self._value_now(self.convert(value, dtype).node)
        return to_array(value, dtype)

    def _value_now(self, wanted: ir.Node) -> np.ndarray:
        """The value of a node that depends on no argument of the function, such as random numbers."""
        values: dict[int, np.ndarray] = {}
        for node in ir.in_order([wanted]):
            if node.kind == ir.INPUT:
                raise TracingError(
                    f"A tf.Variable was created inside the tf.function '{self.name}' from a value that "
                    "depends on the function's arguments, which have no values during tracing. Create the "
                    "variable outside the function."
                )
            if node.kind == ir.APPLY:
                inputs = [values[id(one)] for one in node.inputs]
                values[id(node)] = np.asarray(node.operation.reference(*inputs, **node.attributes))  # type: ignore[union-attr]
            else:
                values[id(node)] = node.value if node.kind == ir.CONSTANT else node.value.numpy()
        return np.array(values[id(wanted)])

    def is_recording(self) -> bool:
        """Whether a tape is recording."""
        return bool(active_tapes.recording())

    def random_counter(self, op_seed: int | None) -> tuple[int, int, Any]:
        """Key, stream and call counter of a random operation; each run of the function advances the counter."""
        if self.outer is not None:
            key, stream, outside = self.outer.random_counter(op_seed)
            return key, stream, self.convert(outside)
        variable = random_state.STATE.traced_counter()
        if self._counter is None:
            self.uses_random = True
            self._counter = self.variable_value(variable)
            with interpreting(self):  # the operation that asks may be in a branch or a loop
                following: Any = self._counter + np.asarray(1, np.int64)
            self.updates[variable.ref()] = following.node
        return random_state.key_of(op_seed), next(self._streams), self._counter

    def graph(self, outputs: Sequence[Any]) -> ir.Graph:
        """The finished graph, without assignments that change nothing."""
        updates = [
            (reference.deref(), node)
            for reference, node in self.updates.items()
            if not (node.kind == ir.VARIABLE and node.value is reference.deref())
        ]
        return ir.Graph(self.inputs, [tensor.node for tensor in outputs], updates)


class scope:  # noqa: N801 - reads as a statement: with scope("dense")
    """A ``with`` block that assigns the nodes created in it to a part of the model.

    Scopes nest: ``sequential/dense``. Outside a trace it has no effect.

    Args:
        name: the name of the part.
    """

    __slots__ = ("_before", "_name", "_trace")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._trace = trace = current_trace()
        if trace is not None:
            self._before = trace.scope
            trace.scope = f"{trace.scope}/{self._name}" if trace.scope else self._name

    def __exit__(self, *_: object) -> None:
        if self._trace is not None:
            self._trace.scope = self._before


def current_trace() -> Trace | None:
    """The current trace of this thread, or None."""
    current = interpreter()
    return current if isinstance(current, Trace) else None


def replay(graph: ir.Graph, given: dict[int, Any]) -> list[Any]:
    """Applies the nodes of a graph again, under the interpreter in force and its tapes.

    Args:
        graph: the graph to replay.
        given: tensors for leaves (inputs, variables, captured constants) by the id of the node.

    Returns:
        The outputs.
    """
    values = dict(given)
    current = interpreter()
    for node in graph.nodes():
        if id(node) in values:
            continue
        if node.kind == ir.CONSTANT:
            values[id(node)] = current.convert(node.value)
        else:
            inputs = [values[id(other)] for other in node.inputs]
            again = getattr(node.operation, "again", None)  # tf.cond, tf.while_loop: several results
            if again is not None:
                values[id(node)] = again(*inputs, **node.attributes)
                continue
            values[id(node)] = current.apply(node.operation, inputs, node.attributes)  # type: ignore[arg-type]
    return [values[id(node)] for node in graph.outputs]
