"""Checkpoints that wait for variables which do not exist yet. Asking costs nothing while there is none."""

from __future__ import annotations

from typing import Any

#: The restorations that wait, oldest first.
WAITING: list[Any] = []


def resume() -> None:
    """Hands waiting arrays to variables that have come into being. Called where such variables are made."""
    for restoration in list(WAITING):
        WAITING.remove(restoration)
        if not restoration.is_alive():
            continue
        restoration.resume()  # raises if an array does not fit: once, where the variable is made
        if not restoration.is_complete:
            WAITING.append(restoration)
