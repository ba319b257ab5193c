"""Random training as program text: compile, fit with validation and callbacks, and what comes after."""

from __future__ import annotations

import random

from tasks import ROWS, Target

CALLBACKS = (
    "keras.callbacks.EarlyStopping(patience=0)",
    'keras.callbacks.EarlyStopping("loss", patience=1, restore_best_weights=True)',
    'keras.callbacks.EarlyStopping("loss", patience=0, mode="max", restore_best_weights=True)',
    'keras.callbacks.EarlyStopping(monitor="loss", min_delta=10.0, patience=0, start_from_epoch=1)',
    'keras.callbacks.ReduceLROnPlateau("loss", factor=0.5, patience=0, min_delta=1.0)',
    'keras.callbacks.ReduceLROnPlateau(factor=0.1, patience=1, min_lr=0.001)',
    "keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.5)",
    "keras.callbacks.LearningRateScheduler(lambda epoch: 0.02 / (epoch + 1))",
    'keras.callbacks.ModelCheckpoint(path("best.weights.h5"), "loss", save_best_only=True, save_weights_only=True)',
    'keras.callbacks.ModelCheckpoint(path("{epoch}.weights.h5"), save_weights_only=True)',
    "keras.callbacks.TerminateOnNaN()",
    'keras.callbacks.CSVLogger(path("log.csv"))',
    "Watch()",
    "keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: record('logs', sorted(logs)))",
    "StopAfter()",
)  # fmt: skip
WATCH = """
class Watch(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        record(f"batch {batch}", logs)

    def on_test_end(self, logs=None):
        record("test", logs)

    def on_epoch_begin(self, epoch, logs=None):
        record("epoch", [epoch, float(np.mean([np.mean(weight) for weight in self.model.get_weights()]))])
"""
STOP = """
class StopAfter(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            self.model.stop_training = True
"""
OWN_METRIC = """
def own_metric(true, predicted):
    return tf.reduce_mean(tf.abs(true - predicted) ** 0.5, axis=-1)
"""
GENERATOR = """
def batches(x, y, size, forever=True):
    while True:
        for start in range(0, len(x), size):
            yield x[start:start + size], cut(y, start, start + size)
        if not forever:
            return
"""
SEQUENCE = """
class Batches(keras.utils.Sequence):
    def __len__(self):
        return 3

    def __getitem__(self, index):
        return x[4 * index:4 * index + 4], cut(y, 4 * index, 4 * index + 4)
"""
CUT = """
def cut(part, start, stop):
    if isinstance(part, dict):
        return {key: value[start:stop] for key, value in part.items()}
    if isinstance(part, (list, tuple)):
        return tuple(value[start:stop] for value in part)
    return part[start:stop]
"""


