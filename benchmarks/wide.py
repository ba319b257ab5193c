"""Two dozen everyday workloads of Keras programs, each written once: Tensorlet beside Keras on two backends.

    python benchmarks/wide.py [--quick] [--only NAME ...]

All libraries run the same programs of benchmarks/workloads with their default numbers of threads, in turn. Where
arithmetic bounds the time, a hand-written, jitted JAX step stands beside them. The ratio is against the quicker Keras
(for programs in TensorFlow's words: against TensorFlow), and there is one more line for hand-written JAX.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import measure
from environments import peer_python

WORKER = measure.BENCHMARKS / "wide_worker.py"
#: Times faster than the better Keras: where arithmetic bounds the time, and everywhere else.
ARITHMETIC, ORDINARY = 1.3, 5.0
#: The speed of hand-written JAX is reached, up to some hundredths.
HAND_WRITTEN = 0.95
KERAS = ("Keras on JAX", "Keras on TensorFlow")
TENSORFLOW = ("TensorFlow",)
BY_HAND = "hand-written JAX"
#: Seconds that a request should take at least; the work is repeated for it.
ENOUGH, ENOUGH_QUICK = 0.5, 0.15


@dataclass(frozen=True)
class Case:
    """A workload.

    Attributes:
        module: of benchmarks/workloads.
        title: what is measured.
        target: times faster than the better peer.
        by_hand: whether wide_jax.py has it too.
    """

    module: str
    title: str
    target: float = ORDINARY
    by_hand: bool = False

    @property
    def peers(self) -> tuple[str, ...]:
        """Who runs the same program."""
        return TENSORFLOW if self.module == "loops" else KERAS


CASES = {
    "table_batch_1": Case("training", "20-64-64-3, batch 1"),
    "table_batch_32": Case("training", "20-64-64-3, batch 32"),
    "table_batch_1024": Case("training", "20-256-256-3, batch 1,024", ARITHMETIC, by_hand=True),
    "deep_sigmoid": Case("training", "ten sigmoid layers"),
    "batchnorm_dropout": Case("training", "BatchNormalization and Dropout"),
    "regression_validation": Case("training", "regression with a validation split"),
    "recommender": Case("training", "embeddings of a recommender"),
    "autoencoder": Case("training", "auto-encoder 784-128-32-128-784", ARITHMETIC, by_hand=True),
    "wide_layers": Case("training", "784-1024-1024-10", ARITHMETIC, by_hand=True),
    "penalties_nadam": Case("training", "L2, max-norm and Nadam"),
    "class_weights": Case("training", "class weights"),
    "auc_precision_recall": Case("training", "AUC, precision and recall"),
    "batch_callbacks": Case("training", "a callback after each batch"),
    "epoch_callbacks": Case("training", "early stopping and a falling rate"),
    "float64": Case("training", "float64"),
    "tiny_model": Case("training", "a tiny model, built, compiled and fitted"),
    "train_on_batch": Case("calls", "100 times train_on_batch"),
    "predict_one_row": Case("calls", "20 times predict, one row"),
    "call_one_row": Case("calls", "100 times model(x), one row"),
    "predict_many": Case("calls", "predict, 10,000 rows"),
    "evaluate": Case("calls", "evaluate, 10,000 rows"),
    "gan_on_batches": Case("calls", "a dense GAN by train_on_batch", ARITHMETIC),
    "traced_loop": Case("loops", "a loop with tf.function"),
    "eager_loop": Case("loops", "a loop without tf.function"),
    "dataset": Case("loops", "a dataset with shuffle and map"),
    "gan": Case("loops", "a dense GAN, traced", ARITHMETIC, by_hand=True),
    "physics": Case("loops", "a physics-informed network", ARITHMETIC, by_hand=True),
    "large_eager": Case("loops", "10,000 rows, operation by operation", 1.0),
}


def start(who: str, name: str, cpus: Sequence[int]) -> measure.Worker:
    """A worker for a contestant."""
    settings: dict[str, str | None] = {"TENSORLET_THREADS": None}
    module = f"workloads.{CASES[name].module}"
    if who == "tensorlet":
        command: list[str | Path] = [sys.executable, WORKER, "tensorlet", module, name]
    elif who == BY_HAND:
        command = [peer_python("jax"), measure.BENCHMARKS / "wide_jax.py", name]
    else:
        peer = "jax" if who.endswith("JAX") else "tensorflow"
        command = [peer_python(peer), WORKER, "keras" if who in KERAS else "tensorflow", module, name]
        settings["KERAS_BACKEND"] = peer
    return measure.Worker(who, command, cpus, settings)


def milliseconds(worker: measure.Worker, times: int) -> tuple[float, float]:
    """Milliseconds of one piece of work: of the clock, and of all CPUs together."""
    answer = worker.ask(times=times)
    return 1e3 * answer["seconds"] / times, 1e3 * answer["cpu_seconds"] / times


def compare(name: str, rounds: int, enough: float) -> list[measure.Result]:
    """One workload, all in turn."""
    case, cpus = CASES[name], measure.available_cpus()
    names = ["tensorlet", *case.peers, *([BY_HAND] if case.by_hand else [])]
    workers = [start(who, name, cpus) for who in names]
    times = {}
    for worker in workers:  # the first request traces and compiles
        milliseconds(worker, 1)
        times[worker.name] = max(1, min(1000, int(1e3 * enough / milliseconds(worker, 1)[0])))
    samples: measure.Samples = {who: [] for who in names}
    cpu_samples: measure.Samples = {who: [] for who in names}
    for _ in range(rounds):
        for worker in workers:
            clock, cpu = milliseconds(worker, times[worker.name])
            samples[worker.name].append(clock)
            cpu_samples[worker.name].append(cpu)
    for worker in workers:
        worker.close()
    return results_of(case, samples, cpu_samples)


def results_of(case: Case, samples: measure.Samples, cpu_samples: measure.Samples) -> list[measure.Result]:
    """The lines of the report for one workload."""
    note = ", ".join(f"{who} {statistics.median(times):.4g}" for who, times in cpu_samples.items())
    peers = {who: samples[who] for who in ("tensorlet", *case.peers)}
    best = measure.quickest(samples, case.peers)
    results = [
        measure.Result(
            case.title,
            "ms",
            peers,
            theirs=best,
            target=case.target,
            notes=[f"milliseconds of CPU, median: {note}"],
        )
    ]
    if case.by_hand:
        both = {who: samples[who] for who in ("tensorlet", BY_HAND)}
        results.append(
            measure.Result(f"{case.title}, by hand", "ms", both, theirs=BY_HAND, target=HAND_WRITTEN)
        )
    return results


def run(quick: bool, only: Sequence[str] = ()) -> list[measure.Result]:
    """All results of this benchmark."""
    rounds, enough = (3, ENOUGH_QUICK) if quick else (9, ENOUGH)
    results = []
    for name in only or CASES:
        print(f"  {name}", flush=True)
        results += compare(name, rounds, enough)
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="three short rounds")
    parser.add_argument("--only", nargs="+", choices=CASES, default=[], metavar="NAME")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.only), name="wide")
