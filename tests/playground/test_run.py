"""Runs give the numbers of the program that the page shows, however they are stepped."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.playground.dataset import make_dataset
from tensorlet.playground.network import labels_for
from tensorlet.playground.program import keras_program
from tensorlet.playground.run import MOST_MOMENTS, MOST_RECORDS, Run
from tensorlet.playground.settings import DataSettings, LayerSettings, NetworkSettings

HARD = NetworkSettings(
    layers=(LayerSettings(6, "relu", 0.2), LayerSettings(4, "tanh", 0.1)), batchnorm=True, l2=0.001, batch=16
)
MANY = [
    (DataSettings("moons", rows=70), HARD),
    (
        DataSettings("gaussians", rows=80, classes=5, balance=0.5),
        NetworkSettings(optimizer="momentum", rate=0.1),
    ),
    (DataSettings("spirals", rows=90, classes=3, scale="standard"), NetworkSettings(loss="mse", l1=0.001)),
    (
        DataSettings("xor", rows=60, scale="minmax"),
        NetworkSettings(loss="binary_crossentropy", optimizer="nadam"),
    ),
    (DataSettings("formulas", rows=60, formulas=("x > y and x > 0", "r < 1/2")), NetworkSettings(loss="mae")),
    (
        DataSettings(
            "drawn", points=((0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (0.5, 2, 2)), scale="minmax"
        ),
        NetworkSettings(layers=(LayerSettings(3, "sigmoid"),), initializer="he_normal", batch=2),
    ),
    (DataSettings("circles", rows=50), NetworkSettings(layers=(), optimizer="sgd")),
]


def weights_of_program(text: str) -> list[np.ndarray]:
    names: dict = {}
    exec(text.replace("import tensorflow as tf", "import tensorlet as tf"), names)
    return names["model"].get_weights()


def equal(first: list[np.ndarray], second: list[np.ndarray]) -> bool:
    return len(first) == len(second) and all(map(np.array_equal, first, second))


@pytest.mark.parametrize(("data", "network"), MANY)
def test_the_shown_program_gives_the_same_weights(data, network, capsys):
    points = make_dataset(data)
    run = Run(network, points)
    while run.epoch < 7:
        run.advance(10, most=min(3, 7 - run.epoch))
    assert equal(weights_of_program(keras_program(data, network, points, 7)), run.weights())


def test_runs_take_turns_and_steps_make_epochs():
    points = make_dataset(DataSettings("moons", rows=70))
    whole, other, stepped = Run(HARD, points), Run(HARD, points), Run(HARD, points)
    whole.advance(10, most=4)
    other.advance(10, most=1)
    stepped.step()
    other.advance(10, most=3)
    assert stepped.batches == 4 and (stepped.epoch, stepped.batch) == (0, 1)
    for _ in range(3):
        stepped.step()
    assert (stepped.epoch, stepped.batch) == (1, 0)
    stepped.step()
    stepped.advance(10, most=1)  # finishes the epoch that was begun
    assert stepped.epoch == 2
    stepped.advance(10, most=2)
    assert equal(whole.weights(), other.weights())
    assert equal(whole.weights(), stepped.weights())
    assert [record[0] for record in stepped.records] == [0, 1, 2, 3, 4]


def test_going_back_repeats_the_same_numbers():
    run = Run(HARD, make_dataset(DataSettings("moons", rows=70)))
    for _ in range(6):
        run.advance(10, most=1)
    weights, records = run.weights(), list(run.records)
    assert run.go_back(3) == run.epoch == run.records[-1][0] == 3
    run.advance(10, most=3)
    assert equal(weights, run.weights()) and run.records == records
    assert run.go_back(0) == 0 and len(run.moments) == 1
    assert run.go_back(5) == 0  # not forwards


def test_going_back_reaches_epochs_between_the_kept_moments(monkeypatch):
    run = Run(HARD, make_dataset(DataSettings("moons", rows=70)))
    run.advance(10, most=20)
    twenty = run.weights()
    run.advance(10, most=30)
    run.moments = [moment for moment in run.moments if moment.epoch < 20]
    assert run.go_back(20) == 20 and equal(twenty, run.weights())
    assert [record[0] for record in run.records] == list(range(21))
    monkeypatch.setattr("tensorlet.playground.run.MOST_SECONDS_AGAIN", 0.0)
    run.advance(10, most=30)
    assert run.go_back(49) <= 20  # too far to train again


def test_history_and_moments_stay_bounded():
    points = make_dataset(DataSettings("xor", rows=20))
    run = Run(NetworkSettings(layers=(LayerSettings(2),)), points)
    for _ in range(3):
        run.advance(100, most=3000)
    assert run.epoch == 9000 and len(run.records) <= MOST_RECORDS and len(run.moments) <= MOST_MOMENTS
    assert run.records[0][0] == 0 and run.generation == 2
    for _ in range(120):
        run._keep_moment()
    assert len(run.moments) <= MOST_MOMENTS and run.moments[0].epoch == 0


def test_a_loss_that_is_not_finite_stops_training():
    network = NetworkSettings(layers=(LayerSettings(8, "linear"),) * 3, optimizer="sgd", rate=100.0)
    points = make_dataset(DataSettings("drawn", points=tuple((9.0 * i, 90.0 - i, i % 2) for i in range(20))))
    run = Run(network, points)
    for _ in range(40):
        run.advance(10, most=50)
    assert "became nan" in run.problem
    stopped = run.epoch
    run.step()
    assert run.advance(1) == 0 and run.epoch == stopped
    run.go_back(0)
    assert run.problem == "" and np.isfinite(run.records[-1][1])


def test_first_record_is_the_untrained_model():
    points = make_dataset(DataSettings("gaussians", classes=3))
    run = Run(NetworkSettings(), points)
    expected = run.trained().evaluate(
        points.x_val, labels_for(run.output, points.y_val), batch_size=500, verbose=0
    )
    assert run.records == [(0, *run.records[0][1:3], *expected)]


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_saved_models_predict_the_same(tmp_path, ending):
    points = make_dataset(DataSettings("moons", rows=60))
    run = Run(NetworkSettings(), points)
    run.advance(10, most=2)
    path = str(tmp_path / f"model{ending}")
    run.save(path)
    loaded = tf.keras.models.load_model(path)
    assert np.array_equal(loaded.predict(points.x, verbose=0), run.trained().predict(points.x, verbose=0))
