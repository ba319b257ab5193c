"""The functions of ``tf.saved_model``: how traced graphs are described, and how they are called after loading."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.api.saved_rows import Described, at_rows, for_any_rows, rows_that_fit
from tensorlet.checkpoint.saved_graph import described, rebuilt
from tensorlet.core.concrete_function import Concrete, pack_outputs, unpack_outputs
from tensorlet.core.nest import flatten
from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.core.tracing import replay
from tensorlet.core.variable import Variable
from tensorlet.dtypes import as_dtype
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.graph import ir
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import AnyTensor, Nested


def describe_concrete(
    concrete: Concrete, variables: list[Variable], name: str, arrays: dict[str, np.ndarray]
) -> dict[str, Any]:
    """A traced function as values for JSON; see `tensorlet.checkpoint.saved_graph.described`."""
    positions = pack_outputs(concrete.structure, list(range(len(concrete.graph.outputs))))
    _, structure = unpack_outputs(positions)
    return {**described(concrete.graph, variables, name, arrays), "structure": structure}


def describe_open(
    function: Callable[..., Any],
    specs: Sequence[TensorSpec],
    variables: list[Variable],
    name: str,
    arrays: dict[str, np.ndarray],
) -> dict[str, Any]:
    """A function of tensors with any number of rows as values for JSON.

    Args:
        function: takes a tensor for each spec.
        specs: the lengths that are None are the number of rows.
        variables: all variables of the object.
        name: of the function.
        arrays: takes the constants, by name.

    Raises:
        InvalidArgumentError: if the computation is another one for another number of rows, or cannot be saved.
    """

    def at(rows: int) -> Described:
        shapes = [[rows if length is None else length for length in spec.shape] for spec in specs]
        stand_ins = [
            EagerTensor(np.zeros(shape, spec.dtype.numpy)) for shape, spec in zip(shapes, specs, strict=True)
        ]
        found: dict[str, np.ndarray] = {}
        concrete = Concrete(function, name, stand_ins, {}, first=False, quiet=True)
        return describe_concrete(concrete, variables, name, found), found

    saved, found = for_any_rows(at)
    arrays.update(found)
    return {**saved, "any_rows": True}


class LoadedFunction:
    """A saved function: it takes tensors of the shapes that it was traced for.

    Args:
        name: of the function.
        saved: descriptions of its graphs, one for each signature.
        variables: of the object.
        arrays: the constants of the graphs.
        casts: whether arguments are cast to the dtypes of the graph.
    """

    def __init__(
        self,
        name: str,
        saved: list[dict[str, Any]],
        variables: list[Variable],
        arrays: Any,
        casts: bool = False,
    ) -> None:
        self.__name__ = name
        self._saved, self._variables, self._arrays, self._casts = saved, variables, arrays, casts
        self._graphs: dict[tuple[int, int], ir.Graph] = {}
        for place, one in enumerate(saved):  # damaged files are refused when they are loaded
            self._graph(place, rows_that_fit(*_probe(one)) or 0)

    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments of its first graph: by position, and by name."""
        entry = self._saved[0]
        specs = [_spec(entry["nodes"][number]) for number in entry["inputs"]]
        if "names" in entry:
            return (), dict(zip(entry["names"], specs, strict=True))
        return tuple(specs), {}

    @property
    def structured_outputs(self) -> Any:
        """The specs of the results of its first graph."""
        entry = self._saved[0]
        return _packed(entry["structure"], [_spec(entry["nodes"][number]) for number in entry["outputs"]])

    def __call__(self, *args: Nested[AnyTensor], **kwargs: Nested[AnyTensor]) -> Any:
        """The result for some tensors.

        Raises:
            ShapeError: for arguments that it was not saved for.
        """
        for flat in (list(args), flatten(list(args))):  # a list is one tensor, or several
            for place, entry in enumerate(self._saved):
                given = _arguments(entry, flat, kwargs)
                if given is None:
                    continue
                nodes = [entry["nodes"][number] for number in entry["inputs"]]
                tensors = [self._tensor(one, node) for one, node in zip(given, nodes, strict=True)]
                if any(t.dtype.name != node["dtype"] for t, node in zip(tensors, nodes, strict=True)):
                    continue
                rows = rows_that_fit(
                    [node["shape"] for node in nodes], [tuple(t.spec.shape) for t in tensors]
                )
                if rows is not None:
                    return _run(self._graph(place, rows), entry["structure"], tensors)
        raise self._refusal(args, kwargs)

    def _tensor(self, value: object, node: dict[str, Any]) -> Any:
        wanted = as_dtype(node["dtype"])
        if not hasattr(value, "dtype"):
            return convert(value, wanted)
        tensor = convert(value)
        if self._casts and tensor.dtype is not wanted:
            return convert(np.asarray(tensor).astype(wanted.numpy))
        return tensor

    def _graph(self, place: int, rows: int) -> ir.Graph:
        entry = self._saved[place]
        key = place, rows if entry.get("any_rows") else 0
        if key not in self._graphs:
            saved, arrays = at_rows(entry, self._arrays, rows) if key[1] else (entry, self._arrays)
            self._graphs[key] = rebuilt(saved, self._variables, arrays)
        return self._graphs[key]

    def _refusal(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Exception:
        names = [name for entry in self._saved for name in entry.get("names", ())]
        unknown = [name for name in kwargs if names and name not in names]
        if unknown:
            return InvalidArgumentError(
                f"The saved function '{self.__name__}' has no argument {unknown[0]!r}. Expected: {', '.join(names)}."
            )
        takes = " or ".join(
            ", ".join(_shown(entry["nodes"][number]) for number in entry["inputs"]) for entry in self._saved
        )
        shown = ", ".join(str(convert(one).spec) for one in [*args, *kwargs.values()])
        return ShapeError(f"The saved function '{self.__name__}' takes {takes}, but got {shown}.")


class Signature:
    """A saved function as a signature: its result is a dictionary of tensors."""

    def __init__(self, function: Any) -> None:
        self._function = function
        self.__name__ = function.__name__

    @property
    def structured_input_signature(self) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments: by position, and by name."""
        found: tuple[tuple[Any, ...], dict[str, Any]] = self._function.structured_input_signature
        return found

    @property
    def structured_outputs(self) -> dict[str, Any]:
        """The specs of the results."""
        return _named(self._function.structured_outputs)

    def __call__(self, *args: Nested[AnyTensor], **kwargs: Nested[AnyTensor]) -> dict[str, Any]:
        """The results by name; a result without one is ``output_0`` and so on."""
        return _named(self._function(*args, **kwargs))


def _named(result: object) -> dict[str, Any]:
    if isinstance(result, dict):
        return result
    return {f"output_{number}": one for number, one in enumerate(flatten(result))}


def _arguments(entry: dict[str, Any], args: list[Any], kwargs: dict[str, Any]) -> list[Any] | None:
    """The tensor arguments in order; None if they are not those of a graph."""
    given, names = list(args), entry.get("names", ())
    if kwargs and names:
        rest = names[len(given) :]
        if set(rest) != set(kwargs):
            return None
        given += [kwargs[name] for name in rest]
    else:
        given += flatten(list(kwargs.values()))
    return given if len(given) == len(entry["inputs"]) else None


def _probe(entry: dict[str, Any]) -> tuple[list[list[Any]], list[tuple[int, ...]]]:
    """The shapes of the inputs, and those for two rows."""
    patterns = [entry["nodes"][number]["shape"] for number in entry["inputs"]]
    return patterns, [tuple(2 if isinstance(one, dict) else one for one in shape) for shape in patterns]


def _spec(node: dict[str, Any]) -> TensorSpec:
    return TensorSpec([None if isinstance(one, dict) else one for one in node["shape"]], node["dtype"])


def _shown(node: dict[str, Any]) -> str:
    lengths = ", ".join("rows" if isinstance(one, dict) else str(one) for one in node["shape"])
    return f"{node['dtype']}[{lengths}]"


def _run(graph: ir.Graph, structure: Any, tensors: list[Any]) -> Any:
    values = {id(node): tensor for node, tensor in zip(graph.inputs, tensors, strict=True)}
    for node in graph.nodes():
        if node.kind == ir.VARIABLE:
            values[id(node)] = convert(node.value)
    whole = ir.Graph(graph.inputs, [*graph.outputs, *(node for _, node in graph.updates)])
    found = replay(whole, values)
    for (variable, _), value in zip(graph.updates, found[len(graph.outputs) :], strict=True):
        variable.assign(value)
    return _packed(structure, found)


def _packed(structure: object, tensors: list[Any]) -> Any:
    if isinstance(structure, dict):
        return {key: _packed(one, tensors) for key, one in structure.items()}
    if isinstance(structure, list):
        return [_packed(one, tensors) for one in structure]
    return tensors[structure] if isinstance(structure, int) else structure
