"""``tensorlet evaluate``: how good a trained model is on other rows."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from tensorlet.argument_parser import Parser
from tensorlet.cli.predict import say
from tensorlet.cli.train import add_reading, guarded, reading_options
from tensorlet.localization import plural
from tensorlet.localization import translate as _

#: A confusion matrix with more classes than this is not printed.
MOST_CLASSES = 15


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "evaluate",
        _("Measures a model of tensorlet train on other rows, whose target is known."),
        "MODEL.keras DATA [OPTIONS]",
        [("tensorlet evaluate iris.keras more.csv", "")],
    )
    parser.add_argument("model", metavar="MODEL", help=_("a .keras file that tensorlet train has written"))
    parser.add_argument(
        "data",
        metavar="DATA",
        help=_("a table with the columns of the model and its target, or a folder of pictures by class"),
    )
    parser.add_argument(
        "--weights",
        metavar="COLUMN",
        help=_("how much each row counts (default: the column of the training, if the table has it)"),
    )
    add_reading(parser)
    parser.add_common()
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    given = make_parser().parse_args(arguments)
    return guarded("evaluate", lambda: _evaluate(given))


def _evaluate(given: argparse.Namespace) -> int:
    from tensorlet.cli.terminal import aligned
    from tensorlet.cli.training_output import measure_table
    from tensorlet.tabular.evaluation import evaluate
    from tensorlet.tabular.model import load_model

    model = load_model(given.model)
    found = evaluate(model, given.data, reading_options(given), given.weights)
    if given.json:
        result = {
            "rows": found.rows,
            "weights": found.weights,
            "target": model.description.target.name,
            "measures": {name: asdict(one) for name, one in found.measures.items()},
            "baseline": {name: asdict(one) for name, one in found.baseline.items()},
            "classes": model.classes,
            "confusion_matrix": None if found.confusion is None else found.confusion.tolist(),
            "notes": found.notes,
        }
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return 0
    rows = plural("{count:,} row", "{count:,} rows", found.rows).format(count=found.rows)
    print(f"{given.data}  {rows}\n")
    table = {"baseline": found.baseline, model.description.model: found.measures}
    print("\n".join(measure_table(table, bool(model.classes))))
    if found.confusion is not None and len(model.classes) <= MOST_CLASSES:
        print("\n" + _("True classes (rows) and predicted ones (columns):") + "\n")
        cells = [["", *model.classes]]
        cells += [
            [name, *(f"{count:,}" for count in row)]
            for name, row in zip(model.classes, found.confusion, strict=True)
        ]
        print("\n".join(aligned(cells, right=range(1, len(model.classes) + 1), widest=18)))
    if found.notes:
        print()
    say(found.notes)
    return 0
