"""Variables: arrays that can be assigned to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core import active_tapes
from tensorlet.core.attributes import missing
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import EagerTensor, Operators, Tensor, array_text
from tensorlet.core.variable_value import EagerValue, SymbolicValue
from tensorlet.dtypes import DType, as_dtype
from tensorlet.errors import DTypeError, ShapeError, TracingError
from tensorlet.ops.registry import Spec, convert, interpreter

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from tensorlet.core.indexed_slices import IndexedSlices
    from tensorlet.core.variable_value import ValueOfVariable
    from tensorlet.ops.registry import Interpreter
    from tensorlet.type_aliases import DTypeLike, ShapeLike, TensorLike


def _rows_of(delta: IndexedSlices) -> Tensor:
    """The row numbers of a sparse change, as `tf.scatter_nd` takes them."""
    if not hasattr(delta, "indices") or not hasattr(delta, "values"):
        raise TypeError(f"tf.IndexedSlices(values, indices) are expected, but got {delta!r}.")
    return ops.expand_dims(delta.indices, -1)


class Variable(Operators):
    """A value that training changes: weights, biases, counters.

    Args:
        initial_value: the initial value, or a function without arguments that returns it.
        trainable: whether a `GradientTape` watches the variable automatically.
        name: the name in printed forms; ``":0"`` is appended, as in TensorFlow.
        dtype: the dtype; by default that of the value.
        shape: checked against the shape of the value, if given.

    Raises:
        ShapeError, DTypeError: if the value does not fit ``shape`` or ``dtype``.

    >>> import tensorlet as tf
    >>> w = tf.Variable([1.0, 2.0], name="w")
    >>> w.assign_sub([0.5, 0.5]).numpy()
    array([0.5, 1.5], dtype=float32)
    """

    __slots__ = (
        "__weakref__", "_array", "_name", "_spec", "_trainable", "constraint", "overwrite_with_gradient",
    )  # fmt: skip

    def __init__(
        self,
        initial_value: TensorLike | Callable[[], TensorLike] | None = None,
        trainable: bool | None = None,
        validate_shape: bool = True,
        caching_device: object = None,
        name: str | None = None,
        variable_def: object = None,
        dtype: DTypeLike | None = None,
        import_scope: object = None,
        constraint: Callable[[Variable], TensorLike] | None = None,
        synchronization: object = None,
        aggregation: object = None,
        shape: ShapeLike | None = None,
    ) -> None:
        if initial_value is None:
            raise ShapeError(
                "tf.Variable got no initial value. Pass one, for example tf.Variable(tf.zeros([2, 3])): "
                "it determines the shape and the dtype."
            )
        value = initial_value() if callable(initial_value) else initial_value
        wanted = as_dtype(dtype) if dtype is not None else None
        array = interpreter().initial_value(value, wanted)
        if shape is not None and not TensorShape(shape).is_compatible_with(array.shape):
            raise ShapeError(
                f"tf.Variable: the initial value has shape {array.shape}, but shape={TensorShape(shape)} was given."
            )
        # The buffer never moves, since compiled programs keep its address.
        self._array = aligned_copy(array)
        self._spec = Spec(array.shape, as_dtype(array.dtype))
        self._trainable = True if trainable is None else bool(trainable)
        self._name = name or "Variable"
        self.constraint = constraint
        #: Whether a step of an optimizer sets the variable to its gradient.
        self.overwrite_with_gradient = False

    @property
    def name(self) -> str:
        """The name, with TensorFlow's ``":0"``."""
        return f"{self._name}:0"

    @property
    def label(self) -> str:
        """What messages call the variable."""
        return self.name

    @property
    def path(self) -> str:
        """The name without ``":0"``, as Keras 3 has it: ``"dense/kernel"``."""
        return self._name

    @property
    def spec(self) -> Spec:
        """Shape and dtype."""
        return self._spec

    @property
    def shape(self) -> TensorShape:
        """The lengths of the axes."""
        return TensorShape(self._spec.shape)

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._spec.shape)

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self._spec.dtype

    @property
    def trainable(self) -> bool:
        """Whether a `GradientTape` watches the variable automatically."""
        return self._trainable

    @property
    def device(self) -> str:
        """The device of the variable, in TensorFlow's notation."""
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def get_shape(self) -> TensorShape:
        """The lengths of the axes."""
        return self.shape

    def read_variable(self, reader: Interpreter) -> Any:
        """The value as a tensor of an interpreter; called by operations."""
        tensor = reader.variable_value(self)
        if active_tapes.recording():
            active_tapes.variable_read(reader, self, tensor)
        return tensor

    def read_value(self) -> Tensor:
        """The value as a tensor, which later assignments do not change."""
        return self.read_variable(interpreter())

    @property
    def value(self) -> ValueOfVariable:
        """The value as a tensor: ``v.value()`` as in TensorFlow, or ``v.value`` as in Keras 3.

        >>> import tensorlet as tf
        >>> v = tf.Variable([1.0, 2.0])
        >>> v.value().numpy(), v.value.numpy()
        (array([1., 2.], dtype=float32), array([1., 2.], dtype=float32))
        """
        found: Any = self.read_value()
        made = EagerValue if isinstance(found, EagerTensor) else SymbolicValue
        value: Any = made(found, self)
        if active_tapes.recording():
            active_tapes.variable_read(interpreter(), self, value)
        return value

    def numpy(self) -> Any:
        """A copy of the value."""
        return self._array.copy() if self._array.ndim else self._array[()]

    def assign(
        self, value: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Sets the value, which must have exactly the shape of the variable; scalars are not broadcast.

        Returns:
            The variable itself.

        Raises:
            ShapeError, DTypeError: if the value does not fit.
        """
        tensor = self._fitting(value, "assign")
        interpreter().assign_variable(self, tensor)
        return self

    def assign_add(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Adds to the value; see `assign`."""
        return self._change(delta, "assign_add", "add")

    def assign_sub(
        self, delta: TensorLike, use_locking: bool = False, name: str | None = None, read_value: bool = True
    ) -> Variable:
        """Subtracts from the value; see `assign`."""
        return self._change(delta, "assign_sub", "subtract")

    def scatter_nd_update(
        self, indices: TensorLike, updates: TensorLike, name: str | None = None
    ) -> Variable:
        """Sets elements (or slices) at the given indices; see `tf.tensor_scatter_nd_update`.

        >>> import tensorlet as tf
        >>> tf.Variable([1.0, 2.0, 3.0]).scatter_nd_update([[0], [2]], [7.0, 8.0]).numpy()
        array([7., 2., 8.], dtype=float32)
        """
        return self.assign(ops.tensor_scatter_nd_update(self, indices, updates))

    def scatter_nd_add(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Adds to elements (or slices) at the given indices; see `tf.tensor_scatter_nd_add`."""
        return self.assign(ops.tensor_scatter_nd_add(self, indices, updates))

    def scatter_nd_sub(self, indices: TensorLike, updates: TensorLike, name: str | None = None) -> Variable:
        """Subtracts from elements (or slices) at the given indices; see `tf.tensor_scatter_nd_sub`."""
        return self.assign(ops.tensor_scatter_nd_sub(self, indices, updates))

    def scatter_update(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Variable:
        """Sets some rows; if a row is repeated, its last value counts.

        Args:
            sparse_delta: the rows, and their numbers.
            use_locking, name: ignored.

        >>> import tensorlet as tf
        >>> v = tf.Variable([1.0, 2.0, 3.0])
        >>> v.scatter_update(tf.IndexedSlices([7.0, 8.0], [0, 2])).numpy()
        array([7., 2., 8.], dtype=float32)
        """
        return self.scatter_nd_update(_rows_of(sparse_delta), sparse_delta.values)

    def scatter_add(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Variable:
        """Adds to some rows; see `scatter_update`. Values of a repeated row are added up."""
        return self.scatter_nd_add(_rows_of(sparse_delta), sparse_delta.values)

    def scatter_sub(
        self, sparse_delta: IndexedSlices, use_locking: bool = False, name: str | None = None
    ) -> Variable:
        """Subtracts from some rows; see `scatter_update`. Values of a repeated row are added up."""
        return self.scatter_nd_sub(_rows_of(sparse_delta), sparse_delta.values)

    def __getitem__(self, key: object) -> Any:
        part = super().__getitem__(key)
        part._part_of = (self, key)  # for v[key].assign(...)
        return part

    def change_part(self, key: object, value: TensorLike, what: str = "assign") -> Variable:
        """Assigns to a slice of the variable, as ``v[key].assign(value)`` does.

        Args:
            key: integers, slices, ``...`` and ``tf.newaxis``; in traced functions, integers may be tensors.
            value: must have the shape of ``v[key]`` or broadcast to it.
            what: ``"assign"``, ``"assign_add"`` or ``"assign_sub"``.

        >>> import tensorlet as tf
        >>> v = tf.Variable([[1.0, 2.0], [3.0, 4.0]])
        >>> v[:, 1].assign([7.0, 8.0]).numpy()
        array([[1., 7.],
               [3., 8.]], dtype=float32)
        """
        size = self._spec.size
        places = _places(self._spec.shape, key)
        new = ops.broadcast_to(convert(value, self.dtype), places.shape)
        if what != "assign":
            old = self[key]
            new = ops.add(old, new) if what == "assign_add" else ops.subtract(old, new)
        row = ops.tensor_scatter_nd_update(
            ops.reshape(self, [size]), ops.reshape(places, [-1, 1]), ops.reshape(new, [-1])
        )
        return self.assign(ops.reshape(row, self._spec.shape))

    def _change(self, delta: TensorLike, what: str, operation: str) -> Variable:
        tensor = self._fitting(delta, what)
        current = interpreter().variable_value(self)
        with active_tapes.paused():
            changed = getattr(ops, operation)(current, tensor)
        interpreter().assign_variable(self, changed)
        return self

    def _fitting(self, value: TensorLike, what: str) -> Any:
        tensor = convert(value) if isinstance(value, Operators) else convert(value, self.dtype)
        if tensor.dtype is not self.dtype:
            raise DTypeError(
                f"Variable '{self.label}' is {self.dtype.name}, but {what} got {tensor.dtype.name}. "
                f"Write tf.cast(value, tf.{self.dtype.name})."
            )
        if tensor.spec.shape != self._spec.shape:
            raise ShapeError(
                f"Variable '{self.label}' has shape {self.shape}, but {what} got shape {tensor.shape}. "
                "A variable keeps its shape: reshape or broadcast the value (tf.reshape, tf.broadcast_to)."
            )
        return tensor

    if not TYPE_CHECKING:  # or every attribute would exist for type checkers

        def __getattr__(self, name: str) -> Any:
            # Python calls this only for missing attributes.
            raise AttributeError(missing("variable", name), name=name, obj=self)

    def __len__(self) -> int:
        return len(self.read_value())

    def __iter__(self) -> Any:
        return iter(self.read_value())

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        return np.array(self._array, dtype=dtype)

    def __bool__(self) -> bool:
        return bool(self.read_value())

    def __int__(self) -> int:
        return int(self.read_value())

    def __float__(self) -> float:
        return float(self.read_value())

    def __index__(self) -> int:
        return int(self.read_value().__index__())

    def __format__(self, spec: str) -> str:
        return format(str(self), spec) if not spec else self._array.__format__(spec)

    def __repr__(self) -> str:
        return (
            f"<tf.Variable '{self.name}' shape={self.shape} dtype={self.dtype.name}, "
            f"numpy={array_text(self._array)}>"
        )

    def __setstate__(self, state: tuple[None, dict[str, Any]]) -> None:
        """Unpickles the variable. joblib may have replaced the array by a memory-mapped file."""
        self.overwrite_with_gradient = False
        for name, value in state[1].items():
            setattr(self, name, value)
        self._array = np.asarray(self._array)

    def __deepcopy__(self, memo: dict[int, object]) -> Variable:
        copy = Variable.__new__(type(self))
        Variable.__init__(
            copy,
            EagerTensor(self._array.copy()),
            trainable=self._trainable,
            name=self._name,
            constraint=self.constraint,
        )
        return copy


def _places(shape: tuple[int, ...], key: object) -> Any:
    """The numbers of the elements that a key selects, in the order of memory; a tensor if they are not known yet."""
    numbers = np.arange(math.prod(shape)).reshape(shape)
    try:
        return numbers[_as_numpy_key(key)]
    except TracingError:
        return convert(numbers)[key]  # tensors take any key


def _as_numpy_key(key: object) -> Any:
    """Converts a key of tensors and numbers to a NumPy key."""
    if isinstance(key, tuple):
        return tuple(_as_numpy_key(part) for part in key)
    return np.asarray(key) if isinstance(key, Operators) else key


def aligned_copy(array: np.ndarray, alignment: int = 64) -> np.ndarray:
    """A C-contiguous copy that starts at a cache line boundary (except text, which compiled programs do not read)."""
    if array.dtype.kind == "O":
        return array.copy()
    buffer = np.empty(array.nbytes + alignment, np.uint8)
    start = -buffer.ctypes.data % alignment if array.nbytes else 0
    copy = buffer[start : start + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy
