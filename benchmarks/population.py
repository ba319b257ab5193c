"""Many small models on the same data: `train_many` against one after the other, Keras with JAX, and a `vmap` of JAX.

    python benchmarks/population.py [--quick] [--threads 1 2]

256 perceptrons 20-16-3 with learning rates of their own learn 10,000 rows in batches of 32 for some epochs. Building
and compiling the models counts, except for JAX's `vmap`, whose function is compiled before. Keras with JAX trains a few
of the models; its time is multiplied.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

import measure
from environments import peer_python

MODELS, FEATURES, UNITS, CLASSES, ROWS, BATCH = 256, 20, 16, 3, 10_000, 32
#: The models that Keras with JAX trains.
FEW = 4
#: Of the mean loss after the last epoch: other first weights and orders, the same task.
TOLERANCE = 0.1
TARGETS = {"one by one": 3.0, "jax vmap": 2.0, "keras on jax": 50.0}


def write_data(path: Path) -> None:
    """Writes rows that a perceptron can learn, and the learning rates."""
    random = np.random.default_rng(0)
    x = random.normal(size=(ROWS, FEATURES)).astype(np.float32)
    hidden = np.tanh(x @ random.normal(size=(FEATURES, 8)))
    y = (hidden @ random.normal(size=(8, CLASSES))).argmax(axis=1).astype(np.int32)
    rates = np.geomspace(0.0005, 0.02, MODELS).astype(np.float32)
    np.savez(path, x=x, y=y, rates=rates)


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    repetitions, epochs = (1, 2) if quick else (5, 5)
    threads = threads or [count for count in (1, 2) if count <= len(measure.available_cpus())]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        write_data(data)
        for count in threads:
            samples, notes = compare(data, repetitions, epochs, count)
            for name, target in TARGETS.items():
                title = f"{MODELS} perceptrons, {epochs} epochs, {measure.threads_text(count)}, {name}"
                pair = {who: samples[who] for who in ("tensorlet", name)}
                results.append(measure.Result(title, "s", pair, theirs=name, target=target, notes=notes))
    return results


def compare(data: Path, repetitions: int, epochs: int, threads: int) -> tuple[measure.Samples, list[str]]:
    """Seconds for all models, and notes."""
    cpus = measure.available_cpus()[:threads]
    program = measure.BENCHMARKS / "population_worker.py"
    pythons: dict[str, str | Path] = {
        "tensorlet": sys.executable,
        "one by one": sys.executable,
        "jax vmap": peer_python("jax"),
        "keras on jax": peer_python("jax"),
    }
    settings = {"KERAS_BACKEND": "jax"}
    workers = [
        measure.Worker(name, [python, program, data, name, str(epochs)], cpus, settings)
        for name, python in pythons.items()
    ]
    notes = sorted({worker.facts["version"] for worker in workers})
    samples: measure.Samples = {worker.name: [] for worker in workers}
    losses: dict[str, float] = {}
    for _ in range(repetitions):
        for worker in workers:
            few = worker.name == "keras on jax"
            answer = worker.ask(models=FEW if few else MODELS)
            samples[worker.name].append(answer["seconds"] * (MODELS / FEW if few else 1))
            if not few:
                losses[worker.name] = answer["loss"]
    for worker in workers:
        worker.close()
    sums = {name: [loss] for name, loss in losses.items()}
    difference = measure.check_losses_agree(sums, TOLERANCE)
    notes.append(
        f"mean losses agree to {difference:.1%} ({TOLERANCE:.0%} allowed: other first weights and orders)"
    )
    notes.append(f"Keras on JAX trained {FEW} of the models; its time is multiplied by {MODELS // FEW}")
    return samples, notes


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions and epochs")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="population")
