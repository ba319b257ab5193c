"""`keras.random` and the distributions of `tf.random`: means, variances and repetition."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError

random = tf.keras.random


def test_a_number_as_seed_gives_the_same_numbers_each_time() -> None:
    first, second = random.normal((3,), seed=5), random.normal((3,), seed=5)
    assert first.numpy().tolist() == second.numpy().tolist()
    assert first.numpy().tolist() != random.normal((3,), seed=6).numpy().tolist()


def test_a_seed_generator_counts_its_calls() -> None:
    one, other = random.SeedGenerator(7), random.SeedGenerator(7)
    first, second = random.uniform((3,), seed=one), random.uniform((3,), seed=one)
    assert first.numpy().tolist() != second.numpy().tolist()
    assert first.numpy().tolist() == random.uniform((3,), seed=other).numpy().tolist()
    assert one.state.numpy().tolist() == [7, 2]
    assert random.SeedGenerator.from_config(one.get_config()).state.numpy().tolist() == [7, 0]
    with pytest.raises(InvalidArgumentError, match="seed is 'x'"):
        random.SeedGenerator("x")


def test_a_seed_generator_counts_in_compiled_functions() -> None:
    seed = random.SeedGenerator(1)
    draw = tf.function(lambda: random.normal((2,), seed=seed))
    assert draw().numpy().tolist() != draw().numpy().tolist()
    assert int(seed.state[1]) == 2


def test_none_follows_the_global_seed() -> None:
    tf.random.set_seed(3)
    first = random.normal((3,)).numpy().tolist()
    tf.random.set_seed(3)
    assert random.normal((3,)).numpy().tolist() == first


@pytest.mark.parametrize(
    ("draw", "mean", "variance"),
    [
        (lambda: random.gamma((50_000,), 3.0, seed=1), 3.0, 3.0),
        (lambda: random.gamma((50_000,), 0.4, seed=1), 0.4, 0.4),
        (lambda: random.beta((50_000,), 2.0, 3.0, seed=1), 0.4, 0.04),
        (lambda: random.binomial((50_000,), 10, 0.3, seed=1), 3.0, 2.1),
        (lambda: tf.random.stateless_poisson([50_000], [1, 2], 7.0), 7.0, 7.0),
        (lambda: tf.random.stateless_gamma([50_000], [1, 2], 2.0, beta=4.0), 0.5, 0.125),
        (lambda: random.truncated_normal((50_000,), seed=1), 0.0, 0.7737),
    ],
)
def test_means_and_variances(draw: object, mean: float, variance: float) -> None:
    numbers = np.asarray(draw(), float)  # type: ignore[operator]
    # four standard deviations of the mean; the variance is less exact
    assert abs(numbers.mean() - mean) < 4 * np.sqrt(variance / 50_000)
    assert abs(numbers.var() / variance - 1) < 0.05


def test_shapes_follow_those_of_the_parameters() -> None:
    assert tf.random.gamma([4], [0.5, 2.0]).shape == (4, 2)
    assert tf.random.poisson([4, 1], [[0.5], [2.0]]).shape == (4, 1, 2, 1)
    assert tf.random.stateless_gamma([4, 2], [1, 2], [0.5, 2.0]).shape == (4, 2)


def test_other_functions() -> None:
    assert sorted(random.shuffle(np.arange(5), seed=1).numpy().tolist()) == [0, 1, 2, 3, 4]
    dropped = random.dropout(tf.ones(1000), 0.4, seed=1).numpy()
    np.testing.assert_allclose(np.unique(dropped), [0.0, 1 / 0.6], rtol=1e-6)
    assert random.categorical([[0.0, -100.0]], 3, seed=1).numpy().tolist() == [[0, 0, 0]]
    whole = random.randint((100,), 2, 5, seed=1).numpy()
    assert set(whole.tolist()) == {2, 3, 4}
    with pytest.raises(InvalidArgumentError, match="integer dtype"):
        random.randint((1,), 0, 2, dtype="float32")


def test_seeds_are_split() -> None:
    first, second = tf.random.split([1, 2])
    assert first.numpy().tolist() != second.numpy().tolist()
    assert tf.random.fold_in([1, 2], 3).numpy().tolist() != tf.random.fold_in([1, 2], 4).numpy().tolist()


def test_generators() -> None:
    a, b = tf.random.Generator.from_seed(1), tf.random.Generator.from_seed(1)
    assert a.binomial([3], 10, 0.5).numpy().tolist() == b.binomial([3], 10, 0.5).numpy().tolist()
    c, d = a.split(2)
    assert c.normal([2]).numpy().tolist() != d.normal([2]).numpy().tolist()
    tf.random.set_global_generator(b)
    assert tf.random.get_global_generator() is b
