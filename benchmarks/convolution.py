"""Convolutional networks on MNIST: an epoch of `fit`, and `predict` of one picture, against TensorFlow and JAX.

    python benchmarks/convolution.py [--quick] [--jax] [--threads 1 2] [--only NAME ...]

LeNet-5 and the small network of keras.io's first example (without its dropout, whose random numbers differ between
libraries), batch 128, Adam, from the same weights, rows in order. The peers are Keras on TensorFlow and hand-written,
jitted JAX (`lax.scan` over the batches). The processes take turns; on a busy machine the smallest time of each says
most. Beside it stands what part of the machine's matrix peak Tensorlet reaches: multiply-adds of the products of a
step, against those of a square matrix product of NumPy on as many threads. With ``--quick``, JAX is left out unless
``--jax`` is given: it compiles its steps for more than a minute.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import measure
from environments import peer_python

BATCH_SIZE = 128
#: All sum in float32, each in its own order, and Adam amplifies small differences.
LOSS_TOLERANCE = 2e-2
#: Rows of an epoch of a quick run: the peers take some tenths of a second for them.
QUICK_ROWS = 3_840


@dataclass(frozen=True)
class Network:
    """Convolutions as (filters, size, padding), each followed by 2 x 2 pooling; then dense layers; and targets."""

    title: str
    convolutions: tuple[tuple[int, int, str], ...]
    dense: tuple[int, ...]
    target: float
    peak: float | None = None

    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of all kernels."""
        shapes: list[tuple[int, ...]] = []
        side, channels = 28, 1
        for filters, size, padding in self.convolutions:
            shapes.append((size, size, channels, filters))
            side = (side if padding == "SAME" else side - size + 1) // 2
            channels = filters
        width = side * side * channels
        for units in self.dense:
            shapes.append((width, units))
            width = units
        return shapes

    def multiply_adds(self) -> int:
        """Of the products of a step for one picture; the first layer has no gradient to the picture."""
        side, total = 28, 0
        for number, (shape, (_, size, padding)) in enumerate(
            zip(self.shapes(), self.convolutions, strict=False)
        ):
            side = side if padding == "SAME" else side - size + 1
            total += (2 if number == 0 else 3) * side * side * int(np.prod(shape))
            side //= 2
        return total + 3 * sum(int(np.prod(shape)) for shape in self.shapes()[len(self.convolutions) :])


NETWORKS = {
    "lenet": Network("LeNet-5", ((6, 5, "SAME"), (16, 5, "VALID")), (120, 84, 10), target=2.0),
    "small": Network("3x3x32, 3x3x64", ((32, 3, "VALID"), (64, 3, "VALID")), (10,), target=1.2, peak=0.6),
}
PREDICT = "predict"
#: The limit for one picture through LeNet-5, in microseconds.
LIMIT = 60.0
WITHOUT_JAX = "JAX left out (--jax includes it)"


def write_data(path: Path, network: Network, rows: int) -> None:
    """Writes what all sides start from."""
    import tensorlet as tf

    (images, labels), _ = tf.keras.datasets.mnist.load_data()
    generator = np.random.default_rng(0)
    arrays: dict[str, Any] = {}
    for number, shape in enumerate(network.shapes()):
        field = int(np.prod(shape[:-2]))
        limit = np.sqrt(6 / (field * (shape[-2] + shape[-1])))
        arrays[f"kernel{number}"] = generator.uniform(-limit, limit, shape).astype(np.float32)
        arrays[f"bias{number}"] = np.zeros(shape[-1], np.float32)
    np.savez(
        path, images=images[:rows, ..., None], labels=labels[:rows], batch_size=BATCH_SIZE,
        paddings=[padding for _, _, padding in network.convolutions], layers=len(network.shapes()), **arrays,
    )  # fmt: skip


def start(data: Path, threads: int, form: str, with_jax: bool) -> list[measure.Worker]:
    """One process for each contestant."""
    cpus = measure.available_cpus()[:threads]
    fit, jax = measure.BENCHMARKS / "convolution_fit.py", measure.BENCHMARKS / "convolution_jax.py"
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, fit, data, "tensorlet", form],
        "TensorFlow": [peer_python("tensorflow"), fit, data, "keras", form],
    }
    if with_jax:
        commands["JAX"] = [peer_python("jax"), jax, data, form]
    settings = {"KERAS_BACKEND": "tensorflow"}
    return [measure.Worker(name, command, cpus, settings) for name, command in commands.items()]


