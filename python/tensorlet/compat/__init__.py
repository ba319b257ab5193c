"""``tf.compat``, and all support for legacy code: names, modules, arguments and methods."""

from __future__ import annotations

import importlib
from typing import Any


def __getattr__(name: str) -> Any:
    return getattr(importlib.import_module("tensorlet.compat.tf1_logging").compat, name)
