"""Files that are replaced whole or not at all: `tensorlet.formats.atomic`."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

import pytest

from tensorlet.errors import TensorletError
from tensorlet.formats.atomic import SavingError, replace_atomically, write_atomically

on_posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions and links of POSIX")


def test_a_file_is_made_and_then_replaced(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file.bin"
    write_atomically(path, b"old")
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert os.listdir(path.parent) == ["file.bin"]


def test_names_may_be_korean_and_long(tmp_path: Path) -> None:
    path = tmp_path / "내 모델들" / ("가" * 80 + ".h5")
    write_atomically(path, b"1")
    assert path.read_bytes() == b"1"


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replace_atomically(path) as temporary:
        temporary.write_bytes(b"half")
        raise ZeroDivisionError
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file.bin"]


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "read-only"), (errno.EFBIG, "ulimit -f")],
)
def test_the_disk_s_errors_are_explained(tmp_path: Path, number: int, words: str) -> None:
    path = tmp_path / "file.bin"
    path.write_bytes(b"old")
    with pytest.raises(SavingError, match=words) as caught, replace_atomically(path):
        raise OSError(number, os.strerror(number))
    assert caught.value.errno == number
    assert isinstance(caught.value, TensorletError)
    assert "file.bin" in str(caught.value)
    assert path.read_bytes() == b"old"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(SavingError, match="is a folder"):
        write_atomically(tmp_path, b"")


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SavingError, match="is a file rather than a folder"):
        write_atomically(tmp_path / "file" / "model.h5", b"")


@on_posix
def test_permissions_stay_and_links_are_followed(tmp_path: Path) -> None:
    path, link = tmp_path / "file.bin", tmp_path / "latest.bin"
    path.write_bytes(b"old")
    path.chmod(0o600)
    link.symlink_to(path)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert path.read_bytes() == b"new"
    assert path.stat().st_mode & 0o777 == 0o600


@on_posix
@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(SavingError, match="may not be written to"):
            write_atomically(tmp_path / "file.bin", b"")
    finally:
        tmp_path.chmod(0o700)


def test_a_save_removes_what_killed_ones_left(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    left = [tmp_path / ".model.h5.0123abcd.unfinished", tmp_path / ".model.h5.89ef4567.unfinished"]
    others = [
        tmp_path / ".other.h5.0123abcd.unfinished",
        tmp_path / ".model.h5.unfinished",
        tmp_path / "model.h5.bak",
    ]
    for one in (*left, *others):
        one.write_bytes(b"half")
    if sys.platform == "win32":
        for one in left:
            os.utime(one, (0, 0))
    write_atomically(path, b"new")
    assert path.read_bytes() == b"new"
    assert sorted(os.listdir(tmp_path)) == sorted(["model.h5", *(one.name for one in others)])


def test_a_save_leaves_alone_what_another_is_writing(tmp_path: Path) -> None:
    path = tmp_path / "model.h5"
    with replace_atomically(path) as first:
        first.write_bytes(b"first")
        write_atomically(path, b"second")
        assert first.read_bytes() == b"first"
    assert path.read_bytes() == b"first"
    assert os.listdir(tmp_path) == ["model.h5"]
