"""Everything that `fit`, `evaluate` and `predict` take as data gives what arrays give."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.keras.training.data_adapter.batches import Batches
from tensorlet.keras.training.data_adapter.dataset_rows import DatasetRows
from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings
from tensorlet.keras.training.data_adapter.inputs import make_input

ROWS, SIZE = 70, 16
STEPS = -(-ROWS // SIZE)
_random = np.random.default_rng(3)
X = _random.normal(size=(ROWS, 4)).astype(np.float32)
Y = _random.integers(0, 3, ROWS)
WEIGHT = _random.uniform(0.5, 2.0, ROWS).astype(np.float32)
Dataset = tf.data.Dataset


def make_model(**settings: Any) -> Any:
    weights = np.random.default_rng(1).normal(size=(4, 3)).astype(np.float32)
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="softmax", input_shape=(4,))])
    model.set_weights([weights, np.zeros(3, np.float32)])
    model.compile(
        tf.keras.optimizers.Adam(0.05), "sparse_categorical_crossentropy", metrics=["accuracy"], **settings
    )
    return model


def trained(*args: Any, **settings: Any) -> tuple[dict[str, list[float]], list[np.ndarray]]:
    model = make_model()
    history = model.fit(*args, epochs=3, verbose=0, **settings)
    return history.history, model.get_weights()


def assert_same(found: Any, expected: Any) -> None:
    assert list(found[0]) == list(expected[0])
    for name, values in expected[0].items():
        np.testing.assert_allclose(found[0][name], values, rtol=1e-5, err_msg=name)
    for mine, theirs in zip(found[1], expected[1], strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)


@pytest.fixture(scope="module")
def expected() -> Any:
    return trained(X, Y, batch_size=SIZE, shuffle=False)


def slices() -> Any:
    return Dataset.from_tensor_slices((X, Y))


def tens() -> Any:
    return Dataset.from_tensor_slices((X.astype(np.float64), {"label": Y.astype(np.int32)}))


def endless() -> Iterator[Any]:
    while True:
        for start in range(0, ROWS, SIZE):
            yield X[start : start + SIZE], Y[start : start + SIZE]


class Pieces:
    """What a `keras.utils.Sequence` is: a length, and batches by number."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.epochs_ended = 0

    def __len__(self) -> int:
        return STEPS

    def __getitem__(self, index: int) -> Any:
        self.asked.append(index)
        return X[index * SIZE : (index + 1) * SIZE], Y[index * SIZE : (index + 1) * SIZE]

    def on_epoch_end(self) -> None:
        self.epochs_ended += 1


NATIVE: dict[str, Callable[[], Any]] = {
    "batches": lambda: slices().batch(SIZE),
    "prefetched": lambda: slices().cache().batch(SIZE).prefetch(tf.data.AUTOTUNE),
    "cached batches": lambda: slices().batch(SIZE).cache(),
    "zipped": lambda: Dataset.zip((Dataset.from_tensor_slices(X), Dataset.from_tensor_slices(Y))).batch(SIZE),
    "rebatched": lambda: slices().batch(7).unbatch().batch(SIZE),
    "shuffled by one": lambda: slices().shuffle(1).batch(SIZE),
    "taken": lambda: Dataset.from_tensor_slices((np.tile(X, (2, 1)), np.tile(Y, 2))).take(ROWS).batch(SIZE),
    "mapped batches": lambda: slices().batch(SIZE).map(lambda x, y: (x, y)),
    "batches of mapped": lambda: (
        slices().map(lambda x, y: (x + 1.0, y)).batch(SIZE).map(lambda x, y: (x - 1.0, y))
    ),
    "scaled in batches": lambda: tens().batch(SIZE).map(lambda x, y: (tf.cast(x, tf.float32), y["label"])),
    "filtered": lambda: slices().filter(lambda x, y: y >= 0).batch(SIZE),
    "with options": lambda: slices().batch(SIZE).with_options(tf.data.Options()),
}
IN_PYTHON: dict[str, Callable[[], Any]] = {
    "batches mapped in Python": lambda: slices().batch(SIZE).map(lambda x, y: (x.numpy(), y.numpy())),
    "rows mapped in Python": lambda: slices().map(lambda x, y: (x.numpy(), y)).batch(SIZE),
    "filtered in Python": lambda: slices().filter(lambda x, y: bool(y >= 0)).batch(SIZE),
    "cached results": lambda: slices().batch(SIZE).map(lambda x, y: (x, y)).cache(),
    "generated": lambda: Dataset.from_generator(
        lambda: zip(X, Y, strict=True), output_signature=(tf.TensorSpec((4,), tf.float32), tf.TensorSpec((), tf.int64))
    ).batch(SIZE),
    "list of tuples": lambda: list_of_batches(),
}  # fmt: skip


