"""``tf.test``: a test case with assertions for tensors."""

from __future__ import annotations

import tempfile
import unittest
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from tensorlet.core.nest import map_structure
from tensorlet.core.random_state import set_seed
from tensorlet.core.tape import GradientTape
from tensorlet.core.tensor import Operators
from tensorlet.dtypes import DType
from tensorlet.ops.registry import convert

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import SupportsFloat

    from tensorlet.type_aliases import DTypeLike, FloatLike, TensorLike


def _array(value: TensorLike) -> np.ndarray:
    return np.asarray(convert(value)) if isinstance(value, Operators) else np.asarray(value)


class TestCase(unittest.TestCase):
    """Python's test case, with assertions for tensors, arrays and nested structures of these.

    >>> import tensorlet as tf
    >>> tf.test.TestCase().assertAllClose(tf.constant([1.0, 2.0]), [1.0, 2.0000001])
    """

    __test__ = False  # pytest only collects the subclasses in programs

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        cls.__test__ = True

    def __init__(self, methodName: str = "runTest") -> None:
        super().__init__(methodName)

    def runTest(self) -> None:
        """Does nothing, so that the assertions can be used without a test."""

    def setUp(self) -> None:
        """Sets the seed, so that each test draws the same numbers in any order of tests."""
        super().setUp()
        set_seed(87654321)
        np.random.seed(87654321)  # noqa: NPY002 - programs use NumPy's global generator

    def get_temp_dir(self) -> str:
        """Returns a folder for the files of the test."""
        if not hasattr(self, "_temporary_folder"):
            self._temporary_folder = tempfile.mkdtemp()
        return self._temporary_folder

    def evaluate(self, tensors: object) -> Any:
        """Returns the values as NumPy arrays."""
        return map_structure(lambda one: _array(one)[()] if isinstance(one, Operators) else one, tensors)

    @contextmanager
    def session(self, *args: Any, **kwargs: Any) -> Iterator[TestCase]:
        """Context manager without effect, because operations run eagerly."""
        yield self

    cached_session = session

    def assertAllEqual(self, a: TensorLike, b: TensorLike, msg: str | None = None) -> None:
        """Checks that shapes and values are equal."""
        np.testing.assert_array_equal(_array(a), _array(b), msg or "")

    def assertAllClose(
        self, a: Any, b: Any, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Checks that structures and shapes are equal, and values nearly equal."""
        if isinstance(a, dict):
            self.assertEqual(sorted(a), sorted(b), msg)
            pairs = [(a[key], b[key]) for key in a]
        elif isinstance(a, list | tuple) and any(isinstance(one, dict | tuple | Operators) for one in a):
            self.assertEqual(len(a), len(b), msg)
            pairs = list(zip(a, b, strict=True))
        else:
            self.assertEqual(_array(a).shape, _array(b).shape, msg)
            np.testing.assert_allclose(_array(a), _array(b), rtol, atol, err_msg=msg or "")
            return
        for one, other in pairs:
            self.assertAllClose(one, other, rtol, atol, msg)

    def assertNotAllClose(
        self, a: TensorLike, b: TensorLike, rtol: float = 1e-6, atol: float = 1e-6, msg: str | None = None
    ) -> None:
        """Checks that at least one value differs by more than the tolerance."""
        self.assertFalse(np.allclose(_array(a), _array(b), rtol, atol), msg or "The values are all close.")

    def assertNotAllEqual(self, a: TensorLike, b: TensorLike, msg: str | None = None) -> None:
        """Checks that at least one value differs."""
        self.assertFalse(np.array_equal(_array(a), _array(b)), msg or "The values are all equal.")

    def assertNear(self, f1: SupportsFloat, f2: SupportsFloat, err: float, msg: str | None = None) -> None:
        """Checks that two numbers differ by at most ``err``."""
        self.assertLessEqual(abs(float(f1) - float(f2)), err, msg)

    def assertArrayNear(
        self, farray1: TensorLike, farray2: TensorLike, err: float, msg: str | None = None
    ) -> None:
        """Checks that the elements differ by at most ``err``."""
        np.testing.assert_allclose(_array(farray1), _array(farray2), 0, err, err_msg=msg or "")

    def assertShapeEqual(self, input_a: TensorLike, input_b: TensorLike, msg: str | None = None) -> None:
        """Checks that shapes are equal."""
        self.assertEqual(_array(input_a).shape, _array(input_b).shape, msg)

    def assertDTypeEqual(self, target: TensorLike, expected_dtype: DTypeLike) -> None:
        """Checks the dtype of the values."""
        self.assertEqual(
            _array(target).dtype,
            np.dtype(expected_dtype.numpy if isinstance(expected_dtype, DType) else expected_dtype),
        )

    def assertAllGreater(self, a: TensorLike, comparison_target: FloatLike) -> None:
        """Checks that every value is greater than a number."""
        self.assertTrue((_array(a) > comparison_target).all(), f"The smallest value is {_array(a).min()}.")

    def assertAllGreaterEqual(self, a: TensorLike, comparison_target: FloatLike) -> None:
        """Checks that every value is at least a number."""
        self.assertTrue((_array(a) >= comparison_target).all(), f"The smallest value is {_array(a).min()}.")

    def assertAllLess(self, a: TensorLike, comparison_target: FloatLike) -> None:
        """Checks that every value is less than a number."""
        self.assertTrue((_array(a) < comparison_target).all(), f"The largest value is {_array(a).max()}.")

    def assertAllLessEqual(self, a: TensorLike, comparison_target: FloatLike) -> None:
        """Checks that every value is at most a number."""
        self.assertTrue((_array(a) <= comparison_target).all(), f"The largest value is {_array(a).max()}.")

    def assertAllInRange(
        self, target: TensorLike, lower_bound: FloatLike, upper_bound: FloatLike, **ignored: Any
    ) -> None:
        """Checks that every value is between two numbers."""
        self.assertAllGreaterEqual(target, lower_bound)
        self.assertAllLessEqual(target, upper_bound)

    def assertAllInSet(self, target: TensorLike, expected_set: Iterable[Any]) -> None:
        """Checks that every value is in a set."""
        self.assertTrue(np.isin(_array(target), list(expected_set)).all())


def main(argv: list[str] | None = None) -> None:
    """Runs the tests of the program, like ``unittest.main``."""
    unittest.main(argv=argv)


def compute_gradient(
    f: Callable[..., Any], x: Sequence[Any], delta: float | None = None
) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
    """Returns the derivatives of a function, by the tape and by finite differences.

    Args:
        f: a function of tensors that returns a tensor.
        x: the arguments, float tensors.
        delta: the step of the finite differences, by default 2**-10.

    Returns:
        Two tuples with a matrix of shape [size of the result, size of the argument] per argument.

    >>> import tensorlet as tf
    >>> exact, measured = tf.test.compute_gradient(tf.square, [tf.constant([1.0, 3.0])])
    >>> exact[0].tolist()
    [[2.0, 0.0], [0.0, 6.0]]
    """
    arguments = [convert(one) for one in x]
    step = 2.0**-10 if delta is None else delta
    with GradientTape(persistent=True) as tape:
        tape.watch(arguments)
        result = f(*arguments)
    size = int(np.prod(result.shape))
    exact = tuple(np.asarray(tape.jacobian(result, one)).reshape(size, -1) for one in arguments)
    measured = []
    for position, one in enumerate(arguments):
        array = np.asarray(one)
        rows = []
        for place in np.ndindex(array.shape):
            sides = []
            for sign in (1.0, -1.0):
                moved = array.copy()
                moved[place] += sign * step
                sides.append(
                    _array(f(*arguments[:position], convert(moved), *arguments[position + 1 :])).reshape(-1)
                )
            rows.append((sides[0] - sides[1]) / (2 * step))
        measured.append(np.array(rows).reshape(array.size, size).T)
    return exact, tuple(measured)
