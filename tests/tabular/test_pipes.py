"""Files that can be read once only."""

from __future__ import annotations

import os
import threading

import pyarrow as pa
import pytest
from table_files import ROWS, table, text

from tensorlet.tabular.reading.files import read
from tensorlet.tabular.reading.streams import open_stream


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_read_once_and_whole(tmp_path):
    """A shell gives ``<(command)`` as the name of a pipe: what was read to find its format must not be lost."""
    os.mkfifo(tmp_path / "pipe")
    content = text(table()).encode()

    def pour():
        (tmp_path / "pipe").write_bytes(content)

    for method in (
        lambda: read(tmp_path / "pipe").data,
        lambda: pa.concat_tables(open_stream(tmp_path / "pipe").batches),
    ):
        writer = threading.Thread(target=pour)
        writer.start()
        found = method()
        writer.join()
        assert found.column_names == ["x", "size", "kind"]
        assert found.num_rows == ROWS
