"""Keras models as estimators: the conventions of scikit-learn, scikeras's arguments, Keras 3's classes."""

from __future__ import annotations

import pickle
import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.datasets import load_iris, make_classification, make_regression
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

import tensorlet as tf
from tensorlet.keras.wrappers import (
    KerasClassifier,
    KerasRegressor,
    SKLearnClassifier,
    SKLearnRegressor,
    SKLearnTransformer,
)

Dense, Sequential = tf.keras.layers.Dense, tf.keras.Sequential


def classifier_model(meta, units=20):
    several = meta["target_type_"] == "multilabel-indicator"
    outputs = meta["n_outputs_expected_"]
    return Sequential(
        [
            Dense(units, "relu", input_shape=(meta["n_features_in_"],)),
            Dense(outputs, "sigmoid" if several or outputs == 1 else "softmax"),
        ]
    )


def regressor_model(meta):
    return Sequential(
        [
            Dense(20, "relu", input_shape=(meta["n_features_in_"],)),
            Dense(meta["n_outputs_expected_"]),
        ]
    )


def sigmoid_model(rate=0.1):
    model = Sequential([Dense(1, "sigmoid", input_shape=(2,))])
    model.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    return model


OPTIONS = {"optimizer": tf.keras.optimizers.Adam(0.02), "epochs": 40, "verbose": 0, "random_state": 0}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("estimator", "passed", "total"),
    [
        (KerasClassifier(classifier_model, **OPTIONS), 64, 67),
        (KerasRegressor(regressor_model, **OPTIONS), 57, 59),
    ],
)
def test_checks_of_scikit_learn(estimator, passed, total):
    results = check_estimator(estimator, on_fail=None, on_skip=None)
    found = {
        status: [r["check_name"] for r in results if r["status"] == status] for status in ("passed", "failed")
    }
    # Batches are shuffled: a row with weight 2 is not bitwise the same as two rows.
    assert found["failed"] == ["check_sample_weight_equivalence_on_dense_data"]
    assert len(found["passed"]) >= passed
    assert len(results) >= total


def test_fit_returns_the_estimator_and_keeps_the_history():
    x, y = make_classification(60, 2, n_informative=2, n_redundant=0, random_state=0)
    classifier = KerasClassifier(build_fn=sigmoid_model, epochs=3, verbose=0)
    assert classifier.fit(x, y) is classifier
    assert sorted(classifier.history_) == ["accuracy", "loss"]
    assert len(classifier.history_["loss"]) == 3
    assert classifier.model is classifier.model_


def test_labels_of_a_sigmoid_have_one_axis_and_the_type_of_the_classes():
    x, y = make_classification(60, 2, n_informative=2, n_redundant=0, random_state=0)
    names = np.array(["no", "yes"])[y]
    classifier = KerasClassifier(sigmoid_model, rate=0.5, epochs=30, verbose=0, random_state=1).fit(x, names)
    assert classifier.predict(x).shape == (60,)
    assert classifier.classes_.tolist() == ["no", "yes"]
    assert set(classifier.predict(x)) <= {"no", "yes"}
    assert classifier.predict_proba(x).shape == (60, 2)
    assert classifier.score(x, names) == np.mean(classifier.predict(x) == names) > 0.8


def test_scores_of_regressors_are_r2():
    x, y = make_regression(80, 3, random_state=0)
    y = (y - y.mean()) / y.std()
    regressor = KerasRegressor(regressor_model, **OPTIONS).fit(x, y)
    assert regressor.score(x, y) == pytest.approx(r2_score(y, regressor.predict(x)))
    assert regressor.score(x, y) > 0.9


def test_one_hot_rows():
    x, y = load_iris(return_X_y=True)

    def make():
        model = Sequential([Dense(3, "softmax", input_shape=(4,))])
        model.compile(tf.keras.optimizers.Adam(0.1), "categorical_crossentropy")
        return model

    rows = KerasClassifier(make, epochs=20, verbose=0, random_state=0).fit(x, np.eye(3)[y])
    numbers = KerasClassifier(make, epochs=20, verbose=0, random_state=0).fit(x, y)
    assert rows.target_type_ == "multiclass-onehot"
    assert np.array_equal(rows.predict(x), numbers.predict(x))
    assert rows.score(x, np.eye(3)[y]) == numbers.score(x, y) > 0.8


def test_arguments_with_prefixes():
    x, y = load_iris(return_X_y=True)
    classifier = KerasClassifier(
        classifier_model,
        optimizer="sgd",
        optimizer__learning_rate=0.25,
        model__units=7,
        fit__epochs=2,
        epochs=5,
        verbose=0,
    ).fit(x, y)
    assert float(classifier.model_.optimizer.learning_rate) == 0.25
    assert classifier.model_.layers[0].units == 7
    assert len(classifier.history_["loss"]) == 2
    assert classifier.get_params()["optimizer__learning_rate"] == 0.25


def test_searches_and_pipelines():
    x, y = load_iris(return_X_y=True)
    model = KerasClassifier(classifier_model, units=8, loss="sparse_categorical_crossentropy", **OPTIONS)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), model), {"kerasclassifier__units": [1, 16]}, cv=3
    ).fit(x, y)
    assert search.best_params_ == {"kerasclassifier__units": 16}
    assert cross_val_score(model, x, y, cv=3).mean() > 0.8


