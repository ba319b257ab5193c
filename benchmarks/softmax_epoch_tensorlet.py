"""Softmax regression on MNIST as a Tensorlet user writes it, its epochs run by ``run_epochs``.

python softmax_epoch_tensorlet.py DATA FORM      (started by softmax_epoch.py)

The forms are two ways to write the same loss: the library's cross-entropy, and the lecture's own
``-sum(Y * log(softmax(...)))``. Rows stay uint8 and are scaled inside the step.
"""

from __future__ import annotations

import sys
import time

import numpy as np

import tensorlet as tf
from measure import reply, requests

#: The parent process decides when to stop.
MOST_EPOCHS = 1_000_000


def library_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """The mean cross-entropy by the library's function for integer labels."""
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits))


def lecture_loss(logits: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
    """The mean cross-entropy as the lecture writes it, from probabilities and one-hot labels."""
    hypothesis = tf.nn.softmax(logits)
    entropy = -tf.reduce_sum(tf.one_hot(labels, 10) * tf.math.log(hypothesis), axis=1)
    return tf.reduce_mean(entropy)


FORMS = {"library": library_loss, "lecture": lecture_loss}


def main(path: str, form: str) -> None:
    """Loads the data, then trains, one epoch for each request."""
    loss = FORMS[form]
    with np.load(path) as data:
        images, labels = data["images"], data["labels"]
        W, B = tf.Variable(data["weights"], name="weight"), tf.Variable(data["biases"], name="bias")
        rate, batch_size = float(data["rate"]), int(data["batch_size"])
        seed = int(data["seed"])

    @tf.function
    def step(rows: tf.Tensor, row_labels: tf.Tensor) -> dict[str, tf.Tensor]:
        with tf.GradientTape() as tape:
            pixels = tf.cast(rows, tf.float32) / 255.0
            value = loss(tf.matmul(pixels, W) + B, row_labels)
        weight_gradient, bias_gradient = tape.gradient(value, [W, B])
        W.assign_sub(rate * weight_gradient)
        B.assign_sub(rate * bias_gradient)
        return {"loss": value}

    asked = requests(version=f"tensorlet {tf.__version__}")
    next(asked)
    start = time.perf_counter()

    def on_epoch(epoch: int, means: dict[str, float]) -> bool:
        """Reports the epoch's time, then waits until it is our turn again."""
        nonlocal start
        reply(seconds=time.perf_counter() - start, loss=means["loss"])
        again = next(asked, None) is not None
        start = time.perf_counter()
        return again

    tf.run_epochs(step, (images, labels), batch_size, epochs=MOST_EPOCHS, seed=seed, on_epoch=on_epoch)


if __name__ == "__main__":
    main(*sys.argv[1:])
