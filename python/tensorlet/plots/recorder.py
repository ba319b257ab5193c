"""Callbacks that record what happens in the layers during training, between the epochs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.callbacks import Callback
from tensorlet.localization import mark
from tensorlet.plots.networks import LayerProbe, gradients_by_layer, weights_by_layer

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike, Logs

#: What is recorded, in the order of the forward and backward pass.
QUANTITIES = (mark("weights"), mark("activations"), mark("gradients"))
#: The number of bars of a histogram.
BINS = 41


class Summary(NamedTuple):
    """One layer after one epoch.

    Attributes:
        norm: the root of the mean square of the numbers.
        low, high: the range of the histogram: the smallest and largest number.
        counts: how many numbers are in each of the bars.
        zeros: the share of numbers that are exactly 0.
    """

    norm: float
    low: float
    high: float
    counts: np.ndarray
    zeros: float


def summary_of(values: np.ndarray) -> Summary:
    """Summarizes numbers; those that are not finite are left out of the histogram."""
    flat = np.asarray(values, dtype=np.float64).ravel()
    finite = flat[np.isfinite(flat)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    counts, _ = np.histogram(finite, BINS, (low, high if high > low else low + 1e-12))
    norm = float(np.sqrt(np.mean(np.square(flat)))) if flat.size else 0.0
    return Summary(norm, low, high, counts, float(np.mean(flat == 0)) if flat.size else 0.0)


class LayerRecorder(Callback):
    """Records norms and histograms of weights, activations and gradients of each layer after each epoch.

    It runs between the epochs, so that it costs nothing per step. `layer_norms` and `layer_histograms` plot what it
    recorded.

    Args:
        x: rows of input, for which activations and gradients are recorded, such as the first 200 of the training
            data. Without them, only the weights are.
        y: their labels, for gradients.
        every: record after every so many epochs. The state before the training is recorded too.

    Attributes:
        epochs: the number of finished epochs at each record; the first is 0.
        records: for "weights", "activations" and "gradients", the summaries by layer.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet import plots
    >>> x, y = np.random.default_rng(0).normal(size=(40, 3)), np.arange(40) % 2
    >>> model = tf.keras.Sequential(
    ...     [tf.keras.layers.Dense(4, activation="relu"), tf.keras.layers.Dense(1, activation="sigmoid")]
    ... )
    >>> model.compile("adam", "binary_crossentropy")
    >>> recorder = plots.LayerRecorder(x, y)
    >>> history = model.fit(x, y, epochs=3, verbose=0, callbacks=[recorder])
    >>> recorder.epochs, len(recorder.records["gradients"])
    ([0, 1, 2, 3], 2)
    >>> figure = plots.layer_norms(recorder)
    """

    def __init__(self, x: ArrayLike | None = None, y: ArrayLike | None = None, every: int = 1) -> None:
        super().__init__()
        if every < 1:
            raise InvalidArgumentError(f"LayerRecorder got every={every}, expected 1 or more epochs.")
        self.x, self.y, self.every = x, y, every
        self.epochs: list[int] = []
        self.records: dict[str, dict[str, list[Summary]]] = {}
        self._probe: LayerProbe | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Starts empty, and records the state before the training."""
        self.epochs, self.records, self._probe = [], {}, None
        if self.model.built:
            self._record(0)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Records the state after an epoch."""
        if (epoch + 1) % self.every == 0:
            self._record(epoch + 1)

    def _record(self, epoch: int) -> None:
        self.epochs.append(epoch)
        self._add("weights", weights_by_layer(self.model))
        if self.x is not None:
            if self._probe is None:
                self._probe = LayerProbe(self.model, self.x)
            self._add("activations", self._probe(self.x))
            if self.y is not None:
                self._add("gradients", gradients_by_layer(self.model, self.x, self.y))

    def _add(self, quantity: str, layers: list[tuple[str, np.ndarray]]) -> None:
        records = self.records.setdefault(quantity, {})
        for name, values in layers:
            records.setdefault(name, []).append(summary_of(values))


class WeightTrajectory(Callback):
    """Records all weights before the training and after each epoch, for the path on a `loss_surface`.

    Args:
        every: record after every so many epochs.

    Attributes:
        points: one list of arrays for each record, in the order of ``model.trainable_variables``.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> from tensorlet import plots
    >>> model = tf.keras.Sequential([tf.keras.layers.Dense(1, input_shape=(2,))])
    >>> model.compile("sgd", "mse")
    >>> trajectory = plots.WeightTrajectory()
    >>> history = model.fit(np.ones((8, 2)), np.ones(8), epochs=3, verbose=0, callbacks=[trajectory])
    >>> len(trajectory.points), [array.shape for array in trajectory.points[0]]
    (4, [(2, 1), (1,)])
    """

    def __init__(self, every: int = 1) -> None:
        super().__init__()
        if every < 1:
            raise InvalidArgumentError(f"WeightTrajectory got every={every}, expected 1 or more epochs.")
        self.every = every
        self.points: list[list[np.ndarray]] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        """Starts a new path at the present weights."""
        self.points = [self._weights()] if self.model.built else []

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Records the weights."""
        if (epoch + 1) % self.every == 0:
            self.points.append(self._weights())

    def _weights(self) -> list[np.ndarray]:
        variables: list[Any] = self.model.trainable_variables
        return [np.array(variable) for variable in variables]
