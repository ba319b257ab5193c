"""Ctrl-C in the middle of the workloads of wide.py: how long it takes until Python has its KeyboardInterrupt.

    python benchmarks/interrupts.py [--quick] [--only NAME ...]

Each workload runs in a process of its own with the default number of threads, and is interrupted again and again
after a random time. The 99th percentile may be 200 milliseconds.
"""

from __future__ import annotations

import argparse
import importlib
import os
import random
import signal
import statistics
import sys
import threading
import time
from collections.abc import Callable, Sequence

import measure
from wide import CASES

#: The most that the 99th percentile may be, in milliseconds.
LIMIT = 200.0
#: An interrupt comes after a time between these, in seconds.
EARLIEST, LATEST = 0.02, 0.2


def interrupted(work: Callable[[], object]) -> float:
    """Works until an interrupt arrives: milliseconds from the signal to the exception."""
    sent = [0.0]

    def interrupt() -> None:
        sent[0] = time.perf_counter()
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(random.uniform(EARLIEST, LATEST), interrupt)
    timer.daemon = True
    try:
        timer.start()
        while True:
            work()
    except KeyboardInterrupt:
        return 1e3 * (time.perf_counter() - sent[0])


def serve(name: str) -> None:
    """A workload in this process; each request interrupts it some times."""
    import tensorlet as tf

    module = CASES[name].module
    work = getattr(importlib.import_module(f"workloads.{module}"), name)(
        tf if module == "loops" else tf.keras
    )
    work()
    for request in measure.requests(version=tf.__version__):
        measure.reply(milliseconds=[interrupted(work) for _ in range(request["times"])])


def compare(name: str, times: int) -> measure.Result:
    """One workload."""
    cpus = measure.available_cpus()
    worker = measure.Worker(
        name, [sys.executable, __file__, "--serve", name], cpus, {"TENSORLET_THREADS": None}
    )
    found = sorted(worker.ask(times=times)["milliseconds"])
    worker.close()
    last = found[min(len(found) - 1, int(0.99 * len(found)))]
    return measure.Result(
        title=f"Ctrl-C, 99th percentile of {times}: {CASES[name].title}",
        unit="ms",
        samples={"tensorlet": [last]},
        limit=LIMIT,
        notes=[f"median {statistics.median(found):.3g} ms, largest {found[-1]:.3g} ms"],
    )


def run(quick: bool, only: Sequence[str] = ()) -> list[measure.Result]:
    """All results of this benchmark."""
    return [compare(name, 20 if quick else 200) for name in only or CASES]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="20 interrupts each")
    parser.add_argument("--only", nargs="+", choices=CASES, default=[], metavar="NAME")
    parser.add_argument("--serve", choices=CASES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
    else:
        measure.refuse_debug_build()
        measure.report(run(options.quick, options.only), name="interrupts")
