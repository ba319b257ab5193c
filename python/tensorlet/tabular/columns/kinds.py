"""Finds out what kind of values each column holds."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tensorlet.localization import plural
from tensorlet.localization import translate as _
from tensorlet.tabular.columns.column import Column, unit_of
from tensorlet.tabular.columns.strays import EXAMINED, note_strays, note_words, place
from tensorlet.tabular.columns.values import (
    coded,
    days,
    finite,
    is_text,
    mean_and_deviation,
    numbers_of,
    summary_of,
)
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.formats import (
    date_of,
    find_date_formats,
    find_number_format,
    is_ambiguous,
    mixed_dates,
    number_of,
    signs_of,
    truth_of,
)
from tensorlet.tabular.reading.second_look import short
from tensorlet.tabular.reading.source import Table

if TYPE_CHECKING:
    import pyarrow as pa

#: From this number of rows on, values that are all different are taken for identifiers.
ENOUGH = 20
#: Up to this share of the values of a column of numbers may be something else; they then count as missing.
STRAY = 0.02
#: From this many words on average, text is free text.
WORDS = 4.0
BINS = 20
#: The date that shows how dates are written.
EXAMPLE = datetime.datetime(2024, 12, 31, 13, 45)
#: A column of truth values may spell them in this many ways: Y, y, yes, N, n, no ...
MOST_TRUTHS = 8
#: Whole numbers up to this are exact in float64.
EXACT = 2**53
#: About how many numbers are used for the histogram.
SKETCHED = 20_000
#: Whole numbers within this range are counted with a table.
SMALL_SPAN = 1_000_000
_IDENTIFIER = re.compile(
    r"(?i)(^|[_\s.-])(id|[gu]uid|key|index|no|nr|rownum|번호|아이디)$|^unnamed: \d+$|^rownames$"
)


@dataclass(frozen=True)
class Choices:
    """What the user has said about columns.

    Attributes:
        numbers, categories, ignore: names of columns.
    """

    numbers: frozenset[str] = field(default_factory=frozenset)
    categories: frozenset[str] = field(default_factory=frozenset)
    ignore: frozenset[str] = field(default_factory=frozenset)


def find_column(table: Table, name: str, choices: Choices, kept: Collection[str] = ()) -> Column:
    """Finds out what a column holds.

    Args:
        table: the table; its notes receive what is unusual.
        name: the name of the column.
        choices: what the user has said.
        kept: columns that are used whatever they hold, such as the target.
    """
    values = table.data.column(name)
    if name in choices.categories:
        column = _category(values, Column(name, "category", why=_("as you chose")))
    elif is_text(values):
        column = _text_column(table, values, name, name in choices.numbers)
    else:
        column = _typed_column(table, values, name)
        if name in choices.numbers and column.kind == "identifier":
            column.kind, column.why = "number", _("as you chose")
    column.count, column.unit = len(values), unit_of(name)
    if name in choices.ignore:
        column.role, column.why = "left out", _("as you chose")
    elif column.missing == column.count:
        column.kind, column.role, column.why = "empty", "left out", _("it has no values")
    elif column.distinct <= 1 and name not in kept:
        column.kind, column.role, column.why = "constant", "left out", _("all values are the same")
    elif column.kind in ("text", "identifier") and name not in kept:
        column.role = "left out"
    return column


def _typed_column(table: Table, values: pa.ChunkedArray, name: str) -> Column:
    types = require("pyarrow", "data").types
    if types.is_boolean(values.type):
        column = Column(name, "boolean", why=_("true and false"), categories=["false", "true"])
        column.missing = values.null_count
        column.distinct = len(values.unique().drop_null())
        return column
    if types.is_timestamp(values.type):
        return _date(values, Column(name, "date", why=_("dates")), None)
    return _number(table, values, Column(name, "number"))


def _number(table: Table, values: pa.ChunkedArray, column: Column) -> Column:
    summary = summary_of(values) if len(values) > SKETCHED else None
    sample = None if summary is None else finite(numbers_of(_every_few(values)))
    if summary is not None and sample is not None and not np.all(sample == np.floor(sample)):
        # No copies of the whole column: that is what takes the time with many rows.
        column.missing = values.null_count
        column.minimum, column.maximum, column.mean, column.deviation = summary
        _sketch(sample, column)
        column.why = column.why or _numbers_from(column)
        return column
    numbers = numbers_of(values, column.number_format)
    known = finite(numbers)
    infinite = np.isinf(numbers) if len(known) < len(numbers) else np.zeros(1, bool)
    if infinite.any():
        row = int(np.argmax(infinite))
        table.notes.append(
            plural(
                "Column '{name}' has {count} value that is infinite, or beyond 3.4e38, in {place}; it counts as "
                "missing.",
                "Column '{name}' has {count} values that are infinite, or beyond 3.4e38, the first in {place}; "
                "they count as missing.",
                int(infinite.sum()),
            ).format(name=column.name, count=f"{int(infinite.sum()):,}", place=place(table, row))
        )
    column.missing = len(numbers) - len(known)
    _describe(known, column)
    if not known.size:
        return column
    if column.is_whole and max(-column.minimum, column.maximum) > EXACT:
        table.notes.append(
            _("Column '{name}' has whole numbers beyond {most:,}, whose last digits are lost. If they are names of "
              "things, --categories '{name}' or --ignore '{name}' is right.").format(name=column.name, most=EXACT)
        )  # fmt: skip
    numbers_rows = table.data.column_names[0] == column.name and _counts(known, table)
    if column.is_whole and _is_identifier(known, column, numbers_rows):
        column.kind = "identifier"
        column.why = _("whole numbers that differ in every row")
    elif not column.why:
        column.why = _numbers_from(column)
    return column


def _numbers_from(column: Column) -> str:
    text = (
        _("whole numbers from {low:,.0f} to {high:,.0f}")
        if column.is_whole
        else _("numbers from {low:.4g} to {high:.4g}")
    )
    return text.format(low=column.minimum, high=column.maximum)


def _every_few(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Returns about `SKETCHED` of the values, from all over the column."""
    if len(values) <= SKETCHED:
        return values
    return values.take(np.arange(0, len(values), len(values) // SKETCHED))


def _describe(known: np.ndarray, column: Column) -> None:
    if not known.size:
        return
    column.minimum, column.maximum = float(known.min()), float(known.max())
    column.mean, column.deviation = mean_and_deviation(known)
    sample = known[:: max(1, len(known) // SKETCHED)]
    column.is_whole = bool(np.all(sample == np.floor(sample))) and bool(np.all(known == np.floor(known)))
    _sketch(known if column.is_whole else sample, column)


def _sketch(numbers: np.ndarray, column: Column) -> None:
    """Sets the number of different values, of which only that of whole numbers matters, and the histogram."""
    column.distinct = _count_distinct(numbers, column)
    sample = numbers[:: max(1, len(numbers) // SKETCHED)]
    if column.minimum < column.maximum and np.isfinite(column.maximum - column.minimum):
        column.histogram = _histogram(sample, column.minimum, column.maximum)


def _histogram(numbers: np.ndarray, low: float, high: float) -> list[int]:
    """Returns how many numbers are in each of `BINS` intervals of the same width between two numbers."""
    places = ((numbers - low) / (high - low) * BINS).astype(np.int64)
    counts: list[int] = np.bincount(np.minimum(places, BINS - 1), minlength=BINS).tolist()
    return counts


def _count_distinct(numbers: np.ndarray, column: Column) -> int:
    span = column.maximum - column.minimum
    if column.is_whole and span < SMALL_SPAN:
        return int(np.count_nonzero(np.bincount((numbers - column.minimum).astype(np.int64))))
    return len(np.unique(numbers))


def _counts(known: np.ndarray, table: Table) -> bool:
    """Whether numbers are those of their rows: 0, 1, 2 or 1, 2, 3."""
    places = np.arange(len(known)) if table.places is None else table.places
    return (
        len(known) == len(places) and known[0] in (0, 1) and bool(np.all(np.diff(known) == np.diff(places)))
    )


def _is_identifier(known: np.ndarray, column: Column, numbers_rows: bool) -> bool:
    """Whether whole numbers that all differ name the rows: they count them, or the name of the column says so."""
    if len(known) < ENOUGH or column.distinct < len(known):
        return False
    return numbers_rows or _IDENTIFIER.search(column.name) is not None


def _date(values: pa.ChunkedArray, column: Column, form: str | None) -> Column:
    numbers = days(values, form)
    known = finite(numbers)
    column.date_format = form
    column.missing = len(numbers) - len(known)
    _describe(known, column)
    column.has_time = bool(known.size and np.any(known != np.floor(known)))
    return column


def _category(values: pa.ChunkedArray, column: Column) -> Column:
    texts, codes = coded(values)
    counts = np.bincount(codes[codes >= 0], minlength=len(texts))
    order = sorted(range(len(texts)), key=lambda index: (-counts[index], texts[index]))
    order = [index for index in order if counts[index]]
    column.categories = [texts[index] for index in order]
    column.counts = [int(counts[index]) for index in order]
    column.missing = int((codes < 0).sum())
    column.distinct = len(order)
    return column


def _text_column(table: Table, values: pa.ChunkedArray, name: str, is_number: bool) -> Column:
    """Finds out what text is: truth values, numbers, dates, categories, identifiers or free text."""
    column = _category(values, Column(name, "category"))
    texts, known = column.categories[:EXAMINED], len(values) - column.missing
    if not texts:
        return column
    note_words(table, column, values)
    if len(column.categories) <= MOST_TRUTHS and {truth_of(text) for text in texts} == {True, False}:
        column.kind, column.why = "boolean", _("the words {words}").format(words=", ".join(sorted(texts)))
        column.categories = sorted(texts, key=lambda text: bool(truth_of(text)))
        return column
    codes = any(len(text) > 1 and text[0] == "0" and text.isdecimal() for text in texts)
    form = find_number_format(texts) if not codes or is_number else None
    if form is not None:
        return _written_number(table, values, Column(name, "number", number_format=form), texts)
    dates = find_date_formats(texts, STRAY if len(texts) >= ENOUGH else 0.0)
    if dates:
        return _written_date(table, values, name, dates)
    form = None if codes else find_number_format(texts, STRAY if not is_number else 1.0)
    if form is not None and (is_number or len(texts) >= ENOUGH):
        return _number_with_strays(table, values, Column(name, "number", number_format=form))
    return _words(table, column, texts, known)


def _written_number(table: Table, values: pa.ChunkedArray, column: Column, texts: list[str]) -> Column:
    wrong = [text for text in _all_texts(values) if number_of(text, column.number_format) is None]
    if wrong:
        return _number_with_strays(table, values, column)
    reasons = {
        "plain": _("numbers with a unit or a sign"),
        "thousands": _("numbers with thousands separators: {example}"),
        "decimal comma": _("numbers with decimal commas: {example}"),
        "spaces": _("numbers in groups of three digits: {example}"),
    }
    example = next((text for text in texts if "," in text or " " in text), texts[0])
    if column.number_format != "plain" or not texts[0].strip()[:1].isdigit():
        column.why = reasons[column.number_format].format(example=short(example))
    signs = signs_of(texts)
    if len(signs - {""}) > 1 or signs == {"", "%"}:
        shown = ", ".join(sorted(sign or _("none") for sign in signs))
        table.notes.append(
            _("Column '{name}': the numbers have different signs ({signs}), which were left out; the numbers were not "
              "converted.").format(name=column.name, signs=shown)
        )  # fmt: skip
    if is_ambiguous(texts):
        table.notes.append(
            _("Column '{name}': '{example}' was read as {number:.0f}, with a thousands separator. If the comma is a "
              "decimal one, replace it with a point.").format(
                name=column.name, example=short(example), number=number_of(example, "thousands")
            )
        )  # fmt: skip
    return _number(table, values, column)


def _all_texts(values: pa.ChunkedArray) -> list[str]:
    return coded(values)[0]


def _number_with_strays(table: Table, values: pa.ChunkedArray, column: Column) -> Column:
    one = _("Column '{name}' holds numbers, but '{value}' in {place} is not one; it counts as missing.")
    more = _(
        "Column '{name}' holds numbers, but '{value}' in {place} is not one; {count} such values count as "
        "missing."
    )
    note_strays(
        table, values, column.name, lambda text: number_of(text, column.number_format) is None, one, more
    )
    return _number(table, values, column)


def _written_date(table: Table, values: pa.ChunkedArray, name: str, forms: list[str]) -> Column:
    form = forms[0]
    column = _date(
        values, Column(name, "date", why=_("dates such as {date}").format(date=EXAMPLE.strftime(form))), form
    )
    one = _("Column '{name}' holds dates, but '{value}' in {place} is not one; it counts as missing.")
    more = _(
        "Column '{name}' holds dates, but '{value}' in {place} is not one; {count} such values count as missing."
    )
    note_strays(table, values, name, lambda text: date_of(text, form) is None, one, more)
    if len(forms) > 1:
        table.notes.append(
            _(
                "Column '{name}': dates such as '{example}' were read as {form}, but {other} would fit as well."
            ).format(name=name, example=short(_all_texts(values)[0]), form=form, other=forms[1])
        )
    return column


def _words(table: Table, column: Column, texts: list[str], known: int) -> Column:
    words = sum(len(text.split()) for text in texts) / len(texts)
    all_differ = column.distinct == known and known >= ENOUGH
    mixed = mixed_dates(texts)
    if mixed is not None:
        first, second = short(mixed[0]), short(mixed[1])
        why = _("dates written in different ways: {first} and {second}").format(first=first, second=second)
        column.kind, column.why = "text", why
        table.notes.append(
            _("Column '{name}' holds dates that are written in different ways ('{first}' and '{second}'); it was left "
              "out. Write all of them as 2024-12-31 to use it.").format(name=column.name, first=first, second=second)
        )  # fmt: skip
    elif words >= WORDS and column.distinct > 0.5 * known:
        column.kind, column.why = "text", _("free text with {words:.0f} words on average").format(words=words)
    elif all_differ:
        column.kind, column.why = "identifier", _("texts that differ in every row")
    elif known >= ENOUGH and column.distinct > 0.5 * known:
        column.kind, column.why = (
            "text",
            _("{distinct:,} different texts in {rows:,} rows").format(distinct=column.distinct, rows=known),
        )
    else:
        column.why = _("{distinct:,} different texts").format(distinct=column.distinct)
    return column
