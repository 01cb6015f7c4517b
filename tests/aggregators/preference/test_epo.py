import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from tests.aggregators import preference_oracles as oracles
from tests.aggregators.follow import ROWS, follow

pytestmark = pytest.mark.usefixtures("unoptimised")

J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
LOSSES = np.array([1.0, 2.0])
RAY = np.array([0.7, 0.3])


def weights(J, losses, **options):
    J = jnp.asarray(J)
    tx = moo.epo(len(J), **options)
    _, state = tx.update(moo.stacked_jacobian(J, jnp.asarray(losses)), tx.init(J[0]))
    return np.asarray(state.weights, np.float64), state


@pytest.mark.parametrize(
    ("preference", "worked"),
    [(RAY, [0.71818, 0.28182]), (1 / RAY, [0, 1]), (1 / LOSSES, [0.341837, 0.658163])],
)
def test_worked_numbers(preference, worked):
    """Two balances and, with balanced losses, a descent."""
    w, state = weights(J, LOSSES, preference=preference)
    np.testing.assert_allclose(w, oracles.epo(J, LOSSES, preference), atol=1e-5)
    np.testing.assert_allclose(w, worked, atol=1e-5)
    assert bool(state.converged)


def test_random_rows_against_highs():
    rng = np.random.default_rng(0)
    stack = rng.standard_normal((100, 4, 6)).astype(np.float32)
    losses = np.exp(rng.standard_normal((100, 4))).astype(np.float32)
    tx = moo.epo(4)

    def solve(J, losses):
        return tx.update(moo.stacked_jacobian(J, losses), tx.init(J[0]))[1]

    state = jax.jit(jax.vmap(solve))(stack, losses)
    for J, ell, w in zip(stack, losses, np.asarray(state.weights), strict=True):
        expected = oracles.epo(J.astype(float), ell.astype(float), np.full(4, 0.25))
        np.testing.assert_allclose(w, expected, atol=1e-3)


def test_relaxed_descent():
    """Without the restriction the weights may go where the divergence would rise."""
    rows = np.array([[2, 0.0, 0.5], [0.1, 1, 0]])
    for relax in (False, True):
        losses = np.array([1.0, 1.005])
        w, _ = weights(rows, losses, relax=relax)
        expected = oracles.epo(rows, losses, np.full(2, 0.5), relax=relax)
        np.testing.assert_allclose(w, expected, atol=1e-4)


def test_opposite_rows_stop_when_balanced():
    """(g, -2g): no loss may rise, so v = 0 at weights 2/3 and 1/3."""
    w, _ = weights(np.array([J[0], -2 * J[0]]), np.ones(2))
    np.testing.assert_allclose(w, [2 / 3, 1 / 3], atol=1e-5)


def test_a_preference_at_the_update_takes_its_place():
    tx, rows = moo.epo(2), jnp.asarray(J)
    jac = moo.stacked_jacobian(rows, jnp.asarray(LOSSES))
    _, state = tx.update(jac, tx.init(rows[0]), preference=jnp.asarray(RAY))
    np.testing.assert_allclose(state.weights, [0.71818, 0.28182], atol=1e-5)


@pytest.mark.parametrize("bad", [0.0, -1.0, np.nan])
def test_losses_that_are_not_positive_are_announced(bad):
    w, state = weights(J, [bad, 1.0])
    assert np.isnan(w).all()
    assert not state.converged


def test_errors_name_the_argument():
    with pytest.raises(ValueError, match="eps must be finite and at least 0"):
        moo.epo(2, eps=-1.0)
    with pytest.raises(ValueError, match="preference must have shape"):
        moo.epo(2, preference=(1.0, 1.0, 1.0))
    tx = moo.epo(2)
    with pytest.raises(ValueError, match="losses are missing: epo"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)))


def test_it_reaches_the_ray():
    """Two quadratics in one dimension: the losses become equal at the middle of their minima."""

    def objectives(x):
        return jnp.stack([x[0] ** 2, (x[0] - 1) ** 2 * 2]) + 0.1

    path = moo.run(
        objectives,
        moo.optimizer("epo", optax.sgd(0.01), num_objectives=2),
        starts=jnp.array([[0.9]]),
        steps=200,
    )
    last = path.objectives[0, -1]
    assert last[0] == pytest.approx(last[1], rel=0.1)


def test_no_active_objective():
    v, state = follow(moo.epo(2), ROWS, active=[False, False])
    np.testing.assert_array_equal(v[0], 0)
    assert state.residual == 0
    assert state.converged
