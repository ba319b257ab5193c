"""Random programs with Python's control flow on tensors: `program(seed)` is the text of one.

A function of two numbers, a whole number and a vector is drawn statement by statement; all its values stay small. It
runs where users write control flow: in traced functions and what they call, in layers, losses, metrics, steps of
training and `Dataset.map`, and under a tape.
"""

from __future__ import annotations

import random
import textwrap

#: The names of the drawn function, by kind: numbers, whole numbers, vectors of four.
NAMES = {"f": ("a", "b", "c"), "i": ("n", "m"), "v": ("v", "w")}
RESULT = "a, b, c, n, m, v, w"
HELPERS = """
k = 3
flag = True
count = tf.Variable(0.0)


def helper(x, n):
    if x > 0.5 and n > 1:
        return x * 0.5
    if n == 0:
        x = x - 0.25
    return x + 0.125


def longest(x):
    steps = 0
    while tf.reduce_sum(tf.abs(x)) > 1.0:
        x = x * 0.5
        steps += 1
        if steps > 6:
            break
    return x, steps


def last_positive(x):
    found = -1.0
    for e in x:
        if e <= 0.0:
            continue
        found = e
    return found
"""


class Draw:
    """Draws the statements of one function."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.fresh = 0

    def number(self, depth: int = 0) -> str:
        a, b = (self.rng.choice(NAMES["f"]) for _ in range(2))
        forms = [f"{a} + {b}", f"{a} * 0.5", f"{a} - 0.3", f"tf.sin({a} + {b})", f"tf.reduce_mean({self.one('v')})",
                 f"0.1 * tf.cast({self.one('i')}, tf.float32)", f"{self.one('v')}[1]", f"tf.tanh({a} * {b})", "0.75",
                 f"helper({a}, {self.one('i')})", f"last_positive({self.one('v')})", f"max({a}, {b})", f"abs({a})",
                 f"{a} if {self.condition()} else {b}", f"(lambda x: x * 0.5 if x > 0.0 else -x)({a})",
                 f"tf.cond({a} > {b}, lambda: {a}, lambda: {b} * 0.5)", f"float({self.one('i')}) * 0.1"]  # fmt: skip
        return self.rng.choice(forms)

    def whole(self) -> str:
        n = self.one("i")
        v = self.one("v")
        return self.rng.choice((
            f"{n} + 1", f"{n} - 1", f"{n} % 3", f"{n} // 2", "2", "k", f"tf.size({v})", f"len({v})",
            f"int({self.one('f')} * 2.0)", f"{n} if {self.condition()} else 1", f"longest({v})[1]", f"min({n}, 3)",
        ))  # fmt: skip

    def vector(self) -> str:
        v, a = self.one("v"), self.one("f")
        return self.rng.choice((f"{v} * 0.5", f"{v} + {a}", f"tf.where({v} > 0.0, {v}, -{v})", f"tf.reverse({v}, [0])",
                                f"tf.stack([{a}, {self.one('f')}, 0.5, {v}[0]])", f"longest({v})[0]", f"tf.sin({v})",
                                f"tf.map_fn(lambda x: x if x > {a} else 0.5 * x, {v})",
                                f"{v} if {self.condition()} else {self.one('v')}"))  # fmt: skip

    def one(self, kind: str) -> str:
        return self.rng.choice(NAMES[kind])

    def condition(self, depth: int = 0) -> str:
        a, b, n = self.one("f"), self.one("f"), self.one("i")
        forms = [f"{a} > {b}", f"{a} < 0.4", f"0.05 < {a} < 0.95", f"{n} % 2 == 0", f"{n} > 2",
                 f"{n} != {self.one('i')}",
                 f"tf.reduce_any({self.one('v')} > 0.45)", "flag", "k > 2", f"tf.equal({n}, 1)"]  # fmt: skip
        if depth < 2 and self.rng.random() < 0.4:
            left, right = self.condition(depth + 1), self.condition(depth + 1)
            return self.rng.choice(
                (f"({left} and {right})", f"({left} or {right})", f"not ({left})", f"{left} and not {right}")
            )
        return self.rng.choice(forms)

    def assignment(self) -> list[str]:
        kind = self.rng.choice("fffiv")
        name = self.one(kind)
        if kind != "i" and self.rng.random() < 0.2:
            return [
                f"{name} {self.rng.choice(('+=', '-=', '*='))} {self.rng.choice(('0.25', self.one('f')))}"
            ]
        expression = {"f": self.number, "i": self.whole, "v": self.vector}[kind]()
        return [f"{name} = {expression}"]

    def block(self, depth: int, loop: bool, most: int = 3) -> list[str]:
        """Some statements; ``loop`` says whether ``break`` and ``continue`` may stand among them."""
        lines: list[str] = []
        for _ in range(self.rng.randint(1, most)):
            lines += self.statement(depth, loop)
        return lines

    def statement(self, depth: int, loop: bool) -> list[str]:
        draw = self.rng.random()
        if loop and draw < 0.12:
            return [f"if {self.condition()}:", f"    {self.rng.choice(('break', 'continue'))}"]
        if draw < 0.2:
            return (
                [f"if {self.condition()}:", f"    return {RESULT}"]
                if draw > 0.15
                else ["count.assign_add(a)"]
            )
        if depth < 3 and draw < 0.62:
            return self.rng.choice((self.branch, self.branch, self.whiles, self.ranges, self.others))(
                depth + 1, loop
            )
        return self.assignment()

    def branch(self, depth: int, loop: bool) -> list[str]:
        lines = [f"if {self.condition()}:", *indented(self.block(depth, loop))]
        for _ in range(self.rng.choice((0, 0, 1, 2))):
            lines += [f"elif {self.condition()}:", *indented(self.block(depth, loop))]
        if self.rng.random() < 0.5:
            lines += ["else:", *indented(self.block(depth, loop))]
        return lines

    def whiles(self, depth: int, loop: bool) -> list[str]:
        self.fresh += 1
        rounds = f"rounds_{self.fresh}"
        start = self.rng.choice((f"{rounds} = 0", f"{rounds} = tf.constant(0)"))
        head = self.rng.choice((f"while {rounds} < n:", f"while {rounds} < 3 and {self.condition()}:",
                                f"while tf.less({rounds}, 2):", "while True:"))  # fmt: skip
        body = [f"{rounds} += 1"]
        body += [f"if {rounds} > 4:", "    break"]
        return [start, head, *indented([*body, *self.block(depth, True)])]

    def ranges(self, depth: int, loop: bool) -> list[str]:
        self.fresh += 1
        i = f"i_{self.fresh}"
        over = self.rng.choice(
            ("tf.range(n)", "tf.range(3)", "range(k)", "tf.range(m, 4)", "range(n)", "tf.range(n, 0, -1)")
        )
        use = self.rng.choice(
            (f"a = a + 0.1 * tf.cast({i}, tf.float32)", f"m = {i} % 3", f"c = 0.5 * c + v[{i} % 4]")
        )
        return [f"for {i} in {over}:", *indented(["if n > 5:", "    break", use, *self.block(depth, True)])]

    def others(self, depth: int, loop: bool) -> list[str]:
        self.fresh += 1
        e = f"e_{self.fresh}"
        body = indented([f"b = 0.5 * b + 0.25 * {e}", *self.block(depth, True, 2)])
        return self.rng.choice((
            [f"for {e} in v:", *body],
            [f"for {e} in (a, b):", *body],
            [f"for j, {e} in enumerate(w):", *body],
            [f"for {e}, z in zip(v, w):", *indented([f"c = {e} - z"]), *body],
            [f"for {e} in tf.stack([v, w]):", *indented([f"{e} = {e}[2]"]), *body],
            [f"for {e} in tf.data.Dataset.from_tensor_slices(np.float32([0.25, 0.5, 0.75])):", *body],
            ["assert tf.size(v) == 4"],
            ["with tf.name_scope('part'):", *indented(self.block(depth, loop))],
            ["parts = [x if x > 0.2 else 0.2 for x in (a, b, c)]", "c = sum(parts) * 0.3"],
            ["def inner(x):", *indented([f"if x > {self.one('f')}:", "    return x * 0.5", "return x - 0.1"]),
             "b = inner(b)"],
            ["array = tf.TensorArray(tf.float32, size=3)", "for j in tf.range(3):",
             *indented([f"if {self.condition()}:", "    a = a * 0.5", "array = array.write(j, a)"]),
             "c = tf.reduce_mean(array.stack())"],
            ["if (half := a * 0.5) > 0.2:", "    b = half", "else:", "    b = half + 0.2"],
        ))  # fmt: skip


def indented(lines: list[str]) -> list[str]:
    return [f"    {line}" for line in lines]


INPUTS = (
    "[(0.3, 0.9, 2, [0.1, -0.4, 0.7, 0.2]), (-0.5, 0.2, 0, [-0.3, -0.1, -0.6, -0.9]), "
    "(1.2, 0.6, 3, [0.9, 0.8, 0.1, 0.4])]"
)
TENSORS = "tf.constant(p), tf.constant(q), tf.constant(n), tf.constant(v)"
#: Where the function runs, and what is recorded.
CONTEXTS = {
    "traced": f"""
        run = tf.function(drawn)
        for p, q, n, v in {INPUTS}:
            record("values", list(run({TENSORS})))
        record("count", count)
    """,
    "called": f"""
        @tf.function
        def run(p, q, n, v):
            if p > 0.0:
                return drawn(p, q, n, v)[0]
            return drawn(q, p, n, v)[1]
        for p, q, n, v in {INPUTS}:
            record("values", run({TENSORS}))
        record("count", count)
    """,
    "gradient": f"""
        @tf.function
        def run(p, q, n, v):
            with tf.GradientTape() as tape:
                tape.watch([p, q, v])
                a, b, c, n, m, v2, w = drawn(p, q, n, v)
                total = a + b + c + tf.reduce_sum(v2 * w)
            return tape.gradient(total, [p, q, v], unconnected_gradients="zero")
        for p, q, n, v in {INPUTS}:
            record("gradients", run({TENSORS}))
    """,
    "outer tape": f"""
        run = tf.function(drawn)
        for p, q, n, v in {INPUTS}:
            x = tf.constant(p)
            with tf.GradientTape() as tape:
                tape.watch(x)
                a, b, c, n, m, v2, w = run(x, tf.constant(q), tf.constant(n), tf.constant(v))
                total = a + b + c + tf.reduce_sum(v2 * w)
            record("gradient", tape.gradient(total, x, unconnected_gradients="zero"))
    """,
    "layer": """
        class Own(keras.layers.Layer):
            def call(self, x, training=None):
                a, b, c, n, m, v, w = drawn(tf.reduce_mean(x), x[0, 0], tf.constant(2), x[0, :4])
                return x + a + v[1]

        model = keras.Sequential([keras.Input((4,)), Own(), keras.layers.Dense(1)])
        fill(model)
        x = uniform((6, 4), 3)
        model.compile("sgd", "mse")
        record("history", model.fit(x, x[:, :1], batch_size=3, epochs=2, shuffle=False, verbose=0).history)
        record("predict", model.predict(x, batch_size=3, verbose=0))
    """,
    "loss": """
        def loss(true, predicted):
            a, b, c, n, m, v, w = drawn(tf.reduce_mean(predicted), true[0, 0], tf.constant(2), predicted[:4, 0])
            return tf.square(true - predicted) + 0.1 * a

        def metric(true, predicted):
            return drawn(tf.reduce_mean(predicted), true[0, 0], tf.constant(1), predicted[:4, 0])[5]

        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
        fill(model)
        x = uniform((8, 4), 3)
        model.compile("sgd", loss, metrics=[metric])
        record("history", model.fit(x, x[:, :1], batch_size=4, epochs=2, shuffle=False, verbose=0).history)
        record("weights", model.get_weights())
    """,
    "train_step": """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.dense = keras.layers.Dense(1)

            def call(self, x):
                return self.dense(x)

            def train_step(self, data):
                x, y = data
                with tf.GradientTape() as tape:
                    predicted = self(x, training=True)
                    a, b, c, n, m, v, w = drawn(tf.reduce_mean(predicted), y[0, 0], tf.constant(2), x[0, :4])
                    loss = tf.reduce_mean(tf.square(y - predicted)) + 0.1 * a
                    if loss > 0.2:
                        loss = loss * 0.5
                gradients = tape.gradient(loss, self.trainable_variables)
                self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
                return {"loss": loss, "a": a, "b": b}

        model = Own()
        x = uniform((8, 4), 3)
        model(x)
        fill(model)
        model.compile("sgd")
        record("history", model.fit(x, x[:, :1], batch_size=4, epochs=2, shuffle=False, verbose=0).history)
        record("weights", model.get_weights())
    """,
    "map": """
        data = tf.data.Dataset.from_tensor_slices((uniform((5,), 1), uniform((5, 4), 2), np.arange(5, dtype="int32")))
        for found in data.map(lambda p, v, n: drawn(p, v[0], n, v)):
            record("element", list(found))
    """,
}  # fmt: skip


def program(seed: int) -> str:
    """The text of the program with this number."""
    rng = random.Random(f"control flow {seed}")
    draw = Draw(rng)
    body: list[str] = []
    while len(body) < 6:
        body += draw.statement(0, False)
    context = rng.choice(list(CONTEXTS))
    start = ["c = a * b", "m = n + 1", "w = v * 0.5"]
    if context in ("map", "layer", "loss", "train_step"):
        body = [line for line in body if "count." not in line]
        body = body or ["a = a + b"]
    lines = [f"# control flow {seed}: {context}", *HELPERS.splitlines(), "", "def drawn(a, b, n, v):"]
    lines += indented([*start, *passed(body), f"return {RESULT}"])
    return "\n".join([*lines, *textwrap.dedent(CONTEXTS[context]).splitlines()]) + "\n"


def passed(lines: list[str]) -> list[str]:
    """Statements with ``pass`` where a block has lost its only one."""
    found: list[str] = []
    for number, line in enumerate(lines):
        found.append(line)
        space = len(line) - len(line.lstrip())
        after = lines[number + 1] if number + 1 < len(lines) else ""
        if line.endswith(":") and len(after) - len(after.lstrip()) <= space:
            found.append(" " * (space + 4) + "pass")
    return found
