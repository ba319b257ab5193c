"""Methods of models that are implemented in packages above the models: saving and exporting.

`Model.save` cannot import the package ``saving``, which itself imports the models. Instead, that package registers
its functions here, and `Model.save` looks them up by name. The module is imported on first use.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tensorlet.registry import Registry

_SAVING = "tensorlet.keras.saving"

#: The functions behind `Model.save`, `Model.export` and the like.
MODEL_METHODS: Registry[Callable[..., Any]] = Registry(
    "model method",
    index={
        "save_model": f"{_SAVING}.api",
        "save_weights": f"{_SAVING}.api",
        "load_weights": f"{_SAVING}.api",
        "write_training_state": f"{_SAVING}.backup",
        "restore_training_state": f"{_SAVING}.backup",
        "export_model": "tensorlet.export.model",
    },
)
