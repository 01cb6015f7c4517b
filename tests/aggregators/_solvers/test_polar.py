import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._solvers._polar import EXACT, MUON, polar


def factor(matrix):
    left, _, right = np.linalg.svd(matrix, full_matrices=False)
    return left @ right


@jax.jit
def exact(matrix):
    return polar(matrix, 20, EXACT)


@pytest.mark.parametrize("shape", [(4, 4), (3, 7), (7, 3), (1, 5)])
@pytest.mark.parametrize("exponent", [0, -100, 100])
def test_converges_to_the_factor_of_a_decomposition(shape, exponent):
    matrix = np.random.default_rng(sum(shape)).standard_normal(shape)
    found = exact(np.ldexp(np.float32(matrix), exponent))
    np.testing.assert_allclose(found, factor(matrix), atol=1e-5)


def test_muons_coefficients_stay_near_one():
    """Its five steps take singular values from 0.01 of the norm upwards into [0.65, 1.25]."""
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((6, 6)))[0] for _ in range(2))
    matrix = left @ np.diag(np.geomspace(0.02, 1, 6)) @ right
    values = left.T @ np.asarray(polar(jnp.float32(matrix), 5, MUON)) @ right.T
    np.testing.assert_allclose(values, np.diag(np.diag(values)), atol=1e-4)
    assert np.diag(values).min() > 0.65
    assert np.diag(values).max() < 1.25


def test_zero_and_not_finite():
    stack = np.stack([np.zeros((2, 3)), np.full((2, 3), np.nan)]).astype(np.float32)
    zero, unknown = jax.jit(jax.vmap(polar))(stack)
    assert not np.any(zero)
    assert np.isnan(unknown).all()
