"""A folder of pictures: one folder for each class, with its pictures inside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from tensorlet.localization import translate as _
from tensorlet.tabular.extras import require
from tensorlet.tabular.reading.source import Pictures
from tensorlet.tabular.table_error import TableError

ENDINGS = (".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm")
#: Pictures larger than this, in pixels along an axis, are made smaller.
LARGEST = 64


def read_folder(folder: Path) -> Pictures:
    """Reads all pictures of a folder that has one folder for each class.

    All pictures are given the size of the first one, at most 64 x 64. They are grey if all of them are.

    Raises:
        TableError: if there are no pictures, or if a file is not a picture.
    """
    classes = sorted(path for path in _listed(folder) if path.is_dir() and not path.name.startswith("."))
    files = [(path, one.name) for one in classes for path in _pictures_in(one)]
    if not files:
        raise TableError(
            str(folder),
            _("it is a folder without pictures in folders."),
            _(
                "Expected one folder for each class, such as cats/1.png and dogs/2.png, or the path of a table."
            ),
        )
    opened = [_opened(path) for path, _name in files]
    size, notes = _common_size([picture.size for picture in opened], str(folder))
    grey = all(picture.mode in ("1", "L", "LA", "I;16") for picture in opened)
    mode = "L" if grey else "RGB"
    x = np.stack([_pixels(picture, size, mode) for picture in opened])
    empty = [one.name for one in classes if not any(label == one.name for _path, label in files)]
    if empty:
        notes.append(_("Folders without pictures: {names}.").format(names=", ".join(empty)))
    return Pictures(
        str(folder), x, [label for _path, label in files], notes, [str(path) for path, _name in files]
    )


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except PermissionError:
        raise TableError(
            str(folder), _("you may not read the folder."), _("Change its permissions: chmod u+rx FOLDER")
        ) from None


def _pictures_in(folder: Path) -> list[Path]:
    return [path for path in _listed(folder) if path.is_file() and path.suffix.lower() in ENDINGS]


def _opened(path: Path) -> Any:
    image = require("PIL.Image", "image")
    try:
        with image.open(path) as picture:
            picture.load()
            return picture.copy()
    except (OSError, SyntaxError, ValueError, image.DecompressionBombError) as error:
        raise TableError(
            os.fspath(path),
            _("the file is not a picture that can be read: {reason}.").format(
                reason=str(error).rstrip(".")[:80]
            ),
            _("Remove the file, or replace it with a whole picture."),
        ) from None


def _common_size(sizes: list[tuple[int, int]], folder: str) -> tuple[tuple[int, int], list[str]]:
    width, height = sizes[0]
    scale = min(1.0, LARGEST / max(width, height))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    others = sum(one != size for one in sizes)
    if not others:
        return size, []
    note = _(
        "Pictures of another size: {count} of {total}. All are scaled to {width} x {height} pixels."
    ).format(count=f"{others:,}", total=f"{len(sizes):,}", width=size[0], height=size[1])
    return size, [note]


def _pixels(picture: Any, size: tuple[int, int], mode: str) -> np.ndarray:
    if picture.size != size:
        picture = picture.convert(mode).resize(size)
    pixels = np.asarray(picture.convert(mode))
    return pixels[..., None] if mode == "L" else pixels


def picture_of(path: str, shape: tuple[int, ...]) -> np.ndarray:
    """Reads one picture with the size and channels that a model expects.

    Args:
        path: the file.
        shape: (height, width, channels).
    """
    return _pixels(_opened(Path(path)), (shape[1], shape[0]), "L" if shape[2] == 1 else "RGB")
