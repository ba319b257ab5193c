"""Programs with `tf.TensorArray`, `tf.scan` and folds, for real TensorFlow and for Tensorlet: `cases(tf)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def cases(tf: Any) -> dict[str, Callable[[], Any]]:
    """The programs, by name."""
    found: dict[str, Callable[[], Any]] = {}
    C = tf.constant

    def a(name: str, run: Callable[[], Any]) -> None:
        found[name] = run

    def n(value: Any) -> Any:
        return value

    def g(f: Callable[[Any], Any]) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = f(x)
        return tape.gradient(y, x)

    T = tf.TensorArray
    a("wr", lambda: n(T(tf.float32, size=3).write(0, 1.0).write(2, 3.0).stack()))
    a("read", lambda: n(T(tf.float32, size=3).write(0, [1.0, 2.0]).read(0)))
    a("dyn", lambda: n(T(tf.float32, size=0, dynamic_size=True).write(2, 1.0).stack()))
    a("size", lambda: n(T(tf.float32, size=0, dynamic_size=True).write(2, 1.0).size()))
    a("unstack", lambda: n(T(tf.float32, size=2).unstack([[1.0, 2.0], [3.0, 4.0]]).read(1)))
    a(
        "concat",
        lambda: n(T(tf.float32, size=2, infer_shape=False).write(0, [1.0, 2.0]).write(1, [3.0]).concat()),
    )
    a("gather", lambda: n(T(tf.float32, size=3).unstack([1.0, 2.0, 3.0]).gather([2, 0])))
    a("scatter", lambda: n(T(tf.float32, size=3).scatter([2, 0, 1], [1.0, 2.0, 3.0]).stack()))
    a("split", lambda: n(T(tf.float32, size=2, infer_shape=False).split([1.0, 2.0, 3.0], [1, 2]).read(1)))
    a("unwritten", lambda: n(T(tf.float32, size=2, element_shape=[2]).read(0)))
    x = C([1.0, 2.0, 3.0])
    a("scan", lambda: n(tf.scan(lambda a, b: a * 0.9 + b, x)))
    a("scan init", lambda: n(tf.scan(lambda a, b: a + b, x, initializer=10.0)))
    a("scan rev", lambda: n(tf.scan(lambda a, b: a * 2 + b, x, reverse=True)))
    a(
        "scan nest",
        lambda: n(tf.scan(lambda a, b: (a[0] + b[0], a[1] * b[1]), (x, x), initializer=(0.0, 1.0))),
    )
    a("scan nest2", lambda: n(tf.scan(lambda a, b: (a[1], a[0] + a[1]), x, initializer=(0, 1))))
    a("foldl", lambda: n(tf.foldl(lambda a, b: a * 2 + b, x)))
    a("foldl i", lambda: n(tf.foldl(lambda a, b: a * 2 + b, x, initializer=1.0)))
    a("foldr", lambda: n(tf.foldr(lambda a, b: a * 2 + b, x)))
    a("foldr i", lambda: n(tf.foldr(lambda a, b: a * 2 + b, x, initializer=1.0)))
    a("g scan", lambda: g(lambda x: tf.scan(lambda a, b: a * b, x)))
    a("g foldl", lambda: g(lambda x: tf.foldl(lambda a, b: a * b, x)))

    @tf.function
    def disc(r):
        m = tf.shape(r)[0]
        out = T(tf.float32, size=m)
        s = C(0.0)
        r = r[::-1]
        for i in tf.range(m):
            s = r[i] + 0.9 * s
            out = out.write(i, s)
        return out.stack()[::-1]

    a("disc", lambda: n(disc(x)))
    a("g disc", lambda: g(disc))

    @tf.function
    def f_ta(k):
        ta = T(tf.float32, size=k)
        for i in tf.range(k):
            ta = ta.write(i, tf.cast(i, tf.float32) ** 2)
        return ta.stack()

    a("f_ta", lambda: n(f_ta(C(4))))

    @tf.function
    def dyn(k):
        ta = T(tf.float32, size=0, dynamic_size=True)
        for i in tf.range(k):
            if i % 2 == 0:
                ta = ta.write(i // 2, tf.cast(i, tf.float32) ** 2)
        return ta.stack()

    a("dynf", lambda: n(dyn(C(5))))

    @tf.function
    def wh(x):
        ta = T(tf.float32, size=5)
        i = 0
        while tf.reduce_sum(x) < 50.0:
            ta = ta.write(i, x)
            x = x * 2.0
            i += 1
        return ta.stack(), i

    a("wh", lambda: n(wh(C([1.0, 2.0]))))

    @tf.function
    def two(x):
        ta = T(tf.float32, 2)
        ta = ta.unstack(x)
        s = 0.0
        for i in tf.range(ta.size()):
            s += ta.read(i)
        return s

    a("two", lambda: n(two(C([1.0, 2.0]))))

    @tf.function
    def cond(x):
        ta = T(tf.float32, 2).write(0, 5.0)
        if x > 0.0:
            ta = ta.write(1, x)
        else:
            ta = ta.write(1, -x * 2.0)
        return ta.stack()

    a("cond", lambda: n([cond(C(1.0)), cond(C(-1.0))]))

    return found
