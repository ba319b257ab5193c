"""`KerasClassifier` and `KerasRegressor`: Keras models for ``cross_val_score``, ``GridSearchCV`` and pipelines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from sklearn.base import ClassifierMixin, RegressorMixin
from sklearn.metrics import accuracy_score, r2_score
from sklearn.utils import column_or_1d, compute_sample_weight
from sklearn.utils.multiclass import type_of_target, unique_labels

from tensorlet.keras.utils.labels import to_categorical
from tensorlet.keras.wrappers.base import BaseWrapper

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike

#: The kinds of labels that a classifier takes.
KINDS = ("binary", "multiclass", "multilabel-indicator")


class KerasClassifier(ClassifierMixin, BaseWrapper):
    """A classification model as an estimator; see `BaseWrapper` for the arguments.

    The labels may be classes of any type, one-hot rows, or rows of zeros and ones for several labels at once; `predict`
    returns the same kind (class indices for one-hot rows).

    Attributes:
        classes_: the classes, of shape [classes].
        model_: the trained model.
        history_: the values of each epoch by name.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.keras.wrappers import KerasClassifier
    >>> def make_model(rate=0.1):
    ...     model = tf.keras.Sequential([tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(1,))])
    ...     model.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    ...     return model
    >>> classifier = KerasClassifier(make_model, rate=1.0, epochs=50, verbose=0)
    >>> x, y = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array(["low", "low", "high", "high"])
    >>> classifier.fit(x, y).score(x, y)
    1.0
    >>> classifier.predict(x)
    array(['low', 'low', 'high', 'high'], dtype='<U4')
    """

    def _encode(
        self, y: np.ndarray, weight: np.ndarray | None, first: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind not in KINDS:
            raise ValueError(
                f"Unknown label type: {kind}. {type(self).__name__} takes one class for each row, or rows of zeros and "
                f"ones; y has the shape {y.shape} and dtype {y.dtype}."
            )
        if first:
            rows = kind == "multilabel-indicator"
            one_hot = rows and bool((np.asarray(y).sum(axis=1) == 1).all())
            self.target_type_ = "multiclass-onehot" if one_hot else kind
            found = vars(self).get("_given_classes")
            if found is None or rows:
                found = np.arange(y.shape[1]) if rows else unique_labels(y)
            self.classes_ = found
            self.n_classes_ = self.n_outputs_expected_ = len(self.classes_)
            if self.n_classes_ == 2 and not rows:
                self.n_outputs_expected_ = 1
        weight = self._with_classes(y, weight)
        if y.ndim == 2:
            return np.asarray(y, np.float32), weight
        numbers = np.searchsorted(self.classes_, y).clip(max=len(self.classes_) - 1)
        if not (self.classes_[numbers] == y).all():
            raise ValueError(
                f"y contains the classes {np.setdiff1d(y, self.classes_).tolist()}, which the first data lacked."
            )
        return numbers, weight

    def _with_classes(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        """The weights of rows times those of their classes."""
        if self.class_weight is None:
            return weight
        own = compute_sample_weight(self.class_weight, y)
        return own if weight is None else own * weight

    def _for_loss(self, labels: np.ndarray) -> np.ndarray:
        name = _loss_name(self.model_)
        if name == "categorical_crossentropy" and labels.ndim == 1:
            return to_categorical(labels, self.n_classes_)
        if name == "sparse_categorical_crossentropy" and labels.ndim == 2:
            return labels.argmax(axis=1)
        return labels

    def _default_loss(self, model: Model) -> str:
        several = self.target_type_ == "multilabel-indicator"
        outputs = model.output_shape[-1] if not isinstance(model.output_shape, list) else 2
        if several or outputs == 1:
            return "binary_crossentropy"
        return "sparse_categorical_crossentropy"

    def partial_fit(
        self, X: Any, y: ArrayLike, classes: Any = None, sample_weight: ArrayLike | None = None, **kwargs: Any
    ) -> Any:
        """Trains the model for one more epoch.

        Args:
            X, y, sample_weight, kwargs: as for `fit`.
            classes: all classes, for the first call; by default those in y.
        """
        if classes is not None and not hasattr(self, "model_"):
            self._given_classes = np.unique(classes)
        try:
            return self._one_epoch(X, y, sample_weight, kwargs)
        finally:
            self.__dict__.pop("_given_classes", None)

    def predict(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Returns the class of each row, of shape [rows]; rows of zeros and ones for several labels at once."""
        found = self._predicted(X, kwargs)
        if self.target_type_ == "multilabel-indicator":
            return (found > 0.5).astype(int)
        if found.ndim > 1 and found.shape[-1] > 1:
            places = found.argmax(axis=-1)
        else:
            places = (found.reshape(len(found)) > 0.5).astype(int)
        return np.asarray(self.classes_[np.minimum(places, len(self.classes_) - 1)])

    def predict_proba(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Returns the probability of each class, of shape [rows, classes]."""
        found = self._predicted(X, kwargs).astype(np.float64)
        if self.target_type_ == "multilabel-indicator":
            return found
        if found.shape[1] == 1:
            return np.hstack([1.0 - found, found])
        return np.asarray(found / found.sum(axis=1, keepdims=True))

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, **kwargs: Any) -> float:
        """Returns the accuracy: the fraction of rows whose class is predicted correctly."""
        labels = np.asarray(y)
        if self.target_type_ == "multiclass-onehot" and labels.ndim == 2:
            labels = labels.argmax(axis=1)
        elif labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels.reshape(-1)
        return float(accuracy_score(labels, self.predict(X, **kwargs), sample_weight=sample_weight))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


class KerasRegressor(RegressorMixin, BaseWrapper):
    """A regression model as an estimator; see `BaseWrapper` for the arguments.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.keras.wrappers import KerasRegressor
    >>> def make_model():
    ...     model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    ...     model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    ...     return model
    >>> regressor = KerasRegressor(make_model, epochs=300, verbose=0)
    >>> regressor.fit(np.array([[0.0], [1.0]]), np.array([1.0, 3.0])).predict(np.array([[2.0]])).round(1)
    array([5.], dtype=float32)
    """

    def _y_is_numeric(self) -> bool:
        return True

    def _encode(
        self, y: np.ndarray, weight: np.ndarray | None, first: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if first:
            self.n_outputs_expected_ = 1 if y.ndim == 1 else y.shape[1]
        return y, weight

    def partial_fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, **kwargs: Any) -> Any:
        """Trains the model for one more epoch; arguments as for `fit`."""
        return self._one_epoch(X, y, sample_weight, kwargs)

    def predict(self, X: Any, **kwargs: Any) -> np.ndarray:
        """Returns the prediction for each row; an output of width 1 loses its last axis."""
        found = self._predicted(X, kwargs)
        return found.squeeze(-1) if found.shape[-1] == 1 else found

    def score(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, **kwargs: Any) -> float:
        """Returns R², the part of the variance that the predictions explain; 1 at best."""
        return float(r2_score(np.asarray(y), self.predict(X, **kwargs), sample_weight=sample_weight))


def _loss_name(model: Model) -> str:
    loss = model.loss
    return str(getattr(loss, "name", None) or getattr(loss, "__name__", loss))
