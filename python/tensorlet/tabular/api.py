"""`train` for programs: from a file or a data frame to a `Result`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from tensorlet.tabular.columns.kinds import Choices
from tensorlet.tabular.large_tables import open_problem
from tensorlet.tabular.problem import Plan
from tensorlet.tabular.reading.columnar import table_of
from tensorlet.tabular.reading.source import ReadOptions
from tensorlet.tabular.training import Result, train_problem, train_source


def train(
    data: Any,
    target: str | None = None,
    *,
    numbers: Iterable[str] = (),
    categories: Iterable[str] = (),
    ignore: Iterable[str] = (),
    reading: ReadOptions | None = None,
    stream: bool | None = None,
    **plan: Any,
) -> Result:
    """Trains softmax regression (or linear regression) and a perceptron on a table or on pictures, and compares them.

    Args:
        data: the path of a file or a folder (see `tabular.reading.files.read`), a data frame of pandas or Polars, a
            table of Arrow, or a dictionary of columns.
        target: the column to predict; not needed for pictures.
        numbers, categories, ignore: columns that are numbers, that are categories, and that are left out.
        reading: how to read a file.
        stream: whether the rows of a file stay on disk; None to decide by its size. See `tabular.large_tables`.
        plan: the other attributes of `tabular.problem.Plan`: ``task``, ``time``, ``group``, ``test_share``, ``seed``,
            ``epochs``, ``learning_rate``, ``trees``, ``weights``.

    Returns:
        A `Result`: ``result.measures``, ``result.findings``, ``result.save("model.keras")``.

    Raises:
        TableError: if nothing can be learned from the data; the message says why, and where.

    >>> import numpy as np
    >>> from tensorlet.tabular import train
    >>> x = np.linspace(-1, 1, 400)
    >>> result = train({"x": x, "y": 3 * x + 1}, "y", trees=False)
    >>> result.problem.target.task, round(result.measures["linear"]["r2"].value, 2)
    ('number', 1.0)
    """
    choices = Choices(frozenset(numbers), frozenset(categories), frozenset(ignore))
    chosen = Plan(target, choices=choices, **plan)
    if isinstance(data, str | os.PathLike):
        return train_problem(open_problem(data, chosen, reading, stream), chosen)
    return train_source(table_of(data), chosen)
