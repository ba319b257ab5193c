"""Batches of changed pictures without end: `Iterator`, and `NumpyArrayIterator` for arrays."""
# ruff: noqa: NPY002 - the numbers are those that Keras draws from NumPy's global generator

from __future__ import annotations

import os
import threading
from collections.abc import Iterator as EndlessIterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.errors import InvalidArgumentError, OutOfRangeError, ShapeError, warn_user
from tensorlet.keras import config
from tensorlet.keras.utils.image_utils import checked_data_format, save_img
from tensorlet.keras.utils.sequence import Sequence

if TYPE_CHECKING:
    from tensorlet.keras.preprocessing.image.generator import ImageDataGenerator

SUBSETS = ("training", "validation")


class Iterator(Sequence):
    """Batches of a data set by their numbers, and without end as an iterator.

    A subclass defines ``_get_batches_of_transformed_samples(index_array)``, which returns the batch of these
    examples.

    Args:
        n: the number of examples.
        batch_size: the examples of a batch.
        shuffle: whether they come in a new order in each epoch.
        seed: of NumPy's global generator, plus the number of batches so far.
    """

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: int | None) -> None:
        super().__init__()
        self.n, self.batch_size, self.shuffle, self.seed = n, batch_size, shuffle, seed
        self.batch_index = 0
        self.total_batches_seen = 0
        self.lock = threading.Lock()
        self.index_array: np.ndarray | None = None
        self.index_generator = self._flow_index()

    def _set_index_array(self) -> np.ndarray:
        self.index_array = np.random.permutation(self.n) if self.shuffle else np.arange(self.n)
        return self.index_array

    def __len__(self) -> int:
        return (self.n + self.batch_size - 1) // self.batch_size

    def __getitem__(self, index: int) -> Any:
        if index >= len(self):
            raise OutOfRangeError(f"batch {index} was asked for, but there are {len(self)}.")
        self._set_seed()
        self.total_batches_seen += 1
        order = self._set_index_array() if self.index_array is None else self.index_array
        start = self.batch_size * index
        return self._get_batches_of_transformed_samples(order[start : start + self.batch_size])

    def _set_seed(self) -> None:
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)

    def on_epoch_end(self) -> None:
        """Draws a new order."""
        self._set_index_array()

    def reset(self) -> None:
        """Makes the next batch the first one."""
        self.batch_index = 0

    def _flow_index(self) -> EndlessIterator[np.ndarray]:
        self.reset()
        while True:
            self._set_seed()
            order = self.index_array
            if self.batch_index == 0 or order is None:
                order = self._set_index_array()
            start = (self.batch_index * self.batch_size) % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if self.n > start + self.batch_size else 0
            self.total_batches_seen += 1
            yield order[start : start + self.batch_size]

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self.next()

    def next(self) -> Any:
        """The next batch; after the last one the first of a new epoch."""
        with self.lock:
            numbers = next(self.index_generator)
        return self._get_batches_of_transformed_samples(numbers)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        raise NotImplementedError(
            f"{type(self).__name__} has no method _get_batches_of_transformed_samples(self, index_array), which "
            "returns the batch of these examples."
        )


def save_batch(
    pictures: np.ndarray, numbers: np.ndarray, where: tuple[Any, str, str], data_format: str, names: float
) -> None:
    """Writes the pictures of a batch, to look at them.

    Args:
        pictures: the batch.
        numbers: of its examples, which become part of the names.
        where: the folder, and the start and the ending of the names.
        data_format: of the pictures.
        names: how many random names there are.
    """
    folder, prefix, ending = where
    for picture, number in zip(pictures, numbers, strict=True):
        name = f"{prefix}_{number}_{np.random.randint(int(names))}.{ending}"
        save_img(os.path.join(folder, name), picture, data_format, ending)


