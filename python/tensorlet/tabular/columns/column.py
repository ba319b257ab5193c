"""`Column`: what is known of a column of a table."""

from __future__ import annotations

import re
from copy import copy
from dataclasses import dataclass, field, fields
from typing import Any

#: The kinds of columns that a model can use.
USABLE = ("number", "category", "boolean", "date")
_UNIT = re.compile(r"[(\[]\s*([^()\[\]]{1,15}?)\s*[)\]]\s*$")
#: Ends of names that are units: ``height_cm``.
_UNIT_ENDS = (
    "mm",
    "cm",
    "km",
    "kg",
    "mg",
    "lb",
    "lbs",
    "mph",
    "kmh",
    "ms",
    "sec",
    "min",
    "hours",
    "usd",
    "eur",
    "krw",
    "pct",
)


@dataclass
class Column:
    """What is known of a column.

    Attributes:
        name: its name.
        kind: "number", "category", "boolean", "date", "text", "identifier", "constant" or "empty".
        role: "input", "target", "time", "group" or "left out".
        why: the reason for the kind, as a phrase.
        count: the number of rows.
        missing: the number of rows without a value.
        distinct: the number of different values; for numbers with decimals, those of some of the rows.
        unit: the unit of measurement in the name, if there is one.
        number_format: how numbers are written; see `tabular.reading.formats`.
        date_format: how dates are written; None for dates of Arrow.
        categories: the categories, most frequent first; for a boolean, the texts for false and true.
        counts: how often each category occurs.
        minimum, maximum, mean, deviation: of the numbers. For dates, in days since 1970.
        histogram: how many of some of the values are in each of twenty intervals of the same width.
        has_time: whether the dates have a time of day.
        parts: for a date: the numbers that it becomes.
        is_whole: whether all numbers are whole.
    """

    name: str
    kind: str
    role: str = "input"
    why: str = ""
    count: int = 0
    missing: int = 0
    distinct: int = 0
    unit: str = ""
    number_format: str = "plain"
    date_format: str | None = None
    categories: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    minimum: float = 0.0
    maximum: float = 0.0
    mean: float = 0.0
    deviation: float = 0.0
    histogram: list[int] = field(default_factory=list)
    has_time: bool = False
    parts: list[str] = field(default_factory=list)
    is_whole: bool = False

    def to_json(self) -> dict[str, Any]:
        """Returns the attributes as plain values."""
        return {name: copy(value) for name, value in vars(self).items()}

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> Column:
        """Creates a column from `to_json`; attributes of later versions are ignored."""
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


def unit_of(name: str) -> str:
    """Returns the unit of measurement in the name of a column; empty if there is none.

    >>> unit_of("sepal length (cm)"), unit_of("weight_kg"), unit_of("age")
    ('cm', 'kg', '')
    """
    found = _UNIT.search(name)
    if found:
        return found[1]
    end = name.lower().rpartition("_")[2]
    return end if "_" in name and end in _UNIT_ENDS else ""
