"""The native module: what it accepts, what it refuses, and how it behaves among Python's threads."""

from __future__ import annotations

import gzip
import json
import os
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

native = pytest.importorskip("tensorlet._native", reason="the native engine is not built")


def declare(*shape: int, dtype: str = "f32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": list(shape)}


def accumulate(batch: int = 2, width: int = 3) -> Any:
    """A program with input x: the variable grows by x; the outputs are sum(x) and x * 2."""
    step = {"op": "add", "args": [0, 1], "dtype": "f32"}
    x = declare(batch, width)
    program = {
        "inputs": [x],
        "variables": [x],
        "constants": [],
        "instructions": [
            {"op": "map", "inputs": [1, 0], **x, "code": [step]},
            {"op": "reduce", "inputs": [0], **declare(), "kind": "sum", "axes": [0, 1]},
            {"op": "map", "inputs": [0, 0], **x, "code": [step]},
        ],
        "outputs": [3, 4],
        "updates": [[0, 2]],
    }
    return native.Program(json.dumps(program), b"", "accumulate")


def test_one_step() -> None:
    x, variable = np.arange(6, dtype=np.float32).reshape(2, 3), np.ones((2, 3), np.float32)
    total, doubled = accumulate().run([x], [variable])
    assert total.shape == () and total == 15
    np.testing.assert_array_equal(doubled, x * 2)
    np.testing.assert_array_equal(variable, x + 1)


def test_an_input_may_be_the_variable_itself() -> None:
    variable = np.ones((2, 3), np.float32)
    total, doubled = accumulate().run((variable,), (variable,))
    assert total == 6
    np.testing.assert_array_equal(variable, np.full((2, 3), 2))
    np.testing.assert_array_equal(doubled, np.full((2, 3), 2))


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (np.zeros((3, 2), np.float32), r"input 0 must be .* float32 \(2, 3\), got float32 \(3, 2\)"),
        (np.zeros((2, 3)), r"got float64 \(2, 3\)"),
        (np.zeros((3, 2), np.float32).T, r"got float32 \(2, 3\), not contiguous"),
        (np.zeros((2, 3), ">f4"), r"got >f4 \(2, 3\)"),
        (np.zeros((2, 3), np.complex64), "got complex64"),
    ],
)
def test_arrays_that_do_not_fit(x: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        accumulate().run([x], [np.zeros((2, 3), np.float32)])


def test_other_refusals() -> None:
    program, x = accumulate(), np.zeros((2, 3), np.float32)
    with pytest.raises(TypeError, match="input 0 must be a NumPy array, got list"):
        program.run([[1, 2]], [x])
    with pytest.raises(ValueError, match="the program has 1 inputs, got 2"):
        program.run([x, x], [x.copy()])
    frozen = np.zeros((2, 3), np.float32)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="variable 0 is read-only"):
        program.run([x], [frozen])
    with pytest.raises(ValueError, match="broken: not a program"):
        native.Program("{", b"", "broken")
    with pytest.raises(ValueError, match=r"has no vector level .mmx."):
        native.set_simd_level("mmx")
    with pytest.raises(ValueError, match="at least 1 thread, got 0"):
        native.set_threads(0)


def test_an_epoch_takes_rows_in_order(tmp_path: Path) -> None:
    rows = np.arange(24, dtype=np.uint8).reshape(8, 3)
    expected = rows[[7, 1]].astype(np.float32) + rows[[3, 0]]
    order = np.array([5, 5, 7, 1, 3, 0], np.int64)
    file = np.memmap(tmp_path / "rows", np.uint8, "w+", shape=(8, 3))
    file[:] = rows
    apart = np.zeros((8, 7), np.float64)[:, 2:5]
    apart[:] = rows
    for column in (rows, file, apart, np.ascontiguousarray(rows[::-1])[::-1]):
        variable = np.zeros((2, 3), np.float32)
        done, sums, last = accumulate().run_epoch([column], order, 1, 2, [None], [variable], None)
        assert (done, sums, last[0]) == (2, [expected.sum()], None)
        np.testing.assert_array_equal(last[1], rows[[3, 0]] * 2.0)
        np.testing.assert_array_equal(variable, expected)
    variable = np.zeros((2, 3), np.float32)
    accumulate().run_epoch([rows], None, 0, 4, [None], [variable], None)
    np.testing.assert_array_equal(variable, rows.reshape(4, 2, 3).sum(0))


