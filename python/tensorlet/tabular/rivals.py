"""What the models are compared with: the commonest class (or the mean), and boosted trees of scikit-learn."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.encoder import NUMBERS
from tensorlet.tabular.extras import MissingExtraError, require
from tensorlet.tabular.problem import PICTURES, Problem
from tensorlet.tabular.weighting import class_shares, relative, weighted_mean

#: The trees are trained on this many rows at most, with this many classes at most.
MOST_ROWS, MOST_CLASSES = 50_000, 20
#: The largest number of categories of a column that scikit-learn's trees can use.
MOST_CATEGORIES = 255


@dataclass
class Rival:
    """The predictions of another method for the test rows.

    Attributes:
        name: "baseline" or "trees".
        predicted: the probabilities of the classes, or the numbers.
        seconds: the time of the training.
        note: what is special about it, as a sentence.
    """

    name: str
    predicted: np.ndarray
    seconds: float = 0.0
    note: str = ""


def baseline(problem: Problem) -> Rival:
    """Predicts the shares of the classes in the training rows, or their mean, whatever the inputs are."""
    train = problem.labels[problem.split.train]
    count, weights = len(problem.split.test), problem.weights_of(problem.split.train)
    if not problem.target.classes:
        return Rival("baseline", np.full(count, weighted_mean(train, weights)))
    shares = class_shares(train, len(problem.target.classes), weights)
    return Rival("baseline", np.tile(shares, (count, 1)))


def boosted_trees(problem: Problem, seed: int) -> Rival | str:
    """Trains scikit-learn's histogram-based boosted trees with their default settings.

    Returns:
        The predictions; or a sentence that says why there are none.
    """
    if PICTURES in problem.inputs:
        return _("Boosted trees are not compared for pictures.")
    if len(problem.target.classes) > MOST_CLASSES:
        return _("Boosted trees are not compared with more than {count} classes: they take too long.").format(
            count=MOST_CLASSES
        )
    try:
        ensemble = require("sklearn.ensemble", "sklearn")
    except MissingExtraError:
        return _("scikit-learn is not installed; with it, its boosted trees would be compared as well.")
    started = time.perf_counter()
    x = np.concatenate(list(problem.inputs.values()), axis=1, dtype=np.float32)
    rows = problem.split.train[:MOST_ROWS]
    numbers = problem.inputs[NUMBERS].shape[1] if NUMBERS in problem.inputs else 0
    categorical = [index for index in range(numbers, x.shape[1]) if _span(x[:, index]) <= MOST_CATEGORIES]
    for index in categorical:
        x[:, index] -= x[:, index].min()
    kind = (
        ensemble.HistGradientBoostingClassifier
        if problem.target.classes
        else ensemble.HistGradientBoostingRegressor
    )
    model = kind(random_state=seed, categorical_features=categorical or None)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about classes with a single row
        model.fit(x[rows], problem.labels[rows], sample_weight=relative(problem.weights_of(rows)))
    test = x[problem.split.test]
    note = ""
    if len(problem.split.train) > MOST_ROWS:
        note = _("Boosted trees were trained on {count} of the rows only.").format(count=f"{MOST_ROWS:,}")
    if not problem.target.classes:
        return Rival("trees", model.predict(test), time.perf_counter() - started, note)
    probabilities = np.zeros((len(test), len(problem.target.classes)))
    probabilities[:, model.classes_] = model.predict_proba(test)
    return Rival("trees", probabilities, time.perf_counter() - started, note)


def _span(codes: np.ndarray) -> float:
    return float(codes.max() - codes.min() + 1)
