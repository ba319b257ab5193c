"""A course's softmax program as a whole process: ``tensorlet run`` against TensorFlow.

    python benchmarks/lecture_program.py [--quick] [--threads 1 2]

``programs/softmax_mnist.py`` goes through MNIST batch by batch from Python, with three traced functions
called for each batch. The time is that of the whole process, from start to exit.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

import measure
from environments import peer_python

PROGRAM = measure.BENCHMARKS / "programs" / "softmax_mnist.py"
#: The mean of 600 float32 losses; TensorFlow adds them in float32 as well.
LOSS_TOLERANCE = 1e-4
TARGET = 15.0
#: As many as in the course's program: fewer would mostly measure the start of both sides.
COURSE_EPOCHS = 50


def write_data(path: Path) -> None:
    """Writes MNIST and the initial weights, so that both sides load the same file in the same way."""
    import tensorlet as tf

    (x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
    weights = (0.1 * np.sin(np.arange(1, 7841, dtype=np.float64))).astype(np.float32).reshape(784, 10)
    arrays: dict[str, Any] = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    np.savez(path, **arrays, weights=weights, biases=np.zeros(10, dtype=np.float32))


def printed_losses(output: str) -> list[float]:
    """The loss of each epoch, from what the program printed."""
    return [float(number) for number in re.findall(r"loss: ([0-9.e+-]+)", output)]


def compare(data: Path, epochs: int, rounds: int, threads: int) -> measure.Result:
    """Runs both sides in turn."""
    cpus = measure.available_cpus()[:threads]
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, "-m", "tensorlet", "run", PROGRAM, data],
        "TensorFlow": [peer_python("tensorflow"), PROGRAM, data],
    }
    seconds: measure.Samples = {name: [] for name in commands}
    cpu_seconds: measure.Samples = {name: [] for name in commands}
    losses: dict[str, list[float]] = {}
    for command in commands.values():  # the first process of each reads its files from a cold disk
        measure.run_pinned([*command, "1"], cpus)
    for _ in range(rounds):
        for name, command in commands.items():
            ran = measure.run_pinned([*command, str(epochs)], cpus)
            seconds[name].append(ran.seconds)
            cpu_seconds[name].append(ran.cpu_seconds)
            losses[name] = printed_losses(ran.output)
    difference = measure.check_losses_agree(losses, LOSS_TOLERANCE)
    return measure.Result(
        title=f"course program, whole process, {epochs} epochs, {threads} thread{'s' * (threads > 1)}",
        unit="s",
        samples=seconds,
        theirs="TensorFlow",
        target=TARGET,
        notes=[
            f"losses of {epochs} epochs agree to {difference:.1e} (relative; {LOSS_TOLERANCE:g} allowed)",
            measure.cpu_seconds_note(cpu_seconds),
        ],
    )


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    epochs, rounds = (4, 1) if quick else (COURSE_EPOCHS, 3)
    threads = threads or [len(measure.available_cpus()[:2])]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        write_data(data)
        return [compare(data, epochs, rounds, count) for count in threads]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="four epochs, once")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="lecture_program")
