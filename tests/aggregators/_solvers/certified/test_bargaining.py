"""The equations of alpha-fair bargaining, and the witness where there is no solution."""

import numpy as np
import pytest

from moo.aggregators._solvers._bargaining import bargain, fair
from tests.aggregators._solvers.certificates import answers, combined, products, terms, uniform
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = [pytest.mark.conformance, pytest.mark.certificates]

# Newton's end, where no terms cancel; the rest is rounding, of what does.
ENDS = {np.float32: 1e-5, np.float64: 1e-10}


def alphas(stack):
    return np.random.default_rng(len(stack)).choice([0.5, 1.0, 2.0, 5.0], len(stack))


def solved(stack, alpha, weights, dtype=np.float32):
    """Return whether Gw = w^(-1/alpha) holds, up to the rounding of the terms of Gw."""
    gains = products(stack, combined(stack, weights))
    shares = weights ** (1 / alpha[:, None])
    off = np.abs(gains * shares - 1).max(axis=1)
    room = (shares * np.linalg.norm(stack, axis=2)).max(axis=1) * terms(stack, weights)
    return off <= ENDS[dtype] + 8 * np.finfo(dtype).eps * room


def check(m, number, short, dtype=np.float32):
    stack = jacobians(m, number)
    alpha = alphas(stack)
    weights, residual, converged = answers(fair, stack, alpha, dtype=dtype)
    assert converged[::2].mean() > 0.98
    assert solved(stack, alpha, weights, dtype)[converged].all()
    # Without a solution the weights are a witness: v is no more than the rounding of its terms.
    length = np.linalg.norm(combined(stack, weights), axis=1)
    assert (length <= short * terms(stack, weights))[~converged].all()
    assert (residual[~converged] > 0).all()
    assert np.isfinite(weights).all()
    assert (~converged)[3::8].any()


@pytest.mark.parametrize("m", NUMBERS)
def test_equations(m):
    check(m, NUMBERS[m], short=1e-2)


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_in_double(m, x64):
    check(m, 300 if m < 32 else 60, short=1e-6, dtype=np.float64)


@pytest.mark.parametrize("m", NUMBERS)
def test_uniform_weights_fail(m):
    stack = jacobians(m)[::2]
    assert solved(stack, alphas(stack), uniform(stack)).mean() < 0.01


def test_nash_is_fair_with_alpha_one():
    stack = jacobians(8, 200)[::2]
    nash, _, _ = answers(bargain, stack, np.full(len(stack), np.inf))
    by_alpha, _, _ = answers(fair, stack, np.ones(len(stack)))
    np.testing.assert_allclose(nash, by_alpha, rtol=1e-5)
