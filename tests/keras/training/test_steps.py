"""Steps that users override, what they report, and models with nothing to train. The right values are Keras's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tensorlet as tf

Layers = tf.keras.layers
X = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
Y = X[:, :1]


def made(kind: type[Any], **settings: Any) -> Any:
    """A compiled model of a class, with one layer of ones."""
    x = Layers.Input((3,))
    model = kind(x, Layers.Dense(1, kernel_initializer="ones")(x))
    model.compile(tf.keras.optimizers.SGD(0.1), **{"loss": "mse", **settings})
    return model


def history_of(kind: type[Any], **settings: Any) -> dict[str, list[float]]:
    """Two epochs, rounded to four places."""
    history = made(kind, **settings).fit(X, Y, batch_size=4, epochs=2, shuffle=False, verbose=0).history
    return {name: np.round(values, 4).tolist() for name, values in history.items()}


class AbsoluteLoss(tf.keras.Model):
    """Computes its loss by itself."""

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None
    ) -> Any:
        """Twice the mean absolute error."""
        return tf.reduce_mean(tf.abs(y - y_pred)) * 2.0


class Penalized(tf.keras.Model):
    """Adds something to the loss of `compile`."""

    def compute_loss(
        self, x: Any = None, y: Any = None, y_pred: Any = None, sample_weight: Any = None
    ) -> Any:
        """The loss of `compile` and a penalty."""
        penalty = 0.1 * tf.reduce_sum(tf.square(self.trainable_variables[0]))
        return super().compute_loss(x, y, y_pred, sample_weight) + penalty


class OneMore(tf.keras.Model):
    """Reports one more number."""

    def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None) -> Any:
        """The metrics and twice the mean absolute error of the batch."""
        results = super().compute_metrics(x, y, y_pred, sample_weight)
        results["twice"] = tf.reduce_mean(tf.abs(y - y_pred)) * 2.0
        return results


def test_the_loss_that_is_reported_is_the_computed_one() -> None:
    assert history_of(AbsoluteLoss) == {"loss": [1.0012, 0.812]}
    assert history_of(AbsoluteLoss, loss=None) == {"loss": [1.0012, 0.812]}
    assert history_of(AbsoluteLoss, metrics=["mae"]) == {"loss": [1.0012, 0.812], "mae": [0.5006, 0.406]}
    assert made(AbsoluteLoss).evaluate(X, Y, verbose=0) == pytest.approx(1.1477, abs=1e-4)


def test_a_loss_built_on_that_of_compile() -> None:
    assert history_of(Penalized, metrics=["mae"]) == {"loss": [0.3686, 0.1771], "mae": [0.5051, 0.3569]}
    assert made(Penalized).evaluate(X, Y, verbose=0) == pytest.approx(0.4538, abs=1e-4)


def test_overridden_compute_metrics_is_heeded() -> None:
    assert history_of(OneMore) == {"loss": [0.393, 0.2159], "twice": [0.6508, 0.7294]}
    assert made(OneMore).evaluate(X, Y, verbose=0) == pytest.approx([0.4538, 1.1477], abs=1e-4)


def test_predict_step_gets_the_input_itself() -> None:
    seen = []

    class Doubled(tf.keras.Model):
        """Twice the output."""

        def predict_step(self, data: Any) -> Any:
            """Keeps the shape of what it gets."""
            seen.append(tuple(data.shape))
            return self(data) * 2.0

    found = made(Doubled).predict(X[:2], verbose=0)
    assert found.ravel().tolist() == pytest.approx([1.2681, -0.1383], abs=1e-4)
    assert {len(shape) for shape in seen} == {2}
    assert made(Doubled).predict(tf.data.Dataset.from_tensor_slices(X).batch(4), verbose=0).shape == (12, 1)


@pytest.mark.parametrize("python", [False, True])
def test_reduction_none_trains_with_the_sum_over_rows(python: bool) -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(21, 4)).astype("float32")
    y = (x @ [1.0, -1.0, 0.5, 0.0])[:, None].astype("float32")
    callbacks = [tf.keras.callbacks.TerminateOnNaN()] if python else []
    for weights, losses, kernel in (
        (None, [3.75108, 1.54427], [1.1142, -0.04953, 0.69234, 0.28709]),
        (np.linspace(0.5, 2, 21), [4.63248, 1.28399], [1.22178, -0.32449, 0.75188, 0.12581]),
    ):
        model = tf.keras.Sequential([Layers.Dense(1, kernel_initializer="ones", input_shape=(4,))])
        model.compile(tf.keras.optimizers.SGD(0.01), tf.keras.losses.MeanSquaredError(reduction="none"))
        history = model.fit(
            x, y, batch_size=8, epochs=2, shuffle=False, verbose=0, sample_weight=weights, callbacks=callbacks
        ).history
        np.testing.assert_allclose(history["loss"], losses, rtol=1e-5)
        np.testing.assert_allclose(model.get_weights()[0].ravel(), kernel, rtol=1e-4)


def test_a_model_without_trainable_weights_reports_and_changes_nothing() -> None:
    model = tf.keras.Sequential([Layers.Flatten(input_shape=(1,))])
    model.compile("adam", "mse", metrics=["mae"])
    with pytest.warns(UserWarning, match="has no trainable weights, so training has no effect"):
        history = model.fit(np.array([[1.0], [3.0]]), np.zeros((2, 1)), epochs=2, verbose=0).history
    assert history == {"loss": [5.0, 5.0], "mae": [2.0, 2.0]}
    frozen = tf.keras.Sequential([Layers.Dense(1, input_shape=(1,), kernel_initializer="ones")])
    frozen.trainable = False
    frozen.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="has no trainable weights"):
        assert frozen.fit(np.array([[1.0], [3.0]]), np.zeros((2, 1)), verbose=0).history == {"loss": [5.0]}
    assert frozen.get_weights()[0].tolist() == [[1.0]]


class Stops(tf.keras.callbacks.Callback):
    """Ends an evaluation or a prediction after its second batch."""

    def on_test_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stops."""
        self.model.stop_evaluating = batch == 1

    def on_predict_batch_end(self, batch: int, logs: Any = None) -> None:
        """Stops."""
        self.model.stop_predicting = batch == 1


