"""Restricted Boltzmann machines: the equations worked out by hand, and what is learned."""

from __future__ import annotations

import copy
import itertools
import subprocess
import sys

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.convert import convert_to_tensor
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.rbm import RBM
from tensorlet.rbm.training import Learner

KERNEL = np.array([[1.0, -0.5], [0.25, 0.75], [-1.0, 0.5]])
VISIBLE_BIAS, HIDDEN_BIAS = np.array([0.5, -0.25, 0.0]), np.array([0.25, -1.0])
PATTERNS = np.repeat([[1.0, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], 50, axis=0).astype(np.float32)


def three_by_two(visible: str = "bernoulli", **options) -> RBM:
    machine = RBM(2, visible, **options)
    machine(np.zeros((1, 3), np.float32))
    machine.set_weights([KERNEL, HIDDEN_BIAS, VISIBLE_BIAS])
    return machine


def energy(visible: np.ndarray, hidden: np.ndarray) -> float:
    return float(-VISIBLE_BIAS @ visible - HIDDEN_BIAS @ hidden - visible @ KERNEL @ hidden)


def states(units: int) -> np.ndarray:
    return np.array(list(itertools.product([0.0, 1.0], repeat=units)))


def test_the_layer_is_the_probability_of_the_hidden_units():
    machine = three_by_two()
    found = machine(np.array([[1.0, 0.0, 1.0]], np.float32)).numpy()
    # 1 - 1 + 0.25 and -0.5 + 0.5 - 1
    np.testing.assert_allclose(found, [[1 / (1 + np.exp(-0.25)), 1 / (1 + np.exp(1.0))]], rtol=1e-6)
    assert [weight.name.split("/")[-1] for weight in machine.trainable_weights] == ["kernel:0", "bias:0"]


def test_free_energy_is_that_of_all_hidden_states():
    rows = states(3)
    wanted = [-np.log(sum(np.exp(-energy(row, hidden)) for hidden in states(2))) for row in rows]
    np.testing.assert_allclose(three_by_two().free_energy(rows), wanted, rtol=1e-5)
    # By hand, for v = (1, 0, 0): -0.5 - log(1 + e^1.25) - log(1 + e^-1.5)
    assert wanted[4] == pytest.approx(-0.5 - np.log1p(np.exp(1.25)) - np.log1p(np.exp(-1.5)))


def test_the_partition_function_is_exact():
    machine = three_by_two()
    total = sum(np.exp(-energy(row, hidden)) for row in states(3) for hidden in states(2))
    assert machine.log_partition_function() == pytest.approx(np.log(total))
    assert np.exp(machine.log_likelihood(states(3))).sum() == pytest.approx(1.0, rel=1e-5)
    wide = RBM(4)
    wide(np.zeros((1, 2), np.float32))  # fewer visible units: the other sum
    rows = states(2)
    assert wide.log_partition_function() == pytest.approx(
        np.log(np.exp(-wide.free_energy(rows)).sum()), rel=1e-5
    )


def test_gaussian_units_integrate_to_one():
    machine = RBM(2, "gaussian")
    machine(np.zeros((1, 1), np.float32))
    machine.set_weights([[[1.5, -0.5]], [0.25, 0.5], [0.75]])
    points = np.linspace(-12, 12, 4001)
    density = np.exp(machine.log_likelihood(points[:, None]))
    assert np.trapezoid(density, points) == pytest.approx(1.0, rel=1e-4)
    # |2 - 0.75|²/2 - log(1 + e^(0.25 + 3)) - log(1 + e^(0.5 - 1))
    wanted = 0.78125 - np.log1p(np.exp(3.25)) - np.log1p(np.exp(-0.5))
    np.testing.assert_allclose(machine.free_energy([[2.0]]), [wanted], rtol=1e-6)
    with pytest.raises(InvalidArgumentError, match="visible='bernoulli'"):
        machine.pseudo_likelihood([[2.0]])


def test_pseudo_likelihood_by_hand():
    machine = RBM(1)
    machine(np.zeros((1, 1), np.float32))
    machine.set_weights([[[2.0]], [0.0], [1.0]])
    # P(v = 1) = sigmoid(F(0) - F(1)), with F(0) = -log 2 and F(1) = -1 - log(1 + e²)
    wanted = -np.log1p(np.exp(-(-np.log(2) + 1 + np.log1p(np.exp(2)))))
    np.testing.assert_allclose(machine.pseudo_likelihood([[1.0]]), [wanted], rtol=1e-5)


def given(*numbers: list) -> object:
    """Random numbers that are given, in the order in which a step draws them."""
    left = iter(numbers)

    def draw(kind: str, shape: tuple[int, ...]) -> object:
        found = np.array(next(left), np.float32)
        assert found.shape == shape
        return convert_to_tensor(found)

    return draw


def test_one_step_of_cd_1_by_hand(backend):
    machine = RBM(1, learning_rate=0.1, kernel_initializer="zeros", momentum=0.5)
    machine(np.zeros((1, 2), np.float32))
    learner = Learner(machine, 1, None, given([[0.4]]))  # 0.4 < 0.5: the hidden unit is 1
    row = np.array([[1.0, 0.0]], np.float32)
    learner.step(row)
    # The reconstruction is (0.5, 0.5), and the hidden probability stays 0.5.
    np.testing.assert_allclose(machine.kernel.numpy(), [[0.1 * (0.5 - 0.25)], [0.1 * (0 - 0.25)]], rtol=1e-6)
    np.testing.assert_allclose(machine.visible_bias.numpy(), [0.05, -0.05], rtol=1e-6)
    np.testing.assert_allclose(machine.bias.numpy(), [0.0], atol=1e-8)
    learner.step(row)
    # The second step: half of the first one, and the new gradient.
    hidden = 1 / (1 + np.exp(-0.025))
    fantasy = 1 / (1 + np.exp(-np.array([0.075, -0.075])))  # b + W of the hidden unit, which is 1
    again = 1 / (1 + np.exp(-(fantasy @ [0.025, -0.025])))
    gradient = np.array([1.0, 0.0]) * hidden - fantasy * again
    wanted = np.array([0.025, -0.025]) * 1.5 + 0.1 * gradient
    np.testing.assert_allclose(machine.kernel.numpy().ravel(), wanted, rtol=1e-5)


def test_persistent_chains_go_on_with_samples(backend):
    machine = RBM(1, learning_rate=1.0, kernel_initializer="zeros", persistent=True, weight_decay=0.5)
    machine(np.zeros((1, 2), np.float32))
    machine.kernel.assign([[2.0], [0.0]])
    learner = Learner(machine, 1, None, given([[0.4, 0.6]], [[0.95]]))
    learner.step(np.array([[1.0, 1.0]], np.float32))
    # The chain starts at h = 0: v is drawn with 1/2 each, so (1, 0); P(h) = sigmoid(2) for data and chain.
    p = 1 / (1 + np.exp(-2.0))
    np.testing.assert_allclose(machine.kernel.numpy().ravel(), [2.0 - 0.5 * 2.0, p], rtol=1e-6)
    np.testing.assert_allclose(machine.visible_bias.numpy(), [0.0, 1.0], atol=1e-7)
    assert learner._chains.numpy().tolist() == [[0.0]]  # 0.95 > sigmoid(2) = 0.88


def test_sparsity_pulls_the_activity_to_its_target():
    plain, sparse = (
        RBM(8, learning_rate=0.2, sparsity_target=target, sparsity_cost=3.0) for target in (None, 0.25)
    )
    for machine in (plain, sparse):
        tf.keras.utils.set_random_seed(0)
        machine.fit(PATTERNS, epochs=60, batch_size=10, seed=0)
    activity = sparse(PATTERNS).numpy().mean()
    assert abs(activity - 0.25) < 0.05 < 0.2 < abs(plain(PATTERNS).numpy().mean() - 0.25)


@pytest.mark.parametrize(
    ("options", "epochs", "reached"),
    [
        ({"learning_rate": 0.2}, 80, -1.2),
        ({"learning_rate": 0.1, "persistent": True}, 200, -1.6),
        ({"learning_rate": 0.2, "k": 3, "momentum": 0.5, "weight_decay": 1e-3}, 80, -1.2),
    ],
)
def test_learning_raises_the_exact_likelihood(options, epochs, reached):
    tf.keras.utils.set_random_seed(0)
    machine = RBM(3, **options)
    machine(PATTERNS[:1])
    before = machine.log_likelihood(PATTERNS).mean()
    history = machine.fit(PATTERNS, epochs=epochs, batch_size=50 if machine.persistent else 10, seed=1)
    # Two patterns, each half of the rows: at most log(1/2) per row.
    assert before < -4.0 and reached < machine.log_likelihood(PATTERNS).mean() <= np.log(0.5) + 1e-3
    assert history.history["reconstruction_error"][-1] < 0.05
    assert history.history["pseudo_likelihood"][-1] > -1.0
    np.testing.assert_array_equal(np.round(machine.reconstruct(PATTERNS).numpy()), PATTERNS)


def test_gaussian_machines_learn_the_mean():
    random = np.random.default_rng(0)
    rows = random.normal(size=(400, 2)) + np.where(random.random((400, 1)) < 0.5, 2.0, -2.0)
    machine = RBM(2, "gaussian", learning_rate=0.02)
    before = 0.5 * np.log(2 * np.pi) * 2 + np.mean(rows**2)  # a machine of zeros
    machine.fit(rows, epochs=60, batch_size=20, seed=0)
    assert -machine.log_likelihood(rows).mean() < before - 0.5


def test_the_same_seed_gives_the_same_weights():
    first, second, other = (RBM(3) for _ in range(3))
    for machine, seed in ((first, 5), (second, 5), (other, 6)):
        machine.fit(PATTERNS, epochs=2, batch_size=30, seed=seed)  # the last batch is smaller
    np.testing.assert_array_equal(first.kernel.numpy(), second.kernel.numpy())
    assert not np.array_equal(first.kernel.numpy(), other.kernel.numpy())


def test_samples_have_the_exact_distribution():
    machine = three_by_two()
    found = machine.sample(20_000, steps=20, seed=3)
    # The expected visible units, averaged over the chains, are the marginals of the exact distribution.
    marginals = np.exp(machine.log_likelihood(states(3))) @ states(3)
    np.testing.assert_allclose(found.mean(axis=0), marginals, atol=0.01)
    assert machine.sample(2, 3, start=[[1, 1, 1], [0, 0, 0]], seed=0).shape == (2, 3)


def test_validation_rows_are_compared():
    history = RBM(2).fit(PATTERNS, epochs=2, validation_data=1 - PATTERNS, seed=0)
    assert len(history.history["free_energy_gap"]) == 2
    assert abs(history.history["free_energy_gap"][-1]) < 0.1  # the patterns are each other's opposite


def test_fit_prints_a_line_per_epoch(capsys):
    RBM(2).fit(PATTERNS, epochs=2, verbose=1, seed=0)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2 and lines[1].startswith("Epoch 2/2 - reconstruction_error: 0.")


def test_a_machine_is_a_layer(tmp_path):
    model = tf.keras.Sequential([RBM(4, name="first"), tf.keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    labels = PATTERNS[:, 0]
    before = model.fit(PATTERNS, labels, epochs=3, verbose=0).history["loss"]
    assert before[-1] < before[0]
    model.save(tmp_path / "model.keras")
    again = tf.keras.models.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(again.predict(PATTERNS, verbose=0), model.predict(PATTERNS, verbose=0))
    machine = again.layers[0]
    assert isinstance(machine, RBM) and machine.get_config()["learning_rate"] == 0.1
    program = f"import tensorlet as tf; print(tf.keras.models.load_model({str(tmp_path / 'model.keras')!r}).layers[0])"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True
    )  # without an import of rbm
    assert done.stdout == "<RBM name=first, built=True>\n", done.stderr
    energies = machine.free_energy(PATTERNS)
    np.testing.assert_array_equal(copy.deepcopy(machine).free_energy(PATTERNS), energies)


@pytest.mark.parametrize(
    ("action", "error", "words"),
    [
        (lambda: RBM(0), InvalidArgumentError, "units=0"),
        (lambda: RBM(2, "binary"), InvalidArgumentError, "'bernoulli' or 'gaussian'"),
        (lambda: RBM(2, momentum=1.0), InvalidArgumentError, "momentum=1.0"),
        (lambda: RBM(2, sparsity_target=1.5), InvalidArgumentError, "sparsity_target=1.5"),
        (lambda: RBM(2).fit(np.ones((3, 2, 2))), ShapeError, r"rows of shape \(3, 2, 2\).*Flatten"),
        (
            lambda: RBM(2).fit(np.full((3, 2), 255)),
            InvalidArgumentError,
            "from 255 to 255.*Divide pictures by 255",
        ),
        (lambda: RBM(2).fit(np.full((3, 2), np.nan)), InvalidArgumentError, "from nan"),
        (lambda: RBM(2).free_energy([[1.0]]), InvalidArgumentError, "no weights yet. Call fit"),
        (lambda: three_by_two().free_energy([[1.0]]), ShapeError, "rows of 1 numbers.*3 visible units"),
        (lambda: RBM(2).sample(), InvalidArgumentError, "no weights yet"),
    ],
)
def test_errors_teach(action, error, words):
    with pytest.raises(error, match=words):
        action()


def test_large_partition_functions_are_refused():
    machine = RBM(30)
    machine(np.zeros((1, 30), np.float32))
    with pytest.raises(InvalidArgumentError, match=r"30 visible and 30 hidden units\. Use pseudo_likelihood"):
        machine.log_partition_function()


def test_scikit_learn_computes_the_same_free_energy():
    neural_network = pytest.importorskip(
        "sklearn.neural_network", reason="the extra 'sklearn' is not installed"
    )
    theirs = neural_network.BernoulliRBM(2)
    theirs.components_, theirs.intercept_hidden_, theirs.intercept_visible_ = (
        KERNEL.T,
        HIDDEN_BIAS,
        VISIBLE_BIAS,
    )
    np.testing.assert_allclose(
        three_by_two().free_energy(states(3)), theirs._free_energy(states(3)), rtol=1e-5
    )
