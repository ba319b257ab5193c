"""The interface of input data to the training loop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tensorlet.keras.training.data_adapter.batch_parts import Batch

if TYPE_CHECKING:
    from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings, Group


class DataAdapter(ABC):
    """The input of `fit`, `evaluate` or `predict`, as batches for each epoch.

    Attributes:
        exhausted: whether the input has ended, so that there are no more epochs.
    """

    exhausted = False

    @property
    @abstractmethod
    def holds_text(self) -> bool:
        """Whether there is text among the data: steps with text are run operation by operation."""

    @abstractmethod
    def first(self, rows: int = 1) -> Batch:
        """Returns a first batch to build the model on. The epochs also contain it.

        Args:
            rows: the largest number of rows; input that yields batches has its own sizes.
        """

    @abstractmethod
    def steps(self, settings: EpochSettings) -> int | None:
        """Returns the number of batches in the next epoch; None if it is unknown."""

    @abstractmethod
    def next_epoch(self, settings: EpochSettings) -> list[Group]:
        """Returns the rows of the next epoch; an empty list for input that yields batches one by one."""

    @abstractmethod
    def batches(self, groups: list[Group], settings: EpochSettings) -> Iterator[Batch]:
        """Yields the batches of the epoch that `next_epoch` planned."""

    def has_next_epoch(self, settings: EpochSettings) -> bool:
        """Whether there are batches left for another epoch."""
        return not self.exhausted

    def resume(self, settings: EpochSettings, epochs: int) -> None:  # noqa: B027 - most restart in each epoch
        """Continues after this number of epochs of an interrupted run."""

    def on_epoch_end(self) -> None:  # noqa: B027 - optional
        """Called after each epoch of training."""
