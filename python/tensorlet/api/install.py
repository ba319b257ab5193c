"""Replaces ``import tensorflow`` and ``import keras`` by Tensorlet in this process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec

from tensorlet.api import keras_spec
from tensorlet.compat.module_loaders import PACKAGE, AliasLoader, spec_for
from tensorlet.errors import TensorletError

#: Maps a package that a program imports to the module that replaces it.
ANSWERS = {
    "tensorflow": PACKAGE,
    "keras": f"{PACKAGE}.keras",
    "tf_keras": f"{PACKAGE}.keras",
    "scikeras": f"{PACKAGE}.keras",  # scikeras.wrappers
}


class TensorFlowFinder:
    """Finds ``tensorflow``, ``keras`` and their modules here, with precedence over installed packages."""

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """Returns the spec of a module; called by Python."""
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
    """Makes ``import tensorflow`` and ``import keras`` import Tensorlet, in this process.

    For notebooks; ``tensorlet run`` does the same for a script. Further calls do nothing.

    Raises:
        TensorletError: if the original TensorFlow or Keras has already been imported.

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
                f"install_as_tensorflow(): another '{package}' has already been imported, from {origin}. "
                f"Restart Python (in a notebook: restart the kernel) and call it before that import."
            )
    sys.meta_path.insert(0, TensorFlowFinder)
