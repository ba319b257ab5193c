"""The lecture's two softmax programs as functions of the library that runs them.

The golden numbers come from running these functions with real TensorFlow, and the tests run the same
functions with Tensorlet: ``tf`` is the only thing that differs. The mathematics, the order of the rows
and the decorators are the lecture's; only the initial weights are given instead of drawn.
"""

from __future__ import annotations

from typing import Any

import numpy as np

TOY_TABLE = np.array(
    [
        [1, 2, 1, 1, 2],
        [2, 1, 3, 2, 2],
        [3, 1, 3, 4, 2],
        [4, 1, 5, 5, 1],
        [1, 7, 5, 5, 1],
        [1, 2, 5, 6, 1],
        [1, 6, 6, 6, 0],
        [1, 7, 7, 7, 0],
    ]
)


def initial_weights(inputs: int, classes: int, scale: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights ``[inputs, classes]`` and biases ``[classes]`` from a formula, the same on every machine.

    The k-th number, row by row, weights before biases, is ``scale * sin(k + 1)``.
    """
    count = inputs * classes + classes
    numbers = (scale * np.sin(np.arange(1, count + 1, dtype=np.float64))).astype(np.float32)
    return numbers[: inputs * classes].reshape(inputs, classes), numbers[inputs * classes :]


class SoftmaxProgram:
    """The functions that both programs define: hypothesis, loss, train and evaluation."""

    def __init__(self, tf: Any, weights: np.ndarray, biases: np.ndarray) -> None:
        W = tf.Variable(weights, name="weight")
        B = tf.Variable(biases, name="bias")

        @tf.function
        def Hypothesis(X):
            logits = tf.add(tf.matmul(tf.cast(X, tf.float32), W), B)
            return tf.nn.softmax(logits)

        @tf.function
        def loss(H, Y):
            entropy = -tf.reduce_sum(Y * tf.math.log(H), axis=1)
            return tf.reduce_mean(entropy)

        @tf.function
        def train(X, Y, learning_rate=0.1):
            with tf.GradientTape() as tape:
                _loss = loss(Hypothesis(X), Y)
            _w, _b = tape.gradient(_loss, [W, B])
            W.assign_sub(learning_rate * _w)
            B.assign_sub(learning_rate * _b)

        @tf.function
        def evaluation(H, Y):
            prediction = tf.argmax(H, 1)
            correct_prediction = tf.equal(prediction, tf.argmax(Y, 1))
            return prediction, tf.reduce_mean(tf.cast(correct_prediction, tf.float32))

        self.W, self.B = W, B
        self.Hypothesis, self.loss, self.train, self.evaluation = Hypothesis, loss, train, evaluation


def run_toy(tf: Any, steps: int = 2001) -> dict[str, Any]:
    """The toy program: eight rows, 2001 steps of gradient descent, the loss at every hundredth step."""
    features, labels = TOY_TABLE[:, 0:-1], TOY_TABLE[:, -1]
    one_hot = tf.one_hot(labels, 3).numpy()
    program = SoftmaxProgram(tf, *initial_weights(4, 3, scale=1.0))
    losses = []
    for step in range(steps):
        cost = program.loss(program.Hypothesis(features), one_hot)
        program.train(features, one_hot, learning_rate=0.1)
        if step % 100 == 0:
            losses.append(float(cost.numpy()))
    hypothesis = program.Hypothesis(features)
    predictions, accuracy = program.evaluation(hypothesis, one_hot)
    return {
        "losses": losses,
        "hypothesis": np.asarray(hypothesis.numpy(), dtype=np.float64).tolist(),
        "predictions": predictions.numpy().tolist(),
        "accuracy": float(accuracy.numpy()),
        "weights": program.W.numpy().astype(np.float64).tolist(),
        "biases": program.B.numpy().astype(np.float64).tolist(),
    }


def run_mnist(
    tf: Any, data: tuple[np.ndarray, ...], epochs: int = 3, batch_size: int = 100
) -> dict[str, Any]:
    """The MNIST program on ``(x_train, y_train, x_test, y_test)`` as loaded: uint8 images and labels."""
    x_train, y_train, x_test, y_test = data
    x_train = (x_train / 255.0).reshape(-1, 784).astype("float32")
    x_test = (x_test / 255.0).reshape(-1, 784).astype("float32")
    y_train_one_hot = tf.one_hot(y_train, 10).numpy()
    y_test_one_hot = tf.one_hot(y_test, 10).numpy()
    program = SoftmaxProgram(tf, *initial_weights(784, 10, scale=0.1))
    epoch_losses = []
    for _ in range(epochs):
        average = 0.0
        iterations = len(x_train) // batch_size
        for start in range(0, iterations * batch_size, batch_size):
            rows, labels = x_train[start : start + batch_size], y_train_one_hot[start : start + batch_size]
            average += float(program.loss(program.Hypothesis(rows), labels).numpy()) / iterations
            program.train(rows, labels, learning_rate=0.15)
        epoch_losses.append(average)
    _, accuracy = program.evaluation(program.Hypothesis(x_test), y_test_one_hot)
    weights = program.W.numpy().astype(np.float64)
    return {
        "losses": epoch_losses,
        "accuracy": float(accuracy.numpy()),
        "biases": program.B.numpy().astype(np.float64).tolist(),
        # Every 37th input pixel is enough to notice a wrong gradient and keeps the file small.
        "some_weights": weights[::37].tolist(),
    }


def run_overflow(tf: Any) -> list[list[float]]:
    """The weights after one step on logits so far apart that a probability is exactly 0."""
    weights = np.array([[100.0, 0.0, -100.0]], dtype=np.float32)
    program = SoftmaxProgram(tf, weights, np.zeros(3, dtype=np.float32))
    rows = np.array([[1.0], [2.0]], dtype=np.float32)
    labels = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]], dtype=np.float32)
    program.train(rows, labels, learning_rate=0.5)
    return program.W.numpy().astype(np.float64).tolist()
