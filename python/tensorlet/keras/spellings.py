"""Spellings of the years before: each is taken, and noted once."""

from __future__ import annotations

import functools
import importlib
import inspect
import sys
import warnings
from types import FrameType
from typing import Any

from tensorlet.errors import InvalidArgumentError
from tensorlet.settings import DEPRECATIONS

_noted: set[str] = set()

#: Modules of the years before (without ``tf.``) -> where their names stand today, separated by blanks.
OLD_MODULES: dict[str, str] = {
    **dict.fromkeys(
        (
            "keras.engine.base_layer", "keras.engine.input_layer", "keras.engine.input_spec",
            "keras.layers.activation", "keras.layers.advanced_activations", "keras.layers.attention",
            "keras.layers.convolutional", "keras.layers.convolutional_recurrent", "keras.layers.core",
            "keras.layers.cudnn_recurrent", "keras.layers.dense_attention", "keras.layers.embeddings",
            "keras.layers.experimental", "keras.layers.experimental.preprocessing", "keras.layers.local",
            "keras.layers.merge", "keras.layers.merging", "keras.layers.noise", "keras.layers.normalization",
            "keras.layers.normalization_v2", "keras.layers.pooling", "keras.layers.preprocessing",
            "keras.layers.recurrent", "keras.layers.regularization", "keras.layers.reshaping",
            "keras.layers.rnn", "keras.layers.wrappers",
        ),
        "keras.layers",
    ),
    **dict.fromkeys(("keras.engine", "keras.engine.topology"), "keras.layers keras.models"),
    **dict.fromkeys(
        ("keras.engine.functional", "keras.engine.sequential", "keras.engine.training"), "keras.models"
    ),
    "keras.callbacks.experimental": "keras.callbacks",
    "keras.experimental": "keras.optimizers.schedules",
    "keras.objectives": "keras.losses",
    **dict.fromkeys(
        (
            "keras.optimizer_v1", "keras.optimizer_v2", "keras.optimizers.experimental",
            "keras.optimizers.legacy",
        ),
        "keras.optimizers",
    ),
    **{
        f"keras.optimizer_v2.{name}": "keras.optimizers"
        for name in ("adadelta", "adagrad", "adam", "adamax", "ftrl", "gradient_descent", "nadam", "optimizer_v2",
                     "rmsprop")
    },
    **{
        f"keras.optimizers.{name}_v2": "keras.optimizers"
        for name in ("adadelta", "adagrad", "adam", "adamax", "ftrl", "gradient_descent", "nadam", "rmsprop")
    },
    "keras.optimizer_v2.learning_rate_schedule": "keras.optimizers.schedules",
    **{
        f"keras.utils.{name}": "keras.utils"
        for name in ("all_utils", "data_utils", "generic_utils", "io_utils", "layer_utils", "legacy", "losses_utils",
                     "np_utils", "vis_utils")
    },
}  # fmt: skip

#: Classes and functions of the years before (without ``tf.``) -> today's.
OLD_NAMES: dict[str, str] = {
    "keras.constraints.maxnorm": "keras.constraints.max_norm",
    "keras.constraints.nonneg": "keras.constraints.non_neg",
    "keras.constraints.unitnorm": "keras.constraints.unit_norm",
    "keras.initializers.normal": "keras.initializers.RandomNormal",
    "keras.initializers.one": "keras.initializers.Ones",
    "keras.initializers.uniform": "keras.initializers.RandomUniform",
    "keras.initializers.zero": "keras.initializers.Zeros",
    "keras.layers.BatchNormalizationV1": "keras.layers.BatchNormalization",
    "keras.layers.BatchNormalizationV2": "keras.layers.BatchNormalization",
    "keras.regularizers.l1l2": "keras.regularizers.l1_l2",
}

#: Modules that can also be called like the class in them; see `tensorlet.compat.optimizers`.
CALLABLE_MODULES = frozenset(
    f"keras.optimizers.{name}"
    for name in ("adadelta", "adagrad", "adam", "adamax", "nadam", "rmsprop", "sgd")
)

#: Arguments of Keras 1's layers -> Keras 2's, for each class; None: it is taken, and changes nothing here.
_KERNEL_AND_BIAS = {
    "init": "kernel_initializer", "W_regularizer": "kernel_regularizer", "b_regularizer": "bias_regularizer",
    "W_constraint": "kernel_constraint", "b_constraint": "bias_constraint", "bias": "use_bias",
}  # fmt: skip
OLD_ARGUMENTS: dict[str, dict[str, str | None]] = {
    "AlphaDropout": {"p": "rate"},
    "BatchNormalization": {
        "mode": None, "gamma_init": "gamma_initializer", "beta_init": "beta_initializer",
    },
    "Dense": {"output_dim": "units", "nb_outputs": "units", **_KERNEL_AND_BIAS},
    "Dropout": {"p": "rate"},
    "Embedding": {
        "init": "embeddings_initializer", "W_regularizer": "embeddings_regularizer",
        "W_constraint": "embeddings_constraint", "dropout": None,
    },
    "GaussianDropout": {"p": "rate"},
    "GaussianNoise": {"sigma": "stddev"},
    "PReLU": {"init": "alpha_initializer"},
    "SpatialDropout1D": {"p": "rate"},
}  # fmt: skip

