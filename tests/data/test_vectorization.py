"""Functions of one element, run for many at a time: the same as calling them for each."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.data import vectorization
from tensorlet.data.vectorization import vectorized
from tensorlet.ops.registry import OPERATIONS

COUNT = 5
_random = np.random.default_rng(2)
X = _random.uniform(0.2, 2.0, (COUNT, 2, 3)).astype(np.float32)
Z = _random.uniform(-2.0, 2.0, (COUNT, 3)).astype(np.float32)
N = _random.integers(0, 4, COUNT)
DATA = {"x": X, "z": Z, "n": N}
TABLE = tf.constant([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0], [7.0, 8.0]])

FUNCTIONS: dict[str, Any] = {
    "scaled pixels": lambda e: tf.cast(tf.cast(e["x"], tf.uint8), tf.float32) / 255.0,
    "one hot": lambda e: tf.one_hot(e["n"], 4),
    "one hot of places": lambda e: tf.one_hot(tf.cast(e["z"], tf.int32), 3, on_value=5.0, off_value=-1.0),
    "ranks that differ": lambda e: e["x"] * e["z"] + tf.cast(e["n"], tf.float32),
    "a number for each": lambda e: (e["x"] - tf.reduce_mean(e["x"])) / tf.math.reduce_std(e["x"]),
    "axes": lambda e: (tf.reduce_sum(e["x"], 0), tf.reduce_max(e["x"], axis=-1, keepdims=True), tf.argmax(e["z"])),
    "other reductions": lambda e: (
        tf.reduce_min(e["x"], [0, 1]), tf.reduce_prod(e["x"], 1), tf.reduce_any(e["z"] > 0), tf.reduce_all(e["z"] > 0)
    ),
    "running sum": lambda e: (tf.cumsum(e["z"], reverse=True), tf.cumsum(e["x"], axis=1, exclusive=True)),
    "shapes": lambda e: (
        tf.reshape(e["x"], [-1]), tf.expand_dims(e["z"], 0), e["z"][:, tf.newaxis], tf.squeeze(e["x"][:1]),
        tf.transpose(e["x"]), tf.broadcast_to(e["z"], [2, 3]), tf.tile(e["z"], [2]),
    ),
    "parts": lambda e: (e["x"][0], e["x"][:, -1], e["z"][::2], e["z"][::-1], e["x"][1, 1:]),
    "split and joined": lambda e: tf.concat([e["x"], tf.expand_dims(e["z"], 0), tf.ones([1, 3])], axis=0),
    "stacked": lambda e: (tf.stack([e["z"], e["z"] * 2.0], axis=1), tf.unstack(e["x"])[1], tf.split(e["z"], 3)[2]),
    "padded": lambda e: tf.pad(e["x"], [[1, 0], [0, 2]], constant_values=7.0),
    "rows of a table": lambda e: tf.gather(TABLE, e["n"]),
    "places of each": lambda e: tf.gather(e["z"], [2, 0, 0]),
    "columns of each": lambda e: tf.gather(e["x"], [2, 0], axis=1),
    "softmax": lambda e: (tf.nn.softmax(e["x"]), tf.nn.log_softmax(e["z"]), tf.nn.softmax(e["x"], axis=0)),
    "sorted": lambda e: (tf.sort(e["z"]), tf.argsort(e["x"], direction="DESCENDING"), tf.sort(e["x"], axis=0)),
    "choice": lambda e: (tf.where(e["z"] > 0.0, e["x"], -1.0), tf.where(e["n"] > 1, 1.0, 0.0)),
    "clipped": lambda e: tf.clip_by_value(e["z"], -0.5, 0.5),
    "constants": lambda e: (e["n"], 3.0, tf.constant([1, 2]), np.zeros((2, 2))),
    "names": lambda e: {"a": e["z"], "b": (e["n"], {"c": e["x"]})},
    "floats": lambda e: (
        tf.exp(e["z"]), tf.math.log(e["x"]), tf.sqrt(e["x"]), tf.sigmoid(e["z"]), tf.tanh(e["z"]), tf.abs(e["z"]),
        tf.sign(e["z"]), tf.square(e["z"]), tf.pow(e["x"], 1.5), tf.round(e["z"]), tf.floor(e["z"]), tf.sin(e["z"]),
        tf.math.is_nan(e["z"]), tf.maximum(e["z"], 0.0), tf.minimum(e["z"], e["x"]), tf.nn.relu(e["z"]),
        tf.nn.softplus(e["z"]), tf.math.erf(e["z"]), tf.math.rsqrt(e["x"]), tf.stop_gradient(e["z"]), -e["z"],
    ),
    "whole numbers": lambda e: (e["n"] // 2, e["n"] % 3, e["n"] * 2 - 1, e["n"] == 2, tf.not_equal(e["n"], 1)),
    "python if": lambda e: e["z"] if e["n"] > 1 else -e["z"],
    "branches": lambda e: tf.cond(e["n"] > 1, lambda: (e["x"], e["z"] * 2.0), lambda: (e["x"] + 1.0, -e["z"])),
    "a seed for all": lambda e: e["z"] + tf.random.stateless_normal([3], seed=[1, 2]),
    "norm": lambda e: (tf.norm(e["z"]), tf.math.l2_normalize(e["z"])),
}  # fmt: skip
#: Functions that are called for each element: they need its value, or mix elements in unknown ways.
ONE_BY_ONE: dict[str, Any] = {
    "numpy": lambda e: e["z"].numpy() * 2,
    "seeds of each": lambda e: e["z"] + tf.random.stateless_normal([3], seed=tf.stack([e["n"], e["n"]])),
    "matmul": lambda e: tf.linalg.matvec(e["x"], e["z"]),
    "place in another axis": lambda e: tf.gather(TABLE, e["n"] // 2, axis=1),
    "a variable": lambda e: e["z"] * VARIABLE,
    "wrong": lambda e: e["missing"],
}
VARIABLE = tf.Variable(2.0)


def leaves(element: Any) -> list[np.ndarray]:
    return [np.asarray(tf.convert_to_tensor(leaf)) for leaf in tf.nest.flatten(element)]


def specs() -> Any:
    return tf.data.Dataset.from_tensor_slices(DATA).element_spec


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_same_as_for_each_element(name: str) -> None:
    function = FUNCTIONS[name]
    together = vectorized(function, specs())
    assert together is not None
    found = together({part: tf.constant(array) for part, array in DATA.items()})
    for row in range(COUNT):
        alone = function({part: tf.constant(array[row]) for part, array in DATA.items()})
        for mine, theirs in zip(leaves(found), leaves(alone), strict=True):
            assert (mine[row].shape, mine.dtype) == (theirs.shape, theirs.dtype)
            np.testing.assert_allclose(mine[row], theirs, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", [*FUNCTIONS, *ONE_BY_ONE])
def test_a_dataset_gives_the_same_both_ways(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    function = (FUNCTIONS | ONE_BY_ONE)[name]
    if name == "wrong":
        with pytest.raises(KeyError):
            list(tf.data.Dataset.from_tensor_slices(DATA).map(function))
        return

    def elements() -> list[Any]:
        tf.random.set_seed(1)
        mapped = tf.data.Dataset.from_tensor_slices(DATA).shuffle(3, seed=2).map(function)
        return [list(mapped), list(mapped.batch(2)), list(mapped.batch(3).unbatch())]

    together = elements()
    monkeypatch.setattr("tensorlet.data.transformations.mapping.vectorized", lambda function, specs: None)
    for mine, theirs in zip(together, elements(), strict=True):
        for one, other in zip(mine, theirs, strict=True):
            for a, b in zip(leaves(one), leaves(other), strict=True):
                assert a.dtype == b.dtype
                np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("name", ONE_BY_ONE)
def test_functions_that_are_called_for_each_element(name: str) -> None:
    assert vectorized(ONE_BY_ONE[name], specs()) is None


def test_filters_keep_the_same_rows_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    def rows() -> list[int]:
        dataset = tf.data.Dataset.range(1000).shuffle(50, seed=1).map(lambda n: (n, n % 7))
        return [int(n) for n, _ in dataset.filter(lambda n, rest: tf.logical_or(rest == 2, n < 20)).skip(3)]

    together = rows()
    assert len(together) == 20 + 143 - 3 - 3
    monkeypatch.setattr("tensorlet.data.transformations.mapping.vectorized", lambda function, specs: None)
    assert rows() == together


def test_every_known_operation_exists() -> None:
    assert set(OPERATIONS) >= vectorization.OTHERS
    assert set(vectorization.STACKED.values()) == {"elementwise", "last axis", "named axes"}


def test_a_mapped_function_is_traced_once_and_sees_no_element() -> None:
    seen = []

    def double(n: Any) -> Any:
        seen.append(n)
        return n * 2

    dataset = tf.data.Dataset.range(300).map(double)
    assert [int(n) for n in dataset] == list(range(0, 600, 2))
    assert [int(n) for n in dataset.take(2)] == [0, 2]
    assert len(seen) == 1


def test_branches_of_different_shapes_are_not_run_together() -> None:
    assert (
        vectorized(lambda z: tf.cond(z[0] > 1.0, lambda: z, lambda: z[:1]), tf.TensorSpec((3,), tf.float32))
        is None
    )


NOISE: dict[str, Any] = {
    "normal": lambda z: z + tf.random.normal([3]),
    "with a seed": lambda z: z + tf.random.uniform([3], seed=4),
    "one number": lambda z: z * tf.random.uniform([], 1.0, 2.0),
    "integers": lambda z: tf.random.uniform([3], 0, 1 << 20, dtype=tf.int32),
    "in a branch": lambda z: tf.cond(
        z[0] > 0.0, lambda: tf.random.normal([3]), lambda: z + tf.random.normal([3])
    ),
}


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("name", NOISE)
def test_random_numbers_differ_between_elements_and_iterations(name: str, batched: bool) -> None:
    function = NOISE[name]
    together = vectorized(function, tf.TensorSpec((3,), tf.float32))
    assert together is not None and not together.repeatable
    dataset = tf.data.Dataset.from_tensor_slices(np.ones((300, 3), np.float32)).map(function)
    dataset = dataset.batch(7) if batched else dataset

    def rows() -> np.ndarray:
        return np.concatenate([np.atleast_2d(element) for element in dataset.as_numpy_iterator()])

    tf.random.set_seed(1)
    first, second = rows(), rows()
    assert first.shape == (300, 3)
    assert len(np.unique(np.concatenate([first, second])[:, 0])) == 600
    tf.random.set_seed(1)
    assert (rows() == first).all() and (rows() == second).all()
    tf.random.set_seed(2)
    assert (rows() != first).any()


def test_random_numbers_have_their_distribution() -> None:
    dataset = tf.data.Dataset.from_tensor_slices(np.full((20000, 2), 5.0)).map(
        lambda x: x + tf.random.normal([2], stddev=2.0, dtype=tf.float64, seed=3)
    )
    numbers = np.stack(list(dataset.as_numpy_iterator()))
    # Four standard errors: 2 / sqrt(20000) of the mean, 2 / sqrt(40000) of the standard deviation.
    np.testing.assert_allclose(numbers.mean(0), 5.0, atol=0.057)
    np.testing.assert_allclose(numbers.std(0), 2.0, atol=0.04)
    assert abs(np.corrcoef(numbers.T)[0, 1]) < 4 / np.sqrt(20000)


def test_a_cache_and_a_filter_keep_random_numbers() -> None:
    noise = tf.data.Dataset.from_tensor_slices(np.zeros(500, np.float32)).map(
        lambda x: x + tf.random.normal([])
    )
    cached = noise.cache()
    assert [float(x) for x in cached] == [float(x) for x in cached]
    assert all(float(x) > 0.5 for x in noise.filter(lambda x: x > 0.5))


def test_a_generator_counts_each_element() -> None:
    generator = tf.random.Generator.from_seed(1)
    dataset = tf.data.Dataset.from_tensor_slices(np.zeros(50, np.float32)).map(
        lambda x: x + generator.normal([])
    )
    assert len({float(x) for x in dataset} | {float(x) for x in dataset}) == 100


def test_noise_becomes_part_of_the_training_step() -> None:
    x = np.ones((64, 1), np.float32)
    noisy = (
        tf.data.Dataset.from_tensor_slices((x, 3.0 * x))
        .map(lambda a, b: (a + tf.random.normal([1]), b))
        .batch(16)
    )
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,), kernel_initializer="ones")])
    model.compile("sgd", "mse", run_eagerly=False)
    model.optimizer.learning_rate = 0.0
    tf.random.set_seed(1)
    losses = model.fit(noisy, epochs=3, verbose=0).history["loss"]
    # The mean of (1 + noise - 3)**2 is 4 + 1; each epoch has other noise.
    assert len(set(losses)) == 3
    np.testing.assert_allclose(np.mean(losses), 5.0, atol=1.5)
