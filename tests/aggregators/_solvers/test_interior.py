import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import nnls

from moo.aggregators._solvers._interior import interior


def test_support_and_point_of_rank_deficient_problems():
    """Rank 5 in 12 dimensions: feasible, complementary, at the value of least squares."""
    rng = np.random.default_rng(0)
    factors, targets = rng.standard_normal((8, 5, 12)), rng.standard_normal((8, 5))
    hessians = np.einsum("nki,nkj->nij", factors, factors)
    linears = np.einsum("nki,nk->ni", factors, targets)
    solve = jax.jit(jax.vmap(lambda H, b: interior(H, b, jnp.ones(12, bool))))
    points, slacks = solve(jnp.float32(hessians), jnp.float32(linears))
    for A, t, u, z in zip(factors, targets, np.asarray(points, np.float64), slacks, strict=True):
        best = nnls(A, t)[1] ** 2
        assert u.min() >= 0
        assert u @ np.asarray(z) < 1e-4
        assert np.sum((A @ u - t) ** 2) <= best + 1e-4


def test_nan_ends():
    point, _ = interior(jnp.full((3, 3), jnp.nan), jnp.ones(3), jnp.ones(3, bool))
    assert point.shape == (3,)
