"""Small programs of what stands beside control flow: arrays of tensors, signatures, derivatives, printing, summaries.

`FEATURES` has their texts by name; they use what `support.run` gives to a program.
"""

from __future__ import annotations

import textwrap

_TEXTS = {
    "array written in a loop": """
        @tf.function
        def run(x, n):
            array = tf.TensorArray(tf.float32, size=0, dynamic_size=True)
            for i in tf.range(n):
                if x[i] > 0.0:
                    array = array.write(array.size(), x[i] * 2.0)
            return array.stack(), array.size()
        for n in (0, 2, 4):
            record("array", list(run(tf.constant([1.0, -2.0, 3.0, 4.0]), tf.constant(n))))
    """,
    "array of rows, its gradient": """
        @tf.function
        def run(x):
            array = tf.TensorArray(tf.float32, size=3, element_shape=(2,))
            state = tf.zeros(2)
            for i in tf.range(3):
                state = tf.tanh(state + x[i])
                array = array.write(i, state)
            return array.stack()
        x = tf.constant([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = run(x)
            loss = tf.reduce_sum(y * y)
        record("value", y)
        record("gradient", tape.gradient(loss, x))
    """,
    "array unstacked, gathered, concatenated": """
        @tf.function
        def run(x):
            array = tf.TensorArray(tf.float32, size=4, clear_after_read=False).unstack(x)
            return array.read(2), array.gather([0, 3]), array.concat(), array.identity().stack()
        record("array", list(run(tf.reshape(tf.range(8.0), (4, 2)))))
    """,
    "array split": """
        @tf.function
        def run(x):
            array = tf.TensorArray(tf.float32, size=2, infer_shape=False).split(x, [1, 3])
            return array.read(0), array.read(1)
        record("array", list(run(tf.range(4.0))))
    """,
    "array read twice": """
        array = tf.TensorArray(tf.float32, size=2)
        array = array.write(0, 1.0)
        record("first", array.read(0))
        record("second", array.read(0))
    """,
    "array scattered": """
        @tf.function
        def run(x):
            array = tf.TensorArray(tf.float32, size=3).scatter([2, 0, 1], x)
            return array.stack()
        record("array", run(tf.constant([[1.0], [2.0], [3.0]])))
    """,
    "list that grows in a loop of Python": """
        @tf.function
        def run(x):
            parts = []
            for i in range(3):
                if i != 1:
                    parts.append(x * float(i))
            return tf.stack(parts)
        record("list", run(tf.constant([1.0, 2.0])))
    """,
    "shape invariants": """
        @tf.function
        def run(n):
            x = tf.zeros((1, 2))
            for i in tf.range(n):
                tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None, 2]))])
                x = tf.concat([x, tf.ones((1, 2)) * tf.cast(i, tf.float32)], 0)
            return x
        record("rows", run(tf.constant(3)))
        record("rows", run(tf.constant(0)))
    """,
    "shape invariants of while_loop": """
        i, x = tf.while_loop(lambda i, x: i < 4, lambda i, x: (i + 1, tf.concat([x, [tf.cast(i, tf.float32)]], 0)),
                             (tf.constant(0), tf.constant([9.0])),
                             shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])))
        record("x", x)
    """,
    "shape that changes in a loop": """
        @tf.function
        def run(n):
            x = tf.zeros((1,))
            for i in tf.range(n):
                x = tf.concat([x, [1.0]], 0)
            return x
        record("x", run(tf.constant(3)))
    """,
    "dtype that changes in a loop": """
        @tf.function
        def run(n):
            x = tf.constant(0)
            for i in tf.range(n):
                x = tf.constant(0.5)
            return x
        record("x", run(tf.constant(3)))
    """,
    "variable in one branch": """
        @tf.function
        def run(x):
            if x > 0.0:
                y = x
            return y
        record("y", run(tf.constant(1.0)))
    """,
    "return in one branch": """
        @tf.function
        def run(x):
            if x > 0.0:
                return x
        record("y", run(tf.constant(1.0)))
    """,
    "variable first in a loop": """
        @tf.function
        def run(n):
            for i in tf.range(n):
                y = i * 2
            return y
        record("y", run(tf.constant(3)))
    """,
    "maximum_iterations": """
        x = tf.while_loop(lambda x: x < 100.0, lambda x: (x * 2.0,), (tf.constant(1.0),), maximum_iterations=3)
        record("x", x[0])
        @tf.function
        def run(x):
            while x < 100.0:
                tf.autograph.experimental.set_loop_options(maximum_iterations=4)
                x = x * 2.0
            return x
        record("traced", run(tf.constant(1.0)))
    """,
    "do_not_convert": """
        @tf.autograph.experimental.do_not_convert
        def plain(x):
            if x > 0.0:
                return x
            return -x
        @tf.function
        def run(x):
            return plain(x)
        record("x", run(tf.constant(-1.0)))
    """,
    "autograph=False": """
        @tf.function(autograph=False)
        def run(x):
            if x > 0.0:
                return x
            return -x
        record("x", run(tf.constant(-1.0)))
    """,
    "input_signature of other dtype": """
        @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32)])
        def run(x):
            record("traced", x.shape[1])
            return tf.reduce_sum(x, 0)
        record("list", run([[1.0, 2.0]]))
        record("array32", run(np.ones((3, 2), "float32")))
        record("array64", run(np.ones((2, 2))))
        record("whole", run(np.ones((4, 2), "int64")))
    """,
    "input_signature of another dtype of tensor": """
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def run(x):
            return x * 2.0
        record("x", run(tf.constant([1.0], tf.float64)))
    """,
    "input_signature of another rank": """
        @tf.function(input_signature=[tf.TensorSpec([None], tf.float32)])
        def run(x):
            return x * 2.0
        record("x", run(tf.constant([[1.0]])))
    """,
    "input_signature with names and structures": """
        @tf.function(input_signature=[{"a": tf.TensorSpec([], tf.float32), "b": tf.TensorSpec([None], tf.int32)},
                                      tf.TensorSpec([], tf.int32, name="n")])
        def run(parts, n):
            total = parts["a"]
            for e in parts["b"]:
                if e > n:
                    total += tf.cast(e, tf.float32)
            return total
        record("x", run({"a": 1.0, "b": [1, 5, 7]}, 3))
        record("x", run({"a": 2.0, "b": np.int32([9])}, n=3))
    """,
    "retracing": """
        @tf.function
        def run(x):
            record("traced", len(x.shape))
            return x + 1
        for x in (1, 1, 2, tf.constant(1), tf.constant(2), tf.constant([1]), tf.constant([2, 3]), tf.constant([4, 5])):
            run(x)
    """,
    "reduce_retracing": """
        @tf.function(reduce_retracing=True)
        def run(x):
            return tf.reduce_sum(x)
        record("sums", [run(tf.ones((n,))) for n in (1, 2, 3, 4)])
    """,
    "get_concrete_function": """
        @tf.function
        def run(x, flag):
            return x if flag else -x
        one = run.get_concrete_function(tf.TensorSpec([2], tf.float32), False)
        record("x", one(tf.constant([1.0, 2.0])))
        record("shape", list(one.structured_outputs.shape))
    """,
    "forward accumulator": """
        x, w = tf.constant([1.0, 2.0]), tf.Variable([[0.5, 1.5], [2.0, -1.0]])
        with tf.autodiff.ForwardAccumulator(x, tf.constant([1.0, 0.0])) as accumulator:
            y = tf.reduce_sum(tf.tanh(tf.linalg.matvec(w, x)) ** 2)
        record("jvp", accumulator.jvp(y))
        with tf.autodiff.ForwardAccumulator(w, tf.ones((2, 2))) as accumulator:
            with tf.GradientTape() as tape:
                y = tf.reduce_sum(tf.sin(tf.linalg.matvec(w, x)))
            gradient = tape.gradient(y, w)
        record("hvp", accumulator.jvp(gradient))
        record("none", accumulator.jvp(tf.constant(1.0)))
    """,
    "forward accumulator in a function": """
        @tf.function
        def run(x, t):
            with tf.autodiff.ForwardAccumulator(x, t) as accumulator:
                y = x
                for i in tf.range(3):
                    y = y * x if y[0] < 3.0 else tf.sin(y)
            return y, accumulator.jvp(y)
        record("run", list(run(tf.constant([1.5, 0.5]), tf.constant([1.0, 2.0]))))
    """,
    "forward accumulator, several": """
        x, y = tf.constant(2.0), tf.constant(3.0)
        with tf.autodiff.ForwardAccumulator([x, y], [tf.constant(1.0), tf.constant(0.5)]) as accumulator:
            z, u = x * y, x ** 2
        record("jvp", accumulator.jvp([z, u]))
        record("zero", accumulator.jvp(tf.constant(1.0), unconnected_gradients=tf.UnconnectedGradients.ZERO))
    """,
    "batch_jacobian": """
        x = tf.constant([[1.0, 2.0], [3.0, 4.0], [-1.0, 0.5]])
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = tf.stack([x[:, 0] * x[:, 1], tf.sin(x[:, 0]), x[:, 1] ** 2], axis=1)
        record("batch", tape.batch_jacobian(y, x))
        record("loop", tape.batch_jacobian(y, x, experimental_use_pfor=False))
        record("jacobian", tape.jacobian(y, x))
    """,
    "batch_jacobian in a function": """
        dense = keras.layers.Dense(2, activation="tanh")
        dense(tf.ones((1, 3)))
        fill(dense)
        @tf.function
        def run(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = dense(x)
            return tape.batch_jacobian(y, x)
        record("batch", run(uniform((4, 3), 5)))
    """ .replace("run(uniform((4, 3), 5))", "run(tf.constant(uniform((4, 3), 5)))"),
    "jacobian of weights": """
        dense = keras.layers.Dense(2, activation="sigmoid")
        x = tf.constant(uniform((3, 2), 5))
        dense(x)
        fill(dense)
        with tf.GradientTape() as tape:
            y = dense(x)
        record("jacobians", tape.jacobian(y, dense.trainable_variables))
    """,
    "hessian": """
        @tf.function
        def run(x):
            with tf.GradientTape() as outer:
                outer.watch(x)
                with tf.GradientTape() as inner:
                    inner.watch(x)
                    y = tf.reduce_sum(x ** 3) + x[0] * x[1] if x[0] > 0.0 else tf.reduce_sum(x ** 2)
                gradient = inner.gradient(y, x)
            return outer.jacobian(gradient, x)
        record("positive", run(tf.constant([1.0, 2.0])))
        record("negative", run(tf.constant([-1.0, 2.0])))
    """,
    "slices of a gather": """
        table = tf.Variable(uniform((4, 2), 1))
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(tf.gather(table, [1, 3, 1]) ** 2)
        gradient = tape.gradient(y, table)
        record("kind", isinstance(gradient, tf.IndexedSlices))
        record("values", gradient.values)
        record("indices", gradient.indices)
        record("dense", tf.convert_to_tensor(gradient))
        record("dense_shape", gradient.dense_shape)
    """,
    "slices in a function": """
        table = tf.Variable(uniform((4, 2), 1))
        @tf.function
        def run(rows):
            with tf.GradientTape() as tape:
                y = tf.reduce_sum(tf.nn.embedding_lookup(table, rows) ** 2)
            gradient = tape.gradient(y, table)
            if isinstance(gradient, tf.IndexedSlices):
                gradient = tf.IndexedSlices(gradient.values * 0.5, gradient.indices, gradient.dense_shape)
            return tf.convert_to_tensor(gradient)
        record("dense", run(tf.constant([2, 0, 2])))
    """,
    "slices of an embedding, clipped": """
        layer = keras.layers.Embedding(5, 3)
        layer(tf.constant([0]))
        fill(layer)
        with tf.GradientTape() as tape:
            y = tf.reduce_sum(layer(tf.constant([[1, 1, 4]])) ** 2)
        gradients = tape.gradient(y, layer.trainable_variables)
        clipped, norm = tf.clip_by_global_norm(gradients, 0.5)
        record("norm", norm)
        record("clipped", tf.convert_to_tensor(clipped[0]))
        keras.optimizers.SGD(0.1).apply_gradients(zip(clipped, layer.trainable_variables))
        record("weights", layer.get_weights())
    """,
    "slices made by hand": """
        variable = tf.Variable(tf.ones((3, 2)))
        slices = tf.IndexedSlices(tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([2, 0]), tf.constant([3, 2]))
        variable.scatter_sub(slices)
        record("sub", variable)
        variable.scatter_update(tf.IndexedSlices([[9.0, 9.0]], [1]))
        record("update", variable)
        record("batch", variable.scatter_add(tf.IndexedSlices([[1.0, 1.0], [1.0, 1.0]], [1, 1])))
        optimizer = keras.optimizers.Adam(0.1)
        optimizer.apply_gradients([(slices, variable)])
        record("adam", variable)
    """,
    "tf.print of values": """
        import sys
        @tf.function
        def run(x):
            for i in tf.range(2):
                if x > 0.0:
                    tf.print("positive", x, i, output_stream="file://" + path("out.txt"))
                x = x - 1.5
            tf.print([1, 2], {"a": x}, x, sep="|", end="!", output_stream="file://" + path("out.txt"))
            return x
        run(tf.constant(1.0))
        record("printed", open(path("out.txt")).read())
    """,
    "tf.print of tensors": """
        def shown(*values, **options):
            tf.print(*values, output_stream="file://" + path("out.txt"), **options)
        shown(tf.range(10), summarize=2)
        shown(tf.range(10), summarize=-1)
        shown(tf.reshape(tf.range(12.0), (3, 4)))
        shown(tf.constant([True, False]), tf.constant("text"), 1.5, None, (1, tf.constant(2)))
        shown(tf.constant([0.1, 1e-8, 1e10, -0.0, float("nan")]))
        shown(tf.constant(1 / 3), tf.constant(1 / 3, tf.float64), 10 ** 12)
        record("printed", open(path("out.txt")).read())
    """,
    "tf.print of large tensors": """
        def shown(*values, **options):
            tf.print(*values, output_stream="file://" + path("out.txt"), **options)
        shown(tf.reshape(tf.range(100), (10, 10)))
        shown(tf.zeros((2, 0)), tf.zeros((0,)))
        shown(tf.Variable([1.0, 2.0]), np.array([1, 2]))
        shown(tf.reshape(tf.range(16), (2, 2, 2, 2)))
        record("printed", open(path("out.txt")).read())
    """,
    "tf.strings.format": """
        record("text", tf.strings.format("a {} b {}", (tf.constant([1, 2]), tf.constant(0.5))).numpy().decode())
    """,
    "summaries in a function": """
        writer = tf.summary.create_file_writer(path("logs"))
        @tf.function
        def run(x, step):
            with writer.as_default():
                if x > 0.0:
                    tf.summary.scalar("positive", x, step=step)
                for i in tf.range(2):
                    tf.summary.scalar("round", tf.cast(i, tf.float32) * x, step=step + tf.cast(i, tf.int64))
        for step in range(2):
            run(tf.constant(1.0 - 2.0 * step), tf.constant(step, tf.int64))
        writer.flush()
        import glob
        found = []
        for file in glob.glob(path("logs") + "/*"):
            for event in tf.compat.v1.train.summary_iterator(file):
                for value in event.summary.value:
                    found.append([value.tag, event.step, float(tf.make_ndarray(value.tensor))])
        record("summaries", sorted(found))
    """,
    "assert on tensors": """
        @tf.function
        def run(x):
            assert tf.reduce_all(x > 0.0), "not positive"
            return tf.math.log(x)
        record("x", run(tf.constant([1.0, 2.0])))
        record("x", run(tf.constant([1.0, -2.0])))
    """,
    "debugging in a loop": """
        @tf.function
        def run(x):
            for i in tf.range(3):
                tf.debugging.assert_less(x, 5.0, message="too large")
                x = x * 2.0
            return x
        record("x", run(tf.constant(0.5)))
        record("x", run(tf.constant(2.0)))
    """,
    "debugging": """
        tf.debugging.assert_equal(tf.constant([1, 2]), [1, 2])
        tf.debugging.assert_shapes([(tf.ones((2, 3)), ("a", "b")), (tf.ones((3,)), ("b",))])
        tf.debugging.assert_near(1.0, 1.0000001)
        tf.debugging.assert_type(tf.constant(1.0), tf.float32)
        record("checked", tf.debugging.check_numerics(tf.constant([1.0, 2.0]), "here"))
        tf.debugging.check_numerics(tf.constant([1.0, float("nan")]), "here")
    """,
    "control dependencies": """
        v = tf.Variable(1.0)
        @tf.function
        def run(x):
            with tf.control_dependencies([v.assign_add(x)]):
                y = v * 2.0
            done = tf.group(v.assign_add(1.0))
            return y, v.read_value()
        record("first", list(run(tf.constant(3.0))))
        record("v", v)
    """,
    "order of assignments": """
        v, w = tf.Variable(1.0), tf.Variable(2.0)
        @tf.function
        def run(n):
            for i in tf.range(n):
                if v < w:
                    v.assign_add(w)
                    w.assign(v - 0.5)
                else:
                    w.assign_add(1.0)
            return v + w
        record("run", [run(tf.constant(n)) for n in (0, 1, 3)])
        record("v", [v, w])
    """,
    "scan and folds": """
        x = tf.constant([1.0, 2.0, 3.0, 4.0])
        @tf.function
        def run(x):
            sums = tf.scan(lambda a, e: a + e if e > 1.5 else a - e, x)
            left = tf.foldl(lambda a, e: a * 0.5 + e, x, initializer=1.0)
            right = tf.foldr(lambda a, e: a * 0.5 + e, x)
            pair = tf.scan(lambda a, e: (a[0] + e, a[1] * e), x, initializer=(tf.constant(0.0), tf.constant(1.0)))
            return sums, left, right, pair, tf.scan(lambda a, e: a + e, x, reverse=True)
        record("run", list(run(x)))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.reduce_sum(run(x)[0]) + run(x)[1]
        record("gradient", tape.gradient(y, x))
    """,
    "map_fn and vectorized_map": """
        x = tf.reshape(tf.range(6.0), (3, 2))
        record("map", tf.map_fn(lambda r: tf.reduce_sum(r) if r[0] > 1.0 else r[1] * 10.0, x))
        pair = (tf.float32, tf.int32)
        record("pairs", list(tf.map_fn(lambda r: (r[0], tf.cast(r[1], tf.int32)), x, fn_output_signature=pair)))
        record("vectorized", tf.vectorized_map(lambda r: tf.reduce_sum(r) * r, x))
    """,
    "case and switch_case": """
        @tf.function
        def run(x, n):
            one = tf.case([(x < 0.0, lambda: -x), (x < 1.0, lambda: x * 10.0)], default=lambda: x)
            two = tf.switch_case(n, [lambda: x, lambda: x + 1.0, lambda: x + 2.0])
            return one, two
        for x, n in ((-1.0, 0), (0.5, 1), (3.0, 2), (3.0, 7), (3.0, -1)):
            record("run", list(run(tf.constant(x), tf.constant(n))))
    """,
    "numpy_function and py_function": """
        @tf.function
        def run(x):
            y = tf.numpy_function(lambda a: (a * 2).astype("float32"), [x], tf.float32)
            z = tf.py_function(lambda a: a.numpy().sum() if a[0] > 0 else a[1], [x], tf.float32)
            return y, z
        record("run", list(run(tf.constant([1.0, 2.0]))))
        record("run", list(run(tf.constant([-1.0, 2.0]))))
    """,
    "gradient through py_function": """
        x = tf.constant([1.0, 2.0])
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.py_function(lambda a: a ** 2 if a[0] > 0.0 else a, [x], tf.float32)
        record("gradient", tape.gradient(y, x))
    """,
    "custom_gradient with control flow": """
        @tf.custom_gradient
        def clipped(x):
            def gradient(upstream):
                if tf.reduce_sum(upstream) > 1.0:
                    return upstream * 0.5
                return upstream
            return tf.identity(x), gradient
        @tf.function
        def run(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = tf.reduce_sum(clipped(x) * 2.0)
            return tape.gradient(y, x)
        record("run", run(tf.constant([0.1, 0.2])))
        record("run", run(tf.constant([0.1])))
    """,
    "tf.gradients": """
        @tf.function
        def run(x, w):
            y = x * w
            if tf.reduce_sum(y) > 2.0:
                y = y * y
            return tf.gradients(y, [x, w]), tf.gradients(y, x, grad_ys=[tf.constant([1.0, 0.0])])
        record("run", run(tf.constant([1.0, 2.0]), tf.constant([3.0, -1.0])))
        record("run", run(tf.constant([1.0, 2.0]), tf.constant([3.0, 1.0])))
    """,
    "loop over a dataset": """
        data = tf.data.Dataset.range(6).map(lambda i: i if i % 2 == 0 else -i)
        @tf.function
        def run(limit):
            total = tf.constant(0, tf.int64)
            for x in data:
                if x > limit:
                    break
                if x < -3:
                    continue
                total += x
            return total
        record("run", [run(tf.constant(n, tf.int64)) for n in (0, 2, 10)])
    """,
    "loop over batches of a dataset": """
        data = tf.data.Dataset.from_tensor_slices((uniform((7, 2), 1), uniform((7,), 2))).batch(3)
        w = tf.Variable([0.1, 0.2])
        @tf.function
        def epoch():
            loss = 0.0
            steps = 0
            for x, y in data:
                with tf.GradientTape() as tape:
                    error = tf.reduce_mean((tf.linalg.matvec(x, w) - y) ** 2)
                w.assign_sub(0.1 * tape.gradient(error, w))
                loss += error
                steps += 1
            return loss / tf.cast(steps, tf.float32)
        record("losses", [epoch() for _ in range(3)])
        record("w", w)
    """,
    "loop over an enumerated dataset": """
        data = tf.data.Dataset.from_tensor_slices([1.0, 2.0, 3.0])
        @tf.function
        def run():
            total = 0.0
            for i, x in enumerate(data):
                if i == 1:
                    total += 10.0 * x
                else:
                    total += x
            for i, x in data.enumerate():
                total += tf.cast(i, tf.float32) * x
            return total
        record("run", run())
    """,
    "iterator in a function": """
        data = iter(tf.data.Dataset.range(10))
        @tf.function
        def run(n):
            total = tf.constant(0, tf.int64)
            for _ in tf.range(n):
                total += next(data)
            return total
        record("run", [run(tf.constant(2)), run(tf.constant(3))])
    """,
    "while True with break": """
        @tf.function
        def run(x):
            steps = 0
            while True:
                x = x / 2.0
                steps += 1
                if x < 1.0:
                    break
            return x, steps
        record("run", [list(run(tf.constant(v))) for v in (0.5, 3.0, 100.0)])
    """,
    "while with else": """
        @tf.function
        def run(x):
            while x > 1.0:
                x = x - 1.0
                if x == 5.0:
                    break
            else:
                x = x - 100.0
            return x
        record("run", [run(tf.constant(v)) for v in (3.5, 8.0)])
    """,
    "for with else in Python": """
        @tf.function
        def run(x):
            for i in range(3):
                if i == 5:
                    break
            else:
                x = x + 1.0
            return x
        record("run", run(tf.constant(1.0)))
    """,
    "generators and comprehensions": """
        @tf.function
        def run(x):
            pairs = {name: (x if value > 1 else -x) for name, value in (("a", 1), ("b", 2))}
            total = sum(v * 2.0 for v in pairs.values())
            best = max([x, x * 2.0, -x], key=lambda v: 0)
            return total, best, [y for y in (x, x + 1.0)][1]
        record("run", list(run(tf.constant(3.0))))
    """,
    "lambda and partial": """
        import functools
        def scaled(x, factor):
            return x * factor if x > 0.0 else x
        half = functools.partial(scaled, factor=0.5)
        choose = lambda x: tf.constant(1.0) if x > 1.0 else tf.constant(0.0)
        @tf.function
        def run(x):
            return half(x), choose(x), (lambda y: y + 1.0 if y < 0.0 else y)(x)
        record("run", [list(run(tf.constant(v))) for v in (-1.0, 0.5, 2.0)])
    """,
    "methods, properties, callables": """
        class Part:
            def __init__(self):
                self.limit = tf.Variable(1.0)
                self.calls = 0
            @property
            def doubled(self):
                return self.limit * 2.0
            @staticmethod
            def sign(x):
                if x > 0.0:
                    return 1.0
                return -1.0
            @classmethod
            def make(cls, x):
                return x if x > 0.5 else 0.5
            def __call__(self, x):
                self.calls += 1
                if x > self.doubled:
                    self.limit.assign(x)
                    return x - self.sign(x)
                return self.make(x)
        part = Part()
        run = tf.function(part)
        record("run", [run(tf.constant(v)) for v in (0.1, 3.0, 2.0, -7.0)])
        record("limit", part.limit)
        record("calls", part.calls)
    """,
    "attributes set in a branch": """
        class State(tf.Module):
            def __init__(self):
                self.value = tf.constant(1.0)
        state = State()
        @tf.function
        def run(x):
            state.value = x
            if x > 0.0:
                state.value = x * 2.0
            result = state.value
            state.value = None
            return result
        record("run", [run(tf.constant(v)) for v in (1.0, -1.0)])
    """,
    "dictionary in a branch": """
        @tf.function
        def run(x):
            found = {"a": x, "b": tf.zeros(2)}
            if x > 0.0:
                found["a"] = x * 2.0
                found["b"] = tf.ones(2)
            else:
                found["a"] = -x
            return found
        record("run", [run(tf.constant(v)) for v in (1.0, -1.0)])
    """,
    "nested functions and closures": """
        @tf.function
        def run(x):
            total = x
            def add(y):
                nonlocal total
                total = total + y
            add(1.0)
            if x > 0.0:
                add(10.0)
            return total
        record("run", [run(tf.constant(v)) for v in (1.0, -1.0)])
    """,
    "recursion of Python": """
        def power(x, n):
            if n == 0:
                return tf.ones_like(x)
            if n % 2 == 1:
                return x * power(x, n - 1)
            half = power(x, n // 2)
            return half * half
        @tf.function
        def run(x):
            return power(x, 5)
        record("run", run(tf.constant(2.0)))
    """,
    "try and finally": """
        @tf.function
        def run(x):
            try:
                if x > 0.0:
                    y = x * 2.0
                else:
                    y = x
            finally:
                z = x + 1.0
            return y + z
        record("run", [run(tf.constant(v)) for v in (1.0, -1.0)])
    """,
    "raise in a branch of Python": """
        @tf.function
        def run(x, kind):
            if kind == "bad":
                raise ValueError("bad kind")
            return x
        record("run", run(tf.constant(1.0), "good"))
        run(tf.constant(1.0), "bad")
    """,
    "None and tensors": """
        @tf.function
        def run(x, y=None):
            if y is None:
                y = x * 2.0
            if y is not None and x > 0.0:
                y = y + 1.0
            return y
        record("run", [run(tf.constant(1.0)), run(tf.constant(1.0), tf.constant(5.0)), run(tf.constant(-1.0))])
    """,
    "in and not in": """
        @tf.function
        def run(x, kind):
            if kind in ("a", "b") and kind not in ["b"]:
                return x
            return -x
        record("run", [run(tf.constant(1.0), "a"), run(tf.constant(1.0), "b")])
    """,
    "comparisons of vectors": """
        @tf.function
        def run(x):
            y = x > 0.0
            return y, x == 0.5, x != x, tf.logical_and(x > 0.0, x < 1.0), ~y
        record("run", list(run(tf.constant([0.5, -1.0, 2.0]))))
    """,
    "vector as a condition": """
        @tf.function
        def run(x):
            if x > 0.0:
                return x
            return -x
        record("run", run(tf.constant([0.5, -1.0])))
    """,
    "truth of numbers": """
        @tf.function
        def run(n):
            if n:
                return n * 2
            return n - 1
        record("run", [run(tf.constant(v)) for v in (0, 3)])
    """,
    "tensor outside of a function": """
        def choose(x):
            if x > 0.0:
                return "positive"
            return "not"
        record("eager", [choose(tf.constant(1.0)), choose(tf.constant(-1.0))])
        record("loop", [float(x) for x in tf.range(3.0)])
    """,
    "dataset.map with effects": """
        seen = tf.Variable(0)
        def step(x):
            if x > 1:
                seen.assign_add(1)
                return x * 10
            return x
        record("mapped", [x for x in tf.data.Dataset.from_tensor_slices([0, 1, 2, 3]).map(step)])
        record("seen", seen)
    """,
    "dataset.filter, reduce, scan, take_while": """
        data = tf.data.Dataset.range(10)
        def keep(x):
            if x > 5:
                return x % 2 == 0
            return x % 3 == 0
        record("filter", list(data.filter(keep)))
        record("reduce", data.reduce(np.int64(0), lambda a, x: a + x if x > 4 else a))
        record("scan", list(data.scan(np.int64(0), lambda a, x: (a + x, a * 2 if x > 3 else a))))
        record("while", list(data.take_while(lambda x: x < 4 and x != 7)))
        record("flat", list(data.take(3).flat_map(lambda x: tf.data.Dataset.range(x))))
    """,
    "dataset.map of structures": """
        def step(row):
            if row["x"][0] > 0.0:
                row["y"] = row["x"] * 2.0
            else:
                row["y"] = tf.zeros_like(row["x"])
            return row, tf.reduce_sum(row["y"])
        data = tf.data.Dataset.from_tensor_slices({"x": [[1.0, 2.0], [-1.0, 5.0]]})
        record("rows", [[row, total] for row, total in data.map(step, num_parallel_calls=tf.data.AUTOTUNE)])
    """,
    "map after batch": """
        def step(x):
            total = 0.0
            for row in x:
                if row[0] > 0.0:
                    total += row[1]
            return total
        data = tf.data.Dataset.from_tensor_slices([[1.0, 2.0], [-1.0, 5.0], [3.0, 4.0]]).batch(2)
        record("rows", list(data.map(step)))
    """,
    "training with control flow": """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.one, self.two = keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)
                self.step = tf.Variable(0, trainable=False)
            def call(self, x, training=False):
                h = self.one(x)
                if training:
                    self.step.assign_add(1)
                    if self.step % 2 == 0:
                        h = h * 0.5
                for _ in tf.range(2):
                    h = tf.tanh(h)
                return self.two(h)
        model = Own()
        x = uniform((8, 3), 1)
        model(x)
        model.one.set_weights([uniform((3, 4), 2), uniform((4,), 3)])
        model.two.set_weights([uniform((4, 1), 4), uniform((1,), 5)])
        model.compile("sgd", "mse")
        record("history", model.fit(x, x[:, :1], epochs=2, batch_size=2, shuffle=False, verbose=0).history)
        record("predict", model.predict(x, verbose=0))
        record("step", model.step)
    """,
    "to_graph and to_code": """
        def chosen(x):
            if x > 0.0:
                return x
            return -x
        record("graph", tf.autograph.to_graph(chosen)(tf.constant(-3.0)))
        record("code", "if" in tf.autograph.to_code(chosen))
    """,
    "functions in functions": """
        @tf.function
        def inner(x):
            if x > 1.0:
                return x / 2.0
            return x
        @tf.function
        def outer(x):
            for _ in tf.range(3):
                x = inner(x)
            return x
        x = tf.constant(9.0)
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = outer(x)
        record("y", y)
        record("gradient", tape.gradient(y, x))
    """,
    "strings in control flow": """
        @tf.function
        def run(x):
            if x > 0:
                text = tf.constant("positive")
            else:
                text = tf.constant("other")
            if tf.equal(text, "other"):
                x = -x
            return x
        record("run", [run(tf.constant(v)) for v in (3, -4)])
    """,
    "random in a loop": """
        @tf.function
        def run(n):
            total = 0.0
            for _ in tf.range(n):
                x = tf.random.uniform(())
                if 0.0 <= x < 1.0:
                    total += 1.0
            return total
        record("run", run(tf.constant(5)))
    """,
    "slices with tensors": """
        @tf.function
        def run(x, n):
            y = x[:n]
            z = x[n]
            if n > 1:
                z = x[n - 1:n + 1][0]
            return tf.reduce_sum(y), z, tf.shape(y)[0]
        record("run", [list(run(tf.range(5.0), tf.constant(n))) for n in (0, 1, 3)])
    """,
    "print while tracing": """
        @tf.function
        def run(x):
            record("traced", 1)
            return x
        run(tf.constant(1.0))
        run(tf.constant(2.0))
        run(tf.constant([2.0]))
    """,
    "variable made in a function": """
        class Module(tf.Module):
            def __init__(self):
                self.w = None
            @tf.function
            def __call__(self, x):
                if self.w is None:
                    self.w = tf.Variable(2.0)
                return x * self.w
        module = Module()
        record("run", [module(tf.constant(3.0)), module(tf.constant(4.0))])
    """,
    "variable made in each call": """
        @tf.function
        def run(x):
            v = tf.Variable(1.0)
            return v + x
        record("run", run(tf.constant(1.0)))
    """,
    "stop_gradient and where": """
        @tf.function
        def run(x):
            y = tf.where(x > 0.0, x * 2.0, tf.stop_gradient(x) * 3.0)
            if tf.reduce_sum(y) > 0.0:
                y = y * y
            return tf.gradients(tf.reduce_sum(y), x)[0]
        record("run", [run(tf.constant(v)) for v in ([1.0, -0.5], [-1.0, 0.1])])
    """,
    "scatter and gather in loops": """
        @tf.function
        def run(x):
            y = tf.zeros_like(x)
            for i in tf.range(tf.shape(x)[0]):
                if x[i] > 0.0:
                    y = tf.tensor_scatter_nd_update(y, [[i]], [x[i] * 2.0])
            return y
        record("run", run(tf.constant([1.0, -1.0, 3.0])))
    """,
    "early return from loops": """
        @tf.function
        def run(x, limit):
            for i in tf.range(tf.shape(x)[0]):
                if x[i] > limit:
                    return i
            return -1
        record("run", [run(tf.constant([1.0, 4.0, 9.0]), tf.constant(v)) for v in (0.0, 5.0, 50.0)])
    """,
    "return in while": """
        @tf.function
        def run(x):
            while x > 0:
                if x % 7 == 0:
                    return x * 100
                x = x - 1
            return x
        record("run", [run(tf.constant(v)) for v in (20, 5)])
    """,
    "switch of optimizers": """
        v = tf.Variable(1.0)
        one, two = keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.5)
        one.build([v]), two.build([v])
        @tf.function
        def run(n):
            gradient = v * 2.0
            if n % 2 == 0:
                one.apply_gradients([(gradient, v)])
            else:
                two.apply_gradients([(gradient, v)])
            return v.read_value()
        record("run", [run(tf.constant(n)) for n in (0, 1, 2)])
    """,
    "metrics in a function": """
        mean, accuracy = keras.metrics.Mean(), keras.metrics.BinaryAccuracy()
        @tf.function
        def run(x, y):
            if tf.reduce_mean(x) > 0.0:
                mean.update_state(x)
            accuracy.update_state(y, x)
            return mean.result()
        record("run", [run(tf.constant(v), tf.constant([1.0, 0.0])) for v in ([0.9, 0.2], [-0.3, 0.1], [0.4, 0.8])])
        record("accuracy", accuracy.result())
    """,
}  # fmt: skip

FEATURES = {name: textwrap.dedent(text).lstrip() for name, text in _TEXTS.items()}
