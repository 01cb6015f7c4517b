import jax.numpy as jnp
import numpy as np
import pytest

import moo


def test_preference_is_linear():
    jac = moo.stacked_jacobian(jnp.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]]))
    total = 0
    for preference in ([1, 0], [0, 1]):
        tx = moo.aligned_mtl(2, preference=preference)
        total = total + tx.update(jac, tx.init(jnp.zeros(3)))[0]
    tx = moo.aligned_mtl(2)
    np.testing.assert_allclose(tx.update(jac, tx.init(jnp.zeros(3)))[0], total, atol=1e-6)


def test_wrong_options():
    with pytest.raises(ValueError, match=r"scale_mode must be one of min, median, rmse"):
        moo.aligned_mtl(2, scale_mode="max")
    with pytest.raises(ValueError, match=r"preference must have shape \(2,\), got \(3,\)"):
        moo.aligned_mtl(2, preference=[1, 1, 1])


def test_a_preference_of_none_of_the_active_falls_back_to_ones():
    rows = jnp.array([[4.0, 0.0], [0.0, 0.5], [1.0, 1.0]])
    jac = moo.stacked_jacobian(rows, active=jnp.array([True, True, False]))
    tx = moo.aligned_mtl(3, preference=(0.0, 0.0, 1.0))
    np.testing.assert_allclose(tx.update(jac, tx.init(rows[0]))[0], [0.5, 0.5], rtol=1e-6)
