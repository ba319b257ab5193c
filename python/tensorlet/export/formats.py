"""The formats of `Model.export`: each is one function, registered under the ending of its files.

The function takes the model, its inputs, and the structure in which the model takes them (see
`tensorlet.export.signature.model_signature`), and returns the bytes of the file. A new format is a file in this folder
with such a function.

>>> from tensorlet.export.formats import EXPORT_FORMATS
>>> EXPORT_FORMATS.names()
['.onnx', '.py']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tensorlet.export.frozen import InputSpec
from tensorlet.registry import Registry, registry_of

if TYPE_CHECKING:
    from tensorlet.export.signature import InputStructure
    from tensorlet.keras.models.model import Model

Exporter = Callable[["Model", Sequence[InputSpec], "InputStructure"], bytes]

#: Functions that write a model, by the ending of the file.
EXPORT_FORMATS: Registry[Exporter] = registry_of("export format")
