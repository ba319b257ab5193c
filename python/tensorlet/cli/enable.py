"""``tensorlet enable``: makes ``import tensorflow`` mean Tensorlet in a virtual environment, for every program."""

from __future__ import annotations

import sys
import sysconfig
from importlib.machinery import PathFinder
from pathlib import Path

from tensorlet.cli import refuse
from tensorlet.formats.atomic import SavingError, replace_atomically
from tensorlet.localization import mark
from tensorlet.localization import translate as _

HELP = mark("""\
usage: tensorlet enable [--force]

Makes `import tensorflow`, `import keras` and `import tf_keras` import Tensorlet in this virtual environment, so that
an editor's Run button, `pytest` and notebooks run programs for TensorFlow without `tensorlet run`.
`tensorlet disable` undoes it.

It writes a .pth file and a folder with three small files to the environment's site-packages. Nothing of Tensorlet is
imported before a program asks for it. If TensorFlow or Keras is installed there, it refuses.

  --force  also outside of a virtual environment, and where TensorFlow is installed (Tensorlet is found first)""")

#: The packages that Tensorlet replaces.
PACKAGES = ("tensorflow", "keras", "tf_keras")
#: The folder in site-packages that has a module for each, and the file that adds it to Python's path.
FOLDER, PTH = "tensorlet_enabled", "tensorlet_enabled.pth"
#: The whole of a module: it makes way for Tensorlet, which Python then finds under the same name.
MODULE = '''\
"""`import {name}` means Tensorlet here. Written by `tensorlet enable`; `tensorlet disable` removes it."""

import sys

del sys.modules[__name__]
from tensorlet.api.install import install_as_tensorflow

install_as_tensorflow()
__import__(__name__)
'''


def main(arguments: list[str]) -> int:
    """Writes the files; returns the exit status."""
    if arguments in (["-h"], ["--help"]):
        print(_(HELP))
        return 0
    if arguments not in ([], ["--force"]):
        return refuse(
            "enable",
            _("expected no arguments, or --force, but got {words}.").format(words=" ".join(arguments)),
        )
    forced = bool(arguments)
    folder = site_packages()
    problem = None if forced else _objection(folder)
    if problem:
        print(f"tensorlet enable: {problem}", file=sys.stderr)
        return 1
    try:
        write(folder, first=forced)
    except OSError as error:
        print(f"tensorlet enable: {reason(error)}", file=sys.stderr)
        return 1
    print(
        _(
            "'import tensorflow' and 'import keras' now mean Tensorlet in {folder}\n"
            "Programs that are running (notebooks: the kernel) see it after a restart. 'tensorlet disable' undoes it."
        ).format(folder=sys.prefix)
    )
    return 0


def site_packages() -> Path:
    """The folder of installed packages of the environment that this Python belongs to."""
    return Path(sysconfig.get_paths()["purelib"])


def is_virtual() -> bool:
    """Whether this Python belongs to a virtual environment: of ``venv`` or the like, or of conda."""
    conda = Path(sys.prefix, "conda-meta").is_dir() and not Path(sys.prefix, "condabin").is_dir()
    return sys.prefix != sys.base_prefix or conda


def installed_peers(folder: Path) -> dict[str, str]:
    """TensorFlow's packages that this Python would import without `tensorlet enable`, with their places."""
    own = str(folder / FOLDER)
    path = [one for one in sys.path if one != own]
    found = {}
    for package in PACKAGES:
        spec = PathFinder.find_spec(package, path)
        if spec is not None:
            places = spec.submodule_search_locations
            found[package] = str(spec.origin or (next(iter(places)) if places else "an unknown place"))
    return found


def _objection(folder: Path) -> str | None:
    """Why the environment is left alone; None if nothing is against it."""
    if not is_virtual():
        return _(
            "{python} is not in a virtual environment, so that all programs on this computer would get "
            "Tensorlet. Make one (python -m venv .venv), activate it and install Tensorlet there, or use --force."
        ).format(python=sys.executable)
    peers = installed_peers(folder)
    if peers:
        shown = ", ".join(f"{package} ({place})" for package, place in peers.items())
        return _(
            "installed here already: {shown}. Uninstall it (pip uninstall {names}), use another virtual "
            "environment, run single programs with 'tensorlet run', or use --force: Tensorlet is found first then."
        ).format(shown=shown, names=" ".join(peers))
    return None


def write(folder: Path, first: bool) -> None:
    """Writes the modules, and last the file that makes Python find them.

    Args:
        folder: the site-packages of the environment.
        first: whether they come before installed packages. Otherwise the .pth file has a line that Python adds to the
            end of its path; it runs nothing.
    """
    for package in PACKAGES:
        with replace_atomically(folder / FOLDER / f"{package}.py") as temporary:
            temporary.write_text(MODULE.format(name=package), encoding="utf-8")
    line = f"import sys; sys.path.insert(0, {str(folder / FOLDER)!a})" if first else FOLDER
    with replace_atomically(folder / PTH) as temporary:
        temporary.write_text(f"{line}\n", encoding="utf-8")


def reason(error: OSError) -> str:
    """What went wrong with a file, and how to fix it."""
    if isinstance(error, SavingError):
        return str(error)
    return _("cannot change {file}: {reason}. Use an environment that belongs to you.").format(
        file=error.filename, reason=error.strerror
    )
