"""The ``.keras`` files of both dialects: a zip archive with the configuration as JSON and the weights as HDF5."""

from __future__ import annotations

import io
import json
import os
import time
import zipfile
from typing import IO, Any

from tensorlet.errors import FileFormatError
from tensorlet.keras.config import KERAS_VERSION
from tensorlet.keras.generations import generation_of, spelled_for
from tensorlet.keras.layers.serialization import serialize
from tensorlet.keras.models.json_form import plain_json
from tensorlet.keras.models.model import Model
from tensorlet.keras.optimizers.saved_variables import KERAS_3
from tensorlet.keras.saving import compile_config, keras3_model, weights_h5
from tensorlet.keras.saving.build_shapes import build_shape
from tensorlet.keras.saving.hdf5 import hdf5_bytes
from tensorlet.keras.saving.legacy_h5 import KERAS_3_VERSION

SIGNATURE = b"PK"
CONFIG, METADATA, WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
#: In the metadata: the optimizer is a legacy one, which Keras 3 does not have. Keras ignores it.
LEGACY_OPTIMIZER = "tensorlet_legacy_optimizer"
#: The largest size in bytes of a member, in addition to `LARGEST_RATIO` times its compressed size.
SMALL = 1 << 20
LARGEST_RATIO = 64
#: The earliest date that a zip archive can store, so that the same model gives the same bytes.
_DATE = (1980, 1, 1, 0, 0, 0)


def archive_bytes(model: Model, dialect: str, include_optimizer: bool) -> bytes:
    """Returns a whole model as the bytes of a ``.keras`` file."""
    if dialect == KERAS_3:
        described = keras3_model.describe(model)
        compiled = compile_config.keras_3_compile_config(model)
    else:
        described = dict(spelled_for(2, serialize(model)))
        if type(model).__name__ == "Functional":
            described |= {"module": "keras.src.engine.functional", "registered_name": "Functional"}
        elif described.get("registered_name") is None:
            described["module"] = "keras"
        compiled = compile_config.keras_2_compile_config(model)
    shape = build_shape(model)
    if shape is not None:
        described["build_config"] = {"input_shape": shape}
    if compiled is not None and include_optimizer:
        described["compile_config"] = compiled
    metadata = {
        "keras_version": KERAS_3_VERSION if dialect == KERAS_3 else KERAS_VERSION,
        "date_saved": time.strftime("%Y-%m-%d@%H:%M:%S"),
    }
    if compiled is not None and model.optimizer.is_legacy and dialect == KERAS_3:
        metadata[LEGACY_OPTIMIZER] = "yes"
    weights = hdf5_bytes(lambda file: weights_h5.write_weights(file, model, dialect, include_optimizer))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in (
            (METADATA, json.dumps(metadata).encode()),
            (CONFIG, json.dumps(described, default=plain_json).encode()),
            (WEIGHTS, weights),
        ):
            archive.writestr(zipfile.ZipInfo(name, _DATE), content)
    return buffer.getvalue()


class Archive:
    """A ``.keras`` file open for reading.

    Args:
        file: an open file.

    Raises:
        FileFormatError: if a member has a path outside the archive, or is larger than the archive allows.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._zip = zipfile.ZipFile(file)
        for info in self._zip.infolist():
            _check_member(info)

    def names(self) -> list[str]:
        """The paths of the members."""
        return self._zip.namelist()

    def read(self, name: str) -> bytes:
        """Returns the content of a member."""
        try:
            info = self._zip.getinfo(name)
        except KeyError:
            raise FileFormatError(
                f"it has no member '{name}'; it contains {', '.join(self.names()[:8]) or 'nothing'}"
            ) from None
        with self._zip.open(info) as file:
            content = file.read(info.file_size + 1)
        if len(content) != info.file_size:
            raise FileFormatError(f"its member '{name}' does not have the length stated in the archive")
        return content

    def metadata(self) -> dict[str, Any]:
        """Returns the metadata of the archive; empty if it has none."""
        found = self.json(METADATA) if METADATA in self.names() else {}
        return found if isinstance(found, dict) else {}

    def generation(self) -> int:
        """Returns the generation of Keras that wrote the archive."""
        return generation_of(self.metadata().get("keras_version"))

    def json(self, name: str) -> Any:
        """Returns the content of a JSON member."""
        return json.loads(self.read(name).decode("utf-8"))


def _check_member(info: zipfile.ZipInfo) -> None:
    parts = info.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0] or os.path.isabs(info.filename):
        raise FileFormatError(f"the path of its member '{info.filename}' leads outside the archive")
    if info.file_size > SMALL + LARGEST_RATIO * info.compress_size:
        raise FileFormatError(
            f"its member '{info.filename}' would expand from {info.compress_size} to {info.file_size} bytes"
        )
    if info.flag_bits & 0x1:
        raise FileFormatError(f"its member '{info.filename}' is encrypted")
