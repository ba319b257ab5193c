"""``tensorlet info``: versions, the engine, the active settings and the data folder."""

from __future__ import annotations

import importlib
import platform
from pathlib import Path

from tensorlet.cli import refuse
from tensorlet.localization import mark
from tensorlet.localization import translate as _
from tensorlet.localization.width import width_of
from tensorlet.settings import SETTINGS
from tensorlet.version_info import TENSORFLOW_INTERFACE, TENSORLET_VERSION

#: Names of facts that are words.
NAMES = (mark("interface"), mark("engine"), mark("threads"), mark("package"), mark("data"))


def main(arguments: list[str]) -> int:
    """Prints one line per fact."""
    if arguments in (["-h"], ["--help"]):
        print(_("usage: tensorlet info\n\nShows versions, the engine and the data folder."))
        return 0
    if arguments:
        return refuse("info", _("expected no arguments, but got {words}.").format(words=" ".join(arguments)))
    for name, fact in facts().items():
        title = _(name)
        print(f"{title}{' ' * (11 - width_of(title))} {fact}")
    return 0


def facts() -> dict[str, str]:
    """Returns the facts that ``tensorlet info`` shows, in order."""
    import numpy

    import tensorlet

    folder = Path(tensorlet.__file__).parent
    return {
        "Tensorlet": TENSORLET_VERSION,
        "interface": f"TensorFlow {TENSORFLOW_INTERFACE} (tf.__version__ is {tensorlet.__version__})",
        "Python": f"{platform.python_version()} ({platform.machine()}, {platform.system()})",
        "NumPy": numpy.__version__,
        **_engine(),
        "package": str(folder),
        "data": str(folder / "datasets"),
        **{setting.name: setting.read() for setting in SETTINGS.values() if setting.is_set()},
    }


def _engine() -> dict[str, str]:
    try:
        native = importlib.import_module("tensorlet.engine").native
    except ImportError as error:
        return {"engine": _("missing ({reason}). Build it with: pip install .").format(reason=error)}
    build = _("native, debug build, slow") if native.is_debug_build() else _("native, release build")
    return {
        "engine": build,
        "SIMD": f"{native.simd_level()} (of {', '.join(native.simd_levels())})",
        "threads": _("{count} (TENSORLET_THREADS sets it)").format(count=native.threads()),
    }
