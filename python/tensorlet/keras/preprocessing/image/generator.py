"""`ImageDataGenerator`: batches of pictures, changed at random and brought to one scale."""
# ruff: noqa: NPY002 - the numbers are those that Keras draws from NumPy's global generator

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypedDict

import numpy as np

from tensorlet.errors import InvalidArgumentError, ShapeError, warn_user
from tensorlet.keras import config
from tensorlet.keras.preprocessing.image.affine import FILL_MODES, apply_affine_transform
from tensorlet.keras.preprocessing.image.augmentation import apply_brightness_shift, apply_channel_shift
from tensorlet.keras.preprocessing.image.file_iterators import DataFrameIterator, DirectoryIterator
from tensorlet.keras.preprocessing.image.iterators import NumpyArrayIterator
from tensorlet.keras.utils.image_utils import checked_data_format
from tensorlet.ops.reference_tools import on_one_thread

if TYPE_CHECKING:
    from tensorlet.type_aliases import ArrayLike, PathLike

#: Added to standard deviations, so that nothing is divided by 0.
EPSILON = 1e-6


class Change(TypedDict, total=False):
    """The parameters of one transformation; see `ImageDataGenerator.apply_transform`."""

    theta: float
    tx: float
    ty: float
    shear: float
    zx: float
    zy: float
    flip_horizontal: bool
    flip_vertical: bool
    channel_shift_intensity: float | None
    brightness: float | None


