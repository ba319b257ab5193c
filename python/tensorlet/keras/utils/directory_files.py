"""What `image_dataset_from_directory` and `text_dataset_from_directory` share: files, labels, and datasets of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.core.signature import TensorSpec
from tensorlet.core.tensor import EagerTensor
from tensorlet.data.dataset import Dataset, dataset_of
from tensorlet.data.pipeline import Pipeline
from tensorlet.errors import InvalidArgumentError, NotFoundError

LABEL_MODES = ("int", "categorical", "binary", None)
SUBSETS = ("training", "validation", "both", None)
#: The elements that are shuffled at a time: this many batches, or this many elements where there are none.
SHUFFLED_BATCHES = 8
SHUFFLED_ELEMENTS = 1024


class Options(NamedTuple):
    """Arguments that both functions have.

    Attributes:
        function: its name in messages.
        labels: ``"inferred"`` from the folders, None, or an integer for each file.
        label_mode: ``"int"``, ``"categorical"``, ``"binary"`` or None.
        class_names: the folders, in the order of their labels.
        batch_size: the rows of a batch; None for single elements.
        shuffle: whether the files are shuffled.
        seed: of the order.
        validation_split: the part of the files for validation.
        subset: ``"training"``, ``"validation"`` or ``"both"``.
        follow_links: whether linked folders are searched.
        verbose: whether the number of files is printed.
    """

    function: str
    labels: Any
    label_mode: str | None
    class_names: Sequence[str] | None
    batch_size: int | None
    shuffle: bool
    seed: int | None
    validation_split: float | None
    subset: str | None
    follow_links: bool
    verbose: bool = True


class Files(NamedTuple):
    """Paths, and the label of each; `labels` is None where there are none."""

    paths: list[str]
    labels: np.ndarray | None
    class_names: list[Any]


class Loaded(Pipeline):
    """The contents of files, one after the other."""

    shown_name = "_FilesDataset"

    def __init__(self, paths: Sequence[str], load: Callable[[str], np.ndarray], spec: TensorSpec) -> None:
        self._paths, self._load, self._spec = paths, load, spec

    @property
    def element_spec(self) -> TensorSpec:
        """Shape and dtype of the content of a file."""
        return self._spec

    def count(self) -> int:
        return len(self._paths)

    def one_by_one(self) -> Iterator[EagerTensor]:
        return (EagerTensor(self._load(path)) for path in self._paths)


def check_options(options: Options) -> None:
    """Refuses arguments that do not fit together.

    Raises:
        InvalidArgumentError: says which, and what is expected.
    """
    name, labels = options.function, options.labels
    given = isinstance(labels, list | tuple | np.ndarray)
    if not given and labels not in ("inferred", None):
        raise InvalidArgumentError(
            f"{name}: labels={labels!r}, but 'inferred' (from the folders), None, or a list with an integer for each "
            "file is expected."
        )
    if not (isinstance(labels, str) and labels == "inferred") and options.class_names:
        raise InvalidArgumentError(f"{name}: class_names needs labels='inferred'. Omit one of them.")
    if options.label_mode not in LABEL_MODES:
        raise InvalidArgumentError(
            f"{name}: label_mode={options.label_mode!r}, but 'int', 'categorical', 'binary' or None is expected."
        )
    if options.subset not in SUBSETS:
        raise InvalidArgumentError(
            f"{name}: subset={options.subset!r}, but 'training', 'validation' or 'both' is expected."
        )
    split = options.validation_split
    if split and not 0 < split < 1:
        raise InvalidArgumentError(
            f"{name}: validation_split={split!r}, but a number between 0 and 1 is expected."
        )
    if bool(split) != bool(options.subset):
        raise InvalidArgumentError(
            f"{name}: validation_split and subset belong together. Pass both, such as validation_split=0.2, "
            "subset='training', seed=1."
        )
    if split and options.shuffle and options.seed is None:
        raise InvalidArgumentError(
            f"{name}: with validation_split and shuffle, pass the same seed for both subsets, so that they have no "
            "file in common: seed=1."
        )


def index_directory(directory: Any, formats: tuple[str, ...], options: Options, seed: int) -> Files:
    """Finds the files below a folder and their labels, in the order of Keras for the same seed.

    Raises:
        NotFoundError: if the folder does not exist.
        InvalidArgumentError: if ``class_names`` are not its folders, or the labels are not as many as the files.
    """
    folder = os.fsdecode(directory)
    if not os.path.isdir(folder):
        raise NotFoundError(f"{options.function}: the folder {folder} does not exist.")
    inferred = isinstance(options.labels, str)
    names = _folders(folder, options) if inferred else [""]
    found = [
        (path, number)
        for number, name in sorted(enumerate(names), key=lambda pair: pair[1])
        for path in _paths(os.path.join(folder, name), formats, options.follow_links)
    ]
    paths = [path for path, _ in found]
    labels: np.ndarray | None = np.array([number for _, number in found], np.int32)
    if options.labels is None:
        labels, names = None, []
    elif not inferred:
        labels = np.asarray(options.labels)
        names = sorted(set(labels.tolist()))
        if len(labels) != len(paths):
            raise InvalidArgumentError(
                f"{options.function}: the number of labels must match the number of files: "
                f"there are {len(labels)} labels, but {len(paths)} files in {folder}."
            )
    if options.verbose:
        classes = "" if labels is None else f" belonging to {len(names)} classes"
        print(f"Found {len(paths)} files{classes}.")
    if options.shuffle:
        order = np.arange(len(paths))
        np.random.RandomState(seed).shuffle(order)
        paths = [paths[one] for one in order]
        labels = None if labels is None else labels[order]
    return Files(paths, labels, names)


def _folders(folder: str, options: Options) -> list[str]:
    found = [
        one
        for one in sorted(os.listdir(folder))
        if not one.startswith(".") and os.path.isdir(os.path.join(folder, one))
    ]
    if not options.class_names:
        return found
    if sorted(options.class_names) != found:
        raise InvalidArgumentError(
            f"{options.function}: class_names={list(options.class_names)}, but the folders in {folder} are {found}."
        )
    return list(options.class_names)


def _paths(folder: str, formats: tuple[str, ...], follow_links: bool) -> Iterator[str]:
    for root, _, names in sorted(os.walk(folder, followlinks=follow_links)):
        for name in sorted(names):
            if name.lower().endswith(formats):
                yield os.path.join(root, name)


def subset_of(files: Files, subset: str | None, options: Options, kind: str) -> Files:
    """The files of a subset.

    Raises:
        InvalidArgumentError: if there are none.
    """
    kept = slice(None)
    if subset is not None:
        held = int((options.validation_split or 0) * len(files.paths))
        first = len(files.paths) - held
        kept = slice(None, first) if subset == "training" else slice(first, None)
        if options.verbose:
            print(f"Using {first if subset == 'training' else held} files for {subset}.")
    chosen = Files(files.paths[kept], None if files.labels is None else files.labels[kept], files.class_names)
    if not chosen.paths:
        raise InvalidArgumentError(
            f"{options.function}: there are no {kind}{f' for {subset}' if subset else ''}. Check the folder, and "
            "validation_split."
        )
    return chosen


def datasets_from_directory(
    directory: Any, formats: tuple[str, ...], options: Options, kind: str,
    load: Callable[[str], np.ndarray], spec: TensorSpec,
) -> Any:  # fmt: skip
    """The dataset of a folder, or for ``subset="both"`` the two of them.

    Args:
        directory: the folder.
        formats: the endings of the files.
        options: the arguments that all such functions have.
        kind: what the files are, in messages.
        load: gives the content of a file.
        spec: of the content.
    """
    check_options(options)
    seed = int(np.random.randint(1_000_000)) if options.seed is None else int(options.seed)  # noqa: NPY002
    without_labels = options.labels is None or options.label_mode is None
    # As in Keras, without labels the whole folder is one class.
    options = options._replace(labels=None, label_mode=None) if without_labels else options
    files = index_directory(directory, formats, options, seed)
    if options.label_mode == "binary" and len(files.class_names) != 2:
        raise InvalidArgumentError(
            f"{options.function}: label_mode='binary' needs two classes, but there are {files.class_names}."
        )

    def made(subset: str | None) -> Dataset:
        chosen = subset_of(files, subset, options, kind)
        shuffled = options.shuffle and not (options.subset == "both" and subset == "validation")
        return _dataset(chosen, options._replace(shuffle=shuffled), seed, Loaded(chosen.paths, load, spec))

    if options.subset == "both":
        return [made("training"), made("validation")]
    return made(options.subset)


def _dataset(files: Files, options: Options, seed: int, contents: Pipeline) -> Dataset:
    dataset = dataset_of(contents)
    if files.labels is not None:
        dataset = Dataset.zip((dataset, _label_dataset(files, options.label_mode)))
    if options.shuffle:
        size = options.batch_size
        dataset = dataset.shuffle(SHUFFLED_BATCHES * size if size else SHUFFLED_ELEMENTS, seed=seed)
    if options.batch_size is not None:
        dataset = dataset.batch(options.batch_size)
    dataset = dataset.prefetch(-1)
    named: Any = dataset
    named.class_names = files.class_names
    named.file_paths = files.paths
    return dataset


def _label_dataset(files: Files, label_mode: str | None) -> Dataset:
    labels: Any = files.labels
    if label_mode == "binary":
        labels = labels.astype(np.float32)[:, None]
    elif label_mode == "categorical":
        labels = np.eye(len(files.class_names), dtype=np.float32)[labels]
    return Dataset.from_tensor_slices(labels)
