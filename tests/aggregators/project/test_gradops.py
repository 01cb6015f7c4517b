import numpy as np

import moo
from tests.aggregators.follow import ROWS, follow


def test_worked_numbers():
    update, state = follow(moo.gradops(2), ROWS)
    np.testing.assert_allclose(update[0], [0.352257, 1.61689, -0.6138], atol=2e-6)
    np.testing.assert_allclose(state.weights, [1.51938, 1.458904], atol=2e-6)
    np.testing.assert_allclose(ROWS @ update[0], [0.982534, 1.112016], atol=5e-6)


def test_dependent_opposite_and_zero_rows():
    """A conflicting row in the span of the others is dropped; the rest stays as it is."""
    x, y = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    stacks = [[x, -2 * x, y], [x, y, 0 * x], [x - y, y - x / 2, 0 * x], [x, y, -x - y]]
    update, _ = follow(moo.gradops(3), *map(np.stack, stacks))
    # In the third: x - y loses 6/5 of (x/2 - y), and y - x/2 the 3/4 of (y - x) in it.
    kept = (x - y) - 1.2 * (x / 2 - y) + (y - x / 2) - 0.75 * (y - x)
    np.testing.assert_allclose(update, [y, x + y, kept, 0 * x], atol=1e-5)
