"""Batches of pictures in files: `DirectoryIterator` for folders, `DataFrameIterator` for tables of paths."""

from __future__ import annotations

import os
from collections.abc import Iterator as PathIterator
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tensorlet.errors import InvalidArgumentError, NotFoundError, warn_user
from tensorlet.keras import config
from tensorlet.keras.preprocessing.image.iterators import SUBSETS, Iterator, save_batch
from tensorlet.keras.utils.image_utils import checked_data_format, img_to_array, load_img

if TYPE_CHECKING:
    from tensorlet.keras.preprocessing.image.generator import ImageDataGenerator
    from tensorlet.type_aliases import PathLike

FORMATS = (".png", ".jpg", ".jpeg", ".bmp", ".ppm", ".tif", ".tiff")
CHANNELS = {"grayscale": 1, "rgb": 3, "rgba": 4}


class FileOptions(NamedTuple):
    """How pictures are read from files, and where they are written to look at them."""

    target_size: tuple[int, int]
    color_mode: str
    data_format: str
    interpolation: str
    keep_aspect_ratio: bool
    dtype: Any
    save: tuple[Any, str, str]


class FileIterator(Iterator):
    """Batches of pictures in files.

    Args:
        image_data_generator: changes the pictures; None for none.
        batch_size, shuffle, seed: see `Iterator`.
        options: the further arguments of both classes below; see `DirectoryIterator`.

    Attributes:
        filenames, filepaths: of the pictures, in the order of their numbers.
        classes, labels: the number of the class of each.
        class_indices: the number of each class, by its name.
        samples, num_classes: how many pictures and classes there are.
    """

    allowed_class_modes: tuple[str | None, ...] = ()
    class_indices: dict[str, int]
    filenames: list[str]
    classes: Any

    def __init__(
        self, image_data_generator: ImageDataGenerator | None, target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb", class_mode: str | None = "categorical", data_format: str | None = None,
        save_to_dir: PathLike | None = None, save_prefix: str = "", save_format: str = "png", subset: str | None = None,
        interpolation: str = "nearest", keep_aspect_ratio: bool = False, dtype: Any = None,
    ) -> None:  # fmt: skip
        kind = type(self).__name__
        if color_mode not in CHANNELS:
            raise InvalidArgumentError(
                f"{kind}: color_mode={color_mode!r}, but 'rgb', 'rgba' or 'grayscale' is expected."
            )
        if class_mode not in self.allowed_class_modes:
            raise InvalidArgumentError(
                f"{kind}: class_mode={class_mode!r}, but one of "
                f"{', '.join(repr(one) for one in self.allowed_class_modes)} is expected."
            )
        if subset is not None and subset not in SUBSETS:
            raise InvalidArgumentError(
                f"{kind}: subset={subset!r}, but 'training' or 'validation' is expected."
            )
        self.image_data_generator, self.class_mode, self.subset = image_data_generator, class_mode, subset
        self.color_mode, self.target_size = color_mode, tuple(target_size)
        self.data_format = checked_data_format(kind, data_format)
        self.dtype = dtype or config.floatx()
        height, width = target_size
        shape = (height, width, CHANNELS[color_mode])
        self.image_shape = (shape[2], height, width) if self.data_format == "channels_first" else shape
        self.options = FileOptions(
            (int(height), int(width)), color_mode, self.data_format, interpolation, keep_aspect_ratio, self.dtype,
            (save_to_dir, save_prefix, save_format),
        )  # fmt: skip

    def split(self, count: int) -> slice:
        """Which of so many files belong to the subset: the first ones are for validation."""
        if self.subset is None or self.image_data_generator is None:
            return slice(None)
        border = int(self.image_data_generator._validation_split * count)
        return slice(0, border) if self.subset == "validation" else slice(border, None)

    @property
    def filepaths(self) -> list[str]:
        """The paths of the pictures."""
        raise NotImplementedError

    @property
    def labels(self) -> Any:
        """The number of the class of each picture."""
        return self.classes

    @property
    def sample_weight(self) -> np.ndarray | None:
        """The weight of each picture; None for none."""
        return None

    def _picture(self, path: str) -> np.ndarray:
        options = self.options
        image = load_img(
            path, color_mode=options.color_mode, target_size=options.target_size,
            interpolation=options.interpolation, keep_aspect_ratio=options.keep_aspect_ratio,
        )  # fmt: skip
        picture = np.array(img_to_array(image, options.data_format))
        make = self.image_data_generator
        if make is None:
            return picture
        changed = make.apply_transform(picture, make.get_random_transform(picture.shape))
        return make.standardize(changed if changed.flags.writeable else changed.copy())

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        batch = np.zeros((len(index_array), *self.image_shape), self.dtype)
        for place, number in enumerate(index_array):
            batch[place] = self._picture(self.filepaths[number])
        if self.options.save[0]:
            save_batch(batch, index_array, self.options.save, self.data_format, 1e7)
        if self.class_mode is None:
            return batch
        labels = batch.copy() if self.class_mode == "input" else self._labels(index_array)
        weight = self.sample_weight
        return (batch, labels) if weight is None else (batch, labels, weight[index_array])

    def _labels(self, numbers: np.ndarray) -> Any:
        if self.class_mode in ("binary", "sparse"):
            return np.array([self.classes[number] for number in numbers], self.dtype)
        labels = np.zeros((len(numbers), len(self.class_indices)), self.dtype)
        for row, number in zip(labels, numbers, strict=True):
            row[self.classes[number]] = 1.0
        return labels


