import jax
import jax.numpy as jnp
import numpy as np

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take


def test_first_step():
    """s = 0 gives unit weights; Adam's first move is its rate against the sign of e^s ℓ - 1."""
    (v,), (state,) = take(moo.imtl_l(2, learning_rate=0.1), (ROWS, 2 * LOSSES - 1.5))
    np.testing.assert_allclose(v, ROWS.sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(state.inner.log_scales, [0.1, -0.1], rtol=1e-5)


def test_at_rest_every_weighted_loss_is_one():
    losses = jnp.array([0.3, 2.0, 5.0])
    tx = moo.imtl_l(3, learning_rate=0.05)
    jac = moo.stacked_jacobian(jnp.eye(3), losses=losses)

    def step(state, _):
        return tx.update(jac, state)[1], None

    state, _ = jax.jit(lambda s: jax.lax.scan(step, s, length=1500))(tx.init(jnp.zeros(3)))
    np.testing.assert_allclose(state.weights * losses, 1, rtol=1e-2)


def test_twice_the_weights_of_uncertainty():
    batches = [(ROWS, LOSSES), (ROWS, [0.1, 3.0]), (ROWS, [0.5, 0.2])]
    _, ours = take(moo.imtl_l(2, learning_rate=0.1), *batches)
    _, theirs = take(moo.uncertainty(2, learning_rate=0.1), *batches)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a.weights, 2 * b.weights, rtol=1e-5)
