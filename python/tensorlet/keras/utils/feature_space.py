"""`FeatureSpace`: the columns of a table as one row of numbers, with a layer for each kind of column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from tensorlet.core.nest import map_structure
from tensorlet.core.tensor import Operators
from tensorlet.data.elements import as_column
from tensorlet.errors import FailedPreconditionError, InvalidArgumentError
from tensorlet.keras.layers.categorical import CategoryEncoding
from tensorlet.keras.layers.hashing import Discretization, HashedCrossing, Hashing
from tensorlet.keras.layers.input_layer import Input
from tensorlet.keras.layers.lookup import IntegerLookup, StringLookup
from tensorlet.keras.layers.merge import Concatenate
from tensorlet.keras.layers.preprocessing import Normalization, Rescaling
from tensorlet.keras.models.model import Model


class Feature(NamedTuple):
    """A kind of column.

    Attributes:
        dtype: of its values.
        layer: what prepares them; None for numbers that stay as they are.
        output_mode: ``"one_hot"``, ``"int"`` or ``"float"``.
    """

    dtype: str
    layer: Any
    output_mode: str


class Cross(NamedTuple):
    """Columns whose combinations are hashed."""

    feature_names: tuple[str, ...]
    crossing_dim: int
    output_mode: str

    @property
    def name(self) -> str:
        """The names of the columns, joined."""
        return "_X_".join(self.feature_names)


class FeatureSpace:
    """The columns of a table as one row of numbers.

    Args:
        features: the kind of each column by its name: ``"float"``, ``"float_rescaled"``, ``"float_normalized"``,
            ``"float_discretized"``, ``"integer_categorical"``, ``"string_categorical"``, ``"integer_hashed"``,
            ``"string_hashed"``, or the result of the method of that name, which takes options.
        output_mode: ``"concat"`` for one row, or ``"dict"``.
        crosses: tuples of names of columns whose combinations are hashed, or results of `cross`.
        crossing_dim, hashing_dim, num_discretization_bins: the number of buckets where none is given.
        name: the name of the model.

    Raises:
        InvalidArgumentError: for an unknown kind, or a cross of other columns.

    >>> import tensorlet as tf
    >>> space = tf.keras.utils.FeatureSpace({"age": "float_normalized", "city": "string_categorical"})
    >>> table = {"age": [20.0, 40.0], "city": ["rome", "oslo"]}
    >>> space.adapt(tf.data.Dataset.from_tensor_slices(table))
    >>> space({"age": [40.0], "city": ["rome"]}).numpy()
    array([[1., 0., 1., 0.]], dtype=float32)
    """

    def __init__(
        self, features: Mapping[str, Any], output_mode: str = "concat", crosses: Sequence[Any] | None = None,
        crossing_dim: int = 32, hashing_dim: int = 32, num_discretization_bins: int = 32, name: str | None = None,
    ) -> None:  # fmt: skip
        if output_mode not in ("concat", "dict"):
            raise InvalidArgumentError(
                f"FeatureSpace: output_mode={output_mode!r}, but 'concat' or 'dict' is expected."
            )
        if not features:
            raise InvalidArgumentError(
                f"FeatureSpace: features={features!r}, but the `features` argument cannot be None or empty. Give the "
                "kind "
                "of each column."
            )
        sizes = {"hashed": hashing_dim, "discretized": num_discretization_bins}
        # As in Keras, columns are joined in the order of their names, and crosses come last.
        self.features = {key: _feature(key, kind, sizes) for key, kind in sorted(features.items())}
        self.output_mode, self.name = output_mode, name or "feature_space"
        self.crosses = [
            one if isinstance(one, Cross) else Cross(tuple(one), crossing_dim, "one_hot")
            for one in crosses or ()
        ]
        for cross in self.crosses:
            for key in cross.feature_names:
                if key not in self.features or not _has_categories(self.features[key]):
                    raise InvalidArgumentError(
                        f"FeatureSpace: the cross {cross.name} has the column {key!r}, which is not one of integers, "
                        "text "
                        "or intervals in features."
                    )
        self.preprocessors = {key: feature.layer for key, feature in self.features.items()}
        self._model: Model | None = None

    @classmethod
    def feature(cls, dtype: str, preprocessor: Any, output_mode: str) -> Feature:
        """A column that a layer of yours prepares; ``output_mode`` is ``"one_hot"``, ``"int"`` or ``"float"``."""
        return Feature(dtype, preprocessor, output_mode)

    @classmethod
    def float(cls, name: str | None = None) -> Feature:
        """Numbers as they are."""
        return Feature("float32", None, "float")

    @classmethod
    def float_rescaled(cls, scale: Any = 1.0, offset: Any = 0.0, name: str | None = None) -> Feature:
        """Numbers times ``scale`` plus ``offset``."""
        return Feature("float32", Rescaling(scale, offset), "float")

    @classmethod
    def float_normalized(cls, name: str | None = None) -> Feature:
        """Numbers with the mean 0 and the variance 1 in the data of `adapt`."""
        return Feature("float32", Normalization(), "float")

    @classmethod
    def float_discretized(
        cls, num_bins: int, bin_boundaries: Any = None, output_mode: str = "one_hot", name: str | None = None
    ) -> Feature:
        """The intervals that numbers lie in."""
        options = {"num_bins": num_bins} if bin_boundaries is None else {"bin_boundaries": bin_boundaries}
        return Feature("float32", Discretization(**options), output_mode)

    @classmethod
    def integer_categorical(
        cls, max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:  # fmt: skip
        """Integers that stand for categories."""
        return Feature("int64", IntegerLookup(max_tokens, num_oov_indices), output_mode)

    @classmethod
    def string_categorical(
        cls, max_tokens: int | None = None, num_oov_indices: int = 1, output_mode: str = "one_hot",
        name: str | None = None,
    ) -> Feature:  # fmt: skip
        """Texts that stand for categories."""
        return Feature("string", StringLookup(max_tokens, num_oov_indices), output_mode)

    @classmethod
    def integer_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Integers, hashed to a bucket."""
        return Feature("int64", Hashing(num_bins), output_mode)

    @classmethod
    def string_hashed(cls, num_bins: int, output_mode: str = "one_hot", name: str | None = None) -> Feature:
        """Texts, hashed to a bucket."""
        return Feature("string", Hashing(num_bins), output_mode)

    @classmethod
    def cross(cls, feature_names: Sequence[str], crossing_dim: int, output_mode: str = "one_hot") -> Cross:
        """Combinations of columns, hashed to a bucket."""
        return Cross(tuple(feature_names), crossing_dim, output_mode)

    def adapt(self, dataset: Iterable[Any]) -> None:
        """Learns the vocabularies, intervals and scales from a dataset of dictionaries, without labels."""
        batches = list(dataset if not isinstance(dataset, Mapping) else [dataset])
        if not batches or not isinstance(batches[0], Mapping):
            raise InvalidArgumentError(
                "FeatureSpace.adapt: a dataset of dictionaries is expected, without labels: "
                "dataset.map(lambda x, y: x)."
            )
        for name, feature in self.features.items():
            if _learns(feature.layer):
                columns = [np.atleast_1d(as_column(one[name], text=True)).reshape(-1) for one in batches]
                column = np.concatenate(columns)
                feature.layer.adapt(
                    column if feature.dtype != "float32" else column.astype(np.float32)[:, None]
                )
        self._model = None

    def get_inputs(self) -> dict[str, Any]:
        """The inputs of a model on the columns, by their names."""
        found: dict[str, Any] = self._built().input
        return found

    def get_encoded_features(self) -> Any:
        """The encoded columns, as a tensor of a functional model on `get_inputs`."""
        return self._built().output

    def __call__(self, data: Mapping[str, Any]) -> Any:
        """The encoded columns of rows; of one row for single values."""
        columns: dict[str, Any] = {}
        single = False
        for name in self.features:
            value = data[name]
            array = as_column(value if isinstance(value, Operators | list) else np.asarray(value), text=True)
            single = array.ndim == 0
            columns[name] = np.atleast_1d(array).reshape(-1, 1)
        found = self._built()(columns)
        return map_structure(lambda one: one[0], found) if single else found

    def _built(self) -> Model:
        if self._model is None:
            for name, feature in self.features.items():
                if _learns(feature.layer) and not _has_learned(feature.layer):
                    raise FailedPreconditionError(
                        f"FeatureSpace: the column {name!r} has not seen data yet. Call adapt(dataset) first."
                    )
            inputs = {name: Input((1,), name=name, dtype=one.dtype) for name, one in self.features.items()}
            self._model = Model(inputs, self._encoded(inputs), name=self.name)
        return self._model

    def _encoded(self, inputs: Mapping[str, Any]) -> Any:
        prepared = {
            name: inputs[name] if one.layer is None else one.layer(inputs[name])
            for name, one in self.features.items()
        }
        found = {
            name: _one_hot(prepared[name], _size(one.layer))
            if one.output_mode == "one_hot"
            else prepared[name]
            for name, one in self.features.items()
        }
        for cross in self.crosses:
            crossed = HashedCrossing(cross.crossing_dim)([prepared[name] for name in cross.feature_names])
            is_one_hot = cross.output_mode == "one_hot"
            found[cross.name] = _one_hot(crossed, cross.crossing_dim) if is_one_hot else crossed
        if self.output_mode == "dict":
            return found
        for name, one in found.items():
            if not one.dtype.is_floating:
                raise InvalidArgumentError(
                    f"FeatureSpace: the column {name!r} has output_mode='int', which output_mode='concat' cannot join. "
                    "Use 'one_hot', or output_mode='dict'."
                )
        return Concatenate()(list(found.values())) if len(found) > 1 else next(iter(found.values()))


