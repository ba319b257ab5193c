"""Switches for looking inside, read from the environment when they are needed."""

from __future__ import annotations

import os
import sys


def backend_name() -> str:
    """The backend that runs traced functions: ``TENSORLET_BACKEND``, by default ``native``."""
    return os.environ.get("TENSORLET_BACKEND", "native")


def log(topic: str, text: str) -> None:
    """Writes a line to standard error if ``TENSORLET_DEBUG`` names the topic (or ``all``)."""
    topics = os.environ.get("TENSORLET_DEBUG", "")
    if topics and (topic in topics.split(",") or topics == "all"):
        print(f"tensorlet[{topic}] {text}", file=sys.stderr)
