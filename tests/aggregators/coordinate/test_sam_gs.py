import numpy as np
import pytest

import moo
from tests.aggregators.follow import LATER, ROWS, as_tree, flat, follow

TX = moo.sam_gs(2)


def similarity(J):
    lengths = np.linalg.norm(J, axis=1)
    return 2 * lengths[0] * lengths[1] / (lengths**2).sum()


def test_worked_numbers():
    """Both steps take the momentum branch; the first has almost equal lengths."""
    v, state = follow(TX, as_tree(ROWS), as_tree(LATER))
    v = flat(v)
    first = (1 - similarity(ROWS)) ** 2 + 1e-8 / 0.01
    np.testing.assert_allclose(v[0], (np.abs(ROWS) * ROWS).sum(axis=0) / np.sqrt(first), rtol=2e-4)
    np.testing.assert_allclose(v[0], [166.803749, 393.842185, -111.202499], rtol=2e-4)
    spread = 0.99 * (0.01 * (1 - similarity(ROWS)) ** 2 + 1e-8)
    spread = (spread + 0.01 * (1 - similarity(LATER)) ** 2 + 1e-8) / (1 - 0.99**2)
    past = np.abs(0.9 * 0.1 * ROWS + 0.1 * LATER) / (1 - 0.9**2)
    expected = (past * LATER).sum(axis=0) / np.sqrt(spread)
    np.testing.assert_allclose(v[1], expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(v[1], [-1.794248, 4.350697, -0.030772], rtol=2e-4, atol=1e-5)
    np.testing.assert_allclose(state.inner.spread / (1 - 0.99**2), 0.049439, rtol=1e-4)


def test_unlike_lengths_are_equalised():
    v = follow(TX, ROWS * [[1], [1000]])[0][0]
    lengths = np.linalg.norm(ROWS, axis=1)
    units = (ROWS / lengths[:, None]).sum(axis=0)
    np.testing.assert_allclose(v, (lengths[0] + 1000 * lengths[1]) / 2 * units, rtol=1e-5)
    np.testing.assert_allclose(v, [132.050447, 556.908279, -216.16622], rtol=1e-5)


def test_opposite_rows():
    v = follow(TX, np.stack([ROWS[0], -2 * ROWS[0]]))[0][0]
    np.testing.assert_allclose(v, [-14.9998, -0.59999, 3.74995], rtol=1e-4)


def test_momentum_branch_has_degree_two():
    J = ROWS * [[1], [2]]
    v, tripled = (follow(TX, s * J)[0][0] for s in (1, 3))
    np.testing.assert_allclose(tripled, 9 * v, rtol=1e-4)


@pytest.mark.parametrize("threshold", [0.0, 2.0])
def test_zero_row_is_finite(threshold):
    v = follow(moo.sam_gs(2, threshold=threshold), ROWS * [[1], [0]])[0][0]
    expected = np.abs(ROWS[0]) * ROWS[0] if threshold == 0 else ROWS[0] / 2
    np.testing.assert_allclose(v, expected, rtol=1e-4)


def test_one_objective_and_inactive_ones():
    """Without pairs the lengths are alike: h is eps alone, and v a thousandfold square."""
    v, state = follow(TX, ROWS, active=[True, False])
    np.testing.assert_allclose(v[0], 1e3 * np.abs(ROWS[0]) * ROWS[0], rtol=1e-4)
    np.testing.assert_array_equal(state.inner.row_steps, [1, 0])


def test_errors():
    with pytest.raises(ValueError, match="eps must be finite and above 0"):
        moo.sam_gs(2, eps=0.0)
