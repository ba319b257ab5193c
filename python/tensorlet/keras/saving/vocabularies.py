"""Vocabularies in ``.keras`` files: Keras writes those that `adapt` found as text files beside the weights."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tensorlet.errors import FileFormatError
from tensorlet.keras.naming import snake_case
from tensorlet.keras.saving.hdf5 import Hdf5File
from tensorlet.keras.saving.keras_archive import Archive

KINDS = ("IntegerLookup", "StringLookup", "TextVectorization")
NAME = "vocabulary.txt"


def with_vocabularies(config: Any, archive: Archive, weights: Hdf5File) -> Any:
    """Puts the vocabularies of an archive into the configuration of its model.

    Args:
        config: the configuration, which is changed.
        archive: the file.
        weights: its weights, which have those of words for ``"tf_idf"``.

    Raises:
        FileFormatError: if a vocabulary of integers has other text.
    """
    names = frozenset(archive.names())
    for layer, path in _layers(config, ""):
        settings = layer.get("config")
        file = f"assets/{path}/{NAME}"
        if layer.get("class_name") not in KINDS or not isinstance(settings, dict) or file not in names:
            continue
        if settings.get("vocabulary") is None:
            words = archive.read(file).decode("utf-8").split("\n")
            values = _values(words, layer["class_name"], settings, file)
            settings["vocabulary"] = values
            array = f"{path}/vars/idf_weights"
            if settings.get("output_mode") == "tf_idf" and array in weights.arrays:
                idf = weights.array(array).reshape(-1)
                settings["idf_weights"] = idf[len(words) - len(values) :][: len(values)].tolist()
    return config


def _values(words: list[str], kind: str, settings: dict[str, Any], file: str) -> list[Any]:
    """The values of a vocabulary without the special ones before them."""
    is_int_mode = settings.get("output_mode", "int") == "int"
    if kind == "TextVectorization":
        special = 2 if is_int_mode else 1
    else:
        special = int(settings.get("mask_token") is not None and is_int_mode) + int(
            settings.get("num_oov_indices", 1)
        )
    if kind != "IntegerLookup":
        return words[special:]
    try:
        return [int(word) for word in words[special:]]
    except ValueError:
        raise FileFormatError(f"its member '{file}' has text where integers are expected") from None


def _layers(config: Any, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The layers of a model's configuration, and where Keras keeps their files."""
    inner = config.get("config") if isinstance(config, dict) else None
    layers = inner.get("layers") if isinstance(inner, dict) else None
    if not isinstance(layers, list):
        return
    counts: dict[str, int] = {}
    for layer in layers:
        if not isinstance(layer, dict):
            continue
        name = snake_case(str(layer.get("class_name")))
        number = counts.get(name, 0)
        counts[name] = number + 1
        place = f"{path}layers/{name}_{number}" if number else f"{path}layers/{name}"
        yield layer, place
        yield from _layers(layer, f"{place}/")
