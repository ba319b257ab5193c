"""Every operation, tested from its own record: shapes, dtypes, gradients, and agreement of the backends.

A new operation is tested here by having samples; nothing is to be added to this file. What an
operation means is tested by hand-worked numbers elsewhere (``test_ops_*.py``).
"""

from __future__ import annotations

import importlib
import sys
import warnings
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tensorlet
from tensorlet import ops
from tensorlet.backends.native import lower
from tensorlet.backends.native.instructions import DTYPES
from tensorlet.backends.reference import Interpreted
from tensorlet.core import eager
from tensorlet.core.function import function
from tensorlet.core.tape import GradientTape
from tensorlet.dtypes import as_dtype
from tensorlet.graph import ir
from tensorlet.ops.registry import OPERATIONS, Operation, Sample, Spec, convert

OPS_FOLDER = Path(tensorlet.__file__).parent / "ops"
for family in OPS_FOLDER.glob("*.py"):  # some are imported only when they are used
    importlib.import_module(f"tensorlet.ops.{family.stem}")

#: Operations whose samples include no empty array, and why.
WITHOUT_ZERO_SIZE: dict[str, str] = {}


def _cases(*, with_gradient: bool = False, floating: bool = False) -> list[Any]:
    """Every sample of every operation, as pytest parameters.

    Args:
        with_gradient: only those that have a slope to check.
        floating: only those whose output is a float in the sample's own dtypes.
    """
    cases = []
    for name, operation in sorted(OPERATIONS.items()):
        if with_gradient and operation.gradient is None:
            continue
        for number, sample in enumerate(operation.samples()):
            if with_gradient and not _has_slope(operation, sample):
                continue
            output = operation.infer(*map(_spec, sample.inputs), **sample.attributes)
            if floating and not output.dtype.is_floating:
                continue
            cases.append(pytest.param(operation, sample, id=f"{name}-{number}"))
    return cases


def _differentiable(sample: Sample) -> tuple[int, ...]:
    """The positions of the inputs that a sample's gradient is checked for."""
    floating = tuple(i for i, array in enumerate(sample.inputs) if np.asarray(array).dtype.kind == "f")
    return floating if sample.differentiable is None else sample.differentiable


def _has_slope(operation: Operation, sample: Sample) -> bool:
    """Whether there is something to check finite differences of: where the value is NaN there is none."""
    value = np.asarray(operation.reference(*map(np.asarray, sample.inputs), **sample.attributes))
    return bool(_differentiable(sample)) and bool(np.isfinite(value).all())


def _spec(array: Any) -> Spec:
    array = np.asarray(array)
    return Spec(array.shape, as_dtype(array.dtype))


def _file_of(name: str) -> str:
    """Where to open an operation that something is missing of."""
    for path in sorted(OPS_FOLDER.glob("*.py")):
        if f'"{name}"' in path.read_text(encoding="utf-8"):
            return f"python/tensorlet/ops/{path.name}"
    return "python/tensorlet/ops/"


def _noise(key: str, shape: tuple[int, ...]) -> np.ndarray:
    """Numbers between -1 and 1 that are always the same for the same key."""
    return np.random.default_rng(zlib.crc32(key.encode())).uniform(-1.0, 1.0, shape)


# --- values ----------------------------------------------------------------------------


@pytest.mark.parametrize(("operation", "sample"), _cases())
def test_reference_gives_what_was_inferred(operation: Operation, sample: Sample) -> None:
    before = [np.array(array) for array in sample.inputs]
    inferred = operation.infer(*map(_spec, sample.inputs), **sample.attributes)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        actual = np.asarray(operation.reference(*map(np.asarray, sample.inputs), **sample.attributes))
    assert actual.shape == inferred.shape
    assert actual.dtype == inferred.dtype.numpy
    for array, copy in zip(sample.inputs, before, strict=True):
        np.testing.assert_array_equal(array, copy, err_msg="the reference changed its input")


