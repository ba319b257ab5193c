"""``python -m tensorlet`` is the command ``tensorlet``."""

from __future__ import annotations

import sys

from tensorlet.cli import main

sys.exit(main())
