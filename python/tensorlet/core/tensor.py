"""Tensors: eager tensors hold an array; symbolic tensors stand for a node of a graph."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.attributes import missing
from tensorlet.core.operator_methods import binary, comparison, of_bits
from tensorlet.core.references import Reference
from tensorlet.core.shape import TensorShape
from tensorlet.dtypes import BY_NUMPY, DType, as_dtype
from tensorlet.errors import InvalidArgumentError, NeedsConversion, NeedsValues, TracingError
from tensorlet.graph.ir import CONSTANT, Node
from tensorlet.ops import bitwise as bits
from tensorlet.ops.conversion import HasDType
from tensorlet.ops.gradient_rows import part_of_rows
from tensorlet.ops.registry import Spec

if TYPE_CHECKING:
    import numpy.typing as npt
    from typing_extensions import Self

    from tensorlet.core.tracing import Trace
    from tensorlet.type_aliases import ShapeLike, TensorLike


class Operators(HasDType):
    """Python's operators, for tensors and variables; each applies the operation of the same name."""

    __slots__ = ()

    #: NumPy passes ``array * tensor`` on to the tensor.
    __array_priority__ = 100

    if TYPE_CHECKING:  # what a type checker cannot see in the assignments below

        @property
        def shape(self) -> TensorShape: ...
        def __add__(self, other: TensorLike) -> Tensor: ...
        def __radd__(self, other: TensorLike) -> Tensor: ...
        def __sub__(self, other: TensorLike) -> Tensor: ...
        def __rsub__(self, other: TensorLike) -> Tensor: ...
        def __mul__(self, other: TensorLike) -> Tensor: ...
        def __rmul__(self, other: TensorLike) -> Tensor: ...
        def __truediv__(self, other: TensorLike) -> Tensor: ...
        def __rtruediv__(self, other: TensorLike) -> Tensor: ...
        def __floordiv__(self, other: TensorLike) -> Tensor: ...
        def __rfloordiv__(self, other: TensorLike) -> Tensor: ...
        def __mod__(self, other: TensorLike) -> Tensor: ...
        def __rmod__(self, other: TensorLike) -> Tensor: ...
        def __pow__(self, other: TensorLike) -> Tensor: ...
        def __rpow__(self, other: TensorLike) -> Tensor: ...
        def __matmul__(self, other: TensorLike) -> Tensor: ...
        def __rmatmul__(self, other: TensorLike) -> Tensor: ...
        def __and__(self, other: TensorLike) -> Tensor: ...
        def __rand__(self, other: TensorLike) -> Tensor: ...
        def __or__(self, other: TensorLike) -> Tensor: ...
        def __ror__(self, other: TensorLike) -> Tensor: ...
        def __xor__(self, other: TensorLike) -> Tensor: ...
        def __rxor__(self, other: TensorLike) -> Tensor: ...
        def __lt__(self, other: TensorLike) -> Tensor: ...
        def __le__(self, other: TensorLike) -> Tensor: ...
        def __gt__(self, other: TensorLike) -> Tensor: ...
        def __ge__(self, other: TensorLike) -> Tensor: ...
    else:
        __add__, __radd__ = binary("add")
        __sub__, __rsub__ = binary("subtract")
        __mul__, __rmul__ = binary("multiply")
        __truediv__, __rtruediv__ = binary("divide")
        __floordiv__, __rfloordiv__ = binary("floordiv")
        __mod__, __rmod__ = binary("floormod")
        __pow__, __rpow__ = binary("pow")
        __matmul__, __rmatmul__ = binary("matmul")
        __and__, __rand__ = of_bits("logical_and", "bitwise_and")
        __or__, __ror__ = of_bits("logical_or", "bitwise_or")
        __xor__, __rxor__ = of_bits("logical_xor", "bitwise_xor")
        __lt__ = comparison("less")
        __le__ = comparison("less_equal")
        __gt__ = comparison("greater")
        __ge__ = comparison("greater_equal")

    def __eq__(self, other: object) -> Any:
        return False if other is None else ops.equal(self, other)

    def __ne__(self, other: object) -> Any:
        return True if other is None else ops.not_equal(self, other)

    __hash__ = None  # type: ignore[assignment]

    def __neg__(self) -> Tensor:
        return ops.negative(self)

    def __pos__(self) -> Self:
        return self

    def __abs__(self) -> Tensor:
        return ops.abs(self)

    def __invert__(self) -> Tensor:
        return bits.invert(self) if self.dtype.is_integer else ops.logical_not(self)

    def __getitem__(self, key: object) -> Tensor:
        return ops.getitem(self, key)

    def ref(self) -> Reference:
        """A hashable reference to this object, for sets and dictionary keys."""
        return Reference(self)


