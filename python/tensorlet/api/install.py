"""Lets Tensorlet answer for ``import tensorflow`` and ``import keras`` in this process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

from tensorlet.api import keras_spec
from tensorlet.compat.module_loaders import PACKAGE, AliasLoader, spec_for
from tensorlet.errors import TensorletError

#: The package that a program imports -> the module of ours that answers.
ANSWERS = {"tensorflow": PACKAGE, "keras": f"{PACKAGE}.keras", "tf_keras": f"{PACKAGE}.keras"}


class TensorFlowFinder:
    """Finds ``tensorflow``, ``keras`` and all modules in them here, before any that is installed."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """Python's question: who loads the module of that name?"""
        package, dot, rest = fullname.partition(".")
        if package == "tensorboard":
            from tensorlet.api import tensorboard

            return tensorboard.find(fullname, path)
        if package not in ANSWERS:
            return None
        place = ANSWERS[package] + dot + rest
        old = None
        if rest and place.startswith((f"{PACKAGE}.keras.", f"{PACKAGE}.python")):
            old = keras_spec(fullname, place[len(PACKAGE) + 1 :])
        return old or spec_for(fullname, AliasLoader(place))


def install_as_tensorflow() -> None:
    """From now on ``import tensorflow`` and ``import keras`` mean Tensorlet, in this process.

    For a notebook; ``tensorlet run`` does the same for a script. Calling it again does nothing.

    Raises:
        TensorletError: if the real TensorFlow or Keras has been imported already.

    >>> import tensorlet
    >>> tensorlet.install_as_tensorflow()
    >>> import tensorflow as tf
    >>> tf is tensorlet
    True
    """
    if TensorFlowFinder in sys.meta_path:
        return
    for package in ANSWERS:
        if package in sys.modules:
            origin = getattr(sys.modules[package], "__file__", None) or "an unknown place"
            raise TensorletError(
                f"install_as_tensorflow(): another '{package}' has been imported already, from {origin}. "
                f"Restart Python (in a notebook: restart the kernel) and call it before that import."
            )
    sys.meta_path.insert(0, TensorFlowFinder)
