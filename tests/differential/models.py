"""Random models as program text: Sequential, functional with merging layers, or a subclass."""

from __future__ import annotations

import random

from tasks import INPUTS, Target

ACTIVATIONS = (
    '"relu"',
    '"tanh"',
    '"sigmoid"',
    '"elu"',
    '"selu"',
    '"softplus"',
    '"gelu"',
    "tf.nn.relu",
    '"swish"',
)
REGULARIZERS = ("keras.regularizers.L2(0.01)", '"l1"', "keras.regularizers.L1L2(0.01, 0.02)")
CONSTRAINTS = ("keras.constraints.MaxNorm(1.0)", '"non_neg"', "keras.constraints.UnitNorm(axis=0)")


def dense(rng: random.Random) -> str:
    """A dense layer with random options."""
    options = [str(rng.choice((3, 4, 5)))]
    if rng.random() < 0.8:
        options.append(f"activation={rng.choice(ACTIVATIONS)}")
    if rng.random() < 0.15:
        options.append("use_bias=False")
    if rng.random() < 0.2:
        options.append(f"kernel_regularizer={rng.choice(REGULARIZERS)}")
    if rng.random() < 0.1:
        options.append(f"kernel_constraint={rng.choice(CONSTRAINTS)}")
    if rng.random() < 0.06:
        options.append('activity_regularizer="l2"')
    return f"keras.layers.Dense({', '.join(options)})"


def between(rng: random.Random) -> str:
    """A layer that keeps the number of axes."""
    momentum = rng.choice((0.5, 0.9, 0.99))
    return rng.choice(
        (
            f"keras.layers.BatchNormalization(momentum={momentum})",
            "keras.layers.BatchNormalization(center=False)",
            "keras.layers.LayerNormalization()",
            "keras.layers.LayerNormalization(epsilon=0.01, scale=False)",
            "keras.layers.Dropout(0.0)",
            'keras.layers.Activation("tanh")',
            "keras.layers.LeakyReLU()",
            "keras.layers.PReLU()",
            "keras.layers.ReLU(max_value=1.5)",
            "keras.layers.UnitNormalization()",
        )
    )


def recurrent(rng: random.Random, sequences: bool = False) -> str:
    """A recurrent layer, perhaps in both directions."""
    kind = rng.choice(("LSTM", "GRU", "SimpleRNN"))
    options = ["3", f"return_sequences={sequences}"]
    if kind == "GRU" and rng.random() < 0.4:
        options.append("reset_after=False")
    if rng.random() < 0.2:
        options.append("go_backwards=True")
    layer = f"keras.layers.{kind}({', '.join(options)})"
    if rng.random() < 0.25:
        merge = rng.choice(("concat", "sum", "ave", "mul"))
        layer = f'keras.layers.Bidirectional({layer}, merge_mode="{merge}")'
    return layer


def head(rng: random.Random, kind: str) -> list[str]:
    """The first layers, which make rows of numbers of the input."""
    if kind == "table":
        return []
    if kind == "words":
        mask = rng.random() < 0.4
        first = f"keras.layers.Embedding(7, 4{', mask_zero=True' if mask else ''})"
        last = rng.choice(("keras.layers.Flatten()", "keras.layers.GlobalAveragePooling1D()", recurrent(rng)))
        if mask:
            last = rng.choice(("keras.layers.GlobalAveragePooling1D()", recurrent(rng)))
        return [first, last]
    if kind == "pictures":
        padding = rng.choice(("same", "valid"))
        first = rng.choice(
            (
                f'keras.layers.Conv2D(3, 3, padding="{padding}", activation="relu")',
                f'keras.layers.Conv2D(3, 2, strides=2, padding="{padding}")',
                f'keras.layers.DepthwiseConv2D(3, padding="{padding}")',
                f'keras.layers.SeparableConv2D(4, 3, padding="{padding}")',
            )
        )
        middle = (
            []
            if rng.random() < 0.5
            else [rng.choice(("keras.layers.MaxPooling2D(2)", between_pictures(rng)))]
        )
        last = rng.choice(("keras.layers.Flatten()", "keras.layers.GlobalAveragePooling2D()"))
        return [first, *middle, last]
    masking = ["keras.layers.Masking(0.0)"] if kind == "padded" else []
    normal = ["keras.layers.BatchNormalization()"] if rng.random() < 0.25 else []
    if kind == "sequences" and rng.random() < 0.35:
        first = rng.choice(("keras.layers.Conv1D(4, 2)", 'keras.layers.Conv1D(4, 3, padding="causal")'))
        return [first, *normal, rng.choice(("keras.layers.GlobalMaxPooling1D()", "keras.layers.Flatten()"))]
    if rng.random() < 0.3:
        return [*masking, *normal, recurrent(rng, sequences=True), recurrent(rng)]
    if rng.random() < 0.2:
        return [*masking, "keras.layers.TimeDistributed(keras.layers.Dense(4))", recurrent(rng)]
    return [*masking, *normal, recurrent(rng)]


def between_pictures(rng: random.Random) -> str:
    return rng.choice(
        (
            "keras.layers.AveragePooling2D(2)",
            "keras.layers.BatchNormalization()",
            "keras.layers.ZeroPadding2D(1)",
        )
    )


def body(rng: random.Random) -> list[str]:
    """Up to two blocks of layers on rows."""
    layers = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        layers.append(dense(rng))
        if rng.random() < 0.35:
            layers.append(between(rng))
    return layers


