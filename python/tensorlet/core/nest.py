"""Nested lists, tuples and dictionaries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable


def flatten(structure: object) -> list[Any]:
    """The leaves of a structure, in order; dictionaries by sorted key. Anything else is a leaf.

    >>> flatten({"b": [1, 2], "a": (3,)})
    [3, 1, 2]
    """
    if isinstance(structure, dict):
        return [leaf for key in sorted(structure) for leaf in flatten(structure[key])]
    if isinstance(structure, list | tuple):
        return [leaf for item in structure for leaf in flatten(item)]
    return [structure]


def pack_like(structure: object, leaves: Iterable[Any]) -> Any:
    """The structure with other leaves.

    >>> pack_like({"b": [1, 2], "a": (3,)}, ["x", "y", "z"])
    {'b': ['y', 'z'], 'a': ('x',)}
    """
    return _pack(structure, iter(leaves))


def _pack(structure: object, leaves: Iterator[Any]) -> Any:
    if isinstance(structure, dict):
        packed = {key: _pack(structure[key], leaves) for key in sorted(structure)}
        return {key: packed[key] for key in structure}
    if isinstance(structure, tuple) and hasattr(structure, "_fields"):
        return type(structure)(*(_pack(item, leaves) for item in structure))
    if isinstance(structure, list | tuple):
        return type(structure)(_pack(item, leaves) for item in structure)
    return next(leaves)


def map_structure(function: Callable[..., Any], *structures: Any) -> Any:
    """Applies a function to the leaves of one or several structures; returns a structure of the results."""
    leaves = [flatten(structure) for structure in structures]
    return pack_like(structures[0], [function(*group) for group in zip(*leaves, strict=True)])


class Composite:
    """A value that is made of tensors, such as a `tf.TensorArray`: branches and loops take it apart."""

    __slots__ = ()

    def leaves(self) -> list[Any]:
        """The tensors, and what else it is made of."""
        raise NotImplementedError

    def with_leaves(self, leaves: list[Any]) -> Any:
        """The same, of other tensors."""
        raise NotImplementedError
