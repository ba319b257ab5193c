"""What a file format is: how it is recognized, and how models or weights are written and read.

Each format is a subclass of `FileFormat` in a module of its own in the folder ``formats``, which is searched when
a file is first written or read. A new format needs no other change in the package.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from tensorlet.errors import InvalidArgumentError
from tensorlet.keras.models.model import Model
from tensorlet.registry import Registry, registry_of


class FileFormat:
    """A file format for whole models, for weights, or for both.

    Subclass it, set how files are recognized, and write the methods for what the files hold. The other methods
    raise an error.

    Attributes:
        description: what a file is called in messages, such as ``"a model in Keras's HDF5 format"``.
        endings: of the names of such files, in lower case, with the dot.
        signature: the first bytes of every such file; empty if there are none.
        holds_models: whether a file can hold a whole model.
        is_one_file: whether a path names the file itself, and not several files whose names begin with it.
    """

    description = ""
    endings: tuple[str, ...] = ()
    signature = b""
    holds_models = False
    is_one_file = True

    def has_ending(self, path: str) -> bool:
        """Whether a name ends like those of such files."""
        return path.lower().endswith(self.endings) if self.endings else False

    def has_signature(self, start: bytes) -> bool:
        """Whether a file that starts with some bytes is one of this format."""
        return bool(self.signature) and start.startswith(self.signature)

    def exists(self, path: str) -> bool:
        """Whether the files of this format that a path means exist; a format may write several."""
        return os.path.exists(path)

    def write_model(self, model: Model, path: str, dialect: str | None, include_optimizer: bool) -> None:
        """Writes a whole model.

        Args:
            model: has been built.
            path: of the file, which is replaced whole or not at all.
            dialect: "keras2", "keras3" or None for the format's default.
            include_optimizer: whether the arguments of `compile` and the optimizer's state are written.
        """
        raise WeightsOnlyError(
            f"'{path}': {self._name()} files hold weights, not whole models. Use model.save_weights, or save the "
            "model in a '.keras' file."
        )

    def read_model(self, path: str, custom_objects: Mapping[str, object] | None, compile: bool) -> Model:
        """A new model, with the weights of the file.

        Args:
            path: of the file.
            custom_objects: from names to the user's own layers, losses, metrics and functions.
            compile: whether to compile the model as it was.
        """
        raise WeightsOnlyError(
            f"'{path}': {self._name()} files hold weights, not whole models. Make the model first, then call "
            "model.load_weights."
        )

    def write_weights(self, model: Model, path: str, dialect: str | None) -> str | None:
        """Writes the weights; the result is what `Model.save_weights` returns.

        Args:
            model: has been built.
            path: of the file.
            dialect: "keras2", "keras3" or None for the format's default.
        """
        raise InvalidArgumentError(f"'{path}': {self._name()} files hold whole models. Use model.save.")

    def read_weights(self, model: Model, path: str, skip_mismatch: bool, by_name: bool) -> object:
        """Sets the weights of a model; the result is what `Model.load_weights` returns.

        Args:
            model: the model.
            path: of the file.
            skip_mismatch: leave layers whose weights do not fit as they are.
            by_name: match layers by their names.
        """
        raise InvalidArgumentError(f"'{path}': weights cannot be read from {self._name()} files.")

    def _name(self) -> str:
        return self.endings[0] if self.endings else type(self).__name__


class WeightsOnlyError(InvalidArgumentError, NotImplementedError):
    """A whole model was saved to, or loaded from, a format that holds weights only."""


#: The formats, under the names that ``save_format`` takes.
FORMATS: Registry[type[FileFormat]] = registry_of("file format")


def format_named(name: str) -> FileFormat:
    """The format that ``save_format`` names."""
    return FORMATS.find(name)()


def known_formats() -> list[FileFormat]:
    """Each format once, those with the longest endings first: ``.weights.h5`` also ends in ``.h5``."""
    made = [kind() for kind in FORMATS.values()]
    return sorted(made, key=lambda one: -max((len(ending) for ending in one.endings), default=0))


def format_by_ending(path: str) -> FileFormat | None:
    """The format that the ending of a file's name selects."""
    return next((one for one in known_formats() if one.has_ending(path)), None)


def format_of_file(path: str, start: bytes) -> FileFormat | None:
    """The format of an existing file: its first bytes decide, and its name if they say nothing.

    Args:
        path: of the file.
        start: its first bytes.
    """
    found = next((one for one in known_formats() if one.has_signature(start)), None)
    return found or format_by_ending(path)


def format_names(for_models: bool) -> list[str]:
    """The names that ``save_format`` may have."""
    return [name for name in FORMATS.names() if not for_models or FORMATS.find(name).holds_models]
