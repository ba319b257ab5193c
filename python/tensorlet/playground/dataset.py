"""From the settings of the data to arrays for training and validation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from tensorlet.playground import formulas, points
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.settings import DataSettings
from tensorlet.playground.tables import Table, columns_of


class Dataset(NamedTuple):
    """Points with classes, scaled, in a random order.

    Attributes:
        x: the inputs, float32 of shape [rows, columns].
        y: the class of each row.
        training: the number of rows for training; the others are for validation.
        columns: the names of the inputs.
        classes: the names of the classes.
    """

    x: np.ndarray
    y: np.ndarray
    training: int
    columns: list[str]
    classes: list[str]

    @property
    def x_train(self) -> np.ndarray:
        """The inputs for training."""
        return self.x[: self.training]

    @property
    def y_train(self) -> np.ndarray:
        """The classes for training."""
        return self.y[: self.training]

    @property
    def x_val(self) -> np.ndarray:
        """The inputs for validation."""
        return self.x[self.training :]

    @property
    def y_val(self) -> np.ndarray:
        """The classes for validation."""
        return self.y[self.training :]

    def box(self, first: int, second: int) -> tuple[float, float, float, float]:
        """The part of the plane that is drawn: left, right, bottom, top."""
        edges: list[float] = []
        for column in (first, second):
            low, high = float(self.x[:, column].min()), float(self.x[:, column].max())
            if low > -1.6 and high < 1.6 and high - low > 0.6:
                low, high = min(low, -1.1), max(high, 1.1)
            margin = 0.08 * (high - low) or 1.0
            edges += [low - margin, high + margin]
        return edges[0], edges[1], edges[2], edges[3]


def make_dataset(settings: DataSettings, table: Table | None = None) -> Dataset:
    """Returns the points of some settings.

    Args:
        settings: the settings.
        table: the student's table, for the kind "table".

    Raises:
        PlaygroundError: if there are not enough points, or a formula cannot be read.

    >>> data = make_dataset(DataSettings("moons", rows=20))
    >>> data.x.shape, data.training, data.classes
    ((20, 2), 14, ['0', '1'])
    """
    x, y, columns, classes = raw_points(settings, table)
    order = np.random.default_rng(settings.seed).permutation(len(x))
    x, y = x[order].astype("float32"), y[order]
    training = min(max(round(len(x) * settings.train), 1), len(x) - 1)
    return Dataset(_scaled(x, x[:training], settings.scale), y, training, columns, classes)


def raw_points(
    settings: DataSettings, table: Table | None
) -> tuple[np.ndarray, np.ndarray, list[str], list[str]]:
    """The points before their division and scaling, class by class or in the order of the table."""
    if settings.kind == "table":
        if table is None:
            raise PlaygroundError("table_first", "There is no table yet. Choose a CSV file first.")
        return columns_of(table, settings.columns, settings.label)
    if settings.kind == "drawn":
        x, y = _drawn(settings)
    elif settings.kind == "formulas":
        x, y = _regions(settings)
    else:
        generator, _, _ = points.GENERATORS[settings.kind]
        counts = points.counts_of(settings.rows, settings.classes, settings.balance or 1 / settings.classes)
        x = generator(counts, settings.noise, np.random.default_rng(settings.seed))
        y = np.repeat(np.arange(settings.classes), counts)
    return x, y, ["x", "y"], [str(place) for place in range(max(int(y.max()) + 1, 2))]


def _drawn(settings: DataSettings) -> tuple[np.ndarray, np.ndarray]:
    if len(settings.points) < 4 or len({point[2] for point in settings.points}) < 2:
        raise PlaygroundError(
            "few_points",
            f"{len(settings.points)} points are drawn; training needs at least 4, of at least 2 classes.",
            count=len(settings.points),
        )
    array = np.array(settings.points, "float64")
    return array[:, :2], array[:, 2].astype(int)


def _regions(settings: DataSettings) -> tuple[np.ndarray, np.ndarray]:
    trees = [formulas.parse(text) for text in settings.formulas if text.strip()]
    if not trees:
        raise PlaygroundError("formula_missing", "There is no formula. Enter one, such as x*x + y*y < 0.4.")
    rng = np.random.default_rng(settings.seed)
    x = rng.uniform(-1, 1, (settings.rows, 2))
    y = points.classes_of_formulas([formulas.truth_of(tree, x[:, 0], x[:, 1]) for tree in trees])
    if len(np.unique(y)) < 2:
        raise PlaygroundError(
            "formula_one_class",
            "The formulas put all points with coordinates between -1 and 1 into one class. Change one of them.",
        )
    return x + rng.normal(0, settings.noise / 4, x.shape), y


def _minmax(x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    low, high = seen.min(0), seen.max(0)
    return (x - low) / np.where(high > low, high - low, 1) * 2 - 1


def _standard(x: np.ndarray, seen: np.ndarray) -> np.ndarray:
    spread = seen.std(0)
    return (x - seen.mean(0)) / np.where(spread > 0, spread, 1)


SCALERS: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "minmax": _minmax,
    "standard": _standard,
}


def _scaled(x: np.ndarray, seen: np.ndarray, scale: str) -> np.ndarray:
    """Scales by what is known of the training rows, as a program should."""
    if scale == "none":
        return x
    return np.ascontiguousarray(SCALERS[scale](x, seen), "float32")
