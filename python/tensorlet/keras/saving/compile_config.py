"""The arguments of `compile` in files."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from tensorlet.keras.metrics.base import Metric
from tensorlet.keras.metrics.by_name import as_metric, depends_on_shapes
from tensorlet.keras.models.model import Model
from tensorlet.keras.optimizers.base import Optimizer
from tensorlet.keras.registry import LOSSES, METRICS, OPTIMIZERS, CustomObjectScope, KerasRegistry
from tensorlet.keras.saving.keras2_keras3 import from_file, function_for_keras_3, to_keras_2, to_keras_3

if TYPE_CHECKING:
    from tensorlet.type_aliases import Identifier


def keras_2_training(model: Model) -> dict[str, Any] | None:
    """Returns the ``training_config`` of an ``.h5`` file in the dialect of Keras 2; None if the model is not compiled.

    Keras 2 reads the name "accuracy" in a file as a function that compares numbers, so the metrics are
    written as objects.
    """
    settings = model._compile_settings
    if settings is None or model.optimizer is None:
        return None
    metrics, weighted = _made_metrics(model, settings)
    return {
        "loss": to_keras_2(_each(_full_name, settings["loss"])),
        "metrics": to_keras_2(metrics),
        "weighted_metrics": to_keras_2(weighted),
        "loss_weights": settings["loss_weights"],
        "optimizer_config": _keras_2_optimizer(model.optimizer),
    }


def _keras_2_optimizer(optimizer: Optimizer) -> dict[str, Any]:
    """Returns the optimizer as in Keras 2.11 and later, under another name and marked as not legacy."""
    if optimizer.is_legacy:
        legacy: dict[str, Any] = to_keras_2(OPTIMIZERS.serialize(optimizer))
        return legacy
    config = _optimizer_config(optimizer)
    own = config.get("module") is not None
    found: dict[str, Any] = to_keras_2(config)
    return {**found, "class_name": f"Custom>{found['class_name']}"} if own else found


def keras_2_compile_config(model: Model) -> dict[str, Any] | None:
    """Returns the ``compile_config`` of a ``.keras`` file in the dialect of Keras 2."""
    settings = model._compile_settings
    if settings is None or model.optimizer is None:
        return None
    optimizer = _optimizer_config(model.optimizer)
    if model.optimizer.is_legacy:
        optimizer = {**OPTIMIZERS.serialize(model.optimizer), "module": "keras.optimizers.legacy"}
    return {
        "optimizer": optimizer,
        **_serialized(settings),
        "run_eagerly": model.run_eagerly or None,
        "steps_per_execution": None,
        "jit_compile": None,
    }


def keras_3_compile_config(model: Model) -> dict[str, Any] | None:
    """Returns the ``compile_config`` of a ``.keras`` file in the dialect of Keras 3."""
    settings = model._compile_settings
    if settings is None or model.optimizer is None:
        return None
    optimizer = _optimizer_config(model.optimizer)
    arguments = {
        name: value
        for name, value in optimizer["config"].items()
        if name not in ("jit_compile", "is_legacy_optimizer")
    }
    asked = _serialized(settings)
    own = (
        ("loss", LOSSES),
        ("metrics", METRICS),
        ("weighted_metrics", METRICS),
    )
    for what, registry in own:
        asked[what] = _leaves(partial(_for_keras_3, registry), asked[what])
    return to_keras_3(
        {
            "optimizer": {**optimizer, "config": arguments},
            **asked,
            "run_eagerly": bool(model.run_eagerly),
            "steps_per_execution": 1,
            "jit_compile": False,
        }
    )


def keras_3_training(model: Model) -> dict[str, Any] | None:
    """Returns the ``training_config`` of an ``.h5`` file in the dialect of Keras 3."""
    found, settings = keras_3_compile_config(model), model._compile_settings
    if found is not None and settings is not None:
        optimizer = found.pop("optimizer")
        found["optimizer_config"] = {"class_name": optimizer["class_name"], "config": optimizer["config"]}
        found["loss"] = to_keras_3(_each(_full_name, settings["loss"]))
        metrics, weighted = _made_metrics(model, settings)
        found |= {"metrics": to_keras_3(metrics), "weighted_metrics": to_keras_3(weighted)}
    return found


def as_legacy(settings: dict[str, Any]) -> dict[str, Any]:
    """Returns the settings of a file in Keras 3's dialect for the legacy optimizer that was saved in it."""
    name = "optimizer_config" if "optimizer_config" in settings else "optimizer"
    optimizer = settings.get(name)
    if not isinstance(optimizer, dict) or not isinstance(optimizer.get("config"), dict):
        return settings
    arguments = {**optimizer["config"], "decay": 0.0}
    for newer in ("weight_decay", "use_ema", "ema_momentum", "ema_overwrite_frequency"):
        arguments.pop(newer, None)
    return {**settings, name: {**optimizer, "config": arguments}}