def list_of_batches() -> Any:
    class Loader:
        """Something to iterate over, again and again, of no known length."""

        def __iter__(self) -> Iterator[Any]:
            return (Pieces()[index] for index in range(STEPS))

    return Loader()


@pytest.mark.parametrize("name", [*NATIVE, *IN_PYTHON])
def test_fit_gives_what_arrays_give(name: str, expected: Any) -> None:
    assert_same(trained((NATIVE | IN_PYTHON)[name]()), expected)


@pytest.mark.parametrize("name", NATIVE)
def test_chains_of_slices_run_natively(name: str) -> None:
    assert isinstance(make_input(NATIVE[name]()), DatasetRows)


@pytest.mark.parametrize("name", [*NATIVE, *IN_PYTHON])
def test_evaluate_and_predict_give_what_arrays_give(name: str) -> None:
    model = make_model()
    data = (NATIVE | IN_PYTHON)[name]()
    np.testing.assert_allclose(
        model.evaluate(data, verbose=0), model.evaluate(X, Y, batch_size=SIZE, verbose=0), rtol=1e-6
    )
    np.testing.assert_allclose(model.predict(data, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
    two = model.evaluate(data, steps=2, verbose=0)
    np.testing.assert_allclose(two, model.evaluate(X[: 2 * SIZE], Y[: 2 * SIZE], verbose=0), rtol=1e-6)
    assert model.predict(data, steps=2, verbose=0).shape == (2 * SIZE, 3)


def test_predict_takes_inputs_alone_and_keeps_the_order() -> None:
    model = make_model()
    whole = model.predict(X, verbose=0)
    assert (model.predict(Dataset.from_tensor_slices(X).batch(9), verbose=0) == whole).all()
    np.testing.assert_allclose(model.predict(slices().skip(5).batch(9), verbose=0), whole[5:], rtol=1e-6)
    order = Dataset.range(ROWS).shuffle(ROWS, seed=1, reshuffle_each_iteration=False)
    rows = [int(row) for row in order]
    shuffled = slices().shuffle(ROWS, seed=1, reshuffle_each_iteration=False).batch(9)
    np.testing.assert_allclose(model.predict(shuffled, verbose=0), whole[rows], rtol=1e-6)


@pytest.mark.parametrize("repeat_first", [True, False])
def test_steps_of_a_dataset_without_an_end(repeat_first: bool, expected: Any) -> None:
    if repeat_first:  # batches go on across the border of the data
        rows = np.arange(3 * STEPS * SIZE) % ROWS
        found = trained(slices().repeat().batch(SIZE), steps_per_epoch=STEPS)
        wanted = make_model()
        for epoch in range(3):
            part = rows[epoch * STEPS * SIZE : (epoch + 1) * STEPS * SIZE]
            wanted.fit(X[part], Y[part], batch_size=SIZE, shuffle=False, verbose=0)
        np.testing.assert_allclose(found[1][0], wanted.get_weights()[0], rtol=1e-4, atol=1e-6)
    else:
        assert_same(trained(slices().batch(SIZE).repeat(), steps_per_epoch=STEPS), expected)


def test_small_batches_in_the_middle_of_an_epoch(expected: Any) -> None:
    model = make_model()
    model.fit(slices().batch(SIZE).repeat(3), verbose=0)
    np.testing.assert_allclose(model.get_weights()[0], expected[1][0], rtol=1e-4, atol=1e-6)
    watched = make_model()
    watched.fit(slices().batch(SIZE).repeat(3), verbose=0, callbacks=[BatchCounter()])
    np.testing.assert_allclose(watched.get_weights()[0], expected[1][0], rtol=1e-4, atol=1e-6)


class BatchCounter(tf.keras.callbacks.Callback):
    """Has a batch hook, so that Python runs between batches."""

    def __init__(self) -> None:
        super().__init__()
        self.batches = 0

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.batches += 1


def test_batch_hooks_see_the_batches_of_a_dataset(expected: Any) -> None:
    counter = BatchCounter()
    assert_same(trained(slices().batch(SIZE), callbacks=[counter]), expected)
    assert counter.batches == 3 * STEPS


def test_drop_remainder_leaves_out_the_rest() -> None:
    found = trained(slices().batch(SIZE, drop_remainder=True))
    whole = ROWS // SIZE * SIZE
    assert_same(found, trained(X[:whole], Y[:whole], batch_size=SIZE, shuffle=False))


def test_sample_weights_of_a_dataset(expected: Any) -> None:
    wanted = trained(X, Y, batch_size=SIZE, shuffle=False, sample_weight=WEIGHT)
    assert wanted[0]["loss"] != expected[0]["loss"]
    dataset = Dataset.from_tensor_slices((X, Y, WEIGHT)).batch(SIZE)
    assert_same(trained(dataset), wanted)
    assert_same(trained(dataset.map(lambda *parts: parts)), wanted)
    model = make_model()
    with_weights = model.evaluate(X, Y, sample_weight=WEIGHT, batch_size=SIZE, verbose=0)
    np.testing.assert_allclose(model.evaluate(dataset, verbose=0), with_weights, rtol=1e-6)


@pytest.mark.parametrize("kind", ["native", "mapped"])
def test_class_weights_of_a_dataset(kind: str) -> None:
    wanted = trained(X, Y, batch_size=SIZE, shuffle=False, class_weight={0: 1.0, 1: 5.0})
    dataset = slices().batch(SIZE)
    if kind == "mapped":
        dataset = dataset.map(lambda x, y: (x, y))
    assert_same(trained(dataset, class_weight={0: 1.0, 1: 5.0}), wanted)


@pytest.mark.parametrize("batched", [False, True])
def test_functions_of_a_dataset_become_part_of_the_step(batched: bool) -> None:
    """Pixels stay bytes until the step, labels stay numbers, and Python is not asked again."""
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, 4)).astype(np.uint8)
    calls = []

    def prepared(x: Any, y: Any) -> Any:
        calls.append(x.shape)
        return tf.cast(x, tf.float32) / 255.0, tf.one_hot(y, 3)

    def make() -> Any:
        model = make_model()
        model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])
        return model

    source = Dataset.from_tensor_slices((pixels, Y))
    dataset = source.batch(SIZE).map(prepared) if batched else source.map(prepared).batch(SIZE)
    assert isinstance(make_input(dataset), DatasetRows)
    model = make()
    history = model.fit(dataset, epochs=3, verbose=0, validation_data=dataset).history
    before = len(calls)
    model.fit(dataset, epochs=4, verbose=0)
    assert len(calls) <= before + 3  # a look at the first rows, but none at each batch
    x, y = (pixels / 255.0).astype(np.float32), np.eye(3, dtype=np.float32)[Y]
    wanted = make().fit(
        x,
        y,
        batch_size=SIZE,
        shuffle=False,
        epochs=3,
        verbose=0,
        validation_data=(x, y),
        validation_batch_size=SIZE,
    )
    for name, values in wanted.history.items():
        np.testing.assert_allclose(history[name], values, rtol=1e-5)


