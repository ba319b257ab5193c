"""What several test files share: the profiles of Hypothesis and the backends."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import settings

# Two busy cores make single examples slow now and then: a deadline would fail without a defect. The examples
# are the same in each run; a new commit, not chance, turns a test red.
settings.register_profile("default", deadline=None, max_examples=50, derandomize=True)
settings.register_profile("ci", settings.get_profile("default"), max_examples=200)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# Tests of keras.ops import it, which must not make programs for Keras 3 of the tests that follow in the process.
os.environ.setdefault("TENSORLET_KERAS", "2")

# A test that fails shows the frames inside of Tensorlet, too.
os.environ.setdefault("TENSORLET_TRACEBACKS", "full")

# A shell that starts the tests in the background has them ignore Ctrl-C, and the programs that they start
# inherit that; the tests of Ctrl-C would then wait for nothing.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(params=["reference", "native"])
def backend(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs a test once on each backend of traced functions; skips the native one where it is not built."""
    if request.param == "native":
        pytest.importorskip("tensorlet._native", reason="the native engine is not built: pip install .")
    monkeypatch.setenv("TENSORLET_BACKEND", request.param)
    return str(request.param)
