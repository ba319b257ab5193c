"""Which of an estimator's arguments belong to the function that creates the model, to `compile`, `fit` and so on."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tensorlet.core import random_state
from tensorlet.errors import did_you_mean
from tensorlet.extensions import extensible

#: The methods whose arguments an estimator takes, plain or with the prefix of scikeras (``fit__epochs``).
PREFIXES = ("model", "compile", "optimizer", "loss", "metrics", "fit", "predict")
#: What scikeras passes to functions that ask for it.
GIVEN = ("meta", "compile_kwargs")


@extensible
def arguments_of(function: Callable[..., Any]) -> list[str]:
    """Returns the names of the arguments of a function, without ``self``, ``x`` and ``y``."""
    skipped = (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
    found = inspect.signature(function).parameters
    return [name for name, one in found.items() if one.kind not in skipped and name not in ("self", "x", "y")]


def takes_all(function: Callable[..., Any]) -> bool:
    """Whether a function has ``**kwargs``."""
    kinds = [one.kind for one in inspect.signature(function).parameters.values()]
    return inspect.Parameter.VAR_KEYWORD in kinds


def chosen(
    function: Callable[..., Any], prefix: str, settings: Mapping[str, Any], given: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns the settings that a function takes; those with its prefix win, and those of the call win over them.

    Args:
        function: the function.
        prefix: its prefix, such as ``"fit"``.
        settings: the arguments of the estimator.
        given: the arguments of the call.

    >>> def fit(x, epochs=1, verbose=1): ...
    >>> chosen(fit, "fit", {"epochs": 2, "verbose": 1, "fit__epochs": 3, "rate": 0.1}, {"verbose": 0})
    {'epochs': 3, 'verbose': 0}
    """
    names = arguments_of(function)
    plain = {name: value for name, value in settings.items() if name in names}
    return plain | with_prefix(prefix, settings) | dict(given)


def with_prefix(prefix: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with a prefix, without it.

    >>> with_prefix("optimizer", {"optimizer": "sgd", "optimizer__learning_rate": 0.1})
    {'learning_rate': 0.1}
    """
    start = f"{prefix}__"
    return {name[len(start) :]: value for name, value in settings.items() if name.startswith(start)}


def check(
    owner: str, settings: Mapping[str, Any], maker: Callable[..., Any] | None, known: list[str]
) -> None:
    """Refuses arguments that nothing takes.

    Args:
        owner: the name of the estimator's class.
        settings: its arguments.
        maker: the function that creates the model; None for a model.
        known: the arguments of the model's methods.

    Raises:
        ValueError: for an argument that nothing takes.
    """
    if maker is not None and takes_all(maker):
        return
    names = [*known, *(arguments_of(maker) if maker is not None else ())]
    for name in settings:
        prefix, separator, _ = name.partition("__")
        if name in names or (separator and prefix in PREFIXES):
            continue
        raise ValueError(
            f"{owner}: neither the function that creates the model nor fit, predict or evaluate takes '{name}'."
            f"{did_you_mean(name, names)}"
        )


@contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    """Context manager in which Tensorlet's random numbers come from a seed; afterwards they go on as before."""
    if seed is None:
        yield
        return
    before = random_state.saved_state()
    random_state.set_seed(seed)
    try:
        yield
    finally:
        random_state.restore_state(before)
