"""The duality gap of capped min-norm weights, and the values of quadprog."""

import numpy as np
import pytest

from moo.aggregators._solvers._capped import capped_min_norm
from tests.aggregators._solvers.certificates import (
    DOUBLE,
    SINGLE,
    answers,
    excess,
    gramians,
    shortest,
    uniform,
)
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = [pytest.mark.conformance, pytest.mark.certificates]


def caps_of(stack):
    n, m = stack.shape[:2]
    return np.random.default_rng(m).uniform(1 / m, 1, n).astype(np.float32)


def over(stack, weights, caps, bar):
    """Return the gap over the bar of `excess`, to the best weights under the cap."""

    def least(slopes):
        # As much as may be on the smallest slope, then on the next.
        filled = np.arange(stack.shape[1]) * caps[:, None].astype(np.float64)
        room = np.clip(1 - filled, 0, caps[:, None])
        return (room * np.sort(slopes, axis=1)).sum(axis=1)

    return excess(gramians(stack), weights, bar, least)


@pytest.mark.parametrize("m", NUMBERS)
def test_gap(m):
    """All converge within the bar; uniform weights are not let through."""
    stack = jacobians(m)
    caps = caps_of(stack)
    weights, _, converged = answers(capped_min_norm, stack, caps)
    assert converged.all()
    assert weights.min() >= 0
    assert (weights.max(axis=1) <= caps * (1 + 1e-6)).all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert over(stack, weights, caps, SINGLE).max() <= 1
    assert (over(stack, uniform(stack), caps, SINGLE) > 1).mean() > 0.98


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_in_double(m, x64):
    stack = jacobians(m, 300 if m < 32 else 100)
    caps = caps_of(stack)
    weights, _, converged = answers(capped_min_norm, stack, caps, dtype=np.float64)
    assert converged.mean() >= 0.98
    assert over(stack, weights, caps, DOUBLE).max() <= 1


@pytest.mark.parametrize("m", [2, 3, 8, 32])
def test_against_quadprog(m):
    """Capped weights reach the least value that quadprog finds."""
    stack = jacobians(m, 400)
    caps = caps_of(stack)
    weights, _, _ = answers(capped_min_norm, stack, caps)
    for gram, w, cap in zip(gramians(stack), weights, caps.astype(np.float64), strict=True):
        best = shortest(gram, max(cap, 1 / m + 1e-12))
        slack = 1e-6 * gram.diagonal().min()
        assert w @ gram @ w <= best @ gram @ best * (1 + 1e-4) + slack
