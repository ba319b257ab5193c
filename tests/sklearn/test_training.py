"""What the estimators compute: the numbers of scikit-learn's own, weights, early stopping, continued training."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.neural_network as reference
from sklearn.datasets import load_iris, make_classification, make_regression
from sklearn.exceptions import ConvergenceWarning

import tensorlet as tf
from tensorlet.sklearn import MLPClassifier, MLPRegressor, SoftmaxClassifier

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")

SETTINGS = [
    {"solver": "sgd", "learning_rate_init": 0.05, "nesterovs_momentum": True},
    {"solver": "sgd", "learning_rate_init": 0.05, "nesterovs_momentum": False, "momentum": 0.5},
    {"solver": "adam", "learning_rate_init": 0.01, "alpha": 1.0},
]


def _same_start(theirs, x, y, settings, **own):
    """Our estimator with the weights that scikit-learn's has after an epoch."""
    ours = {
        reference.MLPClassifier: MLPClassifier,
        reference.MLPRegressor: MLPRegressor,
    }[type(theirs)](**settings, **own)
    first = np.r_[:30]
    theirs.partial_fit(
        x[first], y[first], **({"classes": np.unique(y)} if hasattr(ours, "class_weight") else {})
    )
    ours.set_params(max_iter=1).fit(x, y)
    ours.coefs_ = [coef.astype(np.float32) for coef in theirs.coefs_]
    ours.intercepts_ = [bias.astype(np.float32) for bias in theirs.intercepts_]
    ours.history_, ours.n_iter_ = {}, 0
    return ours.set_params(warm_start=True)


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("classes", [2, 3])
def test_losses_are_those_of_scikit_learn(settings, classes):
    x, y = make_classification(90, 6, n_informative=4, n_classes=classes, random_state=0)
    common = {
        "hidden_layer_sizes": (7, 5),
        "activation": "tanh",
        "shuffle": False,
        "batch_size": 30,
        **settings,
    }
    theirs = reference.MLPClassifier(**common, max_iter=12, warm_start=True, random_state=1)
    ours = _same_start(theirs, x, y, common, random_state=1)
    theirs._optimizer = None
    theirs.loss_curve_, theirs.best_loss_ = [], np.inf
    theirs.fit(x, y)
    ours.set_params(max_iter=12).fit(x, y)
    np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=2e-4)
    np.testing.assert_allclose(ours.predict_proba(x), theirs.predict_proba(x), atol=2e-3)


def test_losses_of_a_regressor_are_those_of_scikit_learn():
    x, y = make_regression(60, 4, n_targets=2, random_state=0)
    y = y / 100
    common = {"hidden_layer_sizes": (6,), "shuffle": False, "batch_size": 20, **SETTINGS[2]}
    theirs = reference.MLPRegressor(**common, max_iter=10, warm_start=True, random_state=1)
    ours = _same_start(theirs, x, y, common, random_state=1)
    theirs._optimizer = None
    theirs.loss_curve_, theirs.best_loss_ = [], np.inf
    theirs.fit(x, y)
    ours.set_params(max_iter=10).fit(x, y)
    np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-2, atol=2e-3)


