"""Names that nobody chose: ``Dense`` becomes ``dense``, then ``dense_1``, ``dense_2``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_counts: dict[str, int] = {}
#: What users count with `tf.keras.backend.get_uid`.
_numbers: dict[str, int] = {}


def snake_case(name: str) -> str:
    """The name of a class as Keras writes it in lower case.

    >>> from tensorlet.keras.naming import snake_case
    >>> snake_case("LayerNormalization"), snake_case("PReLU"), snake_case("SpatialDropout1D")
    ('layer_normalization', 'p_re_lu', 'spatial_dropout1d')
    """
    letters: list[str] = []
    for position, letter in enumerate(name):
        before = name[position - 1] if position else "_"
        after = name[position + 1] if position + 1 < len(name) else ""
        if letter.isupper() and before != "_" and (before.islower() or after.islower()):
            letters.append("_")
        letters.append(letter.lower())
    snake = "".join(letters)
    return f"private{snake}" if snake.startswith("_") else snake


def unique_name(base: str, first: int = 0) -> str:
    """The base with the next number: ``dense``, then ``dense_1``; with ``first=1`` from ``input_1`` on.

    >>> from tensorlet.keras.naming import unique_name
    >>> unique_name("an_example"), unique_name("an_example"), unique_name("another", first=1)
    ('an_example', 'an_example_1', 'another_1')
    """
    count = _counts.get(base, first)
    _counts[base] = count + 1
    return f"{base}_{count}" if count else base


@contextmanager
def separate_names() -> Iterator[None]:
    """A ``with`` block in which names are counted from the beginning, without an effect on the names outside of it.

    >>> from tensorlet.keras.naming import separate_names, unique_name
    >>> first = unique_name("a_metric")
    >>> with separate_names():
    ...     print(unique_name("a_metric"), unique_name("a_metric"))
    a_metric a_metric_1
    """
    outside = dict(_counts)
    _counts.clear()
    try:
        yield
    finally:
        _counts.clear()
        _counts.update(outside)


def next_number(prefix: str) -> int:
    """1 at the first call with a prefix, then 2, 3 and so on."""
    _numbers[prefix] = _numbers.get(prefix, 0) + 1
    return _numbers[prefix]


def reset_names() -> None:
    """Starts counting again, as ``tf.keras.backend.clear_session()`` does."""
    _counts.clear()
    _numbers.clear()
