"""What the estimators have in common: arguments, fitting, weights."""

from __future__ import annotations

import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from itertools import pairwise
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, _fit_context
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, Options, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from tensorlet.keras import activations
from tensorlet.keras.layers.core import Dense
from tensorlet.keras.layers.input_layer import Input
from tensorlet.keras.layers.regularization import Dropout
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.training.report.callback import Callback
from tensorlet.sklearn.network import Form, Network, borrowed, named_optimizer, optimizer_entry
from tensorlet.sklearn.training import Data, Plan, Progress, Run, describe_end, prepared

#: What `validate_data` leaves as it is; everything else becomes the first of them.
DTYPES = (np.float32, np.float64, np.uint8)
#: The number of rows in a batch if ``batch_size`` is ``"auto"``.
AUTO_BATCH = 200
#: scikit-learn's names of activations, and Keras's.
ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid"}
#: The most bytes of a sparse matrix as an array.
MOST_DENSE_BYTES = 1 << 33


def without_early_stopping(estimator: Any) -> bool:
    """Whether an estimator has `partial_fit`.

    Raises:
        AttributeError: if it stops early, which needs several epochs.
    """
    if estimator.early_stopping:
        raise AttributeError("partial_fit is not available with early_stopping=True.")
    return True


class BaseNetwork(BaseEstimator, ABC):
    """Base class of the estimators; see `MLPClassifier` for the arguments."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
        "activation": [str, callable],
        "solver": [str, Optimizer],
        "alpha": [Interval(Real, 0, None, closed="left")],
        "dropout": [Interval(Real, 0, 1, closed="left")],
        "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "learning_rate": [StrOptions({"constant", "invscaling", "adaptive"})],
        "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
        "power_t": [Interval(Real, 0, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "shuffle": ["boolean"],
        "random_state": ["random_state"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "warm_start": ["boolean"],
        "momentum": [Interval(Real, 0, 1, closed="both")],
        "nesterovs_momentum": ["boolean"],
        "early_stopping": ["boolean"],
        "validation_fraction": [Interval(Real, 0, 1, closed="left")],
        "beta_1": [Interval(Real, 0, 1, closed="left")],
        "beta_2": [Interval(Real, 0, 1, closed="left")],
        "epsilon": [Interval(Real, 0, None, closed="neither")],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left"), Options(Real, {np.inf})],
        "callbacks": [None, list, tuple, Callback],
    }

    hidden_layer_sizes: Any = ()
    activation: str | Callable[[Any], Any] = "linear"
    dropout: float = 0.0
    solver: Any
    callbacks: Iterable[Callback] | None

    # What subclasses define.

    @abstractmethod
    def _encode(self, y: np.ndarray, first: bool) -> np.ndarray:
        """Returns the labels as the network takes them; determines the classes if ``first``."""

    @abstractmethod
    def _outputs(self) -> tuple[int, str, str, float]:
        """Returns the width and the activation of the last layer, the loss and its factor."""

    @abstractmethod
    def _score_outputs(self, outputs: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> float:
        """Returns the score of the network's outputs for encoded labels."""

    def _row_weights(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        """Returns the weights of rows, including those of their classes."""
        return weight

    def _strata(self, y: np.ndarray) -> np.ndarray | None:
        """Returns the labels by which a validation set is stratified."""
        return None

    # Fitting.

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains the network.

        Args:
            X: of shape [rows, features]; an array, a sparse matrix or a frame.
            y: the labels, of shape [rows] or [rows, outputs].
            sample_weight: the weight of each row in the loss, of shape [rows].

        Returns:
            The estimator itself.

        Raises:
            ValueError: for data that cannot be trained on.
        """
        again = self.warm_start and hasattr(self, "coefs_")
        x, labels, weight = self._checked(X, y, sample_weight, first=not again)
        self._train(x, labels, weight, again=again, keeps_optimizer=False, epochs=self.max_iter)
        return self

    def _partial_fit(self, X: Any, y: Any, sample_weight: Any) -> Any:
        again = hasattr(self, "coefs_")
        x, labels, weight = self._checked(X, y, sample_weight, first=not again)
        self._train(x, labels, weight, again=again, keeps_optimizer=True, epochs=1)
        return self

    def _checked(
        self, X: Any, y: Any, sample_weight: Any, first: bool
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
        """Returns rows, encoded labels and weights."""
        X, y = validate_data(
            self, X, y, reset=first, accept_sparse=["csr", "csc"], dtype=DTYPES, multi_output=True,
            y_numeric=self._y_is_numeric(),
        )  # fmt: skip
        weight = None
        if sample_weight is not None:
            weight = _check_sample_weight(sample_weight, X, dtype=np.float64)
        labels = self._encode(y, first)
        return _dense(X), labels, self._row_weights(y, weight)

    def _y_is_numeric(self) -> bool:
        return False

    def _train(
        self,
        x: np.ndarray,
        labels: np.ndarray,
        weight: np.ndarray | None,
        again: bool,
        keeps_optimizer: bool,
        epochs: int,
    ) -> None:
        random = check_random_state(self.random_state)
        form, rate = self._form(x.shape[1])
        if not again:
            self._initialize(form, random)
        held = None
        if self.early_stopping:
            x, labels, weight, held = self._split(x, labels, weight, random)
        size = min(AUTO_BATCH if self.batch_size == "auto" else self.batch_size, len(x))
        data, batch_weight = prepared(x, labels, weight, size)
        plan = self._plan(data, size, epochs, rate, random)
        state = getattr(self, "_optimizer_state", None) if keeps_optimizer and again else None
        with borrowed(form) as network:
            network.load(self.coefs_, self.intercepts_)
            network.load_optimizer(state, plan.learning_rate)
            network.set_penalty(0.5 * self.alpha / batch_weight)
            network.set_seed(int(random.randint(2**31 - 1)))
            progress = Run(network, data, plan, held, self.callbacks).run()
            self._remember(network, progress, len(data.x), keeps_optimizer)
        self._report(progress, epochs, keeps_optimizer)

    def _form(self, features: int) -> tuple[Form, float | None]:
        outputs, output, loss, factor = self._outputs()
        sizes = self.hidden_layer_sizes
        hidden = (
            (int(sizes),) if isinstance(sizes, Integral) else tuple(int(size) for size in np.ravel(sizes))
        )
        if any(size < 1 for size in hidden):
            raise ValueError(f"hidden_layer_sizes is {sizes!r}, expected widths of at least 1.")
        activation = self.activation
        if isinstance(activation, str):
            activation = ACTIVATIONS.get(activation, activation)
            activations.get(activation)  # raises the error for unknown names
        optimizer = self.solver
        if isinstance(optimizer, str):
            entry, _ = optimizer_entry(named_optimizer(optimizer, self._solver_settings()))
            rate: float | None = float(self.learning_rate_init)
        else:
            entry, rate = optimizer_entry(optimizer)
        return Form(
            features, hidden, activation, outputs, output, loss, factor, float(self.dropout), entry
        ), rate

    def _solver_settings(self) -> dict[str, Any]:
        names = ("momentum", "nesterovs_momentum", "beta_1", "beta_2", "epsilon")
        return {name: getattr(self, name) for name in names}

    def _plan(
        self, data: Data, size: int, epochs: int, rate: float | None, random: np.random.RandomState
    ) -> Plan:
        whole = len(data.x) <= size  # the order within a batch does not matter
        key = int(random.randint(2**31 - 1)) if self.shuffle else None
        return Plan(
            batch_size=min(size, len(data.x)),
            epochs=epochs,
            shuffle=None if whole else key,
            first=self.n_iter_,
            learning_rate=rate,
            decay=self.learning_rate,
            power=self.power_t,
            tolerance=self.tol,
            patience=self.n_iter_no_change,
            verbose=bool(self.verbose),
        )

    def _initialize(self, form: Form, random: np.random.RandomState) -> None:
        """Draws new weights (Glorot and Bengio, 2010); biases are 0."""
        widths = [form.inputs, *form.hidden, form.outputs]
        self.coefs_, self.intercepts_ = [], []
        for fan_in, fan_out in pairwise(widths):
            limit = np.sqrt(6.0 / (fan_in + fan_out))
            self.coefs_.append(random.uniform(-limit, limit, (fan_in, fan_out)).astype(np.float32))
            self.intercepts_.append(np.zeros(fan_out, np.float32))
        self.n_layers_ = len(widths)
        self.n_outputs_ = form.outputs
        self.n_iter_ = self.t_ = 0
        self.history_: dict[str, list[float]] = {}

    def _split(
        self, x: np.ndarray, labels: np.ndarray, weight: np.ndarray | None, random: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray | None, tuple[Data, Callable[[np.ndarray], float]]]:
        """Sets rows aside for validation; returns the others, and those with the function that scores outputs."""
        places = np.arange(len(x))
        seen, unseen = train_test_split(
            places, random_state=random, test_size=self.validation_fraction, stratify=self._strata(labels)
        )
        aside = None if weight is None else weight[unseen]
        held = Data(x[unseen], labels[unseen], None if aside is None else aside.astype(np.float32))
        score = lambda outputs: self._score_outputs(outputs, held.y, aside)  # noqa: E731
        return x[seen], labels[seen], None if weight is None else weight[seen], (held, score)

    def _remember(self, network: Network, progress: Progress, rows: int, keeps_optimizer: bool) -> None:
        """Takes the results of a run out of the network."""
        self.coefs_, self.intercepts_ = progress.best or network.weights()
        if keeps_optimizer:
            self._optimizer_state = network.optimizer_state()
        for name, values in progress.history.items():
            self.history_.setdefault(name, []).extend(values)
        ran = len(progress.history.get("loss", ()))
        self.n_iter_ += ran
        self.t_ += ran * rows
        self.loss_curve_ = self.history_.get("loss", [])
        self.loss_ = self.loss_curve_[-1] if self.loss_curve_ else np.inf
        self.out_activation_ = self._output_name(network.form.output)
        scores = self.history_.get("validation_score") if self.early_stopping else None
        self.validation_scores_ = scores
        self.best_validation_score_ = None if not scores else max(scores)
        self.best_loss_ = None if self.early_stopping else min(self.loss_curve_, default=np.inf)

    def _output_name(self, activation: str) -> str:
        """scikit-learn's name of an activation."""
        names = {keras: own for own, keras in ACTIVATIONS.items()}
        return names.get(activation, activation)

    def _report(self, progress: Progress, epochs: int, partial: bool) -> None:
        if progress.interrupted:
            warnings.warn("Training interrupted by user.", stacklevel=4)
        elif not partial and (text := describe_end(progress, epochs)):
            warnings.warn(text, ConvergenceWarning, stacklevel=4)

    # Predicting.

    def _raw(self, X: Any, output: str | None = None) -> tuple[np.ndarray, np.dtype[Any]]:
        """Returns the outputs of the network, float32 of shape [rows, outputs], and the dtype of the rows.

        Args:
            X: of shape [rows, features].
            output: another activation for the last layer, such as ``"linear"`` for logits.
        """
        check_is_fitted(self, "coefs_")
        X = validate_data(self, X, reset=False, accept_sparse=["csr", "csc"], dtype=DTYPES)
        form, _ = self._form(X.shape[1])
        with borrowed(form if output is None else form._replace(output=output)) as network:
            network.load(self.coefs_, self.intercepts_)
            return network.predict(_dense(X)), X.dtype

    def to_keras(self) -> Sequential:
        """Returns the network as a Keras model, for example to save it in a file.

        Its outputs are probabilities for a classifier, and numbers for a regressor.
        """
        check_is_fitted(self, "coefs_")
        form, _ = self._form(self.n_features_in_)
        layers: list[Any] = [Input((form.inputs,))]
        for width in form.hidden:
            layers.append(Dense(width, form.activation))
            layers += [Dropout(form.dropout)] if form.dropout else []
        model = Sequential([*layers, Dense(form.outputs, form.output)])
        model.set_weights(
            [array for pair in zip(self.coefs_, self.intercepts_, strict=True) for array in pair]
        )
        return model

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def _dense(x: Any) -> np.ndarray:
    """Rows as a C-contiguous array that the engine reads: float32 or uint8."""
    if hasattr(x, "toarray"):
        needed = x.shape[0] * x.shape[1] * 4
        if needed > MOST_DENSE_BYTES:
            raise ValueError(
                f"X is a sparse matrix of shape {x.shape}, which would need {needed / 1e9:.0f} GB as an array. Reduce "
                "its columns first, for example with sklearn.decomposition.TruncatedSVD or "
                "sklearn.feature_selection.SelectKBest."
            )
        x = x.astype(np.float32).toarray()
    if x.dtype != np.uint8:
        with np.errstate(over="ignore"):
            narrow = np.ascontiguousarray(x, np.float32)
        if x.dtype == np.float64 and not np.isfinite(narrow).all():
            raise ValueError("X contains numbers too large for float32. Scale the features.")
        return narrow
    return np.ascontiguousarray(x)
