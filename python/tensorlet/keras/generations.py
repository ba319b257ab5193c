"""Names that mean one thing in Keras 2 and another in Keras 3, and whose meaning counts.

The modules of Keras define what Keras 3 means. `tensorlet.extensions.EXTENSIONS` has what Keras 2 means, under
``keras 2 <kind> <name>``. A program means what its generation means; a file what the version that wrote it means.
Where the two differ, a name in a configuration has its generation in front: ``keras2_hard_sigmoid``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, TypeVar

from tensorlet.extensions import EXTENSIONS, extension
from tensorlet.settings import KERAS

T = TypeVar("T")

#: Modules that only programs for Keras 3 import.
_OF_KERAS_3 = ("tensorlet.keras.ops", "tensorlet.keras.random")
_PREFIX = "keras"


def keras_generation() -> int:
    """Returns 2 or 3: the generation of Keras that the program is written for.

    ``TENSORLET_KERAS`` says it. Otherwise a program is one of Keras 3 if it has imported ``keras.ops`` or
    ``keras.random``, and one of Keras 2, which TensorFlow up to 2.15 contains, if it has not.

    >>> from tensorlet.keras.generations import keras_generation
    >>> keras_generation()
    2
    """
    chosen = KERAS.read()
    if chosen:
        return int(chosen)
    return 3 if any(module in sys.modules for module in _OF_KERAS_3) else 2


def differs(kind: str, name: str) -> bool:
    """Whether a name means one thing in Keras 2 and another in Keras 3.

    Args:
        kind: of the thing, such as ``"activation"``.
        name: the name.
    """
    return _key(kind, name) in EXTENSIONS


def meaning(kind: str, name: str, of_keras_3: T, generation: int | None = None) -> T:
    """Returns what a name means.

    Args:
        kind, name: see `differs`.
        of_keras_3: what it means in Keras 3.
        generation: 2 or 3; by default that of the program.
    """
    if not differs(kind, name) or (generation or keras_generation()) == 3:
        return of_keras_3
    found: T = extension(_key(kind, name))
    return found


def split_name(name: str) -> tuple[str, int | None]:
    """Returns a name without its generation, and the generation.

    >>> from tensorlet.keras.generations import split_name
    >>> split_name("keras2_hard_sigmoid"), split_name("tanh")
    (('hard_sigmoid', 2), ('tanh', None))
    """
    start, _, rest = name.partition("_")
    if rest and start in (f"{_PREFIX}2", f"{_PREFIX}3"):
        return rest, int(start[-1])
    return name, None


def name_in(generation: int, kind: str, name: str) -> str:
    """Returns how a file of a generation spells a name of the program.

    Args:
        generation: of the file.
        kind: see `differs`.
        name: as the program spells it.
    """
    return _translated(kind, name, keras_generation(), generation)


def name_from(generation: int, kind: str, name: str) -> str:
    """Returns how the program spells a name in a file of a generation; the opposite of `name_in`."""
    return _translated(kind, name, generation, keras_generation())


def _translated(kind: str, name: str, here: int, there: int) -> str:
    plain, own = split_name(name)
    if not differs(kind, plain):
        return name
    meant = own or here
    return plain if meant == there else f"{_PREFIX}{meant}_{plain}"


def name_of(kind: str, function: Any, plain: str) -> str:
    """Returns the name of a function in the program's configurations.

    Args:
        kind: see `differs`.
        function: which may have an attribute ``keras_generation``.
        plain: its name without a generation.
    """
    return _translated(kind, plain, getattr(function, "keras_generation", 3), keras_generation())


def spelled_for(generation: int, config: object) -> Any:
    """A configuration of the program as a file of a generation spells it.

    Args:
        generation: 2 or 3.
        config: a dictionary, list or value.
    """
    return _renamed(config, lambda name: name_in(generation, "activation", name))


def spelled_from(generation: int | None, config: object) -> Any:
    """A configuration in a file of a generation as the program spells it; the opposite of `spelled_for`.

    Args:
        generation: 2 or 3; None for a configuration that does not say it, which then means what the program means.
        config: a dictionary, list or value.
    """
    if generation is None:
        return config
    return _renamed(config, lambda name: name_from(generation, "activation", name))


def generation_of(version: object) -> int:
    """The generation of a version such as ``"2.4.0"``; Keras 2 before it wrote its version into files.

    >>> from tensorlet.keras.generations import generation_of
    >>> generation_of("3.15.1"), generation_of(None)
    (3, 2)
    """
    return 3 if str(version).split(".")[0].isdecimal() and int(str(version).split(".")[0]) >= 3 else 2


def _renamed(config: object, rename: Callable[[str], str]) -> Any:
    if isinstance(config, list | tuple):
        return [_renamed(item, rename) for item in config]
    if not isinstance(config, dict):
        return config
    return {
        key: rename(value) if key == "activation" and isinstance(value, str) else _renamed(value, rename)
        for key, value in config.items()
    }


def _key(kind: str, name: str) -> str:
    return f"keras 2 {kind} {name}"
