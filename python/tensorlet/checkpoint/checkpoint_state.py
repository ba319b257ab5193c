"""The text file ``checkpoint`` in a folder of checkpoints, which lists them and names the latest one:

    model_checkpoint_path: "ckpt-2"
    all_model_checkpoint_paths: "ckpt-1"
    all_model_checkpoint_paths: "ckpt-2"

Paths are relative to the folder if possible, so that the folder can be moved.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tensorlet.errors import FileFormatError
from tensorlet.formats.atomic import write_atomically

STATE_FILE = "checkpoint"
#: The largest size in bytes, enough for thousands of paths.
LARGEST_STATE = 1 << 22
_LINE = re.compile(r'\s*(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|([-+.\w]+))\s*')
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


@dataclass
class CheckpointState:
    """The content of the file.

    Attributes:
        model_checkpoint_path: the path of the latest checkpoint.
        all_model_checkpoint_paths: the paths of all checkpoints, oldest first.
        all_model_checkpoint_timestamps: their creation times, in seconds since 1970.
        last_preserved_timestamp: the creation time of the last checkpoint that is kept permanently.
    """

    model_checkpoint_path: str = ""
    all_model_checkpoint_paths: list[str] = field(default_factory=list)
    all_model_checkpoint_timestamps: list[float] = field(default_factory=list)
    last_preserved_timestamp: float = 0.0

    def __str__(self) -> str:
        lines = [f'model_checkpoint_path: "{_escaped(self.model_checkpoint_path)}"']
        lines += [
            f'all_model_checkpoint_paths: "{_escaped(path)}"' for path in self.all_model_checkpoint_paths
        ]
        lines += [
            f"all_model_checkpoint_timestamps: {time!r}" for time in self.all_model_checkpoint_timestamps
        ]
        if self.last_preserved_timestamp:
            lines.append(f"last_preserved_timestamp: {self.last_preserved_timestamp!r}")
        return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    """Escapes text as in the text format of protocol buffers, with bytes beyond ASCII in octal."""
    out = []
    for byte in text.encode("utf-8", "surrogateescape"):
        if byte in b'"\\':
            out.append(f"\\{byte:c}")
        else:
            out.append(chr(byte) if 0x20 <= byte < 0x7F else f"\\{byte:03o}")
    return "".join(out)


def _unescaped(text: str) -> str:
    def replace(match: re.Match[bytes]) -> bytes:
        code = match[1]
        if code[:1].isdigit():
            return bytes([int(code, 8) & 0xFF])
        if code[:1] == b"x" and len(code) > 1:
            return bytes([int(code[1:], 16)])
        return _LETTERS.get(code, code)

    return _ESCAPE.sub(replace, text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def read_state(folder: str | os.PathLike[str], latest_filename: str | None = None) -> CheckpointState | None:
    """Returns the content of the file in a folder, with paths as written; None if it does not exist.

    Raises:
        FileFormatError: if it has another format.
    """
    path = Path(folder) / (latest_filename or STATE_FILE)
    try:
        if path.stat().st_size > LARGEST_STATE:
            raise FileFormatError(
                f"{path}: more than {LARGEST_STATE:,} bytes; it is not a list of checkpoints."
            )
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError):
        return None
    state = CheckpointState()
    at = 0
    while at < len(text.rstrip()):
        match = _LINE.match(text, at)
        if match is None:
            line = text.count("\n", 0, at) + 1
            raise FileFormatError(
                f'{path}: line {line} is not of the form  model_checkpoint_path: "...". The file is corrupted. '
                "You can delete it, and restore the checkpoints in its folder by their names."
            )
        at = match.end()
        quoted = match[2] if match[2] is not None else match[3]
        _take(state, match[1], None if quoted is None else _unescaped(quoted), match[4], path)
    return state


def _take(state: CheckpointState, name: str, text: str | None, number: str | None, path: Path) -> None:
    try:
        if name == "model_checkpoint_path" and text is not None:
            state.model_checkpoint_path = text
        elif name == "all_model_checkpoint_paths" and text is not None:
            state.all_model_checkpoint_paths.append(text)
        elif name == "all_model_checkpoint_timestamps" and number is not None:
            state.all_model_checkpoint_timestamps.append(float(number))
        elif name == "last_preserved_timestamp" and number is not None:
            state.last_preserved_timestamp = float(number)
    except ValueError:
        raise FileFormatError(f"{path}: {name} is {number!r}, expected a number of seconds.") from None


def get_checkpoint_state(
    checkpoint_dir: str | os.PathLike[str], latest_filename: str | None = None
) -> CheckpointState | None:
    """Returns the checkpoints of a folder, as listed in its file ``checkpoint``.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file, if it is not ``checkpoint``.

    Returns:
        A `CheckpointState` with full paths; None if the file does not exist.

    Raises:
        FileFormatError: if the file has another format.
    """
    state = read_state(checkpoint_dir, latest_filename)
    if state is None:
        return None
    folder = os.fspath(checkpoint_dir)
    state.model_checkpoint_path = os.path.join(folder, state.model_checkpoint_path)
    state.all_model_checkpoint_paths = [os.path.join(folder, one) for one in state.all_model_checkpoint_paths]
    return state


def latest_checkpoint(
    checkpoint_dir: str | os.PathLike[str], latest_filename: str | None = None
) -> str | None:
    """Returns the latest checkpoint of a folder, for ``load_weights`` and `tf.train.Checkpoint.restore`.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file that lists the checkpoints, if it is not ``checkpoint``.

    Returns:
        The path without ``.index``; None if the folder has no checkpoint.

    >>> import pathlib, tempfile
    >>> import tensorlet as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> tf.train.latest_checkpoint(folder) is None
    True
    >>> path = tf.train.Checkpoint(v=tf.Variable(1)).save(folder / "ckpt")
    >>> tf.train.latest_checkpoint(folder) == path
    True
    """
    state = get_checkpoint_state(checkpoint_dir, latest_filename)
    if state is None or not os.path.exists(f"{state.model_checkpoint_path}.index"):
        return None
    return state.model_checkpoint_path


def write_state(
    folder: str | os.PathLike[str],
    newest: str,
    paths: Sequence[str],
    timestamps: Sequence[float] = (),
    last_preserved: float = 0.0,
) -> None:
    """Writes the file ``checkpoint``; paths inside the folder are made relative."""
    state = CheckpointState(
        _relative(newest, folder),
        [_relative(path, folder) for path in paths],
        list(timestamps),
        last_preserved,
    )
    write_atomically(Path(folder) / STATE_FILE, str(state).encode("ascii"))


def update_checkpoint_state(folder: str | os.PathLike[str], path: str) -> None:
    """Records a new checkpoint as the latest and only one."""
    write_state(folder, path, [path])


def _relative(path: str, folder: str | os.PathLike[str]) -> str:
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:  # on another drive on Windows
        return path
    return path if relative.startswith("..") else relative


def prefix_of(path: str | os.PathLike[str]) -> str:
    """Returns the path of a checkpoint without extension; for a folder, that of its latest checkpoint."""
    name = os.fspath(path)
    for ending in (".index", ".data-00000-of-00001"):
        if name.endswith(ending) and os.path.exists(name):
            return name[: -len(ending)]
    if os.path.isdir(name) and not os.path.exists(f"{name}.index"):
        return latest_checkpoint(name) or name
    return name
