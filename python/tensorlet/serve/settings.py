"""The settings of a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The settings of a server.

    Attributes:
        host: the address to listen on.
        port: the port; 0 for a free one.
        token: what clients send as ``Authorization: Bearer TOKEN``; None for no check.
        most_body_bytes: larger bodies are refused.
        most_rows: a request with more rows is refused.
        timeout: the time in seconds after which a request is given up.
        batch_rows: the most rows that are predicted together.
        waiting_rows: with more rows waiting than this, requests are refused as overload.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    token: str | None = None
    most_body_bytes: int = 10_000_000
    most_rows: int = 10_000
    timeout: float = 30.0
    batch_rows: int = 1024
    waiting_rows: int = 20_000

    @property
    def is_local(self) -> bool:
        """Whether only programs of this machine can connect."""
        return self.host in ("127.0.0.1", "localhost", "::1")
