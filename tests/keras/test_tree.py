"""`tf.keras.tree`: values that Keras 3.15 gives, and its refusals."""

from __future__ import annotations

import pytest

import tensorlet as tf

tree = tf.keras.tree


def test_values_of_keras() -> None:
    assert tree.flatten({"b": 1, "a": [2, None, (3,)]}) == [2, None, 3, 1]
    assert tree.map_structure_up_to([0, 0], lambda part: part, [[1, 2], 3]) == [[1, 2], 3]
    assert tree.traverse(lambda part: tree.MAP_TO_NONE if part == 1 else None, [1, (2, 1)]) == [
        None,
        (2, None),
    ]
    assert tree.traverse(
        lambda part: -part if isinstance(part, int) else None, {"a": [1]}, top_down=False
    ) == {"a": [-1]}
    assert tree.map_structure(lambda one: one + 1, [1, None], none_is_leaf=False) == [2, None]
    assert tree.map_shape_structure(lambda shape: shape[0], [(2, 3), {"a": [4, None]}]) == [2, {"a": 4}]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tree.assert_same_structure([1, 2], [1]), "differ in length"),
        (lambda: tree.assert_same_structure([1], (1,)), "structures differ"),
        (lambda: tree.assert_same_structure({"a": 1}, {"b": 1}), "different keys"),
        (lambda: tree.assert_same_paths([1], [1, 2]), "paths of the structures differ"),
        (lambda: tree.pack_sequence_as([1, 2], [1]), "2 leaves, but flat_sequence has 1"),
        (lambda: tree.map_structure(abs), "at least one structure"),
        (lambda: tree.map_shape_structure(len, "text"), "no shape"),
    ],
)
def test_refusals(call, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=message):
        call()