def _feature(name: str, kind: Any, sizes: Mapping[str, int]) -> Feature:
    if isinstance(kind, Feature):
        return kind
    kinds = (
        "float", "float_rescaled", "float_normalized", "float_discretized", "integer_categorical",
        "string_categorical", "integer_hashed", "string_hashed",
    )  # fmt: skip
    if kind not in kinds:
        raise InvalidArgumentError(
            f"FeatureSpace: the column {name!r} has the kind {kind!r}, but one of {', '.join(kinds)} is expected."
        )
    size = sizes.get(str(kind).rpartition("_")[2])
    make = getattr(FeatureSpace, kind)
    found: Feature = make() if size is None else make(size)
    return found


def _has_categories(feature: Feature) -> bool:
    """Whether the values of a column are put into categories, which can be crossed."""
    return feature.dtype != "float32" or isinstance(feature.layer, Discretization)


def _learns(layer: Any) -> bool:
    return isinstance(layer, Normalization | IntegerLookup | StringLookup) or (
        isinstance(layer, Discretization) and layer.num_bins is not None
    )


def _has_learned(layer: Any) -> bool:
    if isinstance(layer, Normalization):
        return layer.is_adapted
    return (layer.bin_boundaries if isinstance(layer, Discretization) else layer.vocabulary) is not None


def _size(layer: Any) -> int:
    """How many numbers a layer of categories may return."""
    if isinstance(layer, Discretization):
        return layer.num_bins or len(layer.bin_boundaries or ()) + 1
    return int(layer.num_bins if isinstance(layer, Hashing) else layer.vocabulary_size())


def _one_hot(numbers: Any, size: int) -> Any:
    return CategoryEncoding(size, output_mode="multi_hot")(numbers)
