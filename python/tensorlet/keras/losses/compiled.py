"""Losses in a `GradientTape` outside of traced functions, as compiled graphs: one forward, one for the gradient."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tensorlet.core.compiled_call import NOT_COMPILED, CompiledCall, all_own, is_own
from tensorlet.core.eager import EAGER
from tensorlet.core.logits import with_logits
from tensorlet.core.tensor import EagerTensor
from tensorlet.errors import TensorletError
from tensorlet.keras.generations import keras_generation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tensorlet.core.tensor import Tensor
    from tensorlet.keras.losses.base import Loss
    from tensorlet.ops.registry import TensorLike

#: The number of losses with different settings that are compiled; others run operation by operation.
MOST_LOSSES = 64

#: By the class and settings, because programs may create a new loss for each step.
_calls: dict[tuple[object, ...], CompiledCall] = {}


def compiled_loss(
    loss: Loss, y_true: TensorLike, y_pred: EagerTensor, sample_weight: TensorLike | None
) -> Any:
    """Returns the loss of a batch from a compiled graph; `NOT_COMPILED` if it must run operation by operation."""
    call = _call_of(loss)
    if call is None:
        return NOT_COMPILED
    try:
        weights = None if sample_weight is None else _tensor(sample_weight)
        return call(_tensor(y_true), y_pred, weights, getattr(y_pred, "_keras_logits", None))
    except (TensorletError, MemoryError):  # without compilation, the message is better
        return NOT_COMPILED


def _call_of(loss: Loss) -> CompiledCall | None:
    settings = _settings_of(loss)
    try:
        key = (type(loss), keras_generation(), *settings)
        found = _calls.get(key)
    except TypeError:  # settings that cannot be hashed
        return None
    if found is None and len(_calls) < MOST_LOSSES:
        if not is_own(type(loss)) or not all_own(value for _, value in settings):
            return None
        found = _calls[key] = CompiledCall(_computation(copy.copy(loss)), loss.name)
    return found


def _computation(loss: Loss) -> Callable[..., Any]:
    """Returns the loss as a function that also takes the logits of the predictions, if they are known."""

    def compute(
        y_true: Tensor, y_pred: Tensor, sample_weight: TensorLike | None, logits: Tensor | None
    ) -> Any:
        if logits is not None:
            y_pred = with_logits(y_pred, logits)
        return loss._computed(y_true, y_pred, sample_weight)

    return compute


def _settings_of(loss: Loss) -> list[tuple[str, object]]:
    """Returns the attributes of a loss; dictionaries, such as the arguments of a function, item by item."""
    found: list[tuple[str, object]] = []
    for name, value in vars(loss).items():
        if isinstance(value, dict):
            found += value.items()
        else:
            found.append((name, value))
    return found


def _tensor(value: TensorLike) -> EagerTensor:
    return value if type(value) is EagerTensor else EAGER.convert(value)
