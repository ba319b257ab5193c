"""What `BackupAndRestore` refuses."""

from __future__ import annotations

import pytest

import tensorlet as tf


@pytest.mark.parametrize("nothing", ["", None])
def test_a_backup_needs_a_folder(nothing: str | None) -> None:
    with pytest.raises(ValueError, match="Empty `backup_dir`"):
        tf.keras.callbacks.BackupAndRestore(nothing)