def test_a_nan_is_explained_by_what_the_model_saw() -> None:
    """The pixels reach 255, but the model sees them scaled: not they are the reason."""
    pixels = np.full((ROWS, 4), 255, np.uint8)
    dataset = (
        Dataset.from_tensor_slices((pixels, Y))
        .batch(SIZE)
        .map(lambda x, y: (tf.cast(x, tf.float32) / 255.0, tf.one_hot(y, 3)))
    )
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, input_shape=(4,))])
    model.compile(tf.keras.optimizers.SGD(1e20), "mse")
    with pytest.warns(UserWarning, match="learning rate") as caught:
        model.fit(dataset, verbose=0)
    assert "255" not in str(caught[0].message)


def test_random_functions_of_a_dataset_draw_anew_in_each_batch() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, use_bias=False, input_shape=(1,))])
    model.set_weights([np.ones((1, 1), np.float32)])
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    zeros = np.zeros((40, 1), np.float32)
    dataset = Dataset.from_tensor_slices((zeros, zeros)).batch(10)
    noisy = dataset.map(lambda x, y: (x + tf.random.normal([10, 1]), y))
    tf.random.set_seed(3)
    losses = model.fit(noisy, epochs=30, verbose=0).history["loss"]
    assert len(set(losses)) == 30
    assert abs(np.mean(losses) - 1.0) < 0.15  # the variance of the noise; its error here is 0.04


