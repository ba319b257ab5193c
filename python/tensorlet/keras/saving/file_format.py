"""The interface of file formats: how files are recognized, and how models or weights are written and read.

Each format is a subclass of `FileFormat` in a module of the package ``formats``, which is searched when a file
is first written or read. To add a format, no other part of the package needs to change.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models.model import Model
from tensorlet.registry import Registry, registry_of


class FileFormat:
    """A file format for whole models, for weights, or for both.

    To add a format, define how files are recognized, and implement the methods for their content. The other
    methods raise an error.

    Attributes:
        description: the kind of file in messages, such as ``"a model in Keras's HDF5 format"``.
        endings: the extensions of such files, in lower case, with the dot.
        signature: the first bytes of every such file; empty if there are none.
        holds_models: whether a file can contain a whole model.
        holds_subclasses: whether such a model may be a subclass with its own ``call``.
        is_one_file: whether a path names a single file rather than several files with a common prefix.
    """

    description = ""
    endings: tuple[str, ...] = ()
    signature = b""
    holds_models = False
    holds_subclasses = False
    is_one_file = True

    def has_ending(self, path: str) -> bool:
        """Whether a path has an extension of this format."""
        return path.lower().endswith(self.endings) if self.endings else False

    def has_signature(self, start: bytes) -> bool:
        """Whether a file that starts with these bytes has this format."""
        return bool(self.signature) and start.startswith(self.signature)

    def exists(self, path: str) -> bool:
        """Whether the files for a path exist; a format may write several."""
        return os.path.exists(path)

    def write_model(self, model: Model, path: str, dialect: str | None, include_optimizer: bool) -> None:
        """Writes a whole model.

        Args:
            model: a built model.
            path: the path of the file, which is replaced completely or not at all.
            dialect: "keras2", "keras3", or None for the default of the format.
            include_optimizer: whether to write the arguments of `compile` and the state of the optimizer.
        """
        raise WeightsOnlyError(
            f"'{path}': {self._name()} files contain weights, not whole models. Use model.save_weights, or save the "
            "model in a '.keras' file."
        )

    def read_model(self, path: str, custom_objects: Mapping[str, object] | None, compile: bool) -> Model:
        """Creates a model, with the weights in the file.

        Args:
            path: the path of the file.
            custom_objects: user-defined layers, losses, metrics and functions by name.
            compile: whether to compile the model with the saved arguments.
        """
        raise WeightsOnlyError(
            f"'{path}': {self._name()} files contain weights, not whole models. Create the model first, then call "
            "model.load_weights."
        )

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        """Writes the weights; returns the result of `Model.save_weights`.

        Args:
            model: a built model.
            path: the path of the file.
            dialect: "keras2", "keras3", or None for the default of the format.
        """
        raise InvalidArgumentError(f"'{path}': {self._name()} files contain whole models. Use model.save.")

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        """Sets the weights of a model; returns the result of `Model.load_weights`.

        Args:
            model: the model.
            path: the path of the file.
            skip_mismatch: whether to skip layers whose weights do not match.
            by_name: whether to match layers by name.
        """
        raise InvalidArgumentError(f"'{path}': weights cannot be read from {self._name()} files.")

    def _name(self) -> str:
        return self.endings[0] if self.endings else type(self).__name__


class WeightsOnlyError(InvalidArgumentError, NotImplementedError):
    """A whole model was saved to or loaded from a format that contains only weights."""


#: The formats, by the names for ``save_format``.
FORMATS: Registry[type[FileFormat]] = registry_of("file format")


def format_named(name: str) -> FileFormat:
    """Returns the format for a ``save_format``."""
    return FORMATS.find(name)()


def known_formats() -> list[FileFormat]:
    """Returns all formats, those with the longest extensions first: ``.weights.h5`` also ends in ``.h5``."""
    made = [kind() for kind in FORMATS.values()]
    return sorted(made, key=lambda one: -max((len(ending) for ending in one.endings), default=0))


def format_by_ending(path: str) -> FileFormat | None:
    """Returns the format for the extension of a file name."""
    return next((one for one in known_formats() if one.has_ending(path)), None)


def format_of_file(path: str, start: bytes) -> FileFormat | None:
    """Returns the format of an existing file, recognized by its first bytes, or else by its name.

    Args:
        path: the path of the file.
        start: the first bytes of the file.
    """
    found = next((one for one in known_formats() if one.has_signature(start)), None)
    return found or format_by_ending(path)


def format_names(for_models: bool) -> list[str]:
    """Returns the valid names for ``save_format``."""
    return [name for name in FORMATS.names() if not for_models or FORMATS.find(name).holds_models]
