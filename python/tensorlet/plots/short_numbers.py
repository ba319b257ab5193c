"""Numbers as short texts."""

from __future__ import annotations


def short(value: float) -> str:
    """A number in at most three significant digits.

    >>> short(0.88079), short(-5.0), short(0.000012), short(1234.5)
    ('0.881', '−5', '1.2e−05', '1.23e+03')
    """
    return f"{float(value):.3g}".replace("-", "−")
