"""Tables: reading and encoding against PyArrow alone, and the memory of a training on a table larger than memory.

    python benchmarks/tabular.py [--quick]                      both, in sizes for a look
    python benchmarks/tabular.py reading --rows 1000000         1,000,000 rows by 20 columns
    python benchmarks/tabular.py streaming --megabytes 5000     a table of 5 GB, which is generated first

Reading: our `read` and `Encoder.encode` (kinds of columns, categories, arrays for a model) against
`pyarrow.csv.read_csv` and a cast of its numbers to float32, on the same file and CPUs. The target is a ratio
of at most 1.3.

Streaming: the largest resident memory of a process that does what `tensorlet train` does (examine, encode, train two
models, measure) with a file on disk; the limit is 300 MB.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

import measure

NUMBERS, CATEGORIES = 16, 4
#: Ours may take this many times as long as PyArrow alone.
RATIO = 1.3
LIMIT_MB = 300.0

OURS = """
import json, sys, time
import pyarrow.csv, pyarrow.compute  # imported by both
from tensorlet.tabular.columns.kinds import Choices, find_column
from tensorlet.tabular.columns.encoder import Encoder, learn
from tensorlet.tabular.reading.files import read
times = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    table = read(sys.argv[1])
    columns = [find_column(table, name, Choices()) for name in table.data.column_names]
    encoder = Encoder([learn(column, table.data.column(column.name)) for column in columns])
    arrays = encoder.encode(table.data).arrays
    times.append(time.perf_counter() - start)
print(json.dumps({"times": times, "shapes": {name: array.shape for name, array in arrays.items()}}))
"""

THEIRS = """
import json, sys, time
import pyarrow as pa, pyarrow.csv, pyarrow.compute
times = []
for _ in range(int(sys.argv[2])):
    start = time.perf_counter()
    table = pyarrow.csv.read_csv(sys.argv[1])
    for column in table.columns:
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            column.cast(pa.float32(), safe=False).to_numpy()
        else:
            column.dictionary_encode()
    times.append(time.perf_counter() - start)
print(json.dumps({"times": times}))
"""

STREAMING = """
import json, resource, sys, threading, time
from tensorlet.tabular import train
start = time.perf_counter()
memory, page, ended = [], resource.getpagesize() / 1e6, threading.Event()
def watch():
    while not ended.wait(max(0.25, (time.perf_counter() - start) / 100)):
        with open("/proc/self/statm") as file:
            memory.append((round(time.perf_counter() - start, 1), round(int(file.read().split()[1]) * page)))
watcher = threading.Thread(target=watch)
watcher.start()
result = train(sys.argv[1], "y", stream=True, trees=False, epochs=int(sys.argv[2]))
seconds = time.perf_counter() - start
ended.set()
watcher.join()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
print(json.dumps({
    "seconds": seconds, "cpu": time.process_time(), "megabytes": peak, "memory": memory,
    "rows": result.problem.rows, "accuracy": result.measures[result.best]["accuracy"].value,
}))
"""


def write_table(path: Path, rows: int, categories: int = CATEGORIES, numbers: int = NUMBERS) -> None:
    """Writes a table of random numbers and categories, a block at a time; without categories, a target y as well."""
    import pyarrow as pa
    import pyarrow.csv

    random = np.random.default_rng(0)
    words = np.array(["red", "green", "blue", "white", "black"])
    with open(path, "wb") as file:
        for start in range(0, rows, 100_000):
            count = min(100_000, rows - start)
            x = random.normal(size=(count, numbers)).round(4)
            columns = {f"x{index}": x[:, index] for index in range(numbers)}
            columns |= {f"c{index}": random.choice(words, count) for index in range(categories)}
            if not categories:
                columns["y"] = (x.sum(1) > 0).astype(int)
            options = pyarrow.csv.WriteOptions(include_header=start == 0, quoting_style="none")
            pyarrow.csv.write_csv(pa.table(columns), file, options)


def run_program(program: str, *arguments: str) -> dict[str, object]:
    """Runs a program on all CPUs; returns what it printed last, as JSON."""
    done = measure.run_pinned([sys.executable, "-c", program, *arguments], measure.available_cpus())
    found: dict[str, object] = json.loads(done.output.splitlines()[-1])
    return found


def reading(folder: Path, rows: int, rounds: int) -> measure.Result:
    """Reading and encoding, in alternating processes."""
    path = folder / "table.csv"
    write_table(path, rows)
    samples: dict[str, list[float]] = {"tensorlet": [], "pyarrow": []}
    for _ in range(rounds):
        for name, program in (("tensorlet", OURS), ("pyarrow", THEIRS)):
            samples[name] += run_program(program, str(path), "2")["times"][1:]  # type: ignore[index]
    title = f"reading and encoding {rows:,} rows by {NUMBERS + CATEGORIES} columns"
    size = os.path.getsize(path) / 1e6
    return measure.Result(
        title, "s", samples, theirs="pyarrow", target=1 / RATIO, notes=[f"a CSV file of {size:.0f} MB"]
    )


def streaming(folder: Path, megabytes: int, passes: int = 1) -> measure.Result:
    """The memory of a training on a generated table, from the first look at it to the measures of both models."""
    path = folder / "large.csv"
    row_bytes = 20 * 7.3 + 2
    write_table(path, int(megabytes * 1e6 / row_bytes), categories=0, numbers=20)
    found = run_program(STREAMING, str(path), str(passes))
    size = os.path.getsize(path) / 1e6
    memory: list[tuple[float, int]] = found["memory"]  # type: ignore[assignment]
    shown = memory[:: max(1, len(memory) // 12)]
    notes = [
        f"a CSV file of {size:,.0f} MB with {found['rows']:,} rows, {passes} passes for each of two models: "
        f"{found['seconds']:.0f} s, {found['cpu']:.0f} s of CPU time, accuracy {found['accuracy']:.3f}",
        "resident MB over time: " + ", ".join(f"{seconds:.0f} s: {value}" for seconds, value in shown),
    ]
    return measure.Result(
        "largest memory of a training on a table on disk", "MB", {"tensorlet": [float(found["megabytes"])]},  # type: ignore[arg-type]
        limit=LIMIT_MB, notes=notes,
    )  # fmt: skip


def run(quick: bool) -> list[measure.Result]:
    """The results of this benchmark."""
    with tempfile.TemporaryDirectory() as folder:
        rows, rounds, megabytes = (200_000, 2, 200) if quick else (1_000_000, 5, 5000)
        return [reading(Path(folder), rows, rounds), streaming(Path(folder), megabytes)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("only", nargs="?", choices=["reading", "streaming"])
    parser.add_argument("--quick", action="store_true", help="smaller tables")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=500, help="size of the table for streaming")
    parser.add_argument("--passes", type=int, default=1, help="epochs of each model for streaming")
    parser.add_argument("--folder", help="where the tables are written (default: a temporary folder)")
    options = parser.parse_args()
    measure.refuse_debug_build()
    if options.only is None:
        results = run(options.quick)
    else:
        with tempfile.TemporaryDirectory(dir=options.folder) as place:
            one = (
                reading(Path(place), options.rows, options.rounds)
                if options.only == "reading"
                else streaming(Path(place), options.megabytes, options.passes)
            )
        results = [one]
    measure.report(results, name="tabular")
