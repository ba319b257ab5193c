"""Random programs: a task, a model, training with options, and what follows. All of it from a seed alone."""

from __future__ import annotations

import random

from models import functional, sequential, subclass
from tasks import INPUTS, ROWS, Target, draw_target
from training import Training

OPTIMIZERS = (
    '"sgd"', '"adam"', "keras.optimizers.SGD({rate}, momentum=0.9)", "keras.optimizers.Adam({rate}{clip})",
    "keras.optimizers.SGD({rate}, momentum=0.8, nesterov=True{clip})", "keras.optimizers.RMSprop({rate}{clip})",
    "keras.optimizers.Adagrad({rate})", '"rmsprop"', "keras.optimizers.SGD({rate}{clip})",
    "keras.optimizers.AdamW({rate}, weight_decay=0.05)", "keras.optimizers.Nadam({rate})",
    "keras.optimizers.Adamax({rate})", "keras.optimizers.Adadelta(0.5)", "keras.optimizers.Adam({schedule})",
    "keras.optimizers.SGD({schedule})", "keras.optimizers.Adam({rate}, amsgrad=True)",
    "keras.optimizers.RMSprop({rate}, momentum=0.5, centered=True)", "keras.optimizers.Ftrl({rate})",
)  # fmt: skip
CLIPS = ("", "", "", ", clipnorm=0.1", ", clipvalue=0.05", ", global_clipnorm=0.2")
SCHEDULES = (
    "keras.optimizers.schedules.ExponentialDecay(0.05, 2, 0.5)",
    "keras.optimizers.schedules.ExponentialDecay(0.05, 3, 0.5, staircase=True)",
    "keras.optimizers.schedules.PiecewiseConstantDecay([2, 4], [0.05, 0.02, 0.01])",
    "keras.optimizers.schedules.CosineDecay(0.05, 5, alpha=0.1)",
    "keras.optimizers.schedules.PolynomialDecay(0.05, 4, 0.001, power=2.0)",
    "keras.optimizers.schedules.InverseTimeDecay(0.05, 2, 0.5)",
    "keras.optimizers.schedules.CosineDecay(0.001, 5, warmup_target=0.05, warmup_steps=2)",
)


def optimizer(rng: random.Random) -> str:
    """The expression of a random optimizer."""
    words = {
        "rate": rng.choice(("0.01", "0.03")),
        "clip": rng.choice(CLIPS),
        "schedule": rng.choice(SCHEDULES),
    }
    return rng.choice(OPTIMIZERS).format(**words)


def program(seed: int) -> str:
    """The text of the program with this number."""
    rng = random.Random(f"program {seed}")
    kind = rng.choice(("table", "table", "table", *INPUTS))
    style = rng.choice(("sequential", "sequential", "functional", "functional", "subclass"))
    many = style == "functional" and rng.random() < 0.3
    targets = [draw_target(rng) for _ in range(2 if many else 1)]
    named = many and rng.random() < 0.5
    if style == "sequential":
        text = sequential(rng, kind, targets[0])
    elif style == "functional":
        text = functional(rng, kind, targets, named)
    else:
        text = subclass(rng, kind, targets[0])
    training = Training(rng, targets, named, style)
    lines = [f"# program {seed}: {style}, {kind}, {', '.join(target.kind for target in targets)}"]
    lines += data("", kind, targets, named, ROWS, 1) + data("v", kind, targets, named, 6, 50)
    lines += [*training.preparations(), *text, *parts_of_model(rng, training)]
    return "\n".join(lines) + "\n"


def data(prefix: str, kind: str, targets: list[Target], named: bool, rows: int, seed: int) -> list[str]:
    """Text of inputs ``x`` and labels ``y``."""
    x = INPUTS[kind][1].format(rows=rows, seed=seed)
    labels = [target.labels.format(rows=rows, seed=seed + 1 + n) for n, target in enumerate(targets)]
    if len(labels) == 1:
        y = labels[0]
    elif named:
        y = "{" + ", ".join(f'"out{n}": {label}' for n, label in enumerate(labels)) + "}"
    else:
        y = f"[{', '.join(labels)}]"
    return [f"{prefix}x = {x}", f"{prefix}y = {y}"]


def parts_of_model(rng: random.Random, training: Training) -> list[str]:
    """Text from the first call of the model to the last record."""
    lines = ["model(x[:2])", "fill(model)"]
    freeze = rng.random()
    if freeze < 0.12:
        lines.append(f"model.layers[{rng.choice((0, -1, -2))}].trainable = False")
    lines += training.compile(optimizer(rng))
    if 0.12 < freeze < 0.2:
        lines.append(f"model.layers[{rng.choice((0, -1, -2))}].trainable = False")
    elif 0.2 < freeze < 0.24:
        lines.append("model.trainable = False")
    lines += training.fit()
    lines += rng.choice(
        (training.saved, training.again, training.by_hand, training.nothing, training.frozen)
    )(optimizer(rng))
    return [*lines, *training.end()]
