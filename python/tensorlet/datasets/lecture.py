"""The small tables of a lecture on softmax classification, as NumPy arrays.

Each function returns new arrays, which a program may modify.
"""

from __future__ import annotations

import numpy as np


def toy() -> tuple[np.ndarray, np.ndarray]:
    """Eight rows of four integers, in three classes.

    Returns:
        ``(features, labels)``: int64 of shapes ``(8, 4)`` and ``(8,)``; labels are 0, 1, 2.

    >>> import tensorlet as tf
    >>> from tensorlet.datasets import lecture
    >>> features, labels = lecture.toy()
    >>> features[0], labels
    (array([1, 2, 1, 1]), array([2, 2, 2, 1, 1, 1, 0, 0]))
    """
    table = np.array(
        [
            [1, 2, 1, 1, 2],
            [2, 1, 3, 2, 2],
            [3, 1, 3, 4, 2],
            [4, 1, 5, 5, 1],
            [1, 7, 5, 5, 1],
            [1, 2, 5, 6, 1],
            [1, 6, 6, 6, 0],
            [1, 7, 7, 7, 0],
        ],
        dtype=np.int64,
    )
    return table[:, :-1].copy(), table[:, -1].copy()


def xor() -> tuple[np.ndarray, np.ndarray]:
    """The exclusive or, which a linear classifier cannot learn.

    Returns:
        ``(features, labels)``: float32 of shapes ``(4, 2)`` and ``(4, 1)``.

    Source: M. Minsky, S. Papert, *Perceptrons*, 1969.

    >>> import tensorlet as tf
    >>> from tensorlet.datasets import lecture
    >>> features, labels = lecture.xor()
    >>> features[1], labels[1]
    (array([0., 1.], dtype=float32), array([1.], dtype=float32))
    """
    features = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    labels = np.array([[0], [1], [1], [0]], dtype=np.float32)
    return features, labels


def stock_prices() -> np.ndarray:
    """The prices of a share on eight days: open, high, volume, low, close.

    The volume is about a thousand times larger than the prices, so that linear regression on
    the raw data gives NaN; scale it with ``tensorlet.MinMaxScaler``.

    Returns:
        float64 of shape ``(8, 5)``; prices in dollars, volume in shares, latest day first.

    >>> import tensorlet as tf
    >>> from tensorlet.datasets import lecture
    >>> lecture.stock_prices()[0].tolist()
    [828.659973, 833.450012, 908100.0, 828.349976, 831.659973]
    """
    return np.array(
        [
            [828.659973, 833.450012, 908100, 828.349976, 831.659973],
            [823.02002, 828.070007, 1828100, 821.655029, 828.070007],
            [819.929993, 824.400024, 1438100, 818.97998, 824.159973],
            [816, 820.958984, 1008100, 815.48999, 819.23999],
            [819.359985, 823, 1188100, 818.469971, 818.97998],
            [819, 823, 1198100, 816, 820.450012],
            [811.700012, 815.25, 1098100, 809.780029, 813.669983],
            [809.51001, 816.659973, 1398100, 804.539978, 809.559998],
        ]
    )


def grades() -> tuple[np.ndarray, np.ndarray]:
    """Hours of study, attendance and grades of five students.

    Returns:
        ``(features, grades)``: int64 of shape ``(5, 2)`` and strings of shape ``(5,)``, each
        "A", "B" or "C".

    >>> import tensorlet as tf
    >>> from tensorlet.datasets import lecture
    >>> features, grades = lecture.grades()
    >>> features[0], str(grades[0])
    (array([10,  5]), 'A')
    """
    features = np.array([[10, 5], [9, 5], [3, 2], [2, 4], [11, 1]], dtype=np.int64)
    return features, np.array(["A", "A", "B", "B", "C"])
