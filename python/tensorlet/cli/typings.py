"""``tensorlet typings``: stub files that let editors and type checkers resolve ``import tensorflow``."""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path
from types import ModuleType

from tensorlet.cli import refuse
from tensorlet.localization import mark
from tensorlet.localization import translate as _

HELP = mark("""\
usage: tensorlet typings [FOLDER]

Writes stub files for `tensorflow`, `keras` and `tf_keras` to FOLDER (by default `typings` in the current folder).
They contain no types of their own, but refer to those of Tensorlet, so that an editor completes the names of a
program with `import tensorflow as tf`. Pyright and Visual Studio Code use `typings` by default; for mypy, set
`mypy_path = typings`. Run the command again after updating Tensorlet.""")

PACKAGE = "tensorlet"
#: Maps a package that a program imports to the namespace that replaces it.
ALIASES = {"tensorflow": "", "keras": "keras", "tf_keras": "keras"}
HEADER = "# Written by `tensorlet typings`: the names of Tensorlet under another module name.\n"


def main(arguments: list[str]) -> int:
    """Writes the stub files; returns the exit status."""
    if arguments in (["-h"], ["--help"]):
        print(_(HELP))
        return 0
    if len(arguments) > 1 or (arguments and arguments[0].startswith("-")):
        return refuse(
            "typings", _("expected one folder at most, but got {words}.").format(words=" ".join(arguments))
        )
    folder = Path(arguments[0] if arguments else "typings")
    try:
        for path, text in alias_stubs().items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        text = _("cannot write {file}: {reason}.").format(file=error.filename, reason=error.strerror)
        print(f"tensorlet typings: {text}", file=sys.stderr)
        return 1
    print(_("Wrote stub files for {names} to {folder}").format(names=", ".join(ALIASES), folder=folder))
    return 0


def alias_stubs() -> dict[Path, str]:
    """Returns the text of each stub file, by its path."""
    stubs = {}
    for path, module in public_namespaces().items():
        for alias, root in ALIASES.items():
            if root in ("", path) or path.startswith(f"{root}."):
                parts = path[len(root) :].strip(".").split(".")
                file = Path(alias, *filter(None, parts), "__init__.pyi")
                version = "__version__: str\n" if hasattr(module, "__version__") else ""
                stubs[file] = f"{HEADER}from {stub_module(module.__name__)} import *\n{version}"
    return stubs


def public_namespaces() -> dict[str, ModuleType]:
    """Returns the namespaces by their path below ``tf``, such as ``"keras.layers"``; ``""`` is ``tf`` itself."""
    found: dict[str, ModuleType] = {}
    waiting = {"": importlib.import_module(PACKAGE)}
    while waiting:
        path, module = waiting.popitem()
        found[path] = module
        if not hasattr(module, "__path__"):  # a plain module has no namespaces inside
            continue
        for name in dir(module):
            with warnings.catch_warnings():  # about legacy modules, which the program does not import here
                warnings.simplefilter("ignore", FutureWarning)
                value = None if name.startswith("_") else getattr(module, name)
            if isinstance(value, ModuleType):
                waiting[f"{path}.{name}".strip(".")] = value
    return dict(sorted(found.items()))


def stub_module(name: str) -> str:
    """Returns the module whose stub contains the names of a namespace, in another place if it has no folder."""
    inner = name.removeprefix(PACKAGE).strip(".")
    stubs = Path(__file__).parents[1] / "api" / "stubs"
    elsewhere = inner and stubs.joinpath(*inner.split(".")).with_suffix(".pyi").is_file()
    return f"{PACKAGE}.api.stubs.{inner}" if elsewhere else name
