"""How functions are converted: what is refused, what errors show, and what stays as it is."""

from __future__ import annotations

import traceback
import warnings
from typing import Any

import numpy as np
import pytest

import tensorlet as tf
from tensorlet.core.user_code import has_branches
from tensorlet.errors import DTypeError, InvalidArgumentError, ShapeError, TracingError
from tensorlet.graph.choices import with_selections

pytestmark = pytest.mark.filterwarnings("ignore::tensorlet.errors.PerformanceWarning")
ONE = tf.constant(1.0)


def one_branch(x):  # type: ignore[no-untyped-def]
    if x > 0:
        y = x
    return y


def one_return(x):  # type: ignore[no-untyped-def]  # noqa: RET503
    if x > 0:
        return x


def none_or_number(x):  # type: ignore[no-untyped-def]
    return (None if x > 0 else 2,)


def two_dtypes(x):  # type: ignore[no-untyped-def]
    if x > 0:
        y = x
    else:
        y = tf.constant(1)
    return y


def two_shapes(x):  # type: ignore[no-untyped-def]
    if x > 0:
        y = x
    else:
        y = tf.stack([x, x])
    return y


def number_as_condition(x):  # type: ignore[no-untyped-def]
    return 1 if x else 2


def vector_as_condition(x):  # type: ignore[no-untyped-def]
    return 1 if tf.stack([x, x]) > 0 else 2


def growing(x):  # type: ignore[no-untyped-def]
    y = tf.stack([x])
    while tf.reduce_sum(y) < 9.0:
        y = tf.concat([y, y], 0)
    return y


def begun_in_one_branch(x):  # type: ignore[no-untyped-def]
    while x < 5.0:
        x = x + 1.0
        if x > 3.0:
            last = x
    return last


def none_before_loop(x):  # type: ignore[no-untyped-def]
    last = None
    while x < 5.0:
        x = x + 1.0
        last = x
    return last


def int_before_loop(x):  # type: ignore[no-untyped-def]
    total = tf.constant(0)
    while x < 5.0:
        x = x + 1.0
        total = tf.cast(total, tf.float32) + x
    return total


def list_in_loop(x):  # type: ignore[no-untyped-def]
    rows = []
    while x < 5.0:
        x = x + 1.0
        rows.append(x)
    return tf.stack(rows)


REFUSED: dict[Any, tuple[type[Exception], str]] = {
    one_branch: (InvalidArgumentError, "'y' must also be initialized in the else branch"),
    one_return: (InvalidArgumentError, "The else branch must also have a return statement"),
    none_or_number: (
        InvalidArgumentError,
        r"is None after the `if` branch, but 2 after the `else` branch",
    ),
    two_dtypes: (DTypeError, r"'y' has dtype float32 .* but dtype int32 .*tf.cast\(y, tf.float32\)"),
    two_shapes: (ShapeError, r"'y' has the shape \(\) after the `if` branch, but \(2,\)"),
    number_as_condition: (InvalidArgumentError, r"is a float32 tensor, but a bool is expected"),
    vector_as_condition: (InvalidArgumentError, r"of shape \(2,\).*tf.reduce_all"),
    growing: (ShapeError, r"'y' has shape \(1,\) before the loop, but shape \(2,\) .*set_loop_options"),
    begun_in_one_branch: (InvalidArgumentError, "'last' must also be initialized in the else branch"),
    none_before_loop: (InvalidArgumentError, "'last' is None before the loop, but a float32 tensor"),
    int_before_loop: (DTypeError, r"'total' has dtype int32 before the loop, but dtype float32"),
    list_in_loop: (TracingError, "TensorArray"),
}


@pytest.mark.parametrize("function", REFUSED, ids=lambda one: one.__name__)
def test_what_cannot_become_a_graph_is_explained(function: Any) -> None:
    kind, message = REFUSED[function]
    with pytest.raises(kind, match=message):
        tf.function(function)(ONE)


def wrong_inside(x):  # type: ignore[no-untyped-def]
    if tf.reduce_sum(x) > 0:
        y = x * 2.0
        return tf.matmul(y, tf.ones([7, 7]))
    return x


def wrong_in_loop(x):  # type: ignore[no-untyped-def]
    while tf.reduce_sum(x) < 100.0:
        x = wrong_inside(x)
    return x


