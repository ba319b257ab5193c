"""Programs with the faults of the 34 real programs of the NeuraLint study, in small.

Each has the form that the study publishes for the program of that number (its layers, activations, loss), written anew
with few filters and small pictures. The faults are those that the study's 23 rules find in that form; the page
docs/diagnosis.md lists the rules. How a fault is reported is the code of a note; "error" and "warning" mean that `fit`
refuses the program, or warns, before training. Notes about the form of such a program come when its error is corrected.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import tensorlet as tf

layers = tf.keras.layers


@dataclass(frozen=True)
class Program:
    """A program.

    Attributes:
        source: its number at Stack Overflow, or in the study's list of GitHub programs.
        build: returns its layers.
        inputs: the shape of a row.
        labels: the number of classes; 1 for a binary label; 0 for numbers.
        loss: its loss.
        faults: the fault by the study's rules -> how it is reported here; "" if it is not.
        shape: the shape of the labels of a row, if it is not that of the classes.
    """

    source: str
    build: Callable[[], list[Any]]
    inputs: tuple[int, ...]
    labels: int
    loss: str
    faults: dict[str, str]
    shape: tuple[int, ...] | None = None

    def data(self, rows: int = 16) -> tuple[np.ndarray, np.ndarray]:
        """Returns random inputs in scale, and labels."""
        random = np.random.default_rng(0)
        x = random.normal(size=(rows, *self.inputs)).astype(np.float32)
        if self.shape is not None:
            return x, random.uniform(-1, 1, (rows, *self.shape)).astype(np.float32)
        if self.labels == 0:
            return x, (3 * random.normal(size=(rows, 1))).astype(np.float32)
        classes = np.arange(rows) % max(2, self.labels)
        return x, classes.astype(np.float32)[:, None] if self.labels == 1 else np.eye(
            self.labels, dtype=np.float32
        )[classes]


def relu() -> Any:
    """An activation as a layer of its own."""
    return layers.Activation("relu")


def conv2(filters: int, size: int | tuple[int, int], activation: str | None = "relu", **more: Any) -> Any:
    """A convolution that keeps the size of the picture."""
    return layers.Conv2D(filters, size, padding="same", activation=activation, **more)


def conv1(filters: int, size: int, activation: str | None = "relu", **more: Any) -> Any:
    """A convolution over a sequence."""
    return layers.Conv1D(filters, size, activation=activation, **more)


def pool2(size: int | tuple[int, int] = 2, strides: int | None = None) -> Any:
    """The largest number of each window."""
    return layers.MaxPooling2D(size, strides=strides, padding="same")


def dense(units: int, activation: str | None = "relu", **more: Any) -> Any:
    """A dense layer."""
    return layers.Dense(units, activation=activation, **more)


def drop(rate: float) -> Any:
    """A dropout."""
    return layers.Dropout(rate)


def blocks(*sizes: tuple[tuple[int, int], ...], pool: Any = pool2) -> list[Any]:
    """Blocks of convolutions, each followed by a pooling."""
    found: list[Any] = []
    for block in sizes:
        found += [conv2(filters, size) for filters, size in block]
        found.append(pool())
    return found


def residual_free() -> list[Any]:
    """A network of convolutions only, which ends with a softmax."""
    return [
        conv2(12, 3, None), relu(), conv2(12, 3, None), relu(),
        layers.Conv2D(12, 3, strides=2, padding="valid"), layers.BatchNormalization(), relu(),
        conv2(24, 3, None), relu(), conv2(24, 3, None), relu(),
        layers.Conv2D(24, 3, strides=2, padding="valid"), layers.BatchNormalization(), relu(),
        conv2(24, 3, None), relu(), conv2(24, 1, None), relu(), conv2(10, 1, None), relu(),
        layers.AveragePooling2D(7), layers.Flatten(), layers.Activation("softmax"),
    ]  # fmt: skip


def mean_pooled() -> list[Any]:
    """Two convolutions with average pooling, whose last layer has no activation."""
    return [
        conv2(5, 5, None), relu(), layers.AveragePooling2D(), conv2(5, 5, None), relu(), layers.AveragePooling2D(),
        layers.Flatten(), dense(20, None), relu(), dense(10, None),
    ]  # fmt: skip


def mobile() -> list[Any]:
    """Depthwise and pointwise convolutions with strides, whose last layer is an activation."""
    found: list[Any] = [layers.ZeroPadding2D(1), layers.Conv2D(4, 3, strides=2, use_bias=False)]
    found += [layers.BatchNormalization(), relu()]
    for filters in (8, 16, 16):
        found += [
            layers.ZeroPadding2D(1), layers.DepthwiseConv2D(3, use_bias=False), layers.BatchNormalization(), relu(),
            layers.Conv2D(filters, 1, use_bias=False), layers.BatchNormalization(), relu(),
        ]  # fmt: skip
    return found