def test_a_shuffled_dataset_reshuffles_each_epoch_and_follows_its_seed() -> None:
    one, two = (trained(slices().shuffle(ROWS, seed=5).batch(SIZE)) for _ in range(2))
    assert one[0] == two[0]
    assert all((mine == theirs).all() for mine, theirs in zip(one[1], two[1], strict=True))
    fixed = slices().shuffle(ROWS, seed=5, reshuffle_each_iteration=False).batch(SIZE)
    assert one[0]["loss"][0] == trained(fixed)[0]["loss"][0]
    assert one[0]["loss"][1] != trained(fixed)[0]["loss"][1]


def test_an_epoch_is_the_shuffled_order_that_a_loop_sees() -> None:
    dataset = slices().shuffle(20, seed=5, reshuffle_each_iteration=False).batch(SIZE)
    seen = list(dataset.as_numpy_iterator())
    x, y = (np.concatenate([batch[part] for batch in seen]) for part in (0, 1))
    assert_same(trained(dataset), trained(x, y, batch_size=SIZE, shuffle=False))


def test_validation_by_a_dataset() -> None:
    wanted = trained(
        X, Y, batch_size=SIZE, shuffle=False, validation_data=(X[:30], Y[:30]), validation_batch_size=8
    )
    part = Dataset.from_tensor_slices((X[:30], Y[:30]))
    for validation in (part.batch(8), part.batch(8).map(lambda x, y: (x, y))):
        assert_same(trained(slices().batch(SIZE), validation_data=validation), wanted)
        assert_same(trained(X, Y, batch_size=SIZE, shuffle=False, validation_data=validation), wanted)
    # With fewer steps than there are, it is the same batches after each epoch.
    wanted = trained(X, Y, batch_size=SIZE, shuffle=False, validation_data=(X[:16], Y[:16]))
    for validation in (slices().batch(8), slices().batch(8).map(lambda x, y: (x, y)).repeat()):
        found = trained(slices().batch(SIZE), validation_data=validation, validation_steps=2)
        assert_same(found, wanted)


def test_several_inputs_and_outputs_of_a_dataset() -> None:
    def make() -> Any:
        a, b = tf.keras.Input((2,), name="a"), tf.keras.Input((2,), name="b")
        both = tf.keras.layers.Concatenate()([a, b])
        outputs = [
            tf.keras.layers.Dense(1, name="p", kernel_initializer="ones")(both),
            tf.keras.layers.Dense(1, name="q", kernel_initializer="ones")(a),
        ]
        model = tf.keras.Model([a, b], outputs)
        model.compile("sgd", "mse")
        return model

    a, b, p, q = X[:, :2], X[:, 2:], X[:, :1] * 2, X[:, 1:2] + 1
    wanted = make().fit([a, b], [p, q], batch_size=SIZE, epochs=2, shuffle=False, verbose=0).history
    named = Dataset.from_tensor_slices(({"b": b, "a": a}, {"p": p, "q": q})).batch(SIZE)
    in_tuples = Dataset.from_tensor_slices(((a, b), (p, q))).batch(SIZE)
    for dataset in (named, in_tuples, named.map(lambda x, y: (x, y)), in_tuples.map(lambda x, y: (x, y))):
        found = make().fit(dataset, epochs=2, verbose=0).history
        assert list(found) == list(wanted)
        for name in wanted:
            np.testing.assert_allclose(found[name], wanted[name], rtol=1e-5)
        for mine, theirs in zip(
            make().predict(dataset, verbose=0), make().predict([a, b], verbose=0), strict=True
        ):
            np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_bytes_and_doubles_of_a_dataset() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (ROWS, 4)).astype(np.uint8)
    for x in (pixels, pixels / 255.0, (pixels / 255.0).astype(np.float16)):
        dataset = Dataset.from_tensor_slices((x, Y.astype(np.uint8))).batch(SIZE)
        wanted = trained(x, Y, batch_size=SIZE, shuffle=False)
        assert_same(trained(dataset), wanted)
        assert_same(trained(dataset.map(lambda a, b: (a, b))), wanted)


