"""Debug output on standard error."""

from __future__ import annotations

import sys

from tensorlet.settings import DEBUG


def is_logged(topic: str) -> bool:
    """Whether ``TENSORLET_DEBUG`` names the topic (or ``all``)."""
    wanted = DEBUG.read()
    return bool(wanted) and (wanted == "all" or topic in wanted.split(","))


def log(topic: str, text: str) -> None:
    """Writes a line to standard error if ``TENSORLET_DEBUG`` names the topic (or ``all``)."""
    if is_logged(topic):
        print(f"tensorlet[{topic}] {text}", file=sys.stderr)
