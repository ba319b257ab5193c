"""A cache of translated graphs: models with the same structure are translated once.

A search over hyperparameters builds the same small network again and again. The graphs differ only in their
variables, which a program receives when it runs. Therefore translations are cached by the structure of the graph.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, TypeAlias

import numpy as np

from tensorlet.dtypes import DType
from tensorlet.graph.ir import APPLY, CONSTANT, INPUT, VARIABLE, Graph, Node

#: The text of a program and the bytes of its constants.
Translation: TypeAlias = tuple[str, bytes]

#: The number of cached translations; the least recently used one is discarded first.
MOST_TRANSLATIONS = 128
#: Graphs with longer constants are not cached.
MOST_CONSTANT_BYTES = 1 << 14

_translations: OrderedDict[object, Translation] = OrderedDict()


def structure_of(graph: Graph, epoch: bool, steady: bool = False) -> object | None:
    """Returns a key for the translation of a graph; None if it cannot be cached.

    Args:
        graph: the step.
        epoch: whether it is translated for whole epochs.
        steady: whether rows must not depend on how many there are.
    """
    variables = graph.variables()
    positions = {id(variable): position for position, variable in enumerate(variables)}
    numbers: dict[int, int] = {}
    parts: list[object] = [epoch, steady]
    for node in [*graph.inputs, *graph.nodes()]:
        if id(node) in numbers:
            continue
        part = _part_of(node, numbers, positions)
        if part is None:
            return None
        numbers[id(node)] = len(numbers)
        parts.append(part)
    parts.append(tuple(numbers[id(node)] for node in graph.outputs))
    parts.append(tuple((positions[id(variable)], numbers[id(node)]) for variable, node in graph.updates))
    parts.append(tuple(_spec_of(variable) for variable in variables))
    return tuple(parts)


def known(structure: object | None) -> Translation | None:
    """Returns the cached translation for a structure, or None."""
    found = None if structure is None else _translations.get(structure)
    if found is not None:
        _translations.move_to_end(structure)
    return found


def keep(structure: object | None, translation: Translation) -> None:
    """Caches the translation for a structure."""
    if structure is not None:
        _translations[structure] = translation
        while len(_translations) > MOST_TRANSLATIONS:
            _translations.popitem(last=False)


def _part_of(node: Node, numbers: dict[int, int], positions: dict[int, int]) -> object | None:
    """Returns a node with numbers in place of other nodes and of variables."""
    if node.kind == APPLY:
        if getattr(node.operation, "graphs", ()):
            return _part_with_graphs(node, numbers)
        attributes = node.attributes
        if not all(_is_plain(value) for value in attributes.values()):
            return None
        inputs = tuple([numbers[id(other)] for other in node.inputs])
        return node.operation.name, inputs, _spec_of(node), repr(attributes) if attributes else "", node.name  # type: ignore[union-attr]
    if node.kind == INPUT:
        return INPUT, node.value, _spec_of(node)
    if node.kind == VARIABLE:
        return VARIABLE, positions[id(node.value)]
    values = np.asarray(node.value)
    return None if values.nbytes > MOST_CONSTANT_BYTES else (CONSTANT, values.tobytes(), _spec_of(node))


def _part_with_graphs(node: Node, numbers: dict[int, int]) -> object | None:
    """A loop or a choice: the structures of its graphs, and what else tells it from others."""
    operation: Any = node.operation
    graphs = tuple(structure_of(graph, epoch=False) for graph in operation.graphs)
    if None in graphs:
        return None
    inputs = tuple([numbers[id(other)] for other in node.inputs])
    return operation.name, inputs, graphs, operation.form, node.scope


def _spec_of(thing: object) -> tuple[tuple[int, ...], str]:
    spec = thing.spec  # type: ignore[attr-defined]
    return spec.shape, spec.dtype.name


def _is_plain(value: object) -> bool:
    """Whether `repr` distinguishes an attribute from every other one."""
    if isinstance(value, tuple | list):
        return all(_is_plain(item) for item in value)
    return value is None or isinstance(value, bool | int | float | str | np.integer | np.floating | DType)