# Generators and sequences


def test_a_generator(expected: Any) -> None:
    assert_same(trained(endless(), steps_per_epoch=STEPS), expected)
    model = make_model()
    once = (batch for batch, _ in zip(endless(), range(STEPS), strict=False))
    model.fit(once, verbose=0)
    assert model.history.history["loss"] == pytest.approx(expected[0]["loss"][:1], rel=1e-5)
    inputs = (x for (x, _), _ in zip(endless(), range(STEPS), strict=False))
    np.testing.assert_allclose(model.predict(inputs, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
    found = model.evaluate(endless(), steps=STEPS, verbose=0)
    np.testing.assert_allclose(found, model.evaluate(X, Y, batch_size=SIZE, verbose=0), rtol=1e-6)


def test_a_sequence(expected: Any) -> None:
    pieces = Pieces()
    assert_same(trained(pieces, shuffle=False), expected)
    assert pieces.epochs_ended == 3
    assert pieces.asked == [*range(STEPS)] * 3
    model = make_model()
    np.testing.assert_allclose(model.predict(pieces, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
    np.testing.assert_allclose(
        model.evaluate(pieces, verbose=0), model.evaluate(X, Y, batch_size=SIZE, verbose=0), rtol=1e-6
    )


def test_a_sequence_is_taken_in_a_new_order_each_epoch() -> None:
    pieces = Pieces()
    tf.keras.utils.set_random_seed(4)
    trained(pieces)
    epochs = [pieces.asked[start : start + STEPS] for start in range(0, 3 * STEPS, STEPS)]
    assert [sorted(epoch) for epoch in epochs] == [[*range(STEPS)]] * 3
    assert len({tuple(epoch) for epoch in epochs}) > 1


# Tables and lists


class Frame:
    """What matters of a data frame of pandas'."""

    def __init__(self, array: Any) -> None:
        self.array = array

    def to_numpy(self) -> Any:
        return self.array

    def __len__(self) -> int:
        return len(self.array)

    def __iter__(self) -> Iterator[str]:  # a frame iterates over the names of its columns
        return iter(["a", "b", "c", "d"])

    def __getitem__(self, name: str) -> Any:
        raise KeyError(name)


class Table:
    """What matters of a table of Arrow's."""

    column_names = ("a", "b", "c", "d")

    def column(self, name: str) -> Any:
        return X[:, self.column_names.index(name)]

    def __len__(self) -> int:
        return ROWS


def test_frames_tables_and_lists(expected: Any) -> None:
    settings = {"batch_size": SIZE, "shuffle": False}
    assert_same(trained(Frame(X), Frame(Y), **settings), expected)
    assert_same(trained(Frame(X.astype(object)), Y, **settings), expected)
    assert_same(trained(Table(), Y, **settings), expected)
    assert_same(trained(X.tolist(), Y.tolist(), **settings), expected)
    assert_same(trained([row for row in X], Y.tolist(), **settings), expected)  # noqa: C416 - a list of arrays
    model = make_model()
    for x in (Frame(X), Table(), X.tolist(), tuple(map(tuple, X.tolist())), tf.constant(X)):
        np.testing.assert_allclose(model.predict(x, verbose=0), model.predict(X, verbose=0), rtol=1e-6)
        found = model.evaluate(x, Y.tolist(), verbose=0)
        np.testing.assert_allclose(found, model.evaluate(X, Y, verbose=0), rtol=1e-6)
    assert model.predict([[1.0, 0.0, 0.0, 1.0]], verbose=0).shape == (1, 3)


# Mistakes


@pytest.mark.parametrize(
    ("use", "text"),
    [
        (lambda model: model.fit(slices().batch(8).repeat(), verbose=0), "steps_per_epoch"),
        (lambda model: model.evaluate(slices().batch(8).repeat(), verbose=0), "steps="),
        (lambda model: model.predict(slices().batch(8).repeat(), verbose=0), "steps="),
        (lambda model: model.fit(X, Y, validation_data=slices().repeat().batch(8), verbose=0), "validation_steps"),
        (lambda model: model.fit(slices().batch(8), batch_size=8), "yields batches"),
        (lambda model: model.fit(slices().batch(8), Y), "itself must yield the labels"),
        (lambda model: model.fit(slices(), verbose=0), r"dataset.batch\(32\)"),
        (lambda model: model.fit(slices().map(lambda x, y: (x, y)), verbose=0), r"dataset.batch\(32\)"),
        (lambda model: model.fit(slices().take(0).batch(2), verbose=0), "no batches"),
        (lambda model: model.fit(slices().batch(2).map(lambda x, y: (x, y)).take(0), verbose=0), "no batch"),
        (lambda model: model.fit(iter([]), verbose=0), "no batch"),
        (lambda model: model.fit(slices().batch(8), validation_split=0.5, verbose=0), "validation_data"),
        (lambda model: model.fit(Dataset.zip((slices(), slices(), slices(), slices())).batch(2)), "4 parts"),
    ],
)  # fmt: skip
def test_mistakes(use: Any, text: str) -> None:
    with pytest.raises(ValueError, match=text):
        use(make_model())


def test_input_that_ends_too_early() -> None:
    model = make_model()
    with pytest.warns(UserWarning, match="after 2 of 4 batches"):
        model.fit(slices().take(16).batch(8), steps_per_epoch=4, verbose=0)
    with pytest.warns(UserWarning, match="after 2 of 4 batches"):
        model.fit(iter([(X, Y)] * 2), steps_per_epoch=4, verbose=0)


def test_the_wrong_labels_of_a_dataset_are_seen_before_training() -> None:
    with pytest.raises(IndexError, match="outside the classes"):
        make_model().fit(Dataset.from_tensor_slices((X, Y + 1)).batch(8), verbose=0)


def test_batches_say_how_many_there_are() -> None:
    assert make_input(Pieces()).steps(EpochSettings(32)) == STEPS
    assert isinstance(make_input(endless()), Batches)


def test_a_sparse_matrix_is_one_array() -> None:
    """What scikit-learn's encoders give has toarray(); the class below stands for SciPy's."""

    class Sparse:
        def __init__(self, dense: np.ndarray) -> None:
            self.dense, self.shape = dense, dense.shape

        def toarray(self) -> np.ndarray:
            return self.dense

        def __getitem__(self, index: int) -> Any:
            return self.dense[index]

        def __len__(self) -> int:
            raise TypeError("sparse matrix length is ambiguous")

    x, y = np.eye(4, 3), np.array([1.0, 0.0, 0.0, 1.0])
    results = []
    for given in (x, Sparse(x)):
        model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(3,))])
        model.compile("sgd", "mse")
        model.fit(given, y, shuffle=False, verbose=0)
        results.append(model.predict(given, verbose=0))
    np.testing.assert_array_equal(*results)


def test_a_sequential_model_takes_a_dictionary_of_one() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, kernel_initializer="ones", input_shape=(2,))])
    model.compile("sgd", "mse")
    x, y = np.ones((4, 2)), np.full(4, 2.0)
    assert model.fit({"dense_input": x}, y, verbose=0).history == {"loss": [0.0]}
    assert model.predict({"x": x[:1]}, verbose=0).tolist() == [[2.0]]
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"one input.*\['a', 'b'\]"):
        model({"a": x, "b": x})


