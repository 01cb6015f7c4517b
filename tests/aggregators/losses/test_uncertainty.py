import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo


@pytest.mark.parametrize(("likelihood", "factor"), [("gaussian", 0.5), ("softmax", 1.0)])
def test_at_rest_every_weighted_loss_is_one_half(likelihood, factor):
    """s = log 2aℓ, with a = ½ or 1: the minimum of a e^{-s} ℓ + s/2."""
    losses = jnp.array([0.3, 2.0, 5.0])
    tx = moo.uncertainty(3, likelihood=likelihood, learning_rate=0.05)
    jac = moo.stacked_jacobian(jnp.eye(3), losses=losses)

    def step(state, _):
        return tx.update(jac, state)[1], None

    state, _ = jax.jit(lambda s: jax.lax.scan(step, s, length=1500))(tx.init(jnp.zeros(3)))
    np.testing.assert_allclose(state.weights * losses, 0.5, rtol=1e-2)
    expected = np.log(2 * factor * np.asarray(losses))
    np.testing.assert_allclose(state.inner.log_variances, expected, atol=2e-2)


def test_inactive_log_variance_and_moments_stay():
    tx, active = moo.uncertainty(2), jnp.array([True, False])
    jac = moo.stacked_jacobian(jnp.eye(2), losses=jnp.array([4.0, 4.0]), active=active)
    before = tx.init(jnp.zeros(2))
    _, after = tx.update(jac, before)
    assert float(after.inner.log_variances[0]) > 0
    for old, new in zip(jax.tree.leaves(before.inner), jax.tree.leaves(after.inner), strict=True):
        if new.shape == (2,):
            assert float(new[1]) == float(old[1])


def test_unknown_likelihood():
    with pytest.raises(ValueError, match="likelihood must be one of gaussian, softmax"):
        moo.uncertainty(2, likelihood="poisson")
