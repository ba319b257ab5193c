"""`ServedModel`: what a model takes and answers, whatever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np


class Request(NamedTuple):
    """A request, read and checked.

    Attributes:
        inputs: the arrays of the model's inputs, by name; all with the same number of rows.
        rows: the number of rows.
        single: whether one row was sent by itself.
        notes: sentences about the request for the answer, such as unknown categories.
    """

    inputs: Mapping[str, np.ndarray]
    rows: int
    single: bool = False
    notes: tuple[str, ...] = ()


class ServedModel(ABC):
    """A model behind a server.

    Attributes:
        name: the name of its file.
        joins_rows: whether rows of several requests may be predicted together.
    """

    name: str
    joins_rows = True

    @abstractmethod
    def read_json(self, body: Any, most_rows: int) -> Request:
        """Reads a decoded JSON body.

        Raises:
            RefusedError: with status 422, for a body that is not as described by `schemas`.
        """

    @abstractmethod
    def read_csv(self, text: str, most_rows: int) -> Request:
        """Reads a table with a header; as `read_json`."""

    @abstractmethod
    def predict(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Returns the outputs by name, each with one row for each row of the inputs."""

    @abstractmethod
    def answer(self, outputs: Mapping[str, np.ndarray], request: Request) -> dict[str, Any]:
        """Returns the body of the answer."""

    @abstractmethod
    def answer_csv(self, outputs: Mapping[str, np.ndarray]) -> str:
        """Returns the answer as a table with a header."""

    @abstractmethod
    def schemas(self) -> dict[str, Any]:
        """Returns the JSON schemas of ``Row`` or ``Inputs``, ``Request`` and ``Answer``, for the OpenAPI document."""

    @abstractmethod
    def example(self) -> Any:
        """Returns a body that the model takes."""

    @abstractmethod
    def description(self) -> dict[str, Any]:
        """Returns what is known of the model, as plain values."""
