"""`SKLearnClassifier`, `SKLearnRegressor` and `SKLearnTransformer`: the wrappers of Keras 3."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.utils import column_or_1d
from sklearn.utils.multiclass import type_of_target, unique_labels
from sklearn.utils.validation import check_is_fitted, validate_data

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models.model import Model
from tensorlet.keras.wrappers.base import copied

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike


class _Wrapper(BaseEstimator):
    """What the three have in common.

    Args:
        model: a compiled model, which each `fit` copies; or a function ``(X, y, **model_kwargs)`` that creates one.
        warm_start: whether `fit` continues to train the model of the last one.
        model_kwargs: arguments for the function.
        fit_kwargs: arguments for the model's `fit`, such as ``{"epochs": 5}``.
    """

    def __init__(
        self,
        model: Model | Callable[..., Model],
        warm_start: bool = False,
        model_kwargs: dict[str, Any] | None = None,
        fit_kwargs: dict[str, Any] | None = None,
    ) -> None:
        self.model = model
        self.warm_start = warm_start
        self.model_kwargs = model_kwargs
        self.fit_kwargs = fit_kwargs

    def fit(self, X: Any, y: ArrayLike, **kwargs: Any) -> Any:
        """Trains a model; ``kwargs`` are further arguments for its `fit`. Returns the estimator itself."""
        X, target = validate_data(
            self, X, y, allow_nd=True, multi_output=True, y_numeric=self._y_is_numeric()
        )
        labels = self._encode(target)
        if not self.warm_start or not hasattr(self, "model_"):
            self.model_ = self._new_model(X, labels)
        options = {"verbose": 0} | (self.fit_kwargs or {}) | kwargs
        self.history_ = self.model_.fit(X, labels, **options)
        return self

    def _new_model(self, X: np.ndarray, y: np.ndarray) -> Model:
        if isinstance(self.model, Model):
            made = copied(self.model)
        else:
            made = self.model(X, y, **(self.model_kwargs or {}))
        if made.optimizer is None:
            raise InvalidArgumentError(
                f"{type(self).__name__}: the model is not compiled. Call model.compile(optimizer, loss) first."
            )
        return made

    def _y_is_numeric(self) -> bool:
        return False

    def _encode(self, y: np.ndarray) -> np.ndarray:
        return column_or_1d(y, warn=True) if y.ndim == 2 and y.shape[1] == 1 else y

    def _outputs(self, X: Any) -> np.ndarray:
        check_is_fitted(self, "model_")
        X = validate_data(self, X, reset=False, allow_nd=True)
        return np.asarray(self.model_.predict(X, verbose=0))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = True
        return tags


class SKLearnClassifier(ClassifierMixin, _Wrapper):
    """A model that predicts classes, with the arguments of Keras 3; see `KerasClassifier` for more convenience.

    The model learns one-hot rows: its last layer has a softmax with one output for each class.

    Args:
        model: a compiled model, which each `fit` copies; or a function ``(X, y, **model_kwargs)`` that creates one.
        warm_start: whether `fit` continues to train the model of the last one.
        model_kwargs: arguments for the function.
        fit_kwargs: arguments for the model's `fit`, such as ``{"epochs": 5}``.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.keras.wrappers import SKLearnClassifier
    >>> def make_model(X, y, rate):
    ...     model = tf.keras.Sequential([tf.keras.layers.Dense(y.shape[1], "softmax", input_shape=X.shape[1:])])
    ...     model.compile(tf.keras.optimizers.Adam(rate), "categorical_crossentropy")
    ...     return model
    >>> x, y = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array(["low", "low", "high", "high"])
    >>> model = SKLearnClassifier(make_model, model_kwargs={"rate": 1.0}, fit_kwargs={"epochs": 50})
    >>> model.fit(x, y).predict(x).tolist()
    ['low', 'low', 'high', 'high']
    """

    def _encode(self, y: np.ndarray) -> np.ndarray:
        y = super()._encode(y)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind not in ("binary", "multiclass"):
            raise ValueError(
                f"Unknown label type: {kind}. SKLearnClassifier takes one class for each row, got y of shape {y.shape}."
            )
        self.classes_ = unique_labels(y)
        if len(self.classes_) < 2:
            raise ValueError(f"Classifier can't train when only one class is present: {self.classes_[0]!r}.")
        return np.asarray(y[:, None] == self.classes_, np.float32)

    def predict_proba(self, X: Any) -> np.ndarray:
        """Returns the probability of each class, of shape [rows, classes]."""
        found = self._outputs(X).astype(np.float64)
        if found.shape[1] == 1:
            return np.hstack([1.0 - found, found])
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def predict(self, X: Any) -> np.ndarray:
        """Returns the class of each row, of shape [rows]."""
        places = self.predict_proba(X).argmax(axis=1)
        return np.asarray(self.classes_[places])


class SKLearnRegressor(RegressorMixin, _Wrapper):
    """A model that predicts numbers, with the arguments of Keras 3; see `SKLearnClassifier` for the arguments."""

    def _y_is_numeric(self) -> bool:
        return True

    def predict(self, X: Any) -> np.ndarray:
        """Returns the prediction for each row; an output of width 1 loses its last axis."""
        found = self._outputs(X)
        return found.squeeze(-1) if found.shape[-1] == 1 else found


class SKLearnTransformer(TransformerMixin, _Wrapper):
    """A model whose outputs are features for the next step of a pipeline; see `SKLearnClassifier` for the arguments."""

    def transform(self, X: Any) -> np.ndarray:
        """Returns the outputs of the model, of shape [rows, outputs]."""
        return self._outputs(X)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.transformer_tags.preserves_dtype = []
        return tags
