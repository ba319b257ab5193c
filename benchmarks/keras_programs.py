"""A course's Keras programs as whole processes, import to exit, with their plots: against TensorFlow.

    python benchmarks/keras_programs.py [--quick] [--threads 1 2]

The programs are the lecture's own where they lie beside the checkout (../shared/lecture/scripts), else
those of benchmarks/programs, which do the same. `tensorlet run` runs them unchanged; for TensorFlow,
arguments that it no longer accepts are removed. Both have the bytecode of all modules, and plots are drawn
without a window (MPLBACKEND=agg). The time of matplotlib alone is reported as well: neither side can be faster.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

import measure
from environments import CHECKOUT, peer_python

LECTURE = CHECKOUT.parent / "shared" / "lecture" / "scripts"
#: Name: the lecture's file, ours, times faster than TensorFlow.
PROGRAMS = {
    "MNIST": ("03_keras_mnist.py", "keras_mnist.py", 15.0),
    "XOR": ("07_xor.py", "keras_xor.py", 30.0),
}
#: What current TensorFlow refuses, and what it accepts instead.
REFUSED = ((", use_multiprocessing=True", ""), ("x = [[1, 0]]", "x = np.array([[1, 0]])"))


def write_mnist(path: Path) -> None:
    """Writes MNIST for TensorFlow, which would download it."""
    import tensorlet as tf

    (x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
    np.savez(path, x_train=x_train, y_train=y_train, x_test=x_test, y_test=y_test)


def compare(name: str, folder: Path, rounds: int, threads: int) -> measure.Result:
    """Runs both sides and matplotlib alone in turn."""
    lecture, ours, target = PROGRAMS[name]
    program = LECTURE / lecture if LECTURE.is_dir() else measure.BENCHMARKS / "programs" / ours
    accepted = folder / program.name
    text = program.read_text(encoding="utf-8")
    for old, new in REFUSED:
        text = text.replace(old, new)
    accepted.write_text(text, encoding="utf-8")
    on_tensorflow = measure.BENCHMARKS / "programs" / "with_tensorflow.py"
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, "-m", "tensorlet", "run", program],
        "TensorFlow": [peer_python("tensorflow"), on_tensorflow, accepted, folder / "mnist.npz"],
        "import matplotlib.pyplot": [sys.executable, "-c", "import matplotlib.pyplot"],
    }
    cpus = measure.available_cpus()[:threads]
    environment = {**measure.thread_environment(threads), "MPLBACKEND": "agg"}
    seconds: measure.Samples = {name: [] for name in commands}
    cpu_seconds: measure.Samples = {name: [] for name in commands}
    for command in commands.values():  # the first process of each reads its files from a cold disk
        measure.run_pinned(command, cpus, environment)
    for _ in range(rounds):
        for who, command in commands.items():
            ran = measure.run_pinned(command, cpus, environment)
            seconds[who].append(ran.seconds)
            cpu_seconds[who].append(ran.cpu_seconds)
    return measure.Result(
        title=f"whole process, {name} with plots, {measure.threads_text(threads)}",
        unit="s",
        samples=seconds,
        theirs="TensorFlow",
        target=target,
        notes=[f"the program is {program.name}", measure.cpu_seconds_note(cpu_seconds)],
    )


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    threads = threads or [len(measure.available_cpus()[:2])]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_mnist(folder / "mnist.npz")
        return [
            compare(program, folder, 1 if quick else 5, count) for count in threads for program in PROGRAMS
        ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="each program once")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="keras_programs")
