import jax
import jax.numpy as jnp
import numpy as np

import moo
from tests.aggregators.matrices import quadruples
from tests.aggregators.table import units
from tests.aggregators.table._row import independent


def test_equal_projections():
    """Weights add up to 1 in size, and every projection is the same positive number."""
    stack = np.stack([J for J in quadruples().values() if independent(J.astype(np.float64))])
    assert len(stack) >= 6
    tx = moo.imtl_g(4)

    @jax.jit
    @jax.vmap
    def solve(J):
        return tx.update(moo.stacked_jacobian(J), tx.init(J[0]))[1]

    state = solve(jnp.asarray(stack))
    assert state.converged.all()
    np.testing.assert_allclose(np.abs(state.weights.sum(axis=1)), 1, atol=1e-4)
    for J, w in zip(stack.astype(np.float64), np.asarray(state.weights, np.float64), strict=True):
        projections = units(J) @ (w @ J)
        assert projections.min() > 0
        allowed = 1e-4 * projections.max() + 1e-6 * np.abs(w) @ np.linalg.norm(J, axis=1)
        np.testing.assert_allclose(projections, projections.mean(), atol=allowed)


def test_opposite_rows_have_no_weight_alone_or_beside_an_inactive_one():
    rows = jnp.array([[1.0, 2.0], [-2.0, -4.0], [5.0, 1.0]])
    for m, active in ((2, [True] * 2), (3, [True, True, False])):
        tx = moo.imtl_g(m)
        jac = moo.stacked_jacobian(rows[:m], active=jnp.array(active))
        _, state = tx.update(jac, tx.init(rows[0]))
        np.testing.assert_array_equal(state.weights, 0)
        assert not state.converged
