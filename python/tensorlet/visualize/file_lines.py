"""Layers, settings and arrays of a model file, as lines of text."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from tensorlet.localization import translate
from tensorlet.visualize.formulas import short_number

#: Layer settings that do not affect the computation.
_PLAIN = frozenset(
    {
        "name",
        "trainable",
        "dtype",
        "batch_input_shape",
        "batch_shape",
        "sparse",
        "ragged",
        "optional",
        "layers",
    }
    | {"data_format", "jit_compile", "is_legacy_optimizer", "use_ema", "ema_momentum"}
)
#: The depth to which nested models are listed.
_DEEPEST = 8


def layers_of(model: dict[str, Any], depth: int) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yields the layers of a configuration, with those of nested models after each, and their depth."""
    config = model.get("config")
    inner = config.get("layers") if isinstance(config, dict) else config
    for layer in inner if isinstance(inner, list) and depth < _DEEPEST else []:
        if isinstance(layer, dict):
            yield depth, layer
            yield from layers_of(layer, depth + 1)


def settings_of(config: dict[str, Any]) -> str:
    """Returns the settings of a layer that are numbers and strings; others, such as regularizers, by class."""
    shown = []
    for key, value in config.items():
        if key in _PLAIN or value is None or key.endswith(("_initializer", "_constraint")):
            continue
        if isinstance(value, dict):
            value = value.get("class_name", "...")
        if isinstance(value, float):
            value = f"{value:.6g}"
        if isinstance(value, str | int) or (isinstance(value, list) and len(value) <= 4):
            shown.append(f"{key}={value}")
    return ", ".join(shown)


def training_lines(training: dict[str, Any] | None) -> Iterator[str]:
    """Yields a line for each argument of ``compile``."""
    if training is None:
        yield "  " + translate("none: the model was not compiled, or the file contains only weights")
        return
    for key, value in training.items():
        if key in ("optimizer_config", "optimizer") and isinstance(value, dict):
            config = value.get("config")
            settings = settings_of(config) if isinstance(config, dict) else ""
            # Keras 2.11 and later write Custom>Adam for built-in optimizers.
            kind = str(value.get("class_name")).rpartition(">")[2]
            yield "  " + translate("optimizer: {name}").format(name=f"{kind}({settings})")
        elif value not in (None, False, [], {}):
            yield f"  {key}: {_short(value)}"


def _short(value: object) -> str:
    """Returns the name of a loss, metric or similar object."""
    if isinstance(value, dict) and "class_name" in value:
        config = value.get("config")
        inner = config.get("name") if isinstance(config, dict) else config
        return str(inner or value["class_name"])
    if isinstance(value, list):
        return ", ".join(_short(item) for item in value)
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_short(item)}" for key, item in value.items())
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 200 else text[:199] + "…"


def array_lines(arrays: dict[str, tuple[tuple[int, ...], str, Any]]) -> Iterator[str]:
    """Yields a line for each array: its name, its shape or value, and its dtype."""
    rows = []
    for name, (shape, dtype, value) in arrays.items():
        shown = str(shape) if value is None else f"= {short_number(value)}"
        rows.append((name, shown, "" if dtype == "float32" else dtype))
    yield from columns(rows)


def columns(rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Aligns rows of text in columns, with control characters escaped to protect the terminal."""
    clean = [[cell if cell.isprintable() else ascii(cell) for cell in row] for row in rows]
    if not clean:
        return
    widths = [min(max(_width(row[index]) for row in clean), 72) for index in range(len(clean[0]))]
    for row in clean:
        cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        yield ("  " + "  ".join(cells)).rstrip()


def _width(text: str) -> int:
    """Returns the columns that a text takes on a terminal: a Korean character takes two."""
    return sum(1 + (unicodedata.east_asian_width(character) in "WF") for character in text)
