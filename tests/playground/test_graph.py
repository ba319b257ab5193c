"""The computation of one row, and the perceptron rule, by numbers that were worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlet.playground.dataset import make_dataset
from tensorlet.playground.graph import explain_row
from tensorlet.playground.perceptron import answer, mistakes_of
from tensorlet.playground.run import Run
from tensorlet.playground.settings import DataSettings, LayerSettings, NetworkSettings

XOR = [[0, 0, 0], [0, 1, 1], [1, 0, 1], [1, 1, 0]]


def node(graph, name):
    return next(one for one in graph["nodes"] if one["name"] == name)


def test_values_and_gradients_of_the_lecture_s_network():
    """The three perceptrons of XOR with sigmoids, at the row (1, 0)."""
    settings = NetworkSettings(layers=(LayerSettings(2, "sigmoid"),), loss="mse")
    data = make_dataset(DataSettings("drawn", points=tuple(map(tuple, XOR)), train=0.75))
    run = Run(settings, data)
    run.model.set_weights(
        [np.array([[5, -7], [5, -7]]), np.array([-8, 3]), np.array([[-11], [-11]]), np.array([6])]
    )
    row = next(place for place, x in enumerate(data.x_train) if x.tolist() in ([1, 0], [0, 1]))
    graph = explain_row(run, {"row": row})
    sigmoid = lambda z: 1 / (1 + np.exp(-z))  # noqa: E731
    h = sigmoid(np.array([-3.0, -4.0]))
    p = sigmoid(-11 * h.sum() + 6)
    assert node(graph, "z1")["value"] == [-3, -4]
    assert np.allclose(node(graph, "h1")["value"], h) and np.allclose(node(graph, "p")["value"], [p])
    assert np.allclose(node(graph, "L")["value"], [(p - 1) ** 2])
    slope = 2 * (p - 1) * p * (1 - p)  # dL/dz2
    assert np.allclose(node(graph, "z2")["gradient"], [slope])
    assert np.allclose(node(graph, "W2")["gradient"], slope * h[:, None], atol=1e-9)
    assert np.allclose(node(graph, "h1")["gradient"], [-11 * slope] * 2)
    assert np.allclose(node(graph, "b1")["gradient"], -11 * slope * h * (1 - h), atol=1e-9)
    assert node(graph, "W2")["rule"] == "∂L/∂W2 = h1ᵀ · ∂L/∂z2" and node(graph, "y")["gradient"] == []


def test_softmax_and_cross_entropy_give_p_minus_y():
    data = make_dataset(DataSettings("gaussians", classes=4, rows=40))
    graph = explain_row(Run(NetworkSettings(), data), {"row": 5})
    expected = np.array(node(graph, "p")["value"])
    slopes = np.where(np.arange(4) == graph["label"], -1 / expected, 0)
    assert np.allclose(node(graph, "p")["gradient"], slopes, rtol=1e-5)
    expected[graph["label"]] -= 1
    assert np.allclose(node(graph, "z3")["gradient"], expected, atol=1e-6)


def test_a_probability_has_the_gradient_of_binary_cross_entropy():
    data = make_dataset(DataSettings("moons", rows=20))
    graph = explain_row(Run(NetworkSettings(loss="binary_crossentropy"), data), {"row": 3})
    (p,), y = node(graph, "p")["value"], graph["label"]
    assert np.allclose(node(graph, "p")["gradient"], [(p - y) / (p * (1 - p))], rtol=1e-5)
    assert np.allclose(node(graph, "z3")["gradient"], [p - y], rtol=1e-5)


@pytest.mark.parametrize("batchnorm", [False, True])
@pytest.mark.parametrize("activation", ["relu", "linear", "elu", "gelu"])
def test_gradients_are_finite_differences(activation, batchnorm):
    data = make_dataset(DataSettings("moons", rows=20))
    layers = (LayerSettings(3, activation, 0.3), LayerSettings(2, activation))
    run = Run(NetworkSettings(layers=layers, batchnorm=batchnorm, initializer="he_normal"), data)
    run.advance(1, most=1)
    graph = explain_row(run, {"row": 2})
    weights = run.weights()
    small = 1e-2
    losses = []
    for sign in (1, -1):
        moved = [array.copy() for array in weights]
        moved[0][1, 2] += sign * small
        run.model.set_weights(moved)
        losses.append(node(explain_row(run, {"row": 2}), "L")["value"][0])
    assert node(graph, "W1")["gradient"][1][2] == pytest.approx(
        (losses[0] - losses[1]) / (2 * small), abs=2e-3
    )


def test_the_perceptron_rule():
    found = answer({"points": [[0, 0, 0], [0, 1, 0], [1, 0, 0], [1, 1, 1]], "rate": 0.5})
    assert found["separated"] and found["steps"][-1]["mistakes"] == 0
    weights = np.array(found["steps"][-1]["weights"])
    assert mistakes_of(np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([0, 0, 0, 1]), weights) == 0
    # Worked by hand: (0, 0) is on the line, which counts as class 1, so b becomes -0.5; then (1, 1) is wrong.
    assert [step["weights"] for step in found["steps"][:2]] == [(0, 0, -0.5), (0.5, 0.5, 0)]
    never = answer({"points": XOR, "rate": 0.5})
    assert not never["separated"] and min(step["mistakes"] for step in never["steps"]) >= 1
    done = answer({"points": [*XOR[1:3], [0, 0, 0]], "start": [1, 1, -0.5]})
    assert done == {"steps": [], "mistakes": 0, "separated": True}