def test_seeds_and_the_state_of_the_generator():
    x, y = load_iris(return_X_y=True)
    tf.random.set_seed(5)
    expected = tf.random.normal([2]).numpy()
    fits = [
        KerasClassifier(classifier_model, **OPTIONS | {"random_state": seed}).fit(x, y) for seed in (1, 1, 2)
    ]
    first, second, other = (fit.model_.get_weights()[0] for fit in fits)
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)
    tf.random.set_seed(5)
    KerasClassifier(classifier_model, **OPTIONS).fit(x, y)
    assert np.array_equal(tf.random.normal([2]).numpy(), expected)


def test_class_weights_are_by_class():
    x, y = make_classification(80, 2, n_informative=2, n_redundant=0, random_state=0)
    names = np.array(["no", "yes"])[y]
    options = {"epochs": 5, "verbose": 0, "random_state": 0}
    heavy = KerasClassifier(sigmoid_model, class_weight={"no": 1, "yes": 9}, **options).fit(x, names)
    rows = KerasClassifier(sigmoid_model, **options).fit(x, names, sample_weight=np.where(y == 1, 9.0, 1.0))
    assert np.array_equal(heavy.predict_proba(x), rows.predict_proba(x))


def test_continued_training_and_copies():
    x, y = make_classification(60, 2, n_informative=2, n_redundant=0, random_state=0)
    classifier = KerasClassifier(sigmoid_model, epochs=2, verbose=0, warm_start=True).fit(x, y)
    model = classifier.model_
    assert classifier.fit(x, y).model_ is model
    assert len(classifier.history_["loss"]) == 4
    classifier.partial_fit(x, y)
    assert len(classifier.history_["loss"]) == 5
    copy = pickle.loads(pickle.dumps(classifier))
    assert np.array_equal(copy.predict_proba(x), classifier.predict_proba(x))
    assert not hasattr(clone(classifier), "model_")


def test_inputs_of_more_axes():
    x, y = np.random.default_rng(0).normal(size=(40, 4, 4)), np.arange(40) % 2

    def make():
        return Sequential([tf.keras.layers.Flatten(input_shape=(4, 4)), Dense(1, "sigmoid")])

    assert KerasClassifier(make, epochs=2, verbose=0).fit(x, y).predict(x).shape == (40,)


def test_several_inputs():
    a, b = tf.keras.Input((2,)), tf.keras.Input((3,))
    model = tf.keras.Model([a, b], Dense(1)(tf.keras.layers.concatenate([a, b])))
    model.compile("sgd", "mse")
    x, y = [np.ones((10, 2)), np.ones((10, 3))], np.arange(10.0)
    assert KerasRegressor(model, epochs=2, verbose=0).fit(x, y).predict(x).shape == (10,)


def test_unknown_arguments_are_refused():
    with pytest.raises(ValueError, match=r"takes 'rat'\. Did you mean 'rate'"):
        KerasClassifier(sigmoid_model, rat=0.1)
    with pytest.raises(ValueError, match="pass a function"):
        KerasClassifier().fit(np.zeros((4, 2)), [0, 1, 0, 1])
    with pytest.raises(ValueError, match="return model"):
        KerasClassifier(lambda: None).fit(np.zeros((4, 2)), [0, 1, 0, 1])


def test_scikeras_is_found_here():
    program = (
        "import tensorlet; tensorlet.install_as_tensorflow()\n"
        "from scikeras.wrappers import KerasClassifier, KerasRegressor\n"
        "from keras.wrappers import SKLearnClassifier\n"
        "from tensorflow.keras.wrappers.scikit_learn import KerasClassifier as Old\n"
        "print(KerasClassifier is Old, SKLearnClassifier.__module__)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "True tensorlet.keras.wrappers.of_keras3\n"


def test_classifiers_of_keras_3():
    x, y = load_iris(return_X_y=True)

    def make(X, y, units):
        model = Sequential([Dense(units, "relu", input_shape=X.shape[1:]), Dense(y.shape[1], "softmax")])
        model.compile(tf.keras.optimizers.Adam(0.02), "categorical_crossentropy")
        return model

    classifier = SKLearnClassifier(make, model_kwargs={"units": 20}, fit_kwargs={"epochs": 40})
    names = np.array(["a", "b", "c"])[y]
    assert classifier.fit(x, names) is classifier
    assert classifier.score(x, names) > 0.85
    assert len(classifier.history_.history["loss"]) == 40
    with pytest.raises(ValueError, match="one class"):
        classifier.fit(x, np.zeros(150))


def test_regressors_and_transformers_of_keras_3():
    x, y = make_regression(80, 3, random_state=0)
    y = (y - y.mean()) / y.std()
    model = Sequential([Dense(20, "relu", input_shape=(3,)), Dense(1)])
    model.compile(tf.keras.optimizers.Adam(0.02), "mse")
    before = model.get_weights()
    regressor = SKLearnRegressor(model, fit_kwargs={"epochs": 60}).fit(x, y)
    assert regressor.score(x, y) > 0.9
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    autoencoder = Sequential([Dense(2, input_shape=(3,))])
    autoencoder.compile("sgd", "mse")
    features = SKLearnTransformer(autoencoder).fit(x, x[:, :2]).transform(x)
    assert features.shape == (80, 2)
    unfinished = Sequential([Dense(1, input_shape=(3,))])
    with pytest.raises(ValueError, match="not compiled"):
        SKLearnRegressor(unfinished).fit(x, y)