def last_layer(target: Target, name: str = "") -> str:
    activation = f', activation="{target.activation}"' if target.activation else ""
    return f"keras.layers.Dense({target.units}{activation}{name})"


def sequential(rng: random.Random, kind: str, target: Target) -> list[str]:
    """Text of a Sequential model, with or without its input's shape."""
    layers = [*head(rng, kind), *body(rng), last_layer(target)]
    if rng.random() < 0.6:
        layers.insert(0, f"keras.Input({INPUTS[kind][0]})")
    if rng.random() < 0.25:
        return ["model = keras.Sequential()", *(f"model.add({layer})" for layer in layers)]
    return ["model = keras.Sequential([", *(f"    {layer}," for layer in layers), "])"]


def functional(rng: random.Random, kind: str, targets: list[Target], named: bool) -> list[str]:
    """Text of a functional model with two branches that are merged, and one or two outputs."""
    lines = [f"inputs = keras.Input({INPUTS[kind][0]})", "h = inputs"]
    lines += [f"h = {layer}(h)" for layer in [*head(rng, kind), *body(rng)]]
    if rng.random() < 0.7:
        merge = rng.choice(("Add", "Concatenate", "Multiply", "Average", "Maximum", "Subtract"))
        lines += [f"a = {_fixed(rng)}(h)", f"b = {_fixed(rng)}(h)", f"h = keras.layers.{merge}()([a, b])"]
    elif rng.random() < 0.3:
        lines += ["h = keras.layers.Dense(4)(h)", "shared = keras.layers.Dense(4)"]
        lines.append("h = keras.layers.Add()([shared(h), shared(keras.layers.ReLU()(h))])")
    outs = []
    for number, target in enumerate(targets):
        name = f', name="out{number}"' if len(targets) > 1 else ""
        lines.append(f"o{number} = {last_layer(target, name)}(h)")
        outs.append(f"o{number}")
    if named:
        result = "{" + ", ".join(f'"out{n}": o{n}' for n in range(len(outs))) + "}"
    else:
        result = outs[0] if len(outs) == 1 else f"[{', '.join(outs)}]"
    return [*lines, f"model = keras.Model(inputs, {result})"]


def _fixed(rng: random.Random) -> str:
    return f"keras.layers.Dense(4, activation={rng.choice(ACTIVATIONS)})"


OWN_STEPS = {
    "train_step": """
    def train_step(self, data):
        x, y, weight = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = self.compute_loss(x=x, y=y, y_pred=predicted, sample_weight=weight)
        gradients = tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_variables))
        return self.compute_metrics(x, y, predicted, sample_weight=weight)
""",
    "own tracker": """
    def train_step(self, data):
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        with tf.GradientTape() as tape:
            predicted = self(x, training=True)
            loss = tf.reduce_mean(tf.square(tf.cast(tf.reshape(y, (tf.shape(y)[0], -1)), "float32") - predicted))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights))
        self.seen.update_state(loss)
        return {"own": self.seen.result(), "twice": 2.0 * loss}

    @property
    def metrics(self):
        return [self.seen]

    def test_step(self, data):
        x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
        self.seen.update_state(tf.reduce_mean(self(x, training=False)))
        return {"own": self.seen.result()}
""",
    "compute_loss": """
    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, **rest):
        loss = tf.reduce_mean(tf.square(tf.cast(tf.reshape(y, (tf.shape(y)[0], -1)), "float32") - y_pred))
        return 2.0 * loss + sum(self.losses)
""",
    "predict_step": """
    def predict_step(self, data):
        x, _, _ = keras.utils.unpack_x_y_sample_weight(data)
        return 2.0 * self(x, training=False)
""",
    "compute_metrics": """
    def compute_metrics(self, x, y, y_pred, sample_weight):
        results = super().compute_metrics(x, y, y_pred, sample_weight)
        results["largest"] = tf.reduce_max(y_pred)
        return results
""",
    "add_loss": "",
}


def subclass(rng: random.Random, kind: str, target: Target) -> list[str]:
    """Text of a subclassed model, perhaps with a step of its own."""
    step = rng.choice((*OWN_STEPS, "", ""))
    layers = [*head(rng, kind), *body(rng), last_layer(target)]
    names = [f"layer_{number}" for number in range(len(layers))]
    listed = rng.random() < 0.2
    lines = ["class Own(keras.Model):", "    def __init__(self):", "        super().__init__()"]
    if listed:
        lines += ["        self.parts = [", *(f"            {layer}," for layer in layers), "        ]"]
    else:
        lines += [f"        self.{name} = {layer}" for name, layer in zip(names, layers, strict=True)]
    if step == "own tracker":
        lines.append('        self.seen = keras.metrics.Mean(name="own")')
    lines += ["", "    def call(self, inputs, training=None):", "        h = inputs"]
    if listed:
        lines += ["        for part in self.parts:", "            h = part(h)"]
    for name, layer in zip(names, layers, strict=True):
        training = ", training=training" if "BatchNormalization(" in layer else ""
        lines += [] if listed else [f"        h = self.{name}(h{training})"]
        if step == "add_loss" and name == "layer_0" and not listed:
            lines.append("        self.add_loss(0.1 * tf.reduce_mean(tf.square(h)))")
    return [*lines, "        return h", *OWN_STEPS.get(step, "").splitlines(), "", "model = Own()"]
