import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import gramian_oracles
from tests.aggregators.follow import LATER, ROWS, follow
from tests.helpers.core import signature

pytestmark = pytest.mark.usefixtures("unoptimised")


def test_worked_numbers():
    update, state = follow(moo.pcd(2, eps=1e-8), ROWS, LATER)
    np.testing.assert_allclose(update[0], [0.707752, 0.721608, -0.518043], atol=5e-6)
    np.testing.assert_allclose(ROWS @ update[0], [1.111095, 0.031442], atol=1e-5)
    np.testing.assert_allclose(update[1], [0.349127, 0.392125, -0.156039], atol=5e-6)
    np.testing.assert_array_equal(state.inner.counts, [2, 2])


def test_opposite_rows_climb_unless_the_stretch_is_capped():
    g = ROWS[0]
    J = np.stack([g, -2 * g])
    update, _ = follow(moo.pcd(2), J)
    np.testing.assert_allclose(update[0], -g, atol=1e-3)
    update, _ = follow(moo.pcd(2, max_stretch=1.0), J)
    np.testing.assert_allclose(update[0], -0.02 * g, atol=1e-5)


def test_what_leads_what_halts_and_what_is_infeasible():
    x, y = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])
    rows = [[0 * x, x, y], [x, 0 * x, y], [x + y, x, -x]]
    update, state = follow(moo.pcd(3), *map(np.stack, rows))
    np.testing.assert_array_equal(update[0], 0)
    assert update[1] @ y > 0
    assert float(np.linalg.norm(update[1])) == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(update[2], x + y, atol=1e-6)
    assert not bool(state.converged)
    np.testing.assert_array_equal(state.inner.counts, 3)


def test_the_first_active_objective_leads():
    J = np.vstack([[1.0, 1.0, 1.0], ROWS])
    update, state = follow(moo.pcd(3), J, active=[False, True, True])
    np.testing.assert_allclose(update[0], gramian_oracles.pcd(ROWS), atol=5e-6)
    np.testing.assert_array_equal(state.inner.counts, [0, 1, 1])


def test_wrong_options():
    with pytest.raises(ValueError, match="tau must be finite and at least 0"):
        moo.pcd(2, tau=-1.0)
    with pytest.raises(ValueError, match=r"decay must lie in \[0, 1\), got 1"):
        moo.pcd(2, decay=1.0)
    with pytest.raises(ValueError, match="max_stretch must be above 0"):
        moo.pcd(2, max_stretch=0.0)


def test_double_hyper_parameters_on_single_rows(x64):
    """A number of numpy is double under x64; the state and the step stay single."""
    tx = moo.pcd(3, **{name: np.float64(0.5) for name in ("tau", "decay", "eps", "max_stretch")})
    J = np.float32(np.vstack([ROWS, [0.3, 0.1, 0.2]]))
    before = tx.init(jnp.zeros(3, jnp.float32))
    v, after = tx.update(moo.stacked_jacobian(jnp.asarray(J)), before)
    assert v.dtype == jnp.float32
    assert signature(after) == signature(before)
