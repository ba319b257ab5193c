"""`FeatureSpace`; the values are those of Keras 3."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import FailedPreconditionError, InvalidArgumentError

FeatureSpace = tf.keras.utils.FeatureSpace

TABLE = {
    "age": np.array([20.0, 40.0, 60.0, 30.0], np.float32),
    "city": np.array(["rome", "oslo", "rome", "bonn"]),
    "k": np.array([1, 2, 2, 3]),
    "h": np.array(["a", "b", "c", "d"]),
    "d": np.array([0.1, 0.5, 0.9, 0.3], np.float32),
    "r": np.array([1.0, 2.0, 3.0, 4.0], np.float32),
}


def space(**options: Any) -> Any:
    features = {
        "age": "float_normalized", "city": "string_categorical", "k": FeatureSpace.integer_categorical(),
        "h": FeatureSpace.string_hashed(num_bins=5), "d": FeatureSpace.float_discretized(num_bins=3),
        "r": FeatureSpace.float_rescaled(scale=0.5),
    }  # fmt: skip
    found = FeatureSpace(features, crosses=[("city", "k")], crossing_dim=7, **options)
    found.adapt(tf.data.Dataset.from_tensor_slices(TABLE))
    return found


def test_rows_are_those_of_keras() -> None:
    found = space()({name: column[:2] for name, column in TABLE.items()}).numpy().round(4)
    assert found[:, 0].tolist() == pytest.approx([-1.1832, 0.169], abs=1e-4)  # age
    assert found[:, 1:5].tolist() == [[0, 1, 0, 0], [0, 0, 1, 0]]  # city: unknown, rome, oslo, bonn
    assert found[:, 5:8].tolist() == [[1, 0, 0], [0, 0, 1]]  # d
    assert found[:, 8:13].tolist() == [[0, 0, 0, 0, 1], [0, 0, 1, 0, 0]]  # h
    assert found[:, 13:17].tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]  # k: unknown, 2, 3, 1
    assert found[:, 17].tolist() == [0.5, 1.0]  # r
    assert found[:, 18:].tolist() == [[0, 0, 1, 0, 0, 0, 0], [0, 0, 0, 0, 0, 1, 0]]  # city and k
    single = space()({name: column[0] for name, column in TABLE.items()})
    np.testing.assert_allclose(single, found[0], atol=1e-4)


def test_a_model_on_the_columns_trains() -> None:
    columns = space()
    inputs, encoded = columns.get_inputs(), columns.get_encoded_features()
    assert sorted(inputs) == sorted(TABLE) and encoded.shape == (None, 25)
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(encoded))
    model.compile("sgd", "mse")
    data = tf.data.Dataset.from_tensor_slices((TABLE, [0.0, 1.0, 1.0, 0.0])).batch(2)
    model.fit(data, verbose=0)
    assert model.predict(data, verbose=0).shape == (4, 1)
    encoded_first = data.map(lambda x, y: (columns(x), y))
    assert [x.shape.as_list() for x, _ in encoded_first] == [[2, 25], [2, 25]]


def test_columns_by_name() -> None:
    found = space(output_mode="dict")({name: column[:2] for name, column in TABLE.items()})
    assert sorted(found) == ["age", "city", "city_X_k", "d", "h", "k", "r"]
    assert found["k"].numpy().tolist() == [[0, 0, 0, 1], [0, 1, 0, 0]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FeatureSpace({}), "cannot be None or empty"),
        (lambda: FeatureSpace({"a": "text"}), "the kind 'text'"),
        (lambda: FeatureSpace({"a": "float"}, output_mode="list"), "output_mode='list'"),
        (
            lambda: FeatureSpace({"a": "float", "b": "string_hashed"}, crosses=[("a", "b")]),
            "has the column 'a'",
        ),
        (lambda: FeatureSpace({"a": "float"}).adapt([([1.0], [2.0])]), "without labels"),
        (
            lambda: FeatureSpace({"a": FeatureSpace.string_hashed(4, output_mode="int")})({"a": ["x"]}),
            "cannot join",
        ),
    ],
)
def test_mistakes_are_explained(make: Any, message: str) -> None:
    with pytest.raises(InvalidArgumentError, match=message):
        make()


def test_columns_that_have_not_seen_data() -> None:
    with pytest.raises(FailedPreconditionError, match=r"'a' has not seen data yet. Call adapt"):
        FeatureSpace({"a": "string_categorical"}).get_inputs()


def test_intervals_are_crossed_and_single_rows_have_no_axis_of_examples() -> None:
    kinds = tf.keras.utils.FeatureSpace
    space = kinds(
        {"age": kinds.float_discretized(4), "city": "string_categorical"},
        crosses=[kinds.cross(("age", "city"), 8)], output_mode="dict",
    )  # fmt: skip
    table = {"age": [10.0, 20.0, 30.0, 40.0], "city": ["rome", "oslo", "rome", "rome"]}
    space.adapt(tf.data.Dataset.from_tensor_slices(table))
    found = space({"age": 35.0, "city": "rome"})
    assert {name: one.shape.as_list() for name, one in found.items()} == {
        "age": [4], "city": [3], "age_X_city": [8],
    }  # fmt: skip
    assert found["age"].numpy().tolist() == [0.0, 0.0, 1.0, 0.0]  # from 30 up to 40
    assert found["age_X_city"].numpy().sum() == 1.0


def test_a_column_with_a_layer_of_ones_own() -> None:
    halves = tf.keras.utils.FeatureSpace.feature("float32", tf.keras.layers.Rescaling(0.5), "float")
    space = tf.keras.utils.FeatureSpace({"size": halves})
    assert space({"size": [3.0, 5.0]}).numpy().tolist() == [[1.5], [2.5]]
