"""`Problem`: the data of a training, encoded and divided into training, validation and test."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import USABLE, Column
from tensorlet.tabular.columns.encoder import Encoder, learn
from tensorlet.tabular.columns.kinds import Choices, find_column
from tensorlet.tabular.columns.target import (
    CLASSES,
    Target,
    check_name,
    find_target,
    known_rows,
    sorted_classes,
)
from tensorlet.tabular.columns.values import coded, days, numbers_of
from tensorlet.tabular.reading.source import Pictures, Table
from tensorlet.tabular.row_store import RowStore
from tensorlet.tabular.splitting import Split, split_rows
from tensorlet.tabular.table_error import TableError
from tensorlet.tabular.weighting import check_total, weights_note, weights_of

#: The smallest number of rows to train with.
FEWEST_ROWS = 10
PICTURES = "pictures"


@dataclass(frozen=True)
class Plan:
    """What the user has chosen for a training.

    Attributes:
        target: the column to predict.
        task: "classes" or "number"; None to decide.
        choices: what the user has said about columns.
        time, group: the column by which the rows are divided; None for a random division.
        weights: the column that says how much each row counts; None if all count the same.
        test_share: the share of the rows for the test.
        seed: the seed of the division and of the training.
        epochs: the most epochs; None to decide.
        learning_rate: None to find it.
        trees: whether to compare with the boosted trees of scikit-learn, if it is installed.
    """

    target: str | None = None
    task: str | None = None
    choices: Choices = field(default_factory=Choices)
    time: str | None = None
    group: str | None = None
    test_share: float = 0.2
    seed: int = 0
    epochs: int | None = None
    learning_rate: float | None = None
    trees: bool = True
    weights: str | None = None

    @property
    def apart(self) -> dict[str, str]:
        """The columns that are no inputs and have a purpose -> their role."""
        roles = ((self.time, "time"), (self.group, "group"), (self.weights, "weights"))
        return {name: role for name, role in roles if name is not None}


@dataclass
class Problem:
    """The data of a training.

    Attributes:
        name: the name of the file.
        format: its format.
        target: what is predicted.
        columns: all columns of the table, in order; empty for pictures.
        encoder: the encoding of the columns; None for pictures.
        inputs: the name of each input of the model -> its array, of shape [rows, ...].
        labels: the labels of the rows.
        split: the rows for training, validation and test.
        notes: sentences about what was guessed or left out while reading.
        rows: the number of rows of the table.
        store: for a table that stays on disk: all training rows; the arrays have only some of them.
        counts: for such a table: how many rows each class has.
        weights: how much each row of the arrays counts, of shape [rows]; None if all count the same.
        mean_weight: for a table on disk: the mean of the weights of all training rows.
    """

    name: str
    format: str
    target: Target
    columns: list[Column]
    encoder: Encoder | None
    inputs: dict[str, np.ndarray]
    labels: np.ndarray
    split: Split
    notes: list[str]
    rows: int
    store: RowStore | None = None
    counts: np.ndarray | None = None
    weights: np.ndarray | None = None
    mean_weight: float = 1.0

    @property
    def class_rows(self) -> np.ndarray:
        """How many rows each class has."""
        return (
            np.bincount(self.labels, minlength=len(self.target.classes))
            if self.counts is None
            else self.counts
        )

    @property
    def train_rows(self) -> int:
        """The number of training rows."""
        return len(self.split.train) if self.store is None else self.store.rows

    def weights_of(self, rows: np.ndarray) -> np.ndarray | None:
        """Returns the weights of some rows; None if all rows count the same."""
        return None if self.weights is None else self.weights[rows]

    def rows_of(self, rows: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the inputs of some rows."""
        return {name: array[rows] for name, array in self.inputs.items()}


def make_problem(source: Table | Pictures, plan: Plan) -> Problem:
    """Examines a table or pictures, and prepares them for training.

    Raises:
        TableError: if nothing can be learned from them.
    """
    return _of_pictures(source, plan) if isinstance(source, Pictures) else _of_table(source, plan)


def _of_table(table: Table, plan: Plan) -> Problem:
    columns, target = _examined(table, plan)
    all_rows = table.data.num_rows
    labels = target.encode(table.data.column(target.name))
    known = known_rows(table, target, labels)
    if known.sum() < FEWEST_ROWS:
        raise TableError(
            table.name,
            _("only {count} rows have a target.").format(count=int(known.sum())),
            _("Expected at least {count} rows.").format(count=FEWEST_ROWS),
        )
    weights = None if plan.weights is None else weights_of(table, _column(columns, plan.weights))[known]
    data = table.data if known.all() else table.data.filter(known)
    labels = labels[known]
    split = _split(Table(table.name, data), columns, target, labels, plan)
    if weights is not None:
        note_weights(weights, split, table.name, str(plan.weights), table.notes)
    inputs = [column for column in columns if column.role == "input" and column.kind in USABLE]
    if not inputs:
        others = (f"'{column.name}' ({column.why})" for column in columns if column.role != "target")
        raise TableError(
            table.name,
            _("no column is left to predict '{name}' from.").format(name=target.name),
            _("Columns that are empty, constant, identifiers or free text are left out: {names}.").format(
                names=", ".join(others)
            ),
        )
    train = data.take(split.train)
    encoder = Encoder([learn(column, train.column(column.name)) for column in inputs])
    arrays = encoder.encode(data).arrays
    return Problem(
        table.name, table.format, target, columns, encoder, arrays, labels, split, table.notes, all_rows,
        weights=weights,
    )  # fmt: skip