def take_turns(
    workers: list[measure.Worker], turns: int, factor: float
) -> tuple[measure.Samples, measure.Samples]:
    """Times and results of each, in turn; the first time compiles and is left out."""
    times: measure.Samples = {worker.name: [] for worker in workers}
    results: measure.Samples = {worker.name: [] for worker in workers}
    for turn in range(turns):
        for worker in workers:
            answer = worker.ask(turn=turn)
            took = f"{factor * answer['seconds']:.4g}"
            print(f"  turn {turn}: {worker.name} {took}", file=sys.stderr, flush=True)
            results[worker.name].append(answer["result"])
            if turn > 0:
                times[worker.name].append(factor * answer["seconds"])
    for worker in workers:
        worker.close()
    return times, results


def matrix_peak(threads: int) -> float:
    """Multiply-adds a second of a square matrix product, the best of some."""
    program = (
        "import numpy as np, time\n"
        "a = np.ones((1024, 1024), 'float32'); b = a.copy(); best = 1e9\n"
        "for _ in range(20):\n"
        "    start = time.perf_counter(); a @ b; best = min(best, time.perf_counter() - start)\n"
        "print(1024**3 / best)"
    )
    done = measure.run_pinned([sys.executable, "-c", program], measure.available_cpus()[:threads])
    return float(done.output)


def epoch_of(
    network: Network, data: Path, turns: int, threads: int, rows: int, with_jax: bool
) -> measure.Result:
    """An epoch, against the quicker peer."""
    workers = start(data, threads, "fit", with_jax)
    versions = sorted({worker.facts["version"] for worker in workers})
    seconds, losses = take_turns(workers, turns, 1.0)
    difference = measure.check_losses_agree(losses, LOSS_TOLERANCE)
    rate = network.multiply_adds() * (rows // BATCH_SIZE * BATCH_SIZE) / min(seconds["tensorlet"])
    part = rate / matrix_peak(threads)
    fastest = {name: min(values) for name, values in seconds.items()}
    peers = [name for name in fastest if name != "tensorlet"]
    ratio = min(fastest[name] for name in peers) / fastest["tensorlet"]
    return measure.Result(
        title=f"fit: {network.title}, {rows} pictures, {measure.threads_text(threads)}",
        unit="s",
        samples=seconds,
        theirs=measure.quickest(seconds, peers),
        target=network.target,
        notes=[
            f"losses of {turns} epochs agree to {difference:.1e} (relative; {LOSS_TOLERANCE:g} allowed)",
            f"by the smallest times, {ratio:.2f} times as fast as the quicker peer"
            if with_jax
            else f"by the smallest times, {ratio:.2f} times as fast as TensorFlow; {WITHOUT_JAX}",
            f"{100 * part:.0f} % of the matrix peak"
            + (f" ({100 * network.peak:.0f} wanted)" if network.peak else ""),
            *versions,
        ],
    )


def one_picture(data: Path, turns: int, with_jax: bool) -> measure.Result:
    """`predict` of one picture, in microseconds."""
    workers = start(data, 1, "predict", with_jax)
    versions = sorted({worker.facts["version"] for worker in workers})
    microseconds, results = take_turns(workers, turns, 1e6)
    measure.check_losses_agree(results, 1e-4)
    return measure.Result(
        title="predict, one picture through LeNet-5", unit="µs", samples=microseconds,
        theirs="JAX" if with_jax else "TensorFlow", limit=LIMIT,
        notes=versions if with_jax else [WITHOUT_JAX, *versions],
    )  # fmt: skip


def run(
    quick: bool, threads: list[int] | None = None, only: list[str] | None = None, jax: bool = False
) -> list[measure.Result]:
    """All results of this benchmark; each is printed when it is there."""
    with_jax = jax or not quick
    threads = threads or [count for count in (1, 2) if count <= len(measure.available_cpus())]
    rows, turns = (QUICK_ROWS, 3) if quick else (60_000, 6)
    results = []
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data.npz"
        for name, network in NETWORKS.items():
            if only is None or name in only:
                write_data(data, network, rows)
                results += [
                    measure.show(epoch_of(network, data, turns, count, rows, with_jax)) for count in threads
                ]
        if only is None or PREDICT in only:
            write_data(data, NETWORKS["lenet"], QUICK_ROWS)
            results.append(measure.show(one_picture(data, 3 if quick else 15, with_jax)))
    return results


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer pictures and epochs, without JAX")
    parser.add_argument("--jax", action="store_true", help="JAX in a quick run, too")
    parser.add_argument("--threads", type=int, nargs="+", help="numbers of threads, each with as many CPUs")
    parser.add_argument("--only", nargs="+", choices=[*NETWORKS, PREDICT], metavar="NAME", help="some cases")
    options = parser.parse_args()
    measure.refuse_debug_build()
    results = run(options.quick, options.threads, options.only, options.jax)
    measure.report(results, name="convolution")
