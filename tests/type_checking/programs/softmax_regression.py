"""Softmax regression with variables and a tape, as the lecture writes it, with types."""

import numpy as np
import tensorlet as tf

x_data = np.array([[1, 2, 1, 1], [2, 1, 3, 2], [3, 1, 3, 4], [4, 1, 5, 5], [1, 7, 5, 5]])
y_data = np.array([2, 2, 2, 1, 1])
classes = 3
y_one_hot = tf.one_hot(y_data, classes).numpy()

W = tf.Variable(tf.random.normal([4, classes]), name="weight")
B = tf.Variable(tf.random.normal([classes]), name="bias")


@tf.function
def hypothesis(x: tf.Tensor) -> tf.Tensor:
    logits = tf.add(tf.matmul(tf.cast(x, tf.float32), W), B)
    return tf.nn.softmax(logits)


@tf.function
def loss(h: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    entropy = -tf.reduce_sum(y * tf.math.log(h), axis=1)
    return tf.reduce_mean(entropy)


@tf.function
def train(x: tf.Tensor, y: tf.Tensor, learning_rate: float = 0.1) -> None:
    with tf.GradientTape() as tape:
        cost = loss(hypothesis(x), y)
    w_gradient, b_gradient = tape.gradient(cost, [W, B])
    W.assign_sub(learning_rate * w_gradient)
    B.assign_sub(learning_rate * b_gradient)


def accuracy(h: tf.Tensor, y: tf.Tensor) -> float:
    right = tf.equal(tf.argmax(h, 1), tf.argmax(y, 1))
    return float(tf.reduce_mean(tf.cast(right, tf.float32)))


for step in range(11):
    train(x_data, y_one_hot, learning_rate=0.1)
    if step % 5 == 0:
        print(f"step {step}: loss {loss(hypothesis(x_data), y_one_hot).numpy():.4f}")
print("accuracy", accuracy(hypothesis(x_data), tf.constant(y_one_hot)))
print("predicted", tf.argmax(hypothesis([[1, 2, 1, 1]]), 1).numpy())

total = tf.constant(0.0)
for row in tf.constant([[1.0, 2.0], [3.0, 4.0]]):
    total += 2.0 * row[0] - row[-1] / 2
v = W[0] + 1.0 - np.ones(3, np.float32)
print(v.shape, v.dtype, total.numpy(), (1 - v)[tf.newaxis, :2].shape, -v, abs(v) > 0.5, tf.transpose(W) @ W)
