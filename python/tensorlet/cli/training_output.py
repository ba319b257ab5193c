"""What ``tensorlet train`` prints."""

from __future__ import annotations

import shutil
import sys
import textwrap
import time

from tensorlet.cli.terminal import aligned, styled
from tensorlet.localization import plural
from tensorlet.localization import translate as _
from tensorlet.localization.width import width_of
from tensorlet.tabular.measures import Measure
from tensorlet.tabular.names import kind_name, measure_name
from tensorlet.tabular.problem import Problem
from tensorlet.tabular.training import Result, titles

#: Seconds between two updates of the progress.
INTERVAL = 0.05
#: More columns than this are shortened to the first ones.
MOST_COLUMNS = 40


def print_problem(problem: Problem) -> None:
    """Prints what was found in the data, and why."""
    print(styled(problem.name, "bold") + f"  {_size(problem)}  {problem.format}")
    print()
    if problem.columns:
        header = [_("column"), _("kind"), _("missing"), _("use"), _("why")]
        rows = [header, *(_column_row(column) for column in problem.columns[:MOST_COLUMNS])]
        lines = aligned(rows, right=[2], widest=44)
        print(styled(lines[0], "dim"))
        print("\n".join(lines[1:]))
        if len(problem.columns) > MOST_COLUMNS:
            print("  " + _("… and {count} more columns").format(count=len(problem.columns) - MOST_COLUMNS))
        print()
    for note in problem.notes:
        print_wrapped(note, "- ")
    target, split = problem.target, problem.split
    if target.classes:
        task = plural("{count} class of '{name}'", "{count} classes of '{name}'", len(target.classes)).format(
            count=len(target.classes), name=target.name
        )
    else:
        task = _("the number '{name}'").format(name=target.name)
    print_wrapped(_("Task: {task} ({why}).").format(task=task, why=target.why))
    print_wrapped(
        _(
            "Rows: {train:,} for training, {validation:,} for validation, {test:,} for the test; {how}."
        ).format(
            train=problem.train_rows, validation=len(split.validation), test=len(split.test), how=split.how
        )
    )
    print()
    sys.stdout.flush()


def _size(problem: Problem) -> str:
    rows = plural("{count:,} row", "{count:,} rows", problem.rows).format(count=problem.rows)
    if not problem.columns:
        return f"{rows}  {' x '.join(map(str, next(iter(problem.inputs.values())).shape[1:]))}"
    columns = plural("{count:,} column", "{count:,} columns", len(problem.columns)).format(
        count=len(problem.columns)
    )
    return f"{rows}, {columns}"


def _column_row(column: object) -> list[str]:
    uses = {
        "input": _("input"), "target": _("target"), "time": _("time"), "group": _("group"), "left out": _("left out"),
        "weights": _("weights"),
    }  # fmt: skip
    missing = f"{column.missing:,}" if column.missing else "–"  # type: ignore[attr-defined]
    return [column.name, kind_name(column.kind), missing, uses[column.role], column.why]  # type: ignore[attr-defined]


class Live:
    """Shows the progress of the training on a terminal; nothing elsewhere.

    Args:
        problem: what is trained for.
    """

    def __init__(self, problem: Problem) -> None:
        self.shows = sys.stdout.isatty()
        self._names = titles(bool(problem.target.classes))
        self._last = ""
        self._drawn = 0.0

    def __call__(self, name: str, epoch: int, loss: float, validation: float) -> None:
        now = time.monotonic()
        if not self.shows or now - self._drawn < INTERVAL:
            return
        self._drawn = now
        text = _("  training {name}: epoch {epoch}, loss {loss:.4f}, validation {validation:.4f}").format(
            name=self._names[name], epoch=epoch, loss=loss, validation=validation
        )
        text = text[: shutil.get_terminal_size().columns - 1]
        print(f"\r{text}{' ' * max(0, width_of(self._last) - width_of(text))}", end="", flush=True)
        self._last = text

    def end(self, result: Result) -> None:
        """Replaces the progress by a line for each model."""
        if self.shows:
            print(f"\r{' ' * width_of(self._last)}\r", end="")
        for name, one in result.fitted.items():
            print(
                _("Trained {name}: {epochs} epochs (best: {best}), batches of {batch}, learning rate {rate:.2g}, "
                  "{seconds:.2f} s.").format(
                    name=result.title(name), epochs=len(one.losses), best=one.best_epoch, batch=one.batch_size,
                    rate=one.learning_rate, seconds=one.seconds,
                )
            )  # fmt: skip
        print()


