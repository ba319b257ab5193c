"""`tf.TensorArray`: tensors that a loop writes one by one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet import ops
from tensorlet.core.nest import Composite
from tensorlet.core.shape import TensorShape
from tensorlet.core.tensor import Operators, SymbolicTensor, Tensor
from tensorlet.core.tracing import current_trace
from tensorlet.core.user_code import set_loop_options
from tensorlet.dtypes import DType, as_dtype, int32
from tensorlet.errors import DTypeError, InvalidArgumentError, OutOfRangeError, ShapeError
from tensorlet.graph.ir import CONSTANT
from tensorlet.ops.arguments import static_integer
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from tensorlet.type_aliases import DTypeLike, TensorLike


class TensorArray(Composite):
    """A list of tensors of one dtype, for loops on tensors, where a Python list cannot grow.

    ``write`` returns the array with the tensor in it: write ``array = array.write(i, x)``. In a loop whose rounds are
    known only when the function runs, all tensors have one shape, and the size is fixed.

    Args:
        dtype: of the tensors.
        size: how many there are.
        dynamic_size: whether writing behind the end makes the array longer. In a traced function, the places must then
            be known while it is traced.
        clear_after_read, tensor_array_name, handle, flow, infer_shape, colocate_with_first_write_call, name: accepted
            without effect.
        element_shape: of each tensor; by default that of the first one written.

    >>> import tensorlet as tf
    >>> @tf.function
    ... def discounted(rewards):
    ...     returns, total = tf.TensorArray(tf.float32, size=len(rewards)), 0.0
    ...     for i in tf.range(len(rewards) - 1, -1, -1):
    ...         total = rewards[i] + 0.5 * total
    ...         returns = returns.write(i, total)
    ...     return returns.stack()
    >>> discounted(tf.constant([1.0, 2.0, 4.0])).numpy()
    array([3., 4., 4.], dtype=float32)
    """

    __slots__ = ("_items", "_stacked", "dtype", "dynamic_size", "element_shape")

    def __init__(
        self,
        dtype: DTypeLike | None,
        size: Any = None,
        dynamic_size: bool | None = None,
        clear_after_read: bool | None = None,
        tensor_array_name: str | None = None,
        handle: object = None,
        flow: object = None,
        infer_shape: bool = True,
        element_shape: Any = None,
        colocate_with_first_write_call: bool = True,
        name: str | None = None,
    ) -> None:
        self.dtype: DType = as_dtype(dtype)
        self.dynamic_size = bool(dynamic_size)
        self.element_shape = TensorShape(element_shape)
        # Either one tensor for each place, or None; or all of them stacked, once a place is a tensor.
        self._items: list[Tensor | None] = [None] * (
            0 if size is None else static_integer("tf.TensorArray", "size", size)
        )
        self._stacked: Tensor | None = None

    def _copy(self) -> TensorArray:
        """The array to write into: outside of traced functions this one, as in TensorFlow."""
        if current_trace() is None:
            return self
        found = TensorArray(self.dtype, 0, self.dynamic_size, element_shape=self.element_shape)
        found._items, found._stacked = list(self._items), self._stacked
        return found

    def leaves(self) -> list[Any]:
        """All tensors, stacked; nothing before their shape is known."""
        shape = self._shape()
        return [] if shape is None else [self._as_stacked(shape)]

    def with_leaves(self, leaves: list[Any]) -> TensorArray:
        """The array with these tensors."""
        if not leaves:
            return self
        found = TensorArray(self.dtype, 0, self.dynamic_size, element_shape=tuple(np.shape(leaves[0]))[1:])
        found._items, found._stacked = [None] * int(np.shape(leaves[0])[0]), leaves[0]
        return found

    def _shape(self) -> tuple[int, ...] | None:
        """The shape of each tensor, if it is known."""
        if self._stacked is not None:
            return tuple(self._stacked.shape[1:])
        if self.element_shape.rank is not None and self.element_shape.is_fully_defined():
            return tuple(self.element_shape)
        return next((tuple(item.shape) for item in self._items if item is not None), None)

    def _as_stacked(self, shape: Sequence[int]) -> Tensor:
        if self._stacked is not None:
            return convert(self._stacked)
        if not self._items:
            return convert(np.zeros((0, *shape), self.dtype.numpy))
        zeros = np.zeros(tuple(shape), self.dtype.numpy)
        return ops.stack([zeros if item is None else item for item in self._items])

    def _value(self, value: TensorLike) -> Tensor:
        tensor = convert(value) if isinstance(value, Operators) else convert(value, self.dtype)
        if tensor.dtype is not self.dtype:
            raise DTypeError(
                f"tf.TensorArray of {self.dtype.name}: cannot write a {tensor.dtype.name} tensor. Write "
                f"tf.cast(value, tf.{self.dtype.name})."
            )
        if not self.element_shape.is_compatible_with(tensor.shape):
            raise ShapeError(
                f"tf.TensorArray: the tensor has the shape {tuple(tensor.shape)}, but element_shape is "
                f"{tuple(self.element_shape)}."
            )
        return tensor

    def _place(self, index: TensorLike) -> int | Tensor:
        """A place as a number where it is known, else as a tensor."""
        if isinstance(index, int | np.integer):
            return int(index)
        tensor = convert(index)
        if isinstance(tensor, SymbolicTensor) and tensor.node.kind != CONSTANT:
            return tensor
        return int(tensor)

    def write(self, index: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """The array with a tensor at an index.

        Raises:
            OutOfRangeError: for a place behind the end, unless ``dynamic_size`` is True.
            DTypeError, ShapeError: if the tensor does not fit.
        """
        place, tensor = self._place(index), self._value(value)
        found = self._copy()
        if not isinstance(place, int):
            if self.dynamic_size:
                set_loop_options(True, None)  # a loop that is being traced as a whole is written out instead
                raise InvalidArgumentError(
                    "tf.TensorArray(dynamic_size=True): the place to write to is known only when the function runs, "
                    "and shapes are fixed while it is traced. Give the array its full size instead."
                )
            whole = self._as_stacked(tuple(tensor.shape))
            self._check_shape(tensor)
            places = ops.reshape(ops.cast(place, int32), [1, 1])
            found._stacked = ops.tensor_scatter_nd_update(whole, places, ops.expand_dims(tensor, 0))
            return found
        count = self.count
        if place < 0 or (place >= count and not self.dynamic_size):
            raise OutOfRangeError(
                f"tf.TensorArray: tried to write to index {place}, but the array has the size {count}"
                f"{'' if place < 0 else ' and is not resizeable; see dynamic_size'}."
            )
        if found._stacked is not None:
            self._check_shape(tensor)
            if place >= count:
                more = np.zeros((place + 1 - count, *tensor.shape), self.dtype.numpy)
                found._stacked, found._items = ops.concat([found._stacked, more], 0), [None] * (place + 1)
            found._stacked = ops.tensor_scatter_nd_update(
                found._stacked, [[place]], ops.expand_dims(tensor, 0)
            )
            return found
        found._items += [None] * (place + 1 - count)
        found._items[place] = tensor
        return found

    def _check_shape(self, tensor: Tensor) -> None:
        shape = self._shape()
        if shape is not None and shape != tuple(tensor.shape):
            raise ShapeError(
                f"tf.TensorArray: the tensor has the shape {tuple(tensor.shape)}, but the others have {shape}. Tensors "
                "of different shapes can be written only to places that are known while the function is traced."
            )

    def read(self, index: TensorLike, name: str | None = None) -> Tensor:
        """The tensor at a place; zeros where nothing has been written."""
        place = self._place(index)
        shape = self._shape()
        if isinstance(place, int):
            if not 0 <= place < self.count:
                raise OutOfRangeError(
                    f"tf.TensorArray: tried to read from index {place}, but the array has the size {self.count}."
                )
            if self._stacked is None and self._items[place] is not None:
                return self._items[place]  # type: ignore[return-value]
        if shape is None:
            raise InvalidArgumentError(
                f"tf.TensorArray: nothing has been written to index {place}, and the shape of the tensors is not "
                "known. Write first, or give element_shape."
            )
        whole = self._as_stacked(shape)
        return whole[place] if isinstance(place, int) else ops.gather(whole, place)

    @property
    def count(self) -> int:
        """The number of elements."""
        return len(self._items)

    def size(self, name: str | None = None) -> Tensor:
        """The number of elements, as a tensor."""
        return convert(np.asarray(self.count, np.int32))

    def stack(self, name: str | None = None) -> Tensor:
        """Stacks all tensors along a new first axis; elements that were not written are zeros."""
        shape = self._shape()
        if shape is None:
            raise InvalidArgumentError(
                "tf.TensorArray.stack: nothing has been written, so the shape of the tensors is not known. Write "
                "first, or give element_shape."
            )
        return self._as_stacked(shape)

    def concat(self, name: str | None = None) -> Tensor:
        """Concatenates all tensors along their first axis."""
        if self._stacked is None and self._items:
            return ops.concat([item for item in self._items if item is not None], 0)
        whole = self.stack()
        return ops.reshape(whole, (-1, *whole.spec.shape[2:]))

    def gather(self, indices: TensorLike, name: str | None = None) -> Tensor:
        """The tensors at some places, stacked."""
        return ops.gather(self.stack(), indices)

    def unstack(self, value: TensorLike, name: str | None = None) -> TensorArray:
        """The array with the rows of a tensor."""
        tensor = self._rows(value)
        found = self._copy()
        found._items, found._stacked = [None] * int(tensor.shape[0]), tensor
        return found

    def scatter(self, indices: TensorLike, value: TensorLike, name: str | None = None) -> TensorArray:
        """The array with the rows of a tensor at the given indices."""
        found, rows = self, self._rows(value)
        for number, place in enumerate(np.asarray(indices).reshape(-1)):
            found = found.write(int(place), rows[number])
        return found

    def split(self, value: TensorLike, lengths: TensorLike, name: str | None = None) -> TensorArray:
        """The array with the parts of a tensor, of the given lengths along its first axis."""
        found, rows, start = self, self._rows(value), 0
        for number, length in enumerate(np.asarray(lengths).reshape(-1)):
            found = found.write(number, rows[start : start + int(length)])
            start += int(length)
        return found

    def _rows(self, value: TensorLike) -> Tensor:
        tensor = convert(value) if isinstance(value, Operators) else convert(value, self.dtype)
        if tensor.dtype is not self.dtype or not tensor.shape:
            raise DTypeError(
                f"tf.TensorArray of {self.dtype.name}: expected a {self.dtype.name} tensor with rows, but got "
                f"{tensor}."
            )
        return tensor

    def identity(self) -> TensorArray:
        """The same array."""
        return self

    def close(self, name: str | None = None) -> None:
        """Does nothing: memory is freed with the array."""

    def __repr__(self) -> str:
        return f"<tf.TensorArray of {self.count} {self.dtype.name} tensors>"
