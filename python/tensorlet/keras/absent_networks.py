"""The networks of ``tf.keras.applications``, which Tensorlet does not have."""

from __future__ import annotations

from typing import Any, NoReturn

from tensorlet.errors import UnknownNameError


class AbsentNetworks:
    """A name in ``tf.keras.applications``, or the module itself. It can be named, but not called.

    Packages such as KerasTuner name these networks when they are imported, and seldom use them.

    Args:
        path: the name without ``tf.``.
        advice: what to use instead.

    >>> from tensorlet.keras.absent_networks import AbsentNetworks
    >>> AbsentNetworks("keras.applications", "Build the layers yourself.").vgg16
    <tf.keras.applications.vgg16, which is not part of Tensorlet>
    """

    def __init__(self, path: str, advice: str) -> None:
        self._path, self.advice = path, advice

    def __getattr__(self, name: str) -> AbsentNetworks:
        if name.startswith("_"):
            raise AttributeError(name)
        return AbsentNetworks(f"{self._path}.{name}", self.advice)

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raises an error that says what to use instead.

        Raises:
            UnknownNameError: always.
        """
        message = f"tf.{self._path} is not part of Tensorlet. {self.advice}"
        raise UnknownNameError(message, name=self._path.rpartition(".")[2])

    def __repr__(self) -> str:
        return f"<tf.{self._path}, which is not part of Tensorlet>"
