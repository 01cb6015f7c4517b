import numpy as np

import moo
from tests.aggregators.follow import ROWS, follow


def test_worked_numbers():
    """The bisector at the length of a convex combination: both cosines 0.505862."""
    update, state = follow(moo.edm(2), ROWS)
    np.testing.assert_allclose(update[0], [0.127845, 0.539171, -0.209282], atol=2e-6)
    np.testing.assert_allclose(state.weights, [0.515469, 0.484531], atol=2e-6)
    cosines = ROWS @ update[0] / np.linalg.norm(ROWS, axis=1) / np.linalg.norm(update[0])
    np.testing.assert_allclose(cosines, 0.505862, atol=2e-6)


def test_zero_and_opposite_rows():
    g = np.array([1, 0.2, -0.5])
    update, _ = follow(moo.edm(2), np.stack([g, -2 * g]), np.stack([0 * g, g]))
    np.testing.assert_allclose(update, [0 * g, g], atol=1e-6)
