import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import oracles
from tests.aggregators.matrices import pairs, quadruples

pytestmark = pytest.mark.usefixtures("unoptimised")


@pytest.mark.parametrize("cases", [pairs(), quadruples()], ids=["m=2", "m=4"])
def test_one_of_all_orders(cases):
    stack = np.stack([J for J in cases.values() if np.linalg.norm(J, axis=1).max() < 100])
    tx = moo.pcgrad(stack.shape[1])

    @jax.jit
    @jax.vmap
    def update(J):
        return tx.update(moo.stacked_jacobian(J), tx.init(J[0]))[0]

    for J, v in zip(stack.astype(np.float64), update(jnp.asarray(stack)), strict=True):
        distance = np.linalg.norm(oracles.pcgrad_all(J) - np.asarray(v), axis=1).min()
        assert distance <= 1e-5 * np.linalg.norm(J, axis=1).sum()


@pytest.mark.parametrize("method", [moo.pcgrad, moo.gradvac, moo.gradops])
def test_a_zero_row_keeps_its_weight(method):
    """It conflicts with none, and its objective's own head must train on."""
    rows = jnp.array([[1.0, 0.0], [-3.0, 4.0], [0.0, 0.0], [0.0, 0.0]])
    tx = method(4)
    jac = moo.stacked_jacobian(rows, active=jnp.array([True, True, True, False]))
    update, state = tx.update(jac, tx.init(rows[0]))
    np.testing.assert_array_equal(state.weights[2:], [1, 0])
    np.testing.assert_allclose(update, [0.64, 4.48], rtol=1e-5)
