"""Stands for the modules ``keras.src...``, whose names are Tensorlet's; see `keras_suite`."""

from __future__ import annotations

import importlib
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

#: Modules of Keras whose own source is used: what its tests are written with.
OF_THE_TESTS = (
    "keras.src.testing.test_case", "keras.src.testing.test_utils",
    "keras.src.backend.common.dtypes",  # the lists of dtypes that tests go through
)  # fmt: skip
#: Packages that tests import and that are not needed: what uses them does not apply.
OF_OTHERS = ("jax", "torch", "grain")


class NotApplicable(AttributeError):
    """A test needs a private name of Keras."""


def names_of_keras() -> dict[str, str]:
    """Module and name in Keras's source -> public name, asked from the installed Keras in a process of its own."""
    program = """
import json, keras
from keras.src import api_export as table
print(json.dumps({f"{getattr(thing, '__module__', '')}.{getattr(thing, '__qualname__', '')}": name
                  for name, thing in table.REGISTERED_NAMES_TO_OBJS.items()}))
"""
    environment = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
    output = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment
    ).stdout
    found: dict[str, str] = json.loads(output.splitlines()[-1])
    return found


class Stand(types.ModuleType):
    """A module ``keras.src...``, whose names are looked up among Tensorlet's public ones."""

    names: dict[str, str]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        path = f"{self.__name__}.{name}"
        if path in SHIMS:
            return SHIMS[path]
        public = Stand.names.get(path)
        if public is None and is_module_of_keras(path):
            return importlib.import_module(path)
        if public is None:
            public = f"keras.{path.removeprefix('keras.src.')}"
        try:
            return resolved(public)
        except AttributeError:
            return Missing(path, private=Stand.names.get(path) is None and not is_public(public))


class Missing:
    """Stands for a name that Tensorlet lacks, so that the tests of a file that do not use it can run.

    Args:
        path: the dotted path in Keras's source.
        private: whether the name is private, so that the tests that use it do not apply.
    """

    #: Whether the test under way has used a private name.
    private_name_used = False

    def __init__(self, path: str, private: bool) -> None:
        vars(self).update(path=path, private=private)

    def _use(self, *_: object, **__: object) -> Any:
        path: str = vars(self)["path"]
        if vars(self)["private"]:
            Missing.private_name_used = True
            raise NotApplicable(f"{path} is private")
        raise AttributeError(f"tensorlet has no {path}")

    __call__ = __iter__ = __setattr__ = __mro_entries__ = __instancecheck__ = __enter__ = __len__ = (
        __getitem__
    ) = _use

    def __repr__(self) -> str:
        return f"<{vars(self)['path']} is {'private' if vars(self)['private'] else 'missing'}>"

    def __getattr__(self, name: str) -> Any:
        if name == "__isabstractmethod__":  # unittest asks for it
            raise AttributeError(name)
        return self._use()


def resolved(public: str) -> Any:
    """The object of Tensorlet with a public name of Keras."""
    import tensorlet

    found: Any = tensorlet
    for part in public.split("."):
        found = getattr(found, part)
    return found


def is_public(public: str) -> bool:
    """Whether Keras has this public name."""
    return public in PUBLIC


def folder_of_keras() -> Path:
    """Where Keras is installed."""
    for folder in sys.path:
        if (Path(folder) / "keras" / "src").is_dir():
            return Path(folder) / "keras"
    raise SystemExit("Keras 3 is not installed in this environment.")


def is_module_of_keras(path: str) -> bool:
    """Whether a dotted path is a file or folder of Keras's source."""
    place = FOLDER.parent.joinpath(*path.split("."))
    return place.is_dir() or place.with_suffix(".py").is_file()


class Finder:
    """Gives a `Stand` for each ``keras.src...``."""

    @staticmethod
    def find_spec(name: str, path: object = None, target: object = None) -> Any:
        """The spec of a module; None for others."""
        top = name.partition(".")[0]
        if top in OF_OTHERS and importlib.machinery.PathFinder.find_spec(top) is None:
            return importlib.util.spec_from_loader(name, Other)
        if name == "conftest":
            return importlib.util.spec_from_loader(name, Conftest)
        if name != "keras.src" and not name.startswith("keras.src."):
            return None
        if name.endswith("_test"):  # tests that use functions of other tests
            file = FOLDER.parent.joinpath(*name.split(".")).with_suffix(".py")
            return importlib.util.spec_from_file_location(name, file) if file.is_file() else None
        if name in OF_THE_TESTS:
            file = FOLDER.parent.joinpath(*name.split(".")).with_suffix(".py")
            return importlib.util.spec_from_file_location(name, file)
        return (
            importlib.util.spec_from_loader(name, Finder, is_package=True)
            if is_module_of_keras(name)
            else None
        )

    @staticmethod
    def create_module(spec: Any) -> Stand:
        """An empty module."""
        return Stand(spec.name)

    @staticmethod
    def exec_module(module: types.ModuleType) -> None:
        """Names are looked up when they are asked for."""
        if module.__name__ == "keras.src.testing":
            for name in OF_THE_TESTS:
                part = importlib.import_module(name)
                vars(module).update({key: value for key, value in vars(part).items() if key[0] != "_"})


