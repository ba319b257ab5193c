"""Digits: softmax regression, a multi-layer perceptron and LeNet on MNIST, and what they say of a drawn digit."""

from __future__ import annotations

import math
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

import tensorlet as tf
from tensorlet.core import random_state
from tensorlet.keras.training.data_adapter.epoch_plan import next_permutation
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.frames import encode

KINDS = ("regression", "perceptron", "lenet")
ROWS = (1000, 10_000, 60_000)
TEST_ROWS = 2000
BATCH = 100
#: How long to train between two looks at new commands, in seconds.
TURN = 0.06
MOST_COMPARED = 20_000
NEAREST = 12

Reply = dict[str, Any]


def digit_model(kind: str) -> tf.keras.Model:
    """Returns a model for images of shape [rows, 28, 28], bytes from 0 to 255.

    >>> [digit_model(kind).count_params() for kind in KINDS]
    [7850, 50890, 61706]
    """
    layers = tf.keras.layers
    parts: list[Any] = [tf.keras.Input((28, 28)), layers.Rescaling(1 / 255)]
    if kind == "lenet":
        parts += [
            layers.Reshape((28, 28, 1)),
            layers.Conv2D(6, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
        ]
    else:
        parts.append(layers.Flatten())
        if kind == "perceptron":
            parts.append(layers.Dense(64, activation="relu"))
    return tf.keras.Sequential([*parts, layers.Dense(10, activation="softmax")])


MODEL_SOURCES = {
    "regression": "    tf.keras.layers.Flatten(),",
    "perceptron": '    tf.keras.layers.Flatten(),\n    tf.keras.layers.Dense(64, activation="relu"),',
    "lenet": (
        "    tf.keras.layers.Reshape((28, 28, 1)),\n"
        '    tf.keras.layers.Conv2D(6, 5, padding="same", activation="relu"),\n'
        "    tf.keras.layers.MaxPooling2D(2),\n"
        '    tf.keras.layers.Conv2D(16, 5, activation="relu"),\n'
        "    tf.keras.layers.MaxPooling2D(2),\n"
        "    tf.keras.layers.Flatten(),\n"
        '    tf.keras.layers.Dense(120, activation="relu"),\n'
        '    tf.keras.layers.Dense(84, activation="relu"),'
    ),
}


def digit_program(kind: str, rows: int, rate: float, seed: int, epochs: int) -> str:
    """Returns the Keras program of a model of digits; with Tensorlet, it gives the weights of the page."""
    return f"""import tensorflow as tf

(x_train, y_train), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
x_train, y_train = x_train[:{rows}], y_train[:{rows}]
x_test, y_test = x_test[:{TEST_ROWS}], y_test[:{TEST_ROWS}]

tf.keras.utils.set_random_seed({seed})
model = tf.keras.Sequential([
    tf.keras.Input((28, 28)),
    tf.keras.layers.Rescaling(1 / 255),
{MODEL_SOURCES[kind]}
    tf.keras.layers.Dense(10, activation="softmax"),
])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate={rate!r}),
              loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size={BATCH}, epochs={epochs}, verbose=0)
print("loss, accuracy:", model.evaluate(x_test, y_test, verbose=0))
"""


class _Epoch(NamedTuple):
    """An epoch that is under way: the order of its rows, and the sums over the rows so far."""

    order: np.ndarray
    done: int = 0
    loss: float = 0.0
    right: float = 0.0


class Digits:
    """The page of digits: a model in training, and a copy that answers while it trains.

    The commands and `advance` run on one thread, `guess` on any other.
    """

    def __init__(self) -> None:
        self.kind, self.rows, self.rate, self.seed = "regression", 10_000, 0.001, 1
        self.training = False
        self.epoch = 0
        self.goal = 0
        self.records: list[list[float]] = []
        self._model: Any = None
        self._copy: Any = None
        self._weights: list[np.ndarray] = []
        self._under_way: _Epoch | None = None
        self._seconds_per_batch = 0.001
        self._random: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._data: Any = None
        self._compared: np.ndarray | None = None

    def commands(self) -> dict[str, Callable[[Reply], Reply]]:
        """The commands of the page, without the prefix ``digits_``."""
        return {
            "configure": self._configure,
            "train": self._train,
            "stop": self._stop,
            "pictures": self._pictures,
            "example": self._example,
        }

    def progress(self) -> Reply:
        """What the page shows of the training."""
        done = self._under_way.done if self._under_way else 0
        return {
            "training": self.training,
            "epoch": self.epoch,
            "goal": self.goal,
            "share": done / self.rows,
            "records": self.records[-200:],
        }

    def advance(self) -> bool:
        """Trains for a moment; returns whether anything was done."""
        if not self.training:
            return False
        random_state.restore_state(self._random)
        epoch = self._under_way or _Epoch(next_permutation(self.rows))
        (x, y), _ = self._data
        batches = max(1, round(TURN / self._seconds_per_batch))
        rows = epoch.order[epoch.done : epoch.done + batches * BATCH]
        start = time.perf_counter()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            history = self._model.fit(x[rows], y[rows], batch_size=BATCH, shuffle=False, verbose=0).history
        used = (time.perf_counter() - start) / -(-len(rows) // BATCH)
        self._seconds_per_batch += 0.5 * (used - self._seconds_per_batch)
        self._random = random_state.saved_state()
        loss, right = (history[name][0] * len(rows) for name in ("loss", "accuracy"))
        epoch = _Epoch(epoch.order, epoch.done + len(rows), epoch.loss + loss, epoch.right + right)
        self._weights = [np.array(array) for array in self._model.get_weights()]
        self._under_way = epoch
        if epoch.done == self.rows:
            self._end_epoch(epoch)
        return True

    def _end_epoch(self, epoch: _Epoch) -> None:
        (_, _), (x, y) = self._data
        loss, accuracy = self._model.evaluate(x, y, batch_size=500, verbose=0)
        self.epoch += 1
        self._under_way = None
        record = [epoch.loss / self.rows, epoch.right / self.rows, float(loss), float(accuracy)]
        self.records.append(
            [float(self.epoch), *(value if math.isfinite(value) else -1.0 for value in record)]
        )
        self.training = self.epoch < self.goal

    def _load(self) -> None:
        (x, y), (x_test, y_test) = tf.keras.datasets.mnist.load_data()
        self._data = (x[: self.rows], y[: self.rows]), (x_test[:TEST_ROWS], y_test[:TEST_ROWS])
        self._compared = None

    def _configure(self, arguments: Reply) -> Reply:
        kind, rows = arguments.get("kind", "regression"), arguments.get("rows", 10_000)
        rate, seed = arguments.get("rate", 0.001), arguments.get("seed", 1)
        numbers = isinstance(rate, int | float) and isinstance(seed, int) and not isinstance(seed, bool)
        if (
            kind not in KINDS
            or rows not in ROWS
            or not numbers
            or not (1e-7 <= rate <= 10 and 0 <= seed < 2**31)
        ):
            raise PlaygroundError(
                "digits",
                f"The model of digits is {kind!r} with {rows!r} rows, rate {rate!r} and seed {seed!r}; expected one of "
                f"{', '.join(KINDS)} with {', '.join(map(str, ROWS))} rows, a rate from 1e-7 to 10 and a whole seed.",
            )
        with self._lock:
            self.training, self.epoch, self.goal, self.records, self._under_way = False, 0, 0, [], None
            self.kind, self.rows, self.rate, self.seed = kind, rows, float(rate), seed
            self._load()
            self._copy = _Copy(digit_model(kind))
            tf.keras.utils.set_random_seed(seed)
            self._model = digit_model(kind)
            self._model.compile(
                optimizer=tf.keras.optimizers.Adam(learning_rate=self.rate),
                loss="sparse_categorical_crossentropy",
                metrics=["accuracy"],
            )
            self._weights = [np.array(array) for array in self._model.get_weights()]
            self._random = random_state.saved_state()
        return self._described()

    def _described(self) -> Reply:
        program = digit_program(self.kind, self.rows, self.rate, self.seed, max(self.epoch, 1))
        return {"parameters": self._model.count_params(), "program": program, **self.progress()}

    def _train(self, arguments: Reply) -> Reply:
        epochs = arguments.get("epochs", 1)
        if not isinstance(epochs, int) or isinstance(epochs, bool) or not 1 <= epochs <= 100:
            raise PlaygroundError("digits_epochs", f"{epochs!r} epochs, expected an integer from 1 to 100.")
        if self._model is None:
            self._configure({})
        self.goal = self.epoch + epochs
        self.training = True
        return self._described()

    def _stop(self, arguments: Reply) -> Reply:
        self.training = False
        if self._model is None:
            self._configure({})
        return self._described()

    def _example(self, arguments: Reply) -> Reply:
        """A digit of the test images, as 784 numbers from 0 to 255."""
        if self._data is None:
            self._configure({})
        (_, _), (x, y) = self._data
        place = arguments.get("index", 0)
        place = place % len(x) if isinstance(place, int) else 0
        return {"pixels": x[place].reshape(-1).tolist(), "label": int(y[place])}

    def _pictures(self, arguments: Reply) -> Reply:
        """The weights of the first layer as pictures, scaled to −127 … 127 (of all pictures together)."""
        if self._model is None:
            self._configure({})
        kernel = self._weights[0]
        if self.kind == "lenet":
            pictures = np.moveaxis(kernel[:, :, 0, :], -1, 0)
        else:
            pictures = kernel.T[:32].reshape(-1, 28, 28)
        largest = float(np.abs(pictures).max()) or 1.0
        return {"pictures": np.rint(pictures / largest * 127).astype(int).tolist(), "largest": largest}

    def guess(self, pixels: bytes, digit: int = -1) -> bytes:
        """Returns what the model says of a drawn digit, as a binary message (see `frames`).

        ``probabilities`` of the ten digits; ``logits``; ``evidence``: how much each pixel speaks for a digit, the
        pixel times the gradient of the digit's logit, whose sum with the bias is the logit in softmax regression;
        ``nearest`` training images with their distance; ``maps``: what the first filters of LeNet found.

        Args:
            pixels: 784 bytes, row by row.
            digit: the digit for the evidence; by default the most probable one.
        """
        if len(pixels) != 784:
            raise PlaygroundError(
                "pixels", f"A digit has 784 pixels, but {len(pixels)} came.", count=len(pixels)
            )
        picture = np.frombuffer(pixels, "uint8").reshape(1, 28, 28)
        with self._lock:
            if self._copy is None:
                raise PlaygroundError("digits_first", "Choose a model first.")
            self._copy.load(self._weights)
            arrays, digit = self._copy.look(picture, digit)
            nearest, labels, distances = self._nearest(picture)
        header = {"digit": digit, "labels": labels, "distances": distances, "pictures": len(labels)}
        return encode({"guess": header}, [*arrays, ("nearest", nearest)])

    def _nearest(self, picture: np.ndarray) -> tuple[np.ndarray, list[int], list[float]]:
        """The training images with the smallest Euclidean distance, in units of full pixels."""
        (x, y), _ = self._data
        if self._compared is None:
            self._compared = x[:MOST_COMPARED].reshape(-1, 784).astype("float32") / 255
        row = picture.reshape(784).astype("float32") / 255
        squares = np.einsum("ij,ij->i", self._compared, self._compared) - 2 * self._compared @ row + row @ row
        places = np.argsort(squares, kind="stable")[:NEAREST]
        distances = [round(float(np.sqrt(max(squares[place], 0))), 2) for place in places]
        return x[places], [int(y[place]) for place in places], distances


class _Copy:
    """A copy of the model with the functions that explain an answer."""

    def __init__(self, model: tf.keras.Model) -> None:
        self.model = model
        self.before = tf.keras.Model(model.inputs, model.layers[-2].output)
        convolution = next(
            (layer for layer in model.layers if isinstance(layer, tf.keras.layers.Conv2D)), None
        )
        self.maps = None if convolution is None else tf.keras.Model(model.inputs, convolution.output)
        self.slopes = tf.function(self._slopes)

    def load(self, weights: list[np.ndarray]) -> None:
        """Takes over weights."""
        self.model.set_weights(weights)

    def _slopes(self, picture: Any, chosen: Any) -> Any:
        with tf.GradientTape() as tape:
            tape.watch(picture)
            last = self.model.layers[-1]
            logits = tf.matmul(self.before(picture, training=False), last.kernel) + last.bias
            logit = tf.reduce_sum(logits * chosen)
        return logits, tape.gradient(logit, picture)

    def look(self, picture: np.ndarray, digit: int) -> tuple[list[tuple[str, np.ndarray]], int]:
        """The arrays of an answer, and the digit that the evidence is for."""
        probabilities = self.model.predict(picture, verbose=0)[0]
        digit = digit if 0 <= digit < 10 else int(probabilities.argmax())
        chosen = tf.constant(np.eye(10, dtype="float32")[digit : digit + 1])
        logits, slopes = self.slopes(tf.constant(picture.astype("float32")), chosen)
        evidence = np.asarray(slopes)[0] * picture[0]
        arrays = [
            ("probabilities", np.nan_to_num(probabilities).astype("float32")),
            ("logits", np.nan_to_num(np.asarray(logits)[0])),
            ("evidence", np.nan_to_num(evidence).astype("float32")),
        ]
        if self.maps is not None:
            arrays.append(
                ("maps", np.moveaxis(self.maps.predict(picture, verbose=0)[0], -1, 0).astype("float32"))
            )
        return arrays, digit
