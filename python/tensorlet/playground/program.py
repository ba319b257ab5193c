"""The Keras program and the formula of what is on the screen.

The program is complete: run with Tensorlet, it gives the same weights as the page, bit for bit.
"""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from tensorlet.playground import formulas, points
from tensorlet.playground.dataset import SCALERS, Dataset, raw_points
from tensorlet.playground.network import OPTIMIZER_OPTIONS, Output, output_of
from tensorlet.playground.settings import DataSettings, NetworkSettings
from tensorlet.playground.tables import Table

#: More numbers than this are read from a file that the page offers.
MOST_LITERALS = 900


def keras_program(
    data: DataSettings, network: NetworkSettings, dataset: Dataset, epochs: int, table: Table | None = None
) -> str:
    """Returns the program.

    Args:
        data, network: the settings.
        dataset: the points that the settings gave.
        epochs: the number of epochs.
        table: the student's table, if the data are from one.

    >>> from tensorlet.playground.dataset import make_dataset
    >>> text = keras_program(DataSettings("xor"), NetworkSettings(), make_dataset(DataSettings("xor")), 5)
    >>> "model.fit(x_train, y_train, batch_size=16, epochs=5," in text
    True
    """
    output = output_of(network.loss, len(dataset.classes))
    parts = [
        "import numpy as np\nimport tensorflow as tf",
        _data_source(data, dataset, table),
        _division_source(data, dataset),
    ]
    if output.labels == "column":
        parts.append('y_train, y_val = (y.reshape(-1, 1).astype("float32") for y in (y_train, y_val))')
    elif output.labels == "onehot":
        parts.append(
            f'y_train, y_val = (np.eye({output.units}, dtype="float32")[y] for y in (y_train, y_val))'
        )
    parts += [_model_source(network, dataset, output), _fit_source(network, output, epochs)]
    return "\n\n".join(parts) + "\n"


def _data_source(data: DataSettings, dataset: Dataset, table: Table | None) -> str:
    if data.kind in ("table", "drawn"):
        if dataset.x.size > MOST_LITERALS:
            return 'points = np.load("points.npz")\nx, y = points["x"], points["y"]'
        x, y, _, _ = raw_points(data, table)
        return f"x = np.array({x.tolist()})\ny = np.array({y.tolist()})"
    if data.kind == "formulas":
        trees = [formulas.parse(text) for text in data.formulas if text.strip()]
        regions = ", ".join(formulas.numpy_source(tree) for tree in trees)
        return (
            f"rng = np.random.default_rng({data.seed})\npoints = rng.uniform(-1, 1, ({data.rows}, 2))\n"
            f"x, y = points[:, 0], points[:, 1]\nregions = [{regions}]\n"
            "y = np.argmax([*(np.broadcast_to(region, x.shape) for region in regions), np.ones_like(x)], axis=0)\n"
            f"x = points + rng.normal(0, {data.noise / 4!r}, points.shape)"
        )
    generator = points.GENERATORS[data.kind][0]
    counts = points.counts_of(data.rows, data.classes, data.balance or 1 / data.classes)
    source = inspect.getsource(generator).replace(": list[int]", "").replace(": np.random.Generator", "")
    source = source.replace(": float", "").replace(") -> np.ndarray:", "):").rstrip()
    return (
        f"{source}\n\n\ncounts = {counts}  # points of each class\n"
        f"x = {data.kind}(counts, {data.noise!r}, np.random.default_rng({data.seed}))\n"
        f"y = np.repeat(np.arange({data.classes}), counts)"
    )


def _division_source(data: DataSettings, dataset: Dataset) -> str:
    lines = [
        f"order = np.random.default_rng({data.seed}).permutation(len(x))",
        'x, y = x[order].astype("float32"), y[order]',
    ]
    n = dataset.training
    if data.scale != "none":
        body = inspect.getsource(SCALERS[data.scale]).partition(":\n")[2]
        body = "\n".join(line.strip() for line in body.strip().splitlines())
        body = body.replace("seen", f"x[:{n}]").replace("return ", "x = ")
        lines += [*body.splitlines(), 'x = np.ascontiguousarray(x, "float32")']
    lines += [f"x_train, y_train = x[:{n}], y[:{n}]", f"x_val, y_val = x[{n}:], y[{n}:]"]
    return "\n".join(lines)


