"""Small data sets that come with the package: no network is ever needed.

>>> import tensorlet as tf
>>> from tensorlet.datasets import lecture
>>> features, labels = lecture.xor()
>>> features.shape, labels.ravel().tolist()
((4, 2), [0.0, 1.0, 1.0, 0.0])

``mnist`` holds the handwritten digits, ``lecture`` the small tables, and ``idx`` reads
the file format of MNIST and its relatives.
"""

from __future__ import annotations

from tensorlet.datasets import idx, lecture, mnist
from tensorlet.datasets.idx import read_idx

__all__ = ["idx", "lecture", "mnist", "read_idx"]