class DirectoryIterator(FileIterator):
    """Batches of the pictures in a folder; see `ImageDataGenerator.flow_from_directory`.

    Args:
        directory: the folder, with one folder for each class.
        image_data_generator: changes the pictures.
        target_size: the height and width to which all pictures are resized.
        color_mode: ``"rgb"``, ``"rgba"`` or ``"grayscale"``.
        classes: the names of the folders, in the order of their labels; alphabetical by default.
        class_mode: ``"categorical"`` (one-hot rows), ``"binary"`` or ``"sparse"`` (numbers), ``"input"`` (the
            pictures themselves) or None (no labels).
        batch_size, shuffle, seed: see `Iterator`.
        follow_links: whether linked folders are searched.
        options: ``data_format``, ``dtype``; ``subset`` (``"training"`` or ``"validation"``); ``interpolation`` and
            ``keep_aspect_ratio``, as for `load_img`; ``save_to_dir``, ``save_prefix`` and ``save_format``, as for
            `ImageDataGenerator.flow`.

    Raises:
        NotFoundError: if the folder does not exist.
        InvalidArgumentError: for an unknown option.
        ImportError: if Pillow is not installed.
    """

    allowed_class_modes = ("categorical", "binary", "sparse", "input", None)

    def __init__(
        self, directory: PathLike, image_data_generator: ImageDataGenerator | None,
        target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb", classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
        follow_links: bool = False, **options: Any,
    ) -> None:  # fmt: skip
        FileIterator.__init__(self, image_data_generator, target_size, color_mode, class_mode, **options)
        self.directory = os.fsdecode(directory)
        if not os.path.isdir(self.directory):
            raise NotFoundError(f"flow_from_directory: the folder {self.directory} does not exist.")
        folders = sorted(os.listdir(self.directory))
        names = list(classes) if classes else [one for one in folders if os.path.isdir(self._inside(one))]
        self.num_classes = len(names)
        self.class_indices = {name: number for number, name in enumerate(names)}
        self.filenames = []
        numbers: list[int] = []
        for number, name in enumerate(names):
            found = list(_pictures_below(self._inside(name), follow_links))
            kept = found[self.split(len(found))]
            self.filenames += [os.path.relpath(path, self.directory) for path in kept]
            numbers += [number] * len(kept)
        self.classes = np.array(numbers, np.int32)
        self.samples = len(self.filenames)
        self._filepaths = [self._inside(name) for name in self.filenames]
        print(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        Iterator.__init__(self, self.samples, batch_size, shuffle, seed)

    def _inside(self, name: str) -> str:
        return os.path.join(self.directory, name)

    @property
    def filepaths(self) -> list[str]:
        """The paths of the pictures."""
        return self._filepaths


def _pictures_below(folder: str, follow_links: bool) -> PathIterator[str]:
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links)):
        for name in sorted(names):
            if name.lower().endswith(FORMATS):
                yield os.path.join(root, name)