class Tensor(Operators):
    """An immutable array of elements of one dtype.

    The result of every operation, and of `tf.constant`.

    >>> import tensorlet as tf
    >>> x = tf.constant([[1.0, 2.0], [3.0, 4.0]])
    >>> x.shape, x.dtype
    (TensorShape([2, 2]), tf.float32)
    >>> (x @ x).numpy()
    array([[ 7., 10.],
           [15., 22.]], dtype=float32)
    """

    __slots__ = ("__weakref__", "_keras_logits", "_keras_mask", "_part_of", "_rows")

    if TYPE_CHECKING:  # defined differently by eager and symbolic tensors

        def numpy(self) -> Any: ...
        def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray: ...
        def __bool__(self) -> bool: ...
        def __int__(self) -> int: ...
        def __float__(self) -> float: ...
        def __index__(self) -> int: ...

    spec: Spec
    #: The logits from which a sigmoid or softmax of Keras computed the tensor.
    _keras_logits: Any
    #: The mask of the steps that are not padding, where a layer has set it.
    _keras_mask: Any
    #: For ``v[key]``: the variable and the key, which ``v[key].assign`` uses.
    _part_of: Any
    #: For a gradient of `gather`: the indices and the rows that were added at them.
    _rows: Any

    @property
    def shape(self) -> TensorShape:
        """The lengths of the axes."""
        return TensorShape(self.spec.shape)

    @property
    def dtype(self) -> DType:
        """The element type."""
        return self.spec.dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.spec.shape)

    @property
    def device(self) -> str:
        """The device of the tensor, in TensorFlow's notation."""
        return "/job:localhost/replica:0/task:0/device:CPU:0"

    def get_shape(self) -> TensorShape:
        """The lengths of the axes."""
        return self.shape

    def set_shape(self, shape: ShapeLike | None) -> None:
        """Checks the shape; all shapes are known in Tensorlet."""
        self.shape.assert_is_compatible_with(shape)

    if not TYPE_CHECKING:  # or every attribute would exist for type checkers

        def __getattr__(self, name: str) -> Any:
            # Python calls this only for missing attributes.
            if name.startswith("_"):
                raise AttributeError(
                    f"'{type(self).__name__}' object has no attribute '{name}'", name=name, obj=self
                )
            part = getattr(self, "_part_of", None)
            if name in ("assign", "assign_add", "assign_sub") and part is not None:
                variable, key = part
                return lambda value, **ignored: variable.change_part(key, value, name)
            if name in ("values", "indices", "dense_shape"):  # of a gradient that TensorFlow gives by rows
                found = part_of_rows(self, name)
                if found is not None:
                    return found
            raise AttributeError(missing("tensor", name), name=name, obj=self)

    def __len__(self) -> int:
        if not self.spec.shape:
            raise TypeError("A scalar tensor has no length. Use tf.size(x) to count its elements.")
        return self.spec.shape[0]

    def __iter__(self) -> Iterator[Tensor]:
        if not self.spec.shape:
            raise TypeError("A scalar tensor cannot be iterated over. Use x.numpy() or float(x).")
        return (self[index] for index in range(self.spec.shape[0]))


class EagerTensor(Tensor):
    """A tensor with values."""

    __slots__ = ("_array", "_spec")

    def __init__(self, array: np.ndarray, spec: Spec | None = None) -> None:
        self._array = array
        self._spec = spec

    @property
    def spec(self) -> Spec:  # type: ignore[override]
        """Shape and dtype."""
        if self._spec is None:
            dtype = self._array.dtype
            self._spec = Spec(self._array.shape, BY_NUMPY.get(dtype) or as_dtype(dtype))
        return self._spec

    @property
    def dtype(self) -> DType:
        """The element type."""
        return (self._spec or self.spec).dtype

    def numpy(self) -> Any:
        """A copy of the values: a NumPy array, or a NumPy scalar for a scalar tensor."""
        return self._array.copy() if self._array.ndim else self._array[()]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        if dtype is not None and self._array.dtype != dtype:
            return self._array.astype(dtype)
        return self._array if copy is False else self._array.copy()

    def __bool__(self) -> bool:
        if self._array.size > 1:
            raise InvalidArgumentError(
                "The truth value of an array with more than one element is ambiguous: this tensor has shape "
                f"{self.shape}. Use tf.reduce_any(x) or tf.reduce_all(x), or tf.where to choose for each element."
            )
        return bool(self._array)

    def __int__(self) -> int:
        return int(self._array.item())

    def __float__(self) -> float:
        return float(self._array.item())

    def __complex__(self) -> complex:
        return complex(self._array)

    def __index__(self) -> int:
        return self._array.__index__()

    def __round__(self, digits: int | None = None) -> Any:
        number: Any = self._array[()]
        return round(number, digits) if digits is not None else round(float(number))

    def __format__(self, spec: str) -> str:
        return self._array.__format__(spec)

    def __str__(self) -> str:
        text = str(self._array)
        if "\n" in text:
            text = f"\n{text}"
        return f"tf.Tensor({text}, shape={self._array.shape}, dtype={self.dtype.name})"

    def __repr__(self) -> str:
        return f"<tf.Tensor: shape={self._array.shape}, dtype={self.dtype.name}, numpy={array_text(self._array)}>"

    def _repr_html_(self) -> str | None:
        """Pictures, for notebooks, if the tensor looks like pictures; None otherwise, for the text."""
        if self._array.ndim not in (3, 4):
            return None
        from tensorlet.formats.html import pictures_html

        return pictures_html(self._array, f"tf.Tensor: shape={self._array.shape}, dtype={self.dtype.name}")

    def __copy__(self) -> EagerTensor:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> EagerTensor:
        return self

    def __reduce__(self) -> Any:
        return EagerTensor, (self._array,)


