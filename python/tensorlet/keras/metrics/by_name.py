"""Resolves the names in ``compile(metrics=[...])``, some of which depend on labels and predictions."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any, TypeGuard

from tensorlet.keras.generations import keras_generation
from tensorlet.keras.losses import probabilistic as crossentropies
from tensorlet.keras.metrics import accuracy
from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.reduction_metrics import MeanMetricWrapper
from tensorlet.keras.naming import snake_case
from tensorlet.keras.registry import METRICS

if TYPE_CHECKING:
    import numpy as np

    from tensorlet.type_aliases import AnyTensor

ACCURACY_NAMES = ("accuracy", "acc")
CROSSENTROPY_NAMES = ("crossentropy", "ce")


def depends_on_shapes(identifier: object) -> TypeGuard[str]:
    """Whether the metric that a name refers to depends on the shapes, as for accuracy and cross-entropy.

    >>> from tensorlet.keras.metrics import depends_on_shapes
    >>> depends_on_shapes("acc"), depends_on_shapes("mse")
    (True, False)
    """
    return isinstance(identifier, str) and identifier.lower() in (*ACCURACY_NAMES, *CROSSENTROPY_NAMES)


def kind_of_labels(y_true: AnyTensor | np.ndarray, y_pred: AnyTensor | np.ndarray) -> str:
    """Returns ``"binary"`` for one output, ``"sparse"`` for integer labels, else ``"categorical"``, as Keras 2 does.

    Args:
        y_true: the labels, or anything with their ``shape``.
        y_pred: the predictions, or anything with their ``shape``.

    >>> import numpy as np
    >>> from tensorlet.keras.metrics import kind_of_labels
    >>> kind_of_labels(np.zeros([4, 1]), np.zeros([4, 1])), kind_of_labels(np.zeros(4), np.zeros([4, 10]))
    ('binary', 'sparse')
    """
    true, predicted = tuple(y_true.shape), tuple(y_pred.shape)
    last = predicted[-1] if predicted else 1
    if last == 1:
        return "binary"
    if len(true) < len(predicted) or (true and true[-1] == 1):
        return "sparse"
    return "categorical"


_ACCURACIES = {
    "binary": accuracy.binary_accuracy,
    "sparse": accuracy.sparse_categorical_accuracy,
    "categorical": accuracy.categorical_accuracy,
}
_CROSSENTROPIES = {
    "binary": crossentropies.binary_crossentropy,
    "sparse": crossentropies.sparse_categorical_crossentropy,
    "categorical": crossentropies.categorical_crossentropy,
}


def resolve_accuracy(
    name: str, y_true: AnyTensor | np.ndarray, y_pred: AnyTensor | np.ndarray, loss: object = None
) -> Metric:
    """Returns the metric for ``"accuracy"``, ``"acc"``, ``"crossentropy"`` or ``"ce"``, under the given name.

    Args:
        name: one of the four.
        y_true: the labels, or anything with their ``shape``.
        y_pred: the predictions, or anything with their ``shape``.
        loss: the training loss; a cross-entropy metric adopts its ``from_logits``.

    >>> import numpy as np
    >>> from tensorlet.keras.metrics import resolve_accuracy
    >>> metric = resolve_accuracy("acc", np.zeros([4, 10]), np.zeros([4, 10]))
    >>> metric.name, metric._fn.__name__
    ('acc', 'categorical_accuracy')
    """
    kind = kind_of_labels(y_true, y_pred)
    if name.lower() in ACCURACY_NAMES:
        return MeanMetricWrapper(_ACCURACIES[kind], name=name)
    from_logits = bool(getattr(loss, "from_logits", False))
    return MeanMetricWrapper(_CROSSENTROPIES[kind], name=name, from_logits=from_logits)


def as_metric(identifier: object, y_true: Any = None, y_pred: Any = None, loss: object = None) -> Metric:
    """Returns the metric for an entry of ``compile(metrics=[...])``, named as in Keras 2.

    Args:
        identifier: a name, a `Metric`, a function, a loss or a class.
        y_true, y_pred, loss: as for `resolve_accuracy`; only names that depend on shapes need them.

    Raises:
        InvalidArgumentError: if the name is unknown; similar names are suggested.

    >>> from tensorlet.keras.metrics import as_metric
    >>> as_metric("mse").name
    'mse'
    """
    if depends_on_shapes(identifier):
        return resolve_accuracy(identifier, y_true, y_pred, loss)
    found = METRICS.get(identifier)
    if isinstance(identifier, str) and isinstance(found, Metric):
        # Logs show the name as it was written; Keras 2 shows those of classes, such as "AUC", as "auc".
        if identifier != type(found).__name__ or keras_generation() == 3:
            found.name = identifier
        return found
    if isinstance(found, Metric):
        return found
    name = identifier if isinstance(identifier, str) else getattr(found, "name", None)
    if name is None and not inspect.isfunction(found):
        name = getattr(found, "__name__", None) or snake_case(type(found).__name__)
    return MeanMetricWrapper(found, name=name)
