"""Single functions, maps of datasets and wide embeddings: Tensorlet against TensorFlow.

    python benchmarks/functions.py [--quick]

Both libraries run the same program, in turn, with their default numbers of threads.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import measure
from environments import peer_python

PROGRAM = measure.BENCHMARKS / "programs" / "functions.py"
#: Nothing is slower than TensorFlow.
TARGET = 1.0


def run(quick: bool) -> list[measure.Result]:
    """All results of this benchmark."""
    rounds, calls = (2, 3) if quick else (5, 7)
    cpus = measure.available_cpus()
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, "-m", "tensorlet", "run", PROGRAM, str(calls)],
        "TensorFlow": [peer_python("tensorflow"), PROGRAM, str(calls)],
    }
    samples: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            output = measure.run_pinned(command, cpus).output
            for case, milliseconds in json.loads(output.splitlines()[-1]).items():
                samples.setdefault(case, {}).setdefault(name, []).append(milliseconds)
    return [
        measure.Result(case, "ms", both, theirs="TensorFlow", target=TARGET) for case, both in samples.items()
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick), name="functions")