def note_weights(weights: np.ndarray, split: Split, name: str, column: str, notes: list[str]) -> None:
    """Notes how the weights are divided.

    Raises:
        TableError: if no row of a part counts.
    """
    parts = [weights[rows] for rows in (split.train, split.validation, split.test)]
    for part in parts:
        check_total(part, name, column)
    notes.append(weights_note(column, parts))


def _column(columns: list[Column], name: str) -> Column:
    return next(column for column in columns if column.name == name)


def need_target(name: str, plan: Plan, example: str = "COLUMN") -> str:
    """Returns the target of a plan.

    Raises:
        TableError: if it has none; the message shows an example.
    """
    if plan.target is None:
        raise TableError(
            name,
            _("no target was given."),
            _("Name the column to predict: --target {name}").format(name=example),
        )
    return plan.target


def _examined(table: Table, plan: Plan) -> tuple[list[Column], Target]:
    """Returns what is known of the columns, with their roles, and the target."""
    if plan.target is None and table.format == ".npz" and "y" in table.data.column_names:
        plan = replace(plan, target="y")
    wanted = need_target(table.name, plan, table.data.column_names[-1])
    choices = plan.choices
    named = (*plan.apart, *sorted(choices.ignore | choices.numbers | choices.categories))
    for chosen in (wanted, *named):
        check_name(table, chosen)
    columns = [find_column(table, name, choices, {wanted}) for name in table.data.column_names]
    own = next(column for column in columns if column.name == wanted)
    target = find_target(table, own, plan.task)
    for column in columns:
        column.role = plan.apart.get(column.name, column.role)
    own.role = "target"
    return columns, target


def _split(table: Table, columns: list[Column], target: Target, labels: np.ndarray, plan: Plan) -> Split:
    times = groups = None
    if plan.time is not None:
        times = times_of(table, _column(columns, plan.time))
    if plan.group is not None:
        groups = coded(table.data.column(plan.group))[1]
        check_groups(groups, table.name, plan.group)
    classes = len(target.classes)
    split = split_rows(labels, classes, plan.seed, plan.test_share, times=times, groups=groups)
    check_parts(split, table.name)
    return split


def times_of(table: Table, column: Column) -> np.ndarray:
    """Returns the times by which rows are divided.

    Raises:
        TableError: if a row has none.
    """
    values = table.data.column(column.name)
    is_date = column.kind == "date"
    times = days(values, column.date_format) if is_date else numbers_of(values, column.number_format)
    if not np.isfinite(times).all():
        row = int(np.argmin(np.isfinite(times)))
        raise TableError(
            table.name,
            _("it is not a date or a number in every row."),
            _("Choose another column for --time, or fill in the missing values."),
            None if table.line_of is None else table.line_of(row),
            column.name,
        )
    return times


def check_groups(groups: np.ndarray, name: str, column: str) -> None:
    """Checks that there are enough groups to divide them.

    Raises:
        TableError: if there are not.
    """
    if len(np.unique(groups)) < 3:
        raise TableError(
            name,
            _("there are fewer than three groups."),
            _("Choose another column for --group: training, validation and test need a group each."),
            column=column,
        )


def check_parts(split: Split, name: str) -> None:
    """Checks that no part is empty.

    Raises:
        TableError: if one is.
    """
    if min(len(split.train), len(split.validation), len(split.test)) == 0:
        raise TableError(
            name,
            _("there are too few rows of each class to divide them into training, validation and test."),
            _("Expected at least three rows of a class."),
        )


def _of_pictures(pictures: Pictures, plan: Plan) -> Problem:
    if pictures.y is None:
        raise TableError(
            pictures.name,
            _("there are no labels."),
            _("Expected an array y with one label for each row of x."),
        )
    classes = sorted_classes(set(pictures.y))
    if len(classes) < 2:
        raise TableError(
            pictures.name,
            _("all pictures are of the class '{name}'.").format(name=classes[0]),
            _("There is nothing to learn; expected at least two classes."),
        )
    if len(pictures.y) < FEWEST_ROWS:
        raise TableError(
            pictures.name,
            _("there are only {count} pictures.").format(count=len(pictures.y)),
            _("Expected at least {count}.").format(count=FEWEST_ROWS),
        )
    index = {name: number for number, name in enumerate(classes)}
    labels = np.array([index[name] for name in pictures.y], np.int32)
    target = Target(plan.target or "class", CLASSES, _("the folders or labels of the pictures"), classes)
    split = split_rows(labels, len(classes), plan.seed, plan.test_share)
    return Problem(
        pictures.name, pictures.format, target, [], None, {PICTURES: pictures.x}, labels, split, pictures.notes,
        len(labels),
    )  # fmt: skip
