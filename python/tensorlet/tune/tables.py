"""Searches for tables and pictures: the data of `tensorlet train`, with perceptrons of many forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import tensorlet as tf
from tensorlet.tabular.columns.encoder import CATEGORIES, MANY_CATEGORIES, NUMBERS
from tensorlet.tabular.fitting import predictions
from tensorlet.tabular.measures import Measure
from tensorlet.tabular.model_file import Description
from tensorlet.tabular.networks import EMBEDDING, PERCEPTRON, Network, Networks
from tensorlet.tabular.problem import PICTURES, Problem
from tensorlet.tabular.training import measure
from tensorlet.tune.outcome import Outcome
from tensorlet.tune.perceptrons import Perceptron
from tensorlet.tune.search import search

#: The least variance of a number, so that one that never changes does not become infinite.
TINY = 1e-7


@dataclass(frozen=True)
class OfInputs(Perceptron):
    """Builds perceptrons with the preprocessing inside, for data that are not encoded in advance.

    Args:
        shapes: the shape of a row of each input.
        numbers: the mean and the variance of each number.
        sizes: the number of codes of each input of categories.
        scale: pictures are multiplied by it.
    """

    shapes: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    numbers: tuple[list[float], list[float]] = ((), ())  # type: ignore[assignment]
    sizes: Mapping[str, int] = field(default_factory=dict)
    scale: float = 1.0

    def __call__(
        self,
        learning_rate: float = 1e-3,
        width: int = 64,
        depth: int = 1,
        dropout: float = 0.0,
        l2: float = 0.0,
    ) -> Any:
        """Returns a compiled model; see `Perceptron`."""
        inputs = {
            name: tf.keras.Input(shape, dtype="int32" if name in self.sizes else "float32", name=name)
            for name, shape in self.shapes.items()
        }
        parts = [self._features(name, tensor) for name, tensor in inputs.items()]
        end = parts[0] if len(parts) == 1 else tf.keras.layers.Concatenate()(parts)
        for layer in self.layers(width, depth, dropout, l2):
            end = layer(end)
        return self.compiled(tf.keras.Model(inputs, end), learning_rate)

    def _features(self, name: str, tensor: Any) -> Any:
        if name == NUMBERS:
            mean, variance = self.numbers
            return tf.keras.layers.Normalization(mean=mean, variance=variance)(tensor)
        if name == CATEGORIES:
            return tf.keras.layers.CategoryEncoding(self.sizes[name], output_mode="multi_hot")(tensor)
        if name == MANY_CATEGORIES:
            vectors = tf.keras.layers.Embedding(self.sizes[name], EMBEDDING)(tensor)
            return tf.keras.layers.Flatten()(vectors)
        return tf.keras.layers.Flatten()(tf.keras.layers.Rescaling(self.scale)(tensor))


@dataclass
class Tuned:
    """The result of a search on a table.

    Attributes:
        problem: the data.
        outcome: what the search has found.
        whole: the best model, with the preprocessing inside.
        measures: its measures on the test rows, by name, with their intervals.
        seed: the seed.
    """

    problem: Problem
    outcome: Outcome
    whole: Any
    measures: dict[str, Measure]
    seed: int

    def save(self, path: str) -> None:
        """Writes the best model with the meaning of its columns, like ``tensorlet train``."""
        Description.of_problem(self.problem, PERCEPTRON, self.seed).save(self.whole, path)


def tune_problem(problem: Problem, seed: int = 0, **options: Any) -> Tuned:
    """Searches for the best perceptron for a table or for pictures.

    The validation rows decide, and the test rows, which take no part in the search, measure the winner.

    Args:
        problem: what `tabular.problem.make_problem` returns.
        seed: the seed of the search.
        options: arguments of `search`, such as ``trials``, ``epochs``, ``space`` and ``executor``.
    """
    networks = Networks(problem)
    split = problem.split
    labels = problem.labels
    if not problem.target.classes:
        labels = ((labels - networks.offset) / networks.scale).astype(np.float32)
    encoded = isinstance(networks.x, np.ndarray)
    build = _builder(problem, networks, encoded)
    outcome = search(
        (networks.rows(split.train), labels[split.train]),
        validation_data=(networks.rows(split.validation), labels[split.validation]),
        build=build,
        seed=seed,
        **options,
    )
    whole = _whole(problem, networks, outcome.model, encoded)
    predicted = predictions(problem, Network(PERCEPTRON, outcome.model, whole), split.test)
    found = measure(problem, predicted, seed)
    return Tuned(problem, outcome, whole, found, seed)


def _builder(problem: Problem, networks: Networks, encoded: bool) -> Perceptron:
    classes = len(problem.target.classes)
    if encoded:
        return Perceptron(int(networks.x.shape[1]), classes)
    numbers: tuple[list[float], list[float]] = ([], [])
    if NUMBERS in problem.inputs:
        rows = problem.inputs[NUMBERS][problem.split.train].astype(np.float64)
        numbers = rows.mean(axis=0).tolist(), np.maximum(rows.var(axis=0), TINY).tolist()
    sizes = {} if problem.encoder is None else problem.encoder.sizes
    pictures = problem.inputs.get(PICTURES)
    return OfInputs(
        0,
        classes,
        shapes={name: array.shape[1:] for name, array in problem.inputs.items()},
        numbers=numbers,
        sizes={name: size for name, size in sizes.items() if name in problem.inputs},
        scale=1 / 255 if pictures is not None and pictures.dtype == np.uint8 else 1.0,
    )


def _whole(problem: Problem, networks: Networks, model: Any, encoded: bool) -> Any:
    """The model with the preprocessing before it, and the units of the target after it."""
    inputs, end = networks.inputs, networks.features
    if encoded:
        for layer in model.layers:
            end = layer(end)
    else:
        inputs = {one.name.partition(":")[0]: one for one in model.inputs}
        end = model.outputs[0]
    if not problem.target.classes:
        end = tf.keras.layers.Rescaling(networks.scale, networks.offset, name="in_units")(end)
    return tf.keras.Model(inputs, end, name=PERCEPTRON)
