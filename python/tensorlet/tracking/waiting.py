"""Checkpoints that wait for variables which do not exist yet. Asking costs nothing while there is none."""

from __future__ import annotations

from typing import Any

#: The restorations that wait, oldest first.
WAITING: list[Any] = []


def resume() -> None:
    """Hands waiting arrays to variables that have come into being. Called where such variables are made."""
    for restoration in list(WAITING):
        if restoration.is_alive():
            restoration.resume()
        if restoration.is_complete or not restoration.is_alive():
            WAITING.remove(restoration)
