"""An epoch of `fit` with Adam: softmax regression and two perceptrons on MNIST, against JAX and real Keras.

    python benchmarks/keras_epoch.py [--quick] [--threads 1 2] [--only NAME ...]

Tensorlet runs `fit` as users call it; the peer is hand-written, jitted JAX (`lax.scan` over the batches), in its
best variant. Batch 100, rows in the same random order, the same initial weights; the time of Tensorlet includes
drawing the order, that of JAX does not. The dense cases train on pixels without a zero, so that nothing can be
skipped. The last case adds accuracy and a validation pass to each epoch, and its peers are Keras on JAX and
Keras on TensorFlow; there the rows are not shuffled, so that all losses can be compared. The table also has
scikit-learn's ``MLPClassifier``, for the pixels that are not dense.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import measure
from environments import peer_python

BATCH_SIZE = 100
#: The seed of the order of the rows.
SEED = 7
#: All sum in float32, each in its own order. Adam and ReLUs amplify small differences: the two JAX variants of a
#: perceptron differ from each other by some thousandths after a few epochs.
LOSS_TOLERANCE = {"softmax": 1e-4, "perceptron": 2e-2}
#: scikit-learn drifts away from all others, which agree: by some ten-thousandths after ten epochs of softmax.
DRIFTING = "scikit-learn"
DRIFT_TOLERANCE = 2e-2
#: Real Keras drifts likewise after some thousand steps: hand-written JAX and our NumPy references do not.
KERAS_TOLERANCE = 1e-3


#: Seconds between two turns, in which threads that spin go to sleep.
REST = 0.1


@dataclass(frozen=True)
class Case:
    """What is trained, and the target ratio to the peer by the number of threads."""

    title: str
    widths: tuple[int, ...]
    targets: dict[int, float]
    dense: bool = False
    epochs: int = 9


CASES = {
    "softmax": Case("softmax, Adam", (784, 10), {1: 4.0, 2: 4.0}, epochs=15),
    "mlp128": Case("784-128-10, Adam", (784, 128, 10), {1: 2.0, 2: 2.0}),
    "mlp128_dense": Case("784-128-10, Adam, no zeros", (784, 128, 10), {1: 1.3, 2: 1.3}, dense=True),
    "mlp512": Case("784-512-10, Adam", (784, 512, 10), {1: 2.7, 2: 2.7}, epochs=5),
    "mlp512_dense": Case(
        "784-512-10, Adam, no zeros", (784, 512, 10), {1: 1.3, 2: 1.3}, dense=True, epochs=5
    ),
}
VALIDATION = "softmax_validation"
#: Times faster than Keras on each backend, with a validation pass per epoch.
VALIDATION_TARGETS = {"Keras on JAX": 10.0, "Keras on TensorFlow": 60.0}


def write_data(path: Path, widths: tuple[int, ...], dense: bool, epochs: int) -> None:
    """Writes what all sides start from: rows, labels, weights and each epoch's order of the rows."""
    import tensorlet as tf
    from tensorlet.core import random_state
    from tensorlet.ops.philox import permutation

    (images, labels), (test_images, test_labels) = tf.keras.datasets.mnist.load_data()
    tf.keras.utils.set_random_seed(SEED)
    key = random_state.key_of(None)
    arrays: dict[str, Any] = {}
    generator = np.random.default_rng(0)
    for layer, (fan_in, units) in enumerate(itertools.pairwise(widths)):
        limit = np.sqrt(6 / (fan_in + units))
        arrays[f"kernel{layer}"] = generator.uniform(-limit, limit, (fan_in, units)).astype(np.float32)
        arrays[f"bias{layer}"] = np.zeros(units, np.float32)
    darkest = 1 if dense else 0
    np.savez(
        path,
        images=np.maximum(images.reshape(-1, 784), darkest),
        labels=labels,
        test_images=np.maximum(test_images.reshape(-1, 784), darkest),
        test_labels=test_labels,
        # The orders that `fit` draws after set_random_seed: the peers follow them.
        orders=np.stack([permutation(len(images), key, epoch) for epoch in range(epochs)]),
        seed=SEED,
        batch_size=BATCH_SIZE,
        layers=len(widths) - 1,
        **arrays,
    )


