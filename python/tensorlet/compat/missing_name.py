"""The error for a name that Tensorlet does not have."""

from __future__ import annotations

from tensorlet.errors import UnknownNameError


class MissingNameError(UnknownNameError):
    """A name that Tensorlet does not have. The explanation is only computed when the message is used, because
    ``hasattr`` often raises this error and never uses the message.

    Args:
        path: the name without ``tf.``.
    """

    def __init__(self, path: str) -> None:
        super().__init__(path, name=path.rpartition(".")[2])
        self.path = path

    def __str__(self) -> str:
        from tensorlet.compat.unknown_names import explain

        # A layer in which the error occurs adds its name to the message, by setting `args`.
        return explain(self.path) if self.args[0] == self.path else str(self.args[0])
