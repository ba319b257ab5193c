"""The versions of Tensorlet and of the TensorFlow interface that it implements.

``tf.__version__`` reads ``2.15.0+tensorlet.0.1.0``: programs compare it to choose
between TensorFlow 1 and 2, and the part after the plus (a local version, PEP 440)
identifies Tensorlet.

>>> import tensorlet as tf
>>> tf.__version__.split(".")[:2]
['2', '15']
"""

from __future__ import annotations

#: Tensorlet's own version, the one of the package.
TENSORLET_VERSION = "0.1.0"
#: The version of TensorFlow whose public interface is implemented.
TENSORFLOW_INTERFACE = "2.15.0"
#: What programs see as ``tf.__version__``.
VERSION = f"{TENSORFLOW_INTERFACE}+tensorlet.{TENSORLET_VERSION}"
GIT_VERSION = f"tensorlet-{TENSORLET_VERSION}"
COMPILER_VERSION = "rustc"
#: The version of TensorFlow's graph files in that release.
GRAPH_DEF_VERSION = 1645
