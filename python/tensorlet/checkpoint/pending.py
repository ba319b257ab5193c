"""Checkpoints that wait for variables that do not exist yet. Checking this costs nothing if there are none."""

from __future__ import annotations

from typing import Any

#: The waiting restorations, oldest first.
WAITING: list[Any] = []


def resume() -> None:
    """Restores variables that have been created in the meantime. Called where such variables are created."""
    for restoration in list(WAITING):
        WAITING.remove(restoration)
        if not restoration.is_alive():
            continue
        restoration.resume()  # raises an error once if an array does not match
        if not restoration.is_complete:
            WAITING.append(restoration)
