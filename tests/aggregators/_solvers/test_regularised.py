import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._regularised import regularised_min_norm

WORKED = jnp.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]], jnp.float32)


@jax.jit
@jax.vmap
def solve(rows, active, prior, l1, l2):
    return regularised_min_norm(gram_of_rows(rows), active, prior, l1, l2)


def pair(priors, l1, l2, rows=WORKED):
    """Solve for priors (p, 1 - p) and pulls, all at once."""
    priors, l1, l2 = (jnp.asarray(x, jnp.float32) for x in np.broadcast_arrays(priors, l1, l2))
    n = len(priors)
    stack = jnp.broadcast_to(jnp.asarray(rows, jnp.float32), (n, 2, 3))
    both = jnp.stack([priors, 1 - priors], axis=1)
    return solve(stack, jnp.ones((n, 2), bool), both, l1, l2)


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e12])
def test_two_rows_in_closed_form(scale):
    """The median of (c - α)/D, the prior and (c + α)/D, with α = 2 l₁, at every scale."""
    priors, alpha = np.array([0.5, 0.5, 0.7, 0.7, 0.7]), np.array([0, 0.1, 0.1, 0.5, 1.0])
    answer = pair(priors, alpha / 2 * scale**2, 0.0, rows=scale * WORKED)
    expected = [0.520782, 0.5, 0.545232, 0.643032, 0.7]
    np.testing.assert_allclose(answer.weights[:, 0], expected, atol=2e-6)
    assert answer.converged.all()


def test_two_rows_with_a_ridge_in_closed_form():
    """½(g₁ - g₂)²γ² + ... + l₂(γ - p)² is minimal at γ = (c + 2 l₂ p) / (D + 2 l₂)."""
    g, h = np.asarray(WORKED, np.float64)
    l2, p = np.array([1e-3, 0.1, 10, 1e8]), 0.9
    expected = (h @ (h - g) + 2 * l2 * p) / ((g - h) @ (g - h) + 2 * l2)
    answer = pair(np.full(4, p), 0.0, l2)
    np.testing.assert_allclose(answer.weights[:, 0], expected, rtol=1e-5)
    assert answer.converged.all()


def test_masks_and_zero_rows():
    """A mask is the smaller problem; a zero row is taken as far as the pull allows."""
    rows = jnp.stack([WORKED * jnp.array([[1.0], [0.0]]), WORKED])
    active = jnp.array([[True, True], [False, True]])
    answer = solve(rows, active, jnp.full((2, 2), 0.5), jnp.array([0.1, 0.1]), jnp.zeros(2))
    # Half the derivative of ½ 1.29 γ² is met by 2 l₁ = 0.2 at γ = 0.2 / 1.29.
    np.testing.assert_allclose(answer.weights, [[0.2 / 1.29, 1 - 0.2 / 1.29], [0, 1]], rtol=1e-4)
    assert answer.converged.all()


def test_relative_pulls_know_no_scale():
    @jax.jit
    def weights(scale):
        gram = gram_of_rows(scale * WORKED)
        prior = jnp.array([0.7, 0.3])
        return regularised_min_norm(gram, jnp.ones(2, bool), prior, 0.1, relative=True).weights

    # α/2 = 0.1 · (1.29 + 1.46) / 2
    closed = pair(np.array([0.7]), 0.1375, 0.0).weights[0]
    np.testing.assert_allclose(weights(1.0), closed, rtol=1e-6)
    np.testing.assert_allclose(weights(2.0**40), closed, rtol=1e-6)
