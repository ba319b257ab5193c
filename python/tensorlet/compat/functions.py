"""Legacy functions of Keras, and legacy arguments of functions."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any, NoReturn

from tensorlet.compat.deprecation import warn_legacy
from tensorlet.errors import InvalidArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tensorlet.keras.models.model import Model


def set_learning_phase(value: int) -> None:
    """Accepts 0, the phase outside of `fit`; layers get their mode from the argument ``training``.

    Raises:
        InvalidArgumentError: for 1, which would enable dropout everywhere.
    """
    warn_legacy("backend.set_learning_phase", "model(x, training=True or False)")
    if value not in (0, False):
        raise InvalidArgumentError(
            f"set_learning_phase: got {value!r}, but the phase cannot be set for the whole program. fit uses training "
            "mode and predict does not; for a single call, use model(x, training=True)."
        )


def image_dim_ordering() -> str:
    """The legacy form of ``image_data_format()``: ``"tf"``, which means colours on the last axis."""
    warn_legacy("backend.image_dim_ordering()", "backend.image_data_format()")
    return "tf"


def set_image_dim_ordering(dim_ordering: str) -> None:
    """Accepts ``"tf"``, colours on the last axis.

    Raises:
        InvalidArgumentError: for ``"th"``.
    """
    warn_legacy("backend.set_image_dim_ordering(...)", "backend.set_image_data_format('channels_last')")
    if dim_ordering != "tf":
        raise InvalidArgumentError(
            f"set_image_dim_ordering: got {dim_ordering!r}, but images have their colours on the last axis here "
            "('tf'). Transpose the data: np.moveaxis(x, 1, -1)."
        )


#: How Keras 1's layer ``Merge`` combines its inputs -> the layer that does it today.
_MERGE_MODES = {
    "ave": "Average", "concat": "Concatenate", "dot": "Dot", "max": "Maximum", "mul": "Multiply", "sum": "Add",
}  # fmt: skip


def Merge(  # noqa: N802 - its name
    layers: object = None,
    mode: str = "sum",
    concat_axis: int = -1,
    dot_axes: int | Sequence[int] = -1,
    **options: Any,
) -> Any:
    """Keras 1's layer ``Merge`` as the layer that combines inputs today.

    Args:
        layers: the models whose outputs it would combine; Keras dropped them in 2017.
        mode: one of ``"sum"``, ``"mul"``, ``"concat"``, ``"ave"``, ``"dot"`` and ``"max"``.
        concat_axis: of ``"concat"``.
        dot_axes: of ``"dot"``.
        options: of every layer.

    Raises:
        InvalidArgumentError: if layers are given, or for another mode.
    """
    name = _MERGE_MODES.get(mode)
    if layers or name is None:
        raise InvalidArgumentError(
            f"Merge({'layers, ' if layers else ''}mode={mode!r}): Keras dropped this layer in 2017. Use the functional "
            f"API: tf.keras.layers.{name or 'Add'}()([a, b]) of two tensors, such as a = first(tf.keras.Input((4,)))."
        )
    warn_legacy(f"layers.Merge(mode={mode!r})", f"layers.{name}()")
    axes: dict[str, dict[str, Any]] = {"concat": {"axis": concat_axis}, "dot": {"axes": dot_axes}}
    more = axes.get(mode, {})
    return getattr(importlib.import_module("tensorlet.keras.layers"), name)(**more, **options)


def print_summary(model: Model, *arguments: Any, **options: Any) -> None:
    """The legacy name of ``model.summary()``."""
    warn_legacy("utils.print_summary(model)", "model.summary()")
    model.summary(*arguments, **options)


def extend_to_categorical(plain: Callable[..., Any]) -> Callable[..., Any]:
    """Makes ``to_categorical`` accept ``nb_classes``."""

    @functools.wraps(plain)
    def to_categorical(*args: Any, **kwargs: Any) -> Any:
        if "nb_classes" in kwargs:
            warn_legacy("to_categorical(nb_classes=...)", "to_categorical(num_classes=...)")
            kwargs["num_classes"] = kwargs.pop("nb_classes")
        return plain(*args, **kwargs)

    return to_categorical


def extend_arguments_of(plain: Callable[..., list[str]]) -> Callable[..., list[str]]:
    """Makes the scikit-learn wrappers accept ``nb_epoch``."""

    @functools.wraps(plain)
    def arguments_of(function: Callable[..., Any]) -> list[str]:
        return [*plain(function), "nb_epoch"] if function.__name__ == "fit" else plain(function)

    return arguments_of


def extend_model(model: Any) -> Any:
    """Makes ``Model`` accept ``input`` and ``output``, its arguments in Keras 1, and explain ``to_yaml``."""
    create, initialize = model.__new__, model.__init__

    def new(cls: type, *args: Any, **kwargs: Any) -> Any:
        return create(cls, *args, **_with_plural(kwargs))

    @functools.wraps(initialize)
    def init(self: object, *args: Any, **kwargs: Any) -> None:
        for legacy in sorted(kwargs.keys() & {"input", "output"}):
            warn_legacy(f"Model({legacy}=...)", f"Model({legacy}s=...)")
        initialize(self, *args, **_with_plural(kwargs))

    model.__new__, model.__init__, model.to_yaml = staticmethod(new), init, _to_yaml
    return model


def _to_yaml(self: object, **options: Any) -> NoReturn:
    """The configuration of a model as YAML, which Keras removed in version 2.6.

    Raises:
        RuntimeError: always.
    """
    raise RuntimeError("to_yaml: reading YAML can run code. Use model.to_json() and model_from_json.")


def _with_plural(options: dict[str, Any]) -> dict[str, Any]:
    return {f"{name}s" if name in ("input", "output") else name: value for name, value in options.items()}


def other_accuracy(name: str) -> str:
    """ "val_accuracy" for "val_acc" and vice versa; Keras used the short name until 2019.

    >>> from tensorlet.compat.functions import other_accuracy
    >>> other_accuracy("val_acc"), other_accuracy("accuracy"), other_accuracy("loss")
    ('val_accuracy', 'acc', 'loss')
    """
    if name.endswith("accuracy"):
        return name.removesuffix("accuracy") + "acc"
    return name + "uracy" if name.endswith("acc") else name


def extend_history(numbers: Any) -> Any:
    """Makes ``history["acc"]`` return "accuracy", and vice versa."""
    plain = numbers.__missing__

    def missing(self: dict[str, list[Any]], name: str) -> list[Any]:
        other = other_accuracy(name)
        if other not in self:
            found: list[Any] = plain(self, name)
            return found
        warn_legacy(f"history['{name}']", f"history['{other}'], the name of the metric in compile")
        return self[other]

    numbers.__missing__ = missing
    return numbers


def extend_monitored(plain: Callable[..., float | None]) -> Callable[..., float | None]:
    """Makes callbacks that monitor "val_acc" use "val_accuracy", and vice versa."""

    @functools.wraps(plain)
    def monitored(logs: Mapping[str, Any], monitor: str, who: str) -> float | None:
        other = other_accuracy(monitor)
        if monitor in logs or other not in logs:
            return plain(logs, monitor, who)
        if monitor.endswith("acc"):
            warn_legacy(f"{who}(monitor='{monitor}')", f"{who}(monitor='{other}')")
        return plain(logs, other, who)

    return monitored
