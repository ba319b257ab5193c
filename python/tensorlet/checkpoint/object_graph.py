"""The object graph: the parts of an object by name, and their representation in a checkpoint.

An object is part of the graph if it is a `Variable`, if its class has the method ``_tracked_children``, which
returns pairs of a name and a part, or if it is a list, tuple or dictionary of such objects. When a checkpoint is
restored, two more methods of a class are used if it has them: ``_tracked_in(names)`` returns the pairs for a file
with these names of children, as written by other versions of Keras, and ``_tracked_slot(variable, name)``
returns the array that an optimizer keeps for a variable.

In the file, the graph is a protocol buffer under the key `GRAPH_KEY`: a list of nodes, starting with the root. A
node has named children (indices of nodes), attributes (for a variable: the key of its array) and slots. The
key of an array is the shortest path from the root, with names joined by "/".

Source: TensorFlow, ``trackable_object_graph.proto`` (field numbers).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Any, NamedTuple

from tensorlet.core.variable import Variable
from tensorlet.errors import FileFormatError, InvalidArgumentError
from tensorlet.formats.protobuf import Message, Reader

GRAPH_KEY = "_CHECKPOINTABLE_OBJECT_GRAPH"
VALUE = "VARIABLE_VALUE"
#: The largest depth at which nested lists are searched.
DEEPEST = 32
#: The largest size in bytes: at twenty bytes per object, some hundred thousand objects.
LARGEST_GRAPH = 1 << 24


class Placeholder(Variable):
    """A variable that is created only for saving, for state that other programs store and its owner here does not."""

    __slots__ = ()


class WholeList(list[Any]):
    """A list that is restored only from a list of the same length, because its elements have no names."""


def is_trackable(value: object, depth: int = 0) -> bool:
    """Whether a checkpoint would save a part of this value."""
    if isinstance(value, Variable) or hasattr(type(value), "_tracked_children"):
        return True
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return any(isinstance(key, str) and is_trackable(item, depth + 1) for key, item in value.items())
    if isinstance(value, list | tuple):
        # Long lists of numbers are common attributes, and need not be searched.
        plain = bool(value) and isinstance(value[0], str | int | float)
        return not plain and any(is_trackable(item, depth + 1) for item in value)
    return False


def children(value: object) -> list[tuple[str, Any]]:
    """Returns the parts of an object that a checkpoint saves, by name."""
    if isinstance(value, Variable):
        return []
    own_children = (
        getattr(value, "_tracked_children", None) if hasattr(type(value), "_tracked_children") else None
    )
    if own_children is not None:
        pairs: Iterable[tuple[Any, Any]] = own_children()
    elif isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list | tuple):
        pairs = ((str(index), item) for index, item in enumerate(value))
    else:
        return []
    return [(name, part) for name, part in pairs if isinstance(name, str) and is_trackable(part)]


def children_in(value: object, names: Iterable[str]) -> list[tuple[str, Any]]:
    """Returns the parts of an object that correspond to these names of children in a file."""
    found = set(names)
    own_parts = getattr(value, "_tracked_in", None) if hasattr(type(value), "_tracked_in") else None
    pairs = children(value) if own_parts is None else own_parts(found)
    return [(name, part) for name, part in pairs if name in found and is_trackable(part)]


def attributes(owner: object, without: Iterable[str] = ()) -> list[tuple[str, Any]]:
    """Returns the attributes of an object that checkpoints save."""
    left_out = frozenset(without)
    return [(name, value) for name, value in vars(owner).items() if name not in left_out]


def parts_among_attributes(owner: object, without: Iterable[str] = ()) -> list[tuple[str, Any]]:
    """Returns the attributes of a Keras object that contain something to save.

    Private attributes of built-in classes are skipped, because other programs do not know them.
    """
    found = [pair for pair in attributes(owner, without) if is_trackable(pair[1])]
    if type(owner).__module__.startswith("tensorlet."):
        found = [(name, value) for name, value in found if not name.startswith("_")]
    return found


def require_trackable(what: str, name: str, value: object) -> None:
    """Checks that a checkpoint can save a part of the value.

    Raises:
        InvalidArgumentError: for numbers, arrays and the like.
    """
    if not is_trackable(value) and not (isinstance(value, list | tuple | dict) and not value):
        raise InvalidArgumentError(
            f"{what} got {name}={value!r} of type {type(value).__name__}, which contains no variables. Pass a "
            f"tf.Variable (for a number: tf.Variable({value if isinstance(value, int | float) else 0})), a layer, "
            "a model, an optimizer, a metric, a tf.Module, or a list or dictionary of these."
        )


# Writing.


class SavedNode(NamedTuple):
    """An object that is being saved."""

    value: Any
    path: tuple[str, ...]
    children: list[tuple[str, int]]


def collect(root: object) -> list[SavedNode]:
    """Returns all reachable objects in breadth-first order, so that each has the shortest path."""
    nodes = [SavedNode(root, (), [])]
    numbers = {id(root): 0}
    queue = deque([0])
    while queue:
        node = nodes[queue.popleft()]
        for name, part in children(node.value):
            number = numbers.get(id(part))
            if number is None:
                number = numbers[id(part)] = len(nodes)
                # The node keeps the part alive, so that its id stays unique.
                nodes.append(SavedNode(part, (*node.path, name), []))
                queue.append(number)
            node.children.append((name, number))
    return nodes


def key_of(path: tuple[str, ...]) -> str:
    """Returns the key of the array of a variable at a path; dots and slashes in names are escaped."""
    escaped = (name.replace(".", "..").replace("/", ".S") for name in path)
    return f"{'/'.join(escaped)}/.ATTRIBUTES/{VALUE}"


def tensors_of(root: object) -> dict[str, Any]:
    """Returns the content of a checkpoint of an object: arrays by key, and the graph."""
    nodes = collect(root)
    has_values = _with_values(nodes)
    tensors: dict[str, Any] = {}
    graph = Message()
    for number, node in enumerate(nodes):
        message = Message()
        for name, child in node.children:
            part = Message().varint(1, child) if child else Message()
            message.message(1, part.text(2, name))
        if isinstance(node.value, Variable):
            key = key_of(node.path)
            tensors[key] = node.value.numpy()
            full_name = getattr(node.value, "path", node.value.name).removesuffix(":0")
            message.message(2, Message().text(1, VALUE).text(2, full_name).text(3, key))
        flag = Message().varint(1, 1) if number in has_values else Message()
        graph.message(1, message.message(5, flag))
    tensors[GRAPH_KEY] = bytes(graph)
    return tensors


def _with_values(nodes: list[SavedNode]) -> set[int]:
    """Returns the indices of the nodes from which a variable can be reached."""
    parents: dict[int, list[int]] = {}
    for number, node in enumerate(nodes):
        for _, child in node.children:
            parents.setdefault(child, []).append(number)
    found = {number for number, node in enumerate(nodes) if isinstance(node.value, Variable)}
    stack = list(found)
    while stack:
        for parent in parents.get(stack.pop(), ()):
            if parent not in found:
                found.add(parent)
                stack.append(parent)
    return found


# Reading.


class FileNode(NamedTuple):
    """A node in a file.

    Attributes:
        children: name -> index of a node.
        keys: attribute -> (name of the variable, key of its array).
        slots: (index of the variable's node, name of the slot, index of the slot's node).
    """

    children: dict[str, int]
    keys: dict[str, tuple[str, str]]
    slots: list[tuple[int, str, int]]


def parse(data: bytes, name: str) -> list[FileNode]:
    """Returns the graph in a checkpoint.

    Raises:
        FileFormatError: if it is damaged.
    """
    if len(data) > LARGEST_GRAPH:
        raise FileFormatError(
            f"{name}: the object graph has {len(data):,} bytes, more than the limit of {LARGEST_GRAPH:,}."
        )
    messages = Reader(data, name).messages(1)
    count = len(messages)
    if not count:
        raise FileFormatError(f"{name}: the object graph is empty. The file is corrupted.")

    def checked(number: int) -> int:
        if number >= count:
            raise FileFormatError(
                f"{name}: the object graph refers to object {number} of {count}. The file is corrupted."
            )
        return number

    return [
        FileNode(
            {child.text(2): checked(child.integer(1)) for child in message.messages(1)},
            {one.text(1): (one.text(2), one.text(3)) for one in message.messages(2)},
            [
                (checked(slot.integer(1)), slot.text(2), checked(slot.integer(3)))
                for slot in message.messages(3)
            ],
        )
        for message in messages
    ]
