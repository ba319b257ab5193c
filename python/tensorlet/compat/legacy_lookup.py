"""Finds the objects of legacy names."""

from __future__ import annotations

import importlib
from typing import Any

from tensorlet.compat.deprecation import warn_legacy
from tensorlet.compat.legacy_names import (
    CALLABLE_MODULES,
    DEFINED_HERE,
    LEGACY_FUNCTIONS,
    LEGACY_MODULES,
    LEGACY_NAMES,
    PUBLIC,
)


def find(path: str) -> Any:
    """Returns the object for a legacy name, with a warning; None for any other name.

    Args:
        path: the name without ``tf.``, such as ``"keras.initializers.normal"`` or ``"log"``.
    """
    if path in LEGACY_MODULES or path in CALLABLE_MODULES:
        return importlib.import_module(f"tensorlet.{path}")
    if path.startswith("python."):
        return None
    if path in ("compat", "python"):
        return importlib.import_module(f"tensorlet.{path}")
    if path == "logging":
        warn_legacy("tf.logging", "tf.get_logger()")
        return importlib.import_module("tensorlet.compat.tf1_logging")
    if path in DEFINED_HERE:
        module, _, name = DEFINED_HERE[path].partition(":")
        return getattr(importlib.import_module(module), name)
    current = LEGACY_NAMES.get(path) or LEGACY_FUNCTIONS.get(path)
    if current is None:
        return None
    warn_legacy(f"tf.{path}", f"tf.{current}")
    found: Any = importlib.import_module("tensorlet")
    for name in current.split("."):
        found = getattr(found, name)
    return found


def public_names(path: str) -> tuple[str, ...]:
    """Returns the legacy names that ``dir`` lists in a namespace, which is given without ``tf.``."""
    return PUBLIC.get(path, ())
