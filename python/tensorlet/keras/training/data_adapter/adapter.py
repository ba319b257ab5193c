"""What the loop needs of the user's input, whatever form that has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tensorlet.keras.training.data_adapter.batch_parts import Batch

if TYPE_CHECKING:
    from tensorlet.keras.training.data_adapter.epoch_plan import EpochSettings, Group


class DataAdapter(ABC):
    """Input of `fit`, `evaluate` or `predict`: batches, epoch by epoch.

    Attributes:
        exhausted: the input has ended; there is no further epoch.
    """

    exhausted = False

    @abstractmethod
    def first(self, rows: int = 1) -> Batch:
        """A first batch to build the model on. The epochs contain it as well.

        Args:
            rows: at most so many rows; input that yields batches has its own sizes.
        """

    @abstractmethod
    def steps(self, settings: EpochSettings) -> int | None:
        """How many batches the next epoch has; None while that is unknown."""

    @abstractmethod
    def next_epoch(self, settings: EpochSettings) -> list[Group]:
        """Which rows the next epoch takes; none for input that yields its batches one by one."""

    @abstractmethod
    def batches(self, groups: list[Group], settings: EpochSettings) -> Iterator[Batch]:
        """The batches of the epoch that `next_epoch` has planned, one by one."""

    def has_next_epoch(self, settings: EpochSettings) -> bool:
        """Whether there is a batch left for another epoch."""
        return not self.exhausted

    def resume(self, settings: EpochSettings, epochs: int) -> None:  # noqa: B027 - most begin each epoch anew
        """Continues after so many epochs of an interrupted run."""

    def on_epoch_end(self) -> None:  # noqa: B027 - most adapters have nothing to do
        """Called after each epoch of training."""
