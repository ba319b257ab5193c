"""Mistakes that Keras lets pass are caught before training; what is legitimate is left alone."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError

Layers, Losses = tf.keras.layers, tf.keras.losses
ROWS = 12
X = np.random.default_rng(1).normal(size=(ROWS, 4)).astype("float32")
CLASSES = np.arange(ROWS) % 3
ONE_HOT = np.eye(3, dtype="float32")[CLASSES]
BINARY = (np.arange(ROWS) % 2).astype("float32")


@pytest.fixture(autouse=True)
def seeded() -> None:
    """The same first weights in each run."""
    tf.keras.utils.set_random_seed(1)


def network(*layers: Any, loss: Any, **settings: Any) -> Any:
    """A compiled model of layers after four inputs."""
    model = tf.keras.Sequential([Layers.Dense(5, activation="relu", input_shape=(4,)), *layers])
    model.compile("adam", loss, **settings)
    return model


def untouched(model: Any, y: Any, error: type[Exception], *, x: Any = X) -> str:
    """The message of the error that `fit` raises before it changes a weight."""
    before = model.get_weights()
    with pytest.raises(error) as caught:
        model.fit(x, y, verbose=0)
    for old, new in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)
    return str(caught.value)


def warned(model: Any, y: Any) -> str:
    """The first warning of `fit`, which points at the call. (Without an activation NaN may follow, as in Keras.)"""
    with pytest.warns(UserWarning) as caught:
        model.fit(X, y, verbose=0)
    assert {one.filename for one in caught} == {__file__}
    return str(caught[0].message)


# The mistakes, one by one.


@pytest.mark.parametrize(
    "loss",
    [
        Losses.SparseCategoricalCrossentropy(from_logits=True),
        Losses.CategoricalCrossentropy(from_logits=True),
    ],
    ids=["sparse", "categorical"],
)
def test_softmax_before_a_loss_from_logits(loss: Any) -> None:
    labels = CLASSES if "Sparse" in type(loss).__name__ else ONE_HOT
    ways = [
        [Layers.Dense(3, activation="softmax")],
        [Layers.Dense(3), Layers.Softmax()],
        [Layers.Dense(3), Layers.Activation(tf.nn.softmax)],
        [tf.keras.Sequential([Layers.Dense(3, activation="softmax", input_shape=(5,))])],
    ]
    for way in ways:
        text = warned(network(*way, loss=loss), labels)
        assert "The last layer applies softmax, and the loss has from_logits=True" in text
        assert "Remove activation='softmax' or from_logits=True." in text


def test_sigmoid_before_a_loss_from_logits() -> None:
    loss = Losses.BinaryCrossentropy(from_logits=True)
    assert "The last layer applies sigmoid" in warned(
        network(Layers.Dense(1, activation="sigmoid"), loss=loss), BINARY
    )


def test_softmax_from_logits_in_a_subclassed_model() -> None:
    class Own(tf.keras.Model):
        """The layer that comes last among the attributes is not the last one called."""

        def __init__(self) -> None:
            super().__init__()
            self.out = Layers.Dense(3, activation="softmax")
            self.first = Layers.Dense(5)

        def call(self, x: Any) -> Any:
            return self.out(self.first(x))

    model = Own()
    model.compile("adam", Losses.SparseCategoricalCrossentropy(from_logits=True))
    assert "applies softmax" in warned(model, CLASSES)


@pytest.mark.parametrize(
    ("units", "loss", "labels", "activation"),
    [
        (3, "sparse_categorical_crossentropy", CLASSES, "softmax"),
        (3, "categorical_crossentropy", ONE_HOT, "softmax"),
        (1, "binary_crossentropy", BINARY, "sigmoid"),
    ],
)
def test_no_activation_before_a_loss_of_probabilities(
    units: int, loss: str, labels: Any, activation: str
) -> None:
    text = warned(network(Layers.Dense(units), loss=loss), labels)
    assert f"no activation, but the loss '{loss}' expects probabilities" in text
    assert f"activation='{activation}' in the layer or from_logits=True in the loss" in text


@pytest.mark.parametrize(("wrong", "row"), [(3, 7), (10, 2), (-1, 5)])
def test_labels_outside_the_classes(wrong: int, row: int) -> None:
    labels = CLASSES.copy()
    labels[row] = wrong
    model = network(Layers.Dense(3, activation="softmax"), loss="sparse_categorical_crossentropy")
    for given in (labels, labels.astype("float32"), labels[:, None]):
        text = untouched(model, given, OutOfRangeError)
        assert f"The label {wrong} in row {row} of y is outside the classes 0 to 2" in text
        fix = (
            f"Dense({wrong + 1}), or labels that start at 0" if wrong > 0 else "labels that start at 0: y + 1"
        )
        assert f"Expected {fix}." in text


def test_labels_outside_the_classes_in_the_validation_data() -> None:
    model = network(Layers.Dense(3, activation="softmax"), loss="sparse_categorical_crossentropy")
    with pytest.raises(OutOfRangeError, match="The label 5 in row 2 of y of the validation data"):
        model.fit(X, CLASSES, validation_data=(X, CLASSES + 3), verbose=0)
    with pytest.raises(OutOfRangeError, match="The label 5 in row 2 of y is outside"):
        model.evaluate(X, CLASSES + 3, verbose=0)


def test_a_class_that_is_ignored_may_lie_outside() -> None:
    loss = Losses.SparseCategoricalCrossentropy(ignore_class=-1)
    model = network(Layers.Dense(3, activation="softmax"), loss=loss)
    model.fit(X, np.where(CLASSES == 2, -1, CLASSES), verbose=0)
    text = untouched(model, np.where(CLASSES == 2, 7, CLASSES), OutOfRangeError)
    assert "The label 7 in row 2" in text


def test_labels_that_are_no_class_numbers() -> None:
    model = network(Layers.Dense(3, activation="softmax"), loss="sparse_categorical_crossentropy")
    text = untouched(model, CLASSES * 0.75, OutOfRangeError)
    assert "The label 0.75 in row 1 of y is not a class index" in text and "loss='mse'" in text


@pytest.mark.parametrize(
    "loss", ["sparse_categorical_crossentropy", Losses.SparseCategoricalCrossentropy(from_logits=True)]
)
def test_one_hot_labels_with_the_sparse_loss(loss: Any) -> None:
    model = network(Layers.Dense(3, activation="softmax" if isinstance(loss, str) else None), loss=loss)
    text = untouched(model, ONE_HOT, ShapeError)
    assert "(12, 3), one column per class" in text
    assert "Use loss='categorical_crossentropy', or convert the labels with y.argmax(axis=-1)." in text


@pytest.mark.parametrize("labels", [CLASSES, CLASSES[:, None]], ids=["row", "column"])
@pytest.mark.parametrize("loss", ["categorical_crossentropy", "categorical_focal_crossentropy"])
def test_class_numbers_with_the_categorical_loss(loss: str, labels: Any) -> None:
    text = untouched(network(Layers.Dense(3, activation="softmax"), loss=loss), labels, ShapeError)
    assert "one value per row" in text and "expects 3 columns" in text
    assert "loss='sparse_categorical_crossentropy', or tf.keras.utils.to_categorical(y, 3)" in text


@pytest.mark.parametrize("loss", ["categorical_crossentropy", "sparse_categorical_crossentropy"])
def test_one_sigmoid_unit_with_a_loss_of_several_classes(loss: str) -> None:
    text = untouched(network(Layers.Dense(1, activation="sigmoid"), loss=loss), BINARY, InvalidArgumentError)
    assert "The last layer has one unit" in text and "use loss='binary_crossentropy'" in text


@pytest.mark.parametrize("loss", ["binary_crossentropy", "mse", "categorical_crossentropy"])
def test_softmax_over_one_unit(loss: str) -> None:
    text = untouched(network(Layers.Dense(1, activation="softmax"), loss=loss), BINARY, InvalidArgumentError)
    assert "softmax over one unit, whose output is always 1" in text
    assert "Dense(1, activation='sigmoid') with loss='binary_crossentropy'" in text


def test_a_width_that_does_not_match_the_labels() -> None:
    text = untouched(
        network(Layers.Dense(4, activation="softmax"), loss="categorical_crossentropy"), ONE_HOT, ShapeError
    )
    assert "have 3 columns, but the last layer has 4 units" in text and "Dense(3)" in text
    text = untouched(network(Layers.Dense(2), loss="mse"), ONE_HOT, ShapeError)
    assert "have shape (12, 3), but the last layer has 2 units" in text and "Dense(3)" in text
    text = untouched(network(Layers.Dense(2), loss="mae"), BINARY, ShapeError)
    assert "are one value per row, but the last layer has 2 units" in text and "Expected Dense(1)" in text
    text = untouched(
        network(Layers.Dense(3, activation="sigmoid"), loss="binary_crossentropy"), BINARY, ShapeError
    )
    assert "for 3 classes, loss='sparse_categorical_crossentropy'" in text


@pytest.mark.parametrize(
    ("labels", "words"),
    [
        (2 * BINARY - 1, "The label -1 in row 0 of y is outside the classes 0 and 1"),
        (CLASSES, "The label 2 in row 2 of y is outside the classes 0 and 1"),
    ],
    ids=["minus one", "three classes"],
)
def test_binary_labels_outside_0_and_1(labels: Any, words: str) -> None:
    """Keras trains on them in silence."""
    text = warned(network(Layers.Dense(1, activation="sigmoid"), loss="binary_crossentropy"), labels)
    assert words in text and "no minimum" in text
    assert ("loss='hinge'" in text) == (labels.min() < 0)


def test_each_output_is_looked_at() -> None:
    start = tf.keras.Input((4,))
    a = Layers.Dense(3, activation="softmax", name="kind")(start)
    b = Layers.Dense(1, name="size")(start)
    model = tf.keras.Model(start, [a, b])
    model.compile("adam", ["sparse_categorical_crossentropy", "mse"])
    text = untouched(model, [CLASSES + 1, BINARY], OutOfRangeError)
    assert "in row 2 of y of the output 'kind' is outside" in text
    text = untouched(model, {"kind": ONE_HOT, "size": BINARY}, ShapeError)
    assert "y of the output 'kind'" in text
    model.fit(X, {"kind": CLASSES, "size": BINARY}, verbose=0)


def test_the_first_batch_of_a_generator_is_looked_at() -> None:
    def batches() -> Iterator[Any]:
        while True:
            yield X, ONE_HOT

    model = network(Layers.Dense(3, activation="softmax"), loss="sparse_categorical_crossentropy")
    with pytest.raises(ShapeError, match="one column per class"):
        model.fit(batches(), steps_per_epoch=2, verbose=0)


def words(layer: Any) -> Any:
    """A compiled model whose first layer takes whole numbers."""
    model = tf.keras.Sequential([layer, Layers.Flatten(), Layers.Dense(3, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


@pytest.mark.parametrize("dtype", ["int32", "int64", "float32"])
def test_numbers_that_a_layer_has_no_row_for(dtype: str) -> None:
    numbers = (np.arange(ROWS) % 5)[:, None].astype(dtype)
    model = words(Layers.Embedding(4, 2, input_length=1))
    text = untouched(model, CLASSES, OutOfRangeError, x=numbers)
    assert 'The number 4 in row 4 of x is outside the range 0 to 3 of the Embedding layer "embedding' in text
    assert text.endswith("with input_dim=4. Expected input_dim=5.")
    model.fit(numbers % 4, CLASSES, verbose=0)
    with pytest.raises(OutOfRangeError, match="row 4 of x of the validation data"):
        model.fit(numbers % 4, CLASSES, validation_data=(numbers, CLASSES), verbose=0)
    # Traced, such a number would be a row of zeros without a word.
    model = words(Layers.CategoryEncoding(4, output_mode="one_hot", input_shape=(1,)))
    assert "Expected num_tokens=5." in untouched(model, CLASSES, OutOfRangeError, x=numbers)
    assert "integers that start at 0" in untouched(model, CLASSES, OutOfRangeError, x=numbers - 2)


def test_a_constructor_without_super() -> None:
    class Forgetful(tf.keras.Model):
        """Its constructor calls no other."""

        def __init__(self) -> None:
            self.dense = Layers.Dense(1)

        def call(self, x: Any) -> Any:
            return self.dense(x)

    model = Forgetful()
    model.compile("sgd", "mse")
    with pytest.raises(AttributeError, match=r"Forgetful.__init__ did not call super\(\).__init__\(\)"):
        model.fit(X, BINARY, verbose=0)


def test_no_labels() -> None:
    with pytest.raises(
        InvalidArgumentError, match=r"no labels to compute the loss from. Expected fit\(x, y\)"
    ):
        network(Layers.Dense(1), loss="mse").fit(X, verbose=0)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"epochs": 1.5}, "epochs is 1.5, expected an integer"),
        ({"epochs": -1}, "epochs is -1"),
        ({"batch_size": 0}, "batch_size is 0, expected an integer of at least 1"),
        ({"class_weight": {"a": 1.0}}, "class_weight has 'a': 1.0, expected a weight for each class index"),
        ({"class_weight": {0: "big"}}, "class_weight has 0: 'big'"),
        ({"validation_split": 1.0}, "leaves 0 for training"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_arguments_of_fit_that_make_no_sense(options: dict[str, Any], message: str) -> None:
    model = network(Layers.Dense(3, activation="softmax"), loss="sparse_categorical_crossentropy")
    with pytest.raises(InvalidArgumentError) as caught:
        model.fit(X, CLASSES, verbose=0, **options)
    assert message in str(caught.value)


# No false alarms.

TABLE = np.random.default_rng(2).integers(0, 3, (ROWS, 2))


def functional(layer: Any) -> Any:
    """A model whose output is made before the layer that was made last."""
    start = tf.keras.Input((4,))
    return tf.keras.Model(start, layer(start))


class Gated(tf.keras.Model):
    """A softmax inside, logits at the end."""

    def __init__(self) -> None:
        super().__init__()
        self.out = Layers.Dense(3)
        self.gate = Layers.Dense(4, activation="softmax")

    def call(self, x: Any) -> Any:
        return self.out(x * self.gate(x))


SPARSE, CATEGORICAL, BINARY_LOSS = (
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
)
SPARSE_LOGITS = Losses.SparseCategoricalCrossentropy(from_logits=True)
LOGITS = Losses.CategoricalCrossentropy(from_logits=True)


def softmax(units: int = 3) -> list[Any]:
    """Ends with probabilities."""
    return [Layers.Dense(units, activation="softmax")]


def sigmoid(units: int = 1) -> list[Any]:
    """Ends with a probability for each unit."""
    return [Layers.Dense(units, activation="sigmoid")]


#: Name -> the loss, the labels, and the layers at the end.
LEGITIMATE: dict[str, tuple[Any, Any, Any]] = {
    "softmax, sparse": (SPARSE, CLASSES, softmax),
    "softmax, sparse column of floats": (SPARSE, CLASSES[:, None].astype("float64"), softmax),
    "softmax, bytes": (SPARSE, CLASSES.astype("uint8"), softmax),
    "more units than classes": (SPARSE, CLASSES, lambda: [Layers.Dense(7, activation="softmax")]),
    "softmax, one-hot": (CATEGORICAL, ONE_HOT, softmax),
    "soft labels": (CATEGORICAL, ONE_HOT * 0.9 + 0.1 / 3, softmax),
    "one-hot of whole numbers": (CATEGORICAL, ONE_HOT.astype(int), softmax),
    "logits": (SPARSE_LOGITS, CLASSES, lambda: [Layers.Dense(3)]),
    "logits, one-hot": (LOGITS, ONE_HOT, lambda: [Layers.Dense(3)]),
    "linear activation, logits": (LOGITS, ONE_HOT, lambda: [Layers.Dense(3, activation="linear")]),
    "sigmoid, binary": (BINARY_LOSS, BINARY, sigmoid),
    "sigmoid, booleans": (BINARY_LOSS, BINARY > 0, sigmoid),
    "sigmoid, shares": (BINARY_LOSS, BINARY * 0.8 + 0.1, sigmoid),
    "sigmoid, mse": ("mse", BINARY[:, None], sigmoid),
    "binary logits": (Losses.BinaryCrossentropy(from_logits=True), BINARY, lambda: [Layers.Dense(1)]),
    "several labels": (BINARY_LOSS, ONE_HOT, lambda: [Layers.Dense(3, activation="sigmoid")]),
    "two sigmoids, one-hot": (
        BINARY_LOSS,
        np.eye(2)[CLASSES % 2],
        lambda: [Layers.Dense(2, activation="softmax")],
    ),
    "sigmoid, sparse": (SPARSE, CLASSES, lambda: [Layers.Dense(3, activation="sigmoid")]),
    "softmax, mse": ("mse", ONE_HOT, softmax),
    "regression": ("mse", BINARY * 100 - 7, lambda: [Layers.Dense(1)]),
    "regression, several numbers": ("mae", X, lambda: [Layers.Dense(4)]),
    "hinge": ("hinge", 2 * BINARY - 1, lambda: [Layers.Dense(1, activation="tanh")]),
    "categorical hinge": ("categorical_hinge", ONE_HOT, lambda: [Layers.Dense(3)]),
    "divergence": ("kl_divergence", ONE_HOT, softmax),
    "poisson": ("poisson", CLASSES.astype("float32"), lambda: [Layers.Dense(1, activation="exponential")]),
    "cosine": ("cosine_similarity", ONE_HOT, lambda: [Layers.Dense(3)]),
    "own loss of class numbers": (
        lambda y, p: tf.nn.sparse_softmax_cross_entropy_with_logits(tf.cast(tf.squeeze(y, -1), tf.int64), p),
        CLASSES,
        lambda: [Layers.Dense(3)],
    ),
    "own loss of any width": (
        lambda y, p: tf.reduce_mean(tf.square(p), axis=-1),
        BINARY,
        lambda: [Layers.Dense(7)],
    ),
    "softmax of halves": (
        CATEGORICAL,
        ONE_HOT,
        lambda: [Layers.Dense(6), Layers.Lambda(lambda x: tf.nn.softmax(x[:, :3]))],
    ),
    "own probabilities": (
        CATEGORICAL,
        ONE_HOT,
        lambda: [
            Layers.Dense(3, activation="exponential"),
            Layers.Lambda(lambda x: x / tf.reduce_sum(x, axis=1, keepdims=True)),
        ],
    ),
    "dropout at the end": (
        CATEGORICAL,
        ONE_HOT,
        lambda: [Layers.Dense(3, activation="softmax"), Layers.Dropout(0.1)],
    ),
    "classes on tables": (
        SPARSE,
        CLASSES[:, None],
        lambda: [Layers.Reshape((1, 5)), Layers.Dense(3, activation="softmax")],
    ),
    "two numbers an example": (
        SPARSE,
        TABLE,
        lambda: [Layers.Dense(6), Layers.Reshape((2, 3)), Layers.Softmax()],
    ),
    "two one-hots an example": (
        CATEGORICAL,
        np.eye(3)[TABLE],
        lambda: [Layers.Dense(6), Layers.Reshape((2, 3)), Layers.Softmax()],
    ),
}


@pytest.mark.parametrize("name", LEGITIMATE)
def test_no_false_alarm(name: str) -> None:
    loss, labels, layers = LEGITIMATE[name]
    model = network(*layers(), loss=loss)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(X, labels, verbose=0, validation_data=(X, labels))
        assert np.isfinite(model.evaluate(X, labels, verbose=0))


def test_no_false_alarm_for_models_of_other_forms() -> None:
    loss = Losses.SparseCategoricalCrossentropy(from_logits=True)
    for model in (functional(Layers.Dense(3)), Gated()):
        model.compile("adam", loss)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            model.fit(X, CLASSES, verbose=0)


@pytest.mark.parametrize("weights", ["balanced", [1.0, 2.0], np.array([1.0, 2.0])])
def test_class_weights_that_are_no_dictionary(weights: Any) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(2,))])
    model.compile("sgd", "binary_crossentropy")
    with pytest.raises(InvalidArgumentError, match=r"a dictionary from class index to weight.*enumerate"):
        model.fit(np.ones((4, 2)), np.array([0, 1, 0, 1]), class_weight=weights, verbose=0)
    model.fit(np.ones((4, 2)), np.array([0, 1, 0, 1]), class_weight={}, verbose=0)


@pytest.mark.parametrize(
    ("labels", "fix"),
    [
        ([1, 2, 3], r"Dense\(4\), or labels that start at 0: y - 1\."),
        ([-1, 0, 1], r"Expected labels that start at 0: y \+ 1\."),
        ([0, 1, 3], r"Dense\(4\), or labels that start at 0\."),
    ],
)
def test_labels_outside_the_classes_say_how_to_count(labels: list[int], fix: str) -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(3, activation="softmax", input_shape=(2,))])
    model.compile("sgd", "sparse_categorical_crossentropy")
    with pytest.raises(tf.errors.OutOfRangeError, match=fix):
        model.fit(np.ones((3, 2)), np.array(labels), verbose=0)


def test_units_that_were_divided() -> None:
    assert tf.keras.layers.Dense(64 / 2).units == 32
    with pytest.raises(InvalidArgumentError, match=r"units=1\.5"):
        tf.keras.layers.Dense(1.5)


def test_a_learning_rate_in_text() -> None:
    with pytest.raises(InvalidArgumentError, match=r"the string '0\.1', expected a number"):
        tf.keras.optimizers.Adam("0.1")


def test_text_in_to_categorical() -> None:
    with pytest.raises(InvalidArgumentError, match="return_inverse"):
        tf.keras.utils.to_categorical(["a", "b"])


def test_a_csv_file_that_cannot_be_written() -> None:
    model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    model.compile("sgd", "mse")
    with pytest.raises(FileNotFoundError, match=r"CSVLogger: .*Create its folder first"):
        model.fit(
            np.ones((2, 1)), np.ones(2), verbose=0, callbacks=[tf.keras.callbacks.CSVLogger("no/such/a.csv")]
        )


# The shape in a message is that of the user's array, not that of a batch of it.


@pytest.mark.parametrize("method", ["predict", "evaluate", "fit"])
@pytest.mark.parametrize(
    ("shape", "input_shape", "expected"),
    [
        ((28, 28), (28, 28), r"Full shape received: \(28, 28\). .*pass x\[None\]"),
        ((4,), (4,), r"Full shape received: \(4,\). .*pass x\[None\]"),
        ((100, 5), (4,), r"expected shape=\(None, 4\), found shape=\(100, 5\)"),
        ((50, 28, 28), (784,), r"Full shape received: \(50, 28, 28\). Put tf.keras.layers.Flatten"),
    ],
)
def test_messages_show_the_shape_that_was_given(
    method: str, shape: Any, input_shape: Any, expected: str
) -> None:
    model = tf.keras.Sequential([Layers.Dense(2, input_shape=input_shape)])
    model.compile("sgd", "mse")
    labels = [] if method == "predict" else [np.zeros((shape[0], 2))]
    with pytest.raises(ShapeError, match=expected):
        getattr(model, method)(np.ones(shape), *labels, verbose=0)


def test_messages_of_subclassed_models_show_the_shape_that_was_given() -> None:
    class Wide(tf.keras.Model):
        """A layer that is built for four features."""

        def __init__(self) -> None:
            super().__init__()
            self.dense = Layers.Dense(2)
            self.dense.build((None, 4))

        def call(self, inputs: Any) -> Any:
            """Calls the layer."""
            return self.dense(inputs)

    model = Wide()
    model.compile("sgd", "mse")
    with pytest.raises(ShapeError, match=r"float32\[100, 5\]"):
        model.fit(np.ones((100, 5)), np.ones((100, 2)), verbose=0)


def test_a_model_that_works_with_batches_of_one_size_only() -> None:
    class Fixed(tf.keras.Model):
        """Reshapes to eight rows."""

        def __init__(self) -> None:
            super().__init__()
            self.dense = Layers.Dense(1, kernel_initializer="ones")

        def call(self, inputs: Any) -> Any:
            """Adds up the features."""
            return tf.reshape(self.dense(inputs), [8, 1])

    model = Fixed()
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    assert model.fit(np.ones((16, 3)), np.zeros(16), batch_size=8, verbose=0).history == {"loss": [9.0]}


def test_the_batch_size_of_an_input_is_free() -> None:
    x = Layers.Input((3,), batch_size=5)
    model = tf.keras.Model(x, Layers.Dense(1, kernel_initializer="ones")(x))
    model.compile(tf.keras.optimizers.SGD(0.0), "mse")
    assert model.fit(np.ones((10, 3)), np.zeros(10), batch_size=5, verbose=0).history == {"loss": [9.0]}
    assert model.fit(np.ones((7, 3)), np.zeros(7), verbose=0).history == {"loss": [9.0]}
    assert model.predict(np.ones((10, 3)), verbose=0).shape == (10, 1)