def _full_name(loss: object) -> Any:
    """Serializes a loss; in an ``.h5`` file, Keras 3 recognizes "mean_squared_error" but not "mse"."""
    return LOSSES.serialize(LOSSES.get(loss) if isinstance(loss, str) else loss)


def _for_keras_3(registry: KerasRegistry, identifier: object) -> Any:
    return identifier if depends_on_shapes(identifier) else function_for_keras_3(registry, identifier)


def _serialized(settings: dict[str, Any]) -> dict[str, Any]:
    return {
        "loss": _each(LOSSES.serialize, settings["loss"]),
        "loss_weights": settings["loss_weights"],
        "metrics": _each(METRICS.serialize, settings["metrics"]),
        "weighted_metrics": _each(METRICS.serialize, settings["weighted_metrics"]),
    }


def _optimizer_config(optimizer: Optimizer) -> dict[str, Any]:
    """Serializes the optimizer; its argument ``decay``, which Keras 3 does not have, becomes a schedule."""
    config: dict[str, Any] = OPTIMIZERS.serialize(optimizer)
    arguments = dict(config["config"])
    decay = arguments.pop("decay", 0.0)
    if optimizer.is_legacy:
        decay = getattr(optimizer, "_decay", 0.0)  # Nadam writes its own constant
    if decay and not isinstance(arguments.get("learning_rate"), dict):
        arguments["learning_rate"] = {
            "module": "keras.optimizers.schedules",
            "class_name": "InverseTimeDecay",
            "config": {
                "initial_learning_rate": arguments["learning_rate"],
                "decay_steps": 1,
                "decay_rate": decay,
                "staircase": False,
                "name": "InverseTimeDecay",
            },
            "registered_name": None,
        }
    return {**config, "config": arguments}


def _each(serialize: Callable[[Any], Any], structure: object) -> Any:
    """Serializes every leaf of nested lists and dictionaries; None is unchanged."""
    if structure is None:
        return None
    if isinstance(structure, dict):
        return {key: _each(serialize, value) for key, value in structure.items()}
    if isinstance(structure, list | tuple):
        return [_each(serialize, value) for value in structure]
    return serialize(structure)


def _made_metrics(model: Model, settings: dict[str, Any]) -> tuple[Any, Any]:
    """Returns the metrics and weighted metrics: as created for the labels, or else as passed to `compile`."""
    made = getattr(model.compiled_metrics, "_made", None)
    asked = (settings["metrics"], settings["weighted_metrics"])
    if made is None:
        found = [_each(lambda one: _guessed(one, model), one) for one in asked]
    else:
        found = [
            None if given is None else [[_metric_config(one) for one in output] for output in outputs]
            for given, outputs in zip(asked, made, strict=True)
        ]
    return found[0], found[1]


#: Classes of metrics that both Keras 2 and 3 load from a file, by the functions whose means they are.
_CLASSES = {
    "binary_accuracy": "BinaryAccuracy", "binary_crossentropy": "BinaryCrossentropy",
    "categorical_accuracy": "CategoricalAccuracy", "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
    "mean_absolute_error": "MeanAbsoluteError", "mean_squared_error": "MeanSquaredError",
}  # fmt: skip