def test_tracebacks_show_the_lines_of_the_user() -> None:
    with pytest.raises(ShapeError) as caught:
        tf.function(wrong_in_loop)(tf.ones([2, 3]))
    mine = [frame for frame in traceback.extract_tb(caught.value.__traceback__) if frame.filename == __file__]
    assert [(frame.name, frame.line) for frame in mine[1:]] == [
        ("wrong_in_loop", "while tf.reduce_sum(x) < 100.0:"),
        ("wrong_in_loop", "x = wrong_inside(x)"),
        ("wrong_inside", "if tf.reduce_sum(x) > 0:"),
        ("wrong_inside", "return tf.matmul(y, tf.ones([7, 7]))"),
    ]


def test_a_function_is_traced_once_for_each_signature() -> None:
    calls = []

    def inner(x):  # type: ignore[no-untyped-def]
        calls.append("inner")
        return x if x > 0 else -x

    @tf.function
    def outer(x):  # type: ignore[no-untyped-def]
        calls.append("outer")
        for _ in range(2):
            x = inner(x)
        return x

    assert outer(tf.constant(-3.0)).numpy() == 3.0
    assert outer(tf.constant(4.0)).numpy() == 4.0
    assert calls == ["outer", "inner", "inner"]


def test_plain_functions_are_not_converted() -> None:
    def plain(x):  # type: ignore[no-untyped-def]
        with tf.name_scope("a"):
            return x * 2.0

    assert not has_branches(plain)
    assert has_branches(one_branch) and has_branches(lambda x: not x)
    concrete = tf.function(plain).get_concrete_function(ONE)
    assert [node.operation.name for node in concrete.graph.nodes() if node.operation] == ["multiply"]


def test_a_branch_in_a_called_function_is_found_while_tracing() -> None:
    @tf.function
    def through(x):  # type: ignore[no-untyped-def]
        return number_of_sign(x) + 1.0

    def number_of_sign(x):  # type: ignore[no-untyped-def]
        return 1.0 if x > 0 else -1.0

    assert through(tf.constant(5.0)).numpy() == 2.0
    assert through(tf.constant(-5.0)).numpy() == 0.0


def test_do_not_convert_and_autograph_false_leave_python_alone() -> None:
    @tf.autograph.experimental.do_not_convert
    def left_alone(x):  # type: ignore[no-untyped-def]
        return 1.0 if x > 0 else -1.0

    with pytest.raises(TracingError, match=r"tf\.where"):
        tf.function(left_alone)(ONE)
    with pytest.raises(TracingError, match=r"tf\.where"):
        tf.function(one_return, autograph=False)(ONE)
    assert left_alone(3) == 1.0


def test_a_function_without_source_says_so() -> None:
    names: dict[str, Any] = {"tf": tf}
    exec("def hidden(x):\n    return x if x > 0 else -x", names)
    with pytest.raises(
        TracingError, match="'hidden' could not be converted, since its source is not available"
    ):
        tf.function(names["hidden"])(ONE)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        exec("def looping(x):\n    for i in range(3): x = x + i\n    return x", names)
        assert tf.function(names["looping"])(ONE).numpy() == 4.0


class Private:
    __scale = 3.0

    def __init__(self) -> None:
        self.count = tf.Variable(0)

    def __scaled(self, x):  # type: ignore[no-untyped-def]
        return x * self.__scale if x > 0 else x

    @tf.function
    def call(self, x):  # type: ignore[no-untyped-def]
        if x > -10.0:
            self.count.assign_add(1)
        return self.__scaled(x)


class Derived(Private):
    @tf.function
    def call(self, x):  # type: ignore[no-untyped-def]
        if x > 0:
            y = super().call(x) + 1.0
        else:
            y = super().call(x)
        return y


def test_methods_with_private_names_and_super() -> None:
    thing = Derived()
    assert [thing.call(tf.constant(value)).numpy() for value in (2.0, -2.0, -20.0)] == [7.0, -2.0, -20.0]
    assert thing.count.numpy() == 2


def test_names_of_the_module_and_of_the_function_around() -> None:
    total = 0.0

    @tf.function
    def add(x):  # type: ignore[no-untyped-def]
        nonlocal total
        seen = 0
        for value in (1.0, 2.0):
            total += value
            seen += 1
        return x * seen

    assert add(tf.constant(2.0)).numpy() == 4.0
    assert total == 3.0


