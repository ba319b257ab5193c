"""Runs every benchmark and writes one report: ``results/results.md`` and ``results/results.json``.

    python benchmarks/run.py [--quick] [--only NAME ...]      (`make bench` calls it)

The peers get environments of their own next to that of the checkout; see environments.py.
"""

from __future__ import annotations

import argparse

import busy
import convolution
import estimators
import functions
import import_time
import interrupts
import keras_epoch
import keras_programs
import lecture_program
import measure
import playground
import population
import predict
import rbm
import recurrence
import serving
import softmax_epoch
import traced_call
import wide
import xor

BENCHMARKS = {
    "softmax_epoch": softmax_epoch.run,
    "lecture_program": lecture_program.run,
    "traced_call": traced_call.run,
    "import_time": import_time.run,
    "keras_epoch": keras_epoch.run,
    "xor": xor.run,
    "predict": predict.run,
    "convolution": convolution.run,
    "recurrence": recurrence.run,
    "keras_programs": keras_programs.run,
    "functions": functions.run,
    "busy": busy.run,
    "wide": wide.run,
    "interrupts": interrupts.run,
    "rbm": rbm.run,
    "playground": playground.run,
    "estimators": estimators.run,
    "population": population.run,
    "serving": serving.run,
}


def main() -> None:
    """Runs the selected benchmarks."""
    parser = argparse.ArgumentParser(description="Compares Tensorlet with its peers.")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, for a rough result")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS), metavar="NAME")
    options = parser.parse_args()
    measure.refuse_debug_build()
    results = []
    for name in options.only:
        print(f"measuring {name} ...", flush=True)
        results += BENCHMARKS[name](options.quick)
    measure.report(results, name="results")


if __name__ == "__main__":
    main()
