"""`train_source`: from a table to two trained models, their measures, and what is remarkable about them."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular import findings
from tensorlet.tabular.findings import Finding
from tensorlet.tabular.fitting import Fitted, Progress, chosen_rate, fit, predictions
from tensorlet.tabular.importance import Importance, permutation_importance
from tensorlet.tabular.measures import (
    Measure,
    calibration_bins,
    class_measures,
    confusion_matrix,
    number_measures,
)
from tensorlet.tabular.model_file import Description
from tensorlet.tabular.networks import LINEAR, PERCEPTRON, Networks
from tensorlet.tabular.problem import Plan, Problem, make_problem
from tensorlet.tabular.reading.source import Pictures, Table
from tensorlet.tabular.rivals import baseline, boosted_trees
from tensorlet.tabular.weighting import weighted_mean

#: The importance of the columns is measured on this many rows of the test at most.
MOST_IMPORTANCE_ROWS = 2000


@dataclass
class Result:
    """The result of a training.

    Attributes:
        problem: the data.
        plan: what the user had chosen.
        fitted: "linear" and "perceptron" -> the trained model.
        best: the name of the model with the smaller validation loss, which is saved.
        measures: "baseline", "linear", "perceptron" and "trees" -> measures on the test rows, by name.
        seconds: the same names -> the time of the training.
        predicted: the predictions of the best model for the test rows.
        findings: what is remarkable.
        importance: how much each column matters to the best model.
        notes: further sentences, such as why the trees are missing.
        started: the time of the start, as seconds since 1970.
    """

    problem: Problem
    plan: Plan
    fitted: dict[str, Fitted]
    best: str
    measures: dict[str, dict[str, Measure]]
    seconds: dict[str, float]
    predicted: np.ndarray
    findings: list[Finding]
    importance: list[Importance]
    notes: list[str] = field(default_factory=list)
    started: float = 0.0

    @property
    def description(self) -> Description:
        """What is stored in the model file beside the weights."""
        return Description.of_problem(self.problem, self.best, self.plan.seed, self.plan.weights)

    def save(self, path: str) -> None:
        """Writes the best model, with its preprocessing and `description`, as a ``.keras`` file."""
        self.description.save(self.fitted[self.best].network.whole, path)

    def confusion(self) -> np.ndarray:
        """Returns the confusion matrix of the best model on the test rows."""
        test = self.problem.labels[self.problem.split.test]
        return confusion_matrix(test, self.predicted.argmax(1), len(self.problem.target.classes))

    def calibration(self) -> list[dict[str, float]]:
        """Returns the calibration of the best model on the test rows; see `calibration_bins`."""
        return calibration_bins(self.problem.labels[self.problem.split.test], self.predicted)

    def title(self, name: str) -> str:
        """Returns the name of a method in words."""
        return titles(bool(self.problem.target.classes))[name]


def titles(classes: bool) -> dict[str, str]:
    """Returns the names of the methods in words."""
    return {
        "baseline": _("always the commonest class") if classes else _("always the mean"),
        "linear": _("softmax regression") if classes else _("linear regression"),
        "perceptron": _("perceptron"),
        "trees": _("boosted trees (scikit-learn)"),
    }


def train_source(source: Table | Pictures, plan: Plan, progress: Progress | None = None) -> Result:
    """Examines data, trains both models, and measures them on rows that they have not seen.

    Args:
        source: what `tabular.reading.files.read` or `tabular.reading.columnar.table_of` returns.
        plan: the target and the choices of the user.
        progress: called after each epoch with the name of the model, the epoch, and the two losses.

    Raises:
        TableError: if nothing can be learned from the data.

    >>> import numpy as np
    >>> from tensorlet.tabular.problem import Plan
    >>> from tensorlet.tabular.reading.columnar import table_of
    >>> from tensorlet.tabular.training import train_source
    >>> x = np.random.default_rng(0).normal(size=300)
    >>> result = train_source(table_of({"x": x, "sign": np.where(x > 0, "plus", "minus")}), Plan("sign", trees=False))
    >>> result.measures["linear"]["accuracy"].value > 0.95
    True
    """
    return train_problem(make_problem(source, plan), plan, progress)


def train_problem(problem: Problem, plan: Plan, progress: Progress | None = None) -> Result:
    """Does the part of `train_source` that follows the examination of the data."""
    started = time.time()
    networks = Networks(problem)
    fitted = {}
    for name in (LINEAR, PERCEPTRON):
        network = networks.build(name, plan.seed)
        fitted[name] = fit(networks, network, plan.seed, plan.epochs, plan.learning_rate, progress)
    best = min(fitted, key=lambda name: fitted[name].validation_losses[fitted[name].best_epoch - 1])
    test = problem.split.test
    predicted = {name: predictions(problem, one.network, test) for name, one in fitted.items()}
    base = baseline(problem)
    rivals, notes = [base], []
    if plan.trees:
        trees = boosted_trees(problem, plan.seed)
        if isinstance(trees, str):
            notes.append(trees)
        else:
            rivals.append(trees)
            notes += [trees.note] * bool(trees.note)
    outputs = {base.name: base.predicted, **predicted, **{one.name: one.predicted for one in rivals[1:]}}
    measures = {name: measure(problem, output, plan.seed) for name, output in outputs.items()}
    seconds = {one.name: one.seconds for one in rivals} | {name: one.seconds for name, one in fitted.items()}
    return Result(
        problem, plan, fitted, best, measures, seconds, predicted[best],
        _findings(problem, plan, fitted, best, measures, predicted[best]),
        _importance(problem, fitted[best], plan.seed), notes, started,
    )  # fmt: skip


def measure(problem: Problem, predicted: np.ndarray, seed: int) -> dict[str, Measure]:
    """Measures predictions for the test rows with the measures of the task."""
    test = problem.split.test
    measures = class_measures if problem.target.classes else number_measures
    return measures(problem.labels[test], predicted, seed, problem.weights_of(test))


def _findings(
    problem: Problem,
    plan: Plan,
    fitted: dict[str, Fitted],
    best: str,
    measures: dict[str, dict[str, Measure]],
    predicted: np.ndarray,
) -> list[Finding]:
    rows = problem.split.train[:20_000]
    known = predictions(problem, fitted[best].network, rows)
    labels, weights = problem.labels[rows], problem.weights_of(rows)
    if problem.target.classes:
        training = {"accuracy": weighted_mean(known.argmax(1) == labels, weights)}
    else:
        variance = weighted_mean((labels - weighted_mean(labels, weights)) ** 2, weights)
        training = {"r2": 1 - weighted_mean((known - labels) ** 2, weights) / (variance or 1.0)}
    found = [
        *findings.of_model(problem, measures[best], training, measures["baseline"], predicted),
        *findings.of_data(problem),
    ]
    if plan.learning_rate is not None:
        tried = fitted[best].tried
        found += findings.of_learning_rate(plan.learning_rate, tried, chosen_rate(tried))
    return sorted(found, key=lambda one: one.level != "warning")


def _importance(problem: Problem, fitted: Fitted, seed: int) -> list[Importance]:
    if problem.encoder is None:
        return []
    rows = problem.split.test[:MOST_IMPORTANCE_ROWS]
    network: Any = fitted.network.whole
    return permutation_importance(
        network,
        problem.encoder,
        problem.rows_of(rows),
        problem.labels[rows],
        bool(problem.target.classes),
        seed,
        weights=problem.weights_of(rows),
    )
