"""scikit-learn's own checks of estimators, without any that is expected to fail."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from tensorlet.sklearn import MLPClassifier, MLPRegressor, SoftmaxClassifier

pytestmark = pytest.mark.filterwarnings(
    "ignore::sklearn.exceptions.ConvergenceWarning", "ignore:.*array API.*"
)


@parametrize_with_checks(
    [
        SoftmaxClassifier(),
        MLPClassifier(max_iter=100),
        MLPRegressor(max_iter=100),
        MLPClassifier((20,), "gelu", solver="rmsprop", class_weight="balanced", max_iter=100),
    ]
)
def test_estimator_check(estimator: Any, check: Any) -> None:
    check(estimator)
