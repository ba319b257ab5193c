"""`tensorlet.explain`: a test for each note, with the fault and without it."""

from __future__ import annotations

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.training.report import explain as explanations
from tensorlet.keras.training.report.diagnosis import of_history
from tensorlet.localization import use_language

layers = tf.keras.layers


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    tf.keras.utils.set_random_seed(0)
    yield
    use_language(None)


def data(rows=200, scale=1.0):
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 4)).astype("float32")
    return scale * x, (x[:, 0] > 0).astype("int32")


def trained(
    *stack, x=None, y=None, optimizer="adam", loss="sparse_categorical_crossentropy", epochs=3, **options
):
    metrics = options.pop("metrics", ["accuracy"])
    x, y = data() if x is None else (x, y)
    model = tf.keras.Sequential(
        list(stack) or [layers.Dense(8, activation="relu"), layers.Dense(2, activation="softmax")]
    )
    model.compile(optimizer, loss, metrics=metrics)
    return model.fit(x, y, epochs=epochs, verbose=0, **options)


def output():
    return layers.Dense(2, activation="softmax")


def test_nothing_is_said_without_a_reason():
    found = tf.explain(trained(epochs=5))
    assert found == [] and repr(found) == "Nothing unusual was found."


def test_inputs_out_of_scale():
    x, y = data(scale=100.0)
    (note,) = tf.explain(trained(output(), x=x, y=y))
    assert note.code == "unscaled"
    assert note.text.startswith("x is not scaled: its numbers go from -") and "deviation" in note.text
    normalization = layers.Normalization()
    normalization.adapt(x)
    assert tf.explain(trained(normalization, output(), x=x, y=y)) == []
    assert tf.explain(trained(layers.Rescaling(0.01), output(), x=x, y=y)) == []


def test_bytes_of_pictures_are_out_of_scale():
    x = np.random.default_rng(0).integers(0, 256, (100, 5, 5)).astype("uint8")
    y = np.arange(100) % 2
    found = tf.explain(trained(layers.Flatten(), output(), x=x, y=y))
    assert "unscaled" in found.codes and "from 0 to 255" in found[0].text
    assert (
        "unscaled"
        not in tf.explain(trained(layers.Rescaling(1 / 255), layers.Flatten(), output(), x=x, y=y)).codes
    )


def test_numbers_that_are_looked_up_need_no_scale():
    x, y = np.random.default_rng(0).integers(0, 90, (100, 3)), np.arange(100) % 2
    assert tf.explain(trained(layers.Embedding(90, 4), layers.Flatten(), output(), x=x, y=y)) == []


@pytest.mark.filterwarnings("ignore:The loss")
@pytest.mark.filterwarnings("ignore::tensorlet.keras.training.report.nan_guard.TrainingWarning")
def test_missing_values():
    x, y = data()
    x[3, 1] = np.nan
    codes = tf.explain(trained(output(), x=x, y=y)).codes
    assert codes == ["missing-values", "nan"]


def test_unbalanced_classes():
    x, _ = data()
    y = (np.arange(200) % 20 == 0).astype(int)
    found = tf.explain(trained(output(), x=x, y=y, epochs=2))
    assert found.codes == ["unbalanced"]
    assert found[0].text.startswith("95% of the labels are class 0")
    one_hot = np.eye(2)[y]
    assert (
        "unbalanced"
        in tf.explain(trained(output(), x=x, y=one_hot, loss="categorical_crossentropy", epochs=2)).codes
    )


def test_one_class_for_all_rows():
    x, _ = data()
    y = (np.arange(200) % 4 == 0).astype(int)
    found = tf.explain(trained(output(), x=0 * x, y=y, epochs=30, optimizer=tf.keras.optimizers.Adam(0.05)))
    assert "one-class" in found.codes
    assert "0.750, the share of class 0" in next(note for note in found if note.code == "one-class").text


def test_a_loss_that_does_not_fall():
    found = tf.explain(trained(output(), optimizer=tf.keras.optimizers.SGD(1e-9), epochs=4))
    assert set(found.codes) == {"stuck", "learning-rate"}
    assert "The loss has not fallen in 4 epochs" in repr(found)


def test_over_fitting():
    random = np.random.default_rng(0)
    x, y = random.normal(size=(40, 30)).astype("float32"), random.integers(0, 2, 40)
    history = trained(
        layers.Dense(64, activation="relu"), output(), x=x, y=y, epochs=60, validation_split=0.5,
        optimizer=tf.keras.optimizers.Adam(0.01),
    )  # fmt: skip
    found = tf.explain(history)
    assert "over-fitting" in found.codes
    assert "EarlyStopping(patience=5" in repr(found)


