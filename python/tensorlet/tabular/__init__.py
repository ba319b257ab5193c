"""Your own data: from a table or a folder of pictures to a model that answers.

`train` examines a file or a data frame, trains two models and compares them; `load_model` loads the result. The
command line does the same: ``tensorlet train data.csv --target grade``. See ``docs/your-own-data.md``.
"""

from __future__ import annotations

from tensorlet.tabular.api import train
from tensorlet.tabular.model import TabularModel, load_model
from tensorlet.tabular.streaming import TableStream
from tensorlet.tabular.table_error import TableError

__all__ = ["TableError", "TableStream", "TabularModel", "load_model", "train"]
