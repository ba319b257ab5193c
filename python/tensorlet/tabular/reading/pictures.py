"""A folder of pictures: one folder for each class, with its pictures inside."""

from __future__ import annotations

import contextlib
import os
import struct
import warnings
from collections.abc import Iterator
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
#: Pillow's modes of pictures of 16 bits, which are grey, and of all grey pictures.
DEEP = ("I", "I;16", "I;16B", "I;16L")
GREY = ("1", "L", "LA", *DEEP)
#: Files that systems leave in folders, and the tag of a picture that says which way up it is.
UNSEEN, ORIENTATION = ("thumbs.db", "desktop.ini"), 0x0112


def read_folder(folder: Path) -> Pictures:
    """Reads all pictures of a folder that has one folder for each class.

    All pictures are given the size of the first one, at most 64 x 64. They are grey if all of them are. Other files,
    and pictures elsewhere, are left out, which the notes say.

    Raises:
        TableError: if there are no pictures, or if a file is not a picture.
    """
    classes = [path for path in _listed(folder) if path.is_dir() and not path.name.startswith(".")]
    files = [(path, one.name) for one in classes for path in _listed(one) if _is_picture(path)]
    if not files:
        raise _without_pictures(folder)
    forms = [_form(path) for path, _name in files]
    size, notes = _common_size([one for one, _mode in forms], str(folder))
    mode = "L" if all(mode in GREY for _size, mode in forms) else "RGB"
    x = np.stack([_pixels(_opened(path), size, mode) for path, _name in files])
    notes += _left_out(folder, classes)
    empty = [one.name for one in classes if not any(label == one.name for _path, label in files)]
    if empty:
        notes.append(_("Folders without pictures: {names}.").format(names=", ".join(empty)))
    return Pictures(
        str(folder), x, [label for _path, label in files], notes, [str(path) for path, _name in files]
    )


def _without_pictures(folder: Path) -> TableError:
    deeper = next((path for path in sorted(folder.glob("*/*/*")) if _is_picture(path)), None)
    if deeper is not None:
        return TableError(
            str(folder),
            _("its pictures are two folders deep, such as {file}.").format(file=deeper.relative_to(folder)),
            _("Pass the folder whose folders are the classes, such as {folder}.").format(
                folder=deeper.parent.parent
            ),
        )
    return TableError(
        str(folder),
        _("it is a folder without pictures in folders."),
        _("Expected one folder for each class, such as cats/1.png and dogs/2.png, or the path of a table."),
    )


def _left_out(folder: Path, classes: list[Path]) -> list[str]:
    """Returns sentences about files that are not read: other files, and pictures that no class or two have."""
    notes = []
    others = [path for one in classes for path in _listed(one) if not path.is_dir() and not _is_picture(path)]
    others = [path for path in others if not path.name.startswith(".") and path.name.lower() not in UNSEEN]
    if others:
        notes.append(
            _("Files that are not pictures: {count}, such as {file}. They were left out.").format(
                count=f"{len(others):,}", file=others[0].relative_to(folder)
            )
        )
    elsewhere = [path for path in _listed(folder) if _is_picture(path)]
    elsewhere += [path for one in classes for path in sorted(one.glob("*/**/*")) if _is_picture(path)]
    if elsewhere:
        notes.append(
            _("Pictures that are not directly in the folder of a class: {count}, such as {file}. They were left "
              "out.").format(count=f"{len(elsewhere):,}", file=elsewhere[0].relative_to(folder))
        )  # fmt: skip
    return notes


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except PermissionError:
        raise TableError(
            str(folder), _("you may not read the folder."), _("Change its permissions: chmod u+rx FOLDER")
        ) from None


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in ENDINGS and not path.name.startswith(".") and path.is_file()


def _form(path: Path) -> tuple[tuple[int, int], str]:
    """Returns the size and the mode of a picture, which its first bytes say."""
    with _reading(path) as image, image.open(path) as picture:
        turned = picture.getexif().get(ORIENTATION, 1) >= 5
        width, height = picture.size
        return ((height, width) if turned else (width, height)), picture.mode


def _opened(path: Path) -> Any:
    """Returns a picture, the way up that its camera says."""
    with _reading(path) as image, image.open(path) as picture:
        picture.load()
        return require("PIL.ImageOps", "image").exif_transpose(picture.copy())


@contextlib.contextmanager
def _reading(path: Path) -> Iterator[Any]:
    """Turns the errors of Pillow into sentences.

    Raises:
        TableError: if a file is not a picture.
    """
    image = require("PIL.Image", "image")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # large pictures, and odd metadata
            yield image
    except image.DecompressionBombError as error:
        raise TableError(
            os.fspath(path),
            _("the picture is too large to be read: {reason}.").format(reason=str(error).partition(",")[0]),
            _("Make it smaller, or remove it."),
        ) from None
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise TableError(
            os.fspath(path),
            _("the file is not a picture that can be read: {reason}.").format(
                reason=str(error).partition(f" '{path}")[0].rstrip(".")[:80]
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
    if picture.mode in DEEP:  # Pillow would cut numbers above 255
        image = require("PIL.Image", "image")
        picture = image.fromarray((np.asarray(picture, np.float64) / 257).clip(0, 255).astype(np.uint8))
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