def test_both_ends_of_try_and_with_and_match() -> None:
    @tf.function
    def judged(x, kind):  # type: ignore[no-untyped-def]
        try:
            with tf.name_scope("judged"):
                match kind:
                    case "sign":
                        if x > 0:
                            return tf.constant(1.0)
                        return tf.constant(-1.0)
                    case _:
                        y = x
        finally:
            z = 10.0
        return y + z

    assert judged(tf.constant(5.0), "sign").numpy() == 1.0
    assert judged(tf.constant(-5.0), "sign").numpy() == -1.0
    assert judged(tf.constant(5.0), "same").numpy() == 15.0


def test_loops_with_known_rounds_are_written_out_and_run_on_the_engine() -> None:
    @tf.function
    def powers(x):  # type: ignore[no-untyped-def]
        rows = []
        for i in tf.range(4):
            rows.append(x ** tf.cast(i, tf.float32))
        return tf.stack(rows)

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(powers(tf.constant(2.0)), [1.0, 2.0, 4.0, 8.0])


def test_a_long_loop_is_not_written_out() -> None:
    @tf.function
    def counted(x):  # type: ignore[no-untyped-def]
        for i in tf.range(50_000):
            x = x + tf.cast(i % 2, tf.float32)
        return x

    concrete = counted.get_concrete_function(ONE)
    assert len(concrete.graph.nodes()) < 5_000
    assert counted(ONE).numpy() == 25_001.0


def test_while_true_with_a_break_on_a_tensor() -> None:
    @tf.function
    def doubled(x):  # type: ignore[no-untyped-def]
        rounds = 0
        while True:
            x = x * 2.0
            rounds += 1
            if x > 50.0:
                break
        return x, rounds

    assert [part.numpy() for part in doubled(tf.constant(3.0))] == [96.0, 5]


def test_return_and_break_in_loops_and_their_else() -> None:
    @tf.function
    def first_positive(x):  # type: ignore[no-untyped-def]
        for row in x:
            if row > 0.0:
                return row
        return tf.constant(-1.0)

    @tf.function
    def found(x, n):  # type: ignore[no-untyped-def]
        place = 0
        for i in tf.range(n):
            if x[i] > 3.0:
                place = i
                break
        else:
            place = -1
        return place

    assert first_positive(tf.constant([-1.0, 2.0, 3.0])).numpy() == 2.0
    assert first_positive(tf.constant([-1.0, -2.0])).numpy() == -1.0
    assert found(tf.constant([1.0, 5.0]), tf.constant(2)).numpy() == 1
    assert found(tf.constant([1.0, 2.0]), tf.constant(2)).numpy() == -1


def test_shapes_that_follow_from_whole_numbers_among_the_arguments() -> None:
    @tf.function
    def parts(x, n):  # type: ignore[no-untyped-def]
        return tf.reshape(x, [n, -1]), tf.range(n), x[:n]

    shapes = [[tuple(part.shape) for part in parts(tf.range(6.0), tf.constant(n))] for n in (2, 3, 2)]
    assert shapes == [[(2, 3), (2,), (2,)], [(3, 2), (3,), (3,)], [(2, 3), (2,), (2,)]]
    assert parts.experimental_get_tracing_count() == 2


def test_loop_options() -> None:
    @tf.function
    def doubled(x, times):  # type: ignore[no-untyped-def]
        for _ in tf.range(times):
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
            x = tf.concat([x, x], 0)
        return x

    @tf.function
    def few(x):  # type: ignore[no-untyped-def]
        while x < 100.0:
            tf.autograph.experimental.set_loop_options(maximum_iterations=3)
            x = x + 1.0
        return x

    @tf.function
    def unknown(x):  # type: ignore[no-untyped-def]
        while tf.reduce_sum(x) < 100.0:
            tf.autograph.experimental.set_loop_options(shape_invariants=[(x, tf.TensorShape([None]))])
            x = tf.concat([x, x], 0)
        return x

    assert doubled(tf.constant([7]), tf.constant(3)).numpy().tolist() == [7] * 8
    assert few(ONE).numpy() == 4.0
    with pytest.raises(ShapeError, match="number of rounds must follow from integers that are arguments"):
        unknown(tf.ones([1]))


def test_functions_converted_by_hand() -> None:
    converted = tf.autograph.to_graph(one_return)
    assert converted(3) == 3 and converted(-3) is None
    assert "autograph_.if_statement(x > 0" in tf.autograph.to_code(one_branch)


def test_random_numbers_differ_from_round_to_round_and_run_to_run() -> None:
    @tf.function
    def drawn(n):  # type: ignore[no-untyped-def]
        before, now = tf.zeros([]), tf.zeros([])
        for _ in tf.range(n):
            before = now
            now = tf.random.uniform([])
        return tf.stack([before, now])

    tf.random.set_seed(3)
    first, second = drawn(tf.constant(4)).numpy(), drawn(tf.constant(4)).numpy()
    assert len({*first, *second}) == 4
    tf.random.set_seed(3)
    np.testing.assert_array_equal(drawn(tf.constant(4)), first)


