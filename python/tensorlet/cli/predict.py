"""``tensorlet predict``: answers of a trained model for the rows of a file, or for pictures."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tensorlet.argument_parser import Parser
from tensorlet.cli.train import add_reading, guarded, reading_options
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.tabular.model import TabularModel


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "predict",
        _("Answers for every row of a table, or for pictures, with a model of tensorlet train. The rows are copied,\n"
          "with the prediction and its probabilities beside them. The table may be larger than memory."),
        "MODEL.keras DATA [OPTIONS]",
        [
            ("tensorlet predict iris.keras new.csv", ""),
            ("tensorlet predict iris.keras new.parquet --output answers.parquet", ""),
            ("tensorlet predict digits.keras picture.png", ""),
        ],
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help=_("a .keras file that tensorlet train has written"))
    parser.add_argument(
        "data", metavar="DATA", help=_("a table, - for standard input, a picture, or a folder of pictures")
    )
    parser.add_argument(
        "--output",
        "-o",
        metavar="PATH",
        help=_("CSV, TSV, Parquet or Arrow by its ending (default: CSV on standard output)"),
    )
    add_reading(parser)
    parser.add_argument("--json", action="store_true", help=_("print one JSON object for each row instead"))
    parser.add_common(json=False)
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    given = make_parser().parse_args(arguments)
    return guarded("predict", lambda: _predict(given))


def _predict(given: argparse.Namespace) -> int:
    from tensorlet.tabular.answering import Answers, write_answers
    from tensorlet.tabular.model import load_model
    from tensorlet.tabular.reading.streams import open_stream

    model = load_model(given.model)
    if model.description.picture_shape is not None:
        return _predict_pictures(model, given)
    answers = Answers(model, open_stream(given.data, reading_options(given)))
    if given.json:
        for _table, outputs in answers.batches():
            for one in model.answers(outputs):
                print(json.dumps(one, ensure_ascii=False))
    else:
        write_answers(answers, given.output)
    say(answers.notes)
    if given.output:
        print(
            _("Wrote {rows} answers to {path}.").format(rows=f"{answers.rows:,}", path=given.output),
            file=sys.stderr,
        )
    return 0


def say(notes: list[str]) -> None:
    """Prints notes to standard error, where they do not mix with the answers."""
    sys.stdout.flush()
    for note in notes:
        print(f"- {note}", file=sys.stderr)


def _predict_pictures(model: TabularModel, given: argparse.Namespace) -> int:
    import numpy as np

    from tensorlet.formats.atomic import write_atomically
    from tensorlet.tabular.reading.pictures import ENDINGS, picture_of
    from tensorlet.tabular.table_error import TableError

    path, shape = Path(given.data), model.description.picture_shape
    assert shape is not None
    files = (
        [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.suffix.lower() in ENDINGS)
    )
    if not files:
        raise TableError(
            given.data, _("there are no pictures."), _("Expected a picture, or a folder of pictures.")
        )
    outputs = model.predict_pictures(np.stack([picture_of(str(file), shape) for file in files]))
    if given.json:
        for file, one in zip(files, model.answers(outputs), strict=True):
            print(json.dumps({"file": str(file), **one}, ensure_ascii=False))
        return 0
    columns = model.answer_columns(outputs)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["file", *columns])
    writer.writerows(zip(map(str, files), *columns.values(), strict=True))
    if given.output:
        write_atomically(given.output, text.getvalue().encode("utf-8"))
    else:
        print(text.getvalue(), end="")
    return 0
