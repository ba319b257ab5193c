"""Random numbers: known answers of the generator, the distributions, and what seeds decide."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet import ops
from tensorlet.core import random_state
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError
from tensorlet.ops import philox

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [
        ((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((0xFFFFFFFF,) * 4, (0xFFFFFFFF,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_philox_known_answers(counter: Any, key: Any, expected: Any) -> None:
    """The vectors that were published with the generator."""
    block = philox.philox(np.array(counter, np.uint32).reshape(4, 1), key)
    assert tuple(block[:, 0].tolist()) == expected


def test_words_lie_in_blocks_under_key_stream_and_call() -> None:
    seed, stream, call = 0x11111111_22222222, 7, 0x5_00000003
    second = philox.philox(np.array([1, 5, stream, 3], np.uint32).reshape(4, 1), (0x22222222, 0x11111111))
    assert philox.words(7, seed, stream, call)[4:].tolist() == second[:3, 0].tolist()
    # The beginning does not depend on how many are asked for.
    assert philox.words(3, 1, 2, 3).tolist() == philox.words(9, 1, 2, 3)[:3].tolist()


def test_numbers_from_words() -> None:
    word = philox.words(4, 5, 0, 0).astype(object)
    assert philox.uniform(1, FLOAT32, 5, 0, 0)[0] == (word[0] >> 8) / 2**24
    assert philox.uniform(1, FLOAT64, 5, 0, 0)[0] == ((word[1] << 32 | word[0]) >> 11) / 2**53
    u1, u2 = ((word[0] >> 8) + 1) / 2**24, (word[1] >> 8) / 2**24
    radius, angle = np.sqrt(-2.0 * np.log(u1)), 2.0 * np.pi * u2
    expected = np.float32([radius * np.cos(angle), radius * np.sin(angle)])
    np.testing.assert_array_equal(philox.normal(2, FLOAT32, 5, 0, 0), expected)
    drawn = philox.integers(2, np.dtype(np.int64), -10, 1000, 5, 0, 0)
    assert drawn[0] == -10 + ((word[1] << 32 | word[0]) * 1000 >> 64)
    assert drawn[1] == -10 + ((word[3] << 32 | word[2]) * 1000 >> 64)


def test_integers_of_every_span() -> None:
    dtype = np.dtype(np.int64)
    word = philox.words(8, 3, 1, 4).astype(object)
    for span in (1, 2**32 + 1, 2**63, 2**64 - 1):
        drawn = philox.integers(4, dtype, -(2**63), span, 3, 1, 4)
        wide = [(word[2 * i + 1] << 32 | word[2 * i]) * span >> 64 for i in range(4)]
        assert drawn.tolist() == [number - 2**63 for number in wide]


def test_permutation_is_fisher_and_yates() -> None:
    word = philox.words(3, 9, 0xFFFFFFFF, 2).astype(object)
    order = [0, 1, 2, 3]
    for number, last in enumerate((3, 2, 1)):
        other = word[number] * (last + 1) >> 32
        order[last], order[other] = order[other], order[last]
    assert philox.permutation(4, 9, 2).tolist() == order
    assert sorted(philox.permutation(1000, 1, 0).tolist()) == list(range(1000))
    assert philox.permutation(0, 1, 0).tolist() == []
    assert philox.permutation(1, 1, 0).tolist() == [0]


def test_native_permutation_is_the_same() -> None:
    engine = pytest.importorskip("tensorlet._native", reason="the native engine is not built")
    for count, seed, call in [(0, 1, 0), (1, 1, 0), (10, 2, 3), (1000, 2**63 + 5, 2**33 + 1)]:
        assert (
            engine.permutation(count, seed, call).tolist() == philox.permutation(count, seed, call).tolist()
        )


def test_permutations_are_equally_likely() -> None:
    """All 24 orders of four, over 6,000 draws: each about 250 times (standard deviation 15)."""
    counts: dict[tuple[int, ...], int] = {}
    for call in range(6_000):
        order = tuple(philox.permutation(4, 11, call).tolist())
        counts[order] = counts.get(order, 0) + 1
    assert len(counts) == 24
    assert max(abs(count - 250) for count in counts.values()) < 75


# --- distributions ---------------------------------------------------------------------


def test_normal_has_its_moments() -> None:
    numbers = ops.random.normal([100_000], mean=3.0, stddev=2.0, seed=1).numpy()
    assert numbers.dtype == np.float32
    assert abs(numbers.mean() - 3.0) < 0.03
    assert abs(numbers.std() - 2.0) < 0.02
    # 4.55% of normal numbers lie further than two standard deviations from the mean.
    assert abs((np.abs(numbers - 3.0) > 4.0).mean() - 0.0455) < 0.003


def test_truncated_normal_stays_within_two_deviations() -> None:
    numbers = ops.random.truncated_normal([100_000], mean=1.0, stddev=0.5, seed=1).numpy()
    assert np.abs(numbers - 1.0).max() <= 1.0 + 1e-6
    assert abs(numbers.mean() - 1.0) < 0.01
    # A normal number cut off at two standard deviations has 0.8796 of the deviation.
    assert abs(numbers.std() - 0.5 * 0.8796) < 0.005


def test_uniform_covers_its_interval() -> None:
    numbers = ops.random.uniform([100_000], -1.0, 3.0, seed=1).numpy()
    assert numbers.min() >= -1.0
    assert numbers.max() <= 3.0
    counts, _ = np.histogram(numbers, bins=8, range=(-1.0, 3.0))
    assert np.abs(counts - 12_500).max() < 500


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8"])
def test_uniform_integers(dtype: str) -> None:
    dice = ops.random.uniform([6000], 1, 7, dtype=dtype, seed=2)
    assert dice.dtype is tf.as_dtype(dtype)
    found, counts = np.unique(dice.numpy(), return_counts=True)
    assert found.tolist() == [1, 2, 3, 4, 5, 6]
    assert np.abs(counts - 1000).max() < 150


def test_shuffle_keeps_rows_together() -> None:
    shuffled = ops.random.shuffle([[1, 10], [2, 20], [3, 30], [4, 40]], seed=3).numpy()
    assert sorted(shuffled[:, 0].tolist()) == [1, 2, 3, 4]
    assert (shuffled[:, 1] == 10 * shuffled[:, 0]).all()


def test_categorical_draws_by_probability() -> None:
    logits = np.log([[0.7, 0.2, 0.1]]).astype(np.float32)
    drawn = ops.random.categorical(logits, 20_000, seed=4)
    assert drawn.dtype is tf.int64
    shares = np.bincount(drawn.numpy()[0], minlength=3) / 20_000
    np.testing.assert_allclose(shares, [0.7, 0.2, 0.1], atol=0.015)


def test_dtypes_of_normal() -> None:
    for dtype in (tf.float16, tf.float32, tf.float64):
        assert ops.random.normal([2], dtype=dtype).dtype is dtype


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: ops.random.normal([2], dtype=tf.int32), DTypeError, "float dtype"),
        (lambda: ops.random.uniform([2], dtype=tf.int32), InvalidArgumentError, "maxval must be given"),
        (lambda: ops.random.uniform([2], 5, 5, dtype=tf.int32), InvalidArgumentError, "less than maxval"),
        (lambda: ops.random.uniform([2], 0, 300, dtype=tf.uint8), InvalidArgumentError, "wider dtype"),
        (lambda: ops.random.shuffle(1), ShapeError, "no rows"),
        (lambda: ops.random.categorical([1.0, 2.0], 1), ShapeError, "rows, classes"),
        (lambda: ops.stateless_random.stateless_normal([2], seed=1), InvalidArgumentError, "two integers"),
    ],
)
def test_refusals(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        call()


# --- seeds -----------------------------------------------------------------------------


def draws() -> list[list[float]]:
    return [ops.random.normal([3]).numpy().tolist() for _ in range(3)]


def test_the_global_seed_decides_everything_after_it() -> None:
    random_state.set_seed(5)
    first = draws()
    second = draws()
    random_state.set_seed(5)
    assert draws() == first
    assert draws() == second
    random_state.set_seed(6)
    assert draws() != first
    assert first[0] != first[1] != first[2]


def test_the_operation_s_seed_counts_too() -> None:
    random_state.set_seed(5)
    one, two = ops.random.normal([3], seed=1).numpy(), ops.random.normal([3], seed=2).numpy()
    assert not np.array_equal(one, two)
    random_state.set_seed(5)
    np.testing.assert_array_equal(ops.random.normal([3], seed=1).numpy(), one)


def test_traced_functions_draw_anew_at_each_call(backend: str) -> None:
    @tf.function
    def two() -> Any:
        return ops.random.normal([4]), ops.random.normal([4])

    random_state.set_seed(5)
    a, b = (one.numpy() for one in two())
    c, d = (one.numpy() for one in two())
    assert len({tuple(numbers.tolist()) for numbers in (a, b, c, d)}) == 4
    random_state.set_seed(5)
    again = [one.numpy() for one in two()]
    np.testing.assert_allclose(again, [a, b], rtol=1e-6)


def test_stateless_numbers_depend_on_the_seed_alone(backend: str) -> None:
    def draw(seed: Any) -> Any:
        return ops.stateless_random.stateless_uniform([4], seed=seed)

    one = draw([1, 2]).numpy()
    np.testing.assert_array_equal(draw([1, 2]).numpy(), one)
    assert not np.array_equal(draw([2, 1]).numpy(), one)
    assert not np.array_equal(draw([1, -2]).numpy(), one)
    traced = tf.function(draw)
    np.testing.assert_array_equal(traced(tf.constant([1, 2])).numpy(), one)
    np.testing.assert_array_equal(draw(np.array([1, 2], np.int64)).numpy(), one)


def test_generators_count_for_themselves() -> None:
    a, b = ops.generator.Generator.from_seed(1), ops.generator.Generator.from_seed(1)
    first = a.normal([3]).numpy()
    ops.random.normal([3])
    np.testing.assert_array_equal(b.normal([3]).numpy(), first)
    assert not np.array_equal(a.normal([3]).numpy(), first)
    a.reset_from_seed(1)
    np.testing.assert_array_equal(a.normal([3]).numpy(), first)
    assert ops.generator.Generator.from_non_deterministic_state().uniform(
        [2], 3, 4, tf.int32
    ).numpy().tolist() == [3, 3]
