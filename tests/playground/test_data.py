"""Generators, tables and the division into training and validation."""

from __future__ import annotations

import numpy as np
import pytest

from tensorlet.playground.dataset import make_dataset
from tensorlet.playground.errors import PlaygroundError
from tensorlet.playground.points import GENERATORS, counts_of
from tensorlet.playground.settings import DataSettings
from tensorlet.playground.tables import MOST_ROWS, columns_of, read_table


@pytest.mark.parametrize("kind", GENERATORS)
@pytest.mark.parametrize("noise", [0.0, 1.0])
def test_generators(kind, noise):
    _, fewest, most = GENERATORS[kind]
    for classes in {fewest, most}:
        data = make_dataset(DataSettings(kind, rows=203, classes=classes, noise=noise))
        assert data.x.shape == (203, 2) and data.x.dtype == np.float32
        counts = np.bincount(data.y)
        assert len(counts) == classes and counts.max() - counts.min() <= 1
        assert np.abs(data.x).max() < (1.3 if noise == 0 else 4)
        again = make_dataset(DataSettings(kind, rows=203, classes=classes, noise=noise))
        assert np.array_equal(data.x, again.x) and np.array_equal(data.y, again.y)


def test_clean_classes_have_their_shape():
    rings = make_dataset(DataSettings("circles", rows=90, classes=3, noise=0))
    radius = np.linalg.norm(rings.x, axis=1)
    assert [sorted(set(np.round(radius[rings.y == kind], 4))) for kind in range(3)] == [
        [0.1167],
        [0.45],
        [0.7833],
    ]
    xor = make_dataset(DataSettings("xor", rows=80, noise=0))
    assert np.array_equal(xor.x[:, 0] * xor.x[:, 1] < 0, xor.y == 1)


def test_balance_and_division():
    data = make_dataset(DataSettings("gaussians", rows=100, classes=4, balance=0.7, train=0.8))
    assert np.bincount(data.y).tolist() == [70, 10, 10, 10] and data.training == 80
    assert counts_of(10, 8, 0.95) == [3, 1, 1, 1, 1, 1, 1, 1]


@pytest.mark.parametrize(("scale", "low", "high"), [("minmax", -1, 1), ("standard", None, None)])
def test_scaling_uses_the_training_rows(scale, low, high):
    data = make_dataset(DataSettings("moons", rows=100, scale=scale))
    if scale == "minmax":
        assert np.allclose(data.x_train.min(0), low) and np.allclose(data.x_train.max(0), high)
    else:
        assert np.allclose(data.x_train.mean(0), 0, atol=1e-6) and np.allclose(
            data.x_train.std(0), 1, atol=1e-5
        )


def test_tables_of_many_forms():
    table = read_table(
        "이름;키;몸무게\nA;1,5;2\nB;3;4\n".replace("1,5", "1.5").encode("cp949") * 1 + b"A;5;6\nB;7;8\n"
    )
    assert table.names == ["이름", "키", "몸무게"] and table.numeric == [False, True, True]
    x, y, columns, classes = columns_of(table, [], "이름")
    assert x.tolist() == [[1.5, 2], [3, 4], [5, 6], [7, 8]] and y.tolist() == [0, 1, 0, 1]
    assert (columns, classes) == (["키", "몸무게"], ["A", "B"])
    bare = read_table(b"1\t2\t0\n3\t4\t1\n\n5\t6\t10\n7\t8\t2\n")
    assert bare.names == ["x1", "x2", "x3"]
    assert columns_of(bare, ["x2"], "")[3] == ["0", "1", "2", "10"]  # numbers in their order
    twice = read_table(b"\xef\xbb\xbfa,a,\n" + b"1,2,3\n4,5,6\n" * 3)
    assert twice.names == ["a", "a (2)", "x3"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_size"),
        (b"a\n1\n2\n3\n4\n", "table_size"),
        (b"a,b\n1,2\n", "table_size"),
        (b"1,2\n" * (MOST_ROWS + 1), "table_size"),
        (b"1,2\n3\n4,5\n6,7\n", "table_uneven"),
        (b"\xff\xfe\x00\x81\xff", "table_encoding"),
        (b"1," * 70 + b"1\n", "table_size"),
        (b'"a\n' + b"x" * 140000, "table_unreadable"),
    ],
)
def test_bad_tables_are_explained(content, code):
    with pytest.raises(PlaygroundError) as error:
        read_table(content)
    assert error.value.code == code


@pytest.mark.parametrize(
    ("columns", "label", "code"),
    [
        (["zzz"], "", "column_missing"),
        (["word"], "kind", "column_text"),
        ([], "many", "column_classes"),
        ([], "one", "column_classes"),
    ],
)
def test_bad_columns_are_explained(columns, label, code):
    rows = "".join(f"{i},w{i},k{i % 2},{i},same\n" for i in range(12))
    table = read_table(f"n,word,kind,many,one\n{rows}".encode())
    with pytest.raises(PlaygroundError) as error:
        columns_of(table, columns, label)
    assert error.value.code == code
