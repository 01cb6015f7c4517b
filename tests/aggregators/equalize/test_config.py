import numpy as np

import moo
from tests.aggregators import gramian_oracles
from tests.aggregators.follow import LATER, ROWS, follow


def test_worked_numbers():
    """The direction before the division in the second call of momentum ConFIG's example."""
    update, _ = follow(moo.config(2), ROWS, LATER)
    np.testing.assert_allclose(update[0], [0.255935, 1.079376, -0.418964], atol=2e-6)
    np.testing.assert_allclose(update[1], gramian_oracles.config(LATER), atol=2e-6)


def test_zero_opposite_and_dependent_rows():
    g, h = np.array([1, 0.2, -0.5, 0]), np.array([0, 1, 0, 1])
    stacks = [[g, 0 * g, h], [g, -2 * g, 0 * g], [g, g, h], [g, -2 * g, h]]
    update, _ = follow(moo.config(3), *map(np.stack, stacks))
    expected = [gramian_oracles.config(np.stack([g, h])), 0 * g]
    expected.append(gramian_oracles.config(np.stack([g, g, h])))
    np.testing.assert_allclose(update[:3], expected, atol=1e-5)
    assert update[3] @ (h - g) > 0
