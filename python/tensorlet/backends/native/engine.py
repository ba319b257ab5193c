"""The compiled engine; a sentence that helps where it is missing."""

from __future__ import annotations

try:
    from tensorlet import _native as _native
except ImportError as error:
    raise ImportError(
        f"Tensorlet's compiled engine could not be loaded ({error}). Install the package, which compiles it: "
        "pip install . (or pip install --editable .) in a clone of the project; this needs Rust. "
        "TENSORLET_BACKEND=reference runs without it, slowly."
    ) from error
