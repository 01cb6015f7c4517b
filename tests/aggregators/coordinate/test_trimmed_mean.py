import numpy as np
import pytest

import moo
from tests.aggregators.follow import follow

ROWS = np.array([[1.0, -4, 0], [2, 1e6, 0], [3, 2, 5], [-1e7, 3, 1], [4, 1, -9]])


@pytest.mark.parametrize(("trim", "expected"), [
    (0, ROWS.mean(axis=0)),
    (1, [2, 2, 1 / 3]),
    (2, [2, 2, 0]),
    (7, [2, 2, 0]),
])  # fmt: skip
def test_extremes_leave(trim, expected):
    """The last are medians: more than that cannot be left out."""
    v = follow(moo.trimmed_mean(5, trim=trim), ROWS)[0][0]
    np.testing.assert_allclose(v, expected, rtol=1e-6)


def test_inactive_rows_are_no_extremes():
    active = np.array([True, True, False, False, True])
    v = follow(moo.trimmed_mean(5), ROWS, active=active)[0][0]
    np.testing.assert_allclose(v, [2, 1, 0])
    nothing = follow(moo.trimmed_mean(5), ROWS, active=np.zeros(5, bool))[0][0]
    np.testing.assert_array_equal(nothing, 0)


@pytest.mark.parametrize(("trim", "error"), [(-1, ValueError), (0.5, TypeError), (True, TypeError)])
def test_wrong_trim(trim, error):
    with pytest.raises(error, match="trim must be"):
        moo.trimmed_mean(3, trim=trim)
