import jax.numpy as jnp
import numpy as np
import pytest

import moo

PROJECTING = [moo.upgrad, moo.dual_proj]


@pytest.mark.parametrize("factory", PROJECTING)
def test_without_conflict_the_weights_are_the_preference(factory):
    jac = moo.stacked_jacobian(jnp.array([[1.0, 0.5], [0.5, 1.0]]))
    tx = factory(2, preference=[0.7, 0.3])
    _, state = tx.update(jac, tx.init(jnp.zeros(2)))
    np.testing.assert_allclose(state.weights, [0.7, 0.3], rtol=1e-6)


@pytest.mark.parametrize("factory", PROJECTING)
def test_default_is_one_over_the_active_ones(factory):
    rows, active = jnp.eye(3), jnp.array([True, False, True])
    tx = factory(3)
    _, state = tx.update(moo.stacked_jacobian(rows, active=active), tx.init(jnp.zeros(3)))
    np.testing.assert_allclose(state.weights, [0.5, 0, 0.5], rtol=1e-6)


@pytest.mark.parametrize("factory", PROJECTING)
def test_wrong_shape(factory):
    with pytest.raises(ValueError, match=r"preference must have shape \(2,\), got \(3,\)"):
        factory(2, preference=[1, 1, 1])