# How epochs with `steps_per_epoch` follow each other. Every right value is from Keras 2.15.

COUNTING = np.arange(24, dtype="float32")[:, None]


class Scale(tf.keras.layers.Layer):
    """The input times a weight that begins as 1 and, at learning rate 0, stays 1: the loss names the rows seen."""

    def build(self, input_shape: Any) -> None:
        """Makes the weight."""
        self.scale = self.add_weight(name="scale", shape=(), initializer="ones")

    def call(self, inputs: Any) -> Any:
        """Scales."""
        return inputs * self.scale


def epochs_of(*data: Any, **options: Any) -> dict[str, list[float]]:
    """The history of a model whose loss is the mean of the rows of an epoch."""
    model = tf.keras.Sequential([tf.keras.layers.Input((1,)), Scale()])
    model.compile(tf.keras.optimizers.SGD(0.0), "mae")
    history: dict[str, list[float]] = model.fit(*data, verbose=0, shuffle=False, **options).history
    return history


def counted_batches(count: int) -> Iterator[Any]:
    """The first batches of four rows."""
    for number in range(count):
        rows = COUNTING[number * 4 : number * 4 + 4]
        yield rows, rows * 0


class CountingSequence(tf.keras.utils.Sequence):
    """Six batches of four rows."""

    def __len__(self) -> int:
        return 6

    def __getitem__(self, index: int) -> Any:
        rows = COUNTING[index * 4 : index * 4 + 4]
        return rows, rows * 0


