import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import nnls

from moo.aggregators._solvers._pivoting import proximal, solve_on


def test_against_non_negative_least_squares():
    """H of rank 3 in 6 dimensions, with duplicates: the value is the least one."""
    rng = np.random.default_rng(0)
    factors = rng.standard_normal((8, 3, 6))
    factors[:, :, 5] = factors[:, :, 0]
    targets = rng.standard_normal((8, 3))
    hessians = np.einsum("nki,nkj->nij", factors, factors)
    linears = np.einsum("nki,nk->ni", factors, targets)
    solve = jax.jit(jax.vmap(lambda H, b: proximal(H, b, jnp.ones(6, bool))))
    answers = np.asarray(solve(jnp.float32(hessians), jnp.float32(linears)), np.float64)
    assert answers.min() >= 0
    for factor, target, u in zip(factors, targets, answers, strict=True):
        _, least = nnls(factor, target)
        # u itself is not unique, its value is.
        np.testing.assert_allclose(np.linalg.norm(factor @ u - target), least, atol=1e-3)


def test_forbidden_coordinates_stay_zero():
    allowed = jnp.array([True, False, True])
    u = proximal(jnp.eye(3), jnp.ones(3), allowed)
    np.testing.assert_allclose(u, [1, 0, 1], rtol=1e-6)


def test_nan_ends():
    u = proximal(jnp.full((3, 3), jnp.nan), jnp.ones(3), jnp.ones(3, bool))
    assert u.shape == (3,)


def test_solve_on_several_sides_at_once():
    H = jnp.array([[2.0, 1, 0], [1, 3, 1], [0, 1, 4]])
    support = jnp.array([True, True, False])
    sides = jnp.array([[1.0, 0], [0, 1], [7, 7]])
    expected = np.zeros((3, 2))
    expected[:2] = np.linalg.inv([[2, 1], [1, 3]])
    np.testing.assert_allclose(solve_on(support, H, sides), expected, rtol=1e-6, atol=1e-7)
