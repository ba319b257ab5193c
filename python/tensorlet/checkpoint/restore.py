"""Restoring: walks through the objects and the graph in the file in parallel, from the root, by names of children.

A layer may not have weights yet, nor an optimizer slots: their arrays wait here, and `resume`, which is called
where such variables are created, continues the walk. Waiting arrays are discarded together with the objects
that they belong to.
"""

from __future__ import annotations

import weakref
from typing import Any

import numpy as np

from tensorlet.checkpoint.object_graph import (
    GRAPH_KEY,
    VALUE,
    FileNode,
    Placeholder,
    WholeList,
    children_in,
    collect,
    parse,
)
from tensorlet.checkpoint.pending import WAITING
from tensorlet.core import active_tapes
from tensorlet.core.eager import EAGER
from tensorlet.core.variable import Variable
from tensorlet.errors import DTypeError, FileFormatError, ShapeError, TensorletError
from tensorlet.formats.tensor_bundle import BundleReader
from tensorlet.ops.registry import interpreting


class NotRestoredError(TensorletError, AssertionError):
    """Something that should have been restored was not."""


class Restoration:
    """A checkpoint that is being restored.

    Args:
        reader: the checkpoint; arrays without a variable are read and kept, so that the files may be deleted.
        root: the object that corresponds to the saved root.

    Raises:
        FileFormatError: if the checkpoint is damaged, or has no object graph.
        ShapeError, DTypeError: if an array does not match its variable; no variable is changed in that case.
    """

    def __init__(self, reader: BundleReader, root: object) -> None:
        if GRAPH_KEY not in reader:
            raise FileFormatError(
                f"{reader.prefix}: this checkpoint has no object graph: it was written by TensorFlow 1 "
                "(tf.compat.v1.train.Saver), whose variables only have names. Read them one by one: "
                f"tf.train.load_variable('{reader.prefix}', name); tf.train.list_variables lists the names."
            )
        data = reader.read(GRAPH_KEY)
        if not isinstance(data, bytes):
            raise FileFormatError(f"{reader.prefix}: the object graph is an array. The file is corrupted.")
        self.prefix = reader.prefix
        self._reader: BundleReader | None = reader
        self._kept: dict[str, Any] = {}
        self.nodes: list[FileNode] = parse(data, f"{reader.prefix}.index")
        #: Maps the index of a node to the object that it was restored to (None if it has been deleted).
        self._bound: dict[int, weakref.ref[Any]] = {}
        #: Indices of nodes whose array has been restored, and the ids of the variables that received them.
        self.done: set[int] = set()
        self._restored: dict[int, weakref.ref[Variable]] = {}
        self.resume([(root, 0)])
        self._keep_what_waits()

    @property
    def is_complete(self) -> bool:
        """Whether every array of the file has been restored."""
        return all(number in self.done for number, node in enumerate(self.nodes) if VALUE in node.keys)

    def _keep_what_waits(self) -> None:
        """Reads the arrays that have no variable yet."""
        assert self._reader is not None
        for number, node in enumerate(self.nodes):
            if VALUE in node.keys and number not in self.done:
                key = node.keys[VALUE][1]
                self._kept[key] = self._reader.read(key)
        self._reader = None

    def is_alive(self) -> bool:
        """Whether any object exists that could still receive an array."""
        return any(reference() is not None for reference in self._bound.values())

    def resume(self, starts: list[tuple[Any, int]] | None = None) -> None:
        """Continues the walk from known objects to those that have been created since."""
        if starts is None:
            found = ((reference(), number) for number, reference in self._bound.items())
            starts = [(value, number) for value, number in found if value is not None]
        with active_tapes.paused(), interpreting(EAGER):  # a layer may be built inside a trace
            matches = self._matches(starts)
            arrays = [self._fitting(variable, self._value(key), key) for variable, key, _ in matches]
            for (variable, _, number), array in zip(matches, arrays, strict=True):
                EAGER.assign_variable(variable, EAGER.convert(array))
                self.done.add(number)
                self._restored[id(variable)] = weakref.ref(variable)

    def has_restored(self, variable: Variable) -> bool:
        """Whether the variable has been restored."""
        reference = self._restored.get(id(variable))
        return reference is not None and reference() is variable

    def _matches(self, starts: list[tuple[Any, int]]) -> list[tuple[Variable, str, int]]:
        """Returns variables that have not been restored, each with the key of its array and the index of its node."""
        matches: list[tuple[Variable, str, int]] = []
        reached: dict[int, Any] = {}  # also keeps temporary lists alive
        stack = list(reversed(starts))
        while stack:
            value, number = stack.pop()
            if number in reached or not self._may_bind(value, number):
                continue
            reached[number] = value
            node = self.nodes[number]
            if isinstance(value, Variable):
                if VALUE in node.keys and number not in self.done:
                    matches.append((value, node.keys[VALUE][1], number))
                continue
            if isinstance(value, WholeList) and len(value) != len(node.children):
                continue
            pairs = children_in(value, node.children)
            stack += [(part, node.children[name]) for name, part in reversed(pairs)]
        return [*matches, *self._slot_matches(reached)]

    def _slot_matches(self, reached: dict[int, Any]) -> list[tuple[Variable, str, int]]:
        """Returns the slots of optimizers of TensorFlow 2.10 and earlier."""
        matches = []
        for number, optimizer in list(reached.items()):
            find = getattr(optimizer, "_tracked_slot", None)
            for original, name, slot in self.nodes[number].slots if find else ():
                variable = reached.get(original)
                found = find(variable, name) if isinstance(variable, Variable) and find else None
                key = self.nodes[slot].keys.get(VALUE)
                if found is not None and key is not None and slot not in self.done:
                    matches.append((found, key[1], slot))
        return matches

    def _may_bind(self, value: object, number: int) -> bool:
        """Whether a node belongs to this object: the first one found, as long as there is something to restore."""
        try:
            reference = weakref.ref(value)
        except TypeError:  # lists and dictionaries: their owner is known
            return True
        bound = self._bound.setdefault(number, reference)
        return bound() is value

    def _value(self, key: str) -> Any:
        return self._reader.read(key) if self._reader is not None else self._kept[key]

    def _fitting(self, variable: Variable, array: np.ndarray | bytes, key: str) -> np.ndarray:
        where = f"{self.prefix}: '{key}'"
        if isinstance(array, bytes) or array.dtype == object:
            raise DTypeError(
                f"{where} is a string, and the variable '{variable.label}' is {variable.dtype.name}."
            )
        if array.shape != tuple(variable.shape):
            raise ShapeError(
                f"{where} has shape {array.shape}, but the variable '{variable.label}' has shape "
                f"{tuple(variable.shape)}. Restore into an object created with the same sizes as the saved one."
            )
        if array.dtype != variable.dtype.numpy:
            raise DTypeError(
                f"{where} is {array.dtype.name}, but the variable '{variable.label}' is {variable.dtype.name}. Create "
                f"the variable with dtype=tf.{array.dtype.name}, or cast the output of tf.train.load_variable."
            )
        return array


