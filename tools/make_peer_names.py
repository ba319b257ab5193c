"""Writes the public names of TensorFlow or Keras, one a line, which `make_names_page` compares with Tensorlet's.

Run it with a Python that has the package::

    python tools/make_peer_names.py tensorflow tools/peer_names/tensorflow-2.15.txt
    python tools/make_peer_names.py tensorflow.keras tools/peer_names/keras-2.15.txt
    python tools/make_peer_names.py keras tools/peer_names/keras-3.15.txt

Only functions, classes and constants are listed, not the modules that contain them. ``tf.keras`` has a list of its own;
``tf.compat`` (TensorFlow 1) and ``tf.raw_ops`` (the operations below the public ones) are left out. Names are sorted,
so that the same version gives the same file.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from collections.abc import Iterator
from types import ModuleType

from make_tensorflow_names import is_name_space

DEEPEST = 5
LEFT_OUT = ("compat", "raw_ops", "keras", "src", "_tf_keras", "api", "tools")


def leaf_names(module: ModuleType, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted paths of what is public in a module and the modules in it, without the modules themselves."""
    for name in dir(module):
        if name.startswith("_") or (not prefix and name in LEFT_OUT):
            continue
        try:
            value = getattr(module, name)
        except Exception:  # a name that needs a package which is not installed
            continue
        if is_name_space(value):
            if depth < DEEPEST:
                yield from leaf_names(value, f"{prefix}{name}.", depth + 1)
        elif not isinstance(value, ModuleType):
            yield prefix + name


def main() -> None:
    """Writes the file named on the command line."""
    warnings.simplefilter("ignore")
    package, path = sys.argv[1:]
    module = importlib.import_module(package.partition(".")[0])
    for part in package.split(".")[1:]:
        module = getattr(module, part)
    found = sorted(set(leaf_names(module)))
    with open(path, "w", encoding="ascii", newline="\n") as file:
        file.write("".join(f"{name}\n" for name in found))
    print(f"{len(found)} names of {package}")


if __name__ == "__main__":
    main()
