import jax.numpy as jnp
import numpy as np
import pytest

import moo


def test_two_rows_have_the_bisector_as_imtl_g():
    jac = moo.stacked_jacobian(jnp.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]]))
    updates = []
    for tx in (moo.nash_mtl(2), moo.imtl_g(2)):
        v = np.asarray(tx.update(jac, tx.init(jnp.zeros(3)))[0])
        updates.append(v / np.linalg.norm(v))
    np.testing.assert_allclose(updates[0], updates[1], atol=1e-6)


def test_stored_weights_are_those_used():
    rows = jnp.array([[4.0, 0.0], [0.0, 0.5]])
    tx = moo.nash_mtl(2, max_norm=0.1)
    v, state = tx.update(moo.stacked_jacobian(rows), tx.init(jnp.zeros(2)))
    np.testing.assert_allclose(v, state.weights @ rows, rtol=1e-6)
    assert np.linalg.norm(v) == pytest.approx(0.1, rel=1e-6)


@pytest.mark.parametrize("max_norm", [0, -1.0, float("nan")])
def test_wrong_norm(max_norm):
    with pytest.raises(ValueError, match="max_norm must be above 0"):
        moo.nash_mtl(2, max_norm=max_norm)
