"""Messages in English, whatever the language of the machine."""

from __future__ import annotations

import pytest

from tensorlet.localization import use_language


@pytest.fixture(autouse=True)
def english():
    use_language("en")
    yield
    use_language(None)
