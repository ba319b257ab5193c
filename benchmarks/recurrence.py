"""Recurrent networks: an epoch of `fit`, against Keras on TensorFlow and JAX.

    python benchmarks/recurrence.py [--quick] [--threads 1 2] [--only NAME ...]

LSTM(64) and GRU(64) over the 28 rows of each MNIST digit, batch 128; and a forecaster, LSTM(32) over 10,000 windows of
24 numbers, batch 32. All are followed by a dense layer and trained with Adam, from the same weights, rows in order.
JAX is hand-written and jitted: the inputs of all steps are multiplied at once, then ``lax.scan`` goes over the
steps, and another one over the batches. The processes take turns; on a busy machine the smallest times say most.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import measure
from environments import peer_python

#: All sum in float32, each in its own order, and Adam amplifies small differences.
LOSS_TOLERANCE = 2e-2


@dataclass(frozen=True)
class Network:
    """A recurrent layer with a dense layer behind it.

    Attributes:
        title: for the report.
        cell: ``lstm`` or ``gru``.
        units: of the recurrent layer.
        features: numbers of a step.
        outputs: of the dense layer.
        batch: rows of a batch.
        targets: how many times as fast as each peer it should be.
    """

    title: str
    cell: str
    units: int
    features: int
    outputs: int
    batch: int
    targets: dict[str, float]

    @property
    def gates(self) -> int:
        """How many products a step has for each unit."""
        return {"lstm": 4, "gru": 3}[self.cell]


DIGITS = {"TensorFlow": 3.0, "JAX": 1.5}
NETWORKS = {
    "lstm": Network("LSTM(64) over the rows of digits", "lstm", 64, 28, 10, 128, DIGITS),
    "gru": Network("GRU(64) over the rows of digits", "gru", 64, 28, 10, 128, DIGITS),
    "forecast": Network("LSTM(32) over windows of 24 x 1", "lstm", 32, 1, 1, 32, {"TensorFlow": 10.0}),
}


def examples(network: Network, quick: bool) -> tuple[np.ndarray, np.ndarray]:
    """The sequences and what they should give."""
    if network.outputs == 1:
        count = 2_560 if quick else 10_000
        wave = np.sin(np.arange(count + 24) * 0.1) + 0.3 * np.sin(np.arange(count + 24) * 0.37)
        windows = np.lib.stride_tricks.sliding_window_view(wave.astype(np.float32), 24)[:count]
        return np.ascontiguousarray(windows)[..., None], wave[24 : count + 24, None].astype(np.float32)
    import tensorlet as tf

    (images, labels), _ = tf.keras.datasets.mnist.load_data()
    rows = 12_800 if quick else 60_000
    return images[:rows], labels[:rows]


def write_data(path: Path, network: Network, quick: bool) -> None:
    """Writes what all sides start from."""
    x, y = examples(network, quick)
    generator = np.random.default_rng(0)

    def uniform(rows: int, columns: int) -> np.ndarray:
        limit = np.sqrt(6 / (rows + columns))
        return generator.uniform(-limit, limit, (rows, columns)).astype(np.float32)

    width = network.gates * network.units
    bias = np.zeros((2, width) if network.cell == "gru" else (width,), np.float32)
    np.savez(
        path, x=x, y=y, cell=network.cell, batch_size=network.batch, kernel=uniform(network.features, width),
        recurrent=uniform(network.units, width), bias=bias, dense=uniform(network.units, network.outputs),
        dense_bias=np.zeros(network.outputs, np.float32),
    )  # fmt: skip


def start(data: Path, threads: int) -> list[measure.Worker]:
    """One process for each contestant."""
    cpus = measure.available_cpus()[:threads]
    fit, jax = measure.BENCHMARKS / "recurrence_fit.py", measure.BENCHMARKS / "recurrence_jax.py"
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, fit, data, "tensorlet"],
        "TensorFlow": [peer_python("tensorflow"), fit, data, "keras"],
        "JAX": [peer_python("jax"), jax, data],
    }
    settings = {"KERAS_BACKEND": "tensorflow"}
    return [measure.Worker(name, command, cpus, settings) for name, command in commands.items()]


def take_turns(workers: list[measure.Worker], turns: int) -> tuple[measure.Samples, measure.Samples]:
    """Seconds and losses of each, in turn; the first time compiles and is left out."""
    seconds: measure.Samples = {worker.name: [] for worker in workers}
    losses: measure.Samples = {worker.name: [] for worker in workers}
    for turn in range(turns):
        for worker in workers:
            answer = worker.ask(turn=turn)
            losses[worker.name].append(answer["result"])
            if turn > 0:
                seconds[worker.name].append(answer["seconds"])
    for worker in workers:
        worker.close()
    return seconds, losses


def epoch_of(network: Network, data: Path, turns: int, threads: int) -> list[measure.Result]:
    """An epoch, against each peer."""
    workers = start(data, threads)
    versions = sorted({worker.facts["version"] for worker in workers})
    seconds, losses = take_turns(workers, turns)
    difference = measure.check_losses_agree(losses, LOSS_TOLERANCE)
    results = []
    for peer, target in network.targets.items():
        samples = {name: values for name, values in seconds.items() if name in ("tensorlet", peer)}
        ratio = min(samples[peer]) / min(samples["tensorlet"])
        results.append(
            measure.Result(
                title=f"fit: {network.title}, {measure.threads_text(threads)}, against {peer}",
                unit="s",
                samples=samples,
                theirs=peer,
                target=target,
                notes=[
                    f"losses of {turns} epochs agree to {difference:.1e} (relative; {LOSS_TOLERANCE:g} allowed)",
                    f"by the smallest times, {ratio:.2f} times as fast",
                    *versions,
                ],
            )
        )
    return results


def run(quick: bool, threads: list[int] | None = None, only: list[str] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    threads = threads or [count for count in (1, 2) if count <= len(measure.available_cpus())]
    turns = 4 if quick else 6
    results = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        for name, network in NETWORKS.items():
            if only is None or name in only:
                write_data(data, network, quick)
                for count in threads:
                    results += epoch_of(network, data, turns, count)
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer rows and epochs")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    parser.add_argument("--only", nargs="+", choices=NETWORKS, metavar="NAME", help="some cases")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads, options.only), name="recurrence")