@pytest.mark.parametrize(("operation", "sample"), _cases())
def test_eager_is_the_reference(
    operation: Operation, sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the work is not large, which `tests/core/test_large_operations.py` is about."""
    monkeypatch.setattr(eager, "computed", lambda *_: None)
    expected = operation.reference(*map(np.asarray, sample.inputs), **sample.attributes)
    actual = operation(*map(convert, sample.inputs), **sample.attributes)
    assert tuple(actual.shape) == np.shape(expected)
    np.testing.assert_array_equal(np.asarray(actual), expected)


def _graph(operation: Operation, sample: Sample) -> ir.Graph:
    """A graph that applies the operation to inputs, and hands its result back."""
    inputs = [ir.Node(ir.INPUT, _spec(array), value=position) for position, array in enumerate(sample.inputs)]
    return ir.Graph(inputs, [ir.apply(operation, *inputs, **sample.attributes)])


def _assert_close(actual: np.ndarray, expected: np.ndarray) -> None:
    """Equal for whole numbers and truth values, within rounding for floats, NaN for NaN."""
    assert actual.shape == expected.shape
    assert actual.dtype == expected.dtype
    if expected.dtype.kind != "f":
        np.testing.assert_array_equal(actual, expected)
        return
    relative, absolute = {2: (2e-3, 1e-4), 4: (5e-6, 2e-6), 8: (1e-12, 1e-14)}[expected.itemsize]
    np.testing.assert_allclose(actual, expected, rtol=relative, atol=absolute)


@pytest.mark.parametrize(("operation", "sample"), _cases())
def test_reference_backend_agrees(operation: Operation, sample: Sample) -> None:
    arrays = [np.asarray(array) for array in sample.inputs]
    (actual,) = Interpreted(_graph(operation, sample)).run(arrays, [])
    np.testing.assert_array_equal(actual, operation.reference(*arrays, **sample.attributes))


def _native_cases() -> list[Any]:
    """The samples that the engine should compute: those with a lowering, of the engine's dtypes."""
    cases = []
    for case in _cases():
        operation, sample = case.values
        specs = [_spec(array) for array in sample.inputs]
        output = operation.infer(*specs, **sample.attributes)
        if operation.name in lower.LOWERINGS and all(s.dtype.name in DTYPES for s in (*specs, output)):
            cases.append(case)
    return cases


@pytest.fixture(scope="session")
def native_engine() -> Any:
    return pytest.importorskip(
        "tensorlet._native", reason="the native engine is not built; `pip install .` builds it"
    )


@pytest.mark.parametrize(("operation", "sample"), _native_cases())
def test_native_agrees_with_the_reference(native_engine: Any, operation: Operation, sample: Sample) -> None:
    from tensorlet.backends.native.executable import Compiled

    arrays = [np.ascontiguousarray(array).reshape(np.shape(array)) for array in sample.inputs]
    compiled = Compiled(_graph(operation, sample), operation.name)
    (actual,) = compiled.run(arrays, [])
    _assert_close(np.asarray(actual), np.asarray(operation.reference(*arrays, **sample.attributes)))


# --- gradients -------------------------------------------------------------------------


class Differentiated:
    """An operation's sample in float64, as a function of its differentiable inputs to one number.

    The number is the sum of the output times fixed weights, so that each element of the
    output counts differently.
    """

    def __init__(self, operation: Operation, sample: Sample) -> None:
        self.operation, self.sample = operation, sample
        self.positions = _differentiable(sample)
        self.inputs = [np.asarray(array) for array in sample.inputs]
        self.inputs = [
            array.astype(np.float64) if array.dtype.kind == "f" else array for array in self.inputs
        ]
        self.spec = operation.infer(*map(_spec, self.inputs), **sample.attributes)
        self.weights = _noise(f"weights {operation.name}", self.spec.shape)
        # An output that is rounded to float32 (a cast) needs long steps.
        self.step, self.tolerance = (1e-5, 1e-6) if self.spec.dtype.size == 8 else (2e-2, 2e-3)

    @property
    def point(self) -> list[np.ndarray]:
        return [self.inputs[position] for position in self.positions]

    def _all(self, point: list[Any]) -> list[Any]:
        values: list[Any] = list(self.inputs)
        for position, value in zip(self.positions, point, strict=True):
            values[position] = value
        return values

    def number(self, point: list[np.ndarray]) -> float:
        output = self.operation.reference(*self._all(point), **self.sample.attributes)
        return float((np.asarray(output, np.float64) * self.weights).sum())

    def gradient(self, point: list[Any]) -> list[np.ndarray]:
        """By the rule, with zeros where it gives nothing."""
        tensors = [convert(array) for array in point]
        found = self._gradient_tensors(tensors)
        return [
            np.zeros(array.shape) if one is None else np.asarray(one)
            for one, array in zip(found, point, strict=True)
        ]

    def _gradient_tensors(self, tensors: list[Any]) -> list[Any]:
        with GradientTape() as tape:
            tape.watch(tensors)
            output = self.operation(*self._all(tensors), **self.sample.attributes)
            number = ops.reduce_sum(output * convert(self.weights.astype(output.dtype.numpy)))
        return tape.gradient(number, tensors)

    def second(self, directions: list[np.ndarray]) -> list[np.ndarray]:
        """The derivative of ``gradient . directions``."""
        tensors = [convert(array) for array in self.point]
        with GradientTape() as tape:
            tape.watch(tensors)
            slopes = self._gradient_tensors(tensors)
            parts = [
                ops.reduce_sum(slope * convert(direction.astype(slope.dtype.numpy)))
                for slope, direction in zip(slopes, directions, strict=True)
                if slope is not None
            ]
            number = ops.add_n(parts) if parts else None
        found = [None] * len(tensors) if number is None else tape.gradient(number, tensors)
        return [
            np.zeros(array.shape) if one is None else np.asarray(one)
            for one, array in zip(found, self.point, strict=True)
        ]


def _moved(point: list[np.ndarray], directions: list[np.ndarray], by: float) -> list[np.ndarray]:
    return [array + by * direction for array, direction in zip(point, directions, strict=True)]


def _assert_slopes(actual: Any, expected: Any, tolerance: float, message: str) -> None:
    scale = max(1.0, float(np.max(np.abs(expected), initial=0.0)))
    np.testing.assert_allclose(actual, expected, rtol=tolerance, atol=tolerance * scale, err_msg=message)


@pytest.mark.parametrize(("operation", "sample"), _cases(with_gradient=True))
def test_gradient_is_the_slope(operation: Operation, sample: Sample) -> None:
    case = Differentiated(operation, sample)
    point = case.point
    if not case.spec.dtype.is_floating:
        with GradientTape() as tape:
            tensors = [convert(array) for array in point]
            tape.watch(tensors)
            output = operation(*case._all(tensors), **sample.attributes)
        assert tape.gradient(output, tensors) == [None] * len(tensors)
        return
    gradient = case.gradient(point)
    for array, slopes in zip(point, gradient, strict=True):
        assert slopes.shape == array.shape
    directions = [
        _noise(f"direction {number} {operation.name}", array.shape) for number, array in enumerate(point)
    ]
    step = case.step
    numeric = (
        case.number(_moved(point, directions, step)) - case.number(_moved(point, directions, -step))
    ) / (2 * step)
    by_rule = sum(float((slopes * along).sum()) for slopes, along in zip(gradient, directions, strict=True))
    _assert_slopes(by_rule, numeric, case.tolerance, "the gradient rule against finite differences")
    if sum(array.size for array in point) <= 12:
        _check_each_element(case, gradient)


def _check_each_element(case: Differentiated, gradient: list[np.ndarray]) -> None:
    point, step = case.point, case.step
    for number, array in enumerate(point):
        for place in np.ndindex(array.shape):
            unit = [np.zeros(other.shape) for other in point]
            unit[number][place] = 1.0
            numeric = (case.number(_moved(point, unit, step)) - case.number(_moved(point, unit, -step))) / (
                2 * step
            )
            where = f"input {case.positions[number]}, element {place}"
            _assert_slopes(gradient[number][place], numeric, case.tolerance, where)


@pytest.mark.parametrize(("operation", "sample"), _cases(with_gradient=True))
def test_second_derivative_is_the_slope_of_the_gradient(operation: Operation, sample: Sample) -> None:
    case = Differentiated(operation, sample)
    point = case.point
    if not case.spec.dtype.is_floating or case.spec.dtype.size < 8:
        # Whole numbers have no slope, and a cast to fewer bits is linear: its first derivative says it all.
        assert operation.name == "cast" or not case.spec.dtype.is_floating
        return
    directions = [
        _noise(f"second {number} {operation.name}", array.shape) for number, array in enumerate(point)
    ]
    step = 1e-5
    ahead = case.gradient(_moved(point, directions, step))
    behind = case.gradient(_moved(point, directions, -step))
    for by_rule, front, back in zip(case.second(directions), ahead, behind, strict=True):
        _assert_slopes(by_rule, (front - back) / (2 * step), 1e-5, "the second derivative")


#: What the engine lacks runs on the reference backend, with a warning.
_ON_THE_REFERENCE = f"ignore:.*(the dtype float16|the operation ({'|'.join(lower.WITHOUT_KERNEL)}))"


@pytest.mark.filterwarnings(f"{_ON_THE_REFERENCE}:tensorlet.errors.PerformanceWarning")
@pytest.mark.parametrize(("operation", "sample"), _cases(with_gradient=True, floating=True))
def test_traced_gradient_agrees_with_eager(backend: str, operation: Operation, sample: Sample) -> None:
    """The rule, traced by `tf.function`, in the sample's own dtype."""
    positions = _differentiable(sample)
    arrays = [np.asarray(array) for array in sample.inputs]
    spec = operation.infer(*map(_spec, arrays), **sample.attributes)
    weights = _noise(f"weights {operation.name}", spec.shape).astype(spec.dtype.numpy)

    def slopes(*tensors: Any) -> Any:
        with GradientTape() as tape:
            tape.watch([tensors[position] for position in positions])
            number = ops.reduce_sum(operation(*tensors, **sample.attributes) * weights)
        return tape.gradient(
            number, [tensors[position] for position in positions], unconnected_gradients="zero"
        )

    eager = slopes(*map(convert, arrays))
    traced = function(slopes)(*map(convert, arrays))
    for one, other in zip(traced, eager, strict=True):
        _assert_close(np.asarray(one), np.asarray(other))


# --- completeness ----------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_is_complete(name: str) -> None:
    operation, file = OPERATIONS[name], _file_of(name)
    samples = operation.samples()
    assert samples, f"the operation '{name}' has no samples: add some in {file}"
    public = getattr(ops, name, None)
    described = (operation.__doc__ or "").strip() or (public.__doc__ if callable(public) else "")
    assert described, f"the operation '{name}' has neither a doc nor a public function: open {file}"
    empty = any(
        0 in operation.infer(*map(_spec, s.inputs), **s.attributes).shape
        or any(np.size(array) == 0 for array in s.inputs)
        for s in samples
    )
    assert empty != (name in WITHOUT_ZERO_SIZE), (
        f"the operation '{name}' needs a sample without elements in {file}, or a reason in WITHOUT_ZERO_SIZE "
        "of this test (and not both)"
    )


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_its_row_in_the_native_table(name: str) -> None:
    assert (name in lower.LOWERINGS) != (name in lower.WITHOUT_KERNEL), (
        f"the operation '{name}' needs elsewhere=Elsewhere(engine=...) in its record, a row in LOWERINGS of "
        "python/tensorlet/backends/native/lower.py, or a reason in WITHOUT_KERNEL (one of them)"
    )


def test_native_table_has_no_row_too_many() -> None:
    unknown = sorted(set(lower.LOWERINGS) - set(OPERATIONS))
    assert not unknown, f"python/tensorlet/backends/native/lower.py has rows for no operation: {unknown}"


def test_every_family_is_gathered() -> None:
    """Each file of a family is imported by ops/__init__.py, so that its operations exist."""
    for path in OPS_FOLDER.glob("*.py"):
        if "Operation(" in path.read_text(encoding="utf-8") and path.name != "registry.py":
            assert f"tensorlet.ops.{path.stem}" in sys.modules, (
                f"python/tensorlet/ops/__init__.py does not import {path.stem}"
            )
