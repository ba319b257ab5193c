"""`BaseWrapper`: what `KerasClassifier` and `KerasRegressor` have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras import losses, optimizers
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.wrappers.arguments import GIVEN, arguments_of, check, chosen, seeded, with_prefix

try:
    from sklearn.base import BaseEstimator
    from sklearn.utils import check_random_state
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"tf.keras.wrappers requires scikit-learn ({error}). Install it: pip install 'tensorlet[sklearn]'"
    ) from error

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike


#: The named arguments that belong to the model's methods; None leaves the method's own default.
PLAIN = (
    "epochs", "batch_size", "verbose", "callbacks", "validation_split", "validation_batch_size", "shuffle",
)  # fmt: skip


class BaseWrapper(BaseEstimator):
    """Base class of `KerasClassifier` and `KerasRegressor`.

    Args:
        model: a function that creates a model, compiled or not; or a model, which each `fit` copies. A subclass may
            define ``__call__`` instead.
        build_fn: the same; its name in Keras 2.
        optimizer, loss, metrics: with which a model is compiled that the function has not compiled.
        epochs, batch_size, verbose, callbacks, validation_split, validation_batch_size, shuffle: for the model's
            methods.
        class_weight: a dictionary from class to weight, or ``"balanced"``.
        random_state: a seed: the same one gives the same model.
        warm_start: whether `fit` continues to train the model of the last one.
        others: arguments for the function, `fit`, `predict` and `evaluate`, plain or with a prefix: ``model__units``,
            ``optimizer__learning_rate``, ``fit__initial_epoch``.

    A function with an argument ``meta`` gets a dictionary of what is known of the data: ``n_features_in_``,
    ``n_outputs_expected_`` and for classifiers ``n_classes_`` and ``target_type_``.

    Attributes:
        model_: the trained model; also ``model``, if the function was given as ``build_fn``.
        history_: the values of each epoch by name.

    Raises:
        ValueError: for an argument that nothing takes.
    """

    def __init__(
        self,
        model: Callable[..., Model] | Model | None = None,
        *,
        build_fn: Callable[..., Model] | Model | None = None,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        metrics: Any = None,
        epochs: int | None = None,
        batch_size: int | None = None,
        verbose: str | int | None = None,
        callbacks: Any = None,
        validation_split: float | None = None,
        validation_batch_size: int | None = None,
        shuffle: bool | None = None,
        class_weight: Any = None,
        random_state: int | np.random.RandomState | None = None,
        warm_start: bool = False,
        **others: Any,
    ) -> None:
        self.model = model
        self.build_fn = build_fn
        self.optimizer = optimizer
        self.loss = loss
        self.metrics = metrics
        self.epochs = epochs
        self.batch_size = batch_size
        self.verbose = verbose
        self.callbacks = callbacks
        self.validation_split = validation_split
        self.validation_batch_size = validation_batch_size
        self.shuffle = shuffle
        self.class_weight = class_weight
        self.random_state = random_state
        self.warm_start = warm_start
        self.__dict__.update(others)
        self._check(others)

    # Arguments.

    @property
    def model(self) -> Any:
        """The function that creates the model; if it was given as ``build_fn``, the trained model, as in Keras 2."""
        given = vars(self).get("model")
        return vars(self).get("model_") if given is None else given

    @model.setter
    def model(self, value: Any) -> None:
        self.__dict__["model"] = value

    def _maker(self) -> Callable[..., Model] | Model:
        given = vars(self).get("model")
        found = given if self.build_fn is None else self.build_fn
        if found is None and callable(self):
            found = self  # a subclass with __call__
        if found is None:
            kind = type(self).__name__
            raise InvalidArgumentError(f"{kind}: pass a function that creates a model: {kind}(make_model).")
        return found

    def _check(self, others: dict[str, Any]) -> None:
        maker = self._maker() if others else None
        if callable(maker):
            known = [name for method in _methods() for name in arguments_of(method)]
            check(type(self).__name__, others, None if isinstance(maker, Model) else maker, known)

    def _named(self) -> list[str]:
        """The names of the arguments in the signature."""
        return [name for name in arguments_of(BaseWrapper.__init__) if name != "others"]

    def _others(self) -> dict[str, Any]:
        """The arguments that are not in the signature."""
        named = self._named()
        return {
            name: value
            for name, value in vars(self).items()
            if name not in named and not name.startswith("_") and not name.endswith("_")
        }

    def get_params(self, deep: bool = True, **_: Any) -> dict[str, Any]:
        """Returns the arguments, for scikit-learn's ``clone``."""
        return {name: vars(self)[name] for name in self._named()} | self._others()

    def set_params(self, **params: Any) -> BaseWrapper:
        """Sets arguments, as returned by `get_params`."""
        named = self._named()
        for name in named:
            if name in params:
                setattr(self, name, params[name])
        others = {name: value for name, value in params.items() if name not in named}
        self._check(others)
        self.__dict__.update(others)
        return self

    def _settings(self) -> dict[str, Any]:
        """The arguments for the function and the model's methods."""
        return {name: vars(self)[name] for name in PLAIN if vars(self)[name] is not None} | self._others()

    # Fitting.

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, **kwargs: Any) -> Any:
        """Creates a model and trains it.

        Args:
            X, y, sample_weight: arrays, as for the model's `fit`.
            kwargs: further arguments for the model's `fit`.

        Returns:
            The estimator itself; ``history_`` has the values of each epoch, and ``model_`` the model.
        """
        again = self.warm_start and hasattr(self, "model_")
        return self._fit(X, y, sample_weight, kwargs, again)

    def _one_epoch(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None, options: dict[str, Any]
    ) -> Any:
        return self._fit(X, y, sample_weight, {"epochs": 1, **options}, hasattr(self, "model_"))

    def _fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None, options: dict[str, Any], again: bool
    ) -> Any:
        x, labels = self._checked(X, y, reset=not again)
        weight = None if sample_weight is None else _check_sample_weight(sample_weight, labels)
        labels, weight = self._encode(labels, weight, not again)
        state = self.random_state
        seed = None if state is None else int(check_random_state(state).randint(2**31 - 1))
        with seeded(seed):
            if not again:
                self.model_ = self._new_model()
                self.history_: dict[str, list[float]] = {}
            options = chosen(Sequential.fit, "fit", self._settings(), options)
            options.pop("class_weight", None)
            run = self.model_.fit(x, self._for_loss(labels), sample_weight=weight, **options)
        for name, values in run.history.items():
            self.history_.setdefault(name, []).extend(values)
        self.n_iter_ = len(run.epoch)
        return self

    def _checked(self, X: Any, y: ArrayLike, reset: bool) -> tuple[Any, np.ndarray]:
        if _is_plain(X):
            x, labels = validate_data(
                self, X, y, reset=reset, allow_nd=True, multi_output=True, y_numeric=self._y_is_numeric()
            )
            return x, labels
        if y is None:
            raise ValueError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        return X, np.asarray(y)

    def _y_is_numeric(self) -> bool:
        return False

    def _encode(
        self, y: np.ndarray, weight: np.ndarray | None, first: bool
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns labels as numbers, and the weights of rows."""
        return y, weight

    def _for_loss(self, labels: np.ndarray) -> np.ndarray:
        """Returns the labels in the form that the loss of the model takes."""
        return labels

    def _new_model(self) -> Model:
        maker = self._maker()
        if isinstance(maker, Model):
            return copied(maker)
        wanted = arguments_of(maker)
        given = {**self.get_params(), **self._settings()}
        settings = {name: value for name, value in given.items() if name in wanted and value is not None}
        settings |= with_prefix("model", self._others())
        known = {"meta": self._meta(), "compile_kwargs": self._compile_settings()}
        settings |= {name: known[name] for name in GIVEN if name in wanted and name not in settings}
        model = maker(**settings)
        if not isinstance(model, Model):
            raise InvalidArgumentError(
                f"{type(self).__name__}: the function returned {type(model).__name__}, expected a Keras model. "
                "End it with `return model`."
            )
        if model.optimizer is None:
            compiling = self._compile_settings()
            if compiling["loss"] is None:
                compiling["loss"] = self._default_loss(model)
            model.compile(**compiling)
        return model

    def _compile_settings(self) -> dict[str, Any]:
        """The arguments of `compile` for a model that its function has not compiled."""
        settings = self._others()
        optimizer = self.optimizer
        options = with_prefix("optimizer", settings)
        if options or not isinstance(optimizer, str):  # a new one for each model
            found = optimizers.get(optimizer() if isinstance(optimizer, type) else optimizer)
            optimizer = type(found).from_config(found.get_config() | options)
        loss = self.loss
        options = with_prefix("loss", settings)
        if options and loss is not None:
            loss = loss(**options) if isinstance(loss, type) else losses.get(loss)
        return {
            "optimizer": optimizer,
            "loss": loss() if isinstance(loss, type) else loss,
            "metrics": self.metrics,
            **with_prefix("compile", settings),
        }

    def _default_loss(self, model: Model) -> str:
        """The loss of a model for which none is given."""
        return "mean_squared_error"

    def _meta(self) -> dict[str, Any]:
        """What is known of the data when the model is created, by name."""
        names = ("n_features_in_", "n_outputs_expected_", "n_classes_", "target_type_", "classes_")
        return {name: getattr(self, name) for name in names if hasattr(self, name)}

    # Predicting.

    def _predicted(self, X: Any, given: dict[str, Any]) -> np.ndarray:
        check_is_fitted(self, "model_")
        if _is_plain(X):
            X = validate_data(self, X, reset=False, allow_nd=True)
        options = {"verbose": 0} | chosen(Sequential.predict, "predict", self._settings(), given)
        options.pop("callbacks", None)
        return np.asarray(self.model_.predict(X, **options))

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "model_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.non_deterministic = self.random_state is None
        return tags


def _methods() -> tuple[Callable[..., Any], ...]:
    return Sequential.fit, Sequential.predict, Sequential.evaluate


def _is_plain(X: Any) -> bool:
    """Whether the input is one array, frame or list of rows, rather than several inputs of a model."""
    if isinstance(X, dict) and not hasattr(X, "toarray"):  # some sparse matrices are dictionaries
        return False
    return not (
        isinstance(X, list | tuple) and X and all(isinstance(one, np.ndarray) for one in X) and X[0].ndim > 1
    )


def copied(model: Model) -> Model:
    """A copy of a compiled model with its weights."""
    copy: Model = type(model).from_config(model.get_config())
    if model.optimizer is not None:
        settings = model._compile_settings or {}
        optimizer = type(model.optimizer).from_config(model.optimizer.get_config())
        copy.compile(
            optimizer, settings.get("loss"), settings.get("metrics"), settings.get("loss_weights"),
            settings.get("weighted_metrics"),
        )  # fmt: skip
    if model.built:
        copy.set_weights(model.get_weights())
    return copy
