"""The native engine: programs over NumPy arrays, run without Python in between."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

class Program:
    """A program, verified and planned once, ready to run.

    Args:
        text: the program as JSON; ``crates/engine/src/ir/program.rs`` defines the form.
        constants: the bytes of its constants, each at a multiple of 8.
        name: what error messages and ``describe`` call it.

    Raises:
        ValueError: the program is not sound; the message names the instruction.
    """

    def __init__(self, text: str, constants: bytes, name: str = "") -> None: ...
    def run(self, inputs: Sequence[NDArray[Any]], variables: Sequence[NDArray[Any]]) -> list[NDArray[Any]]:
        """Run one step.

        Args:
            inputs: C-contiguous arrays, exactly of the declared types and shapes.
            variables: likewise, and writable: they are changed in place. A variable
                that is declared as transposed has its two axes swapped.

        Returns:
            A new array for each output.

        Raises:
            ValueError: an array does not fit.
            OutOfRangeError: an index in the data lies outside its axis; no variable has
                been changed.
            RuntimeError: the engine failed, or the program is running in this thread already.
        """

    def run_epoch(
        self,
        columns: Sequence[NDArray[Any] | None],
        order: NDArray[np.int64] | None,
        start_step: int,
        steps: int,
        inputs: Sequence[NDArray[Any] | None],
        variables: Sequence[NDArray[Any]],
        progress: Callable[[int, list[float]], Any] | None,
        interval: float = 0.1,
    ) -> tuple[int, list[float], list[NDArray[Any] | None]]:
        """Run many steps over the rows of arrays, without Python in between.

        Args:
            columns: for each input either an array of shape ``[rows, *row_shape]``, whose
                rows are fed in batches of the input's first axis, or None. Each row must be
                contiguous; rows may lie apart. Other element types are converted.
            order: which row comes when; None takes them as they lie.
            start_step: the first step takes rows from ``start_step * batch`` on.
            steps: how many steps to run.
            inputs: the arrays of those inputs that have no column, the same at each step.
            variables: as in ``run``.
            progress: called with the steps done so far and the sums of the scalar outputs.
                An exception in it ends the epoch and is raised again.
            interval: seconds between two calls of ``progress``.

        Returns:
            The steps done; the sums over the steps of the scalar outputs, in order; and for
            each output its value in the last step, or None if it is a scalar.

        Raises:
            ValueError: an array does not fit, or a row does not exist.
            OutOfRangeError: an index in the data lies outside its axis; the variables are
                as they were before that step.
            KeyboardInterrupt: Ctrl-C; the variables hold what the last whole step has made.
        """

    def describe(self) -> str:
        """Give the plan in words: what runs in which order, where it lives, how it is cut."""

    @property
    def arena_bytes(self) -> int:
        """Bytes that values take while the program runs."""

    @property
    def instruction_count(self) -> int:
        """How many instructions the program has."""

    @property
    def barrier_count(self) -> int:
        """How often the threads wait for each other in one step."""

    def poison(self, byte: int) -> None:
        """Fill the program's memory with a byte before each run; results must not change."""

    def force_threads(self, threads: int) -> None:
        """Run on so many threads, whether or not the work is worth it; for tests."""

def run_schedule(
    stages: Sequence[tuple[Program, Sequence[NDArray[Any]], Sequence[NDArray[Any]], int, int | None, bool]],
    copies: Sequence[tuple[NDArray[Any], NDArray[Any]]],
    shuffle: tuple[int, int, int] | None,
    history: NDArray[np.float64],
    seconds: float,
) -> tuple[int, BaseException | None]:
    """Run epoch after epoch, each a series of programs, without Python in between.

    Args:
        stages: what an epoch runs, in order: the program; the columns of its inputs; its
            variables; how many steps (0: one, of a program without inputs); from which place of
            the shuffle on its rows come (None: as they lie); whether its outputs, single float32
            numbers, are reported.
        copies: pairs of arrays; before each epoch the first of each is copied into the second.
        shuffle: number of rows, seed and counter of the first epoch, as for ``permutation``; each
            epoch counts one further. None: no order.
        history: of shape ``[epochs, reported numbers]``: takes the numbers of each epoch.
        seconds: the run ends after the first epoch that ends later than this.

    Returns:
        The whole epochs done (fewer than asked for if time was up, or if a reported number was not
        finite), and the error that ended the run, if one did.

    Raises:
        ValueError: an array does not fit its program.
    """

def run_population(
    members: Sequence[
        tuple[
            Sequence[tuple[Program, Sequence[NDArray[Any]], Sequence[NDArray[Any]], int, int | None, bool]],
            tuple[int, int, int] | None,
            NDArray[np.float64],
        ]
    ],
) -> tuple[list[int], BaseException | None]:
    """Run the schedules of several models side by side, each on one thread from its first epoch to its last.

    Args:
        members: for each model its stages, its shuffle and its history; see ``run_schedule``. Programs and columns
            may be shared, variables and histories may not.

    Returns:
        For each model the whole epochs done (fewer than asked for if a reported number was not finite, or after an
        error), and the error that ended the run, if one did.

    Raises:
        ValueError: an array does not fit its program.
    """

def set_threads(n: int) -> None:
    """Set how many threads programs may use (at least 1; more than 4 count as 4)."""

def threads() -> int:
    """Give how many threads programs may use.

    As set, or as ``TENSORLET_THREADS`` says, or as many as the machine runs at once.
    """

def simd_level() -> str:
    """Give the name of the vector instructions of programs that are loaded from now on."""

def simd_levels() -> list[str]:
    """Give the names of the vector instructions that this machine has, rising."""

def set_simd_level(name: str) -> None:
    """Choose the vector instructions of programs that are loaded from now on."""

def is_debug_build() -> bool:
    """Say whether the engine was built with its checks, and so is slow."""

def crc32c(data: NDArray[np.uint8], value: int) -> int:
    """The CRC-32C of contiguous bytes that follow others with the checksum ``value``."""

def gunzip(data: NDArray[np.uint8], room: NDArray[np.uint8]) -> tuple[int, int, bool]:
    """Unpack gzip data into ``room``, until they end or the room does.

    Returns:
        The bytes read, the bytes written, and whether the data ended (their checksum is then right).

    Raises:
        ValueError: the data are damaged.
    """

def encode_bytes(
    elements: NDArray[np.float32] | NDArray[np.float64], scale: float, bytes: NDArray[np.uint8]
) -> bool:
    """Write bytes that, divided by ``scale``, are the elements as float32; say whether there are any.

    Both arrays have one axis and are contiguous; without such bytes ``bytes`` holds anything.
    """

def decode_png(content: bytes, most_bytes: int) -> tuple[NDArray[np.uint8], tuple[int, int, int, bool, bool]]:
    """Read a PNG file. Palettes become colours, and 1, 2 or 4 bits become 8.

    Args:
        content: the bytes of the file.
        most_bytes: the most memory that the pixels may take.

    Returns:
        The bytes of all rows (two for each channel of 16 bits, the higher one first); then height, width, channels,
        whether the channels have 16 bits, and whether the alpha channel comes from the one transparent colour of a
        file that has neither a palette nor an alpha channel.

    Raises:
        ValueError: the file is damaged, or the picture too large.
    """

def permutation(n: int, seed: int, counter: int) -> NDArray[np.int64]:
    """Shuffle ``0..n``; seed and counter name the shuffle (Philox, Fisher and Yates)."""