def test_rows_that_do_not_exist() -> None:
    variable, rows = np.zeros((2, 3), np.float32), np.zeros((8, 3), np.float32)
    program = accumulate()
    with pytest.raises(ValueError, match="accumulate: input 0: the order names row 8 at position 1"):
        program.run_epoch([rows], np.array([0, 8]), 0, 1, [None], [variable], None)
    with pytest.raises(ValueError, match="need 10 rows, but there are 8"):
        program.run_epoch([rows], None, 0, 5, [None], [variable], None)
    with pytest.raises(ValueError, match=r"contiguous rows of shape \(3,\), got float32 \(8, 4\)"):
        program.run_epoch([np.zeros((8, 4), np.float32)], None, 0, 1, [None], [variable], None)
    with pytest.raises(ValueError, match="either a column or an array"):
        program.run_epoch([None], None, 0, 1, [None], [variable], None)


def test_a_label_without_a_class() -> None:
    y, out = declare(4, dtype="u8"), declare(4)
    program = {
        "inputs": [declare(4, 3), y],
        "variables": [out],
        "constants": [],
        "instructions": [{"op": "pick", "inputs": [0, 1], **out}],
        "outputs": [],
        "updates": [[0, 3]],
    }
    pick = native.Program(json.dumps(program), b"", "pick")
    x, variable = np.arange(12, dtype=np.float32).reshape(4, 3), np.full(4, 7, np.float32)
    with pytest.raises(IndexError, match="index 9 at position 3 is not between 0 and 2"):
        pick.run([x, np.array([0, 1, 2, 9], np.uint8)], [variable])
    np.testing.assert_array_equal(variable, np.full(4, 7))
    labels = np.array([0, 1, 2, 0, 0, 0, 0, 5], np.uint8)
    with pytest.raises(IndexError, match="index 5 at position 3 of step 1 is not between 0 and 2"):
        pick.run_epoch([np.vstack([x, x]), labels], None, 0, 2, [None, None], [variable], None)
    np.testing.assert_array_equal(variable, [0, 4, 8, 9])


def long_epoch(progress: Any = None, interval: float = 0.01) -> tuple[Any, Any]:
    x, variable = np.ones((2, 3), np.float32), np.zeros((2, 3), np.float32)
    call = lambda program: program.run_epoch(  # noqa: E731
        [None], None, 0, 50_000_000, [x], [variable], progress, interval
    )
    return call, variable


def test_progress_may_stop_the_epoch() -> None:
    seen: list[tuple[int, float]] = []

    def progress(done: int, sums: list[float]) -> None:
        seen.append((done, sums[0]))
        if len(seen) == 3:
            raise RuntimeError("enough")

    call, variable = long_epoch(progress)
    with pytest.raises(RuntimeError, match="enough"):
        call(accumulate())
    assert all(total == 6 * done for done, total in seen)
    # Whole steps: all elements have grown equally often.
    assert variable[0, 0] >= min(seen[2][0], 2**24) and np.all(variable == variable[0, 0])


def test_a_progress_function_cannot_run_the_same_program() -> None:
    program = accumulate()
    x = np.zeros((2, 3), np.float32)
    call, _ = long_epoch(lambda done, sums: program.run([x], [x.copy()]))
    with pytest.raises(RuntimeError, match="the program is running already"):
        call(program)


def test_interrupt_leaves_whole_variables() -> None:
    call, variable = long_epoch()
    timer = threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        call(accumulate())
    assert time.monotonic() - start < 5
    assert variable[0, 0] > 0 and np.all(variable == variable[0, 0])