class DataFrameIterator(FileIterator):
    """Batches of the pictures whose paths are in a table; see `ImageDataGenerator.flow_from_dataframe`.

    Args:
        dataframe: a pandas data frame.
        directory: the folder that paths are relative to; None for whole paths.
        image_data_generator: changes the pictures; None for none.
        x_col: the column of paths.
        y_col: the column of classes, or a list of columns with ``class_mode`` ``"raw"`` or ``"multi_output"``.
        weight_col: the column of weights, or None.
        target_size, color_mode, batch_size, shuffle, seed: see `DirectoryIterator`.
        classes: the classes that are used; by default all, in alphabetical order.
        class_mode: as for `DirectoryIterator`; ``"raw"`` gives the values of ``y_col`` as they are, and
            ``"multi_output"`` a list with one array for each column. With ``"categorical"``, a row may have several
            classes, as a list.
        validate_filenames: whether rows whose file does not exist are left out.
        options: see `DirectoryIterator`.

    Raises:
        TypeError: for columns of another type than ``class_mode`` expects.
        InvalidArgumentError: for an unknown option.
    """

    allowed_class_modes = ("binary", "categorical", "input", "multi_output", "raw", "sparse", None)

    def __init__(
        self, dataframe: Any, directory: PathLike | None = None, image_data_generator: ImageDataGenerator | None = None,
        x_col: str = "filename", y_col: Any = "class", weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb", classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
        validate_filenames: bool = True, **options: Any,
    ) -> None:  # fmt: skip
        FileIterator.__init__(self, image_data_generator, target_size, color_mode, class_mode, **options)
        self.directory = os.fsdecode(directory or "")
        frame = dataframe.copy()
        _check_columns(frame, (x_col, y_col, weight_col), class_mode, classes)
        if validate_filenames:
            frame = self._existing(frame, x_col)
        has_classes = class_mode in ("binary", "categorical", "sparse")
        if has_classes:
            frame, names = _of_classes(frame, y_col, classes)
            self.class_indices = {name: number for number, name in enumerate(names)}
        frame = frame.iloc[self.split(len(frame))]
        if has_classes:
            self.classes = [self._number_of(one) for one in frame[y_col]]
        self.filenames = frame[x_col].tolist()
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        self._weight = None if weight_col is None else frame[weight_col].to_numpy()
        if class_mode == "multi_output":
            self._targets: Any = [np.array(frame[one].tolist()) for one in y_col]
        elif class_mode == "raw":
            self._targets = frame[y_col].to_numpy()
        self.samples = len(self.filenames)
        checked = "validated" if validate_filenames else "non-validated"
        classes_too = f"s belonging to {len(self.class_indices)} classes" if has_classes else "s"
        print(f"Found {self.samples} {checked} image filename{classes_too}.")
        Iterator.__init__(self, self.samples, batch_size, shuffle, seed)

    def _existing(self, frame: Any, x_col: str) -> Any:
        paths = [os.path.join(self.directory, name) for name in frame[x_col]]
        exists = np.array([path.lower().endswith(FORMATS) and os.path.isfile(path) for path in paths], bool)
        if not exists.all():
            warn_user(
                f"flow_from_dataframe: {(~exists).sum()} files of the column {x_col!r} do not exist, such as "
                f"{paths[int(np.argmin(exists))]}; these rows are left out."
            )
        return frame[exists]

    def _number_of(self, label: Any) -> Any:
        if isinstance(label, list | tuple):
            return [self.class_indices[one] for one in label]
        return self.class_indices[label]

    @property
    def filepaths(self) -> list[str]:
        """The paths of the pictures."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The numbers of the classes, or the values of ``y_col``."""
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    @property
    def sample_weight(self) -> np.ndarray | None:
        """The weight of each picture; None for none."""
        return self._weight

    def _labels(self, numbers: np.ndarray) -> Any:
        if self.class_mode == "multi_output":
            return [column[numbers] for column in self._targets]
        return self._targets[numbers] if self.class_mode == "raw" else super()._labels(numbers)


def _check_columns(
    frame: Any, columns: tuple[str, Any, str | None], class_mode: str | None, classes: Any
) -> None:
    """Refuses columns that do not fit the class mode."""
    x_col, y_col, weight_col = columns
    if not all(isinstance(one, str) for one in frame[x_col]):
        raise TypeError(f"flow_from_dataframe: the column x_col={x_col!r} must have paths only, as text.")
    if class_mode == "multi_output" and not isinstance(y_col, list):
        raise TypeError(f"flow_from_dataframe: class_mode='multi_output' needs a list y_col, not {y_col!r}.")
    allowed = {"binary": (str,), "sparse": (str,), "categorical": (str, list, tuple)}.get(class_mode or "")
    if allowed is not None:
        other = next((one for one in frame[y_col] if not isinstance(one, allowed)), None)
        if other is not None:
            raise TypeError(
                f"flow_from_dataframe: class_mode={class_mode!r} needs text in the column y_col={y_col!r}, which has "
                f"{other!r}. Write frame[{y_col!r}] = frame[{y_col!r}].astype(str), or use class_mode='raw'."
            )
    if class_mode == "binary":
        count = len(set(classes)) if classes else frame[y_col].nunique()
        if count != 2:
            raise InvalidArgumentError(
                f"flow_from_dataframe: class_mode='binary' needs two classes, but there are {count}."
            )
    if classes and allowed is None:
        warn_user(f"flow_from_dataframe: classes has no effect with class_mode={class_mode!r}.")
    if weight_col and frame[weight_col].dtype.kind not in "iuf":
        raise TypeError(f"flow_from_dataframe: the column weight_col={weight_col!r} must have numbers.")


def _of_classes(frame: Any, y_col: str, classes: Any) -> tuple[Any, list[str]]:
    """The rows of the classes that are used, and their names."""
    if not classes:
        every = {
            one for label in frame[y_col] for one in (label if isinstance(label, list | tuple) else [label])
        }
        return frame, sorted(every)
    names = list(dict.fromkeys(classes))

    def kept(label: Any) -> Any:
        if isinstance(label, list | tuple):
            return [one for one in label if one in names] or None
        return label if label in names else None

    frame = frame.copy()
    frame[y_col] = [kept(one) for one in frame[y_col]]
    return frame.dropna(subset=[y_col]), names
