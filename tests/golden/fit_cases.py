"""Uses of Keras's models whose results are compared with real Keras 2: each case gets ``tf`` and ``keras``."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np

CASES: dict[str, Callable[[Any, Any], Any]] = {}
ROWS = 30
_random = np.random.default_rng(5)
X = _random.normal(size=(ROWS, 4)).astype(np.float32)
Y = (X[:, 0] > 0).astype(np.int64) + (X[:, 1] > 0.5)
TARGET = (X[:, :1] - X[:, 1:2] * 0.5).astype(np.float32)
WEIGHT = np.linspace(0.2, 2.0, ROWS).astype(np.float32)
#: Settings of `fit` that every case shares.
QUIET: dict[str, Any] = {"shuffle": False, "verbose": 0}


def case(run: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Adds a case."""
    CASES[run.__name__] = run
    return run


def numbers(*shape: int) -> np.ndarray:
    """Fixed weights of a shape."""
    count = int(np.prod(shape))
    return (np.sin(np.arange(1, count + 1) * 1.7) * 0.5).astype(np.float32).reshape(shape)


def fixed(model: Any) -> Any:
    """The model with fixed weights."""
    model.set_weights([numbers(*np.shape(array)) for array in model.get_weights()])
    return model


def classifier(keras: Any, **settings: Any) -> Any:
    model = fixed(
        keras.Sequential(
            [
                keras.layers.Dense(5, activation="tanh", input_shape=(4,), name="hidden"),
                keras.layers.Dense(3, activation="softmax", name="scores"),
            ]
        )
    )
    settings = {"loss": "sparse_categorical_crossentropy", "metrics": ["accuracy"]} | settings
    model.compile(optimizer=keras.optimizers.SGD(0.2), **settings)
    return model


