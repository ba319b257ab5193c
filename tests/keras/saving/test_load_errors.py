"""What loading says when it fails."""

from __future__ import annotations

import pytest

from tensorlet.errors import FileFormatError
from tensorlet.keras.saving.load_errors import reading


def test_a_reader_that_meets_damage_names_the_file() -> None:
    message = r"'m\.keras' is not a model, or it is damaged: no such key"
    with pytest.raises(FileFormatError, match=message), reading("m.keras", "a model"):
        raise ValueError("no such key")


def test_missing_memory_is_not_called_damage() -> None:
    with pytest.raises(MemoryError, match="too large"), reading("m.keras", "a model"):
        raise MemoryError("too large")
