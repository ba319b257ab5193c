"""`tensorlet serve` against FastAPI with Keras on TensorFlow: 50 concurrent clients.

    python benchmarks/serving.py [--quick]

The same perceptron 20-64-3, in the same file. Each client sends one row after the other and compares each answer with
that of `predict` in this process: ours bitwise, TensorFlow's within 1e-5. Server and clients have a CPU each, where
there are two. FastAPI's model is a compiled `tf.function`.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import measure
from environments import peer_python

CLIENTS, ROWS, FEATURES = 50, 200, 20
TARGET = 5.0
#: The time in seconds for a server to start.
PATIENCE = 120


def write_model(path: Path) -> np.ndarray:
    """Writes the model, and returns its answers for the rows of the clients."""
    import tensorlet as tf

    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential(
        [
            tf.keras.Input((FEATURES,), name="rows"),
            tf.keras.layers.Dense(64, activation="relu"),
            tf.keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.save(path, dialect="keras3")
    return np.asarray(model.predict(rows_of_clients(), verbose=0))


def rows_of_clients() -> np.ndarray:
    """The rows that the clients send, in turn."""
    return np.random.default_rng(0).normal(size=(ROWS, FEATURES)).round(3).astype(np.float32)


def free_port() -> int:
    """A port that nothing uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def server(
    command: Sequence[str | Path], port: int, cpus: Sequence[int]
) -> Iterator[subprocess.Popen[bytes]]:
    """Context manager with a server that answers; gives its process."""
    process = subprocess.Popen(
        [str(part) for part in command],
        env=measure.thread_environment(len(cpus)),
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, cpus),
    )
    end = time.monotonic() + PATIENCE
    try:
        while time.monotonic() < end:
            if process.poll() is not None:
                sys.exit(f"{command[0]} ended early; its errors are shown above.")
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(timeout=30)


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """The seconds of CPU, user and system, that a process has used; 0 where the system does not say."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def run(quick: bool) -> list[measure.Result]:
    """All results of this benchmark."""
    seconds, repetitions = (3, 1) if quick else (60, 1)
    cpus = measure.available_cpus()
    serving, asking = (cpus[:1], cpus[1:2]) if len(cpus) > 1 else (cpus, cpus)
    rates: measure.Samples = {"tensorlet": [], "fastapi, keras on tensorflow": []}
    slow: measure.Samples = {name: [] for name in rates}
    notes = []
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model.keras"
        expected = Path(folder) / "expected.npy"
        np.save(expected, write_model(model))
        for _ in range(repetitions):
            for name in rates:
                port = free_port()
                if name == "tensorlet":
                    command: list[str | Path] = [
                        sys.executable,
                        "-m",
                        "tensorlet",
                        "serve",
                        model,
                        "--port",
                        str(port),
                    ]
                else:
                    program = measure.BENCHMARKS / "serving_fastapi.py"
                    command = [peer_python("tensorflow"), program, model, str(port)]
                with server(command, port, serving) as process:
                    before = cpu_seconds(process)
                    client = measure.BENCHMARKS / "serving_client.py"
                    tolerance = "0" if name == "tensorlet" else "1e-5"
                    words: list[str | Path] = [
                        sys.executable,
                        client,
                        str(port),
                        str(CLIENTS),
                        str(seconds),
                        expected,
                        tolerance,
                    ]
                    found = json.loads(measure.run_pinned(words, asking).output)
                    spent = cpu_seconds(process) - before
                if found["wrong"] or found["errors"]:
                    sys.exit(f"{name}: {found['wrong']} wrong answers and {found['errors']} errors.")
                rates[name].append(1e6 / found["rate"])
                slow[name].append(1e3 * found["p99"])
                notes.append(
                    f"{name}: {found['count']} answers, none wrong; {found['rate']:.0f} a second; "
                    f"{1e6 * spent / found['all']:.0f} µs of the server's CPU for each"
                )
    theirs = "fastapi, keras on tensorflow"
    title = f"serve, {CLIENTS} clients, {seconds} s"
    return [
        measure.Result(
            f"{title}, time for an answer", "µs", rates, theirs=theirs, target=TARGET, notes=notes
        ),
        measure.Result(f"{title}, 99th percentile", "ms", slow, theirs=theirs),
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="for a few seconds")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick), name="serving")
