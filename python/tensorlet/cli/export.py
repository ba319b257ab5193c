"""``tensorlet export``: a model file as ONNX, or as a program that needs only NumPy."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tensorlet.argument_parser import Parser
from tensorlet.cli.train import guarded
from tensorlet.localization import translate as _


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "export",
        _(
            "Writes a model for other programs: as ONNX (.onnx), or as a Python program that needs only NumPy (.py)."
        ),
        "MODEL OUTPUT [OPTIONS]",
        [("tensorlet export iris.keras iris.onnx", ""), ("tensorlet export iris.keras iris.py", "")],
    )
    parser.add_argument("model", metavar="MODEL", help=_("a model file, such as .keras or .h5"))
    parser.add_argument(
        "output", metavar="OUTPUT", help=_("the file to write; its ending selects the format")
    )
    parser.add_common()
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    given = make_parser().parse_args(arguments)
    return guarded("export", lambda: _export(given))


def _export(given: argparse.Namespace) -> int:
    from tensorlet.keras.saving.api import load_model
    from tensorlet.tabular.model_file import read_description

    model = load_model(given.model, compile=False)
    description = read_description(given.model)
    model.export(given.output)
    size = Path(given.output).stat().st_size
    inputs = {} if description is None else description.to_json().get("inputs", {})
    if given.json:
        classes = [] if description is None else description.target.classes
        print(
            json.dumps(
                {"output": given.output, "bytes": size, "inputs": inputs, "classes": classes},
                ensure_ascii=False,
            )
        )
        return 0
    print(_("Wrote {path} ({size} bytes).").format(path=given.output, size=f"{size:,}"))
    for name, columns in inputs.items():
        print("  " + _("input '{name}': {columns}").format(name=name, columns=", ".join(columns)))
    if inputs:
        print("  " + _("Categories are codes and missing numbers are filled in as the model file describes."))
    return 0
