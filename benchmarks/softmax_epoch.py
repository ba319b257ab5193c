"""An epoch of softmax regression on MNIST: Tensorlet against hand-written, jitted JAX.

    python benchmarks/softmax_epoch.py [--quick] [--threads 1 2]

Batch 100, SGD with learning rate 0.15, rows in the same random order, the same initial weights. The
time of Tensorlet includes drawing the order, that of JAX does not. Both keep their data and their compiled program
between epochs; the first epoch compiles and is not counted. The mean loss of every epoch must agree.

The target is against JAX with float32 rows, divided by 255 beforehand, as its users have them. JAX that keeps
its rows as uint8, as Tensorlet does by itself, is measured as well, and its ratio is noted.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

import measure
from environments import peer_python

BATCH_SIZE = 100
RATE = 0.15
#: The seed of the order of the rows.
SEED = 0
#: Both sum in float32, each in its own order.
LOSS_TOLERANCE = 1e-4
#: The target: times faster than JAX, by the number of threads.
TARGETS = {1: 4.0, 2: 6.0}


def write_data(path: Path, epochs: int) -> None:
    """Writes what both sides start from: rows, labels, weights and each epoch's order of the rows."""
    import tensorlet as tf
    from tensorlet.core.random_state import key_of
    from tensorlet.ops.philox import permutation

    (images, labels), _ = tf.keras.datasets.mnist.load_data()
    # A formula instead of random numbers: the same on every machine and with every version of NumPy.
    weights = (0.01 * np.sin(np.arange(1, 7841, dtype=np.float64))).astype(np.float32)
    np.savez(
        path,
        images=images.reshape(-1, 784),
        labels=labels.astype(np.int32),
        weights=weights.reshape(784, 10),
        biases=np.zeros(10, dtype=np.float32),
        # The orders that run_epochs draws: the peers follow them.
        orders=np.stack([permutation(len(images), key_of(SEED), epoch) for epoch in range(epochs)]),
        seed=SEED,
        rate=RATE,
        batch_size=BATCH_SIZE,
    )


def compare(data: Path, epochs: int, threads: int) -> measure.Result:
    """Runs all contestants in turn, epoch by epoch, on ``threads`` CPUs."""
    cpus = measure.available_cpus()[:threads]
    ours, jax = measure.BENCHMARKS / "softmax_epoch_tensorlet.py", measure.BENCHMARKS / "softmax_epoch_jax.py"
    workers = [
        measure.Worker("tensorlet", [sys.executable, ours, data, "library"], cpus),
        measure.Worker("tensorlet, lecture's loss", [sys.executable, ours, data, "lecture"], cpus),
        measure.Worker("JAX, float32 rows", [peer_python("jax"), jax, data, "float32"], cpus),
        measure.Worker("JAX, uint8 rows", [peer_python("jax"), jax, data, "uint8"], cpus),
    ]
    milliseconds: dict[str, list[float]] = {worker.name: [] for worker in workers}
    losses: dict[str, list[float]] = {worker.name: [] for worker in workers}
    for epoch in range(epochs):
        for worker in workers:
            answer = worker.ask(epoch=epoch)
            losses[worker.name].append(answer["loss"])
            if epoch > 0:  # the first one compiles
                milliseconds[worker.name].append(1e3 * answer["seconds"])
    versions = sorted({worker.facts["version"] for worker in workers})
    for worker in workers:
        worker.close()
    difference = measure.check_losses_agree(losses, LOSS_TOLERANCE)
    median = {name: sorted(samples)[len(samples) // 2] for name, samples in milliseconds.items()}
    against_bytes = median["JAX, uint8 rows"] / median["tensorlet"]
    return measure.Result(
        title=f"MNIST softmax epoch, {threads} thread{'s' * (threads > 1)}",
        unit="ms",
        samples=milliseconds,
        theirs="JAX, float32 rows",
        target=TARGETS.get(threads),
        notes=[
            f"losses of {epochs} epochs agree to {difference:.1e} (relative; {LOSS_TOLERANCE:g} allowed)",
            f"against JAX that reads uint8 rows and scales them in its step: {against_bytes:.1f} times faster",
            *versions,
        ],
    )


def run(quick: bool, threads: list[int] | None = None) -> list[measure.Result]:
    """All results of this benchmark."""
    epochs = 5 if quick else 21
    threads = threads or [count for count in TARGETS if count <= len(measure.available_cpus())]
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        write_data(data, epochs)
        return [compare(data, epochs, count) for count in threads]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="few epochs")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick, options.threads), name="softmax_epoch")
