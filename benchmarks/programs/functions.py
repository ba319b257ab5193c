"""Single functions, maps of datasets and wide embeddings, in milliseconds as JSON."""

import json
import sys
import time

import numpy as np
import tensorflow as tf

ROUNDS = int(sys.argv[1])
generator = np.random.default_rng(0)
numbers = tf.constant(generator.normal(size=50_000).astype("float32"))
table = tf.constant(generator.normal(size=(1000, 50)).astype("float32"))
rows = generator.integers(0, 1000, 10_000)
long = tf.range(100_000)
square = tf.ones((1000, 1000))
x = generator.normal(size=(5000, 50)).astype("float32")


def mapped(function):
    dataset = tf.data.Dataset.from_tensor_slices((x, x[:, :1])).map(function).shuffle(1000).batch(100)
    return lambda: sum(1 for _ in dataset)


def windows():
    dataset = tf.data.Dataset.from_tensor_slices(x[:1000, 0]).window(20, shift=1, drop_remainder=True)
    return sum(1 for _ in dataset.flat_map(lambda window: window.batch(20)).batch(64))


def embedding(optimizer):
    layers = tf.keras.layers
    inputs = [layers.Input((1,)) for _ in range(2)]
    vectors = [layers.Flatten()(layers.Embedding(200_000, 32)(one)) for one in inputs]
    model = tf.keras.Model(inputs, layers.Dot(1)(vectors))
    model.compile(optimizer, "mse")
    ids = [generator.integers(0, 200_000, 2560) for _ in range(2)]
    labels = generator.normal(size=2560).astype("float32")
    return lambda: model.fit(ids, labels, batch_size=256, verbose=0)


def convolutions():
    pictures = tf.constant(generator.normal(size=(128, 28, 28, 1)).astype("float32"))
    shapes = [(3, 3, 1, 32), (3, 3, 32, 64)]
    filters = [tf.Variable(generator.normal(size=shape).astype("float32") / 10) for shape in shapes]

    def step():
        with tf.GradientTape() as tape:
            seen = pictures
            for one in filters:
                seen = tf.nn.max_pool2d(tf.nn.relu(tf.nn.conv2d(seen, one, 1, "VALID")), 2, 2, "VALID")
            loss = tf.reduce_mean(seen**2)
        for one, gradient in zip(filters, tape.gradient(loss, filters), strict=True):
            one.assign_sub(0.01 * gradient)

    return step


CASES = {
    "random.normal, a million": lambda: tf.random.normal((1000, 1000)),
    "random.uniform, a million": lambda: tf.random.uniform((1000, 1000)),
    "random.shuffle, 100,000": lambda: tf.random.shuffle(long),
    "top_k, 10 of 50,000": lambda: tf.math.top_k(numbers, 10),
    "argsort, 50,000": lambda: tf.argsort(numbers),
    "unique, 50,000": lambda: tf.unique(tf.cast(numbers * 10, tf.int32)),
    "cumsum, 1000 x 50": lambda: tf.cumsum(table, axis=0),
    "gather, 10,000 rows": lambda: tf.gather(table, rows),
    "einsum, 1000 x 50 x 1000": lambda: tf.einsum("ij,kj->ik", table, table),
    "softmax, 1000 x 50": lambda: tf.nn.softmax(table),
    "matmul, 1000": lambda: tf.matmul(square, square),
    "a map, 5,000 rows": mapped(lambda a, b: (a * 2, b)),
    "a map with random numbers": mapped(lambda a, b: (a * 2 + tf.random.normal((50,)), b)),
    "a map with a condition": mapped(lambda a, b: (tf.cond(b[0] > 0, lambda: a, lambda: -a), b)),
    "windows of 20": windows,
    "convolutions with a tape": convolutions(),
    "embeddings of 200,000, SGD": embedding("sgd"),
    "embeddings of 200,000, Adagrad": embedding("adagrad"),
    "embeddings of 200,000, Adam": embedding("adam"),
}

found = {}
for name, work in CASES.items():
    work()
    best = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        best.append(time.perf_counter() - start)
    found[name] = sorted(best)[len(best) // 2] * 1e3
print(json.dumps(found))
