"""The file ``checkpoint`` beside checkpoints: which is the newest, and which are kept. It is text:

    model_checkpoint_path: "ckpt-2"
    all_model_checkpoint_paths: "ckpt-1"
    all_model_checkpoint_paths: "ckpt-2"

Paths are relative to the folder where they can be, so that the folder can be moved.
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
#: A line names a path; this is enough for thousands.
LARGEST_STATE = 1 << 22
_LINE = re.compile(r'\s*(\w+)\s*:\s*(?:"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|([-+.\w]+))\s*')
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9a-fA-F]{1,2}|.)", re.DOTALL)
_LETTERS = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v"}


@dataclass
class CheckpointState:
    """What the file says.

    Attributes:
        model_checkpoint_path: the newest.
        all_model_checkpoint_paths: all that are kept, oldest first.
        all_model_checkpoint_timestamps: when they were saved, in seconds since 1970.
        last_preserved_timestamp: of the last one that is kept for good.
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
    """Text as protocol buffers' text form has it: bytes beyond ASCII in octal."""
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
    """What the file in a folder says, paths as they stand there; None if there is no file.

    Raises:
        FileFormatError: if it is something else.
    """
    path = Path(folder) / (latest_filename or STATE_FILE)
    try:
        if path.stat().st_size > LARGEST_STATE:
            raise FileFormatError(f"{path}: more than {LARGEST_STATE:,} bytes; it is no list of checkpoints.")
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
                f'{path}: line {line} is not of the form  model_checkpoint_path: "...". The file is corrupted; '
                "it may be deleted: restore the checkpoints beside it by their names."
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
    """The checkpoints of a folder, as its file ``checkpoint`` lists them.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file, if it is another.

    Returns:
        A `CheckpointState` with whole paths; None if there is no such file.

    Raises:
        FileFormatError: if the file is something else.
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
    """The newest checkpoint of a folder, for ``load_weights`` and `tf.train.Checkpoint.restore`.

    Args:
        checkpoint_dir: the folder.
        latest_filename: the name of the file that lists the checkpoints, if it is another.

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
    """Writes the file ``checkpoint``; paths in the folder become relative ones."""
    state = CheckpointState(
        _relative(newest, folder),
        [_relative(path, folder) for path in paths],
        list(timestamps),
        last_preserved,
    )
    write_atomically(Path(folder) / STATE_FILE, str(state).encode("ascii"))


def update_checkpoint_state(folder: str | os.PathLike[str], path: str) -> None:
    """Notes a new checkpoint as the newest, and as the only one that is known of."""
    write_state(folder, path, [path])


def _relative(path: str, folder: str | os.PathLike[str]) -> str:
    try:
        relative = os.path.relpath(path, folder)
    except ValueError:  # another drive on Windows
        return path
    return path if relative.startswith("..") else relative


def prefix_of(path: str | os.PathLike[str]) -> str:
    """A checkpoint's path without the endings of its files; for a folder, its newest checkpoint's."""
    name = os.fspath(path)
    for ending in (".index", ".data-00000-of-00001"):
        if name.endswith(ending) and os.path.exists(name):
            return name[: -len(ending)]
    if os.path.isdir(name) and not os.path.exists(f"{name}.index"):
        return latest_checkpoint(name) or name
    return name
