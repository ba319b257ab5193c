"""What the page draws of a network: regions of classes, regions of units, weights, gradients and their norms.

A viewer has a copy of the network. It shows weights that were copied between two epochs, so that drawing and
training never wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

import tensorlet as tf
from tensorlet.playground.dataset import Dataset
from tensorlet.playground.network import dense_layers, labels_for, make_model, output_of, unit_layers
from tensorlet.playground.run import Run
from tensorlet.playground.settings import NetworkSettings

#: The units of a layer whose regions are drawn.
MOST_UNITS_DRAWN = 16
UNIT_SIZE = 24
SIZES = (16, 256)


class Snapshot(NamedTuple):
    """What a run looked like at one moment; nothing in it changes.

    Attributes:
        version: the version of the run.
        epoch, batch: how far the run is.
        problem: why it stopped.
        weights: copies of its weights.
        generation: see `Run`.
        records: its history, of which the first ``rows`` belong to this moment.
        rows: the number of rows of the history.
    """

    version: int
    epoch: int
    batch: int
    problem: str
    weights: list[np.ndarray]
    generation: int
    records: list[tuple[float, ...]]
    rows: int


def snapshot_of(run: Run) -> Snapshot:
    """Copies what is drawn of a run."""
    return Snapshot(
        run.version,
        run.epoch,
        run.batch,
        run.problem,
        run.weights(),
        run.generation,
        run.records,
        len(run.records),
    )


@dataclass(frozen=True)
class View:
    """What the page wants to see of a network.

    Attributes:
        size: the number of points along each side of the regions.
        axes: the two inputs that are drawn; the others have their mean.
        units: whether to draw the regions of units.
        weights: whether to send the weights.
        gradients: whether to send gradients and norms.
    """

    size: int = 100
    axes: tuple[int, int] = (0, 1)
    units: bool = True
    weights: bool = True
    gradients: bool = False


def read_view(given: Any, columns: int) -> View:
    """Returns a view that the page asked for, within bounds.

    >>> read_view({"size": 10**9, "axes": [0, 7]}, 2)
    View(size=256, axes=(0, 1), units=True, weights=True, gradients=False)
    """
    given = given if isinstance(given, dict) else {}
    size = given.get("size", 100)
    axes = given.get("axes")
    valid = (
        isinstance(axes, list) and len(axes) == 2 and all(type(a) is int and 0 <= a < columns for a in axes)
    )
    return View(
        min(max(size if isinstance(size, int) else 100, SIZES[0]), SIZES[1]),
        (axes[0], axes[1]) if valid else (0, min(1, columns - 1)),
        bool(given.get("units", True)),
        bool(given.get("weights", True)),
        bool(given.get("gradients", False)),
    )


class Viewer:
    """Draws snapshots of one network; used by one thread at a time.

    Args:
        settings: the network.
        data: its points.
    """

    def __init__(self, settings: NetworkSettings, data: Dataset) -> None:
        self.data = data
        self.output = output_of(settings.loss, len(data.classes))
        self.model = make_model(settings, data.x.shape[1], self.output)
        self.layers = unit_layers(self.model, settings)
        self._all = tf.keras.Model(self.model.inputs, [layer.output for layer in self.layers])
        self._variables = list(self.model.weights)
        places = {id(variable): place for place, variable in enumerate(self._variables)}
        self._dense = [
            (places[id(layer.kernel)], places[id(layer.bias)]) for layer in dense_layers(self.model)
        ]
        self._labels = labels_for(self.output, data.y_train)
        self._loss = tf.keras.losses.get(self.output.loss)
        self._grids: dict[tuple[int, int, int], np.ndarray] = {}
        self._gradients = tf.function(self._gradients_of)

    def arrays(self, snapshot: Snapshot, view: View) -> list[tuple[str, np.ndarray]]:
        """Returns what a view shows, as named arrays.

        ``classes`` and ``certainty`` are uint8 of shape [size, size], rows from the bottom up; ``units`` is
        uint8 of shape [units, 24, 24] for each layer, 128 for zero; ``weights`` and ``gradients`` are
        float32 matrices (the last row of ``weights`` is the bias); ``norms`` has the norm of each layer's weights
        and gradients.
        """
        for variable, value in zip(self._variables, snapshot.weights, strict=True):
            variable.assign(value)
        classes, certainty = self.regions(view)
        found = [("classes", classes), ("certainty", certainty)]
        if view.units:
            found += self._unit_regions(view)
        if view.weights:
            for number, (kernel, bias) in enumerate(self._dense):
                whole = np.concatenate([snapshot.weights[kernel], snapshot.weights[bias][None]])
                found.append((f"weights{number}", whole.astype("float32", copy=False)))
        if view.gradients:
            found += self._gradient_arrays()
        return found

    def regions(self, view: View) -> tuple[np.ndarray, np.ndarray]:
        """The class at each point of the grid, and the probability of that class from 0 to 255."""
        outputs = self._predict(self.model, self.grid(view))
        if self.output.units == 1:
            outputs = np.concatenate([1 - outputs, outputs], axis=1)
        if not np.isfinite(outputs.sum()):
            outputs = np.nan_to_num(outputs, nan=0.0)
        classes = outputs.argmax(axis=1)
        highest = outputs[np.arange(len(outputs)), classes]
        certainty = np.clip(highest * 255, 0, 255).astype("uint8")
        shape = (view.size, view.size)
        return classes.astype("uint8").reshape(shape), certainty.reshape(shape)

    def grid(self, view: View, size: int | None = None) -> np.ndarray:
        """The points of the grid, row by row from the bottom up, float32 of shape [size², columns]."""
        size = size or view.size
        key = (size, *view.axes)
        if key not in self._grids:
            if len(self._grids) > 16:
                self._grids.clear()
            left, right, bottom, top = self.data.box(*view.axes)
            x, y = np.meshgrid(np.linspace(left, right, size), np.linspace(bottom, top, size))
            points = np.tile(self.data.x.mean(axis=0), (size * size, 1)).astype("float32")
            points[:, view.axes[0]] = x.ravel()
            points[:, view.axes[1]] = y.ravel()
            self._grids[key] = points
        return self._grids[key]

    @staticmethod
    def _predict(model: tf.keras.Model, rows: np.ndarray) -> Any:
        return model.predict(rows, batch_size=len(rows), verbose=0)

    def _unit_regions(self, view: View) -> list[tuple[str, np.ndarray]]:
        outputs = self._predict(self._all, self.grid(view, UNIT_SIZE))
        outputs = outputs if isinstance(outputs, list) else [outputs]
        found = []
        for number, values in enumerate(outputs):
            shown = np.nan_to_num(values[:, :MOST_UNITS_DRAWN].T, nan=0.0, posinf=0.0, neginf=0.0)
            largest = np.abs(shown).max(axis=1, keepdims=True)
            scaled = 128 + 127 * shown / np.where(largest > 0, largest, 1)
            found.append((f"units{number}", scaled.astype("uint8").reshape(-1, UNIT_SIZE, UNIT_SIZE)))
        return found

    def _gradients_of(self, x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(self._loss(y, self.model(x, training=False)))
            for penalty in self.model.losses:
                loss += penalty
        kernels = [layer.kernel for layer in dense_layers(self.model)]
        biases = [layer.bias for layer in dense_layers(self.model)]
        return tape.gradient(loss, kernels + biases)

    def _gradient_arrays(self) -> list[tuple[str, np.ndarray]]:
        """The gradients of the loss over all training points, without dropout, and the norms of each layer."""
        found = [
            np.asarray(g) for g in self._gradients(tf.constant(self.data.x_train), tf.constant(self._labels))
        ]
        count = len(found) // 2
        named, norms = [], []
        for number, (kernel, bias) in enumerate(zip(found[:count], found[count:], strict=True)):
            named.append((f"gradients{number}", np.concatenate([kernel, bias[None]]).astype("float32")))
            weights = dense_layers(self.model)[number].get_weights()[0]
            norms.append([np.linalg.norm(weights), np.linalg.norm(kernel)])
        return [*named, ("norms", np.nan_to_num(np.array(norms, "float32")))]


def records_since(snapshot: Snapshot, seen: Sequence[int]) -> tuple[int, np.ndarray]:
    """Returns the rows of a history that the page does not have, and the place of the first one.

    Args:
        snapshot: the snapshot.
        seen: the generation and the number of rows that the page has.
    """
    same = len(seen) == 2 and seen[0] == snapshot.generation and 0 <= seen[1] <= snapshot.rows
    first = seen[1] if same else 0
    rows = snapshot.records[first : snapshot.rows]
    return first, np.array(rows, "float32").reshape(len(rows), 5)
