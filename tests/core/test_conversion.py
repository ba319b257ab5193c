"""What is accepted beside what, and with which dtype, is what real TensorFlow says."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import conversion_cases
import numpy as np
import pytest

import tensorlet as tf

GOLDEN = json.loads((Path(__file__).parents[1] / "golden" / "conversions.json").read_text(encoding="utf-8"))


def _is_untyped(kind: str) -> bool:
    return not conversion_cases.is_ours(kind)


def explanation(name: str, kinds: tuple[str, ...], expected: str, found: str) -> str | None:
    """Why a result may differ from TensorFlow's; None where it may not."""
    left, right = kinds[0], kinds[-1]
    if found == "-" and ("large" in left or "large" in right):
        return "Integers that do not fit are refused; TensorFlow keeps their lowest bits without a word."
    if "tensors" in left or "tensors" in right:
        return "Lists of tensors keep their dtype, eagerly too; TensorFlow reads eager ones as arrays."
    if expected == "-" and _is_untyped(left) and right.endswith("variable"):
        return "A variable decides like a tensor; TensorFlow's quick path for eager calls overlooks it."
    if expected == "-" and name == "tf.einsum" and ("list" in left or "list" in right):
        return "Lists are accepted."
    if name in ("/", "tf.divide", "tf.truediv") and "bool" in left.lower():
        return "Truth values are not divided; TensorFlow divides by an array beside them."
    if name == "tf.divide" and _is_untyped(left) and _is_untyped(right):
        return (
            "The result is a tensor; TensorFlow leaves two values of Python and NumPy to Python's division."
        )
    if (
        name == "tf.stack"
        and _is_untyped(left)
        and _is_untyped(right)
        and {expected, found} <= {"i4", "i8", "b1"}
    ):
        return "The first value decides; TensorFlow tries several dtypes."
    if name == "&":
        return "Bitwise operators of integers are not supported."
    if name.startswith("tf.constant") and left.endswith("variable"):
        return "A variable is not converted silently."
    return None


def _compared(name: str, call: Callable[..., object], run: Callable[..., str]) -> list[str]:
    """One line for each outcome that differs and has no explanation."""
    values = conversion_cases.operands(tf)
    wrong = []
    for left, row in GOLDEN["outcomes"][name].items():
        codes = row.split(" ")
        rights = GOLDEN["operands"] if len(codes) > 1 else [left]
        for right, expected in zip(rights, codes, strict=True):
            kinds = (left, right) if len(codes) > 1 else (left,)
            if expected == conversion_cases.NOT_ASKED:
                continue
            found = run(call, *[values[kind] for kind in kinds])
            if found != expected and explanation(name, kinds, expected, found) is None:
                wrong.append(f"{name} of {' and '.join(kinds)}: {found}, not {expected}")
    return wrong


@pytest.fixture(scope="module")
def calls():
    of_two, of_one = conversion_cases.functions_of_two(tf), conversion_cases.functions_of_one(tf)
    return conversion_cases.OPERATORS | of_two | of_one


@pytest.mark.filterwarnings("ignore:An array of")
@pytest.mark.parametrize("name", GOLDEN["outcomes"])
def test_results_are_tensorflows(name, calls):
    wrong = _compared(name, calls[name], conversion_cases.outcome)
    assert not wrong, "\n".join(wrong)


@pytest.mark.filterwarnings("ignore:An array of")
@pytest.mark.parametrize("name", GOLDEN["outcomes"])
def test_traced_functions_accept_what_is_accepted_at_once(name, calls):
    wrong = _compared(name, calls[name], partial(conversion_cases.traced_outcome, tf))
    assert not wrong, "\n".join(wrong)


def test_an_array_of_fractions_beside_integers_is_cut_off_with_a_warning():
    with pytest.warns(UserWarning, match=r"float64 .* is converted to int32.* fractions are truncated"):
        total = tf.constant([1, 2]) + np.array([1.5, -2.7])
    assert total.dtype is tf.int32
    assert total.numpy().tolist() == [2, 0]


def test_an_array_of_whole_floats_beside_integers_needs_no_warning(recwarn):
    assert (tf.constant([1, 2]) * np.array([3.0, 4.0])).numpy().tolist() == [3, 8]
    assert not recwarn


def test_an_array_beside_a_truth_value_says_what_becomes_true():
    with pytest.warns(UserWarning, match="everything but 0 becomes True"):
        assert tf.logical_and(tf.constant([True, True]), np.array([2, 0])).numpy().tolist() == [True, False]


def test_integers_that_do_not_fit_are_refused():
    with pytest.raises(
        tf.errors.InvalidArgumentError, match="does not fit into int32, whose range is -2147483648"
    ):
        tf.constant([1]) + 2**40


@pytest.mark.parametrize("call", [lambda x, y: x + y, tf.matmul, lambda x, y: tf.concat([x, y], 0)])
def test_tensors_that_differ_are_refused_with_both_dtypes(call):
    one, other = tf.ones([2, 2]), tf.ones([2, 2], tf.float64)
    with pytest.raises(TypeError, match=r"the dtypes differ: .* is float32 and .* is float64\. .*astype"):
        call(one, other)


def test_a_python_float_beside_integers_is_refused():
    with pytest.raises(TypeError, match=r"floating-point value 2\.5 was given where int32 was expected"):
        tf.constant([1]) + 2.5


def test_numbers_are_stacked_as_floats_if_one_is_a_float():
    assert tf.stack([1, 2.5]).numpy().tolist() == [1.0, 2.5]
    assert tf.stack([1, 2.5]).dtype is tf.float32


def test_a_number_in_front_of_a_tensor_of_a_functional_model_takes_its_dtype():
    x = tf.keras.Input((2,))
    model = tf.keras.Model(x, 1 + 2 * x)
    assert model(np.float32([[0.5, 1.0]])).numpy().tolist() == [[2.0, 3.0]]


def test_the_truth_of_several_elements_is_refused_with_the_ways_to_ask_for_one():
    with pytest.raises(
        ValueError, match=r"truth value .* is ambiguous: this tensor has shape \(2,\)\. Use tf\.reduce_any"
    ):
        bool(tf.constant([True, False]))
    assert tf.constant([[2.0]]) and not tf.constant(0)


def test_operators_on_the_bits_of_integers():
    x, truth = tf.constant([5, 3]), tf.constant([True, False])
    found = [x & 1, 1 & x, x | 4, x ^ 1, ~x, tf.Variable([5, 3]) & x, ~tf.constant([1, 200], tf.uint8)]
    assert [one.numpy().tolist() for one in found] == [
        [1, 1], [1, 1], [5, 7], [4, 2], [-6, -4], [5, 3], [254, 55]
    ]  # fmt: skip
    assert (~truth & True).numpy().tolist() == [False, True]
    with pytest.warns(tf.errors.PerformanceWarning, match="bitwise_and"):
        assert tf.function(lambda x: (x & 1) | ~x)(x).numpy().tolist() == [-5, -3]
    with pytest.raises(tf.errors.InvalidArgumentError, match="bool is expected"):
        tf.constant([1.0]) & tf.constant([1.0])
