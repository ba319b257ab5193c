"""The estimators in scikit-learn's tools."""

from __future__ import annotations

import pickle
import threading

import joblib
import numpy as np
import pandas as pd
import pytest
import scipy.sparse
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_iris, make_classification
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tensorlet.sklearn import MLPClassifier, MLPRegressor, SoftmaxClassifier
from tensorlet.sklearn import network as networks

pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")


def test_a_search_over_a_pipeline():
    x, y = load_iris(return_X_y=True)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), MLPClassifier((10,), max_iter=40, random_state=0)),
        {"mlpclassifier__learning_rate_init": [0.0001, 0.05], "mlpclassifier__alpha": [0.0, 0.1]},
        cv=3,
    )
    search.fit(x, y)
    assert search.best_params_["mlpclassifier__learning_rate_init"] == 0.05
    assert search.best_score_ > 0.93


def test_a_search_over_learning_rates_builds_one_network():
    x, y = make_classification(120, 5, random_state=0)
    networks._free.clear()
    for rate in (0.1, 0.01, 0.001):
        for alpha in (0.0, 0.1):
            MLPClassifier((4,), learning_rate_init=rate, alpha=alpha, max_iter=3).fit(x, y)
    assert [len(waiting) for waiting in networks._free.values()] == [1]


def test_cross_validation_and_calibration():
    x, y = make_classification(300, 6, random_state=0)
    model = SoftmaxClassifier(random_state=0, max_iter=40)
    assert cross_val_score(model, x, y, cv=3).mean() > 0.8
    for method in ("sigmoid", "isotonic"):
        calibrated = CalibratedClassifierCV(model, method=method, cv=3).fit(x, y)
        np.testing.assert_allclose(calibrated.predict_proba(x).sum(axis=1), 1.0)


def test_decisions_are_finite_where_probabilities_vanish():
    x, y = np.array([[-1e4], [1e4]] * 10), np.array([0, 1] * 10)
    model = SoftmaxClassifier(random_state=0, learning_rate_init=1.0, max_iter=20).fit(x, y)
    assert np.isfinite(model.decision_function(x)).all()
    assert model.predict_proba(x).min() == 0.0


def test_frames_keep_their_names():
    x, y = load_iris(return_X_y=True, as_frame=True)
    model = MLPRegressor(max_iter=5, random_state=0).fit(x, y)
    assert list(model.feature_names_in_) == list(x.columns)
    with pytest.raises(ValueError, match="feature names"):
        model.predict(x[list(x.columns[::-1])])
    scaled = make_pipeline(StandardScaler(), MLPRegressor(max_iter=5)).set_output(transform="pandas")
    assert isinstance(scaled[:-1].fit_transform(x), pd.DataFrame)
    assert scaled.fit(x, y).predict(x).shape == (150,)


@pytest.mark.parametrize("form", [scipy.sparse.csr_matrix, scipy.sparse.csc_array])
def test_sparse_rows(form):
    x, y = make_classification(100, 6, random_state=0)
    x[x < 0.5] = 0
    dense = MLPClassifier((4,), max_iter=5, random_state=0).fit(x, y)
    sparse = MLPClassifier((4,), max_iter=5, random_state=0).fit(form(x), y)
    assert np.array_equal(dense.coefs_[0], sparse.coefs_[0])
    assert np.array_equal(dense.predict_proba(x), sparse.predict_proba(form(x)))


def test_a_sparse_matrix_too_large_for_memory_is_refused():
    x = scipy.sparse.csr_matrix((100_000, 1_000_000))
    with pytest.raises(ValueError, match="400 GB"):
        SoftmaxClassifier().fit(x, np.arange(100_000) % 2)


def test_copies_predict_the_same(tmp_path):
    x, y = load_iris(return_X_y=True)
    model = MLPClassifier((6,), max_iter=10, random_state=0).partial_fit(x, y, classes=[0, 1, 2])
    joblib.dump(model, tmp_path / "model.joblib")
    for copy in (pickle.loads(pickle.dumps(model)), joblib.load(tmp_path / "model.joblib")):
        assert np.array_equal(copy.predict_proba(x), model.predict_proba(x))
        copy.partial_fit(x, y)
        assert copy.n_iter_ == 2
    assert not hasattr(clone(model), "coefs_")


def test_bytes_are_read_as_they_are():
    x, y = make_classification(300, 6, random_state=0)
    x = (np.clip(x, -2, 2) * 60 + 128).astype(np.uint8)
    model = SoftmaxClassifier(max_iter=5, learning_rate_init=1e-4, random_state=0).fit(x, y)
    floats = SoftmaxClassifier(max_iter=5, learning_rate_init=1e-4, random_state=0).fit(x.astype(float), y)
    np.testing.assert_allclose(model.predict_proba(x), floats.predict_proba(x.astype(float)), rtol=1e-5)


def test_threads_do_not_share_a_network():
    x, y = make_classification(200, 6, random_state=0)
    expected = [MLPClassifier((5,), max_iter=20, random_state=seed).fit(x, y).coefs_[0] for seed in range(4)]
    found = [None] * 4

    def work(seed):
        found[seed] = MLPClassifier((5,), max_iter=20, random_state=seed).fit(x, y).coefs_[0]

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(np.array_equal(a, b) for a, b in zip(expected, found, strict=True))


def test_several_targets_of_classes():
    x, y = make_classification(100, 6, random_state=0)
    model = MultiOutputClassifier(SoftmaxClassifier(max_iter=10, random_state=0)).fit(
        x, np.stack([y, 1 - y], 1)
    )
    assert model.predict(x).shape == (100, 2)
