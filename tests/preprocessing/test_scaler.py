"""MinMaxScaler: hand-worked values, the lecture's printed table, and its errors."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from tensorlet.datasets import lecture
from tensorlet.errors import InvalidArgumentError, ShapeError
from tensorlet.preprocessing import MinMaxScaler

LECTURE_TABLE = """\
[[0.99999999 0.99999999 0.         1.         1.        ]
 [0.70548491 0.70439552 1.         0.71881782 0.83755791]
 [0.54412549 0.50274824 0.57608696 0.606468   0.6606331 ]
 [0.33890353 0.31368023 0.10869565 0.45989134 0.43800918]
 [0.51436    0.42582389 0.30434783 0.58504805 0.42624401]
 [0.49556179 0.42582389 0.31521739 0.48131134 0.49276137]
 [0.11436064 0.         0.20652174 0.22007776 0.18597238]
 [0.         0.07747099 0.5326087  0.         0.        ]]"""

TABLE = [[1.0, 100.0], [2.0, 300.0], [5.0, 200.0]]


def test_call_form_prints_the_table_of_the_lecture():
    with np.printoptions(precision=8, suppress=True):
        assert str(MinMaxScaler(lecture.stock_prices())) == LECTURE_TABLE


def test_call_form_takes_lists_and_single_columns():
    assert MinMaxScaler(TABLE) == pytest.approx(np.array([[0, 0], [0.25, 1], [1, 0.5]]), abs=1e-7)
    assert MinMaxScaler([2, 4, 6]) == pytest.approx(np.array([0, 0.5, 1]), abs=1e-7)
    assert MinMaxScaler([0, 1])[1] == pytest.approx(1 / 1.0000001, rel=1e-15)
    assert MinMaxScaler([[7.0], [7.0]]).tolist() == [[0.0], [0.0]]


def test_fit_learns_by_column():
    scaler = MinMaxScaler().fit(TABLE)
    assert scaler.data_min_.tolist() == [1.0, 100.0]
    assert scaler.data_max_.tolist() == [5.0, 300.0]
    assert scaler.data_range_.tolist() == [4.0, 200.0]
    assert scaler.scale_.tolist() == [0.25, 0.005]
    assert scaler.min_.tolist() == [-0.25, -0.5]
    assert scaler.n_features_in_ == 2


def test_transform_is_exact_at_the_ends_and_goes_beyond_them():
    scaler = MinMaxScaler()
    assert scaler.fit_transform(TABLE).tolist() == [[0.0, 0.0], [0.25, 1.0], [1.0, 0.5]]
    assert scaler.transform([[9.0, 0.0]]).tolist() == [[2.0, -0.5]]
    assert MinMaxScaler(clip=True).fit(TABLE).transform([[9.0, 0.0]]).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("scaler", [MinMaxScaler((-1, 1)), MinMaxScaler(feature_range=[-1, 1])])
def test_feature_range(scaler):
    assert scaler.fit_transform(TABLE).tolist() == [[-1.0, -1.0], [-0.5, 1.0], [1.0, 0.0]]
    assert scaler.inverse_transform([[-0.5, 0.0]]).tolist() == [[2.0, 200.0]]


def test_constant_column_becomes_the_lower_end_and_comes_back():
    scaler = MinMaxScaler(feature_range=(2, 4))
    assert scaler.fit_transform([[3.0], [3.0]]).tolist() == [[2.0], [2.0]]
    assert scaler.inverse_transform([[2.0]]).tolist() == [[3.0]]


def test_nan_is_left_out_of_account_and_stays():
    nan = np.nan
    scaled = MinMaxScaler().fit_transform([[1.0, nan], [nan, nan], [3.0, nan], [2.0, nan]])
    np.testing.assert_array_equal(scaled, [[0.0, nan], [nan, nan], [1.0, nan], [0.5, nan]])
    np.testing.assert_allclose(MinMaxScaler([1.0, nan, 3.0]), [0.0, nan, 1.0], atol=1e-7)


def test_types():
    assert MinMaxScaler().fit_transform(np.array(TABLE, np.float32)).dtype == np.float32
    assert MinMaxScaler(np.array(TABLE, np.float32)).dtype == np.float32
    scaled = MinMaxScaler().fit_transform(np.array([[0], [255]], np.uint8))
    assert scaled.dtype == np.float64 and scaled.tolist() == [[0.0], [1.0]]
    # The range of a small type does not fit the type itself: 127 - (-128) = 255.
    assert MinMaxScaler().fit(np.array([[-128], [127]], np.int8)).data_range_.tolist() == [255.0]


def test_data_are_not_changed():
    table = lecture.stock_prices()
    MinMaxScaler(table)
    scaled = MinMaxScaler().fit_transform(table)
    assert np.array_equal(table, lecture.stock_prices())
    assert not np.shares_memory(scaled, table)


def test_inverse_undoes_transform():
    prices = lecture.stock_prices()
    scaler = MinMaxScaler(feature_range=(-3, 5)).fit(prices)
    np.testing.assert_allclose(scaler.inverse_transform(scaler.transform(prices)), prices, rtol=1e-12)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda scaler: pickle.loads(pickle.dumps(scaler))])
def test_a_scaler_can_be_copied(copied):
    again = copied(MinMaxScaler((0, 2)).fit(TABLE))
    assert repr(again) == "MinMaxScaler(feature_range=(0, 2))"
    assert again.transform([[5.0, 300.0]]).tolist() == [[2.0, 2.0]]


@pytest.mark.parametrize(
    ("action", "error", "words"),
    [
        (lambda: MinMaxScaler().transform(TABLE), InvalidArgumentError, r"not been fitted. Call fit\(x\)"),
        (lambda: MinMaxScaler().inverse_transform(TABLE), InvalidArgumentError, "not been fitted"),
        (lambda: MinMaxScaler().fit([1.0, 2.0]), ShapeError, r"got \(2,\). For one column, pass x.reshape"),
        (lambda: MinMaxScaler(np.zeros((2, 2, 2))), ShapeError, r"got \(2, 2, 2\)"),
        (lambda: MinMaxScaler().fit(np.zeros((0, 3))), ShapeError, r"empty, its shape is \(0, 3\)"),
        (lambda: MinMaxScaler([]), ShapeError, "empty"),
        (lambda: MinMaxScaler().fit(TABLE).transform([[1.0]]), ShapeError, "1 columns, but fit saw 2"),
        (
            lambda: MinMaxScaler().fit([[1.0], [np.inf]]),
            InvalidArgumentError,
            r"infinity, first at index \(1, 0\)",
        ),
        (lambda: MinMaxScaler([["a", "b"]]), InvalidArgumentError, "not numbers"),
        (lambda: MinMaxScaler([[1.0, 2.0], [3.0]]), InvalidArgumentError, "different lengths"),
        (lambda: MinMaxScaler((1, 1)), InvalidArgumentError, r"feature_range is \(1, 1\)"),
        (lambda: MinMaxScaler((0, np.inf)), InvalidArgumentError, "two finite numbers"),
        (lambda: MinMaxScaler(feature_range=3), InvalidArgumentError, "feature_range is 3"),
        (lambda: MinMaxScaler((0, 1, 2)), InvalidArgumentError, r"\(0, 1, 2\)"),
        (lambda: MinMaxScaler(TABLE, clip=True), InvalidArgumentError, r"clip=...\).fit_transform"),
    ],
)
def test_errors_teach(action, error, words):
    with pytest.raises(error, match=words):
        action()
