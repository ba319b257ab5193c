"""``tf.compat``: old spellings of names, modules and arguments."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(importlib.import_module("tensorlet.compat.tf1_logging").compat, name)
