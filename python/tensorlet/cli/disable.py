"""``tensorlet disable``: undoes ``tensorlet enable``."""

from __future__ import annotations

import shutil
import sys

from tensorlet.cli import refuse
from tensorlet.cli.enable import FOLDER, PTH, reason, site_packages
from tensorlet.localization import mark
from tensorlet.localization import translate as _

HELP = mark("""\
usage: tensorlet disable

Undoes `tensorlet enable`: `import tensorflow` and `import keras` no longer mean Tensorlet in this environment.""")


def main(arguments: list[str]) -> int:
    """Removes the files; returns the exit status."""
    if arguments in (["-h"], ["--help"]):
        print(_(HELP))
        return 0
    if arguments:
        return refuse(
            "disable", _("expected no arguments, but got {words}.").format(words=" ".join(arguments))
        )
    folder = site_packages()
    pth, modules = folder / PTH, folder / FOLDER
    if not pth.exists() and not modules.exists():
        print(_("Nothing to do: 'tensorlet enable' has not been used in {folder}").format(folder=sys.prefix))
        return 0
    try:
        pth.unlink(missing_ok=True)  # first, so that Python never looks into an incomplete folder
        if modules.exists():
            shutil.rmtree(modules)
    except OSError as error:
        print(f"tensorlet disable: {reason(error)}", file=sys.stderr)
        return 1
    print(
        _("'import tensorflow' and 'import keras' no longer mean Tensorlet in {folder}").format(
            folder=sys.prefix
        )
    )
    return 0
