"""`SoftmaxClassifier` and `MLPClassifier`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, _fit_context
from sklearn.utils import column_or_1d, compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import _check_partial_fit_first_call, type_of_target, unique_labels

from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.training.report.callback import Callback
from tensorlet.sklearn.base import BaseNetwork, without_early_stopping


class BaseClassifier(ClassifierMixin, BaseNetwork):
    """What both classifiers have in common."""

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        **BaseNetwork._parameter_constraints,
        "class_weight": [StrOptions({"balanced"}), dict, list, None],
    }

    class_weight: Any
    #: Whether one label of each row may be true or false by itself.
    _multilabel = False

    def _encode(self, y: np.ndarray, first: bool) -> np.ndarray:
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        self._check_kind(kind, y)
        many = kind == "multilabel-indicator"
        if first:
            if not hasattr(self, "_classes_given"):
                self.classes_ = np.arange(y.shape[1]) if many else unique_labels(y)
            else:
                self.classes_ = self._classes_given
            self._labels_are_rows = many
        elif many != self._labels_are_rows:
            raise ValueError(f"y is {kind}, but the estimator was trained with labels of another kind.")
        if many:
            return np.ascontiguousarray(y, np.float32)
        places = np.searchsorted(self.classes_, y)
        found = np.minimum(places, len(self.classes_) - 1)
        if not (self.classes_[found] == y).all():
            unknown = np.setdiff1d(y, self.classes_).tolist()
            raise ValueError(
                f"y contains the classes {unknown}, which are not among {self.classes_.tolist()}."
            )
        if self._outputs()[1] == "sigmoid":
            return found.astype(np.float32).reshape(-1, 1)
        return found.astype(np.int32)

    def _check_kind(self, kind: str, y: np.ndarray) -> None:
        allowed = ["binary", "multiclass"] + (["multilabel-indicator"] if self._multilabel else [])
        if kind not in allowed:
            raise ValueError(
                f"Unknown label type: {kind}. {type(self).__name__} takes one class for each row"
                + (", or rows of zeros and ones" if self._multilabel else "")
                + f"; y has the shape {y.shape} and dtype {y.dtype}."
            )

    def _row_weights(self, y: np.ndarray, weight: np.ndarray | None) -> np.ndarray | None:
        if self.class_weight is None:
            return weight
        if self.class_weight == "balanced" and weight is not None and y.ndim == 1:
            _, places = np.unique(y, return_inverse=True)
            of_class = np.bincount(places, weight)
            own = weight.sum() / (np.count_nonzero(of_class) * of_class.clip(min=1e-300))
            return np.where(weight > 0, own[places] * weight, 0.0)
        own = compute_sample_weight(self.class_weight, y)
        return own if weight is None else own * weight

    def _strata(self, y: np.ndarray) -> np.ndarray | None:
        return None if self._labels_are_rows else y.reshape(-1)

    def _score_outputs(self, outputs: np.ndarray, y: np.ndarray, weight: np.ndarray | None) -> float:
        if self._outputs()[1] == "softmax":
            right = outputs.argmax(axis=1) == y
        else:
            right = ((outputs > 0.5) == (y > 0.5)).all(axis=1)
        return float(np.average(right, weights=weight))

    @available_if(without_early_stopping)
    @_fit_context(prefer_skip_nested_validation=True)
    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Any:
        """Trains for one epoch on some rows, and keeps the state of the optimizer for the next call.

        Args:
            X, y, sample_weight: as for `fit`.
            classes: all classes; required in the first call, and of shape [classes].
        """
        if _check_partial_fit_first_call(self, classes):
            multilabel = type_of_target(y) == "multilabel-indicator"
            self._classes_given = np.arange(np.shape(y)[1]) if multilabel else self.classes_
        try:
            return self._partial_fit(X, y, sample_weight)
        finally:
            self.__dict__.pop("_classes_given", None)

    def predict(self, X: Any) -> np.ndarray:
        """Returns the class of each row, of shape [rows]; zeros and ones of shape [rows, labels] for several labels."""
        outputs, _ = self._raw(X)
        if self._outputs()[1] == "softmax":
            return np.asarray(self.classes_[outputs.argmax(axis=1)])
        if self._labels_are_rows:
            return (outputs > 0.5).astype(int)
        return np.asarray(self.classes_[(outputs[:, 0] > 0.5).astype(int)])

    def predict_proba(self, X: Any) -> np.ndarray:
        """Returns the probability of each class, float64 of shape [rows, classes]."""
        outputs = self._raw(X)[0].astype(np.float64)
        if self._outputs()[1] == "softmax":
            return np.asarray(outputs / outputs.sum(axis=1, keepdims=True))
        return outputs if self._labels_are_rows else np.hstack([1.0 - outputs, outputs])

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Returns the logarithms of the probabilities."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))


class SoftmaxClassifier(BaseClassifier):
    """Softmax regression (multinomial logistic regression), trained by gradient descent.

    The probabilities of the classes are ``softmax(X @ coef_.T + intercept_)``, and the loss is the cross-entropy plus
    ``alpha / 2`` times the sum of the squared weights, divided by the number of rows of a batch.

    Args:
        solver, alpha, batch_size, learning_rate, learning_rate_init, power_t, max_iter, shuffle, random_state, tol,
            verbose, warm_start, momentum, nesterovs_momentum, early_stopping, validation_fraction, beta_1, beta_2,
            epsilon, n_iter_no_change, class_weight, callbacks: see `MLPClassifier`.

    Attributes:
        coef_: of shape [classes, features].
        intercept_: of shape [classes].
        classes_, loss_curve_, history_, n_iter_, n_features_in_: see `MLPClassifier`.

    Source: C. M. Bishop, "Pattern Recognition and Machine Learning", 2006, section 4.3.4.

    >>> from sklearn.datasets import load_iris
    >>> from tensorlet.sklearn import SoftmaxClassifier
    >>> x, y = load_iris(return_X_y=True)
    >>> model = SoftmaxClassifier(learning_rate_init=0.1, random_state=0).fit(x, y)
    >>> model.coef_.shape, model.predict(x[:2]), round(model.score(x, y), 1)
    ((3, 4), array([0, 0]), 1.0)
    """

    _parameter_constraints: ClassVar[dict[str, list[Any]]] = {
        name: constraint
        for name, constraint in BaseClassifier._parameter_constraints.items()
        if name not in ("hidden_layer_sizes", "activation", "dropout")
    }

    def __init__(
        self,
        *,
        solver: str | Optimizer = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate: str = "constant",
        learning_rate_init: float = 0.01,
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
        class_weight: Any = None,
        callbacks: Iterable[Callback] | None = None,
    ) -> None:
        self.solver = solver
        self.alpha = alpha
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
        self.class_weight = class_weight
        self.callbacks = callbacks

    def _outputs(self) -> tuple[int, str, str, float]:
        return len(self.classes_), "softmax", "sparse_categorical_crossentropy", 1.0

    @property
    def coef_(self) -> np.ndarray:
        """The weights, of shape [classes, features]."""
        return np.ascontiguousarray(self.coefs_[0].T)

    @property
    def intercept_(self) -> np.ndarray:
        """The biases, of shape [classes]."""
        return self.intercepts_[0]

    def decision_function(self, X: Any) -> np.ndarray:
        """Returns the logits, of shape [rows, classes]; for two classes their difference, of shape [rows]."""
        logits, _ = self._raw(X, output="linear")
        return logits[:, 1] - logits[:, 0] if len(self.classes_) == 2 else logits


class MLPClassifier(BaseClassifier):
    """A multi-layer perceptron that predicts classes, trained natively.

    Arguments, attributes and defaults are those of scikit-learn's `MLPClassifier`; ``dropout``, ``class_weight`` and
    ``callbacks`` are new, and ``activation`` and ``solver`` take whatever Keras takes. Numbers are computed in float32.

    Args:
        hidden_layer_sizes: the width of each hidden layer.
        activation: of the hidden layers: ``"identity"``, ``"logistic"``, ``"tanh"``, ``"relu"``, any other name that
            `tensorlet.keras.activations.get` takes, or a function of a tensor.
        solver: ``"adam"``, ``"sgd"``, another name of an optimizer, or an optimizer. An optimizer has its own learning
            rate; ``learning_rate_init``, ``momentum`` and so on belong to names.
        alpha: the factor of the L2 penalty, ``alpha / 2 * sum(w²)``, divided by the number of rows of a batch.
        dropout: the fraction of each hidden layer's outputs that is set to 0 in training (Srivastava and others, 2014).
        batch_size: the number of rows in a batch; ``"auto"`` is ``min(200, rows)``. If all rows fit in one batch, the
            order of the rows does not matter, and equal rows are trained as one.
        learning_rate: ``"constant"``; ``"invscaling"`` divides by ``t ** power_t`` after ``t`` rows; ``"adaptive"``
            divides by 5 whenever training would end.
        learning_rate_init: the first learning rate.
        power_t: see ``learning_rate``.
        max_iter: the most epochs.
        shuffle: whether to take the rows in a new order in each epoch.
        random_state: the seed of weights, orders, dropout and validation set.
        tol: less than this is no improvement of the loss or the score.
        verbose: whether to print a line for each epoch.
        warm_start: whether `fit` continues from the weights of the last one.
        momentum, nesterovs_momentum: of ``"sgd"``.
        early_stopping: whether to set ``validation_fraction`` of the rows aside, and to keep the weights with the best
            score on them.
        validation_fraction: see ``early_stopping``.
        beta_1, beta_2, epsilon: of ``"adam"``.
        n_iter_no_change: the number of epochs without an improvement after which training ends.
        class_weight: a dictionary from class to weight, ``"balanced"``, or None.
        callbacks: Keras callbacks; their hooks of epochs and of the whole training are called.

    Attributes:
        classes_: the classes, of shape [classes].
        coefs_, intercepts_: the weights and biases of each layer.
        loss_, best_loss_: the last and the smallest loss.
        loss_curve_: the loss of each epoch.
        validation_scores_, best_validation_score_: with early stopping, the accuracy after each epoch, and the best.
        history_: the values of each epoch by name: ``loss``, and with early stopping ``val_loss`` and
            ``validation_score``.
        n_iter_: the number of epochs.
        t_: the number of rows seen.
        n_layers_, n_outputs_, out_activation_: the form of the network.
        n_features_in_, feature_names_in_: the features of `fit`.

    Source: D. E. Rumelhart, G. E. Hinton, R. J. Williams, "Learning representations by back-propagating errors", 1986.

    >>> import numpy as np
    >>> from tensorlet.sklearn import MLPClassifier
    >>> x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    >>> y = np.array(["same", "different", "different", "same"])
    >>> model = MLPClassifier((8,), "tanh", learning_rate_init=0.1, random_state=0).fit(x, y)
    >>> model.predict(x).tolist()
    ['same', 'different', 'different', 'same']
    """

    _multilabel = True

    def __init__(
        self,
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
        class_weight: Any = None,
        callbacks: Iterable[Callback] | None = None,
    ) -> None:
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
        self.class_weight = class_weight
        self.callbacks = callbacks

    def _outputs(self) -> tuple[int, str, str, float]:
        labels = len(self.classes_)
        if self._labels_are_rows:
            return labels, "sigmoid", "binary_crossentropy", float(labels)
        if labels == 2:
            return 1, "sigmoid", "binary_crossentropy", 1.0
        return labels, "softmax", "sparse_categorical_crossentropy", 1.0

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
