"""Twenty tables that packages bring: one call each, no option but the target, against scikit-learn.

    pip install --no-deps --target FOLDER ISLP mlxtend palmerpenguins vega_datasets
    python benchmarks/tables.py FOLDER [--only NAME ...]

For each table, `tensorlet.tabular.train` divides the rows, and trains and measures its two models. scikit-learn's
logistic regression (or ridge regression) and perceptron, with standardized numbers and one-hot categories, are trained
on the rows for training and validation together, and measured on the same test rows. A table counts if the better of
our two models is within a standard error (by bootstrap) of scikit-learn's better one: accuracy for classes, root mean
square error for numbers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tensorlet.tabular import train
from tensorlet.tabular.columns.encoder import CATEGORIES, NUMBERS
from tensorlet.tabular.problem import Problem

#: Name -> (the path below the folder, or the name of a data set of scikit-learn; the target).
TABLES = {
    "iris": ("sklearn:iris", "target"),
    "wine": ("sklearn:wine", "target"),
    "breast cancer": ("sklearn:breast_cancer", "target"),
    "digits": ("sklearn:digits", "target"),
    "diabetes": ("sklearn:diabetes", "target"),
    "auto": ("ISLP/data/Auto.csv", "mpg"),
    "bikeshare": ("ISLP/data/Bikeshare.csv", "bikers"),
    "boston": ("ISLP/data/Boston.csv", "medv"),
    "caravan": ("ISLP/data/Caravan.csv", "Purchase"),
    "carseats": ("ISLP/data/Carseats.csv", "Sales"),
    "college": ("ISLP/data/College.csv", "Private"),
    "credit": ("ISLP/data/Credit.csv", "Balance"),
    "default": ("ISLP/data/Default.csv", "default"),
    "hitters": ("ISLP/data/Hitters.csv", "Salary"),
    "orange juice": ("ISLP/data/OJ.csv", "Purchase"),
    "wage": ("ISLP/data/Wage.csv", "wage"),
    "penguins": ("palmerpenguins/data/penguins.csv", "species"),
    "seattle weather": ("vega_datasets/_data/seattle-weather.csv", "weather"),
    "wine (mlxtend)": ("mlxtend/data/data/wine.csv", "column 1"),
    "three blobs": ("mlxtend/data/data/three_blobs.csv.gz", "column 3"),
}


class Score(NamedTuple):
    """How good something is: accuracy, or the negative root mean square error."""

    value: float
    error: float


def path_of(source: str, folder: Path, work: Path) -> Path:
    """Returns the file of a table; data sets of scikit-learn are written as CSV first."""
    if not source.startswith("sklearn:"):
        return folder / source
    from sklearn import datasets

    name = source.partition(":")[2]
    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    frame = bunch.frame
    if name == "iris":
        frame["target"] = [str(bunch.target_names[one]) for one in frame["target"]]
    frame.to_csv(work / f"{name}.csv", index=False)
    return work / f"{name}.csv"


def theirs(problem: Problem, seed: int) -> dict[str, np.ndarray]:
    """Returns the predictions of scikit-learn's two models for the test rows: classes or numbers."""
    from sklearn.linear_model import LogisticRegression, RidgeCV
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    parts = []
    if NUMBERS in problem.inputs:
        parts.append(problem.inputs[NUMBERS].astype(np.float64))
    if CATEGORIES in problem.inputs:
        codes = problem.inputs[CATEGORIES]
        assert problem.encoder is not None
        size = problem.encoder.sizes[CATEGORIES]
        parts.append(np.eye(size)[codes].sum(1))
    x = np.concatenate(parts, axis=1)
    known = np.concatenate([problem.split.train, problem.split.validation])
    models: dict[str, Any]
    if problem.target.classes:
        models = {
            "linear": LogisticRegression(max_iter=2000),
            "perceptron": MLPClassifier(max_iter=500, random_state=seed),
        }
    else:
        models = {"linear": RidgeCV(), "perceptron": MLPRegressor(max_iter=500, random_state=seed)}
    found = {}
    y = problem.labels
    # A perceptron of scikit-learn needs a scaled target too.
    offset, scale = (0.0, 1.0) if problem.target.classes else (y[known].mean(), y[known].std())
    for name, model in models.items():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            labels = y[known] if problem.target.classes else (y[known] - offset) / scale
            model = make_pipeline(StandardScaler(), model).fit(x[known], labels)
            found[name] = model.predict(x[problem.split.test])
            if not problem.target.classes:
                found[name] = found[name] * scale + offset
    return found


def score(problem: Problem, predicted: np.ndarray) -> float:
    """Returns the accuracy, or the negative root mean square error."""
    truth = problem.labels[problem.split.test]
    if problem.target.classes:
        return float((predicted == truth).mean())
    return -float(np.sqrt(((predicted - truth) ** 2).mean()))


def compare(name: str, path: Path, target: str, seed: int) -> tuple[str, bool]:
    """Trains on one table; returns a line of the report, and whether it counts."""
    started = time.perf_counter()
    result = train(path, target, seed=seed, trees=False)
    seconds = time.perf_counter() - started
    key = "accuracy" if result.problem.target.classes else "rmse"
    ours = {
        model: Score(
            result.measures[model][key].value * (1 if key == "accuracy" else -1),
            result.measures[model][key].standard_error,
        )
        for model in ("linear", "perceptron")
    }
    best = max(ours, key=lambda model: ours[model].value)
    rivals = {
        model: score(result.problem, predicted) for model, predicted in theirs(result.problem, seed).items()
    }
    rival = max(rivals, key=lambda model: rivals[model])
    counts = ours[best].value >= rivals[rival] - ours[best].error
    cells = [
        name, f"{result.problem.rows:,}", key, f"{abs(ours['linear'].value):.4g}",
        f"{abs(ours['perceptron'].value):.4g}",
        f"{ours[best].error:.2g}", f"{abs(rivals['linear']):.4g}", f"{abs(rivals['perceptron']):.4g}", f"{seconds:.1f}",
        "yes" if counts else "no",
    ]  # fmt: skip
    return "| " + " | ".join(cells) + " |", counts


def main() -> int:
    """Runs all tables; returns 1 if one of them fails."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="where the packages are installed")
    parser.add_argument("--only", nargs="+", choices=TABLES, default=list(TABLES), metavar="NAME")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(
        "| table | rows | measure | linear | perceptron | standard error | theirs: linear | perceptron | s | within |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    good, failed = 0, []
    with tempfile.TemporaryDirectory() as work:
        for name in options.only:
            source, target = TABLES[name]
            try:
                line, counts = compare(
                    name, path_of(source, options.folder, Path(work)), target, options.seed
                )
            except Exception as error:  # the others go on
                failed.append(name)
                print(f"| {name} | failed: {type(error).__name__}: {error} |", flush=True)
                continue
            good += counts
            print(line, flush=True)
    print(f"\n{good} of {len(options.only)} within a standard error; {len(failed)} failed")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