def _metric_config(metric: Metric) -> Any:
    """Returns the configuration of a metric; means of functions become classes that Keras 3 also reads."""
    config = METRICS.serialize(metric)
    if config["class_name"] == "MeanMetricWrapper" and config["config"].get("fn") in _CLASSES:
        arguments = dict(config["config"])
        return {**config, "class_name": _CLASSES[arguments.pop("fn")], "config": arguments}
    return config


def _guessed(identifier: Identifier, model: Model) -> Any:
    """Returns a metric for a name whose meaning depends on the labels, inferred from the loss."""
    loss = model.loss if isinstance(model.loss, str) else getattr(model.loss, "name", "")
    kinds = {"sparse_categorical": "sparse_categorical", "categorical": "categorical", "binary": "binary"}
    if depends_on_shapes(identifier) and identifier.lower() in ("accuracy", "acc"):
        for start, kind in kinds.items():
            if isinstance(loss, str) and loss.startswith(start):
                arguments = {"name": identifier, "dtype": "float32"}
                return {"class_name": _CLASSES[f"{kind}_accuracy"], "config": arguments}
    if depends_on_shapes(identifier):
        return identifier
    return _metric_config(as_metric(identifier))


def compile_from(model: Model, config: dict[str, Any], custom_objects: dict[str, Any] | None) -> None:
    """Compiles a model with the arguments in a file, in any dialect.

    Args:
        model: the model to compile.
        config: a ``training_config`` or a ``compile_config``.
        custom_objects: user-defined objects by name.
    """
    with CustomObjectScope(custom_objects or {}):
        settings = from_file(config)
        optimizer = settings.get("optimizer_config", settings.get("optimizer"))
        if optimizer is None:
            return
        model.compile(
            optimizer=OPTIMIZERS.deserialize(_without_package(optimizer, custom_objects)),
            loss=_leaves(_loss, settings.get("loss")),
            metrics=_leaves(_metric, settings.get("metrics")),
            weighted_metrics=_leaves(_metric, settings.get("weighted_metrics")),
            loss_weights=settings.get("loss_weights"),
            run_eagerly=settings.get("run_eagerly"),
        )


def _without_package(config: object, custom_objects: dict[str, Any] | None) -> Any:
    """Removes the prefix of ``Custom>Adam``, the name of built-in optimizers in Keras 2.11 and later."""
    name = config.get("class_name") if isinstance(config, dict) else None
    if isinstance(name, str) and name.startswith("Custom>"):
        own = name.removeprefix("Custom>")
        if isinstance(config, dict) and name not in (custom_objects or {}) and own in OPTIMIZERS.names():
            return {**config, "class_name": own}
    return config


def _leaves(deserialize: Callable[[Any], Any], structure: object) -> Any:
    """Deserializes every name and configuration in nested lists and dictionaries."""
    if structure is None:
        return None
    if isinstance(structure, list):
        return [_leaves(deserialize, item) for item in structure]
    if isinstance(structure, dict) and "class_name" not in structure:
        return {key: _leaves(deserialize, value) for key, value in structure.items()}
    return deserialize(structure)


def _loss(identifier: object) -> Any:
    """Returns a loss; names of built-in losses are unchanged, as when passed to `compile`."""
    found = LOSSES.deserialize(identifier)
    return identifier if _is_own_name(identifier, found) else found


def _metric(identifier: object) -> Any:
    """Returns a metric; names of built-in metrics, which the logs show, are unchanged."""
    if depends_on_shapes(identifier):
        return identifier
    found = METRICS.deserialize(identifier)
    return identifier if _is_own_name(identifier, found) else found


def _is_own_name(identifier: object, found: object) -> bool:
    made_by = getattr(found, "__module__", None) or type(found).__module__
    return isinstance(identifier, str) and str(made_by).startswith("tensorlet.")
