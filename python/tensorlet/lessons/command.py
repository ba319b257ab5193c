"""``tensorlet lessons``: copies the notebooks into a folder, and opens Jupyter."""

from __future__ import annotations

import argparse
import importlib.util
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tensorlet.argument_parser import Parser
from tensorlet.errors import TensorletError
from tensorlet.formats.atomic import replace_atomically
from tensorlet.lessons import notebooks, source
from tensorlet.localization import translate as _


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs ``tensorlet lessons``; returns the exit status."""
    options = _parser().parse_args(arguments)
    if options.list:
        for name in source.names():
            print(
                "  ".join(
                    source.title(source.read(name), language) for language in options.lang or source.LANGUAGES
                )
            )
        return 0
    if options.folder is None:
        _parser().error(_("The folder for the notebooks is missing: tensorlet lessons FOLDER"))
    try:
        kept = copy(options.folder, options.lang or source.LANGUAGES, options.overwrite)
        if kept:
            print(_kept_text(kept))
        first = _first(options)
        print(_("The lessons are in {folder}. Start with {first}").format(folder=options.folder, first=first))
        return open_jupyter(first) if options.open else 0
    except (TensorletError, OSError, ImportError) as error:
        print(f"tensorlet lessons: {error}", file=sys.stderr)
        return 1


def copy(folder: Path, languages: Sequence[str], overwrite: bool = False) -> list[Path]:
    """Writes the notebooks to ``folder/ko`` and ``folder/en``.

    A notebook that exists is never lost: one that differs from the new one stays as it is or, with ``overwrite``,
    moves to ``NAME.mine.ipynb`` (or ``NAME.mine2.ipynb``, and so on) beside the new one.

    Args:
        folder: where to write; missing folders are created.
        languages: ``"ko"``, ``"en"`` or both.
        overwrite: whether notebooks that have been changed are replaced.

    Returns:
        The notebooks that were left as they are.

    Raises:
        OSError: if a file cannot be written.
        ImportError: if Jupytext is not installed.
    """
    import nbformat

    kept = []
    for language in languages:
        files = {"00_contents.ipynb": notebooks.contents(language)}
        files |= {
            notebooks.notebook_name(name): notebooks.notebook(name, language) for name in source.names()
        }
        for file, notebook in files.items():
            path = folder / language / file
            text = nbformat.writes(notebook) + "\n"
            if path.exists() and path.read_text(encoding="utf-8") != text:
                if not overwrite:
                    kept.append(path)
                    continue
                path.rename(_free_name(path))
            with replace_atomically(path) as temporary:
                temporary.write_text(text, encoding="utf-8")
    return kept


def _free_name(path: Path) -> Path:
    number = 1
    while True:
        mine = path.with_suffix(f".mine{number if number > 1 else ''}.ipynb")
        if not mine.exists():
            return mine
        number += 1


def _kept_text(kept: Sequence[Path]) -> str:
    if len(kept) == 1:
        head = _("1 notebook has been changed and was left as it is: {path}.").format(path=kept[0])
    else:
        head = _("{count} notebooks have been changed and were left as they are, such as {path}.").format(
            count=len(kept), path=kept[0]
        )
    return head + "\n" + _("--overwrite writes new ones, and keeps yours beside them.")


def open_jupyter(notebook: Path) -> int:
    """Opens a notebook in JupyterLab or Jupyter Notebook, until the user stops it; returns the exit status.

    Raises:
        ImportError: if neither is installed.
    """
    for program, module in (("lab", "jupyterlab"), ("notebook", "notebook")):
        if importlib.util.find_spec(module) is not None:
            return subprocess.call([sys.executable, "-m", "jupyter", program, str(notebook)])
    raise ImportError(
        _(
            "Jupyter is not installed. Install it (pip install jupyterlab), or open the notebooks in an editor such as "
            "Visual Studio Code."
        )
    )


def _first(options: argparse.Namespace) -> Path:
    return Path(options.folder) / (options.lang or source.LANGUAGES)[0] / "00_contents.ipynb"


def _parser() -> Parser:
    parser = Parser(
        "lessons",
        _(
            "Copies the lessons, as Jupyter notebooks in Korean and English, to a folder. Notebooks that have been "
            "changed are kept."
        ),
        "FOLDER [OPTIONS]",
        [
            ("tensorlet lessons lessons --open", ""),
            ("tensorlet lessons lessons --lang ko", _("only in Korean")),
        ],
    )
    text = {
        "folder": _("where to put the notebooks; made if it is missing"),
        "lang": _("only this language (ko or en)"),
        "open": _("then open Jupyter"),
        "overwrite": _("replace changed notebooks, which move aside"),
        "list": _("only print the titles"),
    }
    parser.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help=text["folder"])
    parser.add_argument(
        "--lang", choices=source.LANGUAGES, action="append", metavar="LANG", help=text["lang"]
    )
    for name in ("open", "overwrite", "list"):
        parser.add_argument(f"--{name}", action="store_true", help=text[name])
    return parser