def test_a_loop_over_a_dataset_has_no_gradient_and_needs_its_names() -> None:
    numbers = tf.data.Dataset.range(3).batch(2)

    @tf.function
    def last(dataset):  # type: ignore[no-untyped-def]
        for batch in dataset:
            total = tf.reduce_sum(batch)
        return total

    with pytest.raises(InvalidArgumentError, match="'total' must be defined before the loop"):
        last(numbers)

    @tf.function
    def weighted(x):  # type: ignore[no-untyped-def]
        total = 0.0
        for batch in numbers:
            total += x * tf.reduce_sum(tf.cast(batch, tf.float32))
        return total

    x = tf.Variable(2.0)
    with tf.GradientTape() as tape:
        y = weighted(x)
    assert y.numpy() == 6.0
    with pytest.raises(TracingError, match="No gradient flows through a loop over a dataset"):
        tape.gradient(y, x)


def test_a_tape_may_be_asked_for_gradients_in_a_branch() -> None:
    first, second = tf.Variable(1.0), tf.Variable(2.0)

    @tf.function
    def alternating(step):  # type: ignore[no-untyped-def]
        with tf.GradientTape(persistent=True) as tape:
            one, other = first * first, second * second
        if step % 2 == 0:
            first.assign_sub(0.1 * tape.gradient(one, first))
        else:
            second.assign_sub(0.1 * tape.gradient(other, second))
        return one + other

    assert [alternating(tf.constant(step)).numpy() for step in (0, 1)] == pytest.approx([5.0, 4.64])
    assert first.numpy() == pytest.approx(0.8) and second.numpy() == pytest.approx(1.6)


def test_selections_keep_the_order_of_the_variables() -> None:
    """A program gets the arrays of the variables in this order, whatever its nodes become."""
    first, second, third = (tf.Variable(value) for value in (1.0, 10.0, 100.0))

    @tf.function
    def mixed(x):  # type: ignore[no-untyped-def]
        if x > 0.0:
            third.assign(second * 2.0)
            y = third - second
        else:
            first.assign(third + 1.0)
            y = second * first
        second.assign_add(1.0)
        return y + third

    graph = mixed.get_concrete_function(ONE).graph
    inlined = with_selections(graph)
    assert [id(one) for one in inlined.variables()] == [id(one) for one in graph.variables()]
    assert not any(node.is_op("cond") for node in inlined.nodes())
    # y = 20 - 10, and third = 20; then first = 21, y = 11 * 21.
    assert mixed(ONE).numpy() == 30.0
    assert mixed(-ONE).numpy() == 251.0
    assert [one.numpy() for one in (first, second, third)] == [21.0, 12.0, 20.0]


def begun_in_while(n):  # type: ignore[no-untyped-def]
    i = 0
    while i < n:
        row = tf.ones((2,)) * tf.cast(i, tf.float32)
        i += 1
    return row


def begun_before_break(n):  # type: ignore[no-untyped-def]
    for i in tf.range(n):
        y = i * 2
        if y > 2:
            break
    return y


def begun_in_inner_loop(n):  # type: ignore[no-untyped-def]
    total = 0
    for i in tf.range(n):
        for j in tf.range(2):
            y = i * j
        total += y
    return total


def begun_as_structure(n):  # type: ignore[no-untyped-def]
    for i in tf.range(n):
        y = {"a": (i, i * 2), "b": 7}
    return y["a"][0], y["a"][1], y["b"]


@pytest.mark.parametrize(
    ("function", "count", "expected"),
    [
        (begun_in_while, 3, [2.0, 2.0]),
        (begun_before_break, 5, 4),
        (begun_in_inner_loop, 3, 3),
        (begun_as_structure, 3, [2, 4, 7]),
    ],
)
def test_names_may_begin_in_a_loop_that_has_a_round(function: Any, count: int, expected: Any) -> None:
    """The values are TensorFlow 2.15's, which refuses no rounds when the function runs."""
    traced = tf.function(function)
    np.testing.assert_array_equal(traced(tf.constant(count)), expected)
    with pytest.raises(InvalidArgumentError, match=r"A loop had no rounds, so '(row|y)' has no value"):
        traced(tf.constant(0))
