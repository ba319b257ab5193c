"""Small programs in which random programs once found a fault: `FOUND[name]` is (generation of Keras, text)."""

from __future__ import annotations

import textwrap

_TEXTS = {
    "layers in a list": (
        2,
        """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.parts = [keras.layers.BatchNormalization(), keras.layers.Dense(2)]
                self.last = {"b": keras.layers.BatchNormalization(), "a": keras.layers.Dense(1)}

            def call(self, x):
                for part in self.parts:
                    x = part(x)
                return self.last["b"](self.last["a"](x))

        model = Own()
        x = uniform((6, 3), 1)
        model(x)
        record("shapes", [list(one.shape) for one in model.weights])
        fill(model)
        record("predict", model.predict(x, verbose=0))
        model.parts[1].trainable = False
        record("frozen", [list(one.shape) for one in model.weights])
        """,
    ),
    "metrics among the weights": (
        2,
        """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.seen = keras.metrics.Mean(name="seen")
                self.dense = keras.layers.Dense(2)
                self.more = [keras.metrics.Sum(name="sum"), keras.layers.Dense(1)]

            def call(self, x):
                return self.more[1](self.dense(x))

        model = Own()
        model(uniform((6, 3), 1))
        record("shapes", [list(one.shape) for one in model.weights])
        record("trainable", [list(one.shape) for one in model.trainable_weights])
        record("others", [list(one.shape) for one in model.non_trainable_weights])
        model.seen.update_state(5.0)
        record("values", [float(value) for value in model.get_weights() if value.ndim == 0])
        """,
    ),
    "a step without variables": (
        2,
        """
        optimizer = keras.optimizers.SGD(0.1)
        record("iterations", optimizer.apply_gradients([]))
        optimizer.apply_gradients(zip([], []))
        record("iterations", optimizer.iterations)
        variable = tf.Variable(1.0)
        optimizer.apply_gradients([(tf.constant(2.0), variable)])
        record("variable", variable)
        optimizer.apply_gradients([(None, variable)])
        """,
    ),
    "columns of a log": (
        2,
        """
        model = keras.Sequential([keras.layers.Dense(1, input_shape=(3,))])
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mae"])
        x = uniform((6, 3), 1)
        model.fit(x, x[:, :1], epochs=1, verbose=0, callbacks=[keras.callbacks.CSVLogger(path("log.csv"))])
        record("plain", open(path("log.csv")).read().splitlines()[0])
        model.fit(x, x[:, :1], epochs=1, verbose=0, callbacks=[keras.callbacks.CSVLogger(path("log.csv"))],
                  validation_split=0.5)
        record("validated", open(path("log.csv")).read().splitlines()[0])
        """,
    ),
    "scores of each class": (
        2,
        """
        class Own(keras.Model):
            def __init__(self):
                super().__init__()
                self.dense = keras.layers.Dense(3, activation="softmax")

            def call(self, x):
                return self.dense(x)

            def compute_metrics(self, x, y, y_pred, sample_weight):
                results = super().compute_metrics(x, y, y_pred, sample_weight)
                results["means"] = tf.reduce_mean(y_pred, 0)
                results["table"] = tf.linalg.matmul(y_pred, y_pred, transpose_a=True)
                return results

        model = Own()
        x, y = uniform((10, 4), 1), one_hot(integers((10,), 2, 3), 3)
        model(x[:2])
        fill(model)
        model.compile("sgd", "categorical_crossentropy", metrics=[keras.metrics.F1Score()])
        history = model.fit(x, y, batch_size=4, shuffle=False, epochs=2, verbose=0, validation_data=(x[:5], y[:5]))
        record("history", history.history)
        record("batch", model.train_on_batch(x, y, return_dict=True))
        record("evaluate", model.evaluate(x, y, batch_size=3, verbose=0, return_dict=True))
        """,
    ),
    "one score in a list": (
        2,
        """
        model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid", input_shape=(4,))])
        fill(model)
        x, y = uniform((10, 4), 1), one_hot(integers((10,), 2, 3), 3)[:, :1]
        model.compile("sgd", "mse", metrics=[keras.metrics.F1Score(threshold=0.5)])
        callbacks = [
            keras.callbacks.EarlyStopping("f1_score", mode="max"),
            keras.callbacks.ReduceLROnPlateau("f1_score", mode="max"),
            keras.callbacks.ModelCheckpoint(path("best.h5"), "f1_score", save_best_only=True, mode="max"),
        ]
        record("history", model.fit(x, y, epochs=2, verbose=0, shuffle=False, callbacks=callbacks).history)
        record("evaluate", model.evaluate(x, y, verbose=0))
        """,
    ),
    "two metrics of one name": (
        3,
        """
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, activation="softmax")])
        fill(model)
        x, y = uniform((10, 4), 1), integers((10,), 2, 3)
        top = keras.metrics.SparseTopKCategoricalAccuracy
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=[top(1), top(2), "acc"],
                      weighted_metrics=[top(1), top(2), top(3)])
        record("evaluate", model.evaluate(x, y, verbose=0, return_dict=True, sample_weight=np.arange(10.0)))
        """,
    ),
    "two metrics of one name for each output": (
        3,
        """
        inputs = keras.Input((4,))
        outputs = [keras.layers.Dense(1, name=name)(inputs) for name in ("one", "two")]
        model = keras.Model(inputs, outputs)
        fill(model)
        x = uniform((10, 4), 1)
        mae = keras.metrics.MeanAbsoluteError
        model.compile("sgd", ["mse", "mse"], metrics=[[mae(), mae()], [mae()]])
        record("evaluate", model.evaluate(x, [x[:, :1], x[:, 1:2]], verbose=0, return_dict=True))
        """,
    ),
    "names of metrics as written": (
        3,
        """
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
        fill(model)
        model.compile("sgd", "mse", metrics=["AUC", "Precision", "mse", keras.metrics.AUC()])
        x, y = uniform((10, 4), 1), integers((10, 1), 2, 2)
        record("evaluate", model.evaluate(x, y, verbose=0, return_dict=True))
        """,
    ),
    "rows of an ignored class": (
        3,
        """
        metric = keras.metrics.SparseCategoricalCrossentropy(ignore_class=0)
        y, scores = np.array([0, 1, 2]), np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], "float32")
        metric.update_state(y, scores)
        record("plain", metric.result())
        metric.reset_state()
        metric.update_state(y, scores, np.array([1.0, 2.0, 3.0]))
        record("weighted", metric.result())
        """,
    ),
    "rows of an ignored class in Keras 2": (
        2,
        """
        metric = keras.metrics.SparseCategoricalCrossentropy(ignore_class=0)
        y, scores = np.array([0, 1, 2]), np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.1, 0.1, 0.8]], "float32")
        metric.update_state(y, scores)
        record("plain", metric.result())
        metric.reset_state()
        metric.update_state(y, scores, np.array([1.0, 2.0, 3.0]))
        record("weighted", metric.result())
        """,
    ),
}
FOUND = {name: (generation, textwrap.dedent(text).lstrip()) for name, (generation, text) in _TEXTS.items()}