class Other:
    """Gives an empty module for a package that is not installed; the tests that use it do not apply."""

    @staticmethod
    def create_module(spec: Any) -> types.ModuleType:
        """A module whose names are all missing."""
        module = types.ModuleType(spec.name)
        vars(module).update(
            __path__=[], __getattr__=lambda name: Missing(f"{spec.name}.{name}", private=True)
        )
        return module

    @staticmethod
    def exec_module(module: types.ModuleType) -> None:
        """Nothing is run."""


class Conftest(Other):
    """Gives ``conftest``, which Keras's tests import and its package leaves out."""

    @staticmethod
    def create_module(spec: Any) -> types.ModuleType:
        """A module with the decorator that skips tests of another backend."""
        import pytest

        module = types.ModuleType(spec.name)
        vars(module).update(
            skip_if_backend=lambda name, reason: pytest.mark.skipif(name == "tensorflow", reason=reason)
        )
        return module


def shims() -> dict[str, Any]:
    """Private names of Keras's that its tests are written with, by what Tensorlet has."""
    import numpy as np

    import tensorlet as tf

    keras = tf.keras

    def standardize_dtype(dtype: Any) -> str:
        return str(tf.as_dtype(dtype or keras.backend.floatx()).name)

    backend = types.ModuleType("keras.src.backend")
    vars(backend).update(
        backend=lambda: "tensorflow", is_tensor=tf.is_tensor, convert_to_numpy=np.asarray,
        convert_to_tensor=keras.ops.convert_to_tensor, standardize_dtype=standardize_dtype,
        Variable=keras.Variable, KerasTensor=type(keras.Input((1,))), floatx=keras.backend.floatx,
        set_floatx=keras.backend.set_floatx, epsilon=keras.backend.epsilon, cast=keras.ops.cast,
        name_scope=keras.name_scope, image_data_format=keras.backend.image_data_format, shape=keras.ops.shape,
        set_image_data_format=keras.backend.set_image_data_format, is_float_dtype=lambda dtype: "float" in str(dtype),
        is_int_dtype=lambda dtype: "int" in str(dtype), SUPPORTS_SPARSE_TENSORS=False, SUPPORTS_RAGGED_TENSORS=False,
        SUPPORTS_COMPLEX_DTYPES=False, IS_THREAD_SAFE=True, compute_output_spec=lambda function, x: function(x),
    )  # fmt: skip
    # Layers of Keras hold their generators of random numbers; those of Tensorlet share one.
    keras.layers.Layer._seed_generators = ()
    return {
        "keras.src.backend.random": keras.random,
        **{f"keras.src.backend.random.{name}": getattr(keras.random, name) for name in dir(keras.random)},
        "keras.src.backend.common": types.SimpleNamespace(
            KerasVariable=keras.Variable, standardize_dtype=standardize_dtype, is_float_dtype=backend.is_float_dtype
        ),
        **{f"keras.src.backend.{name}": value for name, value in vars(backend).items() if name[0] != "_"},
        "keras.src.backend.common.is_float_dtype": backend.is_float_dtype,
        "keras.src.backend.common.standardize_dtype": standardize_dtype,
        "keras.src.backend.common.global_state.clear_session": lambda **options: keras.backend.clear_session(),
        "keras.src.backend.common.keras_tensor.KerasTensor": backend.KerasTensor,
        "keras.src.api_export.keras_export": lambda path, **options: lambda thing: thing,
        "keras.src.backend.common.variables.standardize_dtype": standardize_dtype,
        "keras.src.utils.traceback_utils": types.SimpleNamespace(
            is_traceback_filtering_enabled=lambda: False, disable_traceback_filtering=lambda: None,
            enable_traceback_filtering=lambda: None,
        ),
    }  # fmt: skip


def prepare() -> None:
    """Makes ``keras`` and ``tensorflow`` mean Tensorlet, and ``keras.src`` the stands."""
    global FOLDER, SHIMS, PUBLIC
    FOLDER = folder_of_keras()
    Stand.names = names_of_keras()
    PUBLIC = set(Stand.names.values())
    os.environ["TENSORLET_KERAS"] = "3"
    import tensorlet

    tensorlet.install_as_tensorflow()
    sys.modules["keras"] = tensorlet.keras
    sys.meta_path.insert(0, Finder)  # type: ignore[arg-type]  # its methods are static
    SHIMS = shims()
    only_dtypes_here()


def only_dtypes_here() -> None:
    """Takes the dtypes that Tensorlet lacks out of the lists that tests go through."""
    dtypes = importlib.import_module("keras.src.backend.common.dtypes")
    importlib.import_module("ml_dtypes")  # so that NumPy knows the names of the others
    for name, listed in vars(dtypes).items():
        if isinstance(listed, tuple) and name.isupper():
            kept = tuple(one for one in listed if not str(one).startswith(("bfloat", "float8", "complex")))
            setattr(dtypes, name, kept)


FOLDER = Path()
SHIMS: dict[str, Any] = {}
PUBLIC: set[str] = set()
