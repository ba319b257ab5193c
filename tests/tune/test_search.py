"""Successive halving: spaces, rungs, the winner and its interval."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.tune import LogRange, Perceptron, Range, search
from tensorlet.tune.outcome import mean_interval
from tensorlet.tune.search import divided, more_is_better, rungs
from tensorlet.tune.space import draw

RNG = np.random.default_rng(0)
X = RNG.normal(size=(240, 4)).astype("float32")
Y = (X[:, 0] * X[:, 1] > 0).astype("int32")


def test_draws_are_different_in_range_and_repeatable():
    space = {
        "rate": LogRange(1e-4, 1e-1),
        "dropout": Range(0.0, 0.5),
        "width": Range(4, 6),
        "kind": ["a", "b"],
    }
    drawn = draw(space, 200, seed=1)
    assert drawn == draw(space, 200, seed=1) != draw(space, 200, seed=2)
    rates = np.array([one["rate"] for one in drawn])
    assert rates.min() >= 1e-4
    assert rates.max() <= 1e-1
    assert 0.4 < (rates < 10**-2.5).mean() < 0.6  # half of the logarithms
    assert {one["width"] for one in drawn} == {4, 5, 6}
    assert {one["kind"] for one in drawn} == {"a", "b"}
    assert len(draw({"width": [1, 2, 3]}, 10, seed=0)) == 3


def test_rungs():
    assert rungs(27, 27, 3) == [1, 3, 9, 27]
    assert rungs(8, 16, 2) == [2, 4, 8, 16]
    assert rungs(100, 2, 3) == [1, 2]
    assert rungs(2, 5, 3) == [5]


def test_the_best_gets_furthest():
    seen = []
    outcome = search(
        (X, Y),
        {"learning_rate": [1e-6, 1e-5, 0.05], "width": [16, 24], "depth": [1]},
        trials=6,
        epochs=30,
        progress=lambda epochs, trials, seconds: seen.append((epochs, len(trials))),
    )
    assert seen == [(10, 6), (30, 2)]
    assert outcome.best.configuration["learning_rate"] == 0.05
    assert outcome.best.epochs == len(outcome.best.history["val_loss"]) == 30
    assert [one.epochs for one in outcome.trials] == [30, 30, 10, 10, 10, 10]
    values = [one.value for one in outcome.trials]
    assert values[0] <= values[1]
    assert outcome.best.value == outcome.best.history["val_loss"][-1] == min(values[:2])
    assert len(outcome.repeats) == 5
    mean, low, high = outcome.interval
    assert low < mean < high
    assert mean == pytest.approx(np.mean(outcome.repeats))
    rows = divided((X, Y), None, 0)
    assert outcome.model.evaluate(*rows.validation, verbose=0)[0] == pytest.approx(
        outcome.repeats[0], rel=1e-5
    )
    json.dumps(outcome.to_json(), allow_nan=False)


def test_the_same_seed_finds_the_same():
    options = {"space": {"learning_rate": LogRange(1e-3, 0.1)}, "trials": 4, "epochs": 4, "repeats": 2}
    first, second = search((X, Y), **options), search((X, Y), **options)
    assert first.trials == second.trials
    assert first.repeats == second.repeats
    assert first.trials != search((X, Y), seed=5, **options).trials


def test_more_of_an_accuracy_is_better():
    outcome = search(
        (X, Y), {"learning_rate": [1e-6, 0.05]}, trials=2, epochs=12, objective="val_accuracy", repeats=2
    )
    assert outcome.greater
    assert outcome.best.value == max(one.value for one in outcome.trials) > 0.5
    assert more_is_better("val_auc")
    assert not more_is_better("val_mean_absolute_error")


def test_numbers_and_a_builder_of_the_user():
    def build(rate, units=4):
        model = tf.keras.Sequential(
            [tf.keras.layers.Dense(units, "relu", input_shape=(4,)), tf.keras.layers.Dense(1)]
        )
        model.compile(tf.keras.optimizers.SGD(rate), "mse")
        return model

    y = X[:, 0].astype("float64")
    outcome = search(
        (X, y), {"rate": [0.1, 1e9], "batch_size": [16]}, build=build, trials=2, epochs=3, repeats=2
    )
    assert outcome.best.configuration == {"rate": 0.1, "batch_size": 16}
    assert outcome.trials[1].value == math.inf
    assert search((X, y), {"width": [4]}, trials=1, epochs=2, repeats=1).model.output_shape == (None, 1)
    two = search((X, X[:, :2]), {"width": [4]}, trials=1, epochs=1, repeats=1)
    assert two.model.output_shape == (None, 2)


def test_validation_data_and_shares():
    rows = divided((X, Y), None, 3)
    assert len(rows.validation[0]) == 48
    assert sorted(np.concatenate([rows.training[0], rows.validation[0]])[:, 0]) == sorted(X[:, 0])
    given = divided((X, Y), (X[:5], Y[:5]), 3)
    assert given.training[0] is X
    assert len(given.validation[0]) == 5


def test_depth_zero_is_softmax_regression():
    model = Perceptron(4, 3)(depth=0, dropout=0.5, l2=0.1)
    assert [type(layer).__name__ for layer in model.layers] == ["Dense"]
    assert model.layers[0].kernel_regularizer.l2 == pytest.approx(0.1)
    deep = Perceptron(4, 3)(depth=2, dropout=0.5)
    assert [type(layer).__name__ for layer in deep.layers] == [
        "Dense",
        "Dropout",
        "Dense",
        "Dropout",
        "Dense",
    ]


def test_intervals_are_students():
    mean, low, high = mean_interval([2.0, 4.0])
    assert (mean, low, high) == (3.0, pytest.approx(3 - 12.706), pytest.approx(3 + 12.706))
    assert mean_interval([1.0]) == (1.0, -math.inf, math.inf)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"trials": 0}, "trials is 0"),
        ({"factor": 1}, "factor is 1"),
        ({"space": {"width": []}}, "'width' is"),
        ({"space": {"width": "16"}}, "'width' is '16'"),
        ({"data": X}, r"\(x, y\)"),
        ({"data": (X[:, None], Y)}, "features"),
        ({"objective": "val_f1"}, "the history has loss"),
        ({"executor": "dusk://a:1"}, "dask://HOST:PORT"),
        ({"executor": "processes:x"}, "number of processes"),
    ],
)
def test_wrong_arguments_are_refused(change, message):
    arguments = {"data": (X, Y), "trials": 2, "epochs": 1} | change
    with pytest.raises(ValueError, match=message):
        search(arguments.pop("data"), **arguments)


def test_ranges_are_checked():
    for wrong in (lambda: Range(2, 1), lambda: LogRange(0, 1), lambda: Range(0, math.inf)):
        with pytest.raises(tf.errors.InvalidArgumentError, match="smaller one first"):
            wrong()
