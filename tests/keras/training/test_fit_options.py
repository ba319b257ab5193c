"""Options of `fit` and `compile` in combination: the numbers of real Keras 2."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from golden_files import GOLDEN_FOLDER

import tensorlet as tf

GOLDEN = GOLDEN_FOLDER

from fit_cases import plain  # noqa: E402
from fit_option_cases import CASES  # noqa: E402

EXPECTED: dict[str, Any] = json.loads((GOLDEN / "fit_options.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", CASES)
def test_like_keras(name: str) -> None:
    tf.keras.backend.clear_session()
    assert_like(plain(CASES[name](tf, tf.keras)), EXPECTED[name])


def assert_like(found: Any, expected: Any) -> None:
    """The same structure and, within float32 rounding, the same numbers."""
    if isinstance(expected, dict):
        assert list(found) == list(expected)
        for name, value in expected.items():
            assert_like(found[name], value)
    elif isinstance(expected, list) and not np.isscalar(expected[0] if expected else 0.0):
        assert len(found) == len(expected)
        for ours, theirs in zip(found, expected, strict=True):
            assert_like(ours, theirs)
    else:
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-6)
