"""Requests that are refused: the status, and what is wrong with which field."""

from __future__ import annotations

from typing import Any


class RefusedError(Exception):
    """A request that cannot be answered.

    Args:
        status: the HTTP status.
        message: what was received, what is expected.
        field: the field that is wrong, if there is one.
        row: its row, counted from 1.
        retry_after: seconds after which the request may be sent again.
    """

    def __init__(
        self,
        status: int,
        message: str,
        field: str | None = None,
        row: int | None = None,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.field, self.row, self.retry_after = status, field, row, retry_after

    def to_json(self) -> dict[str, Any]:
        """Returns the body of the answer."""
        error: dict[str, Any] = {"message": str(self)}
        if self.field is not None:
            error["field"] = self.field
        if self.row is not None:
            error["row"] = self.row
        return {"error": error}
