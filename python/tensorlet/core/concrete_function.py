"""A function traced for one signature: its compiled graph, and how it is called and differentiated."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from operator import itemgetter
from types import MappingProxyType
from typing import Any

import numpy as np

from tensorlet.backends.dispatch import compile_graph
from tensorlet.backends.programs import Executable
from tensorlet.core import active_tapes, random_state
from tensorlet.core.buffers import array_of, buffers_of
from tensorlet.core.eager import EAGER
from tensorlet.core.kept_values import keep_values
from tensorlet.core.nest import flatten, pack_like
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tape import GradientTape
from tensorlet.core.tensor import EagerTensor, Operators, Tensor
from tensorlet.core.tracing import Trace, replay
from tensorlet.core.user_code import converted, has_branches, traced
from tensorlet.core.variable import Variable
from tensorlet.dtypes import string
from tensorlet.errors import TensorletError, TracingError
from tensorlet.graph.ir import APPLY, VARIABLE, Graph
from tensorlet.ops.registry import Spec, interpreter, interpreting

#: Called with every function that has been traced.
WATCHERS: list[Callable[[Concrete], None]] = []


def is_tensor_argument(value: object) -> bool:
    """Whether an argument becomes an input of the graph rather than part of it."""
    if isinstance(value, Variable):
        return False
    return isinstance(value, np.ndarray | np.generic | Tensor) or hasattr(value, "__array__")


class Concrete:
    """A function, traced and compiled for one signature.

    Args:
        python_function: the function.
        name: for messages.
        args, kwargs: the arguments of the call that was traced.
        first: whether this is the function's first trace, which may make variables.
        quiet: whether nobody is to hear of it, since the user has not asked for the trace.
        known: the values of tensor arguments that are built into the graph, by their places.
        autograph: whether the user's functions may be converted.
    """

    def __init__(
        self,
        python_function: Callable[..., Any],
        name: str,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        first: bool,
        quiet: bool = False,
        known: Mapping[int, np.ndarray] = MappingProxyType({}),
        autograph: bool = True,
    ) -> None:
        self.name = name
        self.quiet = quiet
        names = argument_names(python_function, len(args))
        self.structured_input_signature = (
            tuple(_specs(value, name) for value, name in zip(args, names, strict=True)),
            {name: _specs(value, name) for name, value in kwargs.items()},
        )

        def run(trace: Trace) -> Trace:
            function = converted(python_function) if trace.converts else python_function
            self.graph, self.structure = trace_function(trace, function, args, kwargs, known, names)
            return trace

        if autograph:
            trace = traced(
                lambda: Trace(name, may_create_variables=first), run, has_branches(python_function)
            )
        else:
            trace = run(Trace(name, may_create_variables=first))
        self.captured = trace.captured
        self.uses_random = trace.uses_random
        self.seed_version = random_state.STATE.version
        self.variables = self.graph.variables()
        self._compiled: Executable | None = None
        self._updated = [variable for variable, _ in self.graph.updates]
        self.buffers = buffers_of(self.variables, self._updated)
        self._pack = _packer(self.structure)
        self._returns_one_tensor = self.structure is LEAF
        self._backward: dict[tuple[bool, ...], Backward] = {}
        for watcher in () if quiet else WATCHERS:
            watcher(self)

    @property
    def structured_outputs(self) -> Any:
        """The specs of the results, in the structure of the function's result."""
        return pack_outputs(
            self.structure, [TensorSpec(node.shape, node.dtype) for node in self.graph.outputs]
        )

    @property
    def inputs(self) -> list[TensorSpec]:
        """The specs of the tensor arguments."""
        return [TensorSpec(node.shape, node.dtype) for node in self.graph.inputs]

    @property
    def outputs(self) -> list[TensorSpec]:
        """The specs of the results, without their structure."""
        return [TensorSpec(node.shape, node.dtype) for node in self.graph.outputs]

    @property
    def output_shapes(self) -> Any:
        """The shapes of the results, in the structure of the function's result."""
        return pack_outputs(self.structure, [one.shape for one in self.outputs])

    @property
    def output_dtypes(self) -> Any:
        """The dtypes of the results, in the structure of the function's result."""
        return pack_outputs(self.structure, [one.dtype for one in self.outputs])

    @cached_property
    def bytes(self) -> int:
        """The most memory that the values of a run take, in bytes; programs keep it, in part, between runs."""
        return sum(node.spec.size * node.dtype.size for node in self.graph.nodes() if node.kind == APPLY)

    def executable(self) -> Executable:
        """The compiled graph; compiled when it is first needed."""
        if self._compiled is None:
            self._compiled = compile_graph(self.graph, self.name, self.quiet)
        return self._compiled

    def call(self, leaves: Sequence[np.ndarray]) -> Any:
        """Runs one step on the arrays of the tensor arguments."""
        if self._updated:
            keep_values(self._updated)
        arrays = (self._compiled or self.executable()).run(leaves, self.buffers)
        if self._returns_one_tensor:
            return EagerTensor(arrays[0])
        return self._pack([EagerTensor(array) for array in arrays])

    def call_recorded(self, leaves: Sequence[np.ndarray], tensors: Sequence[Any]) -> Any:
        """Like `call`, and records the call on the active tapes."""
        inputs = [EAGER.convert(tensor) for tensor in tensors]
        values = [variable.read_variable(EAGER) for variable in self.variables]
        keep_values(self._updated)
        outputs = [EagerTensor(array) for array in self.executable().run(leaves, self.buffers)]
        active_tapes.record_call(
            EAGER, RecordedCall(self, [*inputs, *values, *self.captured.values()], outputs)
        )
        return self._pack(outputs)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Calls the compiled graph with tensors for the tensor arguments."""
        given = [
            EAGER.convert(value) for value in flatten([*args, *kwargs.values()]) if is_tensor_argument(value)
        ]
        if len(given) != len(self.graph.inputs):
            raise TensorletError(
                f"'{self.name}' takes {len(self.graph.inputs)} tensors, but got {len(given)}."
            )
        for position, (tensor, node) in enumerate(zip(given, self.graph.inputs, strict=True)):
            if tensor.spec != node.spec:
                raise TensorletError(
                    f"'{self.name}' was compiled for {node.spec} as argument {position}, but got {tensor.spec}."
                )
        return self.call_recorded([array_of(tensor) for tensor in given], given)

    def backward(self, has_upstream: tuple[bool, ...]) -> Backward:
        """The compiled gradient of the outputs that have an upstream gradient."""
        found = self._backward.get(has_upstream)
        if found is None:
            found = self._backward[has_upstream] = Backward(self, has_upstream)
        return found


class RecordedCall:
    """A call of a traced function, as tapes record it."""

    __slots__ = ("concrete", "inputs", "outputs")

    def __init__(self, concrete: Concrete, inputs: list[Any], outputs: list[Any]) -> None:
        self.concrete = concrete
        self.inputs = inputs
        self.outputs = tuple(outputs)

    def pull_back(self, upstream: Sequence[Any]) -> list[Any]:
        """The gradients of the inputs, computed by a compiled function of their own."""
        backward = self.concrete.backward(tuple(gradient is not None for gradient in upstream))
        return backward(self.inputs, [gradient for gradient in upstream if gradient is not None])


class Backward:
    """The gradient of a traced call: the call's graph again, then its derivative.

    It recomputes the forward values instead of keeping them between the two calls.
    Under a recording tape its operations run one by one, so that they can be
    differentiated again.
    """

    def __init__(self, concrete: Concrete, has_upstream: tuple[bool, ...]) -> None:
        self._graph = concrete.graph
        self._quiet = concrete.quiet
        self._has_upstream = has_upstream
        by_variable = {id(node.value): node for node in self._graph.nodes() if node.kind == VARIABLE}
        variables = [by_variable.get(id(variable)) for variable in concrete.variables]
        captured = [node for node in self._graph.nodes() if id(node) in concrete.captured]
        by_id = {id(node): node for node in captured}
        self._leaves = [*self._graph.inputs, *variables, *(by_id.get(key) for key in concrete.captured)]
        self._executable: Executable | None = None
        self._flows: list[int] = []
        self._name = f"gradient of {concrete.name}"

    def __call__(self, inputs: Sequence[Any], upstream: Sequence[Any]) -> list[Any]:
        if active_tapes.recording():
            return self._differentiate(inputs, upstream)
        if self._executable is None:
            self._compile(inputs, upstream)
        arrays = [np.asarray(array_of(tensor), order="C") for tensor in [*inputs, *upstream]]
        found = dict(zip(self._flows, self._executable.run(arrays, []), strict=True))  # type: ignore[union-attr]
        return [EagerTensor(found[i]) if i in found else None for i in range(len(inputs))]

    def _compile(self, inputs: Sequence[Any], upstream: Sequence[Any]) -> None:
        trace = Trace(self._name)
        with interpreting(trace):
            stand_ins = [trace.add_input(tensor.spec) for tensor in inputs]
            weights = [trace.add_input(tensor.spec) for tensor in upstream]
            gradients = self._differentiate(stand_ins, weights)
        self._flows = [index for index, gradient in enumerate(gradients) if gradient is not None]
        graph = trace.graph([gradients[index] for index in self._flows])
        self._executable = compile_graph(graph, self._name, self._quiet)

    def _differentiate(self, inputs: Sequence[Any], upstream: Sequence[Any]) -> list[Any]:
        given = {
            id(node): tensor for node, tensor in zip(self._leaves, inputs, strict=True) if node is not None
        }
        with GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(list(inputs))
            outputs = replay(self._graph, given)
        wanted = [output for output, has in zip(outputs, self._has_upstream, strict=True) if has]
        return list(tape.gradient(wanted, list(inputs), list(upstream)))


#: The structure of a function that returns one tensor.
LEAF = object()


def trace_function(
    trace: Trace,
    python_function: Callable[..., Any],
    args: Sequence[Any],
    kwargs: dict[str, Any],
    known: Mapping[int, np.ndarray] = MappingProxyType({}),
    names: Sequence[str] = (),
) -> tuple[Graph, Any]:
    """Traces a call: the graph, and the structure of its outputs."""
    names = names or ["input"] * len(args)
    with interpreting(trace):
        result = python_function(
            *[_symbolic(trace, value, name, known) for value, name in zip(args, names, strict=True)],
            **{name: _symbolic(trace, kwargs[name], name, known) for name in sorted(kwargs)},
        )
        outputs, structure = unpack_outputs(result)
    return trace.graph(outputs), structure


def argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """The names of positional arguments, as the function has them."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return ["input"] * count
    names = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)][
        :count
    ]
    more = next((one.name for one in parameters if one.kind is one.VAR_POSITIONAL), "input")
    return [*names, *[more] * (count - len(names))]


