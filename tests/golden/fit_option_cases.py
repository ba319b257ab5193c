"""Options of `fit` and `compile` in combination, compared with real Keras 2: each case gets ``tf`` and ``keras``."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from fit_cases import QUIET, TARGET, WEIGHT, X, Y, classifier, fixed, told

CASES: dict[str, Callable[[Any, Any], Any]] = {}
FLAG = (TARGET[:, 0] > 0).astype(np.float32)
ONE_HOT = np.eye(3, dtype=np.float32)[Y]
CLASS_WEIGHT = {0: 1.0, 1: 5.0, 2: 0.5}


def case(run: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Adds a case."""
    CASES[run.__name__] = run
    return run


def two_outputs(keras: Any, **settings: Any) -> Any:
    x = keras.Input((4,))
    hidden = keras.layers.Dense(3, activation="tanh")(x)
    outputs = [keras.layers.Dense(1, name="a")(hidden), keras.layers.Dense(1, "sigmoid", name="b")(hidden)]
    model = fixed(keras.Model(x, outputs))
    model.compile(keras.optimizers.SGD(0.05), **settings)
    return model


def regression(keras: Any, loss: Any = "mse", **settings: Any) -> Any:
    model = fixed(keras.Sequential([keras.layers.Dense(1, input_shape=(4,))]))
    model.compile(keras.optimizers.SGD(0.05), loss, **settings)
    return model


def quietly(run: Callable[[], Any]) -> Any:
    """Without the warnings that ours gives."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run()


@case
def class_weights_and_validation_split(tf: Any, keras: Any) -> Any:
    model = classifier(keras, loss="categorical_crossentropy", weighted_metrics=["accuracy"], metrics=[])
    options = {"class_weight": CLASS_WEIGHT, "validation_split": 0.25}
    return told(model, model.fit(X, ONE_HOT, batch_size=8, epochs=2, **options, **QUIET))


@case
def class_weights_and_validation_data(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    options = {"class_weight": CLASS_WEIGHT, "validation_data": (X[:9], Y[:9])}
    return told(model, model.fit(X, Y, batch_size=8, epochs=2, **options, **QUIET))


@case
def class_weights_of_a_dataset(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    data = tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)
    return told(model, model.fit(data, epochs=2, class_weight=CLASS_WEIGHT, validation_data=data, **QUIET))


@case
def weights_and_validation_split(tf: Any, keras: Any) -> Any:
    model = regression(keras, metrics=["mae"], weighted_metrics=["mse"])
    options = {"sample_weight": WEIGHT, "validation_split": 0.3}
    return told(model, model.fit(X, TARGET, batch_size=8, epochs=2, **options, **QUIET))


@case
def weights_of_each_output(tf: Any, keras: Any) -> Any:
    model = two_outputs(keras, loss="mse", metrics=["mse"], weighted_metrics=["mae"])
    weights = [WEIGHT, WEIGHT[::-1].copy()]
    return told(model, model.fit(X, [TARGET, FLAG], batch_size=8, epochs=2, sample_weight=weights, **QUIET))


@case
def losses_and_weights_by_name(tf: Any, keras: Any) -> Any:
    model = two_outputs(
        keras, loss={"a": "mse", "b": "binary_crossentropy"}, loss_weights={"a": 0.3, "b": 2.0},
        metrics={"a": ["mae"], "b": ["accuracy", "AUC"]},
    )  # fmt: skip
    labels = {"a": TARGET, "b": FLAG}
    weights = {"a": WEIGHT, "b": WEIGHT[::-1].copy()}
    options = {"sample_weight": weights, "validation_split": 0.3}
    return told(model, model.fit(X, labels, batch_size=8, epochs=2, **options, **QUIET))


@case
def a_loss_for_one_output(tf: Any, keras: Any) -> Any:
    model = two_outputs(keras, loss={"a": "mse"}, metrics={"b": "accuracy"})
    labels = {"a": TARGET, "b": FLAG}
    return told(model, quietly(lambda: model.fit(X, labels, batch_size=8, epochs=2, **QUIET)))


@case
def steps_that_do_not_fill_an_epoch(tf: Any, keras: Any) -> Any:
    model = regression(keras)
    return told(model, model.fit(X, TARGET, batch_size=7, epochs=4, steps_per_epoch=3, **QUIET))


@case
def steps_of_a_dataset_and_of_its_validation(tf: Any, keras: Any) -> Any:
    model = regression(keras)
    data = tf.data.Dataset.from_tensor_slices((X, TARGET)).batch(8).repeat()
    options = {"validation_data": data, "validation_steps": 3, "steps_per_epoch": 5}
    return told(model, model.fit(data, epochs=3, **options, **QUIET))


@case
def a_loss_without_reduction(tf: Any, keras: Any) -> Any:
    model = regression(keras, keras.losses.MeanSquaredError(reduction="none"), metrics=["mae"])
    return told(model, model.fit(X, TARGET, batch_size=8, epochs=2, sample_weight=WEIGHT, **QUIET))


@case
def a_layer_frozen_after_compile(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    model.layers[0].trainable = False
    return told(model, quietly(lambda: model.fit(X, Y, batch_size=8, epochs=2, **QUIET)))


@case
def a_layer_thawed_after_compile(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    model.layers[0].trainable = False
    model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy")
    model.trainable = True
    return told(model, quietly(lambda: model.fit(X, Y, batch_size=8, epochs=2, **QUIET)))


@case
def one_batch_at_a_time(tf: Any, keras: Any) -> Any:
    model = regression(keras, metrics=["mae"])
    return [
        model.train_on_batch(X[:6], TARGET[:6]),
        model.train_on_batch(X[6:12], TARGET[6:12], reset_metrics=False),
        model.test_on_batch(X, TARGET),
        model.test_on_batch(X[:3], TARGET[:3], sample_weight=WEIGHT[:3], reset_metrics=False),
        model.train_on_batch(X, TARGET, return_dict=True),
        model.evaluate(X, TARGET, batch_size=7, steps=2, verbose=0),
    ]


@case
def an_overridden_compute_metrics(tf: Any, keras: Any) -> Any:
    class OneMore(keras.Model):  # type: ignore[misc, name-defined]
        def compute_metrics(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
            results = super().compute_metrics(x, y, y_pred, sample_weight)
            results["largest"] = tf.reduce_max(tf.abs(y - y_pred))
            return results

    x = keras.Input((4,))
    model = fixed(OneMore(x, keras.layers.Dense(1)(x)))
    model.compile(keras.optimizers.SGD(0.05), "mse", metrics=["mae"])
    options = {"validation_data": (X[:9], TARGET[:9])}
    return told(model, model.fit(X, TARGET, batch_size=8, epochs=2, **options, **QUIET))