def test_stop_evaluating_and_stop_predicting() -> None:
    model = made(tf.keras.Model)
    expected = model.evaluate(X[:8], Y[:8], verbose=0)
    for _ in range(2):  # the flags are cleared at the beginning
        assert model.evaluate(X, Y, batch_size=4, verbose=0, callbacks=[Stops()]) == pytest.approx(expected)
        assert model.predict(X, batch_size=4, verbose=0, callbacks=[Stops()]).shape == (8, 1)
    assert model.predict(X, verbose=0).shape == (12, 1)


def test_names_of_metrics_in_every_model_of_a_program() -> None:
    """What is given by name has Keras 2's names in the second model as in the first."""

    def names(*metrics: Any) -> list[str]:
        model = tf.keras.Sequential([Layers.Dense(3, "softmax", input_shape=(3,))])
        model.compile("sgd", "categorical_crossentropy", metrics=list(metrics))
        history = model.fit(X[:6], np.eye(3)[[0, 1, 2, 0, 1, 2]], verbose=0).history
        return list(history)[1:]

    tf.keras.backend.clear_session()
    for _ in range(2):
        assert names("AUC", "Precision", "Recall") == ["auc", "precision", "recall"]
        assert names("MSE", "MAE") == ["MSE", "MAE"]
        assert names("mse", "MeanSquaredError", "acc") == ["mse", "mean_squared_error", "acc"]
        assert names("AUC", "AUC") == ["auc", "auc_1"]
    first, second = tf.keras.metrics.AUC(), tf.keras.metrics.AUC()
    assert names(first) == ["auc"]
    assert names(second) == ["auc_1"]


def test_metrics_that_own_steps_do_not_use_may_share_a_name() -> None:
    class Own(tf.keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> dict[str, Any]:
            return {"own": tf.reduce_mean(self(data[0]))}

        def test_step(self, data: Any) -> dict[str, Any]:
            return {"own": tf.reduce_mean(self(data[0]))}

    twice = ["mse", tf.keras.metrics.MeanMetricWrapper(tf.keras.losses.mean_squared_error, name="mse")]
    assert list(history_of(Own, metrics=twice)) == ["own"]
    with pytest.raises(ValueError, match="Two metrics are named 'mse'"):
        history_of(tf.keras.Model, metrics=twice)


@pytest.mark.parametrize(("generation", "name"), [("2", "recall"), ("3", "recall_1")])
def test_metrics_given_by_name_are_counted_in_keras_3(
    generation: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TENSORLET_KERAS", generation)
    tf.keras.backend.clear_session()
    labels = (Y > 0).astype("float32")
    model = tf.keras.Sequential([tf.keras.Input((3,)), Layers.Dense(1, activation="sigmoid")])
    by_name = "recall" if generation == "2" else "Recall"
    for metric, expected in (("Recall", by_name), (tf.keras.metrics.Recall, name)):
        given = metric if isinstance(metric, str) else metric()
        model.compile("sgd", "binary_crossentropy", metrics=[given])
        assert list(model.fit(X, labels, verbose=0).history) == ["loss", expected]
