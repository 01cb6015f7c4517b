import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import preference_oracles as oracles

J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LOSSES = np.array([1.0, 2.0])
RAY = np.array([0.7, 0.3])


def step(tx, state, rows, losses, **extras):
    jac = moo.stacked_jacobian(jnp.asarray(rows), jnp.asarray(losses))
    return tx.update(jac, state, **extras)


def test_two_worked_steps():
    tx = moo.ferero(2, preference=RAY)
    v, state = step(tx, tx.init(jnp.zeros(3)), J, LOSSES)
    np.testing.assert_allclose(state.weights, oracles.ferero(J, LOSSES, RAY), atol=1e-6)
    np.testing.assert_allclose(state.weights, [0.508052, 0.486879], atol=1e-6)
    np.testing.assert_allclose(v, [0.118548, 0.539802, -0.205338], atol=1e-6)
    rows = np.array([[0.8, 0.1, -0.4], [-0.9, 1, 0.3]])
    _, state = step(tx, state, rows, [0.9, 1.5])
    np.testing.assert_allclose(state.weights, [0.547998, 0.426863], atol=1e-6)


def test_the_subproblem_brings_the_losses_back_at_rate_c():
    """At the fixed point BJv = cBl, with the whole share on the first loss here."""
    tx = moo.ferero(2, preference=RAY, iterations=250, c=1.0, restart=True)
    v, state = step(tx, tx.init(jnp.zeros(3)), J, LOSSES)
    np.testing.assert_allclose(state.weights, [0.472729, 1.230299], atol=1e-5)
    across = np.array([RAY[1], -RAY[0]])
    np.testing.assert_allclose(across @ (J @ np.asarray(v)), across @ LOSSES, atol=1e-4)


def test_three_objectives_in_any_basis():
    rng = np.random.default_rng(0)
    rows, losses, ray = (
        rng.standard_normal((3, 5)),
        np.array([1, 2, 0.5]),
        np.array([0.2, 0.3, 0.5]),
    )
    tx = moo.ferero(3, preference=ray, iterations=20)
    _, state = step(tx, tx.init(jnp.zeros(5)), rows, losses)
    expected = oracles.ferero(rows, losses, ray, steps=20)
    np.testing.assert_allclose(state.weights, expected, atol=1e-5)


def test_multipliers_stay_within_the_bound():
    """Off the ray with zero rows nothing can bring the losses back."""
    tx = moo.ferero(2, c=100.0, iterations=50, bound=3.0)
    _, state = step(tx, tx.init(jnp.zeros(3)), 0 * J, LOSSES)
    assert float(jnp.linalg.norm(state.inner.tilts)) == pytest.approx(3, rel=1e-5)


@pytest.mark.parametrize("iterations", [1, 5])
def test_rows_whose_squares_overflow_give_the_direction_of_smaller_ones(iterations):
    """All share goes to a face and the tilts to their bound, as soon as the rows are long."""
    tx = moo.ferero(2, preference=RAY, iterations=iterations)
    start = tx.init(jnp.zeros(3))
    _, long = step(tx, start, 1e8 * J, LOSSES)
    v, state = step(tx, start, 1e25 * J, LOSSES)
    assert jnp.isfinite(v).all()
    np.testing.assert_allclose(state.weights, long.weights, rtol=1e-5)


def test_inactive_objectives_keep_their_multipliers():
    tx = moo.ferero(3, preference=(0.2, 0.3, 0.5))
    rows = jax.random.normal(jax.random.key(0), (3, 4))
    _, state = step(tx, tx.init(jnp.zeros(4)), rows, [1.0, 2.0, 3.0])
    active = jnp.array([True, False, True])
    jac = moo.stacked_jacobian(rows, jnp.array([1.0, 2.0, 3.0]), active=active)
    _, after = tx.update(jac, state)
    assert after.inner.shares[1] == state.inner.shares[1]
    assert after.inner.tilts[1] == state.inner.tilts[1]
    assert after.weights[1] == 0


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="gamma must be finite and above 0"):
        moo.ferero(2, gamma=0.0)
    with pytest.raises(ValueError, match="iterations must be at least 1"):
        moo.ferero(2, iterations=0)
    tx = moo.ferero(2)
    with pytest.raises(ValueError, match="losses are missing: ferero"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))
