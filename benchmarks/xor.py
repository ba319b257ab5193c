"""XOR, 1,000 epochs with a validation pass each: `fit` against hand-written, jitted JAX.

    python benchmarks/xor.py [--quick]

A network of 8 ReLU units and one sigmoid learns four rows with Adam; each epoch is one step and one evaluation
of loss and accuracy. In JAX all 1,000 epochs are one ``lax.scan``, which returns the four histories. Two
times are reported: of the first call in a new process, including tracing and compiling, which is how long
users wait; and of later calls, when everything is compiled.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import measure
from environments import peer_python

#: 1,000 steps of Adam amplify small differences.
LOSS_TOLERANCE = 1e-2
TARGET = 10.0


def one_process(name: str, calls: int) -> tuple[list[float], list[float]]:
    """Seconds and last losses of several calls in a new process."""
    command: list[str | Path] = [sys.executable, measure.BENCHMARKS / "xor_fit.py"]
    if name == "JAX":
        command = [peer_python("jax"), measure.BENCHMARKS / "xor_jax.py"]
    worker = measure.Worker(name, command, measure.available_cpus()[:1])
    answers = [worker.ask() for _ in range(calls)]
    worker.close()
    return [answer["seconds"] for answer in answers], [answer["loss"] for answer in answers]


def run(quick: bool) -> list[measure.Result]:
    """All results of this benchmark."""
    rounds, calls = (1, 4) if quick else (5, 11)
    names = ["tensorlet", "JAX"]
    first: measure.Samples = {name: [] for name in names}
    later: measure.Samples = {name: [] for name in names}
    losses: measure.Samples = {}
    for _ in range(rounds):
        for name in names:
            seconds, losses[name] = one_process(name, calls)
            first[name].append(1e3 * seconds[0])
            later[name] += [1e3 * second for second in seconds[1:]]
    difference = measure.check_losses_agree({name: one[:2] for name, one in losses.items()}, LOSS_TOLERANCE)
    note = f"losses after 1,000 and 2,000 epochs agree to {difference:.1e} ({LOSS_TOLERANCE:g} allowed)"
    title = "XOR, 1,000 epochs and validations"
    return [
        measure.Result(f"{title}, with compiling", "ms", first, theirs="JAX", target=TARGET, notes=[note]),
        measure.Result(f"{title}, after compiling", "ms", later, theirs="JAX", target=TARGET, notes=[note]),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer processes and calls")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick), name="xor")
