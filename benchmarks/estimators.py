"""`tensorlet.sklearn` against scikit-learn: `fit` with the same settings, and to the same loss.

    python benchmarks/estimators.py [--quick] [--threads 1 2]

`MLPClassifier` of both, with 100 units, Adam and batches of 200, on MNIST and on 100,000 rows by 50 columns, for the
same number of epochs; the accuracies on test rows must agree. `SoftmaxClassifier` against `LogisticRegression` (L-BFGS,
with the same penalty): ours takes the fewest of some numbers of epochs with which its loss is at most 1 % above.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import measure

#: Ours may be this many standard errors of the accuracy below.
ALLOWED_ERRORS = 2.0
#: The numbers of epochs that are tried for softmax regression.
EPOCHS = (25, 50, 100, 150, 200, 300)
ALLOWED_LOSS = 1.01
TARGETS = {"mlp": 4.0, "softmax": 3.0}


def write_data(path: Path, name: str, quick: bool) -> None:
    """Writes training and test rows, float32."""
    if name == "MNIST":
        import tensorlet as tf

        (x, y), (held_x, held_y) = tf.keras.datasets.mnist.load_data()
        count = 5000 if quick else len(x)
        arrays = [
            x[:count].reshape(count, -1) / 255,
            y[:count],
            held_x.reshape(len(held_x), -1) / 255,
            held_y,
        ]
    else:
        from sklearn.datasets import make_classification

        rows = 10_000 if quick else 100_000
        x, y = make_classification(
            rows + 10_000, 50, n_informative=20, n_classes=5, n_clusters_per_class=2, random_state=0
        )
        arrays = [x[:rows], y[:rows], x[rows:], y[rows:]]
    names = ("x", "y", "held_x", "held_y")
    kinds = (np.float32, np.int64, np.float32, np.int64)
    converted: dict[str, Any] = {
        key: array.astype(kind) for key, array, kind in zip(names, arrays, kinds, strict=True)
    }
    np.savez(path, **converted)


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    repetitions = 1 if quick else 3
    threads = threads or [len(measure.available_cpus())]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        for name in ("MNIST", "100,000 by 50"):
            write_data(data, name, quick)
            for count in threads:
                results.append(compare_perceptrons(data, name, repetitions, 2 if quick else 10, count))
                if name == "MNIST":
                    results.append(compare_softmax(data, name, repetitions, count))
    return results


def workers_of(data: Path, threads: int) -> list[measure.Worker]:
    """A process for each library."""
    cpus = measure.available_cpus()[:threads]
    program = measure.BENCHMARKS / "estimators_worker.py"
    return [
        measure.Worker(name, [sys.executable, program, data, name], cpus)
        for name in ("tensorlet", "scikit-learn")
    ]


def compare_perceptrons(data: Path, name: str, repetitions: int, epochs: int, threads: int) -> measure.Result:
    """Seconds of `fit`, and the accuracies."""
    workers = workers_of(data, threads)
    seconds: measure.Samples = {worker.name: [] for worker in workers}
    accuracy: dict[str, float] = {}
    error = 0.0
    for _ in range(repetitions):
        for worker in workers:
            answer = worker.ask(what="mlp", epochs=epochs)
            seconds[worker.name].append(answer["seconds"])
            accuracy[worker.name] = answer["accuracy"]
            error = answer["error"]
    notes = sorted({worker.facts["version"] for worker in workers})
    for worker in workers:
        worker.close()
    if accuracy["tensorlet"] < accuracy["scikit-learn"] - ALLOWED_ERRORS * error:
        sys.exit(f"The accuracy on {name} is {accuracy}, lower than allowed (standard error {error:.4f}).")
    notes.append(
        "accuracy on test rows: " + ", ".join(f"{who} {value:.4f}" for who, value in accuracy.items())
    )
    title = f"MLPClassifier, {name}, {epochs} epochs, {measure.threads_text(threads)}"
    return measure.Result(title, "s", seconds, theirs="scikit-learn", target=TARGETS["mlp"], notes=notes)


def compare_softmax(data: Path, name: str, repetitions: int, threads: int) -> measure.Result:
    """Seconds to the loss of `LogisticRegression`."""
    ours, theirs = workers_of(data, threads)
    seconds: measure.Samples = {"tensorlet": [], "scikit-learn": []}
    answer = theirs.ask(what="softmax", epochs=100)
    seconds["scikit-learn"].append(answer["seconds"])
    wanted = ALLOWED_LOSS * answer["loss"]
    epochs, found = 0, float("inf")
    for epochs in EPOCHS:
        found = ours.ask(what="softmax", epochs=epochs)["loss"]
        if found <= wanted:
            break
    else:
        sys.exit(
            f"SoftmaxClassifier reached a loss of {found:.4f} after {epochs} epochs, but {wanted:.4f} is wanted."
        )
    for repetition in range(repetitions):
        seconds["tensorlet"].append(ours.ask(what="softmax", epochs=epochs)["seconds"])
        if repetition:
            seconds["scikit-learn"].append(theirs.ask(what="softmax", epochs=100)["seconds"])
    notes = [
        ours.facts["version"],
        theirs.facts["version"],
        f"loss {found:.4f} after {epochs} epochs, {answer['loss']:.4f} after 100 iterations of L-BFGS",
    ]
    for worker in (ours, theirs):
        worker.close()
    title = f"softmax regression to the same loss, {name}, {measure.threads_text(threads)}"
    return measure.Result(title, "s", seconds, theirs="scikit-learn", target=TARGETS["softmax"], notes=notes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rows, epochs and repetitions")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="estimators")
