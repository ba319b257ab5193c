"""The tests of operations run them eagerly, so that each file can be run alone."""

from __future__ import annotations

import tensorlet.core.eager  # noqa: F401 - sets the default interpreter
