import itertools
import math

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo


@pytest.mark.parametrize(("m", "partitions"), [(1, 3), (2, 4), (3, 5), (4, 2)])
def test_the_grid_holds_every_multiple_once(m, partitions):
    found = np.asarray(moo.simplex_grid(m, partitions)) * partitions
    every = itertools.product(range(partitions + 1), repeat=m)
    expected = [point for point in every if sum(point) == partitions]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert len(found) == math.comb(partitions + m - 1, m - 1)


def test_rays_are_on_the_simplex_with_the_right_mean():
    alpha = jnp.array([0.2, 0.4, 1.4])
    rays = np.asarray(jax.jit(moo.sample_rays, static_argnums=2)(jax.random.key(0), alpha, 4000))
    assert (rays >= 0).all()
    np.testing.assert_allclose(rays.sum(axis=1), 1, rtol=1e-5)
    # Standard errors are below 0.005.
    np.testing.assert_allclose(rays.mean(axis=0), [0.1, 0.2, 0.7], atol=0.025)


def test_wrong_arguments():
    with pytest.raises(TypeError, match="partitions must be an int"):
        moo.simplex_grid(2, 1.5)
    with pytest.raises(ValueError, match="num_objectives must be at least 1"):
        moo.simplex_grid(0, 1)
    with pytest.raises(TypeError, match="key must be a typed key"):
        moo.sample_rays(0, jnp.ones(2), 3)
    with pytest.raises(ValueError, match=r"alpha must have shape \(m,\), got \(\)"):
        moo.sample_rays(jax.random.key(0), 0.2, 3)
    for entry in (0.0, math.inf):
        with pytest.raises(ValueError, match="alpha must be positive and finite"):
            moo.sample_rays(jax.random.key(0), [entry, 1.0], 3)
    with pytest.raises(TypeError, match="alpha must consist of real numbers"):
        moo.sample_rays(jax.random.key(0), ["a", "b"], 3)
