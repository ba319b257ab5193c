"""A course's softmax program as a whole process: ``tensorlet run`` against TensorFlow.

    python benchmarks/lecture_program.py [--quick] [--threads 1 2]

``programs/softmax_mnist.py`` goes through MNIST batch by batch from Python, with three traced functions
called for each batch. The time of an epoch is the difference between runs of two lengths, so that
starting and loading do not count; the whole process is reported as well.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

import numpy as np

import measure
from environments import peer_python

PROGRAM = measure.BENCHMARKS / "programs" / "softmax_mnist.py"
#: The mean of 600 float32 losses; TensorFlow adds them in float32 as well.
LOSS_TOLERANCE = 1e-4
TARGET = 15.0


def write_data(path: Path) -> None:
    """Writes MNIST and the initial weights, so that both sides load the same file in the same way."""
    import tensorlet as tf

    (x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
    weights = (0.1 * np.sin(np.arange(1, 7841, dtype=np.float64))).astype(np.float32).reshape(784, 10)
    arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    np.savez(path, **arrays, weights=weights, biases=np.zeros(10, dtype=np.float32))


def printed_losses(output: str) -> list[float]:
    """The loss of each epoch, from what the program printed."""
    return [float(number) for number in re.findall(r"loss: ([0-9.e+-]+)", output)]


def compare(data: Path, epochs: tuple[int, int], rounds: int, threads: int) -> list[measure.Result]:
    """Runs both sides in turn with a short and a long run each."""
    cpus = measure.available_cpus()[:threads]
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, "-m", "tensorlet", "run", PROGRAM, data],
        "TensorFlow": [peer_python("tensorflow"), PROGRAM, data],
    }
    few, many = epochs
    per_epoch: dict[str, list[float]] = {name: [] for name in commands}
    whole: dict[str, list[float]] = {name: [] for name in commands}
    losses: dict[str, list[float]] = {}
    for command in commands.values():  # the first process of each reads its files from a cold disk
        measure.run_pinned([*command, "1"], cpus)
    for _ in range(rounds):
        for name, command in commands.items():
            short, _output = measure.run_pinned([*command, str(few)], cpus)
            long, output = measure.run_pinned([*command, str(many)], cpus)
            per_epoch[name].append(1e3 * (long - short) / (many - few))
            whole[name].append(long)
            losses[name] = printed_losses(output)
    difference = measure.check_losses_agree(losses, LOSS_TOLERANCE)
    where = f"{threads} thread{'s' * (threads > 1)}"
    agreement = f"losses of {many} epochs agree to {difference:.1e} (relative; {LOSS_TOLERANCE:g} allowed)"
    titles = {f"course program, an epoch, {where}": ("ms", per_epoch, [agreement])}
    titles[f"course program, whole process, {many} epochs, {where}"] = ("s", whole, [])
    return [
        measure.Result(title, unit, samples, theirs="TensorFlow", target=TARGET, notes=notes)
        for title, (unit, samples, notes) in titles.items()
    ]


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    epochs, rounds = ((1, 4), 1) if quick else ((1, 10), 3)
    threads = threads or [len(measure.available_cpus()[:2])]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        write_data(data)
        return [result for count in threads for result in compare(data, epochs, rounds, count)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="four epochs, once")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="lecture_program")