def array_text(array: np.ndarray) -> str:
    """An array as shown in the printed forms of tensors and variables."""
    if array.ndim == 0:
        return repr(array.item())
    text = repr(array)
    return f"\n{text}" if "\n" in text else text


class SymbolicTensor(Tensor):
    """A tensor inside a function that is being traced: its shape is known, its values are not."""

    __slots__ = ("node", "trace")

    def __init__(self, node: Node, trace: Trace) -> None:
        self.node = node
        self.trace = trace

    @property
    def spec(self) -> Spec:  # type: ignore[override]
        """Shape and dtype."""
        return self.node.spec

    @property
    def name(self) -> str:
        """The name in the graph."""
        return f"{self.node.name}:0"

    def _known(self, what: str, fix: str, as_argument: bool = True) -> np.ndarray:
        """The value, if it is constant.

        Args:
            what: what asks for it.
            fix: what to write instead.
            as_argument: whether it is enough that the value depends on arguments: it can be built in then.
        """
        if self.node.kind == CONSTANT:
            return self.node.value
        text = (
            f"{what} needs the value of {self!r}, but a tensor inside a tf.function has no value yet: the "
            f"function is being traced, and runs later. {fix}"
        )
        positions = self.trace.arguments_behind(self.node) if as_argument else None
        raise TracingError(text) if positions is None else NeedsValues(text, positions)

    def numpy(self) -> Any:
        """Raises `TracingError`, since there is no value yet."""
        self._known(
            ".numpy()",
            "Return the tensor from the function and call .numpy() on the result, or remove @tf.function.",
            as_argument=False,
        )
        return self.node.value.copy() if self.node.value.ndim else self.node.value[()]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> np.ndarray:
        array = self._known("Turning it into a NumPy array", "Use tf.* operations instead of np.* functions.")
        return np.array(array, dtype=dtype)

    def _ask_for_conversion(self, what: str, insists: bool = False) -> None:
        """In a trace of functions that are not converted, `tensorlet.core.autograph` has to take over."""
        if self.node.kind != CONSTANT and self.trace.may_convert(insists):
            raise NeedsConversion(
                f"{what} needs the value of {self!r}, which is known only when the traced function runs, and the "
                "function's control flow has not been converted."
            )

    def __bool__(self) -> bool:
        if self.node.kind == CONSTANT:
            return bool(self.node.value)
        what = "`if`, `while`, `and`, `or` or `not`"
        self._ask_for_conversion(what, insists=True)
        fix = (
            f"{self.trace.why_unconverted()}Choose between values with tf.where(condition, a, b), between computations "
            "with tf.cond(condition, lambda: a, lambda: b), and loop with tf.while_loop(condition, body, values); "
            "for &, | and ~ use tf.logical_and, tf.logical_or and tf.logical_not."
        )
        return bool(self._known(what, fix, as_argument=False))

    def __int__(self) -> int:
        self._ask_for_conversion("int()")
        return int(self._known("int()", "Use tf.cast(x, tf.int32)."))

    def __float__(self) -> float:
        self._ask_for_conversion("float()")
        return float(self._known("float()", "Use tf.cast(x, tf.float32)."))

    def __index__(self) -> int:
        self._ask_for_conversion("Using it as an index, a size or in range()")
        fix = "Pass it to the function as a Python number, or loop with tf.while_loop."
        return self._known("Using it as an index, a size or in range()", fix).__index__()

    def __repr__(self) -> str:
        return f"<tf.Tensor '{self.name}' shape={self.spec.shape} dtype={self.dtype.name}>"

    def __str__(self) -> str:
        return f'Tensor("{self.name}", shape={self.spec.shape}, dtype={self.dtype.name})'

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)
