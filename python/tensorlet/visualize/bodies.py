"""The graphs inside of nodes: branches of `tf.cond`, conditions and rounds of loops, as computations of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from tensorlet.graph import ir
from tensorlet.localization import translate as _
from tensorlet.visualize.computation import Computation, add_values, names_of
from tensorlet.visualize.written import as_written


def bodies(computation: Computation) -> list[Computation]:
    """Returns the computations inside of the nodes of a computation; their names are the titles of their drawings.

    Their inputs have the names of the values outside. The branch of a `tf.cond` that runs has values if its inputs do.
    """
    found = []
    for node in computation.graph.nodes():
        for title, graph, outside, runs in _parts(node, computation):
            inner, made = as_written(graph) if computation.undone else (graph, {})
            names = {
                id(made.get(id(one), one)): other if isinstance(other, str) else computation.names[id(other)]
                for one, other in zip(graph.inputs, outside, strict=True)
            }
            known = set(computation.names.values())
            part = Computation(title, inner, names_of("result", inner, names, {}, set(), known))
            part.undone = computation.undone
            values = [computation.values.get(id(other)) for other in outside]
            known_values = [value for value in values if value is not None]
            if runs and len(known_values) == len(values):
                add_values(part, known_values)
            found.append(part)
    return found


#: The title of a body, its graph, the node outside that each of its inputs stands for (or the name of a value of its
#: own), and whether it runs once with these.
_Part = tuple[str, ir.Graph, list[ir.Node | str], bool]


def _parts(node: ir.Node, computation: Computation) -> Iterator[_Part]:
    operation: Any = node.operation
    graphs: Sequence[ir.Graph] = getattr(operation, "graphs", ())
    if not graphs:
        return
    name = computation.names[id(node)]
    if len(graphs) == 2 and operation.name == "cond":
        condition, *taken = node.inputs
        first = len(graphs[0].inputs)
        chosen = computation.values.get(id(condition))
        for graph, outside, answer in (
            (graphs[0], taken[:first], True),
            (graphs[1], taken[first:], False),
        ):
            title = _("{name} if {condition} is {answer}").format(
                name=name, condition=computation.names[id(condition)], answer=answer
            )
            yield title, graph, list(outside), chosen is not None and bool(chosen) is answer
        return
    titles = [_("The condition of {name}").format(name=name), _("One round of {name}").format(name=name)]
    titles = titles[-len(graphs) :]
    own = _names_of_states(operation)
    first = len(own)
    for title, graph in zip(titles, graphs, strict=True):
        fixed = len(graph.inputs) - len(own)
        yield title, graph, [*own, *node.inputs[first : first + fixed]], False
        first += fixed


def _names_of_states(operation: Any) -> list[str]:
    """Names for the inputs of a loop's graphs that change from round to round: states, and rows of stacked values."""
    layout = getattr(operation, "layout", None)
    states, rows = (operation.detail.count, 0) if layout is None else (layout.states, layout.rows)
    return [*_numbered("state", states), *_numbered("row", rows)]


def _numbered(name: str, count: int) -> list[str]:
    return [name] if count == 1 else [f"{name}{number}" for number in range(1, count + 1)]
