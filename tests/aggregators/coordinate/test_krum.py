import numpy as np
import pytest

import moo
from tests.aggregators.follow import follow


def krum(J, byzantine, selected):
    """Score each row by a loop over its neighbours; the data has no ties."""
    neighbours = max(len(J) - byzantine - 2, 1)
    scores = [sorted(np.sum((J - g) ** 2, axis=1))[1 : neighbours + 1] for g in J]
    order = np.argsort([sum(score) for score in scores])
    return J[order[:selected]].mean(axis=0)


@pytest.mark.parametrize(("byzantine", "selected"), [(0, 1), (1, 1), (2, 2), (1, 4)])
def test_oracle(byzantine, selected):
    J = np.random.default_rng(5).standard_normal((7, 4)) * 1e-3
    J[2] *= 50
    tx = moo.krum(7, num_byzantine=byzantine, num_selected=selected)
    expected = krum(J, byzantine, selected)
    np.testing.assert_allclose(follow(tx, J)[0][0], expected, rtol=1e-5)


def test_squared_distances_decide():
    """Rows at 0, 10, 11, 12 and 17: one long way is worse than three short ones only if squared.

    With three neighbours, 10 has plain distances 1 + 2 + 7 and 11 has 1 + 1 + 6; row 12 has
    1 + 2 + 5, equal to 11's 8 in plain ones and less, 30 against 38, in squares.
    """
    J = np.array([[0.0], [10], [11], [12], [17]])
    np.testing.assert_allclose(follow(moo.krum(5), J)[0][0], [12], rtol=1e-6)


def test_ties_share_the_place():
    v, state = follow(moo.krum(2), np.array([[1.0, 0], [-3, 0]]))
    np.testing.assert_array_equal(state.weights, [0.5, 0.5])
    np.testing.assert_array_equal(v[0], [-1, 0])
    J = np.array([[0.0, 9], [1, 0], [3, 0]])
    np.testing.assert_allclose(follow(moo.krum(3), J)[0][0], [2, 0])


def test_one_active_row_and_too_many_selected():
    J = np.array([[1.0, 2], [3, 4], [5, 6]])
    tx = moo.krum(3, num_selected=3)
    np.testing.assert_allclose(follow(tx, J, active=[False, True, False])[0][0], [3, 4])
    np.testing.assert_allclose(follow(tx, J, active=[True, True, False])[0][0], [2, 3])


def test_errors():
    with pytest.raises(ValueError, match="num_selected must be at least 1"):
        moo.krum(3, num_selected=0)
    with pytest.raises(TypeError, match="num_byzantine must be an int"):
        moo.krum(3, num_byzantine=0.5)
