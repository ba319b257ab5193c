"""Softmax regression, written with variables, a tape and a ``tf.function``."""

from __future__ import annotations

import tensorlet as tf


class SoftmaxRegression:
    """``softmax(x W + b)``: one weight for each pixel and digit, and one bias for each digit.

    Args:
        learning_rate: how far one update goes against the gradient.
    """

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate
        self.W = tf.Variable(tf.zeros([784, 10]), name="weight")
        self.b = tf.Variable(tf.zeros([10]), name="bias")

    def logits(self, x: tf.Tensor) -> tf.Tensor:
        """The scores of the ten digits, shape ``(rows, 10)``, for pixels of shape ``(rows, 784)``."""
        pixels = tf.cast(x, tf.float32) / 255.0  # the images stay bytes; each batch is scaled as it comes
        return tf.matmul(pixels, self.W) + self.b

    @tf.function
    def hypothesis(self, x: tf.Tensor) -> tf.Tensor:
        """The probabilities of the ten digits, shape ``(rows, 10)``."""
        return tf.nn.softmax(self.logits(x))

    @tf.function
    def train_step(self, x: tf.Tensor, y: tf.Tensor) -> dict[str, tf.Tensor]:
        """One step of gradient descent on the mean cross-entropy of a batch."""
        labels = tf.cast(y, tf.int64)
        with tf.GradientTape() as tape:
            logits = self.logits(x)
            entropy = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=labels, logits=logits)
            loss = tf.reduce_mean(entropy)
        gradient_of_w, gradient_of_b = tape.gradient(loss, [self.W, self.b])
        self.W.assign_sub(self.learning_rate * gradient_of_w)
        self.b.assign_sub(self.learning_rate * gradient_of_b)
        correct = tf.equal(tf.argmax(logits, axis=1), labels)
        return {"accuracy": tf.reduce_mean(tf.cast(correct, tf.float32)), "loss": loss}