@pytest.mark.parametrize(
    ("steps", "expected"), [(3, [5.5, 17.5, 5.5, 17.5]), (4, [7.5, 11.5, 15.5, 7.5]), (6, [11.5] * 4)]
)
def test_arrays_continue_where_the_last_epoch_stopped(steps: int, expected: list[float]) -> None:
    options = {"batch_size": 4, "epochs": 4, "steps_per_epoch": steps}
    assert epochs_of(COUNTING, COUNTING * 0, **options)["loss"] == expected
    assert epochs_of(tf.constant(COUNTING), tf.constant(COUNTING * 0), **options)["loss"] == expected
    assert epochs_of(COUNTING, COUNTING * 0, callbacks=[BatchCounter()], **options)["loss"] == expected


def test_shuffled_arrays_with_steps_see_each_row_once_in_each_pass() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Input((1,)), Scale()])
    model.compile(tf.keras.optimizers.SGD(0.0), "mae")
    losses = model.fit(COUNTING, COUNTING * 0, batch_size=4, epochs=4, steps_per_epoch=3, verbose=0).history[
        "loss"
    ]
    assert losses[0] + losses[1] == losses[2] + losses[3] == 23.0
    assert losses[0] != losses[2]


def test_arrays_that_run_out_of_data() -> None:
    with pytest.warns(UserWarning, match="ran out of data after 4 of 10 batches"):
        history = epochs_of(COUNTING, COUNTING * 0, batch_size=4, epochs=4, steps_per_epoch=10)
    assert len(history["loss"]) == 3


def test_validation_begins_at_the_first_row_each_time() -> None:
    history = epochs_of(
        COUNTING, COUNTING * 0, batch_size=4, epochs=2, validation_data=(COUNTING, COUNTING * 0),
        validation_steps=2, validation_batch_size=4,
    )  # fmt: skip
    assert history == {"loss": [11.5, 11.5], "val_loss": [3.5, 3.5]}


def test_a_sequence_begins_at_its_first_batch_in_each_epoch() -> None:
    assert epochs_of(CountingSequence(), epochs=4, steps_per_epoch=4)["loss"] == [7.5] * 4
    with pytest.warns(UserWarning, match="ran out of data after 6 of 10 batches"):
        assert epochs_of(CountingSequence(), epochs=2, steps_per_epoch=10)["loss"] == [11.5]


@pytest.mark.parametrize(
    ("count", "options", "expected"),
    [
        (5, {"steps_per_epoch": 2, "epochs": 4}, [3.5, 11.5, 17.5]),
        (4, {"steps_per_epoch": 2, "epochs": 4}, [3.5, 11.5]),
        (6, {"epochs": 2}, [11.5]),
    ],
)
def test_a_generator_that_ends_early_warns_and_returns_the_history(
    count: int, options: dict[str, int], expected: list[float]
) -> None:
    with pytest.warns(UserWarning, match="ran out of data .* can be used only once"):
        assert epochs_of(counted_batches(count), **options)["loss"] == expected


