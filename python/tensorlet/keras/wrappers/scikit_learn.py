"""Models as scikit-learn estimators, for ``cross_val_score``, ``GridSearchCV`` and pipelines.

scikit-learn itself is not required: the classes have the methods that it calls.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, TensorletError, did_you_mean
from tensorlet.extensions import extensible
from tensorlet.keras.models import Sequential
from tensorlet.keras.utils.labels import to_categorical

if TYPE_CHECKING:
    from tensorlet.keras.models.model import Model
    from tensorlet.type_aliases import ArrayLike


@extensible
def arguments_of(function: Callable[..., Any]) -> list[str]:
    """Returns the names of the arguments of a function, without ``self``, ``x`` and ``y``."""
    skipped = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = inspect.signature(function).parameters
    return [name for name, one in found.items() if one.kind not in skipped and name not in ("self", "x", "y")]


class BaseWrapper:
    """Base class of `KerasClassifier` and `KerasRegressor`.

    Args:
        build_fn: a function or callable object that creates and compiles a model; a subclass may define
            ``__call__`` instead.
        sk_params: arguments for it, and for the model's `fit`, `predict` and `evaluate`.

    Raises:
        InvalidArgumentError: for an argument that none of these accepts.
    """

    #: The kind of estimator in scikit-learn.
    _estimator_type = ""

    def __init__(self, build_fn: Callable[..., Model] | None = None, **sk_params: Any) -> None:
        self.build_fn = build_fn
        self.sk_params = sk_params
        self._check(sk_params)

    def _maker(self) -> Callable[..., Any]:
        if self.build_fn is not None:
            return self.build_fn
        if callable(self):
            return self
        raise InvalidArgumentError(
            f"{type(self).__name__}: pass a function that creates and compiles a model: "
            f"{type(self).__name__}(build_fn=make_model)."
        )

    def _check(self, params: dict[str, Any]) -> None:
        known = [
            *arguments_of(Sequential.fit),
            *arguments_of(Sequential.predict),
            *arguments_of(Sequential.evaluate),
        ]
        maker = self._maker()
        takes_all = any(
            one.kind is inspect.Parameter.VAR_KEYWORD for one in inspect.signature(maker).parameters.values()
        )
        known += arguments_of(maker)
        for name in params:
            if name not in known and not takes_all:
                raise InvalidArgumentError(
                    f"{type(self).__name__}: neither the function that creates the model nor fit, predict or evaluate "
                    f"takes '{name}'.{did_you_mean(name, known)}"
                )

    def get_params(self, deep: bool = True, **_: Any) -> dict[str, Any]:
        """Returns the arguments, for scikit-learn's ``clone``."""
        return {**self.sk_params, "build_fn": self.build_fn}

    def set_params(self, **params: Any) -> BaseWrapper:
        """Sets arguments, as returned by `get_params`."""
        if "build_fn" in params:
            self.build_fn = params.pop("build_fn")
        self._check(params)
        self.sk_params.update(params)
        return self

    def _chosen(self, function: Callable[..., Any], given: dict[str, Any]) -> dict[str, Any]:
        """Returns the arguments that a function accepts; those passed in the call take precedence."""
        names = arguments_of(function)
        return {name: value for name, value in self.sk_params.items() if name in names} | given

    def fit(self, x: object, y: ArrayLike, **kwargs: Any) -> Any:
        """Creates a new model and trains it.

        Args:
            x, y: arrays, as for the model's `fit`.
            kwargs: further arguments for the model's `fit`.

        Returns:
            The `History`.
        """
        maker = self._maker()
        self.model = maker(**self._chosen(maker, {}))
        options = self._chosen(Sequential.fit, kwargs)
        return self.model.fit(x, self._labels_for_model(np.asarray(y)), **options)

    def _labels_for_model(self, y: np.ndarray) -> np.ndarray:
        return y

    def _fitted(self) -> Any:
        if not hasattr(self, "model"):
            raise TensorletError(f"{type(self).__name__} has not been trained. Call fit(x, y) first.")
        return self.model

    def _predicted(self, x: object, given: dict[str, Any]) -> np.ndarray:
        options = {"verbose": 0} | self._chosen(Sequential.predict, given)
        return np.asarray(self._fitted().predict(x, **options))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model")

    def __sklearn_tags__(self) -> Any:
        """Returns the tags that scikit-learn 1.6 and later use."""
        kinds = importlib.import_module("sklearn.utils")
        classifies = self._estimator_type == "classifier"
        return kinds.Tags(
            estimator_type=self._estimator_type,
            target_tags=kinds.TargetTags(required=True),
            classifier_tags=kinds.ClassifierTags() if classifies else None,
            regressor_tags=None if classifies else kinds.RegressorTags(),
        )

    def __repr__(self) -> str:
        arguments = [f"build_fn={getattr(self.build_fn, '__name__', self.build_fn)}"]
        arguments += [f"{name}={value!r}" for name, value in self.sk_params.items()]
        return f"{type(self).__name__}({', '.join(arguments)})"


