"""`predict`: one row from Python, and 10,000 rows, against jitted JAX.

    python benchmarks/predict.py [--quick] [--threads 1 2]

Both return NumPy arrays of probabilities. The weights and the 10,000 rows are already JAX arrays for JAX;
a single row is a NumPy array on both sides.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import keras_epoch
import measure
from environments import peer_python

NETWORKS = {"784-10": (784, 10), "784-128-10": (784, 128, 10)}
#: Of the sum of all squared probabilities.
TOLERANCE = 1e-4
#: The limit for one row, in microseconds.
LIMIT = 10.0
TARGET = 1.3


def compare(data: Path, rows: int, repetitions: int, threads: int) -> tuple[measure.Samples, list[str]]:
    """Microseconds of a call, and notes."""
    cpus = measure.available_cpus()[:threads]
    program = measure.BENCHMARKS / "predict_worker.py"
    pythons: dict[str, str | Path] = {"tensorlet": sys.executable, "jax": peer_python("jax")}
    workers = [measure.Worker(name, [python, program, data, name], cpus) for name, python in pythons.items()]
    notes = sorted({worker.facts["version"] for worker in workers})
    microseconds: measure.Samples = {worker.name: [] for worker in workers}
    sums: measure.Samples = {}
    for _ in range(repetitions):
        for worker in workers:
            answer = worker.ask(rows=rows)
            microseconds[worker.name].append(1e6 * answer["seconds"])
            sums[worker.name] = [answer["sum"]]
    for worker in workers:
        worker.close()
    difference = measure.check_losses_agree(sums, TOLERANCE)
    return microseconds, [*notes, f"outputs agree to {difference:.1e} (relative; {TOLERANCE:g} allowed)"]


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    repetitions = 5 if quick else 21
    threads = threads or [count for count in (1, 2) if count <= len(measure.available_cpus())]
    results = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        for name, widths in NETWORKS.items():
            keras_epoch.write_data(data, widths, dense=False, epochs=1)
            samples, notes = compare(data, 1, repetitions, 1)
            title = f"predict, one row through {name}"
            results.append(measure.Result(title, "µs", samples, theirs="jax", limit=LIMIT, notes=notes))
        for count in threads:
            samples, notes = compare(data, 10_000, repetitions, count)
            title = f"predict, 10,000 rows through {name}, {measure.threads_text(count)}"
            results.append(measure.Result(title, "µs", samples, theirs="jax", target=TARGET, notes=notes))
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="predict")