class ImageDataGenerator:
    """Batches of pictures from arrays, folders or tables of paths, changed at random.

    The changes are made with NumPy, picture by picture, so an epoch takes longer than one on arrays. (The layers
    RandomFlip, RandomRotation and so on make such changes within the compiled training step.)

    Args:
        featurewise_center: subtract the mean of each channel of the data that `fit` has seen.
        samplewise_center: subtract the mean of each picture.
        featurewise_std_normalization: divide by the standard deviation of each channel of those data.
        samplewise_std_normalization: divide each picture by its standard deviation.
        zca_whitening: remove the correlations between pixels of those data.
        zca_epsilon: added to singular values.
        rotation_range: the largest angle, in degrees.
        width_shift_range, height_shift_range: the largest shift: a part of the size if below 1, otherwise pixels; or
            a list of the shifts to choose from.
        brightness_range: the smallest and largest factor; needs Pillow.
        shear_range: the largest angle of shearing, in degrees.
        zoom_range: the smallest and largest zoom; one number ``z`` means ``[1 - z, 1 + z]``.
        channel_shift_range: the largest number that is added to all pixels.
        fill_mode: what is outside of a picture: ``"nearest"``, ``"constant"``, ``"reflect"`` or ``"wrap"``.
        cval: the number outside, with ``"constant"``.
        horizontal_flip, vertical_flip: whether half of the pictures are mirrored.
        rescale: a factor, such as ``1 / 255``.
        preprocessing_function: a function of one picture, applied after the random changes.
        data_format: ``"channels_last"`` or ``"channels_first"``.
        validation_split: the part of the pictures for ``subset="validation"``.
        interpolation_order: see `apply_affine_transform`.
        dtype: of the batches.

    Raises:
        InvalidArgumentError: for an option that is not known or not in its range.

    >>> import numpy as np
    >>> import tensorlet as tf
    >>> generator = tf.keras.preprocessing.image.ImageDataGenerator(rescale=1 / 255)
    >>> x, y = next(generator.flow(np.full((4, 2, 2, 1), 51.0), np.arange(4), batch_size=2, shuffle=False))
    >>> x.shape, round(float(x[0, 0, 0, 0]), 4), y.tolist()
    ((2, 2, 2, 1), 0.2, [0, 1])
    """

    def __init__(
        self, featurewise_center: bool = False, samplewise_center: bool = False,
        featurewise_std_normalization: bool = False, samplewise_std_normalization: bool = False,
        zca_whitening: bool = False, zca_epsilon: float = 1e-6, rotation_range: float = 0,
        width_shift_range: Any = 0.0, height_shift_range: Any = 0.0, brightness_range: Any = None,
        shear_range: float = 0.0, zoom_range: Any = 0.0, channel_shift_range: float = 0.0, fill_mode: str = "nearest",
        cval: float = 0.0, horizontal_flip: bool = False, vertical_flip: bool = False, rescale: float | None = None,
        preprocessing_function: Callable[[np.ndarray], np.ndarray] | None = None, data_format: str | None = None,
        validation_split: float = 0.0, interpolation_order: int = 1, dtype: Any = None,
    ) -> None:  # fmt: skip
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening, self.zca_epsilon = zca_whitening, zca_epsilon
        self.rotation_range, self.shear_range = rotation_range, shear_range
        self.width_shift_range, self.height_shift_range = width_shift_range, height_shift_range
        self.channel_shift_range = channel_shift_range
        self.fill_mode, self.cval = fill_mode, cval
        self.horizontal_flip, self.vertical_flip = horizontal_flip, vertical_flip
        self.rescale, self.preprocessing_function = rescale, preprocessing_function
        self.dtype = dtype or config.floatx()
        self.interpolation_order = interpolation_order
        self.data_format = checked_data_format("ImageDataGenerator", data_format)
        first = self.data_format == "channels_first"
        self.channel_axis, self.row_axis, self.col_axis = (1, 2, 3) if first else (3, 1, 2)
        if validation_split and not 0 < validation_split < 1:
            raise InvalidArgumentError(
                f"ImageDataGenerator: validation_split={validation_split!r}, but a number between 0 and 1 is expected."
            )
        self._validation_split = validation_split
        self.mean: np.ndarray | None = None
        self.std: np.ndarray | None = None
        self.zca_whitening_matrix: np.ndarray | None = None
        self.zoom_range = _zoom_range(zoom_range)
        self.brightness_range = _brightness_range(brightness_range)
        if fill_mode not in FILL_MODES:
            raise InvalidArgumentError(
                f"ImageDataGenerator: fill_mode={fill_mode!r}, but one of {', '.join(FILL_MODES)} is expected."
            )
        self._settle_conflicts()

    def _settle_conflicts(self) -> None:
        """Some options need others; as in Keras they are set, with a warning."""
        if self.zca_whitening and self.featurewise_std_normalization:
            self.featurewise_std_normalization = False
            warn_user("ImageDataGenerator: zca_whitening replaces featurewise_std_normalization.")
        for name, needed in (
            ("zca_whitening", "featurewise_center"),
            ("featurewise_std_normalization", "featurewise_center"),
            ("samplewise_std_normalization", "samplewise_center"),
        ):
            if getattr(self, name) and not getattr(self, needed):
                setattr(self, needed, True)
                warn_user(f"ImageDataGenerator: {name} sets {needed}=True.")

    def flow(
        self, x: Any, y: Any = None, batch_size: int = 32, shuffle: bool = True, sample_weight: ArrayLike | None = None,
        seed: int | None = None, save_to_dir: PathLike | None = None, save_prefix: str = "", save_format: str = "png",
        ignore_class_split: bool = False, subset: str | None = None,
    ) -> NumpyArrayIterator:  # fmt: skip
        """Batches of pictures in an array, without end.

        Args:
            x: pictures [examples, height, width, channels]; or a list of them and further arrays.
            y, sample_weight: of the pictures.
            batch_size: the pictures of a batch.
            shuffle: whether they come in a new order in each epoch.
            seed: of the order and of the changes.
            save_to_dir: a folder into which the changed pictures are written, to look at them; needs Pillow.
            save_prefix, save_format: the start and the ending of the names of these files.
            ignore_class_split: whether the subsets may have different classes.
            subset: ``"training"`` or ``"validation"``, with ``validation_split``.

        Returns:
            A `Sequence`: ``len`` is the number of batches of an epoch; `fit` accepts it.
        """
        return NumpyArrayIterator(
            x, y, self, batch_size=batch_size, shuffle=shuffle, sample_weight=sample_weight, seed=seed,
            data_format=self.data_format, save_to_dir=save_to_dir, save_prefix=save_prefix, save_format=save_format,
            subset=subset, ignore_class_split=ignore_class_split, dtype=self.dtype,
        )  # fmt: skip

    def flow_from_directory(
        self, directory: PathLike, target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical", batch_size: int = 32, shuffle: bool = True, seed: int | None = None,
        **options: Any,
    ) -> DirectoryIterator:  # fmt: skip
        """Batches of the pictures in a folder, which has one folder for each class. See `DirectoryIterator`."""
        return DirectoryIterator(
            directory, self, target_size=target_size, color_mode=color_mode, classes=classes, class_mode=class_mode,
            batch_size=batch_size, shuffle=shuffle, seed=seed, data_format=self.data_format, dtype=self.dtype,
            **options,
        )  # fmt: skip

    def flow_from_dataframe(
        self, dataframe: Any, directory: PathLike | None = None, x_col: str = "filename", y_col: Any = "class",
        weight_col: str | None = None, target_size: tuple[int, int] = (256, 256), color_mode: str = "rgb",
        classes: Sequence[str] | None = None, class_mode: str | None = "categorical", batch_size: int = 32,
        shuffle: bool = True, seed: int | None = None, **options: Any,
    ) -> DataFrameIterator:  # fmt: skip
        """Batches of the pictures whose paths are in a table. See `DataFrameIterator`."""
        for legacy in ("has_ext", "sort", "drop_duplicates"):  # arguments that Keras ignores with a warning
            if legacy in options:
                options.pop(legacy)
                warn_user(f"flow_from_dataframe: {legacy} has no effect.")
        return DataFrameIterator(
            dataframe, directory, self, x_col=x_col, y_col=y_col, weight_col=weight_col, target_size=target_size,
            color_mode=color_mode, classes=classes, class_mode=class_mode, batch_size=batch_size, shuffle=shuffle,
            seed=seed, data_format=self.data_format, dtype=self.dtype, **options,
        )  # fmt: skip

    def standardize(self, x: np.ndarray) -> np.ndarray:
        """Brings a picture, or a batch of them, to the scale of the options. As in Keras, ``x`` itself changes."""
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + EPSILON
        if self.featurewise_center and self._is_fitted(self.mean, "featurewise_center"):
            x -= self.mean
        if self.featurewise_std_normalization and self._is_fitted(self.std, "featurewise_std_normalization"):
            x /= np.asarray(self.std) + EPSILON
        if self.zca_whitening and self._is_fitted(self.zca_whitening_matrix, "zca_whitening"):
            flat = x.reshape(-1, int(np.prod(x.shape[-3:])))
            x = (flat @ self.zca_whitening_matrix).reshape(x.shape)
        return x

    def _is_fitted(self, value: np.ndarray | None, option: str) -> bool:
        if value is None:
            warn_user(f"ImageDataGenerator: {option} has no effect yet. Call generator.fit(pictures) first.")
        return value is not None

    def get_random_transform(self, img_shape: tuple[int, ...], seed: int | None = None) -> Change:
        """Draws the parameters of a transformation; the numbers are those of Keras for the same seed.

        Args:
            img_shape: the shape of the picture.
            seed: of NumPy's global generator.
        """
        if seed is not None:
            np.random.seed(seed)
        rotation, shear, shift = self.rotation_range, self.shear_range, self.channel_shift_range
        theta = np.random.uniform(-rotation, rotation) if rotation else 0
        tx = _drawn_shift(self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _drawn_shift(self.width_shift_range, img_shape[self.col_axis - 1])
        sheared = np.random.uniform(-shear, shear) if shear else 0
        low, high = self.zoom_range
        zx, zy = (1, 1) if low == high == 1 else np.random.uniform(low, high, 2)
        change: Change = {"theta": theta, "tx": tx, "ty": ty, "shear": sheared, "zx": zx, "zy": zy}
        change["flip_horizontal"] = bool(np.random.random() < 0.5) and self.horizontal_flip
        change["flip_vertical"] = bool(np.random.random() < 0.5) and self.vertical_flip
        change["channel_shift_intensity"] = np.random.uniform(-shift, shift) if shift else None
        bright = self.brightness_range
        change["brightness"] = None if bright is None else np.random.uniform(bright[0], bright[1])
        return change

    def apply_transform(self, x: np.ndarray, transform_parameters: Change) -> np.ndarray:
        """Changes a picture.

        Args:
            x: a picture with three axes.
            transform_parameters: any of ``theta`` (degrees), ``tx``, ``ty`` (pixels), ``shear`` (degrees), ``zx``,
                ``zy``, ``flip_horizontal``, ``flip_vertical``, ``channel_shift_intensity`` and ``brightness``.
        """
        get: Any = transform_parameters.get
        rows, columns = self.row_axis - 1, self.col_axis - 1
        x = apply_affine_transform(
            x, get("theta", 0), get("tx", 0), get("ty", 0), get("shear", 0), get("zx", 1), get("zy", 1),
            row_axis=rows, col_axis=columns, channel_axis=self.channel_axis - 1, fill_mode=self.fill_mode,
            cval=self.cval, order=self.interpolation_order,
        )  # fmt: skip
        intensity, brightness = get("channel_shift_intensity"), get("brightness")
        if intensity is not None:
            x = apply_channel_shift(x, intensity, self.channel_axis - 1)
        if get("flip_horizontal", False):
            x = np.flip(x, columns)
        if get("flip_vertical", False):
            x = np.flip(x, rows)
        if brightness is not None:
            x = apply_brightness_shift(x, brightness, False)
        return x

    def random_transform(self, x: np.ndarray, seed: int | None = None) -> np.ndarray:
        """Changes a picture at random: `get_random_transform`, then `apply_transform`."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Computes what ``featurewise_center``, ``featurewise_std_normalization`` and ``zca_whitening`` need.

        Args:
            x: pictures [examples, height, width, channels].
            augment: whether they are changed at random first.
            rounds: how often each of them is, with ``augment``.
            seed: of NumPy's global generator.

        Raises:
            ShapeError: for another number of axes.
        """
        x = np.array(x, dtype=self.dtype)
        if x.ndim != 4:
            fix = " For grey pictures write x[..., None]." if x.ndim == 3 else ""
            raise ShapeError(
                f"ImageDataGenerator.fit got shape {x.shape}, but four axes are expected: (examples, height, width, "
                f"channels).{fix}"
            )
        if seed is not None:
            np.random.seed(seed)
        if self.rescale:
            x *= self.rescale
        if augment:
            x = np.stack([self.random_transform(one) for _ in range(rounds) for one in x])
        axes = (0, self.row_axis, self.col_axis)
        shape = [1, 1, 1]
        shape[self.channel_axis - 1] = x.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.mean(x, axis=axes).reshape(shape)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.std(x, axis=axes).reshape(shape)
            x /= np.asarray(self.std) + EPSILON
        if self.zca_whitening:
            flat = x.reshape(len(x), -1).T
            left, singular, _ = on_one_thread(np.linalg.svd)(flat, full_matrices=False)
            inverse = np.sqrt(len(x)) / (singular + self.zca_epsilon)
            self.zca_whitening_matrix = (left * inverse) @ left.T


def _drawn_shift(largest: Any, size: int) -> float:
    """A random shift in pixels."""
    if not np.any(largest):
        return 0
    if np.ndim(largest) or isinstance(
        largest, int
    ):  # one of the list, or of the integers below, in either direction
        drawn: float = np.random.choice(largest)
        drawn *= np.random.choice([-1, 1])
    else:
        drawn = np.random.uniform(-largest, largest)
    return drawn * size if np.max(largest) < 1 else drawn


def _zoom_range(zoom_range: Any) -> tuple[float, float]:
    if isinstance(zoom_range, float | int):
        return 1 - zoom_range, 1 + zoom_range
    if len(zoom_range) == 2 and all(isinstance(one, float | int) for one in zoom_range):
        return zoom_range[0], zoom_range[1]
    raise InvalidArgumentError(
        f"ImageDataGenerator: zoom_range={zoom_range!r}, but a number or two numbers are expected."
    )


def _brightness_range(given: Any) -> tuple[float, float] | None:
    if given is None:
        return None
    if not isinstance(given, list | tuple) or len(given) != 2:
        raise InvalidArgumentError(
            f"ImageDataGenerator: brightness_range={given!r}, but two numbers are expected, such as [0.5, 1.5]."
        )
    return given[0], given[1]
