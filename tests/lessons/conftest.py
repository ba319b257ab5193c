"""A lesson sets the language of messages; each test starts with that of the environment."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tensorlet.localization import use_language


@pytest.fixture(autouse=True)
def own_language() -> Iterator[None]:
    yield
    use_language(None)
