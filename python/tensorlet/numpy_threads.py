"""Imports NumPy so that its idle threads leave the processor to others.

The threads of OpenBLAS, which NumPy includes, spin for 26 ms after they are created and after each product
before they sleep. On a small machine this takes processor time from Tensorlet's own threads, and from whatever
the program does next. Here they sleep after half a millisecond; waking them takes a tenth of that.
"""

from __future__ import annotations

import os
import sys

#: OpenBLAS reads this variable when it is loaded: the time as a power of two, in ticks of the processor's clock.
VARIABLE = "OPENBLAS_THREAD_TIMEOUT"
TICKS = "20"


def load_numpy() -> None:
    """Imports NumPy, unless it has been imported already; restores the environment."""
    if "numpy" in sys.modules or VARIABLE in os.environ:
        return
    os.environ[VARIABLE] = TICKS
    try:
        import numpy  # noqa: F401
    finally:
        del os.environ[VARIABLE]


load_numpy()
