"""Faults in the structure of a model, and in the settings of `compile`, that training does not reveal."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tensorlet.keras.optimizers.schedules.base import LearningRateSchedule
from tensorlet.keras.training.report.diagnosis import Note
from tensorlet.keras.training.report.model_design import REGRESSION, of_design
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.training.report.data_facts import DataFacts

#: Layers after which inputs are in scale.
SCALING = frozenset(
    ("Normalization", "Rescaling", "BatchNormalization", "LayerNormalization", "Embedding", "CategoryEncoding",
     "MinMaxScaling", "IntegerLookup", "StringLookup", "TextVectorization", "Discretization", "Hashing", "Lambda")
)  # fmt: skip
#: Layers that do not change what follows.
_NEUTRAL = frozenset(("InputLayer", "Flatten", "Reshape", "Dropout", "Permute", "Resizing", "CenterCrop"))
_WEIGHTED = frozenset(("Dense", "Conv1D", "Conv2D", "Conv3D"))
#: The largest usual learning rate, by the class of the optimizer.
HIGHEST = {"SGD": 1.0, "Adagrad": 1.0, "Adadelta": 10.0, "Ftrl": 1.0}
USUALLY_HIGHEST, LOWEST = 0.1, 1e-7


def scales_itself(model: Any) -> bool:
    """Whether the first layers of a model scale their inputs or look them up."""
    for layer in _layers(model):
        kind = type(layer).__name__
        if kind in SCALING or not type(layer).__module__.startswith("tensorlet."):
            return True
        if kind not in _NEUTRAL:
            return False
    return True


def _layers(model: Any) -> list[Any]:
    found = list(getattr(model, "layers", ()))
    flat = []
    for layer in found:
        flat += _layers(layer) if hasattr(layer, "layers") and hasattr(layer, "fit") else [layer]
    return flat


def of_model(model: Any, facts: DataFacts | None) -> Iterator[Note]:
    """Yields what is unusual about a model whose layers follow one another.

    Args:
        model: a compiled model.
        facts: what the data show, if known.
    """
    layers = _layers(model)
    if type(model).__name__ == "Sequential" or _is_chain(model):
        yield from _linear_stacks(layers)
        yield from _dropout_at_the_end(layers)
        yield from _bias_before_normalization(layers)
        yield from of_design(layers, getattr(model, "loss", None), facts)
    yield from _constant_weights(layers)
    yield from _learning_rate(model)
    yield from _accuracy_of_numbers(model, facts)


def _is_chain(model: Any) -> bool:
    """Whether the layers of a functional model follow one another without branches."""
    return all(
        len(getattr(layer, "inbound_nodes", ())) <= 1 and len(getattr(layer, "outbound_nodes", ())) <= 1
        for layer in getattr(model, "layers", ())
    ) and hasattr(model, "inputs")


def _activation(layer: Any) -> str:
    function = getattr(layer, "activation", None)
    return str(getattr(function, "__name__", "linear")) if function is not None else "linear"


def _linear_stacks(layers: list[Any]) -> Iterator[Note]:
    weighted = [layer for layer in layers if type(layer).__name__ not in _NEUTRAL]
    for first, second in itertools.pairwise(weighted):
        kinds = {type(first).__name__, type(second).__name__}
        if kinds <= _WEIGHTED and _activation(first) == "linear":
            yield Note(
                "no-activation",
                _("The layers '{first}' and '{second}' follow each other without an activation between them: together "
                  "they can do no more than one of them.").format(first=first.name, second=second.name),
                _("Set activation='relu' in '{first}'.").format(first=first.name),
            )  # fmt: skip


def _dropout_at_the_end(layers: list[Any]) -> Iterator[Note]:
    if layers and type(layers[-1]).__name__ == "Dropout":
        yield Note(
            "dropout-at-the-end",
            _("The last layer is a Dropout: it sets outputs to zero in training."),
            _("Put it before the last Dense layer."),
        )
    for layer in layers:
        rate = float(getattr(layer, "rate", 0.0) or 0.0) if "Dropout" in type(layer).__name__ else 0.0
        if rate > 0.7:
            yield Note(
                "dropout-rate",
                _("The layer '{name}' drops {rate:.0%} of its inputs.").format(name=layer.name, rate=rate),
                _("Usual rates are 0.1 to 0.5."),
            )


def _bias_before_normalization(layers: list[Any]) -> Iterator[Note]:
    for first, second in itertools.pairwise(layers):
        if (
            type(second).__name__ == "BatchNormalization"
            and type(first).__name__ in _WEIGHTED
            and _activation(first) == "linear"
            and getattr(first, "use_bias", False)
        ):
            yield Note(
                "useless-bias",
                _(
                    "The bias of '{first}' has no effect, since '{second}' subtracts the mean after it."
                ).format(first=first.name, second=second.name),
                _("Set use_bias=False in '{first}'.").format(first=first.name),
            )


def _constant_weights(layers: list[Any]) -> Iterator[Note]:
    weighted = [layer for layer in layers if type(layer).__name__ in _WEIGHTED]
    for layer in weighted[:-1]:
        kind = type(getattr(layer, "kernel_initializer", None)).__name__
        if kind in ("Zeros", "Ones", "Constant"):
            yield Note(
                "constant-weights",
                _(
                    "The weights of '{name}' all start with the same value ({kind}), so its units stay equal."
                ).format(name=layer.name, kind=kind),
                _("Leave out kernel_initializer, which is 'glorot_uniform' by default."),
            )


def _learning_rate(model: Any) -> Iterator[Note]:
    optimizer = getattr(model, "optimizer", None)
    falls = isinstance(getattr(optimizer, "_learning_rate", None), LearningRateSchedule)  # many end at 0
    try:
        rate = float(optimizer.learning_rate)  # type: ignore[union-attr]
    except (TypeError, ValueError, AttributeError):
        return
    kind = type(optimizer).__name__
    highest = HIGHEST.get(kind, USUALLY_HIGHEST)
    if rate > highest or (rate < LOWEST and not falls):
        yield Note(
            "learning-rate",
            _("The learning rate of {kind} is {rate:g}; usual ones are between {low:g} and {high:g}.").format(
                kind=kind, rate=rate, low=LOWEST, high=highest
            ),
            _("Try {usual:g}.").format(usual=0.01 if highest >= 1 else 0.001),
        )


def _accuracy_of_numbers(model: Any, facts: DataFacts | None) -> Iterator[Note]:
    loss = getattr(model, "loss", None)
    name = loss if isinstance(loss, str) else type(loss).__name__
    metrics = [str(getattr(one, "name", one)) for one in getattr(model, "metrics", ())]
    if name not in REGRESSION or not any(one in ("accuracy", "acc") for one in metrics):
        return
    if facts is not None and facts.targets > 20 and not facts.classes:
        yield Note(
            "accuracy-of-numbers",
            _("The metric 'accuracy' counts how often a prediction equals its label exactly; for numbers, and the loss "
              "'{loss}', it says nothing.").format(loss=name),
            _("Use metrics=['mae']."),
        )  # fmt: skip
