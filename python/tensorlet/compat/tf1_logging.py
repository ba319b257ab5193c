"""``tf.compat.v1.logging`` and ``tf.logging``, with which programs for TensorFlow 1 turn off messages.

Messages are passed to the logger that ``tf.get_logger()`` returns.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import Any

from tensorlet.compat import text_conversions
from tensorlet.compat.missing_name import MissingNameError

DEBUG, INFO, WARN, ERROR, FATAL = logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.FATAL

_logger = logging.getLogger("tensorflow")

debug, info, warn, warning = _logger.debug, _logger.info, _logger.warning, _logger.warning
error, fatal, log = _logger.error, _logger.fatal, _logger.log


def set_verbosity(v: int | str) -> None:
    """Sets the level of messages: those of this level and above are shown.

    >>> import tensorlet as tf
    >>> tf.compat.v1.logging.set_verbosity(tf.compat.v1.logging.ERROR)
    >>> tf.compat.v1.logging.get_verbosity() == tf.compat.v1.logging.ERROR
    True
    """
    _logger.setLevel(v)


def get_verbosity() -> int:
    """Returns the lowest level of messages that are shown."""
    return _logger.getEffectiveLevel()


class TensorFlow1:
    """``tf.compat.v1``: the logging of TensorFlow 1, with an explanation for all other names."""

    def __getattr__(self, name: str) -> Any:
        if name == "logging":
            return sys.modules[__name__]
        raise _missing(f"compat.v1.{name}", name)


class Compat:
    """``tf.compat``: ``v2`` is ``tf`` itself."""

    v1 = TensorFlow1()

    def __getattr__(self, name: str) -> Any:
        if name == "v2":
            return importlib.import_module("tensorlet")
        if name in text_conversions.NAMES:
            return getattr(text_conversions, name)
        raise _missing(f"compat.{name}", name)


def _missing(path: str, name: str) -> AttributeError:
    return AttributeError(name) if name.startswith("__") else MissingNameError(path)


compat = Compat()
