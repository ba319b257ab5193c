"""The cost of a call of a traced function, on data so small that the arithmetic is negligible.

python traced_calls.py CALLS      (started by traced_call.py); prints microseconds per call, as JSON.
"""

import json
import sys
import time

import numpy as np
import tensorflow as tf

calls = int(sys.argv[1])
W = tf.Variable(np.full((4, 3), 0.1, dtype=np.float32), name="weight")
B = tf.Variable(np.zeros(3, dtype=np.float32), name="bias")


@tf.function
def hypothesis(X):
    return tf.nn.softmax(tf.add(tf.matmul(tf.cast(X, tf.float32), W), B))


@tf.function
def loss(H, Y):
    return tf.reduce_mean(-tf.reduce_sum(Y * tf.math.log(H), axis=1))


@tf.function
def train(X, Y, learning_rate=0.1):
    with tf.GradientTape() as tape:
        cost = loss(hypothesis(X), Y)
    w, b = tape.gradient(cost, [W, B])
    W.assign_sub(learning_rate * w)
    B.assign_sub(learning_rate * b)


row = np.array([[1.0, 2.0, 3.0, 4.0]], dtype=np.float32)
label = np.array([[0.0, 1.0, 0.0]], dtype=np.float32)
row_tensor, label_tensor = tf.constant(row), tf.constant(label)
cases = {
    "train, NumPy arguments": lambda: train(row, label, learning_rate=0.15),
    "train, tensor arguments": lambda: train(row_tensor, label_tensor, learning_rate=0.15),
    "hypothesis, NumPy argument": lambda: hypothesis(row),
}
times = {}
for name, case in cases.items():
    for _ in range(calls // 10 + 1):
        case()
    start = time.perf_counter()
    for _ in range(calls):
        case()
    times[name] = 1e6 * (time.perf_counter() - start) / calls
print(json.dumps(times))
