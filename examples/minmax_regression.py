"""Linear regression on columns of very different scales: the loss becomes NaN, and how to fix it.

python examples/minmax_regression.py
"""

import tensorlet as tf
from tensorlet.datasets import lecture


def train(table):
    """The loss after 200 steps of gradient descent: the last column from the others."""
    x, y = table[:, :-1].astype("float32"), table[:, -1:].astype("float32")
    W = tf.Variable(tf.zeros([4, 1]), name="weight")
    b = tf.Variable(tf.zeros([1]), name="bias")

    @tf.function
    def step(x, y):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(tf.matmul(x, W) + b - y))
        gradient_of_w, gradient_of_b = tape.gradient(loss, [W, b])
        W.assign_sub(0.1 * gradient_of_w)
        b.assign_sub(0.1 * gradient_of_b)
        return loss

    for _ in range(200):
        loss = step(x, y)
    return loss.numpy()


prices = lecture.stock_prices()
print(f"unscaled:     loss {train(prices)}")
print(f"scaled:       loss {train(tf.MinMaxScaler(prices)):.4f}")
