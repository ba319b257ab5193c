"""`MLPRegressor`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin, _fit_context
from sklearn.metrics import r2_score
from sklearn.utils import column_or_1d
from sklearn.utils.metaestimators import available_if

from tensorlet.keras import losses
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.training.report.callback import Callback
from tensorlet.sklearn.base import BaseNetwork, without_early_stopping

#: scikit-learn's names of losses: Keras's name, its factor for each output, and the activation of the last layer.
LOSSES = {"squared_error": ("mean_squared_error", 0.5, "linear"), "poisson": ("poisson", 1.0, "exponential")}


class MLPRegressor(RegressorMixin, BaseNetwork):
    """A multi-layer perceptron that predicts numbers, trained natively.

    Args:
        loss: ``"squared_error"`` (half of the sum of the squared errors of a row's outputs), ``"poisson"``, or the
            name of any loss of Keras, such as ``"huber"``.
        hidden_layer_sizes, activation, solver, alpha, dropout, batch_size, learning_rate, learning_rate_init, power_t,
            max_iter, shuffle, random_state, tol, verbose, warm_start, momentum, nesterovs_momentum, early_stopping,
            validation_fraction, beta_1, beta_2, epsilon, n_iter_no_change, callbacks: see `MLPClassifier`.

    Attributes:
        coefs_, intercepts_, loss_curve_, history_ and so on: see `MLPClassifier`; the score of the validation set is
            R².

    >>> import numpy as np
    >>> from tensorlet.sklearn import MLPRegressor
    >>> x = np.linspace(-1, 1, 100).reshape(-1, 1)
    >>> model = MLPRegressor(
    ...     hidden_layer_sizes=(16,), activation="tanh", learning_rate_init=0.05, tol=1e-6, max_iter=500, random_state=0
    ... )
    >>> bool(model.fit(x, x[:, 0] ** 2).score(x, x[:, 0] ** 2) > 0.9)
    True
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseNetwork._parameter_constraints,
        "loss": [str],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        hidden_layer_sizes: Any = (100,),
        activation: str | Callable[[Any], Any] = "relu",
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        dropout: float = 0.0,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.001,
        power_t: float = 0.5,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: int | np.random.RandomState | None = None,
        tol: float = 1e-4,
        verbose: bool = False,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        beta_1: float = 0.9,
        beta_2: float = 0.999,
        epsilon: float = 1e-8,
        n_iter_no_change: float = 10,
        callbacks: Iterable[Callback] | None = None,
    ) -> None:
        self.loss = loss
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.dropout = dropout
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.power_t = power_t
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.verbose = verbose
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.n_iter_no_change = n_iter_no_change
        self.callbacks = callbacks

    def _y_is_numeric(self) -> bool:
        return True

    def _encode(self, y: np.ndarray, first: bool) -> np.ndarray:
        if np.ndim(y) == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        columns = np.asarray(y, np.float32).reshape(len(y), -1)
        if first:
            self._outputs_in_y = columns.shape[1]
            self._y_has_columns = np.ndim(y) == 2
        elif columns.shape[1] != self._outputs_in_y:
            raise ValueError(
                f"y has {columns.shape[1]} columns, but the estimator was trained with {self._outputs_in_y}."
            )
        if not np.isfinite(columns).all():
            raise ValueError("y contains numbers too large for float32. Scale it.")
        return np.ascontiguousarray(columns)

    def _outputs(self) -> tuple[int, str, str, float]:
        outputs = self._outputs_in_y
        if self.loss in LOSSES:  # sums over the outputs, like scikit-learn's gradients
            name, factor, output = LOSSES[self.loss]
            return outputs, output, name, factor * outputs
        losses.get(self.loss)  # raises the error for unknown names
        return outputs, "linear", self.loss, 1.0

    def _score_outputs(self, outputs: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> float:
        return float(r2_score(y, outputs, sample_weight=weight)) if len(y) > 1 else float("-inf")

    @available_if(without_early_stopping)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
        """Trains for one epoch on some rows, and keeps the state of the optimizer for the next call; see `fit`."""
        return self._partial_fit(X, y, sample_weight)

    def predict(self, X: Any) -> np.ndarray:
        """Returns the prediction for each row, of shape [rows] or [rows, outputs]; float32 if X is, else float64."""
        outputs, dtype = self._raw(X)
        outputs = outputs if dtype == np.float32 else outputs.astype(np.float64)
        return outputs if self._y_has_columns else outputs[:, 0]
