"""``tensorlet explain``: which columns matter, how the answer depends on them, and why one row has its answer."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from tensorlet.argument_parser import Parser
from tensorlet.cli.terminal import aligned, styled
from tensorlet.cli.train import add_reading, guarded, reading_options
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from tensorlet.tabular.explanation import RowExplanation
    from tensorlet.tabular.model import TabularModel

#: The rows of the table that are used, and the columns whose partial dependence is shown.
MOST_ROWS, SHOWN = 1000, 3
BAR = 24


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "explain",
        _("Shows which columns matter to a model of tensorlet train (permutation importance), how its answer\n"
          "depends on them (partial dependence), or why one row has its answer (Shapley values)."),
        "MODEL.keras DATA [OPTIONS]",
        [
            ("tensorlet explain iris.keras iris.csv", ""),
            ("tensorlet explain iris.keras iris.csv --row 7", _("why the seventh row has its answer")),
            ("tensorlet explain flats.keras flats.csv --column area", _("how the answer depends on a column")),
        ],
    )  # fmt: skip
    parser.add_argument("model", metavar="MODEL", help=_("a .keras file that tensorlet train has written"))
    parser.add_argument("data", metavar="DATA", help=_("a table with the columns of the model"))
    parser.add_argument("--row", type=int, metavar="NUMBER", help=_("the row to explain, counted from 1"))
    parser.add_argument("--column", metavar="NAME", help=_("the column to show"))
    parser.add_argument("--seed", type=int, default=0, help=_("the seed of the sampling (default: 0)"))
    add_reading(parser)
    parser.add_common()
    return parser


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    given = make_parser().parse_args(arguments)
    return guarded("explain", lambda: _explain(given))


def _explain(given: argparse.Namespace) -> int:
    from tensorlet.tabular.model import load_model
    from tensorlet.tabular.reading.files import read
    from tensorlet.tabular.reading.source import Pictures
    from tensorlet.tabular.table_error import TableError

    model = load_model(given.model)
    source = read(given.data, reading_options(given))
    if isinstance(source, Pictures):
        raise TableError(
            given.data, _("it holds pictures, not a table."), _("Models of pictures are not explained.")
        )
    model.check_columns(source.data.column_names, given.data)
    if given.row is not None:
        if not 1 <= given.row <= source.data.num_rows:
            raise TableError(
                given.data,
                _("there is no row {row}.").format(row=given.row),
                _("Expected a number from 1 to {rows}.").format(rows=source.data.num_rows),
            )
        return _explain_row(model, source.data, given)
    return _explain_columns(model, source.data, given)


def _sample(data: pa.Table, most: int, seed: int) -> pa.Table:
    import numpy as np

    if data.num_rows <= most:
        return data
    return data.take(np.sort(np.random.default_rng(seed).choice(data.num_rows, most, replace=False)))


def _explain_row(model: TabularModel, data: pa.Table, given: argparse.Namespace) -> int:
    from tensorlet.tabular.columns.values import text_of
    from tensorlet.tabular.explanation import BACKGROUND, explain_row

    one = data.slice(given.row - 1, 1)
    values = {name: text_of(one.column(name)[0].as_py()) or "–" for name in model.columns}
    background = model.encoder.encode(_sample(data, BACKGROUND, given.seed)).arrays
    found = explain_row(model, model.encoder.encode(one).arrays, background, values, given.seed)
    if given.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
    else:
        _print_row(model, found, given.row)
    return 0


def _print_row(model: TabularModel, found: RowExplanation, row: int) -> None:
    target = model.description.target.name
    if found.output:
        text = _("Row {row}: the probability of '{name}' is {answer:.1%}; the average is {average:.1%}.")
    else:
        text = _("Row {row}: the answer for '{name}' is {answer:,.4g}; the average is {average:,.4g}.")
    text = text.format(row=row, name=found.output or target, answer=found.answer, average=found.average)
    print(styled(text, "bold") + "\n")
    most = max(abs(one.amount) for one in found.contributions) or 1.0
    rows = [[_("column"), _("value"), _("contribution"), ""]]
    for one in found.contributions:
        amount = f"{100 * one.amount:+.1f} %" if found.output else f"{one.amount:+,.4g}"
        if one.error:
            amount += f" ± {100 * one.error:.1f}" if found.output else f" ± {one.error:.2g}"
        mark = "+" if one.amount > 0 else "-"
        rows.append([one.name, one.value, amount, mark * round(BAR * abs(one.amount) / most)])
    print("\n".join(aligned(rows, right=[2])))
    print()
    if found.exact:
        print(_("Exact Shapley values; they add up to the difference from the average."))
    else:
        print(
            _("Sampled Shapley values with their standard errors; too many columns to try all sets of them.")
        )


def _explain_columns(model: TabularModel, data: pa.Table, given: argparse.Namespace) -> int:
    from tensorlet.tabular.columns.target import listed
    from tensorlet.tabular.explanation import partial_dependence
    from tensorlet.tabular.importance import permutation_importance
    from tensorlet.tabular.table_error import TableError

    target = model.description.target
    sample = _sample(data, MOST_ROWS, given.seed)
    inputs = model.encoder.encode(sample).arrays
    importance = []
    if target.name in sample.column_names:
        labels = target.encode(sample.column(target.name))
        known = labels >= 0 if target.classes else labels == labels
        known_inputs = {name: array[known] for name, array in inputs.items()}
        importance = permutation_importance(
            model.model, model.encoder, known_inputs, labels[known], bool(target.classes), given.seed
        )
    names = [one.name for one in importance] or model.columns
    if given.column is not None:
        if given.column not in model.columns:
            raise TableError(
                given.data,
                _("the model has no column '{name}'.").format(name=given.column),
                _("The columns are {names}.").format(names=listed(model.columns)),
            )
        names = [given.column]
    columns = {column.name: column for column in model.description.columns}
    dependence = {name: partial_dependence(model, inputs, columns[name]) for name in names[:SHOWN]}
    if given.json:
        _print_json(model, importance, dependence)
        return 0
    if given.column is None:
        _print_importance(importance, target.name)
    for name, (values, means) in dependence.items():
        _print_dependence(model, name, values, means)
    return 0


def _print_json(model: TabularModel, importance: list[Any], dependence: dict[str, Any]) -> None:
    result = {
        "importance": [one.to_json() for one in importance],
        "outputs": model.classes or [model.description.target.name],
        "partial_dependence": {
            name: {"values": values, "outputs": means.tolist()}
            for name, (values, means) in dependence.items()
        },
    }
    print(json.dumps(result, ensure_ascii=False, indent=1))


def _print_importance(importance: list[Any], target: str) -> None:
    if not importance:
        print(
            _("The table has no column '{name}', so the importance of the columns is not measured.").format(
                name=target
            )
        )
        print()
        return
    print(styled(_("How much the loss grows when the values of a column are shuffled:"), "bold") + "\n")
    most = max(one.value for one in importance) or 1.0
    rows = [
        [one.name, f"{one.value:.4f} ± {one.error:.4f}", "#" * max(0, round(BAR * one.value / most))]
        for one in importance
    ]
    print("\n".join(aligned(rows, right=[1])) + "\n")


def _print_dependence(model: TabularModel, name: str, values: list[str], means: np.ndarray) -> None:
    print(styled(_("Mean answer by the value of '{name}':").format(name=name), "bold") + "\n")
    if model.classes:
        shown = model.classes[:6]
        rows = [[name, *shown]]
        rows += [
            [value, *(f"{share:.1%}" for share in row[: len(shown)])]
            for value, row in zip(values, means, strict=True)
        ]
        print("\n".join(aligned(rows, right=range(1, len(shown) + 1), widest=20)) + "\n")
        return
    low, high = float(means.min()), float(means.max())
    rows = [
        [value, f"{row[0]:,.4g}", "#" * round(BAR * (row[0] - low) / ((high - low) or 1.0))]
        for value, row in zip(values, means, strict=True)
    ]
    print("\n".join(aligned(rows, right=[1])) + "\n")
