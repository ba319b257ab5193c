"""The cost of one call of a traced function: Tensorlet against TensorFlow.

    python benchmarks/traced_call.py [--quick]

The functions are those of a course's softmax program, on one row of four numbers: what remains is the
cost of the call, from Python to the result and back.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import measure
from environments import peer_python

PROGRAM = measure.BENCHMARKS / "programs" / "traced_calls.py"
#: The limit for a training call besides its arithmetic, in microseconds.
TARGET = 15.0


def run(quick: bool) -> list[measure.Result]:
    """All results of this benchmark: for each case, both sides and the bound on ours."""
    rounds, calls = (2, 500) if quick else (7, 5000)
    cpus = measure.available_cpus()[:1]
    commands: dict[str, list[str | Path]] = {
        "tensorlet": [sys.executable, "-m", "tensorlet", "run", PROGRAM, str(calls)],
        "TensorFlow": [peer_python("tensorflow"), PROGRAM, str(calls)],
    }
    samples: dict[str, dict[str, list[float]]] = {}
    for _ in range(rounds):
        for name, command in commands.items():
            output = measure.run_pinned(command, cpus).output
            for case, microseconds in json.loads(output.splitlines()[-1]).items():
                samples.setdefault(case, {}).setdefault(name, []).append(microseconds)
    return [
        measure.Result(f"a traced call: {case}", "µs", both, theirs="TensorFlow", limit=TARGET)
        for case, both in samples.items()
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="fewer calls")
    options = parser.parse_args()
    measure.refuse_debug_build()
    measure.report(run(options.quick), name="traced_call")
