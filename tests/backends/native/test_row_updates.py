"""Updates of the few rows of a table that a step has read: the same bits as updates of all rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.backends.native import executable

ROWS, WIDTH = 500, 40
IDS = np.array([[3], [499], [3], [0], [250], [3], [0]])


def _table(seed: int = 0, shape: tuple[int, ...] = (ROWS, WIDTH)) -> Any:
    return tf.Variable(np.random.default_rng(seed).normal(size=shape).astype("float32"))


def _step(optimizer: Any, tables: list[Any], loss: Callable[..., Any], *ids: np.ndarray) -> list[np.ndarray]:
    """Three steps; the tables and all variables of the optimizer."""
    optimizer.build(tables)

    @tf.function
    def step(*ids: Any) -> None:
        with tf.GradientTape() as tape:
            value = loss(*tables, *ids)
        optimizer.apply_gradients(zip(tape.gradient(value, tables), tables, strict=True))

    for shift in range(3):
        step(*[tf.constant((one + shift) % ROWS) for one in ids])
    return [variable.numpy() for variable in [*tables, *optimizer.variables]]


def _programs(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The operations of each program that is compiled from now on."""
    texts: list[str] = []
    emit = executable.emit

    def watched(program: Any) -> Any:
        texts.append(" ".join(value.op for value in program.values()))
        return emit(program)

    monkeypatch.setattr(executable, "emit", watched)
    monkeypatch.setattr(executable, "known", lambda structure: None)
    return texts


def _squares(table: Any, ids: Any) -> Any:
    return tf.reduce_sum(tf.gather(table, ids) ** 2)


def _two_reads(table: Any, ids: Any, others: Any) -> Any:
    return tf.reduce_sum(tf.gather(table, ids) ** 2) + tf.reduce_sum(tf.gather(table, others) ** 3)


def _with_all(table: Any, ids: Any) -> Any:
    return _squares(table, ids) + 1e-3 * tf.reduce_sum(table**2)


ADAGRAD = tf.keras.optimizers.Adagrad
SGD = tf.keras.optimizers.SGD


@pytest.mark.parametrize(
    ("make", "loss", "ids", "by_rows"),
    [
        (lambda: SGD(0.1), _squares, (IDS,), True),
        (lambda: SGD(tf.keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.5)), _squares, (IDS,), True),
        (lambda: ADAGRAD(0.1), _squares, (IDS,), True),
        (lambda: ADAGRAD(0.1), _squares, (IDS.astype("int32"),), True),
        (lambda: ADAGRAD(0.1), _squares, (np.arange(ROWS // 4),), True),
        (lambda: ADAGRAD(0.1), _squares, (np.zeros((0,), "int64"),), True),
        (lambda: ADAGRAD(0.1, clipvalue=0.5), _squares, (IDS,), True),
        (lambda: ADAGRAD(0.1), _two_reads, (IDS, IDS[::-1] + 7), True),
        (lambda: ADAGRAD(0.1), _two_reads, (IDS, IDS[:3].astype("int32")), True),
        (lambda: ADAGRAD(0.1), _squares, (np.arange(ROWS // 4 + 1),), False),  # too many indices
        (lambda: ADAGRAD(0.1, weight_decay=0.1), _squares, (IDS,), False),
        (lambda: SGD(0.1, use_ema=True), _squares, (IDS,), True),  # the averages change in all rows
        (lambda: SGD(0.1, momentum=0.9), _squares, (IDS,), False),
        (lambda: tf.keras.optimizers.Adam(0.1), _squares, (IDS,), False),
        (lambda: SGD(0.1), _with_all, (IDS,), False),
    ],
)
def test_the_same_bits_as_updates_of_all_rows(
    monkeypatch: pytest.MonkeyPatch,
    make: Callable[[], Any],
    loss: Callable[..., Any],
    ids: tuple[np.ndarray, ...],
    by_rows: bool,
) -> None:
    programs = _programs(monkeypatch)
    found = _step(make(), [_table()], loss, *ids)
    assert ("put_rows" in programs[-1]) is by_rows
    monkeypatch.setattr(executable, "update_rows", lambda program: None)
    right = _step(make(), [_table()], loss, *ids)
    assert "put_rows" not in programs[-1]
    for one, other in zip(found, right, strict=True):
        np.testing.assert_array_equal(one, other)


def test_two_tables_and_the_last_axis(monkeypatch: pytest.MonkeyPatch) -> None:
    def loss(first: Any, second: Any, third: Any, ids: Any, others: Any) -> Any:
        product = tf.gather(first, ids) * tf.gather(second, others)
        return tf.reduce_sum(product * tf.gather(third, ids)[..., None])

    def tables() -> list[Any]:
        return [_table(), _table(1), _table(2, (20_000,))]

    programs = _programs(monkeypatch)
    found = _step(ADAGRAD(0.1), tables(), loss, IDS[:, 0], IDS[::-1, 0])
    assert programs[-1].count("put_rows") == 6
    monkeypatch.setattr(executable, "update_rows", lambda program: None)
    for one, other in zip(found, _step(ADAGRAD(0.1), tables(), loss, IDS[:, 0], IDS[::-1, 0]), strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_bad_index_changes_nothing() -> None:
    table = _table()
    before = table.numpy()
    optimizer = ADAGRAD(0.1)
    optimizer.build([table])

    @tf.function
    def step(ids: Any) -> None:
        with tf.GradientTape() as tape:
            value = _squares(table, ids)
        optimizer.apply_gradients([(tape.gradient(value, table), table)])

    with pytest.raises(tf.errors.OutOfRangeError, match="500"):
        step(tf.constant([3, ROWS]))
    np.testing.assert_array_equal(table.numpy(), before)


def test_a_gradient_that_is_also_an_output_has_all_rows() -> None:
    table, ids = _table(), tf.constant(IDS)
    optimizer = SGD(0.5)
    optimizer.build([table])

    @tf.function
    def step() -> Any:
        with tf.GradientTape() as tape:
            value = _squares(table, ids)
        gradient = tape.gradient(value, table)
        optimizer.apply_gradients([(gradient, table)])
        return gradient, table + 0.0

    before = table.numpy()
    gradient, after = step()
    np.testing.assert_array_equal(after, before - np.float32(0.5) * gradient.numpy())
    assert np.count_nonzero(gradient.numpy().any(axis=1)) == 4


@pytest.mark.parametrize("optimizer", ["sgd", "adagrad"])
def test_training_an_embedding(monkeypatch: pytest.MonkeyPatch, optimizer: str) -> None:
    def weights() -> list[np.ndarray]:
        tf.keras.utils.set_random_seed(1)
        layers = tf.keras.layers
        inputs = [layers.Input((2,)), layers.Input((1,))]
        vectors = [layers.Flatten()(layers.Embedding(3000, 8)(one)) for one in inputs]
        model = tf.keras.Model(inputs, layers.Dense(1)(layers.Concatenate()(vectors)))
        model.compile(optimizer, "mse")
        generator = np.random.default_rng(3)
        x = [generator.integers(0, 3000, (100, 2)), generator.integers(0, 30, (100, 1))]
        model.fit(x, generator.normal(size=100), batch_size=16, epochs=2, verbose=0)
        return list(model.get_weights())

    programs = _programs(monkeypatch)
    found = weights()
    assert any("put_rows" in text for text in programs)
    monkeypatch.setattr(executable, "update_rows", lambda program: None)
    for one, other in zip(found, weights(), strict=True):
        np.testing.assert_array_equal(one, other)