def _model_source(network: NetworkSettings, dataset: Dataset, output: Output) -> str:
    keras = "    tf.keras."
    initializer = f'kernel_initializer="{network.initializer}"'
    regularizer = ""
    if network.l1 or network.l2:
        regularizer = f", kernel_regularizer=tf.keras.regularizers.L1L2({network.l1!r}, {network.l2!r})"
    lines = [f"tf.keras.utils.set_random_seed({network.seed})", "model = tf.keras.Sequential(["]
    lines.append(f"{keras}Input(({dataset.x.shape[1]},)),")
    for layer in network.layers:
        if network.batchnorm:
            lines.append(f"{keras}layers.Dense({layer.units}, {initializer}{regularizer}),")
            lines.append(f"{keras}layers.BatchNormalization(),")
            lines.append(f'{keras}layers.Activation("{layer.activation}"),')
        else:
            options = f'activation="{layer.activation}", {initializer}{regularizer}'
            lines.append(f"{keras}layers.Dense({layer.units}, {options}),")
        if layer.dropout:
            lines.append(f"{keras}layers.Dropout({layer.dropout!r}),")
    lines.append(f'{keras}layers.Dense({output.units}, activation="{output.activation}", {initializer}),')
    return "\n".join([*lines, "])"])


def _fit_source(network: NetworkSettings, output: Output, epochs: int) -> str:
    name, options = OPTIMIZER_OPTIONS[network.optimizer]
    given = "".join(f", {key}={value!r}" for key, value in options.items())
    return (
        f"model.compile(optimizer=tf.keras.optimizers.{name}(learning_rate={network.rate!r}{given}),\n"
        f'              loss="{output.loss}", metrics=["accuracy"])\n'
        f"model.fit(x_train, y_train, batch_size={network.batch}, epochs={epochs},\n"
        "          validation_data=(x_val, y_val), verbose=0)\n"
        'print("loss, accuracy:", model.evaluate(x_val, y_val, verbose=0))'
    )


def points_file(data: DataSettings, table: Table | None) -> tuple[np.ndarray, np.ndarray]:
    """The arrays x and y of ``points.npz``, which the program of a large table reads: before division and scaling."""
    x, y, _, _ = raw_points(data, table)
    return x, y


#: Loss of Keras -> its formula, for m rows with labels y and outputs p.
LOSS_FORMULAS = {
    "sparse_categorical_crossentropy": "L = −1/m · Σ log p[y]",
    "binary_crossentropy": "L = −1/m · Σ (y·log p + (1 − y)·log(1 − p))",
    "mean_squared_error": "L = 1/m · Σ mean((y − p)²)",
    "mean_absolute_error": "L = 1/m · Σ mean(|y − p|)",
}
ACTIVATION_FORMULAS = {
    "relu": "max(0, z)",
    "tanh": "(e^z − e^−z) / (e^z + e^−z)",
    "sigmoid": "1 / (1 + e^−z)",
    "linear": "z",
    "leaky_relu": "max(0.2·z, z)",
    "elu": "z if z > 0, else e^z − 1",
    "selu": "1.0507·(z if z > 0, else 1.6733·(e^z − 1))",
    "gelu": "z·Φ(z)",
    "swish": "z·σ(z)",
    "softplus": "log(1 + e^z)",
    "softmax": "e^z / Σ e^z",
}


def formula_lines(network: NetworkSettings, columns: int, output: Output) -> list[dict[str, Any]]:
    """Returns the formula of a network, a line for each layer and one for the loss.

    Each line has ``text`` and, for a layer, the ``shape`` of its weights.

    >>> formula_lines(NetworkSettings(layers=()), 2, output_of("crossentropy", 3))[0]["text"]
    'p = softmax(x W1 + b1)'
    """
    lines: list[dict[str, Any]] = []
    before, width = "x", columns
    for number, layer in enumerate(network.layers, 1):
        inner = f"{before} W{number} + b{number}"
        if network.batchnorm:
            inner = f"BN({inner})"
        text = f"h{number} = {layer.activation}({inner})"
        if layer.dropout:
            text += f" · dropout({layer.dropout:g})"
        where = f"{layer.activation}(z) = {ACTIVATION_FORMULAS[layer.activation]}"
        lines.append({"text": text, "shape": [width, layer.units], "where": where})
        before, width = f"h{number}", layer.units
    number = len(network.layers) + 1
    where = f"{output.activation}(z) = {ACTIVATION_FORMULAS[output.activation]}"
    text = f"p = {output.activation}({before} W{number} + b{number})"
    lines.append({"text": text, "shape": [width, output.units], "where": where})
    loss = LOSS_FORMULAS[output.loss]
    loss += f" + {network.l1:g}·Σ|W|" if network.l1 else ""
    loss += f" + {network.l2:g}·ΣW²" if network.l2 else ""
    lines.append({"text": loss, "shape": None, "where": ""})
    return lines
