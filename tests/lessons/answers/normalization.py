"""Answers to the exercises of lesson 5."""

import numpy as np

import tensorlet as tf


def min_max(x):
    low, span = x.min(axis=0), np.ptp(x, axis=0)
    return (x - low) / np.where(span == 0, 1, span)


RIGHT = {
    "5a": [
        min_max,
        lambda x: tf.MinMaxScaler().fit_transform(x),
        lambda x: (x - x.min(0)) / (np.ptp(x, axis=0) + 1e-7),
    ],
    "5b": [0.5, (34 - 8) / (60 - 8), np.float32(0.5)],
    "5c": [
        lambda train, new: (new - train.mean(axis=0)) / train.std(axis=0),
        lambda train, new: (new - train.mean(axis=0)) / train.std(axis=0, ddof=1),
    ],
}
WRONG = {
    "5a": [
        lambda x: (x - x.min()) / (x.max() - x.min()),
        lambda x: (x - x.min(axis=0)) / (x.max(axis=0) - x.min(axis=0)),
        lambda x: x / x.max(axis=0),
        lambda x: (x - x.mean(axis=0)) / x.std(axis=0),
    ],
    "5b": [34, 26, 34 / 60, "0.5?"],
    "5c": [
        lambda train, new: (new - new.mean(axis=0)) / new.std(axis=0),
        lambda train, new: (new - train.mean()) / train.std(),
        lambda train, new: (new - train.min(axis=0)) / np.ptp(train, axis=0),
    ],
}
