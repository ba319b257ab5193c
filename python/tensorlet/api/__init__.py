"""TensorFlow's names: each is looked up in the table of public names; unknown names are explained.

Nothing is imported before it is used. A namespace such as ``tf.math`` is a
module without a file; `open_namespace` gives it (and ``tensorlet`` itself)
a ``__getattr__`` that looks a name up in `tensorlet.public_names` once and stores the
result as an attribute.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet import public_names as names
from tensorlet.errors import UnknownModuleError
from tensorlet.extensions import EXTENSIONS, has_file

PACKAGE = "tensorlet"
#: Operations are passed to the active interpreter; this module provides the eager one.
INTERPRETER = "tensorlet.core.eager"

#: What `tensorlet.compat` adds to classes and functions that do not depend on it: what is extended -> the function that
#: extends it, below ``tensorlet.compat``. Only the paths are registered here; see `tensorlet.extensions`.
_LEGACY = {
    "callback": "class_arguments:extend_callback",
    "keras 2 activation hard_sigmoid": "keras2_meanings:hard_sigmoid",
    "layer": "class_arguments:extend_class",
    "missing name": "legacy_lookup:find",
    "public names": "legacy_lookup:public_names",
    "optimizer": "optimizers:extend_optimizer",
    "regularizer": "class_arguments:extend_class",
    "tensorlet.keras.callbacks.monitor.monitored": "functions:extend_monitored",
    "tensorlet.keras.layers.base.Layer": "layers:extend_base",
    "tensorlet.keras.layers.layer_config.take_input_shape": "layers:extend_options",
    "tensorlet.keras.losses.probabilistic.of_probabilities": "keras2_meanings:extend_of_probabilities",
    "tensorlet.keras.metrics.base.Metric": "metrics:extend_metric",
    "tensorlet.keras.models.model.Model": "functions:extend_model",
    "tensorlet.keras.optimizers.lion.Lion": "keras2_meanings:extend_lion",
    "tensorlet.keras.optimizers.base.Optimizer": "optimizers:extend_base",
    "tensorlet.keras.training.predictor.refuse_unknown": "training:extend_refuse_unknown",
    "tensorlet.keras.training.report.history.Numbers": "functions:extend_history",
    "tensorlet.keras.training.trainer.Trainer": "training:extend_trainer",
    "tensorlet.keras.utils.labels.to_categorical": "functions:extend_to_categorical",
    "tensorlet.keras.wrappers.arguments.arguments_of": "functions:extend_arguments_of",
}


def open_namespace(module: ModuleType, path: str) -> None:
    """Lets a module provide the names of a namespace.

    Args:
        module: the module, whose own attributes take precedence.
        path: the namespace without ``tf.``, such as ``"math"``; ``""`` for ``tf`` itself.
    """

    def get_attribute(name: str) -> Any:
        value = find(path, name)
        setattr(module, name, value)
        return value

    def list_names() -> list[str]:
        # Without imports of the module, such as ``core``; of the private names only those like ``__doc__``.
        own = (name for name in vars(module) if name.startswith("__"))
        return sorted({*own, *names.NAMESPACES.get(path, ())})

    module.__dict__["__getattr__"] = get_attribute
    module.__dict__["__dir__"] = list_names


def find(namespace: str, name: str) -> Any:
    """Returns the object with a name in a namespace.

    Args:
        namespace: the namespace without ``tf.``; ``""`` for ``tf`` itself.
        name: a name without dots.

    Raises:
        UnknownNameError: if Tensorlet does not have the name; the message suggests alternatives.
    """
    path = f"{namespace}.{name}" if namespace else name
    if path in names.PATHS:
        importlib.import_module(INTERPRETER)
        return _attribute(path, *names.PATHS[path])
    if path in names.MODULES:
        return _module(path, names.MODULES[path])
    if path in names.NAMESPACES:
        return importlib.import_module(f"{PACKAGE}.{path}")
    if name == "__all__":  # from tensorlet import *
        return sorted(one for one in names.NAMESPACES[namespace] if one not in names.MODULES)
    if name.startswith("_"):  # Python looks these up itself: __wrapped__, __path__ and so on
        raise AttributeError(f"module 'tf.{namespace}' has no attribute '{name}'", name=name)
    if path != "compat" and has_file(f"{PACKAGE}.{namespace}".rstrip("."), name):  # from tensorlet import ops
        raise AttributeError(
            f"module 'tf{namespace and '.'}{namespace}' has no attribute '{name}'", name=name
        )
    from tensorlet.compat.legacy_lookup import find as find_legacy
    from tensorlet.compat.missing_name import MissingNameError

    found = find_legacy(path)
    if found is None:
        raise MissingNameError(path)
    return found


def resolve(path: str) -> Any:
    """Returns the object at a dotted path without ``tf.``, such as ``"math.log"``.

    >>> import tensorlet as tf
    >>> from tensorlet.api import resolve
    >>> resolve("math.add") is tf.add
    True
    """
    found: Any = importlib.import_module(PACKAGE)
    for name in path.split("."):
        found = getattr(found, name)
    return found


def _module(path: str, place: str) -> ModuleType:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError as error:
        from tensorlet.compat.missing_name import MissingNameError
        from tensorlet.compat.module_loaders import is_missing

        if not is_missing(place, error):
            raise
        raise MissingNameError(path) from None


def _attribute(path: str, place: str, attribute: str) -> Any:
    module = _module(path, place)
    try:
        found = vars(module)[attribute]
    except KeyError:
        found = getattr(module, attribute)
    if place in _OF_TENSORS and not isinstance(found, type):
        return _on_symbols(place, attribute, found)
    return found


#: The modules whose functions take tensors.
_OF_TENSORS = (
    "tensorlet.ops",
    "tensorlet.ops.convolution_functions",
    "tensorlet.ops.image_colours",
    "tensorlet.ops.image_geometry",
    "tensorlet.ops.image_random",
    "tensorlet.ops.pooling_functions",
    "tensorlet.ops.random",
    "tensorlet.ops.stateless_random",
    "tensorlet.ops.transposed_convolutions",
)
_with_symbols: dict[tuple[str, str], Any] = {}


def _on_symbols(place: str, attribute: str, function: Callable[..., Any]) -> Any:
    """Makes a function of tensors accept symbolic tensors; it is the same object under all its names."""
    if (place, attribute) not in _with_symbols:
        from tensorlet.core.symbolic import takes_symbols

        paths = names.PLACES[place][attribute].split()
        in_math = [path for path in paths if path.startswith(("math.", "linalg."))]
        path = paths[0] if paths[0].startswith("nn.") or not in_math else in_math[0]
        _with_symbols[place, attribute] = takes_symbols(function, path)
    return _with_symbols[place, attribute]


class NamespaceFinder:
    """Creates modules that have no file: ``import tensorlet.math``.

    It is the last entry of ``sys.meta_path``, so it is only used if no file was found.
    It also explains names that Tensorlet does not have.
    """

    @staticmethod
    def find_spec(
        fullname: str, path: Sequence[str] | None = None, target: object = None
    ) -> ModuleSpec | None:
        """Returns the spec of a module; called by Python."""
        if not fullname.startswith(PACKAGE + "."):
            return None
        from tensorlet.compat.module_loaders import AliasLoader, spec_for

        asked = fullname[len(PACKAGE) + 1 :]
        if asked in names.MODULES and names.MODULES[asked] != fullname:
            return spec_for(fullname, AliasLoader(names.MODULES[asked]))
        if asked in names.NAMESPACES and asked not in names.MODULES:
            return spec_for(fullname, NamespaceLoader())
        if asked == "compat.v2":
            return spec_for(fullname, AliasLoader(PACKAGE))
        namespace, _, name = asked.rpartition(".")
        if name.startswith("_"):
            return None
        if asked.startswith(("keras.", "python")):
            return keras_spec(fullname, asked)
        if (namespace in names.NAMESPACES or namespace == "compat") and asked not in names.PATHS:
            from tensorlet.compat.unknown_names import explain

            raise UnknownModuleError(explain(asked))
        return None


def keras_spec(fullname: str, asked: str) -> ModuleSpec | None:
    """Returns the spec of a Keras module that has no file in Tensorlet.

    Args:
        fullname: the name of the module.
        asked: the name below ``tf``, such as ``"keras.layers.convolutional"``.

    Raises:
        UnknownModuleError: if it is not supported; the message suggests alternatives.
    """
    from tensorlet.compat.legacy_modules import legacy_module_spec

    spec = legacy_module_spec(fullname, asked)
    if spec is None and fullname.startswith(f"{PACKAGE}."):
        from tensorlet.compat.unknown_names import explain

        raise UnknownModuleError(explain(asked))
    return spec


class NamespaceLoader:
    """Loads a namespace: a module without a file, whose names come from the table."""

    @staticmethod
    def create_module(spec: ModuleSpec) -> None:
        """Lets Python create the module with its defaults."""

    @staticmethod
    def exec_module(module: ModuleType) -> None:
        """Defines the module's ``__getattr__``."""
        path = module.__name__[len(PACKAGE) + 1 :]
        module.__doc__ = f"The names of ``tf.{path}``."
        open_namespace(module, path)


def open_namespaces(package: ModuleType) -> None:
    """Opens the namespaces that have files, and registers the finder; called once, at import."""
    EXTENSIONS.update({extended: f"{PACKAGE}.compat.{place}" for extended, place in _LEGACY.items()})
    open_namespace(package, "")
    for path in ("data", "dtypes", "errors", "summary"):
        open_namespace(importlib.import_module(f"{PACKAGE}.{path}"), path)
    sys.meta_path.append(NamespaceFinder)
