"""Training on a machine that other programs use as well: with one busy process on each core.

    python benchmarks/busy.py [--quick] [--only NAME ...] [--without-peers]

Each workload runs alternately on a quiet and on a busy machine, with the default number of threads and with one.
Two limits apply to the times on the busy machine: the default may take at most a tenth more than one thread, and
at most 1.3 times its fair share, which is twice its quiet time. The slow-down of real Keras on JAX and on
TensorFlow (for the traced calls: of TensorFlow) is reported as well. The oversubscribed case requests 8 threads.
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
from environments import peer_python

WORKER = measure.BENCHMARKS / "busy_worker.py"
#: The limit for the default number of threads, as a multiple of the time of one thread.
MOST_OF_ONE_THREAD = 1.1
#: The limit for it, as a multiple of the time with its fair share of the cores.
MOST_OF_FAIR_SHARE = 1.3
#: The limit for 8 threads, as a multiple of the time of one thread per core.
MOST_OVERSUBSCRIBED = 1.15
OVERSUBSCRIBED = 8

DEFAULT, ONE, MANY = "tensorlet", "tensorlet, 1 thread", f"tensorlet, {OVERSUBSCRIBED} threads"


@dataclass(frozen=True)
class Case:
    """A workload: the number of epochs (or passes) per request, for Tensorlet and for the peers."""

    title: str
    epochs: int
    peer_epochs: int
    peers: tuple[str, ...] = ("Keras on JAX", "Keras on TensorFlow")


CASES = {
    "softmax": Case("softmax regression, Adam", 20, 2),
    "mlp128": Case("784-128-10, Adam", 3, 1),
    "mlp1024": Case("784-1024-1024-10, Adam", 1, 1),
    "table": Case("20-256-256-3, Adam, batch 1024", 20, 5),
    "xor": Case("XOR, Adam", 2000, 20),
    "traced": Case("traced calls, batch by batch", 1, 1, ("TensorFlow",)),
}

#: Keeps a core busy until it is terminated, or until the benchmark has ended.
SPIN = """
import os, sys
os.sched_setaffinity(0, [int(sys.argv[1])])
parent = os.getppid()
while os.getppid() == parent:
    for _ in range(100_000):
        pass
"""


@contextlib.contextmanager
def company(cpus: Sequence[int]) -> Iterator[None]:
    """One busy process on each of these CPUs while the block runs."""
    spinning = [subprocess.Popen([sys.executable, "-c", SPIN, str(cpu)]) for cpu in cpus]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def start(name: str, case: str, cpus: Sequence[int]) -> measure.Worker:
    """A worker for a contestant."""
    command: list[str | Path] = [sys.executable, WORKER, "tensorlet", case]
    settings: dict[str, str | None] = {"TENSORLET_THREADS": None}
    if name == ONE:
        settings["TENSORLET_THREADS"] = "1"
    elif name == MANY:
        settings["TENSORLET_THREADS"] = str(OVERSUBSCRIBED)
    elif name != DEFAULT:
        peer = "jax" if name.endswith("JAX") else "tensorflow"
        command = [peer_python(peer), WORKER, "keras" if name.startswith("Keras") else "tensorflow", case]
        settings["KERAS_BACKEND"] = peer
    return measure.Worker(name, command, cpus, settings)


def milliseconds(worker: measure.Worker, case: Case) -> float:
    """Trains for one request: milliseconds per epoch."""
    epochs = case.peer_epochs if worker.name in case.peers else case.epochs
    return float(1e3 * worker.ask(epochs=epochs)["seconds"] / epochs)


def compare(name: str, rounds: int, with_peers: bool) -> list[measure.Result]:
    """A workload, on a quiet and on a busy machine."""
    case, cpus = CASES[name], measure.available_cpus()
    names = [DEFAULT, ONE, MANY, *(case.peers if with_peers else ())]
    workers = [start(who, name, cpus) for who in names]
    quiet: measure.Samples = {who: [] for who in names}
    busy: measure.Samples = {who: [] for who in names}
    for worker in workers:  # the first request traces and compiles
        milliseconds(worker, case)
    for _ in range(rounds):
        for worker in workers:
            quiet[worker.name].append(milliseconds(worker, case))
        with company(cpus):
            for worker in workers:
                busy[worker.name].append(milliseconds(worker, case))
    for worker in workers:
        worker.close()
    return results_of(case, quiet, busy)


def results_of(case: Case, quiet: measure.Samples, busy: measure.Samples) -> list[measure.Result]:
    """The lines of the report for one workload."""
    share = {who: [2 * time for time in times] for who, times in quiet.items()}
    median = statistics.median
    slower = [f"{who} {median(busy[who]) / median(quiet[who]):.2f}" for who in busy]
    fair = {DEFAULT: busy[DEFAULT], "its fair share": share[DEFAULT]}
    for who in case.peers:
        if who in busy:
            fair |= {who: busy[who], f"the fair share of {who}": share[who]}
    return [
        measure.Result(
            title=f"busy machine: {case.title}, an epoch",
            unit="ms",
            samples={DEFAULT: busy[DEFAULT], ONE: busy[ONE]},
            theirs=ONE,
            target=round(1 / MOST_OF_ONE_THREAD, 3),
        ),
        measure.Result(
            title=f"busy machine: {case.title}, against twice its quiet time",
            unit="ms",
            samples=fair,
            theirs="its fair share",
            target=round(1 / MOST_OF_FAIR_SHARE, 3),
            notes=[f"times slower on a busy machine, by the medians: {', '.join(slower)}"],
        ),
        measure.Result(
            title=f"quiet: {case.title}, {OVERSUBSCRIBED} threads requested",
            unit="ms",
            samples={MANY: quiet[MANY], DEFAULT: quiet[DEFAULT], ONE: quiet[ONE]},
            ours=MANY,
            theirs=DEFAULT,
            target=round(1 / MOST_OVERSUBSCRIBED, 3),
        ),
    ]


def run(quick: bool, only: Sequence[str] = (), with_peers: bool = True) -> list[measure.Result]:
    """All results of this benchmark."""
    rounds = 2 if quick else 7
    return [result for name in only or CASES for result in compare(name, rounds, with_peers)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="two rounds")
    parser.add_argument("--only", nargs="+", choices=CASES, default=[], metavar="NAME")
    parser.add_argument("--without-peers", action="store_true", help="only Tensorlet")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.only, not options.without_peers), name="busy")
