"""The compiled engine; importing this module loads it, or explains what to do if it is missing."""

from __future__ import annotations

from tensorlet.errors import InvalidArgumentError
from tensorlet.settings import SIMD, THREADS

THREADS.read()  # the engine reads it as well, but would ignore an invalid value

try:
    import tensorlet._native as native
except ImportError as error:
    raise ImportError(
        f"Tensorlet's compiled engine could not be loaded ({error}). Install the package, which compiles it: "
        "pip install . (or pip install --editable .) in a clone of the project; this needs Rust. "
        "TENSORLET_BACKEND=reference runs without it, slowly."
    ) from error

if SIMD.read() not in ("", *native.simd_levels()):
    _levels = ", ".join(f"'{level}'" for level in native.simd_levels())
    raise InvalidArgumentError(
        SIMD.refusal(SIMD.read(), f"one of those that this processor supports ({_levels})")
    )

__all__ = ["native"]
