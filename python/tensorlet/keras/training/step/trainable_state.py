"""The trainable layers at `compile`, which remain in effect until the next `compile`, as in Keras 2."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tensorlet.errors import warn_user
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.keras.layers.base import Layer


class TrainableState:
    """The current ``trainable`` flags of a model and its layers.

    For example, a discriminator that is compiled, then frozen as part of a second model, continues to learn when
    it is trained by itself, but not in the second model: each model uses the flags of its own `compile`.

    Args:
        model: the model.
    """

    def __init__(self, model: Layer) -> None:
        self.flags = [(layer, layer.trainable) for layer in model._flatten_layers()]
        self._warned = False

    @contextmanager
    def in_force(self) -> Iterator[None]:
        """Context manager in which the flags are set; they are reset afterwards."""
        before = [(layer, layer.trainable) for layer, _ in self.flags]
        _set(self.flags)
        try:
            yield
        finally:
            _set(before)

    def warn_of_changes(self, name: str) -> None:
        """Warns once if flags have changed since `compile`.

        Args:
            name: the name of the model.
        """
        changed = [layer.name for layer, flag in self.flags if layer.trainable != flag]
        if changed and not self._warned:
            self._warned = True
            warn_user(
                _(
                    "'trainable' was changed after compile() in {layers}. The model '{name}' continues to train with "
                    "the values at compile(), as in Keras 2. For the change to take effect, call compile() again."
                ).format(layers=_listed(changed), name=name)
            )


def _set(flags: list[tuple[Layer, bool]]) -> None:
    for layer, flag in flags:
        layer._own.is_trainable = flag  # the setter would also change the layers inside


def _listed(names: list[str]) -> str:
    shown = ", ".join(f"'{name}'" for name in names[:4])
    if len(names) <= 4:
        return shown
    return _("{names} and {count} other layers").format(names=shown, count=len(names) - 4)
