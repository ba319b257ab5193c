"""The OpenAPI document of a served model, generated from its own columns or inputs."""

from __future__ import annotations

from typing import Any

from tensorlet.serve.served_model import ServedModel
from tensorlet.version_info import TENSORLET_VERSION

ERRORS = {
    "401": "The token is missing or wrong.",
    "413": "The body is too large, or has too many rows.",
    "415": "The body is neither JSON nor CSV.",
    "422": "A field is missing, unknown or of the wrong type; the answer names it.",
    "503": "Too many requests are waiting, or the time is up.",
}


#: The paths that are only read.
READ = {
    "/model": "What the model reads and predicts",
    "/health": "Whether the server runs",
    "/ready": "Whether the server takes requests",
    "/metrics": "Counters for Prometheus",
}


def document(model: ServedModel, has_token: bool) -> dict[str, Any]:
    """Returns the document, version 3.1.

    Args:
        model: the model.
        has_token: whether clients have to send a token.
    """
    body = {
        "application/json": {"schema": _reference("Request"), "example": model.example()},
        "text/csv": {"schema": {"type": "string"}},
    }
    answers: dict[str, Any] = {
        "200": {
            "description": "The predictions.",
            "content": {
                "application/json": {"schema": _reference("Answer")},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    }
    error = {"application/json": {"schema": _reference("Error")}}
    answers |= {status: {"description": text, "content": error} for status, text in ERRORS.items()}
    predict = {
        "summary": "Predict rows",
        "requestBody": {"required": True, "content": body},
        "responses": answers,
    }
    paths: dict[str, Any] = {"/predict": {"post": predict}}
    for path, summary in READ.items():
        paths[path] = {"get": {"summary": summary, "responses": {"200": {"description": summary}}}}
    schemas = {**model.schemas(), "Error": _error_schema()}
    found: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": model.name, "version": TENSORLET_VERSION},
        "paths": paths,
        "components": {"schemas": schemas},
    }
    if has_token:
        found["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        found["security"] = [{"token": []}]
    return found


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _error_schema() -> dict[str, Any]:
    properties = {"message": {"type": "string"}, "field": {"type": "string"}, "row": {"type": "integer"}}
    return {
        "type": "object",
        "properties": {"error": {"type": "object", "properties": properties, "required": ["message"]}},
    }
