"""How numbers, dates and truth values are written in text, and their conversion."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Iterable
from itertools import islice

#: Texts that mean that a value is missing.
_ABSENT = (
    "", "NA", "N/A", "n/a", "na", "NaN", "nan", "NULL", "null", "None", "#N/A", "#NA", "-", "--", "?", ".", "없음",
)  # fmt: skip
#: The same with a space before or after them.
MISSING = frozenset(
    (*_ABSENT, "  ", "   ", *(f" {text}" for text in _ABSENT), *(f"{text} " for text in _ABSENT))
)

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?inf(inity)?", re.IGNORECASE)
#: A group never begins with a zero: 0,004 has a decimal comma.
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?|[+-]?\d+(\.\d*)?")
_DECIMAL_COMMA = re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+),?\d*([eE][+-]?\d+)?")
_SPACED = re.compile(r"[+-]?\d{1,3}([ '\u00a0\u202f]\d{3})+([.,]\d*)?|[+-]?\d+([.,]\d*)?")
_AFFIX = re.compile(r"(?<=^[+-])[$€£¥₩]\s?|^[$€£¥₩]\s?|\s?(%|[€₩]|원)$")
_NEGATIVE = re.compile(r"\((.+)\)")

TRUE = frozenset(("true", "yes", "y", "t", "예", "참"))
FALSE = frozenset(("false", "no", "n", "f", "아니오", "아니요", "거짓"))

#: The forms of numbers, in the order in which they are tried.
NUMBER_FORMATS: dict[str, re.Pattern[str]] = {
    "plain": _PLAIN, "thousands": _GROUPED, "decimal comma": _DECIMAL_COMMA, "spaces": _SPACED,
}  # fmt: skip

#: The forms of dates; a time of day may follow.
DATE_FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y. %m. %d.", "%Y년 %m월 %d일", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y",
    "%d %b %Y", "%b %d, %Y", "%b %d %Y", "%d-%b-%Y", "%Y-%m", "%Y%m%d", "%m/%d/%y", "%d/%m/%y",
)  # fmt: skip
TIME_FORMATS = (
    "",
    " %H:%M:%S",
    "T%H:%M:%S",
    " %H:%M",
    "T%H:%M",
    " %H:%M:%S.%f",
    "T%H:%M:%S.%f",
    "T%H:%M:%S%z",
    "T%H:%M:%S.%f%z",
    " %I:%M %p",
    " %I:%M:%S %p",
)


def is_plain_number(text: str) -> bool:
    """Whether a text is a number as Python writes it.

    >>> [is_plain_number(text) for text in ("1", "-2.5e3", "1,5", "x")]
    [True, True, False, False]
    """
    return _PLAIN.fullmatch(text) is not None


def find_number_format(values: Iterable[str], tolerance: float = 0.0) -> str | None:
    """Returns the form in which values are written as numbers; None if they are not numbers.

    Args:
        values: the values, without missing ones.
        tolerance: the share of values that may be something else.

    >>> find_number_format(["1,234.5", "17"]), find_number_format(["1,5", "2"]), find_number_format(["a"])
    ('thousands', 'decimal comma', None)
    """
    bare = [_bare(value) for value in values]
    for name, pattern in NUMBER_FORMATS.items():
        wrong = sum(pattern.fullmatch(value) is None for value in bare)
        if bare and wrong <= tolerance * len(bare):
            return name
    return None


def _bare(text: str) -> str:
    """Returns a number without currency and percent signs, with a plain minus: -$5, (5) and −5 are -5."""
    text = text.strip().replace("\u2212", "-")
    found = _NEGATIVE.fullmatch(text)
    return "-" + _AFFIX.sub("", found[1].strip()) if found else _AFFIX.sub("", text)


def signs_of(values: Iterable[str]) -> set[str]:
    """Returns the currency and percent signs of numbers; the empty text for a number without one.

    >>> sorted(signs_of(["$1", "2", "3 %"]))
    ['', '$', '%']
    """
    return {"".join(re.findall("[$€£¥₩%원]", value)) for value in values}


def is_ambiguous(values: Iterable[str]) -> bool:
    """Whether numbers with commas could mean thousands as well as decimals: 1,234."""
    commas = [value.strip() for value in values if "," in value]
    return bool(commas) and all(re.fullmatch(r"[+-]?[1-9]\d{0,2},\d{3}", value) for value in commas)


def number_of(text: str, form: str = "plain") -> float | None:
    """Returns the number that a text means in one of `NUMBER_FORMATS`; None if it means none.

    >>> number_of("1.234,5", "decimal comma"), number_of("$1,200", "thousands"), number_of("x")
    (1234.5, 1200.0, None)
    """
    bare = _bare(text)
    if NUMBER_FORMATS[form].fullmatch(bare) is None and not is_plain_number(bare):
        return None
    if form == "thousands":
        bare = bare.replace(",", "")
    elif form == "decimal comma":
        bare = bare.replace(".", "").replace(",", ".")
    elif form == "spaces":
        bare = re.sub(r"[ '\u00a0\u202f]", "", bare).replace(",", ".")
    try:
        return float(bare)
    except ValueError:
        return None


def truth_of(text: str) -> bool | None:
    """Returns the truth value that a text means; None if it means none."""
    word = text.strip().lower()
    return True if word in TRUE else False if word in FALSE else None


def find_date_formats(values: Iterable[str], tolerance: float = 0.0) -> list[str]:
    """Returns the forms that fit all values as dates; empty if none does.

    Args:
        values: the values, without missing ones.
        tolerance: the share of values that may be something else.

    >>> find_date_formats(["2024-03-01", "2024-12-31"]), find_date_formats(["03/04/2024"])
    (['%Y-%m-%d'], ['%m/%d/%Y', '%d/%m/%Y'])
    """
    texts = [value.strip() for value in values]
    most = int(tolerance * len(texts))
    if not texts or sum(not any(character.isdigit() for character in text) for text in texts) > most:
        return []
    if all(re.fullmatch(r"\d{1,6}([.,]\d*)?", text) for text in texts):  # plain numbers
        return []
    first = texts[: most + 1]  # one of these at least is a date
    found = [form for form in _all_date_formats() if any(_fits(text, form) for text in first)]
    wrong = {
        form: list(islice((text for text in texts if not _fits(text, form)), most + 1)) for form in found
    }
    least = min(map(len, wrong.values()), default=0)
    return [form for form in found if len(wrong[form]) == least <= most]


def _all_date_formats() -> list[str]:
    return [date + time for date in DATE_FORMATS for time in TIME_FORMATS]


def _fits(text: str, form: str) -> bool:
    date = date_of(text, form)
    return date is not None and 1800 <= date.year <= 2200


def date_of(text: str, form: str) -> datetime.datetime | None:
    """Returns the date that a text means, in UTC if it names its zone; None if it means none."""
    try:
        return without_zone(datetime.datetime.strptime(text.strip(), form))
    except (ValueError, OverflowError):
        return None


def without_zone(date: datetime.datetime) -> datetime.datetime:
    """Returns a date in UTC, without its zone; one that has no zone as it is."""
    return date if date.tzinfo is None else date.astimezone(datetime.timezone.utc).replace(tzinfo=None)


def days_of(date: datetime.datetime) -> float:
    """Returns the days since 1 January 1970, with the time of day as a fraction."""
    return (date - datetime.datetime(1970, 1, 1)).total_seconds() / 86400


def mapped(values: Iterable[str | None], convert: Callable[[str], float | None]) -> list[float]:
    """Converts each value; those that are missing or that cannot be converted become NaN."""
    found = (None if value is None else convert(value) for value in values)
    return [float("nan") if number is None else float(number) for number in found]


def mixed_dates(texts: list[str]) -> tuple[str, str] | None:
    """Returns two texts that are dates of different forms, if all texts are dates."""
    first: tuple[str, list[str]] | None = None
    other: str | None = None
    for text in texts[:200]:
        forms = find_date_formats([text])
        if not forms:
            return None
        if first is None:
            first = (text, forms)
        elif not set(forms) & set(first[1]):
            other = text
    return None if first is None or other is None else (first[0], other)