@pytest.mark.parametrize(
    ("history", "code"),
    [
        ({"loss": [1.0, 2.0, 5.0]}, "diverging"),
        ({"loss": [1.0, float("nan")]}, "nan"),
        ({"loss": [1.0, 0.5, 0.9, 0.4, 0.8, 0.4, 0.8, 0.3, 0.7]}, "oscillating"),
        ({"loss": [1.0, 0.999, 0.998, 0.999]}, "stuck"),
        ({"loss": [1.0, 0.5, 0.2, 0.1], "val_loss": [1.0, 0.6, 0.7, 0.9]}, "over-fitting"),
        ({"loss": [1.0, 0.5], "accuracy": [0.7, 0.99], "val_loss": [1, 1], "val_accuracy": [0.7, 0.7]}, None),
        (
            {
                "loss": [3, 2, 1, 1],
                "accuracy": [0.7] * 3 + [0.99],
                "val_loss": [1] * 4,
                "val_accuracy": [0.7] * 4,
            },
            "over-fitting",
        ),
        ({"loss": [1.0, 0.5, 0.3, 0.2], "val_loss": [1.0, 0.6, 0.5, 0.5]}, None),
        ({}, None),
    ],
)
def test_histories(history, code):
    assert [note.code for note in of_history(history, None)] == ([] if code is None else [code])


@pytest.mark.parametrize(
    ("stack", "options", "code"),
    [
        ([layers.Dense(8), layers.Dense(2, activation="softmax")], {}, "no-activation"),
        ([layers.Dense(8), layers.Dropout(0.2), layers.Dense(2, activation="softmax")], {}, "no-activation"),
        ([layers.Dense(8), layers.ReLU(), layers.Dense(2, activation="softmax")], {}, None),
        ([layers.Dense(8, "relu", kernel_initializer="zeros"),
          layers.Dense(2, activation="softmax")], {}, "constant-weights"),
        ([layers.Dense(2, activation="softmax", kernel_initializer="zeros")], {}, None),
        ([layers.Dense(8, "relu"), layers.Dropout(0.9), layers.Dense(2, activation="softmax")], {}, "dropout-rate"),
        ([layers.Dense(2, activation="softmax"), layers.Dropout(0.1)], {}, "dropout-at-the-end"),
        ([layers.Dense(8), layers.BatchNormalization(), layers.ReLU(),
          layers.Dense(2, activation="softmax")], {}, "useless-bias"),
        ([layers.Dense(2, activation="softmax")], {"optimizer": tf.keras.optimizers.Adam(0.5)}, "learning-rate"),
        ([layers.Dense(2, activation="softmax")], {"optimizer": tf.keras.optimizers.SGD(0.5)}, None),
    ],
)  # fmt: skip
def test_faults_of_models(stack, options, code):
    codes = tf.explain(trained(*stack, epochs=2, **options)).codes
    assert code in codes if code else codes == []


def test_a_schedule_may_end_at_zero():
    steps = 2 * -(-len(data()[0]) // 32)
    falling = tf.keras.optimizers.schedules.CosineDecay(0.01, steps)
    optimizer = tf.keras.optimizers.Adam(falling)
    assert tf.explain(trained(output(), optimizer=optimizer, epochs=2)).codes == []
    assert float(falling(optimizer.iterations)) == 0
    too_high = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.ExponentialDecay(0.9, 1000, 0.9))
    assert "learning-rate" in tf.explain(trained(output(), optimizer=too_high, epochs=2)).codes


def test_accuracy_of_numbers():
    x, _ = data()
    y = x @ np.array([1.0, 2.0, 3.0, 4.0], "float32")
    assert tf.explain(trained(layers.Dense(1), x=x, y=y, loss="mse", epochs=2)).codes == [
        "accuracy-of-numbers"
    ]
    assert tf.explain(trained(layers.Dense(1), x=x, y=y, loss="mse", epochs=2, metrics=["mae"])).codes == []


def test_fit_prints_each_note_once(capsys, monkeypatch):
    monkeypatch.setattr(explanations, "_printed", set())
    x, y = data(scale=100.0)
    model = tf.keras.Sequential([output()])
    model.compile("adam", "sparse_categorical_crossentropy")
    for verbose in (0, 2, 2):
        model.fit(x, y, verbose=verbose)
    printed = capsys.readouterr().err
    assert printed.count("Note: x is not scaled") == 1 and printed.count("\n") == 1


def test_notes_in_korean():
    use_language("ko")
    x, y = data(scale=100.0)
    assert "x의 크기를 맞추지 않았습니다" in repr(tf.explain(trained(output(), x=x, y=y)))


def test_loops_by_hand():
    weight = tf.Variable(0.0)

    def step(x):
        return {"loss": tf.reduce_sum(x) * 0.0 + weight * 0.0 + 1.0}

    history = tf.run_epochs(step, np.ones((4, 1), "float32"), batch_size=4, epochs=4, seed=0)
    assert tf.explain(history).codes == ["stuck"]
    with pytest.raises(InvalidArgumentError, match="Expected what fit returned"):
        tf.explain(3)


def test_other_data_have_other_facts():
    model = tf.keras.Sequential([output()])
    model.compile("adam", "sparse_categorical_crossentropy")
    x, y = data(scale=100.0)
    assert tf.explain(model.fit(x, y, verbose=0)).codes == ["unscaled"]
    assert tf.explain(model.fit(x / 100, y, verbose=0)).codes == []


def test_pixels_that_are_kept_as_bytes_count_as_they_were_passed():
    pixels = np.random.default_rng(0).integers(0, 256, (8192, 256)).astype("float32") / 255
    history = trained(output(), x=pixels, y=np.arange(8192) % 2, epochs=5)
    assert history.facts.inputs[0].high == pytest.approx(1.0)
    assert "unscaled" not in tf.explain(history).codes