def take_turns(workers: list[measure.Worker], epochs: int) -> tuple[measure.Samples, measure.Samples]:
    """Requests epochs from all workers in turn: milliseconds and losses of each."""
    milliseconds: measure.Samples = {worker.name: [] for worker in workers}
    losses: measure.Samples = {worker.name: [] for worker in workers}
    for epoch in range(epochs):
        for worker in workers:
            time.sleep(REST)
            answer = worker.ask(epoch=epoch)
            losses[worker.name].append(answer["loss"])
            if epoch > 0:  # the first one compiles
                milliseconds[worker.name].append(1e3 * answer["seconds"])
    for worker in workers:
        worker.close()
    return milliseconds, losses


def agreement(losses: measure.Samples, epochs: int, tolerance: float) -> str:
    """Ends the program if the losses differ, else says how closely they agree."""
    measure.check_losses_agree(losses, max(tolerance, DRIFT_TOLERANCE))
    others = {name: values for name, values in losses.items() if name != DRIFTING}
    difference = measure.check_losses_agree(others, tolerance)
    return f"losses of {epochs} epochs agree to {difference:.1e} (relative; {tolerance:g} allowed)"


def compare(case: Case, data: Path, epochs: int, threads: int) -> measure.Result:
    """A case on ``threads`` CPUs, against JAX."""
    cpus = measure.available_cpus()[:threads]
    ours, jax = measure.BENCHMARKS / "keras_epoch_fit.py", measure.BENCHMARKS / "keras_epoch_jax.py"
    peers = {"JAX, float32 rows": "float32", "JAX, uint8 rows": "uint8"}
    workers = [measure.Worker("tensorlet", [sys.executable, ours, data, "tensorlet", "plain"], cpus)]
    workers += [
        measure.Worker(name, [peer_python("jax"), jax, data, variant], cpus)
        for name, variant in peers.items()
    ]
    if not case.dense:  # for the table
        program = measure.BENCHMARKS / "keras_epoch_sklearn.py"
        workers.append(measure.Worker("scikit-learn", [peer_python("tensorflow"), program, data], cpus))
    versions = sorted({worker.facts["version"] for worker in workers})
    milliseconds, losses = take_turns(workers, epochs)
    return measure.Result(
        title=f"fit: {case.title}, an epoch, {measure.threads_text(threads)}",
        unit="ms",
        samples=milliseconds,
        theirs=measure.quickest(milliseconds, list(peers)),
        target=case.targets.get(threads),
        notes=[
            agreement(losses, epochs, LOSS_TOLERANCE["softmax" if len(case.widths) == 2 else "perceptron"]),
            "the ratio is against the quicker JAX variant",
            *versions,
        ],
    )


def compare_validation(data: Path, epochs: int, threads: int) -> list[measure.Result]:
    """Epochs with accuracy and a validation pass, against real Keras on two backends."""
    cpus = measure.available_cpus()[:threads]
    program = measure.BENCHMARKS / "keras_epoch_fit.py"
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, program, data, "tensorlet", "validation"],
        "Keras on JAX": ["env", "KERAS_BACKEND=jax", peer_python("jax"), program, data, "keras", "validation"],
        "Keras on TensorFlow": [
            "env", "KERAS_BACKEND=tensorflow", peer_python("tensorflow"), program, data, "keras", "validation",
        ],
    }  # fmt: skip
    workers = [measure.Worker(name, command, cpus) for name, command in commands.items()]
    versions = sorted({worker.facts["version"] for worker in workers})
    milliseconds, losses = take_turns(workers, epochs)
    notes = [agreement(losses, epochs, KERAS_TOLERANCE), *versions]
    return [
        measure.Result(
            title=f"fit: softmax, Adam, epoch and validation, {measure.threads_text(threads)}",
            unit="ms",
            samples={name: milliseconds[name] for name in ("tensorlet", peer)},
            theirs=peer,
            target=target,
            notes=notes,
        )
        for peer, target in VALIDATION_TARGETS.items()
    ]


def run(quick: bool, threads: list[int] | None = None, only: list[str] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    threads = threads or [count for count in (1, 2) if count <= len(measure.available_cpus())]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        for name, case in CASES.items():
            if only is None or name in only:
                epochs = 4 if quick else case.epochs
                write_data(data, case.widths, case.dense, epochs)
                results += [compare(case, data, epochs, count) for count in threads]
        if only is None or VALIDATION in only:
            epochs = 3 if quick else 6
            write_data(data, (784, 10), False, epochs)
            results += [one for count in threads for one in compare_validation(data, epochs, count)]
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few epochs")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    parser.add_argument("--only", nargs="+", choices=[*CASES, VALIDATION], metavar="NAME", help="some cases")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads, options.only), name="keras_epoch")
