"""Private modules of TensorFlow (``tensorflow.python``) that programs import, and the public names in their place.

The table says where the names of each module are today. A name that has another meaning there than in public is
in `_OWN`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from tensorlet.compat.deprecation import warn_legacy
from tensorlet.compat.module_loaders import PACKAGE, spec_for
from tensorlet.errors import UnknownNameError

#: Module below ``tf.python`` -> the public namespaces that have its names, separated by blanks; ``tf`` is the root.
PRIVATE_MODULES: dict[str, str] = {
    "client.device_lib": "tf",
    "data": "tf.data",
    "data.ops.dataset_ops": "tf.data tf",
    "distribute.distribution_strategy_context": "tf.distribute",
    "eager.backprop": "tf",
    "eager.context": "tf tf.config",
    "eager.def_function": "tf",
    "framework.config": "tf.config tf.config.experimental",
    "framework.constant_op": "tf",
    "framework.dtypes": "tf.dtypes tf",
    "framework.errors": "tf.errors",
    "framework.errors_impl": "tf.errors",
    "framework.ops": "tf",
    "framework.random_seed": "tf.random",
    "framework.tensor_shape": "tf",
    "framework.tensor_spec": "tf",
    "framework.tensor_util": "tf",
    "framework.test_util": "tf.test",
    "lib.io.file_io": "tf.io.gfile tf.io",
    "module.module": "tf",
    "ops.array_ops": "tf tf.linalg",
    "ops.check_ops": "tf.debugging tf",
    "ops.clip_ops": "tf",
    "ops.control_flow_ops": "tf",
    "ops.functional_ops": "tf",
    "ops.gen_array_ops": "tf",
    "ops.gen_math_ops": "tf.math tf",
    "ops.gen_nn_ops": "tf.nn",
    "ops.init_ops": "tf",
    "ops.init_ops_v2": "tf",
    "ops.linalg_ops": "tf.linalg tf",
    "ops.lookup_ops": "tf.lookup",
    "ops.losses.losses": "tf.keras.losses",
    "ops.losses.losses_impl": "tf.keras.losses",
    "ops.map_fn": "tf",
    "ops.math_ops": "tf.math tf tf.linalg",
    "ops.nn": "tf.nn tf.math",
    "ops.nn_impl": "tf.nn tf.math",
    "ops.nn_ops": "tf.nn tf.math",
    "ops.numpy_ops": "tf.experimental.numpy",
    "ops.numpy_ops.np_config": "tf.experimental.numpy",
    "ops.random_ops": "tf.random",
    "ops.resource_variable_ops": "tf",
    "ops.sparse_ops": "tf.sparse",
    "ops.standard_ops": "tf tf.math tf.nn",
    "ops.state_ops": "tf",
    "ops.string_ops": "tf.strings",
    "ops.variable_scope": "tf",
    "ops.variables": "tf",
    "ops.while_loop": "tf",
    "platform.gfile": "tf.io.gfile",
    "platform.test": "tf.test",
    "summary.summary": "tf.summary",
    "training.checkpoint_management": "tf.train",
    "training.tracking.util": "tf.train",
    "util.nest": "tf.nest",
}


def _list_local_devices(*ignored: Any) -> list[Any]:
    return list(importlib.import_module("tensorlet.api.config").list_logical_devices())


def _reset_default_graph() -> None:
    """There is no default graph, so there is nothing to reset."""


def _keep_eager_execution() -> None:
    """Operations always run at once."""


def _decorator_without_effect(*ignored: Any, **options: Any) -> Callable[..., Any]:
    """Has no effect: names that TensorFlow calls deprecated stay usable."""
    return lambda function: function


#: What programs call on private modules and has no public name.
_OWN: dict[str, dict[str, Any]] = {
    "client.device_lib": {"list_local_devices": _list_local_devices},
    "framework.ops": {
        "enable_eager_execution": _keep_eager_execution,
        "reset_default_graph": _reset_default_graph,
    },
    "framework.tensor_util": {},
    "lib.io.file_io": {},
    "util.deprecation": {
        "deprecated": _decorator_without_effect,
        "deprecated_args": _decorator_without_effect,
        "deprecated_endpoints": _decorator_without_effect,
    },
    "util.tf_export": {"keras_export": _decorator_without_effect, "tf_export": _decorator_without_effect},
}
#: Names in private modules -> the public path.
_RENAMED: dict[str, dict[str, str]] = {
    "data": {"Dataset": "data.Dataset"},
    "framework.tensor_util": {"is_tensor": "is_tensor", "is_tf_type": "is_tensor"},
    "lib.io.file_io": {
        "FileIO": "io.gfile.GFile", "delete_file": "io.gfile.remove", "file_exists": "io.gfile.exists",
        "get_matching_files": "io.gfile.glob", "is_directory": "io.gfile.isdir",
        "recursive_create_dir": "io.gfile.makedirs",
    },
    "ops.numpy_ops.np_config": {
        "enable_numpy_behavior": "experimental.numpy.experimental_enable_numpy_behavior",
    },
    "platform.gfile": {
        "Exists": "io.gfile.exists", "FastGFile": "io.gfile.GFile", "Glob": "io.gfile.glob",
        "IsDirectory": "io.gfile.isdir", "ListDirectory": "io.gfile.listdir", "MakeDirs": "io.gfile.makedirs",
        "Open": "io.gfile.GFile", "Remove": "io.gfile.remove",
    },
    "util.nest": {"is_nested": "nest.is_nested"},
}  # fmt: skip
#: Private modules that are modules of ours.
_WHOLE = {"platform.tf_logging": f"{PACKAGE}.compat.tf1_logging"}


def _all_modules() -> set[str]:
    """The modules in the tables, and the packages that contain them."""
    found = set()
    for path in {*PRIVATE_MODULES, *_OWN, *_RENAMED, *_WHOLE}:
        parts = path.split(".")
        found |= {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return found


def private_module_spec(fullname: str, inside: str) -> ModuleSpec | None:
    """The spec of a module of ``tensorflow.python``; None if no program is known to need it.

    Args:
        fullname: its name, as the program imports it.
        inside: the same below ``tf.python``, such as ``"ops.math_ops"``.
    """
    return spec_for(fullname, PrivateModuleLoader(inside)) if inside in _all_modules() else None


class PrivateModuleLoader:
    """Creates a module of ``tensorflow.python`` that passes on public names.

    Args:
        inside: the module below ``tf.python``.
    """

    def __init__(self, inside: str) -> None:
        self.inside = inside

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        """The module of ours, if one takes its place whole; else Python creates it."""
        return importlib.import_module(_WHOLE[self.inside]) if self.inside in _WHOLE else None

    def exec_module(self, module: ModuleType) -> None:
        """Opens the module."""
        if self.inside in _WHOLE:
            return

        def get_attribute(name: str) -> Any:
            value = self._find(name)
            setattr(module, name, value)
            return value

        module.__doc__ = f"The public names in the place of ``tf.python.{self.inside}``."
        module.__dict__["__getattr__"] = get_attribute

    def _find(self, name: str) -> Any:
        if name in _OWN.get(self.inside, {}):
            return _OWN[self.inside][name]
        if f"{self.inside}.{name}" in _all_modules():
            return importlib.import_module(f"{PACKAGE}.python.{self.inside}.{name}")
        if name.startswith("__"):
            raise AttributeError(name)
        renamed = _RENAMED.get(self.inside, {}).get(name)
        places = [f"tf.{renamed}"] if renamed else [f"{one}.{name}" for one in self._namespaces()]
        for place in places:
            found: Any = importlib.import_module(PACKAGE)
            try:
                for part in place.removeprefix("tf.").split("."):
                    found = getattr(found, part)
            except AttributeError:
                continue
            warn_legacy(f"tensorflow.python.{self.inside}.{name}", place)
            return found
        raise UnknownNameError(
            f"tensorflow.python.{self.inside}.{name} is private to TensorFlow. Use "
            f"the public names{' of ' + ', '.join(self._namespaces()) if self._namespaces() else ''}.",
            name=name,
        )

    def _namespaces(self) -> list[str]:
        return PRIVATE_MODULES.get(self.inside, "").split()
