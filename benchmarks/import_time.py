"""The time of ``import tensorlet`` after ``import numpy``; it must not import any heavy library.

python benchmarks/import_time.py [--quick]
"""

from __future__ import annotations

import argparse
import json
import sys

import measure

#: The limit for the import, in milliseconds, once NumPy is imported.
TARGET = 30.0
#: Libraries that may be installed, but that the import must not load.
HEAVY = ("h5py", "matplotlib", "jax", "tensorboard")

PROGRAM = f"""
import json, sys, time
start = time.perf_counter()
import numpy
middle = time.perf_counter()
import tensorlet
end = time.perf_counter()
heavy = [name for name in {HEAVY!r} if name in sys.modules]
print(json.dumps({{"numpy": middle - start, "tensorlet": end - middle, "heavy": heavy}}))
"""


def run(quick: bool) -> list[measure.Result]:
    """The result of this benchmark."""
    rounds = 5 if quick else 31
    cpus = measure.available_cpus()[:1]
    samples: dict[str, list[float]] = {"numpy": [], "tensorlet": []}
    for _ in range(rounds):
        times = json.loads(measure.run_pinned([sys.executable, "-c", PROGRAM], cpus).output)
        if times["heavy"]:
            sys.exit(
                f"import tensorlet imports {', '.join(times['heavy'])}; it should wait for their first use."
            )
        for name, values in samples.items():
            values.append(1e3 * times[name])
    return [measure.Result("import, tensorlet after numpy", "ms", samples, limit=TARGET)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer processes")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick), name="import_time")
