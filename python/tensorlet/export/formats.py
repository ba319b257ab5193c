"""The formats of `Model.export`: each is a function, registered under a file extension.

The function takes the model, its inputs, and the structure of the inputs (see
`tensorlet.export.signature.model_signature`), and returns the bytes of the file. To add a format, add a module with
such a function to this package.

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

#: Functions that export a model, by the file extension.
EXPORT_FORMATS: Registry[Exporter] = registry_of("export format")
