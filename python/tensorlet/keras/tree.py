"""`tf.keras.tree`: functions of nested lists, tuples and dictionaries, as in Keras 3.

Leaves are everything else, None among them. Dictionaries are read in the order of their sorted keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from tensorlet.core import nest
from tensorlet.errors import InvalidArgumentError


class MAP_TO_NONE:  # noqa: N801
    """What a function of `traverse` returns for a part that becomes None."""


def is_nested(structure: object) -> bool:
    """Whether a value is a list, tuple or dictionary.

    >>> import tensorlet as tf
    >>> tf.keras.tree.is_nested([1]), tf.keras.tree.is_nested("text")
    (True, False)
    """
    return isinstance(structure, list | tuple | dict)


def flatten(structure: object) -> list[Any]:
    """The leaves of a structure, in order.

    >>> import tensorlet as tf
    >>> tf.keras.tree.flatten({"b": 1, "a": [2, (3,)]})
    [2, 3, 1]
    """
    return nest.flatten(structure)


def flatten_with_path(structure: object) -> list[tuple[tuple[Any, ...], Any]]:
    """The leaves of a structure, each after the keys and positions that lead to it.

    >>> import tensorlet as tf
    >>> tf.keras.tree.flatten_with_path({"b": 1, "a": [2, (3,)]})
    [(('a', 0), 2), (('a', 1, 0), 3), (('b',), 1)]
    """
    return list(_with_path(structure, ()))


def _with_path(structure: object, path: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(structure, dict):
        parts: Iterable[tuple[Any, Any]] = ((key, structure[key]) for key in sorted(structure))
    elif isinstance(structure, list | tuple):
        parts = enumerate(structure)
    else:
        yield path, structure
        return
    for key, part in parts:
        yield from _with_path(part, (*path, key))


def map_structure(func: Callable[..., Any], *structures: Any, none_is_leaf: bool = True) -> Any:
    """Applies a function to the leaves of structures of one form.

    Args:
        func: takes one leaf of each structure.
        structures: of the same form.
        none_is_leaf: whether the function is called for None, too; otherwise None remains.

    Raises:
        ValueError: if the structures differ in form.

    >>> import tensorlet as tf
    >>> tf.keras.tree.map_structure(lambda one, other: one + other, [1, (2,)], [3, (4,)])
    [4, (6,)]
    """
    if not callable(func) or not structures:
        raise InvalidArgumentError(
            "tf.keras.tree.map_structure takes a function and at least one structure: map_structure(abs, [-1, 2])."
        )
    for other in structures[1:]:
        assert_same_structure(structures[0], other)

    def apply(*leaves: Any) -> Any:
        return None if not none_is_leaf and all(leaf is None for leaf in leaves) else func(*leaves)

    return nest.map_structure(apply, *structures)


def map_structure_up_to(shallow_structure: Any, func: Callable[..., Any], *structures: Any) -> Any:
    """Applies a function to the parts of structures that stand where a shallow structure has its leaves.

    >>> import tensorlet as tf
    >>> tf.keras.tree.map_structure_up_to([0, 0], len, [[1, 2], [3]])
    [2, 1]
    """
    groups = [_parts_up_to(shallow_structure, structure) for structure in structures]
    return nest.pack_like(shallow_structure, [func(*parts) for parts in zip(*groups, strict=True)])


def _parts_up_to(shallow: object, structure: Any) -> list[Any]:
    if not is_nested(shallow):
        return [structure]
    _check_level(shallow, structure, check_types=True)
    if isinstance(shallow, dict):
        pairs = [(shallow[key], structure[key]) for key in sorted(shallow)]
    else:
        pairs = list(zip(shallow, structure, strict=True))  # type: ignore[call-overload]  # nested: checked above
    return [found for one, other in pairs for found in _parts_up_to(one, other)]


def pack_sequence_as(structure: Any, flat_sequence: Iterable[Any]) -> Any:
    """A structure of the same form, with other leaves.

    Raises:
        ValueError: if the number of leaves differs.

    >>> import tensorlet as tf
    >>> tf.keras.tree.pack_sequence_as({"b": 0, "a": [0]}, [1, 2])
    {'b': 2, 'a': [1]}
    """
    leaves = list(flat_sequence)
    wanted = len(nest.flatten(structure))
    if len(leaves) != wanted:
        raise InvalidArgumentError(
            f"tf.keras.tree.pack_sequence_as: the structure has {wanted} leaves, but flat_sequence has {len(leaves)}."
        )
    return nest.pack_like(structure, leaves)


def lists_to_tuples(structure: Any) -> Any:
    """The structure with tuples in place of lists.

    >>> import tensorlet as tf
    >>> tf.keras.tree.lists_to_tuples([1, [2, {"a": [3]}]])
    (1, (2, {'a': (3,)}))
    """
    if isinstance(structure, dict):
        return {key: lists_to_tuples(value) for key, value in structure.items()}
    if isinstance(structure, list):
        return tuple(lists_to_tuples(value) for value in structure)
    if isinstance(structure, tuple):
        parts = [lists_to_tuples(value) for value in structure]
        return type(structure)(*parts) if hasattr(structure, "_fields") else tuple(parts)
    return structure


def map_shape_structure(func: Callable[[Any], Any], structure: Any) -> Any:
    """Applies a function to the shapes in a structure; a shape is a list or tuple of numbers and None.

    >>> import tensorlet as tf
    >>> tf.keras.tree.map_shape_structure(lambda shape: shape[1:], {"a": (None, 3), "b": [(None, 4, 5)]})
    {'a': (3,), 'b': [(4, 5)]}
    """
    if isinstance(structure, list | tuple) and all(one is None or isinstance(one, int) for one in structure):
        return func(tuple(structure))
    if isinstance(structure, dict):
        return {key: map_shape_structure(func, value) for key, value in structure.items()}
    if isinstance(structure, list | tuple):
        return type(structure)(map_shape_structure(func, value) for value in structure)
    raise InvalidArgumentError(
        f"tf.keras.tree.map_shape_structure: {structure!r} is no shape and no structure of shapes."
    )


def traverse(func: Callable[[Any], Any], structure: Any, top_down: bool = True) -> Any:
    """Goes through all parts of a structure and replaces those for which a function returns something.

    Args:
        func: takes a part and returns what replaces it, None to keep it, or `MAP_TO_NONE` for None.
        structure: a nested value.
        top_down: whether a part is given to the function before what is in it; a replaced part is not entered.

    >>> import tensorlet as tf
    >>> tf.keras.tree.traverse(lambda part: sum(part) if isinstance(part, list) else None, {"a": [1, 2], "b": 3})
    {'a': 3, 'b': 3}
    """
    if not callable(func):
        raise InvalidArgumentError(f"tf.keras.tree.traverse takes a function, but got {func!r}.")
    if top_down:
        found = func(structure)
        if found is not None:
            return None if found is MAP_TO_NONE else found
    if isinstance(structure, dict):
        rest: Any = type(structure)({key: traverse(func, structure[key], top_down) for key in structure})
    elif isinstance(structure, list | tuple):
        parts = [traverse(func, part, top_down) for part in structure]
        rest = type(structure)(*parts) if hasattr(structure, "_fields") else type(structure)(parts)
    else:
        rest = structure
    if not top_down:
        found = func(rest)
        if found is not None:
            return None if found is MAP_TO_NONE else found
    return rest


def assert_same_structure(a: Any, b: Any, check_types: bool | None = None) -> None:
    """Checks that two structures have the same form.

    Args:
        a, b: nested values.
        check_types: ignored; lists, tuples and dictionaries must correspond, as in Keras 3.

    Raises:
        ValueError: if they differ; the message shows the parts that do.

    >>> import tensorlet as tf
    >>> tf.keras.tree.assert_same_structure([1, (2,)], [3, (4,)])
    """
    if is_nested(a) != is_nested(b):
        raise InvalidArgumentError(f"The structures differ: {a!r} and {b!r}.")
    if not is_nested(a):
        return
    _check_level(a, b, check_types=True)
    keys = sorted(a) if isinstance(a, dict) else range(len(a))
    for key in keys:
        assert_same_structure(a[key], b[key])


def assert_same_paths(a: Any, b: Any) -> None:
    """Checks that the same keys and positions lead to the leaves of two structures, whatever their types.

    Raises:
        ValueError: if they differ.

    >>> import tensorlet as tf
    >>> tf.keras.tree.assert_same_paths([0, (1,)], (2, [3]))
    """
    one, other = ({path for path, _ in flatten_with_path(structure)} for structure in (a, b))
    if one != other:
        raise InvalidArgumentError(
            f"The paths of the structures differ: {sorted(one - other, key=repr)} are only in the first, "
            f"{sorted(other - one, key=repr)} only in the second."
        )


def _check_level(a: Any, b: Any, check_types: bool) -> None:
    """Checks the outermost level of two structures."""
    kinds_differ = isinstance(a, dict) != isinstance(b, dict) or isinstance(a, list) != isinstance(b, list)
    if not is_nested(b) or (check_types and kinds_differ):
        raise InvalidArgumentError(f"The structures differ: {a!r} and {b!r}.")
    if len(a) != len(b):
        raise InvalidArgumentError(
            f"The structures differ in length: {a!r} has {len(a)} parts, {b!r} {len(b)}."
        )
    if isinstance(a, dict) and a.keys() != b.keys():
        raise InvalidArgumentError(f"The dictionaries have different keys: {sorted(a)} and {sorted(b)}.")
