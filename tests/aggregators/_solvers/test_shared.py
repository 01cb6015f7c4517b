import jax
import jax.numpy as jnp
import numpy as np
from scipy.optimize import nnls

from moo.aggregators._solvers._shared import proximal_each


def test_each_problem_is_solved():
    """Many right-hand sides with one H of half rank: no value is above that of least squares."""
    rng = np.random.default_rng(0)
    factor, targets = rng.standard_normal((12, 24)), rng.standard_normal((10, 12))
    lengths = np.linalg.norm(factor, axis=0)
    factor /= lengths
    solve = jax.jit(proximal_each)
    args = jnp.float32(factor.T @ factor), jnp.float32(targets @ factor), jnp.ones(24, bool)
    points = np.asarray(solve(*args), np.float64)
    assert points.min() >= 0
    for u, t in zip(points, targets, strict=True):
        assert np.sum((factor @ u - t) ** 2) <= nnls(factor, t)[1] ** 2 + 1e-4


def test_nan_ends():
    H = jnp.full((20, 20), jnp.nan)
    assert jax.jit(proximal_each)(H, H, jnp.ones(20, bool)).shape == (20, 20)
