"""Restricted Boltzmann machines: time to the same pseudo-likelihood as scikit-learn's ``BernoulliRBM``.

    python benchmarks/rbm.py [--quick]

Both train 256 hidden units on 10,000 pictures of MNIST with the same settings: persistent contrastive divergence with
one Gibbs step, batches of 10 (scikit-learn's default) and of 100, learning rate 0.05, initial weights from a normal
distribution of standard deviation 0.01. The pseudo-likelihood of the same 500 pictures is computed after each epoch by
the same function, outside of the measured time of scikit-learn and inside that of `RBM.fit`. The target is the smaller
of the two last values; the time to it is the number of epochs that reach it, times the seconds per epoch: those on the
clock, and those of processor time, which depend less on what else runs.
"""

from __future__ import annotations

import argparse
import itertools
import sys
from pathlib import Path

import measure

TARGET = 10.0


def one_process(name: str, epochs: int, batch: int, threads: int) -> tuple[list[float], list[float]]:
    """Seconds per epoch, on the clock and of the processor, and the pseudo-likelihood after each, in a new process."""
    command: list[str | Path] = [
        sys.executable,
        measure.BENCHMARKS / "rbm_worker.py",
        name,
        str(epochs),
        str(batch),
    ]
    worker = measure.Worker(name, command, measure.available_cpus()[:threads])
    answer = worker.ask()
    worker.close()
    return [seconds / epochs for seconds in answer["seconds"]], answer["likelihoods"]


def epochs_to(target: float, likelihoods: list[float]) -> int:
    """The number of epochs until a pseudo-likelihood is reached."""
    return next(epoch for epoch, value in enumerate(likelihoods, 1) if value >= target)


def results_of(
    seconds: dict[str, list[list[float]]], likelihoods: dict[str, list[float]], batches: str, threads: str
) -> list[measure.Result]:
    """The time to the same pseudo-likelihood, on the clock and of the processor."""
    target = min(values[-1] for values in likelihoods.values())
    needed = {name: epochs_to(target, values) for name, values in likelihoods.items()}
    counts = ", ".join(f"{name} {count} epochs" for name, count in needed.items())
    ends = ", ".join(f"{name} {values[-1]:.1f} at the end" for name, values in likelihoods.items())
    return [
        measure.Result(
            f"RBM 784-256, {batches}, to the same pseudo-likelihood, {clock}, {threads}",
            "s",
            {name: [needed[name] * each[place] for each in samples] for name, samples in seconds.items()},
            theirs="scikit-learn",
            target=TARGET,
            notes=[f"pseudo-likelihood {target:.1f} after {counts}; {ends}"],
        )
        for place, clock in enumerate(("on the clock", "processor time"))
    ]


def run(quick: bool) -> list[measure.Result]:
    """All results of this benchmark."""
    rounds, epochs = (1, 3) if quick else (5, 10)
    results = []
    thread_counts = sorted({1, min(2, len(measure.available_cpus()))})
    for batch, threads in itertools.product((10, 100), thread_counts):
        seconds: dict[str, list[list[float]]] = {"tensorlet": [], "scikit-learn": []}
        likelihoods: dict[str, list[float]] = {}
        for _ in range(rounds):
            for name, samples in seconds.items():
                each, likelihoods[name] = one_process(name, epochs, batch, threads)
                samples.append(each)
        results += results_of(seconds, likelihoods, f"batches of {batch}", measure.threads_text(threads))
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="one process each, and three epochs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick), name="rbm")
