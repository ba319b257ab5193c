"""``tensorlet train``: from a table or a folder of pictures to a model and a report."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tensorlet.argument_parser import Parser
from tensorlet.cli.terminal import styled
from tensorlet.localization import translate as _

if TYPE_CHECKING:
    from tensorlet.tabular.problem import Plan
    from tensorlet.tabular.reading.source import ReadOptions
    from tensorlet.tabular.training import Result

INTERRUPTED = 130


def make_parser() -> Parser:
    """Returns the parser of the arguments."""
    parser = Parser(
        "train",
        _("Trains softmax regression (or linear regression) and a perceptron on your own table or pictures, compares\n"
          "them with simple methods on rows that they have not seen, and writes the better one as a .keras file with\n"
          "its preprocessing, beside a report."),
        "DATA --target COLUMN [OPTIONS]",
        [
            ("tensorlet train iris.csv --target species", ""),
            ("tensorlet train sales.parquet --target price --time date", _("the latest rows are the test")),
            ("tensorlet train pictures/", _("one folder for each class")),
            ("zcat log.csv.gz | tensorlet train - --target status", ""),
        ],
    )  # fmt: skip
    parser.add_argument(
        "data",
        metavar="DATA",
        help=_("CSV, TSV, Parquet, Arrow, Excel, .npz, IDX, a folder of pictures, or - for standard input"),
    )
    parser.add_argument("--target", "-t", metavar="COLUMN", help=_("the column to predict"))
    parser.add_argument(
        "--output", "-o", metavar="PATH", help=_("where to write: a folder, or the path of the .keras file")
    )
    _add_columns(parser)
    _add_training(parser)
    add_reading(parser)
    group = parser.add_argument_group(_("output"))
    group.add_argument("--quiet", "-q", action="store_true", help=_("print warnings and errors only"))
    parser.add_common()
    return parser


def _add_columns(parser: Parser) -> None:
    group = parser.add_argument_group(_("what the columns mean"))
    group.add_argument(
        "--task", choices=["classes", "number"], help=_("what the target is (default: found from its values)")
    )
    group.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="COLUMNS",
        help=_("columns to leave out, separated by commas"),
    )
    group.add_argument(
        "--numbers", action="append", default=[], metavar="COLUMNS", help=_("columns that are numbers")
    )
    group.add_argument(
        "--categories", action="append", default=[], metavar="COLUMNS", help=_("columns that are categories")
    )


def _add_training(parser: Parser) -> None:
    group = parser.add_argument_group(_("training"))
    group.add_argument("--time", metavar="COLUMN", help=_("test on the latest rows"))
    group.add_argument("--group", metavar="COLUMN", help=_("keep the rows of a group together"))
    group.add_argument("--weights", metavar="COLUMN", help=_("how much each row counts"))
    group.add_argument(
        "--test-share",
        type=float,
        default=0.2,
        metavar="SHARE",
        help=_("the share of the rows for the test (default: 0.2)"),
    )
    group.add_argument(
        "--seed", type=int, default=0, help=_("the seed; the same one gives the same model (default: 0)")
    )
    group.add_argument("--epochs", type=int, help=_("the most epochs (default: by the number of rows)"))
    group.add_argument(
        "--learning-rate", type=float, metavar="RATE", help=_("the learning rate (default: by a range test)")
    )
    group.add_argument(
        "--no-trees", action="store_true", help=_("do not compare with the boosted trees of scikit-learn")
    )
    group.add_argument(
        "--stream",
        action=argparse.BooleanOptionalAction,
        default=None,
        help=_("keep the rows on disk, not in memory (default: if the file is large)"),
    )


def add_reading(parser: Parser) -> None:
    """Adds the options for reading files."""
    group = parser.add_argument_group(_("reading"))
    group.add_argument(
        "--encoding", metavar="NAME", help=_("the encoding of a text file (default: found from its content)")
    )
    group.add_argument(
        "--delimiter",
        metavar="CHARACTER",
        help=_("what separates the values (default: found from the content)"),
    )
    group.add_argument("--sheet", metavar="NAME", help=_("the sheet of an Excel file (default: the first)"))
    group.add_argument(
        "--skip-bad-rows", action="store_true", help=_("leave out rows with too many or too few values")
    )


def reading_options(given: argparse.Namespace) -> ReadOptions:
    """Returns the options for reading files."""
    from tensorlet.tabular.reading.source import ReadOptions

    delimiter = given.delimiter
    if delimiter in ("\\t", "tab"):
        delimiter = "\t"
    return ReadOptions(given.encoding, delimiter, given.sheet, given.skip_bad_rows)


def main(arguments: list[str]) -> int:
    """Runs the command; returns the exit status."""
    parser = make_parser()
    given = parser.parse_args(arguments)
    if given.delimiter is not None and len(given.delimiter.replace("\\t", "\t").replace("tab", "\t")) != 1:
        parser.error(_("--delimiter is '{text}'. Expected a single character.").format(text=given.delimiter))
    if not 0.05 <= given.test_share <= 0.5:
        parser.error(
            _("--test-share is {share}. Expected a number from 0.05 to 0.5.").format(share=given.test_share)
        )
    if given.epochs is not None and given.epochs < 1:
        parser.error(_("--epochs is {count}. Expected at least 1.").format(count=given.epochs))
    if given.learning_rate is not None and not 0 < given.learning_rate < 100:
        parser.error(
            _("--learning-rate is {rate}. Expected a number greater than 0.").format(rate=given.learning_rate)
        )
    return guarded("train", lambda: _train(given))


def guarded(command: str, run: Any) -> int:
    """Runs a command; prints errors as sentences, without a traceback."""
    from tensorlet.errors import TensorletError

    try:
        return int(run())
    except KeyboardInterrupt:
        print("\n" + _("Interrupted; nothing was written."), file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(
            os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno()
        )  # so that the flush at the end is silent
        return 1
    except (TensorletError, ImportError, OSError, MemoryError) as error:
        text = str(error) or type(error).__name__
        if isinstance(error, OSError) and error.strerror:  # without the number of the error
            text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        print(styled(f"tensorlet {command}: ", "red", sys.stderr) + text, file=sys.stderr)
        return 1


def _plan(given: argparse.Namespace) -> Plan:
    from tensorlet.tabular.columns.kinds import Choices
    from tensorlet.tabular.problem import Plan

    choices = Choices(_names(given.numbers), _names(given.categories), _names(given.ignore))
    return Plan(
        given.target, given.task, choices, given.time, given.group, given.test_share, given.seed, given.epochs,
        given.learning_rate, not given.no_trees, given.weights,
    )  # fmt: skip


def _names(words: list[str]) -> frozenset[str]:
    return frozenset(name.strip() for word in words for name in word.split(",") if name.strip())


def _train(given: argparse.Namespace) -> int:
    from tensorlet.cli import training_output as output
    from tensorlet.tabular.large_tables import open_problem
    from tensorlet.tabular.training import train_problem

    plan = _plan(given)
    talks = not (given.json or given.quiet)
    base = output_base(given.data, given.output)
    problem = open_problem(given.data, plan, reading_options(given), given.stream)
    if talks:
        output.print_problem(problem)
    progress = output.Live(problem) if talks else None
    result = train_problem(problem, plan, progress)
    if progress is not None:
        progress.end(result)
        output.print_result(result)
    files = write(result, base)
    if given.json:
        from tensorlet.tabular.report.summary import summary_of

        print(json.dumps({**summary_of(result), "files": files}, ensure_ascii=False, indent=1))
    else:
        output.print_findings(result, warnings_only=given.quiet)
        if talks:
            output.print_files(files, given.data)
    return 0


def output_base(data: str, output: str | None) -> Path:
    """Returns the path of the results without an ending.

    Args:
        data: the path of the data.
        output: what the user gave: None, a folder, or the path of the .keras file.
    """
    name = "table" if data == "-" else Path(data.rstrip("/\\")).name.removesuffix(".gz")
    stem = name if os.path.isdir(data) else name.rpartition(".")[0] or name
    if output is None:
        return (Path(".") if data == "-" else Path(data.rstrip("/\\")).parent) / stem
    if output.endswith((".keras", ".html")):
        return Path(output).with_suffix("")
    return Path(output) / stem


def write(result: Result, base: Path) -> dict[str, str]:
    """Writes the model, the report and the report as JSON; returns their paths."""
    from tensorlet.formats.atomic import write_atomically
    from tensorlet.tabular.report.page import page_of
    from tensorlet.tabular.report.summary import summary_of

    files = {"model": f"{base}.keras", "report": f"{base}.report.html", "json": f"{base}.report.json"}
    summary = summary_of(result)
    page = page_of(summary)
    result.save(files["model"])
    write_atomically(files["report"], page.encode("utf-8"))
    write_atomically(
        files["json"], (json.dumps(summary, ensure_ascii=False, indent=1) + "\n").encode("utf-8")
    )
    return files