#: Arguments that every layer of Keras 2 takes -> how it is said today.
OLD_LAYER_ARGUMENTS: dict[str, str] = {
    "input_dim": "{name}(input_shape=(...,)), or keras.Input(shape=(...,)) before it",
    "batch_input_shape": "keras.Input(batch_shape=...) before it",
    "weights": "layer.set_weights(...)",
}

#: Packages under which Keras stood -> the package of today. The longest that fits is taken.
OLD_PACKAGES: dict[str, str] = {
    "python.keras": "keras",
    **dict.fromkeys(
        (
            "keras._tf_keras", "keras._tf_keras.keras", "keras.api", "keras.api._v1", "keras.api._v1.keras",
            "keras.api._v2", "keras.api._v2.keras",
        ),
        "keras",
    ),
    "keras.src": "keras",
}  # fmt: skip


def old_package(path: str) -> str | None:
    """The longest of `OLD_PACKAGES` in which a module stands; None for a module of today's."""
    found = [old for old in OLD_PACKAGES if f"{path}.".startswith(f"{old}.")]
    return max(found, key=len) if found else None


def todays_module(path: str) -> str:
    """A module's path with the package of today; see `OLD_PACKAGES`.

    >>> from tensorlet.keras.spellings import todays_module
    >>> todays_module("python.keras.layers.core"), todays_module("keras.layers")
    ('keras.layers.core', 'keras.layers')
    """
    old = old_package(path)
    return path if old is None else OLD_PACKAGES[old] + path[len(old) :]


def find(path: str) -> Any:
    """What a legacy name of Keras stands for today, with a note; None for any other name.

    Args:
        path: the name without ``tf.``, such as ``"keras.initializers.normal"``.
    """
    if path in OLD_MODULES or path in CALLABLE_MODULES:
        return importlib.import_module(f"tensorlet.{path}")
    if path not in OLD_NAMES:
        return None
    today = OLD_NAMES[path]
    note_old_spelling(f"tf.{path}", f"tf.{today}")
    module, _, name = today.rpartition(".")
    return getattr(importlib.import_module(f"tensorlet.{module}"), name)


def note_old_spelling(old: str, today: str) -> None:
    """Says once, in a quiet warning, what today's name of an old spelling is.

    The warning names the line outside Tensorlet that the call came from.

    Args:
        old: what the program says, such as ``"Adam(lr=...)"``.
        today: what to write in its place, such as ``"Adam(learning_rate=...)"``.

    Raises:
        InvalidArgumentError: if the environment says ``TENSORLET_DEPRECATIONS=error``.

    >>> import warnings
    >>> from tensorlet.keras.spellings import note_old_spelling
    >>> with warnings.catch_warnings(record=True) as noted:
    ...     warnings.simplefilter("always")
    ...     for _ in range(3):
    ...         note_old_spelling("example(old=...)", "example(new=...)")
    >>> [str(one.message) for one in noted]
    ["example(old=...) is an old spelling; today's is example(new=...)."]
    """
    note = f"{old} is an old spelling; today's is {today}."
    if DEPRECATIONS.read() == "error":
        raise InvalidArgumentError(f"{note} Write that, or unset TENSORLET_DEPRECATIONS.")
    if old not in _noted:
        _noted.add(old)
        frame: FrameType | None = sys._getframe(1)
        while frame is not None and frame.f_globals.get("__name__", "").startswith(_BETWEEN):
            frame = frame.f_back
        if frame is None:
            warnings.warn(note, FutureWarning, stacklevel=2)
        else:
            names = frame.f_globals
            warnings.warn_explicit(
                note, FutureWarning, frame.f_code.co_filename, frame.f_lineno,
                names.get("__name__"), names.setdefault("__warningregistry__", {}),
            )  # fmt: skip


def note_old_layer_arguments(layer: Any, arguments: dict[str, Any]) -> None:
    """Notes the arguments in `OLD_LAYER_ARGUMENTS` with which a class of layers is called, unless it has its own."""
    for old in sorted(OLD_LAYER_ARGUMENTS.keys() & arguments.keys()):
        if old not in inspect.signature(layer.__init__).parameters:
            today = OLD_LAYER_ARGUMENTS[old].format(name=layer.__name__)
            note_old_spelling(f"{layer.__name__}({old}=...)", today)


def take_old_arguments(layer: Any) -> None:
    """Lets a layer's class take the arguments in `OLD_ARGUMENTS`, with a note for each."""
    table = OLD_ARGUMENTS[layer.__name__]
    plain = layer.__init__

    @functools.wraps(plain)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        for old in sorted(table.keys() & kwargs.keys()):
            today, value = table[old], kwargs.pop(old)
            name = layer.__name__
            note_old_spelling(f"{name}({old}=...)", f"{name}({f'{today}=...' if today else ''})")
            if today:
                kwargs[today] = value
        plain(self, *args, **kwargs)

    layer.__init__ = init


#: Whose calls stand between the user's line and the note: Tensorlet, and Python's import.
_BETWEEN = ("tensorlet", "importlib")
