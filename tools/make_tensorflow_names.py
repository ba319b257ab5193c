"""Writes the list of TensorFlow's public names that `tensorlet.compat.unknown_names` reads.

Run it with a Python that has TensorFlow::

    python tools/make_tensorflow_names.py python/tensorlet/compat/tensorflow_names.txt.gz

The list contains one dotted path per line, without the leading ``tf.``. Lines of
TensorFlow 1 (only in ``tf.compat.v1``) start with ``1 ``, all others with ``2 ``.
Paths are sorted, so that the same TensorFlow gives the same bytes.
"""

from __future__ import annotations

import gzip
import re
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

DEEPEST = 5
#: The modules of TensorFlow's public interface.
PUBLIC = re.compile(r"tensorflow\._api|tf_keras|keras")
#: Copies of the whole, and the thousand raw operations, which courses do not use.
LEFT_OUT = ("compat.", "raw_ops.", "keras.src.", "keras._tf_keras.", "keras.api.", "keras.legacy.", "tools.")


def is_name_space(value: Any) -> bool:
    """Whether a value is a public module that can be listed (a lazy one may fail to load)."""
    try:
        return isinstance(value, ModuleType) and bool(dir(value)) and PUBLIC.match(value.__name__) is not None
    except ImportError:
        return False


def public_names(module: Any, prefix: str = "", depth: int = 0) -> Iterator[str]:
    """The dotted paths of everything public in a module, and in the modules in it."""
    for name in dir(module):
        path = prefix + name
        if name.startswith("_") or path.startswith(LEFT_OUT):
            continue
        try:
            value = getattr(module, name)
        except Exception:  # a name that needs a package which is not installed
            continue
        yield path
        if is_name_space(value) and depth < DEEPEST:
            yield from public_names(value, path + ".", depth + 1)


def main() -> None:
    """Writes the file named on the command line."""
    warnings.simplefilter("ignore")
    import tensorflow as tf

    # Names that only some releases of TensorFlow 2 list, such as tf.experimental.ExtensionType, belong to it, too.
    listed = Path(__file__).parent / "peer_names" / "tensorflow-2.15.txt"
    today = set(public_names(tf)) | set(listed.read_text(encoding="utf-8").split())
    before = set(public_names(tf.compat.v1)) - today
    lines = [f"2 {path}\n" for path in sorted(today)] + [f"1 {path}\n" for path in sorted(before)]
    with open(sys.argv[1], "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        packed.write(f"# TensorFlow {tf.__version__}\n".encode())
        packed.write("".join(lines).encode())
    print(f"{len(today)} names of TensorFlow 2, {len(before)} of TensorFlow 1 only")


if __name__ == "__main__":
    main()
