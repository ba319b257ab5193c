"""Small data sets that are included in the package: no network access is needed.

>>> import tensorlet as tf
>>> from tensorlet.datasets import lecture
>>> features, labels = lecture.xor()
>>> features.shape, labels.ravel().tolist()
((4, 2), [0.0, 1.0, 1.0, 0.0])

``mnist`` contains the handwritten digits, ``lecture`` small tables, and ``idx`` reads
the file format of MNIST and similar data sets.
"""

from __future__ import annotations

from tensorlet.datasets import idx, lecture, mnist
from tensorlet.datasets.idx import read_idx

__all__ = ["idx", "lecture", "mnist", "read_idx"]
