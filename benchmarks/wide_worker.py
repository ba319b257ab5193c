"""One workload of wide.py in a process of its own; each request does the work some times.

python wide_worker.py LIBRARY MODULE NAME      (started by wide.py)

LIBRARY is ``tensorlet``, ``keras`` (real Keras on the backend that KERAS_BACKEND names) or ``tensorflow``. Workloads
of ``workloads.loops`` get the library, all others its Keras.
"""

from __future__ import annotations

import importlib
import sys
import time

from measure import reply, requests


def main(library: str, module: str, name: str) -> None:
    """Builds the workload, then works for each request."""
    found = importlib.import_module(library)
    given = found if library == "keras" or module == "workloads.loops" else found.keras
    work = getattr(importlib.import_module(module), name)(given)
    for request in requests(version=f"{library} {found.__version__}"):
        start, cpu_start = time.perf_counter(), time.process_time()
        for _ in range(request["times"]):
            work()
        reply(seconds=time.perf_counter() - start, cpu_seconds=time.process_time() - cpu_start)


if __name__ == "__main__":
    main(*sys.argv[1:])