def test_softmax_probabilities_are_those_of_its_weights():
    x, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(random_state=0, max_iter=30).fit(x, y)
    logits = x @ model.coef_.T.astype(float) + model.intercept_
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert model.coef_.shape == (3, 4)
    np.testing.assert_allclose(model.predict_proba(x), expected, rtol=1e-4)
    np.testing.assert_allclose(model.decision_function(x), logits, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(model.predict_proba(x).sum(axis=1), 1.0, rtol=1e-15)


def test_a_seed_gives_the_same_bits_and_another_one_does_not():
    x, y = make_classification(500, 8, random_state=0)
    fits = [MLPClassifier((9,), dropout=0.3, max_iter=5, random_state=seed).fit(x, y) for seed in (3, 3, 4)]
    assert all(np.array_equal(a, b) for a, b in zip(fits[0].coefs_, fits[1].coefs_, strict=True))
    assert fits[0].loss_curve_ == fits[1].loss_curve_ != fits[2].loss_curve_


def test_dropout_changes_training_but_not_prediction():
    x, y = make_classification(300, 8, random_state=0)
    dropped = MLPClassifier((50,), dropout=0.5, max_iter=5, random_state=0).fit(x, y)
    plain = MLPClassifier((50,), max_iter=5, random_state=0).fit(x, y)
    assert dropped.loss_curve_[0] > plain.loss_curve_[0]
    assert np.array_equal(dropped.predict_proba(x), dropped.predict_proba(x))


def test_a_row_is_predicted_with_the_same_bits_alone_and_among_others():
    x, y = make_classification(700, 300, n_informative=20, n_classes=3, random_state=0)
    for model in (SoftmaxClassifier(max_iter=3), MLPClassifier((30,), max_iter=3)):
        whole = model.fit(x, y).predict_proba(x)
        for rows in (slice(0, 1), slice(3, 6), slice(100, 400)):
            assert np.array_equal(model.predict_proba(x[rows]), whole[rows])


def test_weights_count_like_repeated_rows():
    x, y = make_classification(40, 5, n_informative=3, n_classes=3, n_clusters_per_class=1, random_state=0)
    weight = np.arange(40) % 4
    weighted = MLPClassifier((6,), random_state=0, max_iter=50).fit(x, y, weight)
    repeated = MLPClassifier((6,), random_state=0, max_iter=50).fit(x.repeat(weight, 0), y.repeat(weight))
    assert all(np.array_equal(a, b) for a, b in zip(weighted.coefs_, repeated.coefs_, strict=True))


def test_class_weight_is_a_weight_of_rows():
    x, y = make_classification(300, 5, random_state=0)
    by_class = MLPClassifier((6,), class_weight={0: 1.0, 1: 3.0}, random_state=0, max_iter=5).fit(x, y)
    by_row = MLPClassifier((6,), random_state=0, max_iter=5).fit(x, y, np.where(y == 1, 3.0, 1.0))
    assert all(np.array_equal(a, b) for a, b in zip(by_class.coefs_, by_row.coefs_, strict=True))
    plain = MLPClassifier((6,), random_state=0, max_iter=5).fit(x, y)
    assert by_class.predict_proba(x)[:, 1].mean() > plain.predict_proba(x)[:, 1].mean()


def test_early_stopping_keeps_the_weights_with_the_best_score():
    x, y = make_classification(600, 10, random_state=0)
    model = MLPClassifier((20,), early_stopping=True, n_iter_no_change=3, random_state=0).fit(x, y)
    assert model.n_iter_ < 200
    assert model.best_validation_score_ == max(model.validation_scores_)
    assert len(model.history_["val_loss"]) == len(model.loss_curve_) == model.n_iter_
    assert model.best_loss_ is None
    assert model.history_["validation_score"] == model.validation_scores_


def test_training_ends_when_the_loss_no_longer_improves():
    x, y = make_classification(100, 4, random_state=0)
    model = SoftmaxClassifier(tol=10.0, n_iter_no_change=4, random_state=0).fit(x, y)
    assert model.n_iter_ == 6  # the first epoch improves on infinity


def test_no_convergence_is_reported():
    x, y = make_classification(100, 4, random_state=0)
    with pytest.warns(ConvergenceWarning, match="max_iter=2 epochs"):
        SoftmaxClassifier(max_iter=2).fit(x, y)


def test_partial_fit_continues_with_the_state_of_the_optimizer():
    x, y = make_classification(600, 6, n_informative=4, n_classes=3, random_state=0)
    steps = MLPClassifier((5,), shuffle=False, random_state=0)
    for _ in range(4):
        steps.partial_fit(x, y, classes=[0, 1, 2])
    whole = MLPClassifier((5,), shuffle=False, random_state=0, max_iter=4).fit(x, y)
    np.testing.assert_array_equal(steps.coefs_[0], whole.coefs_[0])
    assert steps.n_iter_ == 4
    assert steps.t_ == 2400


def test_partial_fit_learns_classes_that_a_first_batch_lacks():
    x, y = np.array([[0.0], [1.0], [2.0]]), np.array(["a", "b", "c"])
    model = SoftmaxClassifier(random_state=0).partial_fit(x[:2], y[:2], classes=["a", "b", "c"])
    assert model.predict_proba(x).shape == (3, 3)
    with pytest.raises(ValueError, match="'d'"):
        model.partial_fit(x, np.array(["a", "b", "d"]))


def test_warm_start_continues():
    x, y = make_classification(300, 6, random_state=0)
    model = MLPClassifier((5,), max_iter=3, warm_start=True, random_state=0).fit(x, y)
    first = model.loss_
    model.fit(x, y)
    assert model.n_iter_ == 6
    assert len(model.loss_curve_) == 6
    assert model.loss_ < first


def test_learning_rates_change():
    x, y = make_classification(300, 6, random_state=0)
    options = {"solver": "sgd", "learning_rate_init": 0.5, "random_state": 0, "max_iter": 40, "momentum": 0.0}
    constant = SoftmaxClassifier(**options).fit(x, y)
    scaled = SoftmaxClassifier(learning_rate="invscaling", tol=0, **options).fit(x, y)
    assert scaled.loss_curve_[3] > constant.loss_curve_[3]
    options |= {"tol": 0.02, "n_iter_no_change": 2}
    constant = SoftmaxClassifier(**options).fit(x, y)
    adaptive = SoftmaxClassifier(learning_rate="adaptive", **options).fit(x, y)
    assert constant.n_iter_ < adaptive.n_iter_
    assert adaptive.loss_curve_[: constant.n_iter_] == constant.loss_curve_


def test_labels_of_several_kinds_at_once():
    x = np.random.default_rng(0).normal(size=(400, 3))
    y = np.stack([x[:, 0] > 0, x[:, 1] > 0], axis=1).astype(int)
    model = MLPClassifier((20,), max_iter=60, learning_rate_init=0.02, random_state=0).fit(x, y)
    assert model.predict(x).shape == (400, 2)
    assert (model.predict(x) == y).mean() > 0.95
    assert model.out_activation_ == "logistic"


def test_any_activation_and_optimizer():
    x, y = load_iris(return_X_y=True)
    for activation in ("gelu", "selu", lambda z: tf.maximum(z, 0.1 * z)):
        for solver in ("rmsprop", tf.keras.optimizers.Nadam(0.02)):
            model = MLPClassifier((12,), activation, solver=solver, learning_rate_init=0.02, random_state=0)
            assert model.fit(x, y).score(x, y) > 0.9


def test_losses_of_regressors():
    x = np.linspace(0, 1, 120).reshape(-1, 1)
    counts = np.random.default_rng(0).poisson(np.exp(2 * x[:, 0]))
    poisson = MLPRegressor("poisson", (8,), "tanh", learning_rate_init=0.02, random_state=0).fit(x, counts)
    assert (poisson.predict(x) > 0).all()
    assert abs(poisson.predict(x).mean() - counts.mean()) < 0.3
    huber = MLPRegressor("huber", (8,), "tanh", learning_rate_init=0.02, random_state=0).fit(x, counts)
    assert huber.predict(x).shape == (120,)


def test_callbacks_see_epochs_and_may_stop():
    seen = []

    class Watcher(tf.keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            seen.append((epoch, sorted(logs)))
            self.model.stop_training = epoch == 2

    x, y = load_iris(return_X_y=True)
    model = SoftmaxClassifier(callbacks=[Watcher()], random_state=0).fit(x, y)
    assert seen == [(0, ["loss"]), (1, ["loss"]), (2, ["loss"])]
    assert model.n_iter_ == 3


def test_callbacks_for_batches_are_refused():
    class Watcher(tf.keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            pass

    x, y = load_iris(return_X_y=True)
    with pytest.raises(tf.errors.InvalidArgumentError, match="hooks for batches"):
        SoftmaxClassifier(callbacks=[Watcher()]).fit(x, y)


def test_a_loss_that_is_not_finite_is_explained():
    x, y = make_regression(100, 3, random_state=0)
    with pytest.raises(ValueError, match="Scale the features"):
        MLPRegressor(solver="sgd", learning_rate_init=1e4, random_state=0).fit(x, y)


def test_wrong_settings_are_refused():
    x, y = load_iris(return_X_y=True)
    for wrong in (
        {"activation": "relo"},
        {"solver": "adamm"},
        {"dropout": 1.5},
        {"hidden_layer_sizes": (3, 0)},
    ):
        with pytest.raises(ValueError, match=r"relo|adamm|dropout|hidden_layer_sizes"):
            MLPClassifier(**wrong).fit(x, y)


def test_models_of_keras_predict_the_same():
    x, y = load_iris(return_X_y=True)
    model = MLPClassifier((8,), dropout=0.2, random_state=0, max_iter=20).fit(x, y)
    np.testing.assert_allclose(
        model.to_keras().predict(x.astype("float32"), verbose=0), model.predict_proba(x), rtol=1e-6
    )
