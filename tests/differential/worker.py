"""Runs random programs on one library: a line of JSON in, ``{"program": text}``; a line out, its outcome.

    python worker.py tensorlet | tensorflow

``tensorflow`` is the real one with the Keras that belongs to it, or Keras 2 with ``TF_USE_LEGACY_KERAS=1``.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import signal
import sys
import time
from typing import Any

from support import run

#: Seconds of the processor that a program may take.
LIMIT = 60


def stopped(*_: object) -> None:
    raise TimeoutError(f"The program did not end within {LIMIT} seconds")


def main(library: str) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    out = os.fdopen(os.dup(1), "w", buffering=1)
    tf: Any = importlib.import_module(library)
    if library == "tensorflow":
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
        tf.get_logger().setLevel("ERROR")
    signal.signal(signal.SIGPROF, stopped)
    # The libraries' own objects need no search for garbage after each program.
    gc.freeze()
    gc.set_threshold(20000, 20, 20)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        for line in sys.stdin:
            request = json.loads(line)
            if library == "tensorflow":
                tf.config.run_functions_eagerly(bool(request.get("eagerly")))
            before = time.process_time()
            signal.setitimer(signal.ITIMER_PROF, LIMIT)
            outcome = run(request["program"], tf, tf.keras)
            signal.setitimer(signal.ITIMER_PROF, 0)
            outcome["seconds"] = round(time.process_time() - before, 3)
            out.write(json.dumps(outcome) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