def test_other_python_threads_go_on() -> None:
    stop, counted = threading.Event(), [0]

    def progress(done: int, sums: list[float]) -> None:
        if stop.is_set():
            raise RuntimeError("counted")

    call, _ = long_epoch(progress)

    def count() -> None:
        for _ in range(20):
            counted[0] += 1
            time.sleep(0.005)
        stop.set()

    other = threading.Thread(target=count)
    other.start()
    with pytest.raises(RuntimeError, match="counted"):
        call(accumulate())
    other.join()
    assert counted == [20]


def test_two_threads_may_share_a_program() -> None:
    program, variable = accumulate(), np.zeros((2, 3), np.float32)
    x = np.ones((2, 3), np.float32)
    workers = [
        threading.Thread(target=lambda: program.run_epoch([None], None, 0, 1000, [x], [variable], None))
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    np.testing.assert_array_equal(variable, np.full((2, 3), 4000))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_makes_threads_of_its_own() -> None:
    program = accumulate(64, 4096)
    program.force_threads(2)
    x, variable = np.ones((64, 4096), np.float32), np.zeros((64, 4096), np.float32)
    program.run_epoch([None], None, 0, 3, [x], [variable], None)
    child = os.fork()
    if child == 0:
        program.run_epoch([None], None, 0, 3, [x], [variable], None)
        os._exit(0 if np.all(variable == 6) else 1)
    for _ in range(200):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            break
        time.sleep(0.05)
    else:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        pytest.fail("the child hangs")
    assert os.waitstatus_to_exitcode(status) == 0


def test_shuffles_are_named() -> None:
    order = native.permutation(1000, 7, 3)
    assert order.dtype == np.int64
    np.testing.assert_array_equal(np.sort(order), np.arange(1000))
    np.testing.assert_array_equal(order, native.permutation(1000, 7, 3))
    assert not np.array_equal(order, native.permutation(1000, 7, 4))


def test_the_plan_in_words() -> None:
    program = accumulate()
    assert program.instruction_count == 3 and program.arena_bytes == 0
    assert "variable 0 <- variable 0, input 0" in program.describe()


def test_gzip_data_fill_the_room_that_there_is() -> None:
    content = bytes(range(256)) * 1000
    data = np.frombuffer(gzip.compress(content), np.uint8)
    room = np.empty(len(content) + 1, np.uint8)
    assert native.gunzip(data, room) == (len(data), len(content), True)
    assert room[:-1].tobytes() == content
    read, written, ended = native.gunzip(data, room[:1000])
    assert (written, ended, room[:1000].tobytes()) == (1000, False, content[:1000])
    assert read <= len(data)
    assert native.gunzip(data[:-1], room) == (len(data) - 1, len(content), False)
    assert native.gunzip(data[:0], room) == (0, 0, False)
    assert native.gunzip(data, room[:0])[1:] == (0, False)
    damaged = data.copy()
    damaged[-6] ^= 1  # in the checksum
    with pytest.raises(ValueError):
        native.gunzip(damaged, room)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("scale", [255.0, 1.0])
def test_floats_become_bytes_where_bytes_give_them_back(dtype: Any, scale: float) -> None:
    pixels = np.arange(40_000).astype(np.uint8)
    elements = (pixels / scale).astype(dtype)
    found = np.zeros(pixels.shape, np.uint8)
    assert native.encode_bytes(elements, scale, found)
    np.testing.assert_array_equal(found, pixels)
    for other in (0.3, np.nan, np.inf, -np.inf, -1 / scale, 256 / scale, 1e30):
        wrong = elements.copy()
        wrong[33_333] = other
        assert not native.encode_bytes(wrong, scale, found)


def test_bytes_for_other_elements_are_refused() -> None:
    with pytest.raises(ValueError, match="5 elements need as many bytes, got 4"):
        native.encode_bytes(np.zeros(5), 1.0, np.zeros(4, np.uint8))
    with pytest.raises(TypeError):
        native.encode_bytes(np.zeros(5, np.float16), 1.0, np.zeros(5, np.uint8))
