"""Default names: ``Dense`` becomes ``dense``, then ``dense_1``, ``dense_2``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_counts: dict[str, int] = {}
#: The counters of `tf.keras.backend.get_uid`, by prefix.
_numbers: dict[str, int] = {}


def snake_case(name: str) -> str:
    """Converts a class name to lower case with underscores, as Keras does.

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
    """Appends the next number to a name: ``dense``, then ``dense_1``; with ``first=1``, starting at ``input_1``.

    >>> from tensorlet.keras.naming import unique_name
    >>> unique_name("an_example"), unique_name("an_example"), unique_name("another", first=1)
    ('an_example', 'an_example_1', 'another_1')
    """
    count = _counts.get(base, first)
    _counts[base] = count + 1
    return f"{base}_{count}" if count else base


@contextmanager
def separate_names() -> Iterator[None]:
    """Context manager in which names are numbered from the start; names outside of it are not affected.

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
    """Returns 1 for the first call with a prefix, then 2, 3 and so on."""
    _numbers[prefix] = _numbers.get(prefix, 0) + 1
    return _numbers[prefix]


def reset_names() -> None:
    """Restarts all counters, as ``tf.keras.backend.clear_session()`` does."""
    _counts.clear()
    _numbers.clear()