def restore(reader: BundleReader, root: object) -> RestoreStatus:
    """Restores what can be restored; the rest waits until its variables are created."""
    restoration = Restoration(reader, root)
    if not restoration.is_complete:
        WAITING.append(restoration)
    return RestoreStatus(restoration, root)


class RestoreStatus:
    """The result of `tf.train.Checkpoint.restore`, which reports what was restored."""

    #: Children of a root that only `tf.train.Checkpoint` itself uses.
    _own = frozenset({"save_counter"})

    def __init__(self, restoration: Restoration, root: object) -> None:
        self._restoration = restoration
        self._root = root

    def assert_consumed(self) -> RestoreStatus:
        """Checks that every array of the checkpoint and every variable has been restored.

        Raises:
            NotRestoredError: (an `AssertionError`) if not; it names the others.
        """
        self.assert_existing_objects_matched()
        nodes = self._restoration.nodes
        own = {number for name, number in nodes[0].children.items() if name in self._own}
        left = [
            node.keys[VALUE][1]
            for number, node in enumerate(nodes)
            if VALUE in node.keys and number not in self._restoration.done and number not in own
        ]
        if left:
            raise NotRestoredError(
                f"{self._restoration.prefix}: {len(left)} arrays of the checkpoint have no variable (yet): "
                f"{_some(left)}. Layers have weights once they are built, optimizers have slots after their first "
                "step; if the other arrays are not needed, call expect_partial()."
            )
        return self

    def assert_existing_objects_matched(self) -> RestoreStatus:
        """Checks that every existing variable has been restored; the checkpoint may contain more arrays.

        Raises:
            NotRestoredError: (an `AssertionError`) if not; it names the other variables.
        """
        self._restoration.resume()
        missing = [
            f"{'/'.join(node.path)} ({node.value.name})"
            for node in collect(self._root)
            if isinstance(node.value, Variable)
            and not isinstance(node.value, Placeholder)
            and not self._restoration.has_restored(node.value)
            and not (len(node.path) == 1 and node.path[0] in self._own)
        ]
        if missing:
            raise NotRestoredError(
                f"{self._restoration.prefix}: the checkpoint has nothing for {len(missing)} variables: "
                f"{_some(missing)}. They did not exist when it was saved, or had other names."
            )
        return self

    def assert_nontrivial_match(self) -> RestoreStatus:
        """Checks that something was restored.

        Raises:
            NotRestoredError: (an `AssertionError`) if the checkpoint and the objects have nothing in common.
        """
        if not self._restoration.done:
            names = _some(list(self._restoration.nodes[0].children))
            raise NotRestoredError(
                f"{self._restoration.prefix}: nothing was restored. The children of its root are: {names}."
            )
        return self

    def expect_partial(self) -> RestoreStatus:
        """Declares that the checkpoint may contain more arrays than needed."""
        return self

    def initialize_or_restore(self, session: object = None) -> None:
        """Does nothing, because variables are always initialized."""

    def run_restore_ops(self, session: object = None) -> None:
        """Does nothing, because values are restored immediately."""


def _some(names: list[str], most: int = 6) -> str:
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
