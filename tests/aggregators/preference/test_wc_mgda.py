import jax.numpy as jnp
import numpy as np
import pytest

import moo

J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LOSSES = np.array([1.0, 2.0])
RAY = np.array([0.7, 0.3])


def weights(J, losses, **options):
    J = jnp.asarray(J)
    tx = moo.wc_mgda(len(J), **options)
    _, state = tx.update(moo.stacked_jacobian(J, jnp.asarray(losses)), tx.init(J[0]))
    return np.asarray(state.weights, np.float64)


def on_a_grid(J, losses, r, u, baseline=0.0):
    """Try a million points of the segment; return the best weights."""
    shares = np.linspace(0, 1, 1_000_001)
    alpha = np.stack([shares, 1 - shares])
    rows = r[:, None] * J
    length = np.linalg.norm(rows.T @ alpha, axis=0)
    value = (r * (losses - baseline)) @ alpha - u / np.linalg.norm(rows, 2) * length
    return alpha[:, value.argmax()] * r


@pytest.mark.parametrize(
    ("u", "worked"),
    [(0.1, [0.407036, 0.125556]), (0.01, [0.7, 0]), (1.0, [0.7 * 0.27973, 0.3 * 0.72027])],
)
def test_worked_numbers(u, worked):
    w = weights(J, LOSSES, preference=RAY, u=u)
    np.testing.assert_allclose(w, on_a_grid(J, LOSSES, RAY, u), atol=5e-6)
    np.testing.assert_allclose(w, worked, atol=5e-6)


def test_a_small_u_is_weighted_chebyshev():
    w = weights(J, [1.0, 3.0], preference=RAY, u=1e-3)
    np.testing.assert_allclose(w, [0, 0.3], atol=1e-6)


def test_a_large_u_is_mgda_of_the_weighted_rows():
    rows = RAY[:, None] * J
    expected = weights(rows, np.ones(2), preference=np.ones(2)) * RAY
    np.testing.assert_allclose(weights(J, LOSSES, preference=RAY, u=1e4), expected, atol=1e-4)


def test_a_baseline_counts_from_there():
    baseline = np.array([0.2, 1.7])
    w = weights(J, LOSSES, preference=RAY, baseline=baseline)
    np.testing.assert_allclose(w, on_a_grid(J, LOSSES, RAY, 0.1, baseline), atol=5e-6)


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="u must be finite and above 0"):
        moo.wc_mgda(2, u=-1.0)
    with pytest.raises(ValueError, match="baseline"):
        moo.wc_mgda(2, baseline=(1.0, 1.0, 1.0))
    tx = moo.wc_mgda(2)
    with pytest.raises(ValueError, match="losses are missing: wc_mgda"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))


def test_a_loss_without_a_value_is_announced():
    tx = moo.wc_mgda(2)
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, jnp.nan]))
    assert np.isnan(tx.update(jac, tx.init(jnp.zeros(2)))[0]).all()
