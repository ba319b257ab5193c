"""Programs that loop over datasets inside a `tf.function`, for real TensorFlow and for Tensorlet: `cases(tf)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np


def cases(tf: Any) -> dict[str, Callable[[], Any]]:
    """The programs, by name."""
    found: dict[str, Callable[[], Any]] = {}

    def a(name: str, run: Callable[[], Any]) -> None:
        found[f"dataset {name}"] = run

    base = tf.data.Dataset.range(7).map(lambda v: tf.cast(v, tf.float32))
    ds = base.batch(2)

    @tf.function
    def total(d):
        s = tf.constant(0.0)
        for b in d:
            s += tf.reduce_sum(b)
        return s

    a("sum", lambda: [total(ds), total(ds), total(base.batch(3))])
    w = tf.Variable(1.0)

    @tf.function
    def epoch(d):
        loss = tf.constant(0.0)
        k = tf.constant(3.0)
        for b in d:
            with tf.GradientTape() as t:
                loss = tf.reduce_mean((w * b - 2.0 * b + k * 0.0) ** 2)
            w.assign_sub(0.01 * t.gradient(loss, w))
        k = None
        return loss

    a("epoch", lambda: [epoch(ds), w, epoch(ds), w])
    opt = tf.keras.optimizers.SGD(0.01)
    u = tf.Variable(1.0)

    @tf.function
    def epoch2(d):
        n = 0
        for x, y in d:
            with tf.GradientTape() as t:
                loss = tf.reduce_mean((u * x - y) ** 2)
            opt.apply_gradients([(t.gradient(loss, u), u)])
            n += 1
        return n

    xy = tf.data.Dataset.from_tensor_slices(
        (np.arange(5.0).astype("float32"), np.arange(5.0).astype("float32") * 3)
    ).batch(2)
    a("epoch2", lambda: [epoch2(xy), u])

    @tf.function
    def brk(d):
        n = 0
        for b in d:
            if b[0] > 3.0:
                break
            n += 1
        return n

    a("break", lambda: [brk(ds)])

    @tf.function
    def enum(d):
        s = tf.constant(0, tf.int64)
        for i, b in enumerate(d):
            s += tf.cast(tf.reduce_sum(b), tf.int64) * tf.cast(i, tf.int64)
        return s

    a("enum", lambda: enum(ds))

    @tf.function
    def dct(d):
        s = 0.0
        for e in d:
            s += tf.reduce_sum(e["a"] * e["b"])
        return s

    a(
        "dict",
        lambda: dct(
            tf.data.Dataset.from_tensor_slices({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0]}).batch(2)
        ),
    )
    sh = tf.data.Dataset.range(6).shuffle(6, seed=1).batch(6)

    @tf.function
    def order(d):
        s = tf.zeros([6], tf.int64)
        for b in d:
            s = b
        return s

    a("reshuffled", lambda: [float(np.any(order(sh).numpy() != order(sh).numpy()))])

    @tf.function
    def lim(d):
        n = 0
        for _ in d.take(2):
            n += 1
        return n

    a("take", lambda: lim(ds))
    metric = tf.keras.metrics.Mean()

    @tf.function
    def met(d):
        metric.reset_state()
        for b in d:
            metric.update_state(b)
        return metric.result()

    a("metric", lambda: [met(ds), met(ds)])

    @tf.function
    def zipd(d):
        s = 0.0
        for p, q in tf.data.Dataset.zip((d, d)):
            s += tf.reduce_sum(p * q)
        return s

    a("zip", lambda: zipd(ds))

    return found
