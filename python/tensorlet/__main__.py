"""``python -m tensorlet`` is the command ``tensorlet``."""

from __future__ import annotations

import sys

from tensorlet.cli import main

if __name__ == "__main__":  # the workers of mpi4py import this file
    sys.exit(main())
