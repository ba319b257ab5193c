"""Diagonals, bands and transposes of matrices, by hand-worked numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tensorlet import ops
from tensorlet.errors import ShapeError


def values(tensor: Any) -> Any:
    return tensor.numpy().tolist()


def test_diagonals() -> None:
    assert values(ops.diag([1, 2])) == [[1, 0], [0, 2]]
    assert values(ops.diag_part([[1, 2, 3], [4, 5, 6]])) == [1, 5]
    assert values(ops.diag_part([[1, 2], [3, 4], [5, 6]])) == [1, 4]
    assert values(ops.trace([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])) == [5, 13]
    square = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]
    assert values(ops.band_part(square, 1, 0)) == [[1, 0, 0], [4, 5, 0], [0, 8, 9]]
    assert values(ops.band_part(square, 0, -1)) == [[1, 2, 3], [0, 5, 6], [0, 0, 9]]
    assert values(ops.matrix_transpose([[[1, 2, 3]]])) == [[[1], [2], [3]]]
    # Zeros off the diagonal, even beside an infinity.
    np.testing.assert_array_equal(ops.diag([np.inf, 1.0]).numpy(), np.float32([[np.inf, 0], [0, 1]]))


@pytest.mark.parametrize("function", [ops.matrix_transpose, ops.diag_part, ops.trace])
def test_a_vector_is_not_a_matrix(function: Any) -> None:
    with pytest.raises(ShapeError, match=r"a matrix has two axes, .* shape \[2\]\. Add one"):
        function([1.0, 2.0])
