"""The problem that optimizers are compared on, the same for real Keras and for the tests."""

from __future__ import annotations

from typing import Any

import numpy as np

STEPS = 200
#: After these steps the weights are looked at.
TIMES = (1, 20, 200)

_DECAY = {"schedule": "ExponentialDecay", "initial_learning_rate": 0.1, "decay_steps": 30, "decay_rate": 0.5}

#: Label -> (class, arguments). With larger rates the adaptive ones circle around the minimum, where
#: gradients are rounding errors and two correct float32 programs part.
OPTIMIZERS: dict[str, tuple[str, dict[str, Any]]] = {
    "sgd": ("SGD", {"learning_rate": 0.1}),
    "sgd_momentum": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    "sgd_nesterov": ("SGD", {"learning_rate": 0.05, "momentum": 0.9, "nesterov": True}),
    "sgd_schedule": ("SGD", {"learning_rate": _DECAY}),
    "sgd_clipnorm": ("SGD", {"learning_rate": 0.2, "clipnorm": 0.05}),
    "sgd_clipvalue": ("SGD", {"learning_rate": 0.2, "clipvalue": 0.01}),
    "sgd_global_clipnorm": ("SGD", {"learning_rate": 0.2, "global_clipnorm": 0.1}),
    "sgd_weight_decay": ("SGD", {"learning_rate": 0.1, "weight_decay": 0.02}),
    "adam": ("Adam", {"learning_rate": 0.005}),
    "adam_amsgrad": ("Adam", {"learning_rate": 0.02, "amsgrad": True, "beta_2": 0.9}),
    "adam_weight_decay": ("Adam", {"learning_rate": 0.01, "weight_decay": 0.1}),
    "adam_clipnorm": ("Adam", {"learning_rate": 0.01, "clipnorm": 0.05, "epsilon": 0.001}),
    "adamw": ("AdamW", {"learning_rate": 0.01, "weight_decay": 0.1}),
    "rmsprop": ("RMSprop", {"learning_rate": 0.001}),
    "rmsprop_momentum": ("RMSprop", {"learning_rate": 0.002, "momentum": 0.8}),
    "rmsprop_centered": ("RMSprop", {"learning_rate": 0.002, "centered": True, "momentum": 0.5}),
    "adagrad": ("Adagrad", {"learning_rate": 0.1}),
    "adadelta": ("Adadelta", {"learning_rate": 1.0}),
    "adamax": ("Adamax", {"learning_rate": 0.02}),
    "nadam": ("Nadam", {"learning_rate": 0.01}),
    "lion": ("Lion", {"learning_rate": 0.001}),
    "ftrl": ("Ftrl", {"learning_rate": 0.1}),
    "adafactor": ("Adafactor", {"learning_rate": 0.01}),
    "ftrl_regularized": (
        "Ftrl",
        {
            "learning_rate": 0.1,
            "l1_regularization_strength": 0.01,
            "l2_regularization_strength": 0.02,
            "l2_shrinkage_regularization_strength": 0.01,
            "beta": 0.1,
        },
    ),
}

SCHEDULES: dict[str, tuple[str, dict[str, Any]]] = {
    "exponential": ("ExponentialDecay", {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9}),
    "exponential_stairs": (
        "ExponentialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 7, "decay_rate": 0.9, "staircase": True},
    ),
    "inverse_time": ("InverseTimeDecay", {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5}),
    "inverse_time_stairs": (
        "InverseTimeDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 5, "decay_rate": 0.5, "staircase": True},
    ),
    "piecewise": ("PiecewiseConstantDecay", {"boundaries": [10, 25], "values": [0.1, 0.05, 0.01]}),
    "polynomial": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "end_learning_rate": 0.01, "power": 2.0},
    ),
    "polynomial_cycle": (
        "PolynomialDecay",
        {"initial_learning_rate": 0.1, "decay_steps": 20, "end_learning_rate": 0.01, "cycle": True},
    ),
    "cosine": ("CosineDecay", {"initial_learning_rate": 0.1, "decay_steps": 40, "alpha": 0.1}),
    "cosine_warmup": (
        "CosineDecay",
        {"initial_learning_rate": 0.0, "decay_steps": 30, "warmup_target": 0.1, "warmup_steps": 10},
    ),
    "cosine_restarts": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "t_mul": 1.5, "m_mul": 0.8, "alpha": 0.1},
    ),
    "cosine_restarts_even": (
        "CosineDecayRestarts",
        {"initial_learning_rate": 0.1, "first_decay_steps": 9, "t_mul": 1.0},
    ),
}  # fmt: skip


def start() -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Rows, one-hot labels and first weights of a 4-5-3 network."""
    generator = np.random.default_rng(20)
    x = generator.normal(size=(12, 4)).astype(np.float32)
    y = np.eye(3, dtype=np.float32)[generator.integers(0, 3, 12)]
    shapes = [(4, 5), (5,), (5, 3), (3,)]
    return x, y, [(0.5 * generator.normal(size=shape)).astype(np.float32) for shape in shapes]


def numbers(weights: list[np.ndarray]) -> list[float]:
    """A few numbers of each weight: the first two, the last, and the sum of the sizes."""
    found = []
    for weight in weights:
        flat = weight.ravel().astype(np.float64)
        found += [*flat[:2], flat[-1], np.abs(flat).sum()]
    return [float(f"{one:.8g}") for one in found]


def made(optimizers: object, name: str, arguments: dict[str, Any]) -> Any:
    """The optimizer of a library (its module ``optimizers``); a schedule among the arguments is made as well."""
    given = dict(arguments)
    if isinstance(given["learning_rate"], dict):
        own = dict(given["learning_rate"])
        given["learning_rate"] = getattr(optimizers.schedules, own.pop("schedule"))(**own)  # type: ignore[attr-defined]
    return getattr(optimizers, name)(**given)
