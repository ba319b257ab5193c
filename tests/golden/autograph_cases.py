"""Programs with Python's control flow on tensors, for real TensorFlow and for Tensorlet: `cases(tf)`.

Each case is a function without arguments that returns numbers in lists; `make_autograph_golden.py` writes what real
TensorFlow gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def cases(tf: Any) -> dict[str, Callable[[], Any]]:
    """The programs, by name."""
    found: dict[str, Callable[[], Any]] = {}

    def attempt(name: str, run: Callable[[], Any]) -> None:
        found[name] = run

    C = tf.constant

    # elif chain
    @tf.function
    def chain(x):
        if x < 0.0:
            y = -x
        elif x < 1.0:
            y = x * 10.0
        elif x < 2.0:
            y = x * 100.0
        else:
            y = x * 1000.0
        return y

    attempt("elif", lambda: [chain(C(v)) for v in (-2.0, 0.5, 1.5, 2.5)])

    @tf.function
    def early(x):
        if x < 0.0:
            return C(-1.0)
        x = x + 1.0
        if x > 5.0:
            return x * 2.0
        if x > 3.0:
            x = x * 3.0
            if x > 14.0:
                return x
        return x - 1.0

    attempt("early", lambda: [early(C(v)) for v in (-2.0, 1.0, 2.5, 3.9, 6.0)])

    def helper(x):
        if tf.reduce_sum(x) > 3.0:
            return x * 2.0
        return x * 5.0

    @tf.function
    def calls(x):
        return helper(x) + helper(x * 10.0)

    attempt("called", lambda: calls(C([1.0, 1.0])))

    class M(tf.Module):
        def __init__(self):
            self.v = tf.Variable(2.0)
            self.k = 3

        def inner(self, x):
            if x > self.v:
                return x - self.v
            return x + self.v

        @tf.function
        def __call__(self, x):
            y = self.inner(x)
            if self.k > 2:
                y = y * 2.0
            return y

    m = M()
    attempt("method", lambda: [m(C(5.0)), m(C(1.0))])

    @tf.function
    def wh(x):
        i = 0
        while x < 100.0:
            x = x * 2.0
            i += 1
        return x, i

    attempt("while", lambda: wh(C(3.0)))

    @tf.function
    def collatz(n):
        steps = 0
        while n != 1:
            if n % 2 == 0:
                n = n // 2
            else:
                n = 3 * n + 1
            steps += 1
        return steps

    attempt("collatz", lambda: collatz(C(27)))

    @tf.function
    def nested(n, m):
        s = 0
        for i in tf.range(n):
            for j in tf.range(m):
                if j > i:
                    break
                if (i + j) % 2 == 1:
                    continue
                s += i * j
        return s

    attempt("nested", lambda: nested(C(6), C(5)))

    @tf.function
    def primes(n):
        c = 0
        for i in tf.range(2, n):
            p = True
            for j in tf.range(2, i):
                if i % j == 0:
                    p = False
                    break
            if p:
                c += 1
        return c

    attempt("primes", lambda: primes(C(30)))

    @tf.function
    def fib(n):
        a, b = 0, 1
        for _ in tf.range(n):
            a, b = b, a + b
        return a

    attempt("fib", lambda: fib(C(10)))

    @tf.function
    def rows(x):
        t = tf.zeros([2])
        for r in x:
            t += r * r
        return t

    attempt("rows", lambda: rows(C([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])))

    @tf.function
    def enum(x):
        t = 0.0
        for i, r in enumerate(x):
            t += tf.cast(i, tf.float32) * r
        return t

    attempt("enum", lambda: enum(C([1.0, 2.0, 3.0])))

    @tf.function
    def logic(x, y):
        return (x > 0.0 and y > 0.0, x > 0.0 or y > 0.0, not x > 0.0, 0.0 < x < y, 0.0 < x < y < 3.0)

    attempt("logic", lambda: [logic(C(1.0), C(2.0)), logic(C(-1.0), C(2.0)), logic(C(1.0), C(4.0))])

    @tf.function
    def tern(x):
        return x if x > 0.0 else (C(0.0) if x > -1.0 else -x)

    attempt("ternary", lambda: [tern(C(v)) for v in (2.0, -0.5, -3.0)])

    @tf.function
    def newton(a):
        x = a
        while tf.abs(x * x - a) > 1e-5:
            x = 0.5 * (x + a / x)
        return x

    attempt("newton", lambda: newton(C(7.0)))

    def grad(f, *args):
        args = [C(a) for a in args]
        with tf.GradientTape() as t:
            for a in args:
                t.watch(a)
            y = f(*args)
        return t.gradient(y, args)

    attempt("g newton", lambda: grad(newton, 7.0))
    attempt("g chain", lambda: [grad(chain, v) for v in (-2.0, 0.5, 1.5, 2.5)])
    attempt("g early", lambda: [grad(early, v) for v in (-2.0, 1.0, 2.5, 3.9, 6.0)])
    attempt("g while", lambda: grad(lambda x: wh(x)[0], 3.0))
    attempt("g rows", lambda: grad(rows, [[1.0, 2.0], [3.0, 4.0]]))
    attempt("g called", lambda: grad(calls, [1.0, 1.0]))
    w = tf.Variable([1.0, 2.0])

    @tf.function
    def power(x, n):
        y = x
        for i in tf.range(n):
            if tf.cast(i, tf.float32) < 2.0:
                y = y * w
            else:
                y = y + w * x
        return tf.reduce_sum(y)

    def gp():
        x = C([3.0, 4.0])
        with tf.GradientTape() as t:
            t.watch(x)
            y = power(x, C(4))
        return [y, *t.gradient(y, [x, w])]

    attempt("g power", gp)

    @tf.function
    def inner_grad(x):
        if x > 0.0:
            with tf.GradientTape() as t:
                t.watch(x)
                y = x**3
            g = t.gradient(y, x)
        else:
            g = x
        return g

    attempt("inner grad", lambda: [inner_grad(C(2.0)), inner_grad(C(-2.0))])
    v = tf.Variable(0.0)

    @tf.function
    def assign(n):
        for i in tf.range(n):
            if i % 2 == 0:
                v.assign_add(tf.cast(i, tf.float32))
            else:
                v.assign(v * 2.0)
        return v + 0.0

    attempt("assign", lambda: [assign(C(5)), v])
    u = tf.Variable(1.0)

    @tf.function
    def sgd(n):
        for _ in tf.range(n):
            with tf.GradientTape() as t:
                loss = (u - 3.0) ** 2
            u.assign_sub(0.1 * t.gradient(loss, u))
        return u + 0.0

    attempt("sgd", lambda: [sgd(C(20)), u])

    @tf.function
    def structure(x, n):
        state = {"a": x, "b": (x * 2.0, 0)}
        for _ in tf.range(n):
            a, (b, k) = state["a"], state["b"]
            state = {"a": a + b, "b": (b * 0.5, k + 1)}
        return state

    attempt("structure", lambda: structure(C(1.0), C(3)))

    @tf.function
    def swap(x):
        a = x
        b = x * 2.0
        if x > 0.0:
            a, b = b, a
        return a, b

    attempt("swap", lambda: [swap(C(1.0)), swap(C(-1.0))])

    @tf.function
    def local_fn(x):
        def f(y):
            if y > 1.0:
                return y * 2.0
            return y

        def g(z):
            return z if z > 0.0 else -z

        return f(x) + g(-x)

    attempt("local", lambda: [local_fn(C(2.0)), local_fn(C(0.5))])

    @tf.function
    def with_default(x, n=3, *, scale=2.0):
        for _ in range(n):
            if x > 10.0:
                x = x - 10.0
            x = x * scale
        return x

    attempt("defaults", lambda: [with_default(C(1.0)), with_default(C(9.0), 2, scale=3.0)])

    @tf.function
    def shape_if(x):
        if x.shape[0] > 2:
            return tf.reduce_sum(x)
        return tf.reduce_prod(x)

    attempt("static", lambda: [shape_if(C([1.0, 2.0, 3.0])), shape_if(C([5.0, 6.0]))])

    @tf.function
    def while_and(x, y):
        while x < 10.0 and y < 10.0:
            x, y = x + 1.0, y * 2.0
        return x, y

    attempt("while and", lambda: while_and(C(0.0), C(1.0)))

    @tf.function
    def lst(x):
        pair = [x, x * 2.0]
        if x > 0.0:
            pair = [pair[1], pair[0]]
        return pair

    attempt("list", lambda: [lst(C(1.0)), lst(C(-1.0))])

    @tf.function
    def argm(x):
        best, at = x[0], 0
        for i in tf.range(1, tf.shape(x)[0]):
            if x[i] > best:
                best, at = x[i], i
        return best, at

    attempt("argmax", lambda: argm(C([3.0, 9.0, 2.0])))

    @tf.function
    def bubble(x):
        n = tf.shape(x)[0]
        for _ in tf.range(n):
            for j in tf.range(n - 1):
                if x[j] > x[j + 1]:
                    x = tf.tensor_scatter_nd_update(x, [[j], [j + 1]], [x[j + 1], x[j]])
        return x

    attempt("bubble", lambda: bubble(C([3.0, 9.0, 2.0, 1.0])))

    @tf.function
    def rnd(n):
        a = tf.zeros([])
        b = tf.zeros([])
        for _ in tf.range(n):
            a = b
            b = tf.random.uniform([])
        return a != b

    attempt("random rounds", lambda: rnd(C(2)))

    @tf.function
    def zero(n):
        s = 5.0
        for _ in tf.range(n):
            s = s + 1.0
        return s

    attempt("no rounds", lambda: zero(C(0)))

    @tf.function
    def walrus(x):
        if (y := x * 2.0) > 3.0:
            return y
        return x

    attempt("walrus", lambda: [walrus(C(2.0)), walrus(C(1.0))])

    @tf.function
    def downto(n):
        s = 0
        for i in tf.range(n, 0, -2):
            s = s * 10 + i
        return s

    attempt("downto", lambda: downto(C(7)))

    @tf.function
    def trycatch(x):
        try:
            if x > 0.0:
                y = x * 2.0
            else:
                y = x
        finally:
            z = 1.0
        return y + z

    attempt("try", lambda: [trycatch(C(2.0)), trycatch(C(-2.0))])

    @tf.function
    def with_return(x):
        with tf.name_scope("a"):
            if x > 0.0:
                return x * 2.0
            return x

    attempt("with", lambda: [with_return(C(2.0)), with_return(C(-2.0))])

    @tf.function
    def nothing(x):
        if x > 0.0:
            v.assign(7.0)

    attempt("none", lambda: [nothing(C(2.0)), v])
    return found