@pytest.mark.parametrize("python", [False, True])
@pytest.mark.parametrize(
    ("steps", "epochs", "expected"),
    [(2, 5, [3.5, 11.5, 19.5]), (4, 3, [7.5, 19.5]), (10, 2, [11.5]), (2, 3, [3.5, 11.5, 19.5])],
)
def test_a_dataset_that_ends_early(steps: int, epochs: int, expected: list[float], python: bool) -> None:
    dataset = Dataset.from_tensor_slices((COUNTING, COUNTING * 0)).batch(4)
    if python:
        dataset = Dataset.from_generator(
            lambda: counted_batches(6),
            output_signature=(tf.TensorSpec((4, 1)), tf.TensorSpec((4, 1))),
        )
    if steps * epochs == 6:
        assert epochs_of(dataset, epochs=epochs, steps_per_epoch=steps)["loss"] == expected
        return
    with pytest.warns(UserWarning, match="ran out of data"):
        assert epochs_of(dataset, epochs=epochs, steps_per_epoch=steps)["loss"] == expected


# What belongs to training only.


def test_class_weights_do_not_reach_the_validation() -> None:
    x = np.array([[1.0], [2.0], [3.0], [4.0]])
    y = np.array([0, 1, 0, 1])

    def trained(**options: Any) -> dict[str, list[float]]:
        model = tf.keras.Sequential([tf.keras.layers.Input((1,)), Scale()])
        model.compile(tf.keras.optimizers.SGD(0.0), "mse")
        history: dict[str, list[float]] = model.fit(x, y, verbose=0, shuffle=False, **options).history
        return history

    weights = {0: 1.0, 1: 3.0}
    # Errors 1, 1, 9, 9: the mean over the first two rows is (1 + 3) / 2, over the last two (9 + 9) / 2.
    assert trained(class_weight=weights, validation_split=0.5) == {"loss": [2.0], "val_loss": [9.0]}
    given = trained(class_weight=weights, validation_data=(x, y))
    assert given == {"loss": [(1 + 3 + 9 + 27) / 4], "val_loss": [5.0]}
    # Weights of rows belong to the rows, so they go along with those that are split off.
    assert trained(sample_weight=np.array([1.0, 2.0, 3.0, 4.0]), validation_split=0.5)["val_loss"] == [31.5]


@pytest.mark.parametrize("shuffle", [False, True])
def test_an_interrupted_run_with_steps_continues_at_the_same_row(shuffle: bool, tmp_path: Path) -> None:
    class Interrupted(tf.keras.callbacks.Callback):
        """Breaks off before the third epoch."""

        def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
            """Interrupts."""
            if epoch == 2:
                raise KeyboardInterrupt

    def losses(*callbacks: Any) -> list[float]:
        tf.keras.utils.set_random_seed(5)
        model = tf.keras.Sequential([tf.keras.layers.Input((1,)), Scale()])
        model.compile(tf.keras.optimizers.SGD(0.0), "mae")
        history: list[float] = model.fit(
            COUNTING, COUNTING * 0, batch_size=4, epochs=6, steps_per_epoch=4, shuffle=shuffle, verbose=0,
            callbacks=list(callbacks),
        ).history["loss"]  # fmt: skip
        return history

    expected = losses()
    backup = tf.keras.callbacks.BackupAndRestore(tmp_path)
    with pytest.raises(KeyboardInterrupt):
        losses(backup, Interrupted())
    assert losses(backup) == expected[2:]


@pytest.mark.parametrize("steps", [0, -1, 1.5, True])
def test_steps_are_at_least_one(steps: Any) -> None:
    model = make_model()
    with pytest.raises(ValueError, match=r"steps_per_epoch is .*, expected an integer of at least 1"):
        model.fit(X, Y, steps_per_epoch=steps, verbose=0)
    with pytest.raises(ValueError, match=r"^steps is .*, expected an integer of at least 1"):
        model.evaluate(X, Y, steps=steps, verbose=0)