def _specs(value: object, name: str) -> Any:
    """An argument with specs in the places of its tensors."""
    if isinstance(value, list | tuple | dict):
        return pack_like(value, [_specs(leaf, name) for leaf in flatten(value)])
    if not is_tensor_argument(value):
        return value
    spec = EAGER.convert(value).spec
    return TensorSpec(spec.shape, spec.dtype, name)


def _symbolic(trace: Trace, value: object, name: str, known: Mapping[int, np.ndarray]) -> Any:
    if isinstance(value, list | tuple | dict):
        leaves = [_symbolic(trace, leaf, name, known) for leaf in flatten(value)]
        return pack_like(value, leaves)
    if not is_tensor_argument(value):
        return value
    tensor = EAGER.convert(value)
    position = len(trace.inputs)
    stand_in = trace.add_input(Spec(tensor.spec.shape, tensor.spec.dtype), name)
    return trace.convert(np.array(known[position])) if position in known else stand_in


def unpack_outputs(result: object) -> tuple[list[Any], Any]:
    """The tensors of a result, and its structure, in which positions replace the tensors."""
    if isinstance(result, Operators | np.ndarray | np.generic) and not _is_text(result):
        return [_output(result)], LEAF
    tensors: list[Any] = []

    def place(leaf: object) -> Any:
        if leaf is None:
            return leaf
        if _is_text(leaf):
            return EAGER.convert(leaf)  # not part of the compiled function
        tensors.append(_output(leaf))
        return _Position(len(tensors) - 1)

    structure = pack_like(result, [place(leaf) for leaf in flatten(result)])
    return tensors, structure


