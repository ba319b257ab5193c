"""Tensorlet trains small neural networks at the speed of the arithmetic, with TensorFlow 2's names.

>>> import tensorlet as tf
>>> w = tf.Variable([1.0, 2.0])
>>> with tf.GradientTape() as tape:
...     loss = tf.reduce_sum(w * w)
>>> tape.gradient(loss, w).numpy()
array([2., 4.], dtype=float32)

The names are listed in `tensorlet.public_names`; each is imported when it is first used.
They become attributes of this module, some under the names of Python's built-in
functions (``tf.range``), so nothing else is defined here.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from tensorlet import numpy_threads  # isort: skip - before anything else imports NumPy
from tensorlet import dtypes as dtypes
from tensorlet import errors as errors
from tensorlet.api import open_namespaces
from tensorlet.settings import check_environment
from tensorlet.tracebacks import install as shorten_tracebacks
from tensorlet.version_info import VERSION

__version__ = VERSION
check_environment()
shorten_tracebacks()
del VERSION, check_environment, numpy_threads, shorten_tracebacks

open_namespaces(sys.modules[__name__])

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
