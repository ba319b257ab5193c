"""Serializes a program for the engine: JSON text, and one block of bytes with the constants."""

from __future__ import annotations

import json
from typing import Any

from tensorlet.backends.native.instructions import Program, Value


def emit(program: Program) -> tuple[str, bytes]:
    """The program's text and the bytes of its constants."""
    blob = bytearray()
    return json.dumps(_described(program, blob)), bytes(blob)


def _described(program: Program, blob: bytearray) -> dict[str, Any]:
    """A program for JSON; its constants are appended to the block of bytes."""
    values = program.values()
    constants = [value for value in values if value.kind == "constant"]
    results = [value for value in values if value.kind == "result"]
    numbered = [*program.inputs, *program.variables, *constants, *results]
    number = {id(value): position for position, value in enumerate(numbered)}
    return {
        "inputs": [_declaration(value) for value in program.inputs],
        "variables": [
            _declaration(value) | {"transposed": position in program.transposed}
            for position, value in enumerate(program.variables)
        ],
        "constants": [_declaration(value) | {"offset": _append(blob, value)} for value in constants],
        "instructions": [
            _declaration(value)
            | {"op": value.op, "inputs": [number[id(other)] for other in value.inputs], "name": value.name}
            | _attributes(value, blob)
            for value in results
        ],
        "outputs": [number[id(value)] for value in program.outputs],
        "updates": [[variable, number[id(value)]] for variable, value in program.updates],
    }


def _attributes(value: Value, blob: bytearray) -> dict[str, Any]:
    if value.op != "loop":
        return value.attributes
    return value.attributes | {"body": _described(value.attributes["body"], blob)}


def _declaration(value: Value) -> dict[str, Any]:
    return {"dtype": value.dtype, "shape": list(value.shape)}


def _append(blob: bytearray, value: Value) -> int:
    """Appends a constant at a multiple of 64 bytes; returns its offset."""
    blob.extend(b"\0" * (-len(blob) % 64))
    start = len(blob)
    blob.extend(value.array.tobytes())  # type: ignore[union-attr]
    return start