class NumpyArrayIterator(Iterator):
    """Batches of pictures in an array; see `ImageDataGenerator.flow`.

    Args:
        x: pictures, or a list of them and further arrays.
        y: their labels, or None.
        image_data_generator: changes the pictures.
        batch_size, shuffle, sample_weight, seed, data_format, save_to_dir, save_prefix, save_format, subset,
        ignore_class_split, dtype: see `ImageDataGenerator.flow`.

    Raises:
        ShapeError: for pictures with another number of axes, or arrays of different lengths.
        InvalidArgumentError: for another subset, or subsets with different classes.
    """

    def __init__(
        self, x: Any, y: Any, image_data_generator: ImageDataGenerator, batch_size: int = 32, shuffle: bool = False,
        sample_weight: Any = None, seed: int | None = None, data_format: str | None = None, save_to_dir: Any = None,
        save_prefix: str = "", save_format: str = "png", subset: str | None = None, ignore_class_split: bool = False,
        dtype: Any = None,
    ) -> None:  # fmt: skip
        self.dtype = dtype or config.floatx()
        self.image_data_generator = image_data_generator
        self.data_format = checked_data_format("ImageDataGenerator.flow", data_format)
        self.save_to_dir, self.save_prefix, self.save_format = save_to_dir, save_prefix, save_format
        more: list[np.ndarray] = []
        if isinstance(x, list | tuple):
            more = [np.asarray(one) for one in (x[1] if isinstance(x[1], list) else [x[1]])]
            x = x[0]
        x = np.asarray(x, dtype=self.dtype)
        _check_pictures(x, self.data_format)
        parts = [x, *more, *(np.asarray(one) for one in (y, sample_weight) if one is not None)]
        if len({len(one) for one in parts}) > 1:
            raise ShapeError(
                f"ImageDataGenerator.flow: the arrays have the lengths {', '.join(str(len(one)) for one in parts)}, "
                "but one row for each picture is expected."
            )
        kept = slice(None)
        if subset is not None:
            kept = self._kept(len(x), subset, None if ignore_class_split or y is None else np.asarray(y))
        self.x, self.x_misc = x[kept], [one[kept] for one in more]
        self.y = None if y is None else np.asarray(y)[kept]
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)[kept]
        super().__init__(len(self.x), batch_size, shuffle, seed)

    def _kept(self, count: int, subset: str, labels: np.ndarray | None) -> slice:
        if subset not in SUBSETS:
            raise InvalidArgumentError(f"subset={subset!r}, but 'training' or 'validation' is expected.")
        border = int(count * self.image_data_generator._validation_split)
        if labels is not None and not np.array_equal(np.unique(labels[:border]), np.unique(labels[border:])):
            raise InvalidArgumentError(
                "ImageDataGenerator.flow: the training and validation subsets have different classes. Shuffle the "
                "arrays first, since the first rows are used for validation; or pass ignore_class_split=True."
            )
        return slice(None, border) if subset == "validation" else slice(border, None)

    def _get_batches_of_transformed_samples(self, index_array: np.ndarray) -> Any:
        make = self.image_data_generator
        batch = np.zeros((len(index_array), *self.x.shape[1:]), self.dtype)
        for place, number in enumerate(index_array):
            picture = self.x[number]
            change = make.get_random_transform(picture.shape)
            batch[place] = make.standardize(make.apply_transform(picture.copy(), change))
        if self.save_to_dir:
            where = (self.save_to_dir, self.save_prefix, self.save_format)
            save_batch(batch, index_array, where, self.data_format, 1e4)
        x: Any = [batch, *(one[index_array] for one in self.x_misc)] if self.x_misc else batch
        if self.y is None:
            return x
        if self.sample_weight is None:
            return x, self.y[index_array]
        return x, self.y[index_array], self.sample_weight[index_array]


def _check_pictures(x: np.ndarray, data_format: str) -> None:
    if x.ndim != 4:
        fix = " For grey pictures write x[..., None]." if x.ndim == 3 else ""
        raise ShapeError(
            f"ImageDataGenerator.flow got shape {x.shape}, but four axes are expected: (examples, height, width, "
            f"channels).{fix}"
        )
    channels = x.shape[1 if data_format == "channels_first" else 3]
    if channels not in (1, 3, 4):
        warn_user(
            f"ImageDataGenerator.flow: pictures of shape {x.shape[1:]} have {channels} channels with "
            f"data_format={data_format!r}; 1, 3 or 4 are usual."
        )
