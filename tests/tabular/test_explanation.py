"""Importance, partial dependence and Shapley values, on models whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.target import Target
from tensorlet.tabular.explanation import explain_row, partial_dependence
from tensorlet.tabular.importance import permutation_importance, places_of
from tensorlet.tabular.model import TabularModel
from tensorlet.tabular.model_file import Description


class Formula:
    """A model that is a formula of its inputs."""

    def __init__(self, function):
        self.function = function

    def predict(self, inputs, batch_size=None, verbose=0):
        return self.function(**inputs).reshape(-1, 1)


def model(function, columns):
    for column in columns:
        column.minimum, column.maximum = column.minimum or -1.0, column.maximum or 1.0
    return TabularModel(Formula(function), Description(columns, Target("y", "number"), "linear"))


def numbers(*names):
    return [Column(name, "number") for name in names]


def test_exact_shapley_values_of_a_sum_and_a_product():
    explained = model(
        lambda numbers: 3 * numbers[:, 0] + numbers[:, 1] * numbers[:, 2], numbers("a", "b", "c")
    )
    row = {"numbers": np.array([[2.0, 4.0, 5.0]])}
    background = {"numbers": np.zeros((1, 3))}
    found = explain_row(explained, row, background, {"a": "2"})
    # a gives 3 * 2; the product of 20 is shared by b and c.
    assert {one.name: one.amount for one in found.contributions} == pytest.approx(
        {"a": 6.0, "b": 10.0, "c": 10.0}
    )
    assert found.exact and found.answer == 26.0 and found.average == 0.0
    assert next(one for one in found.contributions if one.name == "a").value == "2"


def test_sampled_shapley_values_with_more_columns():
    names = [f"x{index}" for index in range(14)]
    weights = np.arange(14.0)
    explained = model(lambda numbers: numbers @ weights + numbers[:, 12] * numbers[:, 13], numbers(*names))
    random = np.random.default_rng(0)
    background = {"numbers": random.normal(size=(40, 14))}
    row = {"numbers": np.ones((1, 14))}
    found = explain_row(explained, row, background, {})
    assert not found.exact
    mean = background["numbers"].mean(0)
    for one in found.contributions:
        index = names.index(one.name)
        if index < 12:  # of a sum, the value is known
            expected = weights[index] * (1 - mean[index])
            assert abs(one.amount - expected) <= 4 * one.error + 1e-9
    total = sum(one.amount for one in found.contributions)
    assert total == pytest.approx(
        found.answer - found.average, abs=4 * np.sqrt(sum(one.error**2 for one in found.contributions))
    )


def test_categories_and_missing_values_belong_to_their_columns():
    columns = [
        Column("colour", "category", categories=["red", "blue"]),
        Column("size", "number", missing=1, mean=5.0),
        Column("shop", "category", categories=[str(index) for index in range(300)]),
    ]
    description = Description(columns, Target("y", "number"), "linear")
    assert places_of(description.encoder) == {
        "colour": {"categories": [0]}, "size": {"numbers": [0, 1]}, "shop": {"many_categories": [0]},
    }  # fmt: skip
    encoded = description.encoder.encode_rows(
        [{"colour": "blue", "size": None, "shop": "7"}, {"colour": "green", "size": 2}]
    )
    assert encoded.arrays["numbers"].tolist() == [[5.0, 1.0], [2.0, 0.0]]
    assert encoded.arrays["categories"].tolist() == [[2], [0]]
    assert encoded.arrays["many_categories"].tolist() == [[8], [0]]
    assert encoded.unknown == {"colour": {"green": 1}}


def test_partial_dependence_of_each_kind():
    columns = [
        Column("size", "number", minimum=0.0, maximum=10.0),
        Column("wild", "boolean", categories=["no", "yes"]),
        Column("found", "date", minimum=19000.0, maximum=19010.0, parts=["days"], date_format="%d.%m.%Y"),
        Column("colour", "category", categories=["red", "blue"]),
    ]
    explained = TabularModel(
        Formula(
            lambda numbers, categories: numbers @ np.array([1.0, 100.0, 7.0]) + 1000 * (categories[:, 0] == 2)
        ),
        Description(columns, Target("y", "number"), "linear"),
    )
    inputs = {"numbers": np.zeros((4, 3), np.float32), "categories": np.ones((4, 1), np.int32)}
    texts, means = partial_dependence(explained, inputs, columns[0])
    assert (
        texts[0] == "0"
        and texts[-1] == "10"
        and means[:, 0].tolist() == pytest.approx(np.linspace(0, 10, 11))
    )
    assert partial_dependence(explained, inputs, columns[1])[1][:, 0].tolist() == [0.0, 100.0]
    texts, means = partial_dependence(explained, inputs, columns[2])
    assert texts[0] == "2022-01-08" and means[:, 0].tolist() == pytest.approx(7 * np.arange(11.0))
    texts, means = partial_dependence(explained, inputs, columns[3])
    assert texts == ["red", "blue"] and means[:, 0].tolist() == [0.0, 1000.0]


def test_importance_of_a_column_that_is_not_used_is_zero():
    random = np.random.default_rng(0)
    x = random.normal(size=(500, 2)).astype(np.float32)
    explained = model(lambda numbers: numbers[:, 0], numbers("used", "unused"))
    used, unused = permutation_importance(
        explained.model, explained.encoder, {"numbers": x}, x[:, 0].astype(float), False
    )
    assert (used.name, unused.name) == ("used", "unused")
    assert used.value == pytest.approx(2.0, abs=0.15)  # the mean square difference of two draws, in variances
    assert unused.value == 0.0