def print_result(result: Result) -> None:
    """Prints the measures of all methods on the test rows."""
    count = len(result.problem.split.test)
    print(_("On {count:,} rows that the models have not seen, with intervals of 95 %:").format(count=count))
    print()
    print("\n".join(measure_table(result.measures, bool(result.problem.target.classes), result.best)))
    print()
    for note in result.notes:
        print_wrapped(note, "- ")
    if result.notes:
        print()


def measure_table(
    measures: dict[str, dict[str, Measure]], classes: bool, best: str | None = None
) -> list[str]:
    """Returns the lines of a table of measures; in one column for each method, or below each other if it is narrow."""
    names = {**titles(classes), "baseline": _("baseline"), "trees": _("boosted trees")}
    keys = list(next(iter(measures.values())))
    header = ["", *(names.get(name, name) + (" *" if name == best else "") for name in measures)]
    rows = [header] + [[measure_name(key), *(shown(one[key]) for one in measures.values())] for key in keys]
    lines = aligned(rows)
    if max(map(width_of, lines)) > shutil.get_terminal_size((110, 24)).columns:
        flipped = [list(row) for row in zip(*rows, strict=True)]
        lines = []
        for title, *cells in flipped[1:]:
            lines += [
                f"  {title}",
                *("  " + line for line in aligned(list(zip(_column(rows), cells, strict=True)))),
            ]
    if best is not None:
        lines.append(
            "  " + _("* the model that is saved: the one with the smaller loss on the validation rows")
        )
    return lines


def _column(rows: list[list[str]]) -> list[str]:
    return [row[0] for row in rows[1:]]


def shown(measure: Measure) -> str:
    """Returns a measure with its interval.

    >>> shown(Measure(0.93333, 0.787, 0.9815, "Wilson"))
    '0.933 [0.787, 0.982]'
    """
    if max(abs(measure.value), abs(measure.low), abs(measure.high)) >= 1000:
        return f"{measure.value:,.0f} [{measure.low:,.0f}, {measure.high:,.0f}]"
    value, low, high = (f"{round(one, 3) + 0.0:.3f}" for one in (measure.value, measure.low, measure.high))
    return f"{value} [{low}, {high}]"


def print_findings(result: Result, warnings_only: bool = False) -> None:
    """Prints warnings and, unless only these are wanted, notes."""
    found = [one for one in result.findings if one.level == "warning" or not warnings_only]
    for one in found:
        if one.level == "warning":
            print_wrapped(styled(_("Warning: "), "yellow") + f"{one.text} {one.fix}")
        else:
            print_wrapped(f"{one.text} {one.fix}", "- ")
    if found:
        print()


def print_files(files: dict[str, str], data: str) -> None:
    """Prints what was written, and what to do next."""
    rows = [
        [_("model"), files["model"]],
        [_("report"), files["report"]],
        ["", files["json"]],
    ]
    print("\n".join(aligned(rows, widest=200)))
    print()
    print(_("Next:") + f" tensorlet predict {files['model']} {_('NEW_ROWS')}")


def print_wrapped(text: str, mark: str = "") -> None:
    """Prints a sentence, broken into lines that fit the terminal."""
    width = min(shutil.get_terminal_size((100, 24)).columns, 110)
    print(
        textwrap.fill(
            text, width, initial_indent=mark, subsequent_indent=" " * len(mark), break_on_hyphens=False
        )
    )
