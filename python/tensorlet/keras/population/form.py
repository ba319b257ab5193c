"""The form of a compiled model: models of one form have the same training step, up to the names of their variables."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from tensorlet.core.variable import Variable
from tensorlet.keras.models.model import Model
from tensorlet.keras.models.sequential import Sequential
from tensorlet.keras.optimizers.base import Optimizer

#: Parts of a configuration that the step does not depend on: names, and where the first weights come from.
IGNORED = frozenset(
    {
        "name",
        "seed",
        "kernel_initializer",
        "bias_initializer",
        "recurrent_initializer",
        "embeddings_initializer",
    }
)
#: Layers whose seed or function is part of the step.
EXCLUDED = frozenset({"Lambda"})


def form_of(model: Model) -> Hashable | None:
    """A key that is equal for models of one form; None if this cannot be told from the configuration.

    Only models of built-in layers, optimizers, losses and metrics have one: what a user's own class computes may
    depend on more than its configuration.

    Args:
        model: a compiled and built model.
    """
    parts: list[object] = [type(model)]
    if not _is_ours(model) or model.run_eagerly or not _is_ours(model.optimizer):
        return None
    layers = list(model._flatten_layers())
    names = {layer.name: position for position, layer in enumerate(layers)}
    for layer in layers:
        if layer is model:
            continue
        if not _is_ours(layer) or type(layer).__name__ in EXCLUDED:
            return None
        parts.append((type(layer), _frozen(layer.get_config(), names), layer.trainable))
    if type(model) is not Sequential:
        if type(model).get_config is not Model.get_config:
            return None
        parts.append(_frozen(model.get_config(), names))
    parts.append(_optimizer(model.optimizer))
    settings = [_frozen(value, {}) for _, value in sorted((model._compile_settings or {}).items())]
    parts.append(tuple(settings))
    return None if any(_has_unknown(part) for part in parts) else tuple(parts)


def variables_of(model: Model) -> list[Variable]:
    """The variables of a model that its training step may use, in an order that is the same for one form."""
    optimizer = model.optimizer
    found: list[Any] = [*model.variables, *optimizer.variables]
    if isinstance(optimizer._learning_rate, Variable):
        found.append(optimizer._learning_rate)
    found += [variable for metric in model.metrics for variable in metric.variables]
    return list({id(variable): variable for variable in found}.values())


def _optimizer(optimizer: Optimizer) -> object:
    config = optimizer.get_config()
    if isinstance(optimizer._learning_rate, Variable):
        config = {name: value for name, value in config.items() if name != "learning_rate"}
    return type(optimizer), _frozen(config, {})


class _Unknown:
    """Stands for a value of which nothing is known."""


_UNKNOWN = _Unknown()


def _has_unknown(part: object) -> bool:
    return part is _UNKNOWN or (isinstance(part, tuple) and any(map(_has_unknown, part)))


def _frozen(value: object, names: dict[str, int]) -> Hashable:
    """A configuration as nested tuples, with positions in place of the names of layers."""
    if isinstance(value, str):
        return names.get(value, value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, dict):
        kept = [(str(key), _frozen(item, names)) for key, item in value.items() if key not in IGNORED]
        return tuple(sorted(kept, key=lambda pair: pair[0]))
    if isinstance(value, list | tuple):
        return tuple(_frozen(item, names) for item in value)
    if hasattr(value, "get_config") and _is_ours(value):
        return type(value), _frozen(value.get_config(), names)
    if callable(value) and _is_ours(value):
        return value
    return _UNKNOWN


def _is_ours(value: object) -> bool:
    """Whether a class or function is part of this package."""
    kind = value if hasattr(value, "__qualname__") else type(value)
    return str(getattr(kind, "__module__", "")).startswith("tensorlet.")