def plain(value: Any) -> Any:
    """Lists, dictionaries and numbers of anything."""
    if isinstance(value, dict):
        return {str(name): plain(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    array = np.asarray(value)
    return array.tolist() if array.ndim else array.item()


def told(model: Any, history: Any) -> dict[str, Any]:
    """What a training left."""
    return {"history": history.history, "epochs": list(history.epoch), "weights": model.get_weights()}


@case
def validation_split(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return told(model, model.fit(X, Y, batch_size=8, epochs=3, validation_split=0.25, **QUIET))


@case
def validation_every_second_epoch(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return told(model, model.fit(X, Y, epochs=5, validation_data=(X[:7], Y[:7]), validation_freq=2, **QUIET))


@case
def validation_after_named_epochs(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return told(
        model, model.fit(X, Y, epochs=5, validation_data=(X[:7], Y[:7]), validation_freq=[1, 4], **QUIET)
    )


@case
def validation_with_weights(tf: Any, keras: Any) -> Any:
    model = classifier(keras, weighted_metrics=["accuracy"])
    validation = (X[:9], Y[:9], WEIGHT[:9])
    return told(
        model, model.fit(X, Y, epochs=2, validation_data=validation, validation_batch_size=4, **QUIET)
    )


@case
def weights_of_rows(tf: Any, keras: Any) -> Any:
    model = classifier(keras, metrics=["accuracy"], weighted_metrics=["accuracy"])
    return told(model, model.fit(X, Y, batch_size=8, epochs=3, sample_weight=WEIGHT, **QUIET))


@case
def weights_of_some_classes(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return told(
        model, model.fit(X, Y, batch_size=8, epochs=2, class_weight={0: 1.0, 1: 4.0, 2: 1.0}, **QUIET)
    )


@case
def later_first_epoch(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return told(model, model.fit(X, Y, batch_size=8, epochs=5, initial_epoch=3, **QUIET))


@case
def trained_twice(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    first = model.fit(X, Y, batch_size=8, epochs=2, **QUIET)
    second = model.fit(X, Y, batch_size=8, epochs=2, **QUIET)
    return [told(model, first), told(model, second), model.history.history]


@case
def steps_decide_about_batches(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return told(model, model.fit(X, Y, steps_per_epoch=5, epochs=2, **QUIET))


@case
def steps_of_a_dataset_go_on(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4).repeat()
    return told(model, model.fit(dataset, steps_per_epoch=3, epochs=4, verbose=0))


@case
def validation_steps_begin_again(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(4)
    settings = {"validation_data": dataset, "validation_steps": 2, "verbose": 0}
    return told(model, model.fit(dataset, epochs=3, **settings))


@case
def dataset_with_weights_of_classes(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(7).prefetch(1)
    return told(model, model.fit(dataset, epochs=2, class_weight={0: 1.0, 1: 3.0, 2: 2.0}, verbose=0))


@case
def mapped_dataset(tf: Any, keras: Any) -> Any:
    model = classifier(keras, loss="categorical_crossentropy")
    dataset = (
        tf.data.Dataset.from_tensor_slices((X * 10, Y))
        .map(lambda x, y: (x / 10.0, tf.one_hot(y, 3)))
        .batch(8)
    )
    return [told(model, model.fit(dataset, epochs=2, verbose=0)), model.evaluate(dataset, verbose=0)]


@case
def generator_with_steps(tf: Any, keras: Any) -> Any:
    def batches() -> Any:
        while True:
            for start in range(0, ROWS, 8):
                yield X[start : start + 8], Y[start : start + 8]

    model = classifier(keras)
    history = model.fit(batches(), steps_per_epoch=4, epochs=2, verbose=0)
    return [told(model, history), model.evaluate(batches(), steps=3, verbose=0)]


@case
def sequence(tf: Any, keras: Any) -> Any:
    class Batches(keras.utils.Sequence):  # type: ignore[misc]
        def __len__(self) -> int:
            return 4

        def __getitem__(self, index: int) -> Any:
            rows = slice(index * 8, index * 8 + 8)
            return X[rows], Y[rows], WEIGHT[rows]

    model = classifier(keras)
    history = model.fit(Batches(), epochs=2, validation_data=Batches(), **QUIET)
    return [told(model, history), model.evaluate(Batches(), verbose=0), model.predict(Batches(), verbose=0)]


@case
def evaluate_in_all_ways(tf: Any, keras: Any) -> Any:
    model = classifier(keras, weighted_metrics=["accuracy"])
    return [
        model.evaluate(X, Y, verbose=0),
        model.evaluate(X, Y, batch_size=7, verbose=0, return_dict=True),
        model.evaluate(X, Y, batch_size=7, verbose=0, sample_weight=WEIGHT),
        model.evaluate(X, Y, batch_size=7, steps=2, verbose=0),
        model.metrics_names,
    ]


@case
def evaluate_without_metrics(tf: Any, keras: Any) -> Any:
    model = classifier(keras, metrics=None)
    return [
        model.evaluate(X, Y, verbose=0),
        model.evaluate(X, Y, verbose=0, return_dict=True),
        model.metrics_names,
    ]


@case
def one_batch_at_a_time(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    return [
        model.train_on_batch(X[:8], Y[:8]),
        model.train_on_batch(X[8:16], Y[8:16], sample_weight=WEIGHT[8:16], return_dict=True),
        model.train_on_batch(X[16:], Y[16:], class_weight={0: 1.0, 1: 2.0, 2: 3.0}),
        model.test_on_batch(X[:8], Y[:8]),
        model.test_on_batch(X[8:16], Y[8:16], sample_weight=WEIGHT[8:16], return_dict=True),
        model.predict_on_batch(X[:3]),
        model.get_weights(),
    ]


@case
def metrics_that_go_on_over_batches(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    found = [model.train_on_batch(X[:8], Y[:8], reset_metrics=False) for _ in range(3)]
    model.reset_metrics()
    return [*found, model.test_on_batch(X[:8], Y[:8], reset_metrics=False), model.test_on_batch(X[8:], Y[8:])]


@case
def several_inputs_and_outputs(tf: Any, keras: Any) -> Any:
    def make(**settings: Any) -> Any:
        a, b = keras.Input((2,), name="a"), keras.Input((2,), name="b")
        both = keras.layers.Concatenate()([keras.layers.Dense(3, activation="tanh")(a), b])
        outputs = [
            keras.layers.Dense(3, activation="softmax", name="kind")(both),
            keras.layers.Dense(1, name="size")(both),
        ]
        model = fixed(keras.Model([a, b], outputs))
        model.compile(keras.optimizers.SGD(0.1), **settings)
        return model

    inputs, labels = [X[:, :2], X[:, 2:]], [Y, TARGET]
    losses = ["sparse_categorical_crossentropy", "mse"]
    found = []
    model = make(loss=losses)
    found.append(told(model, model.fit(inputs, labels, batch_size=8, epochs=2, **QUIET)))
    named = make(
        loss={"kind": losses[0], "size": losses[1]},
        loss_weights={"kind": 1.0, "size": 0.3},
        metrics={"kind": "accuracy", "size": ["mae", "mse"]},
    )
    by_name = {"b": inputs[1], "a": inputs[0]}
    settings = {"validation_split": 0.2, "batch_size": 8, "epochs": 2}
    found.append(told(named, named.fit(by_name, {"size": TARGET, "kind": Y}, **settings, **QUIET)))
    weighted = make(loss=losses, loss_weights=[2.0, 0.5], weighted_metrics=[["accuracy"], ["mae"]])
    row_weights = {"kind": WEIGHT, "size": WEIGHT[::-1].copy()}
    found.append(told(weighted, weighted.fit(inputs, labels, sample_weight=row_weights, epochs=2, **QUIET)))
    found.append(named.evaluate(by_name, labels, verbose=0))
    found.append(named.evaluate(by_name, labels, verbose=0, return_dict=True))
    found.append([named.metrics_names, named.output_names, named.input_names])
    found.append(named.predict(by_name, verbose=0))
    found.append(named.train_on_batch(inputs, labels))
    dataset = tf.data.Dataset.from_tensor_slices((by_name, {"kind": Y, "size": TARGET})).batch(8)
    found.append(told(named, named.fit(dataset, epochs=1, verbose=0)))
    return found


@case
def one_loss_for_all_outputs(tf: Any, keras: Any) -> Any:
    a = keras.Input((4,))
    model = fixed(keras.Model(a, [keras.layers.Dense(1, name="p")(a), keras.layers.Dense(1, name="q")(a)]))
    model.compile(keras.optimizers.SGD(0.1), "mse", metrics=["mae"])
    return told(model, model.fit(X, [TARGET, TARGET * 2], epochs=2, **QUIET))


@case
def outputs_in_a_dictionary(tf: Any, keras: Any) -> Any:
    a = keras.Input((4,))
    model = fixed(
        keras.Model(a, {"u": keras.layers.Dense(1, name="u")(a), "v": keras.layers.Dense(1, name="v")(a)})
    )
    model.compile(keras.optimizers.SGD(0.1), {"u": "mse", "v": "mae"})
    history = model.fit(X, {"u": TARGET, "v": TARGET * 2}, epochs=2, **QUIET)
    return [
        sorted(history.history),
        history.history["loss"],
        model.predict(X[:2], verbose=0),
        model.get_weights(),
    ]


@case
def shared_and_nested(tf: Any, keras: Any) -> Any:
    inner = keras.Sequential([keras.layers.Dense(3, activation="tanh", input_shape=(2,))])
    a, b = keras.Input((2,)), keras.Input((2,))
    total = keras.layers.Add()([inner(a), inner(b)])
    model = fixed(keras.Model([a, b], keras.layers.Dense(1)(total)))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit([X[:, :2], X[:, 2:]], TARGET, epochs=2, **QUIET)
    return [told(model, history), inner.predict(X[:2, :2], verbose=0), model.count_params()]


@case
def frozen_layers(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    model.get_layer("hidden").trainable = False
    model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy")
    first = told(model, model.fit(X, Y, epochs=2, **QUIET))
    counts = [len(model.trainable_weights), len(model.non_trainable_weights), len(model.weights)]
    model.trainable = True
    model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy")
    return [first, counts, told(model, model.fit(X, Y, epochs=1, **QUIET)), len(model.trainable_variables)]


@case
def copies(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    clone = keras.models.clone_model(model)
    fresh = [np.shape(array) for array in clone.get_weights()]
    clone.set_weights(model.get_weights())
    again = type(model).from_config(model.get_config())
    again.set_weights(model.get_weights())
    from_json = keras.models.model_from_json(model.to_json())
    from_json.set_weights(model.get_weights())
    predictions = [one.predict(X[:2], verbose=0) for one in (model, clone, again, from_json)]
    names = [[layer.name for layer in one.layers] for one in (clone, again, from_json)]
    return [fresh, predictions, names, json.loads(model.to_json())["class_name"]]


@case
def subclassed(tf: Any, keras: Any) -> Any:
    class Network(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.hidden = keras.layers.Dense(4, activation="tanh")
            self.drop = keras.layers.Dropout(0.5)
            self.scores = keras.layers.Dense(3, activation="softmax")

        def call(self, inputs: Any, training: Any = False) -> Any:
            hidden = self.hidden(inputs)
            if training:
                hidden = hidden * 0.5
            return self.scores(hidden)

    model = Network()
    model.build((None, 4))
    fixed(model)
    model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, batch_size=8, epochs=2, **QUIET)
    return [
        told(model, history),
        model.evaluate(X, Y, verbose=0),
        model.predict(X[:2], verbose=0),
        model(X[:2]),
    ]


@case
def custom_train_step(tf: Any, keras: Any) -> Any:
    class Clipped(keras.Model):  # type: ignore[misc]
        def train_step(self, data: Any) -> Any:
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = self.compiled_loss(y, y_pred, regularization_losses=self.losses)
            gradients = tape.gradient(loss, self.trainable_variables)
            gradients = [tf.clip_by_value(gradient, -0.01, 0.01) for gradient in gradients]
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.compiled_metrics.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    a = keras.Input((4,))
    model = fixed(Clipped(a, keras.layers.Dense(3, activation="softmax")(a)))
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy", metrics=["accuracy"])
    history = model.fit(X, Y, batch_size=8, epochs=2, validation_data=(X[:8], Y[:8]), **QUIET)
    return [told(model, history), model.evaluate(X, Y, verbose=0)]


@case
def train_step_with_metrics_of_its_own(tf: Any, keras: Any) -> Any:
    class Own(keras.Model):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.dense = keras.layers.Dense(1)
            self.total = keras.metrics.Mean(name="total")
            self.mistake = keras.metrics.MeanAbsoluteError(name="mistake")

        def call(self, inputs: Any) -> Any:
            return self.dense(inputs)

        @property
        def metrics(self) -> Any:
            return [self.total, self.mistake]

        def train_step(self, data: Any) -> Any:
            x, y = data
            with tf.GradientTape() as tape:
                y_pred = self(x, training=True)
                loss = tf.reduce_mean(tf.square(y - y_pred))
            gradients = tape.gradient(loss, self.trainable_variables)
            self.optimizer.apply_gradients(zip(gradients, self.trainable_variables, strict=True))
            self.total.update_state(loss)
            self.mistake.update_state(y, y_pred)
            return {"total": self.total.result(), "mistake": self.mistake.result()}

        def test_step(self, data: Any) -> Any:
            x, y = data
            y_pred = self(x, training=False)
            self.total.update_state(tf.reduce_mean(tf.square(y - y_pred)))
            self.mistake.update_state(y, y_pred)
            return {metric.name: metric.result() for metric in self.metrics}

    model = Own()
    model.build((None, 4))
    fixed(model)
    model.compile(keras.optimizers.SGD(0.1))
    history = model.fit(X, TARGET, batch_size=8, epochs=2, validation_data=(X[:8], TARGET[:8]), **QUIET)
    return [
        history.history,
        model.dense.get_weights(),
        model.evaluate(X, TARGET, verbose=0, return_dict=True),
    ]


@case
def losses_and_metrics_of_the_users(tf: Any, keras: Any) -> Any:
    def squared(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_mean(tf.square(y_true - y_pred), axis=-1) * 2.0

    def largest_mistake(y_true: Any, y_pred: Any) -> Any:
        return tf.reduce_max(tf.abs(y_true - y_pred))

    model = fixed(keras.Sequential([keras.layers.Dense(1, input_shape=(4,))]))
    model.compile(
        keras.optimizers.SGD(0.05), squared, metrics=[largest_mistake, keras.metrics.RootMeanSquaredError()]
    )
    history = model.fit(X, TARGET, batch_size=8, epochs=2, sample_weight=WEIGHT, **QUIET)
    return [told(model, history), model.evaluate(X, TARGET, batch_size=8, verbose=0)]


@case
def losses_that_layers_add(tf: Any, keras: Any) -> Any:
    class Sparse(keras.layers.Layer):  # type: ignore[misc]
        def call(self, inputs: Any) -> Any:
            self.add_loss(0.1 * tf.reduce_mean(tf.abs(inputs)))
            return inputs

    regularizer = keras.regularizers.L1L2(0.01, 0.02)
    a = keras.Input((4,))
    hidden = Sparse()(keras.layers.Dense(3, kernel_regularizer=regularizer, activity_regularizer="l2")(a))
    model = fixed(keras.Model(a, keras.layers.Dense(1)(hidden)))
    model.compile(keras.optimizers.SGD(0.1), "mse")
    history = model.fit(X, TARGET, batch_size=10, epochs=2, **QUIET)
    return [told(model, history), model.evaluate(X, TARGET, batch_size=10, verbose=0)]


@case
def operation_by_operation(tf: Any, keras: Any) -> Any:
    model = classifier(keras, run_eagerly=True)
    return told(model, model.fit(X, Y, batch_size=8, epochs=2, validation_split=0.2, **QUIET))


@case
def names_of_accuracy(tf: Any, keras: Any) -> Any:
    model = classifier(keras, metrics=["acc", "sparse_top_k_categorical_accuracy"])
    return sorted(model.fit(X, Y, epochs=1, validation_split=0.2, **QUIET).history)


@case
def weights_in_and_out(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    hidden = model.get_layer("hidden")
    hidden.set_weights([np.ones((4, 5)), np.zeros(5)])
    shapes = [tuple(weight.shape) for weight in model.weights]
    return [model.get_weights(), shapes, model.count_params(), hidden.count_params(), len(model.layers)]


@case
def predict_in_all_ways(tf: Any, keras: Any) -> Any:
    model = classifier(keras)
    dataset = tf.data.Dataset.from_tensor_slices((X, Y)).batch(7)
    return [
        model.predict(X[:3], verbose=0),
        model.predict(X, batch_size=4, verbose=0)[-1],
        model.predict(dataset, verbose=0)[-1],
        model.predict(dataset, steps=2, verbose=0).shape,
        model.predict(X, batch_size=4, steps=2, verbose=0).shape,
        model(X[:2]),
        model.predict(X.astype("float64")[:1], verbose=0).dtype.name,
    ]