class KerasClassifier(BaseWrapper):
    """A classification model as an estimator.

    The labels may be class indices, class names or one-hot rows; `predict` returns the same kind.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.keras.wrappers.scikit_learn import KerasClassifier
    >>> def make_model(rate=0.1):
    ...     model = tf.keras.Sequential([tf.keras.layers.Dense(1, activation="sigmoid", input_shape=(1,))])
    ...     model.compile(tf.keras.optimizers.Adam(rate), "binary_crossentropy", metrics=["accuracy"])
    ...     return model
    >>> classifier = KerasClassifier(make_model, rate=1.0, epochs=50, verbose=0)
    >>> x, y = np.array([[-1.0], [-2.0], [1.0], [2.0]]), np.array(["low", "low", "high", "high"])
    >>> _ = classifier.fit(x, y)
    >>> classifier.score(x, y)
    1.0
    """

    _estimator_type = "classifier"

    def fit(self, x: object, y: ArrayLike, **kwargs: Any) -> Any:
        """Creates a new model and trains it; the classes are determined from the labels."""
        labels = np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] > 1:
            self.classes_ = np.arange(labels.shape[1])
            numbers = labels
        elif labels.ndim in (1, 2):
            self.classes_ = np.unique(labels)
            numbers = np.searchsorted(self.classes_, labels)
        else:
            raise InvalidArgumentError(
                f"KerasClassifier: labels of shape {labels.shape}, expected (rows,), (rows, 1) or one-hot rows."
            )
        self.n_classes_ = len(self.classes_)
        return super().fit(x, numbers, **kwargs)

    def _labels_for_model(self, y: np.ndarray) -> np.ndarray:
        loss = getattr(self.model.loss, "name", None) or getattr(self.model.loss, "__name__", self.model.loss)
        one_hot = y.ndim == 2 and y.shape[1] > 1
        return to_categorical(y, self.n_classes_) if loss == "categorical_crossentropy" and not one_hot else y

    def predict(self, x: object, **kwargs: Any) -> np.ndarray:
        """Returns the class of each row; as a column for a model with one output."""
        found = self._predicted(x, kwargs)
        chosen = found.argmax(axis=-1) if found.shape[-1] > 1 else (found > 0.5).astype("int32")
        return np.asarray(self.classes_[chosen])

    def predict_proba(self, x: object, **kwargs: Any) -> np.ndarray:
        """Returns the probability of each class, of shape ``[rows, classes]``."""
        found = self._predicted(x, kwargs)
        return np.hstack([1.0 - found, found]) if found.shape[1] == 1 else found

    def score(self, x: object, y: ArrayLike, sample_weight: ArrayLike | None = None, **kwargs: Any) -> float:
        """Returns the accuracy: the fraction of rows whose class is predicted correctly."""
        labels = np.asarray(y)
        if labels.ndim == 2 and labels.shape[1] > 1:
            labels = labels.argmax(axis=1)
        allowed = {name: value for name, value in kwargs.items() if name in arguments_of(Sequential.predict)}
        right = self.predict(x, **allowed).reshape(-1) == labels.reshape(-1)
        weights = None if sample_weight is None else np.asarray(sample_weight)
        return float(np.average(right, weights=weights))


class KerasRegressor(BaseWrapper):
    """A regression model as an estimator.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet.keras.wrappers.scikit_learn import KerasRegressor
    >>> def make_model():
    ...     model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(1,))])
    ...     model.compile(tf.keras.optimizers.SGD(0.1), "mse")
    ...     return model
    >>> regressor = KerasRegressor(make_model, epochs=300, verbose=0)
    >>> _ = regressor.fit(np.array([[0.0], [1.0]]), np.array([1.0, 3.0]))
    >>> regressor.predict(np.array([[2.0]])).round(1)
    array([5.], dtype=float32)
    """

    _estimator_type = "regressor"

    def predict(self, x: object, **kwargs: Any) -> np.ndarray:
        """Returns the prediction for each row; an output of width 1 loses its last axis."""
        found = self._predicted(x, kwargs)
        return found.squeeze(-1) if found.shape[-1] == 1 else found

    def score(self, x: object, y: ArrayLike, **kwargs: Any) -> float:
        """Returns the negative loss, so that larger values are better."""
        options = {"verbose": 0} | self._chosen(Sequential.evaluate, kwargs)
        loss = self._fitted().evaluate(x, y, **options)
        return -float(loss[0] if isinstance(loss, list) else loss)
