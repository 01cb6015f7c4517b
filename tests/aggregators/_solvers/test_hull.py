import jax
import jax.numpy as jnp
import numpy as np

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._hull import hull_norm
from moo.aggregators._solvers._min_norm import min_norm

WORKED = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])


@jax.jit
@jax.vmap
def solve(rows, active, linear, tau, kappa):
    return hull_norm(gram_of_rows(rows), active, linear, tau, kappa)


def answer(rows, linear, tau, kappa, active=None):
    rows = np.asarray(rows, np.float32)
    active = np.ones(rows.shape[:2], bool) if active is None else np.asarray(active)
    given = (jnp.asarray(np.broadcast_to(x, len(rows)), jnp.float32) for x in (tau, kappa))
    return solve(jnp.asarray(rows), active, jnp.asarray(linear, jnp.float32), *given)


def test_worked_examples_of_imgrad_and_cagrad():
    """(1 - μ)(g·g₀ + c|g₀||g|) + μ|g|², (1.5 - μ) g·g₀ + μ c|g₀||g|, and g·g₀ + c|g₀||g|."""
    mean, longest, mu, c = WORKED.mean(axis=0), np.linalg.norm(WORKED, axis=1).max(), 0.997491, 0.4
    onto_mean, pull = WORKED @ mean / longest**2, c * np.linalg.norm(mean) / longest
    linear = np.outer([1 - mu, 1.5 - mu, 1], onto_mean)
    tau = np.array([1 - mu, mu, 1]) * pull
    found = answer([WORKED] * 3, linear, tau, [2 * mu, 0, 0])
    np.testing.assert_allclose(found.weights[:, 0], [0.520809, 0.546995, 0.573439], atol=2e-6)
    assert found.converged.all()


def test_limits_and_masks():
    """Without a norm the best row; with a heavy one the min-norm point; a mask is smaller."""
    linear = [[0.3, 0.1], [0.3, 0.1], [0.3, 0.1]]
    active = [[True, True], [True, True], [True, False]]
    found = answer([WORKED] * 3, linear, [1e-6, 1e6, 1.0], 0.0, active)
    gram = gram_of_rows(jnp.asarray(WORKED, jnp.float32))
    shortest = min_norm(gram, jnp.ones(2, bool)).weights
    np.testing.assert_allclose(found.weights, [[0, 1], shortest, [1, 0]], atol=1e-5)


def test_where_the_hull_holds_zero():
    """Opposite rows (g, -2g): a strong norm keeps v at 0, a weak one yields to the linear part."""
    rows = np.stack([WORKED[0], -2 * WORKED[0]])
    found = answer([rows, rows], [[1.0, 0.0]] * 2, [10.0, 0.1], 0.0)
    np.testing.assert_allclose(found.weights, [[2 / 3, 1 / 3], [0, 1]], atol=1e-3)


def test_zero_rows_and_wide_scales_are_finite():
    stack = [0 * WORKED, WORKED * [[0], [1]], WORKED * [[1e-15], [1e-27]], WORKED * [[1e15], [1e3]]]
    found = answer(stack, [[0.2, 0.1]] * 4, 0.5, 0.5)
    assert jnp.isfinite(found.weights).all()
    np.testing.assert_allclose(found.weights.sum(axis=1), 1, rtol=1e-6)