class Training:
    """The random decisions about one program's training; its methods give text."""

    def __init__(self, rng: random.Random, targets: list[Target], named: bool, style: str) -> None:
        self.rng = rng
        self.targets = targets
        self.named = named
        self.style = style
        self.losses = [rng.choice(target.losses) for target in targets]
        self.many = len(targets) > 1
        self.callbacks = [rng.choice(CALLBACKS) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
        self.source = rng.choice(
            ("arrays", "arrays", "arrays", "dataset", "generator", "sequence", "repeated")
        )

    def preparations(self) -> list[str]:
        """Functions and classes that the text of the program uses."""
        parts = [CUT, OWN_METRIC]
        parts += [WATCH] if "Watch()" in self.callbacks else []
        parts += [STOP] if "StopAfter()" in self.callbacks else []
        parts += [GENERATOR] if self.source == "generator" else []
        parts += [SEQUENCE] if self.source == "sequence" else []
        return "".join(parts).splitlines()

    def each(self, values: list[str]) -> str:
        """One value for each output, as the program names its outputs."""
        if not self.many:
            return values[0]
        if self.named:
            return "{" + ", ".join(f'"out{n}": {value}' for n, value in enumerate(values)) + "}"
        return f"[{', '.join(values)}]"

    def metrics(self, most: int = 3) -> str:
        drawn = []
        for target in self.targets:
            count = self.rng.randint(1, most)
            drawn.append(f"[{', '.join(self.rng.sample(target.metrics, count))}]")
        return self.each(drawn)

    def compile(self, optimizer: str) -> list[str]:
        """Text of ``compile``."""
        options = [optimizer, self.each(self.losses)]
        if self.rng.random() < 0.8:
            options.append(f"metrics={self.metrics()}")
        if self.rng.random() < 0.15:
            options.append(f"weighted_metrics={self.metrics(1)}")
        if self.many and self.rng.random() < 0.5:
            options.append(f"loss_weights={self.each(['0.5', '2.0'])}")
        if self.rng.random() < 0.06:
            options.append("steps_per_execution=2")
        if self.rng.random() < 0.05:
            options.append("run_eagerly=True")
        return [f"model.compile({', '.join(options)})"]

    def weights(self, seed: int, rows: int) -> str:
        """Weights of rows, one array for each output."""
        forms = ["uniform(({rows},), {seed}, 0.0, 2.0)", "uniform(({rows}, 1), {seed}, 0.0, 2.0)",
                 "(integers(({rows},), {seed}, 2) + 0.0)"]  # fmt: skip
        form = self.rng.choice(forms[:1] * 3 + forms)
        return self.each([form.format(rows=rows, seed=seed + n) for n in range(len(self.targets))])

    def fit(self) -> list[str]:
        """Text of one ``fit``, and the record of its history."""
        rng = self.rng
        options = [f"epochs={rng.choice((1, 2, 2))}", "verbose=0"]
        if self.callbacks:
            options.append(f"callbacks=[{', '.join(self.callbacks)}]")
        call, more = getattr(self, f"from_{self.source}")()
        options += [*more, *self.validation()]
        if rng.random() < 0.05:
            options.append("initial_epoch=1")
        text = [f"history = model.fit({call}, {', '.join(options)})"]
        text += ['record("history", history.history)', 'record("epochs", history.epoch)']
        if any("CSVLogger" in callback for callback in self.callbacks):
            text.append('record("csv", open(path("log.csv")).read().splitlines()[0].split(","))')
        if any("best.weights" in callback for callback in self.callbacks):
            text += ['model.load_weights(path("best.weights.h5"))', 'record("best", model.get_weights()[0])']
        return text

    def from_arrays(self) -> tuple[str, list[str]]:
        """Arrays, perhaps with weights or with a number of steps."""
        rng = self.rng
        size = rng.choice((4, 5, 12))
        options = [f"batch_size={size}", f"shuffle={size == 12 and rng.random() < 0.5}"]
        draw = rng.random()
        classes = [n for n, target in enumerate(self.targets) if target.kind != "regression"]
        if draw < 0.2 and classes and not self.many:
            count = 2 if self.targets[0].kind == "binary" else 3
            options.append(f"class_weight={ {n: (0.5, 2.0, 1.3)[n] for n in range(count)} }")
        elif draw < 0.45:
            options.append(f"sample_weight={self.weights(30, ROWS)}")
        elif draw < 0.5:
            options.append(f"steps_per_epoch={rng.choice((1, 2))}")
        if 0.1 < draw < 0.15:
            options.append(f"sample_weight={self.weights(30, ROWS)}")
        return "x, y", options

    def dataset(self, x: str, y: str, size: int, rows: int, more: str = "") -> str:
        weights = f", {self.weights(31, rows)}" if self.rng.random() < 0.25 and not self.many else ""
        labels = y if self.named or not self.many else f"tuple({y})"
        return f"tf.data.Dataset.from_tensor_slices(({x}, {labels}{weights})).batch({size}){more}"

    def from_dataset(self) -> tuple[str, list[str]]:
        """A dataset of batches."""
        options = []
        if not self.many and self.targets[0].kind in ("binary", "sparse") and self.rng.random() < 0.2:
            options.append("class_weight={0: 0.5, 1: 2.0, 2: 1.3}")
        return self.dataset("x", "y", self.rng.choice((4, 5)), ROWS), options

    def from_repeated(self) -> tuple[str, list[str]]:
        return self.dataset("x", "y", 4, ROWS, ".repeat()"), [f"steps_per_epoch={self.rng.choice((2, 3, 4))}"]

    def from_generator(self) -> tuple[str, list[str]]:
        return "batches(x, y, 4)", [f"steps_per_epoch={self.rng.choice((2, 3, 4))}"]

    def from_sequence(self) -> tuple[str, list[str]]:
        return "Batches()", ["shuffle=False"]

    def validation(self) -> list[str]:
        """Options of ``fit`` about validation."""
        rng = self.rng
        draw = rng.random()
        if draw < 0.3:
            return []
        if draw < 0.5 and self.source == "arrays":
            return [f"validation_split={rng.choice((0.25, 0.3))}"]
        if draw < 0.6:
            return [f"validation_data=(vx, vy, {self.weights(40, 6)})"]
        if draw < 0.75:
            steps = [f"validation_steps={rng.choice((1, 2))}"] if rng.random() < 0.4 else []
            return [f"validation_data={self.dataset('vx', 'vy', 2, 6)}", *steps]
        options = ["validation_data=(vx, vy)"]
        if rng.random() < 0.3:
            options.append(f"validation_batch_size={rng.choice((2, 4))}")
        if rng.random() < 0.2:
            options.append("validation_freq=2")
        return options

    # What may follow

    def nothing(self, optimizer: str) -> list[str]:
        return []

    def again(self, optimizer: str) -> list[str]:
        """Compiled anew, and trained on."""
        callbacks, self.callbacks = self.callbacks, []
        text = [*self.compile(optimizer), *self.fit()]
        self.callbacks = callbacks
        return text

    def frozen(self, optimizer: str) -> list[str]:
        """A layer is frozen (or all are thawed) after training; then more training, compiled anew or not."""
        layer = self.rng.choice(("model.layers[0]", "model.layers[-1]", "model"))
        text = [f"{layer}.trainable = False"]
        if self.rng.random() < 0.6:
            text += self.compile(optimizer)
        text += ['record("trainable", len(model.trainable_weights))']
        return [*text, "model.fit(x, y, epochs=1, batch_size=12, shuffle=False, verbose=0)"]

    def saved(self, optimizer: str) -> list[str]:
        """Saved and loaded, and trained on; only the weights of what has functions of its own."""
        own = self.style == "subclass" or "lambda" in "".join(self.losses)
        way = self.rng.choice((".weights.h5",) if own else (".weights.h5", ".h5", ".keras", ".keras"))
        if way == ".weights.h5":
            return ['model.save_weights(path("w.weights.h5"))', "fill(model)",
                    'model.load_weights(path("w.weights.h5"))']  # fmt: skip
        objects = 'custom_objects={"own_metric": own_metric}'
        return [f'model.save(path("m{way}"))', f'model = keras.models.load_model(path("m{way}"), {objects})',
                "model.fit(x, y, epochs=2, batch_size=5, shuffle=False, verbose=0)"]  # fmt: skip

    def by_hand(self, optimizer: str) -> list[str]:
        """Steps by hand: a loop with a tape, or ``train_on_batch``."""
        if self.many or self.rng.random() < 0.4:
            return ["for _ in range(2):", "    result = model.train_on_batch(x, y, return_dict=True)",
                    'record("on batch", result)']  # fmt: skip
        loss = "tf.reduce_mean(tf.square(model(x, training=True)))"
        return [f"optimizer = {optimizer}", "for _ in range(3):", "    with tf.GradientTape() as tape:",
                f"        loss = {loss} + sum(model.losses)",
                "    gradients = tape.gradient(loss, model.trainable_variables)",
                "    optimizer.apply_gradients(zip(gradients, model.trainable_variables))",
                '    record("by hand", loss)']  # fmt: skip

    def end(self) -> list[str]:
        """What every program records last."""
        size = self.rng.choice((4, 5, 32))
        weights = f", sample_weight={self.weights(60, 6)}" if self.rng.random() < 0.2 else ""
        text = [
            f'record("evaluate", model.evaluate(vx, vy, batch_size={size}, verbose=0, return_dict=True{weights}))'
        ]
        if self.rng.random() < 0.2:
            text.append('record("on test batch", model.test_on_batch(vx, vy, return_dict=True))')
        text.append(f'record("predict", model.predict(vx, batch_size={size}, verbose=0))')
        return [*text, 'record("weights", model.get_weights())']
