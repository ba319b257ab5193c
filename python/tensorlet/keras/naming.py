"""Names that nobody chose: ``Dense`` becomes ``dense``, then ``dense_1``, ``dense_2``."""

from __future__ import annotations

import re

_counts: dict[str, int] = {}


def snake_case(name: str) -> str:
    """A class's name in lower case, with underscores between its words, as Keras splits them.

    >>> from tensorlet.keras.naming import snake_case
    >>> snake_case("BatchNormalization"), snake_case("PReLU"), snake_case("MyMLP")
    ('batch_normalization', 'p_re_lu', 'my_mlp')
    """
    words = re.sub(r"(.)([A-Z][a-z0-9]+)", r"\1_\2", name)
    snake = re.sub(r"([a-z])([A-Z])", r"\1_\2", words).lower()
    return f"private{snake}" if snake.startswith("_") else snake


def unique_name(base: str, first: int = 0) -> str:
    """The base with the next free number: ``dense``, then ``dense_1``; from ``input_1`` on with ``first=1``.

    >>> from tensorlet.keras.naming import unique_name
    >>> unique_name("an_example"), unique_name("an_example")
    ('an_example', 'an_example_1')
    """
    count = _counts.get(base, first)
    _counts[base] = count + 1
    return f"{base}_{count}" if count else base


def forget_names() -> None:
    """Starts all numbers again; ``tf.keras.backend.clear_session`` calls it."""
    _counts.clear()
