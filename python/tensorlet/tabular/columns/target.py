"""The column to predict, and the task: classes or a number."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.localization.suggestions import suggestion
from tensorlet.tabular.columns.column import Column
from tensorlet.tabular.columns.strays import place
from tensorlet.tabular.columns.values import coded, lookup, numbers_of
from tensorlet.tabular.reading.source import Table
from tensorlet.tabular.table_error import TableError

CLASSES, NUMBER = "classes", "number"
#: Whole numbers with up to `FEW` different values are classes; up to `SOME`, if they are consecutive and frequent.
FEW, SOME, FREQUENT = 10, 20, 5
#: With fewer rows for each class on average, the target is taken for an identifier.
ROWS_A_CLASS = 2.0


@dataclass
class Target:
    """What a model predicts.

    Attributes:
        name: the column.
        task: "classes" or "number".
        why: the reason for the task, as a phrase.
        classes: the names of the classes, in the order of the model's outputs.
        unit: the unit of a number.
        column: what is known of the column.
    """

    name: str
    task: str
    why: str = ""
    classes: list[str] = field(default_factory=list)
    unit: str = ""
    column: Column | None = None

    def to_json(self) -> dict[str, Any]:
        """Returns the attributes as plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Target:
        """Creates a target from `to_json`."""
        column = values.get("column")
        return cls(
            str(values["name"]),
            str(values["task"]),
            str(values.get("why", "")),
            [str(name) for name in values.get("classes", [])],
            str(values.get("unit", "")),
            None if column is None else Column.from_json(column),
        )

    def encode(self, values: Any) -> np.ndarray:
        """Returns the labels: the index of the class (int32), or the number (float64).

        A value that is missing, or not one of the classes, becomes -1 or NaN.
        """
        if self.task == NUMBER:
            return numbers_of(values, self.column.number_format if self.column else "plain")
        texts, codes = coded(values)
        index = {name: number for number, name in enumerate(self.classes)}
        found = [lookup(index, text) for text in texts]
        return np.array([-1 if one is None else one for one in found] + [-1], np.int32)[codes]


def check_name(table: Table, name: str) -> None:
    """Checks that the table has the target.

    Raises:
        TableError: if it has not.
    """
    names = table.data.column_names
    delimiter = (
        _("Is the delimiter right? --delimiter ';' chooses another one.")
        if table.format in ("CSV", "TSV")
        else ""
    )
    if name not in names:
        known = _("The columns are {names}.").format(names=listed(names))
        raise TableError(
            table.name,
            _("there is no column '{name}'.").format(name=name) + suggestion(name, names),
            f"{known} {delimiter}" if delimiter and len(names) == 1 else known,
        )
    if len(names) < 2:
        raise TableError(
            table.name,
            _("the table has only one column, '{name}'.").format(name=name),
            _("Expected the target and at least one column to predict it from.")
            + f" {delimiter or ' '.join(table.notes)}",
        )


def find_target(table: Table, column: Column, task: str | None = None) -> Target:
    """Decides what the model predicts.

    Args:
        table: the table.
        column: the column of the target.
        task: "classes" or "number" if the user has chosen; None to decide.

    Raises:
        TableError: if nothing can be learned from the column.
    """
    if column.missing == column.count:
        raise _refused(table, column, _("it has no values."), _("Choose another target."))
    if column.kind == "date":
        raise _refused(
            table,
            column,
            _("it holds dates."),
            _("Expected classes or a number, such as the days until an event."),
        )
    found, why = _task(column, task)
    if found == NUMBER and column.kind not in ("number", "identifier"):
        raise _refused(
            table,
            column,
            _("it does not hold numbers ({why}).").format(why=column.why),
            _("Leave out --task number."),
        )
    if column.distinct < 2:
        only = column.categories[0] if column.categories else f"{column.minimum:g}"
        raise _refused(
            table,
            column,
            _("all rows have the same value, '{value}'.").format(value=only),
            _("There is nothing to learn; a target needs at least two different values."),
        )
    target = Target(column.name, found, why, unit=column.unit, column=column)
    if found == CLASSES:
        _find_classes(table, column, target)
    return target


def _find_classes(table: Table, column: Column, target: Target) -> None:
    """Lists the classes of the target; refuses them where hardly any has several rows."""
    target.classes = sorted_classes(_class_names(table, column))
    if column.kind == "boolean" and len(target.classes) > 2:
        table.notes.append(
            _("The target '{name}' has {count} classes, some of which mean the same: {classes}. Write each in one "
              "way.").format(name=column.name, count=len(target.classes), classes=listed(target.classes))
        )  # fmt: skip
    known = column.count - column.missing
    if known < ROWS_A_CLASS * len(target.classes) and len(target.classes) > 2:
        raise _refused(
            table,
            column,
            _("it has {classes:,} different values in {rows:,} rows.").format(
                classes=len(target.classes), rows=known
            ),
            _("It may be an identifier. Expected several rows for each class."),
        )


def _task(column: Column, task: str | None) -> tuple[str, str]:
    if task is not None:
        return task, _("as you chose")
    if column.kind in ("category", "boolean", "text") or column.categories:
        return CLASSES, column.why
    if not column.is_whole:
        return NUMBER, _(
            "the values are numbers with decimals"
        ) if column.number_format == "plain" else column.why
    consecutive = column.maximum - column.minimum + 1 == column.distinct
    frequent = column.count - column.missing >= FREQUENT * column.distinct
    if column.distinct <= FEW or (column.distinct <= SOME and consecutive and frequent):
        return CLASSES, _("only {count} different whole numbers").format(count=column.distinct)
    return NUMBER, _("{count:,} different whole numbers").format(count=column.distinct)


def _class_names(table: Table, column: Column) -> Iterable[str]:
    if column.categories and column.kind != "boolean":
        return column.categories
    texts, codes = coded(table.data.column(column.name))
    return [texts[index] for index in np.unique(codes[codes >= 0])]


def sorted_classes(names: Iterable[str]) -> list[str]:
    """Returns classes in order: as numbers if they are numbers.

    >>> sorted_classes(["10", "9"]), sorted_classes(["no", "yes", "maybe"])
    (['9', '10'], ['maybe', 'no', 'yes'])
    """
    try:
        return sorted(names, key=float)
    except ValueError:
        return sorted(names)


def _refused(table: Table, column: Column, problem: str, fix: str) -> TableError:
    return TableError(
        table.name,
        _("this column cannot be the target: {problem}").format(problem=problem),
        fix,
        column=column.name,
    )


def known_rows(table: Table, target: Target, labels: np.ndarray) -> np.ndarray:
    """Returns which rows have a target; notes how many have none."""
    known = np.isfinite(labels) if target.task == NUMBER else labels >= 0
    missing = int((~known).sum())
    if missing:
        table.notes.append(
            _(
                "Rows without a value of the target '{name}': {count}, the first in {place}. They were left out."
            ).format(name=target.name, count=f"{missing:,}", place=place(table, int(np.argmin(known))))
        )
    return known


def listed(names: list[str], most: int = 12) -> str:
    """Returns names in quotation marks, separated by commas; only the first ones of many."""
    shown = ", ".join(f"'{name}'" for name in names[:most])
    return shown if len(names) <= most else shown + ", …"