def _is_text(value: object) -> bool:
    return isinstance(value, str | bytes) or (isinstance(value, EagerTensor) and value.dtype is string)


def _output(value: object) -> Any:
    try:
        return interpreter().convert(value)
    except TensorletError as error:
        if isinstance(error, TracingError):
            raise
        raise TracingError(
            f"A tf.function returned a value of type {type(value).__name__}. Expected tensors, numbers, None, or "
            f"lists, tuples and dictionaries of them. ({error})"
        ) from None


class _Position(int):
    """The position of an output tensor, in the structure of the outputs."""


def pack_outputs(structure: object, tensors: Sequence[Any]) -> Any:
    """The result of a call, in the structure of the function's result."""
    if structure is LEAF:
        return tensors[0]
    if structure is None:
        return None
    leaves = [tensors[leaf] if isinstance(leaf, _Position) else leaf for leaf in flatten(structure)]
    return pack_like(structure, leaves)


def _packer(structure: Any) -> Callable[[Sequence[Any]], Any]:
    """`pack_outputs` for a structure, without looking at it again in each call."""
    kind = type(structure)
    if structure is LEAF or kind is _Position:
        return itemgetter(0 if structure is LEAF else int(structure))
    if kind is dict:
        named = [(name, _packer(part)) for name, part in structure.items()]
        return lambda tensors: {name: pack(tensors) for name, pack in named}
    if kind is list or kind is tuple:
        parts = [_packer(part) for part in structure]
        return lambda tensors: kind([pack(tensors) for pack in parts])
    return partial(pack_outputs, structure)
