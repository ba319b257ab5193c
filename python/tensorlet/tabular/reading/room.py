"""Whether there is room in memory for the content of a file."""

from __future__ import annotations

from tensorlet.localization import translate as _
from tensorlet.tabular.table_error import TableError

#: A content may take this share of the memory that is free.
SHARE = 0.5


def free_memory() -> float:
    """Returns the bytes of memory that programs may still use; infinite where the system does not say."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            values = dict(line.split(":", 1) for line in file)
        return float(values["MemAvailable"].split()[0]) * 1024
    except (OSError, KeyError, ValueError, IndexError):
        return float("inf")


def check_room(name: str, size: float) -> None:
    """Refuses a file whose content is too large for the memory.

    Args:
        name: the file.
        size: the bytes of its content.

    Raises:
        TableError: if it is larger than `SHARE` of the memory that is free.
    """
    free = free_memory()
    if size > SHARE * free:
        raise TableError(
            name,
            _("its content has {size:.1f} GB or more, but only {free:.1f} GB of memory are free.").format(
                size=size / 1e9, free=free / 1e9
            ),
            _("tensorlet train --stream reads a table in blocks, and so do predict and evaluate; a table can be CSV, "
              "Parquet or Arrow."),
        )  # fmt: skip
