"""What this package adds to the rooms below it."""

from __future__ import annotations

from tensorlet.extensions import EXTENSIONS

#: What is extended -> the function that does it, without ``tensorlet.compat.``.
_ADDED = {
    "layer": "layers:extend_layer",
    "missing name": "legacy_names:find",
    "optimizer": "optimizers:extend_optimizer",
    "tensorlet.keras.callbacks.monitor.monitored": "functions:extend_monitored",
    "tensorlet.keras.layers.layer_config.take_input_shape": "layers:extend_options",
    "tensorlet.keras.models.model.Model": "functions:extend_model",
    "tensorlet.keras.optimizers.base.Optimizer": "optimizers:extend_base",
    "tensorlet.keras.training.predictor.refuse_unknown": "training:extend_refuse_unknown",
    "tensorlet.keras.training.report.history.Numbers": "functions:extend_history",
    "tensorlet.keras.training.trainer.Trainer": "training:extend_trainer",
    "tensorlet.keras.utils.labels.to_categorical": "functions:extend_to_categorical",
    "tensorlet.keras.wrappers.scikit_learn.arguments_of": "functions:extend_arguments_of",
}


def install() -> None:
    """Enters everything into the table; nothing is imported before what it extends is."""
    EXTENSIONS.update({extended: f"tensorlet.compat.{place}" for extended, place in _ADDED.items()})
