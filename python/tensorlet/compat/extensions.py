"""What `tensorlet.compat` adds to the rooms below it."""

from __future__ import annotations

from tensorlet.extensions import EXTENSIONS

_HERE = "tensorlet.compat"


def install() -> None:
    """Enters everything into the table; nothing is imported before it is needed."""
    EXTENSIONS["optimizer"] = f"{_HERE}.optimizers:extend_optimizer"
    EXTENSIONS["missing name"] = "tensorlet.keras.spellings:find"
