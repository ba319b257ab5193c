"""Optional libraries, imported when they are first needed."""

from __future__ import annotations

import importlib
import sys
from typing import Any


class MissingExtraError(ImportError):
    """An optional library that is needed is not installed."""


def require(module: str, extra: str) -> Any:
    """Imports an optional library.

    Args:
        module: its name, such as ``pyarrow.csv``.
        extra: the extra of Tensorlet that installs it.

    Raises:
        MissingExtraError: if it is not installed; the message has the command that installs it.

    >>> require("json", "data").dumps([1])
    '[1]'
    """
    found = sys.modules.get(module)
    if found is not None:  # quicker, for those who ask often
        return found
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if error.name and error.name.partition(".")[0] != module.partition(".")[0]:
            raise
        package = module.partition(".")[0]
        raise MissingExtraError(
            f"{package} is not installed, and is needed here. Install it with: pip install 'tensorlet[{extra}]'"
        ) from error
