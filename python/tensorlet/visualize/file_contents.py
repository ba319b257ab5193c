"""The contents of a model file, found without running anything in it."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import FileFormatError, InvalidArgumentError, TensorletError
from tensorlet.formats.safetensors import read_safetensors
from tensorlet.formats.tensor_bundle import BundleReader
from tensorlet.keras.saving import hdf5, keras_archive, legacy_h5
from tensorlet.keras.saving.load_errors import file_to_read, reading
from tensorlet.localization import mark, translate
from tensorlet.visualize.file_lines import array_lines, columns, layers_of, settings_of, training_lines
from tensorlet.visualize.show import Drawing

if TYPE_CHECKING:
    import h5py

#: The suffix of variable names in a checkpoint, and the prefix of the slots of an optimizer.
_VALUE, _SLOT = "/.ATTRIBUTES/VARIABLE_VALUE", "/.OPTIMIZER_SLOT/"
#: Prefixes of the names of arrays that belong to an optimizer.
_OPTIMIZERS = (
    "optimizer_weights/",
    "tensorlet/optimizer_weights/",
    "optimizer/",
    "_optimizer/",
    "tensorlet/",
)
#: Prefixes of the names of arrays that belong to metrics.
_METRICS = "metrics/"
#: The entry of the metadata in which `tensorlet train` describes the columns.
TABULAR = "tensorlet_tabular"
#: What is said of a column that a model of `tensorlet train` reads, by its kind.
READ = {
    "number": mark("reads {name} (number)"),
    "boolean": mark("reads {name} (yes or no)"),
    "date": mark("reads {name} (date)"),
}


@dataclass
class Contents:
    """The contents of a file.

    Attributes:
        kind: the name of the format.
        facts: further lines for the header.
        model: the configuration of the model, as in the file.
        training: the arguments of ``compile``.
        arrays: name -> (shape, dtype, the value if it is a scalar).
    """

    kind: str
    facts: list[str] = field(default_factory=list)
    model: dict[str, Any] | None = None
    training: dict[str, Any] | None = None
    arrays: dict[str, tuple[tuple[int, ...], str, Any]] = field(default_factory=dict)


def listing_of_file(name: str) -> list[str]:
    """Returns the lines that ``tensorlet show FILE`` prints.

    Raises:
        FileFormatError: if the file is missing, damaged or of an unknown format; the message names it.
    """
    with reading(name, "a file that can be shown"):
        return _listing(name, contents_of(name))


def _listing(name: str, contents: Contents) -> list[str]:
    head = f"{name}: {contents.kind}{_size(name)}"
    lines = [head, *(f"  {fact}" for fact in contents.facts)]
    if contents.model is not None:
        lines += ["", *_layer_lines(name, contents.model)]
    metrics = {key: value for key, value in contents.arrays.items() if key.startswith(_METRICS)}
    own = {
        key: value for key, value in contents.arrays.items() if not _of_optimizer(key) and key not in metrics
    }
    others = {key: value for key, value in contents.arrays.items() if _of_optimizer(key)}
    count = sum(math.prod(shape) for shape, _, _ in own.values())
    text = translate("Weights: {count:,} parameters in {arrays} arrays")
    lines += ["", text.format(count=count, arrays=len(own)), *array_lines(own)]
    lines += ["", translate("Training configuration"), *training_lines(contents.training)]
    slots = sum(math.prod(shape) for shape, _, _ in others.values())
    text = (
        translate("Optimizer state: {count:,} values in {arrays} arrays")
        if others
        else translate("Optimizer state: none")
    )
    lines += ["", text.format(count=slots, arrays=len(others)), *array_lines(others)]
    if metrics:
        lines += ["", translate("Metrics when the file was saved"), *array_lines(metrics)]
    return lines


def drawing_of_file(name: str) -> Drawing:
    """Draws the layers of a model file.

    Raises:
        InvalidArgumentError: for a file that contains weights but no layers.
        FileFormatError: for a damaged file, or a model with layers that are not built in.
    """
    from tensorlet.visualize.show import show

    if contents_of(name).model is None:
        raise InvalidArgumentError(
            f"'{name}' contains arrays but no layers, so there is nothing to draw. Draw the model that they belong to: "
            "tf.show(model)."
        )
    return show(_built(name))


def _built(name: str) -> Any:
    """Creates the model from built-in layers according to its configuration; no code comes from the file."""
    from tensorlet.keras.saving.api import load_model

    return load_model(name, compile=False)


# --- reading ----------------------------------------------------------------------------


def contents_of(name: str) -> Contents:
    """Reads a file of any format, recognized by its content."""
    if not os.path.exists(name) and os.path.exists(f"{name}.index"):
        return _checkpoint(name)
    path = file_to_read(name)
    if os.path.isdir(path):
        return _folder(path)
    for ending in (".index", ".data-"):
        stem, found, _ = path.rpartition(ending)
        if found and os.path.exists(f"{stem}.index"):
            return _checkpoint(stem)
    with open(path, "rb") as file:
        start = file.read(16)
    if start.startswith(hdf5.SIGNATURE):
        return _h5(path)
    if start.startswith(keras_archive.SIGNATURE):
        return _keras(path)
    if path.lower().endswith(".safetensors") or start[8:9] == b"{":
        return _safetensors(path)
    kind = "empty" if not start else "none of these"
    raise FileFormatError(
        f"'{name}' is not a supported file. Supported formats are .keras, .h5, .weights.h5, .safetensors and "
        f"TensorFlow checkpoints; the file is {kind}. To draw the computation of a program, pass a .py file."
    )


def _folder(path: str) -> Contents:
    from tensorlet.checkpoint.checkpoint_state import latest_checkpoint

    inner = os.path.join(path, "model.keras")
    if os.path.isfile(inner):
        return contents_of(inner)
    latest = latest_checkpoint(path)
    if latest is None:
        raise FileFormatError(f"'{path}' is a folder without a checkpoint or model. Pass a file.")
    contents = _checkpoint(latest)
    contents.facts.insert(0, translate("the latest checkpoint in the folder: {name}").format(name=latest))
    return contents


def _h5(path: str) -> Contents:
    with hdf5.open_hdf5(path, path, "a file in Keras's HDF5 format") as file:
        model = legacy_h5.config_of(file, "model_config")
        kind = (
            translate("a model in Keras's HDF5 format")
            if model is not None
            else translate("weights in Keras's HDF5 format")
        )
        contents = Contents(
            kind, model=_table(model), training=_table(legacy_h5.config_of(file, "training_config"))
        )
        for group in ("", "model_weights"):
            if group in file.groups and file.groups[group].attrs.get("keras_version") is not None:
                version = file.text(group, "keras_version")
                contents.facts.append(translate("written by Keras {version}").format(version=version))
                break
        contents.arrays = _h5_arrays(file)
    return contents


def _h5_arrays(file: h5py.File) -> dict[str, tuple[tuple[int, ...], str, Any]]:
    found = {}
    for path, stored in file.arrays.items():
        shape = file.shape(path)
        value = file.array(path).item() if shape == () else None
        found[path.removeprefix("model_weights/")] = (shape, str(stored.dtype), value)
    return found


def _keras(path: str) -> Contents:
    with reading(path, "a model in Keras's .keras format"), open(path, "rb") as raw:
        inside = keras_archive.Archive(raw)
        described = _table(inside.json(keras_archive.CONFIG)) or {}
        contents = Contents(translate("a model in Keras's .keras format"), model=described)
        contents.training = _table(described.get("compile_config"))
        if keras_archive.METADATA in inside.names():
            about = _table(inside.json(keras_archive.METADATA)) or {}
            written = translate("written by Keras {version}").format(version=about.get("keras_version", "?"))
            contents.facts.append(", ".join([written, *filter(None, [str(about.get("date_saved") or "")])]))
            contents.facts += _columns_of_table(about.get(TABULAR))
        weights = io.BytesIO(inside.read(keras_archive.WEIGHTS))
        with hdf5.open_hdf5(weights, path, "the weights in a .keras file") as file:
            contents.arrays = _h5_arrays(file)
    return contents


def _columns_of_table(about: object) -> list[str]:
    """Returns what a model of `tensorlet train` reads and predicts, as lines."""
    if not isinstance(about, dict):
        return []
    target, columns = _table(about.get("target")) or {}, about.get("columns")
    classes = target.get("classes") or []
    what = (
        translate("predicts {name}, one of {count} classes: {classes}")
        if classes
        else translate("predicts {name}, a number")
    )
    lines = [
        translate("trained by tensorlet train on {source}").format(source=about.get("source", "?")),
        what.format(
            name=target.get("name", "?"), count=len(classes), classes=", ".join(map(str, classes[:8]))
        ),
    ]
    for column in columns if isinstance(columns, list) else []:
        if isinstance(column, dict):
            kind = str(column.get("kind"))
            text = (
                translate("reads {name} (category, {count} categories)")
                if kind == "category"
                else translate(READ[kind])
                if kind in READ
                else "{name}"
            )
            count = len(column.get("categories") or [])
            lines.append(text.format(name=column.get("name"), count=count))
    return [*lines, translate("fingerprint {fingerprint}").format(fingerprint=about.get("fingerprint", "?"))]


def _safetensors(path: str) -> Contents:
    arrays, about = read_safetensors(path)
    contents = Contents(translate("weights in the safetensors format"))
    contents.facts += [f"{key}: {value}" for key, value in list(about.items())[:10]]
    contents.arrays = {name: _described(array) for name, array in arrays.items()}
    return contents


def _checkpoint(prefix: str) -> Contents:
    reader = BundleReader(prefix)
    contents = Contents(translate("a TensorFlow checkpoint"))
    for key, entry in reader.entries.items():
        if key.startswith("_CHECKPOINTABLE") or entry.dtype is None:
            continue
        value = reader.read(key).item() if entry.shape == () else None
        contents.arrays[key.removesuffix(_VALUE)] = (entry.shape, str(entry.dtype), value)
    return contents


def _described(array: np.ndarray) -> tuple[tuple[int, ...], str, Any]:
    return array.shape, str(array.dtype), array.item() if array.ndim == 0 else None


def _table(value: object) -> dict[str, Any] | None:
    """Returns a configuration, or None if the value is not a dictionary."""
    return value if isinstance(value, dict) else None


def _of_optimizer(name: str) -> bool:
    return name.startswith(_OPTIMIZERS) or _SLOT in name


def _size(name: str) -> str:
    if not os.path.isfile(name):
        return ""
    size = os.path.getsize(name)
    return translate(", {size:,} bytes").format(size=size) if size < 10_000 else f", {size / 1000:,.0f} kB"


# --- as text ----------------------------------------------------------------------------


def _layer_lines(name: str, model: dict[str, Any]) -> Iterator[str]:
    """Yields a line for each layer."""
    config = model.get("config")
    called = config.get("name") if isinstance(config, dict) else None
    shapes, counts = _known_shapes(name)
    text = translate('Layers of {kind} "{name}"')
    yield text.format(kind=model.get("class_name", "Model"), name=called or model.get("name") or "")
    rows = [
        (
            translate("name"), translate("class"), translate("output shape"), translate("parameters"),
            translate("settings"),
        )
    ]  # fmt: skip
    for depth, layer in layers_of(model, 0):
        settings = _table(layer.get("config")) or {}
        title = str(settings.get("name") or layer.get("name") or "")
        kind = str(layer.get("class_name"))
        shape = settings.get("batch_shape") or settings.get("batch_input_shape")
        known = shapes.get(title) or (
            str(tuple(shape)) if kind == "InputLayer" and isinstance(shape, list) else ""
        )
        rows.append((f"{'  ' * depth}{title}", kind, known, counts.get(title, ""), settings_of(settings)))
    yield from columns(rows)
    if any(layer.get("class_name") == "Lambda" for _, layer in layers_of(model, 0)):
        yield "  " + translate(
            "A Lambda layer contains Python code, which was not run; the model cannot be loaded from this file."
        )


def _known_shapes(name: str) -> tuple[dict[str, str], dict[str, str]]:
    """Returns output shapes and parameter counts by layer name; empty unless all layers are built in."""
    try:
        model = _built(name)
    except (TensorletError, OSError, ValueError, TypeError):
        return {}, {}
    shapes, counts = {}, {}
    for layer in model._flatten_layers():
        if layer is model:
            continue
        try:
            shapes[layer.name] = str(layer.output_shape)
        except (TensorletError, AttributeError):
            shapes[layer.name] = ""
        counts[layer.name] = f"{layer.count_params():,}"
    return shapes, counts
