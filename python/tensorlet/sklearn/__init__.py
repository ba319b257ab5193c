"""scikit-learn's estimators, trained by Tensorlet's engine: softmax regression and multi-layer perceptrons.

They have the names, arguments and attributes of scikit-learn's own, with what neural networks are used with besides
(dropout, any activation and optimizer, weights of classes and rows, callbacks), and work wherever scikit-learn expects
an estimator: pipelines, searches, cross-validation, calibration.

>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from tensorlet.sklearn import SoftmaxClassifier
>>> x, y = load_iris(return_X_y=True)
>>> model = make_pipeline(StandardScaler(), SoftmaxClassifier(random_state=0)).fit(x, y)
>>> bool(model.score(x, y) > 0.95)
True
"""

from __future__ import annotations

try:
    import sklearn as _installed  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"tensorlet.sklearn requires scikit-learn ({error}). Install it: pip install 'tensorlet[sklearn]'"
    ) from error

from tensorlet.sklearn.classifiers import MLPClassifier, SoftmaxClassifier
from tensorlet.sklearn.regressors import MLPRegressor

__all__ = ["MLPClassifier", "MLPRegressor", "SoftmaxClassifier"]
