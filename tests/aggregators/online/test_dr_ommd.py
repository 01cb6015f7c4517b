import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import ROWS


@functools.partial(jax.jit, static_argnames="relative")
def solved(rows, alpha, prior, active, relative):
    strength = {"alpha_relative" if relative else "alpha": alpha}
    method = moo.dr_ommd(len(rows), **strength)
    jac = moo.stacked_jacobian(rows, jnp.ones(len(rows)), active=active)
    return method.update(jac, method.init(rows[0]), prior=prior)[1].weights


def weights(rows, alpha, prior, active=None, relative=False):
    """Solve with strength and prior as tracers, so that cases of one shape share a program."""
    rows, prior = np.float32(rows), np.float32(prior)
    active = np.ones(len(rows), bool) if active is None else np.array(active)
    return np.asarray(solved(rows, np.float32(alpha), prior, active, relative))


def closed_form(rows, alpha, first):
    """Two rows: the point of [(c - α)/D, (c + α)/D] nearest the prior, clipped."""
    g1, g2 = rows
    size, along = (g1 - g2) @ (g1 - g2), g2 @ (g2 - g1)
    gamma = np.clip(first, (along - alpha) / size, (along + alpha) / size)
    return np.clip([gamma, 1 - gamma], 0, 1)


@pytest.mark.parametrize(
    ("alpha", "first", "worked"),
    [(0.0, 0.5, 0.520782), (0.1, 0.5, 0.5), (0.1, 0.7, 0.545232), (0.5, 0.7, 0.643032),
     (1.0, 0.7, 0.7)],
)  # fmt: skip
def test_worked_example(alpha, first, worked):
    prior = (first, 1 - first)
    np.testing.assert_allclose(closed_form(ROWS, alpha, first)[0], worked, atol=1e-6)
    np.testing.assert_allclose(weights(ROWS, alpha, prior), [worked, 1 - worked], atol=2e-5)


def test_opposite_rows_and_equal_rows():
    opposite, equal = np.array([ROWS[0], -ROWS[0]]), np.array([ROWS[0], ROWS[0]])
    np.testing.assert_allclose(weights(opposite, 0.0, (0.9, 0.1)), 0.5, atol=1e-5)
    expected = closed_form(opposite, 1.0, 0.9)
    np.testing.assert_allclose(weights(opposite, 1.0, (0.9, 0.1)), expected, atol=1e-5)
    np.testing.assert_allclose(weights(equal, 0.3, (0.8, 0.2)), [0.8, 0.2], atol=1e-5)


def test_relative_strength_is_in_units_of_the_mean_squared_norm():
    prior, unit = (0.7, 0.3), np.trace(ROWS @ ROWS.T) / 2
    expected = closed_form(ROWS, 0.2 * unit, 0.7)
    for size in (1.0, 2.0**-60):
        given = weights(size * ROWS, 0.2, prior, relative=True)
        np.testing.assert_allclose(given, expected, atol=2e-5)


def test_the_prior_is_scaled_to_the_active_objectives():
    rows = np.vstack([ROWS, [[5, 5, 5]]])
    masked = weights(rows, 100.0, (0.3, 0.1, 0.6), active=[True, True, False])
    np.testing.assert_allclose(masked, [0.75, 0.25, 0], atol=1e-5)


def test_errors():
    with pytest.raises(ValueError, match=r"prior must have shape \(2,\)"):
        moo.dr_ommd(2, prior=(1.0, 0.0, 0.0))
    with pytest.raises(ValueError, match="alpha must be finite and at least 0"):
        moo.dr_ommd(2, alpha=-1.0)
