"""Names whose meanings differ between Keras 2 and Keras 3.

The modules of Keras define the meanings of Keras 3. Those of Keras 2 are in `tensorlet.extensions.EXTENSIONS`, under
``keras 2 <kind> <name>``. In a program, names have the meaning of its generation; in a file, that of the version that
wrote it. Where the two differ, a name in a configuration is prefixed by its generation: ``keras2_hard_sigmoid``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FunctionType
from typing import Any, TypeVar

from tensorlet.extensions import EXTENSIONS, extension
from tensorlet.settings import KERAS

T = TypeVar("T")

#: Modules that only programs for Keras 3 import.
_OF_KERAS_3 = ("tensorlet.keras.ops", "tensorlet.keras.random")
_NUMPY = "tensorlet.api.experimental_numpy"
_PREFIX = "keras"
#: The arguments of layers that are names of activations.
_ACTIVATIONS = ("activation", "recurrent_activation")


def keras_generation() -> int:
    """Returns 2 or 3: the generation of Keras for which the program is written.

    ``TENSORLET_KERAS`` sets it. Otherwise it is 3 if the program has imported ``keras.ops`` or ``keras.random``, and
    else 2, the generation of Keras in TensorFlow up to 2.15.

    >>> from tensorlet.keras.generations import keras_generation
    >>> keras_generation()
    2
    """
    chosen = KERAS.read()
    if chosen:
        return int(chosen)
    return 3 if any(module in sys.modules and not _for_numpy(module) for module in _OF_KERAS_3) else 2


def _for_numpy(module: str) -> bool:
    """Whether ``tf.experimental.numpy``, which is built on ``keras.ops``, has imported a module, and not the program.

    A program that uses a function of the module leaves it as an attribute there.
    """
    if _NUMPY not in sys.modules or module != _OF_KERAS_3[0]:
        return False
    own = [one for one in vars(sys.modules[module]).values() if isinstance(one, FunctionType)]
    return all(one.__module__ in ("tensorlet.keras.lazy", f"{module}.names") for one in own)


def differs(kind: str, name: str) -> bool:
    """Whether the meanings of a name differ between Keras 2 and Keras 3.

    Args:
        kind: the kind of object, such as ``"activation"``.
        name: the name.
    """
    return _key(kind, name) in EXTENSIONS


def meaning(kind: str, name: str, of_keras_3: T, generation: int | None = None) -> T:
    """Returns the meaning of a name.

    Args:
        kind, name: see `differs`.
        of_keras_3: the meaning in Keras 3.
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
    """Returns the spelling, in a file of a generation, of a name in the program.

    Args:
        generation: the generation of the file.
        kind: see `differs`.
        name: the name in the program.
    """
    return _translated(kind, name, keras_generation(), generation)


def name_from(generation: int, kind: str, name: str) -> str:
    """Returns the spelling, in the program, of a name in a file of a generation; the inverse of `name_in`."""
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
        function: a function, which may have an attribute ``keras_generation``.
        plain: the name without a generation.
    """
    return _translated(kind, plain, getattr(function, "keras_generation", 3), keras_generation())


def spelled_for(generation: int, config: object) -> Any:
    """Converts a configuration of the program to that of a file of a generation.

    Args:
        generation: 2 or 3.
        config: a dictionary, list or value.
    """
    return _renamed(config, lambda name: name_in(generation, "activation", name))


def spelled_from(generation: int | None, config: object) -> Any:
    """Converts a configuration in a file of a generation to that of the program; the inverse of `spelled_for`.

    Args:
        generation: 2 or 3; None if it is unknown, in which case names have the meanings of the program.
        config: a dictionary, list or value.
    """
    if generation is None:
        return config
    return _renamed(config, lambda name: name_from(generation, "activation", name))


def generation_of(version: object) -> int:
    """Returns the generation of a version such as ``"2.4.0"``; early versions of Keras 2 do not write their version.

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
        key: rename(value) if key in _ACTIVATIONS and isinstance(value, str) else _renamed(value, rename)
        for key, value in config.items()
    }


def _key(kind: str, name: str) -> str:
    return f"keras 2 {kind} {name}"
