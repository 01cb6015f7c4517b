"""The duality gap of CAGrad's direction, and its worst case against a conic program."""

import numpy as np
import pytest

from moo.aggregators._solvers._conic import conflict_averse
from moo.aggregators._solvers._min_norm import min_norm
from tests.aggregators import oracles
from tests.aggregators._solvers.certificates import (
    BARS,
    SINGLE,
    answers,
    combined,
    dots,
    products,
    terms,
    uniform,
)
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = [pytest.mark.conformance, pytest.mark.certificates]


def radii(stack):
    """Return c for every Jacobian, exact in float32: v may conflict below 1, and not above."""
    return np.random.default_rng(len(stack)).choice([0.375, 1.5], len(stack))


def gap(stack, c, weights, witness):
    """Return the least dual value that is known, less the worst case of v; and the former.

    g_w·g_0 + c|g_0||g_w| is no less than any worst case in the ball, for each w in the simplex. The
    pull of v away from the mean gives one w; where it vanishes, the shortest vector gives another.
    """
    mean = stack.mean(axis=1)
    radius = c * np.linalg.norm(mean, axis=1)

    def dual(w):
        pull = combined(stack, w)
        return dots(pull, mean) + radius * np.linalg.norm(pull, axis=1)

    away = np.maximum(weights - 1 / stack.shape[1], 0)
    total = away.sum(axis=1)
    own = dual(away / np.where(total > 0, total, 1)[:, None])
    bound = np.minimum(np.where(total > 0, own, np.inf), dual(witness))
    return bound - products(stack, combined(stack, weights)).min(axis=1), bound


def close(stack, c, weights, witness, bar):
    """Return whether the gap is within the bar of `excess`."""
    over, value = gap(stack, c, weights, witness)
    least = np.sum(stack**2, axis=2).min(axis=1)
    return over <= bar[0] * np.abs(value) + bar[1] * least


def check(m, number, share, dtype=np.float32):
    """All but nearly opposite rows, or many of half rank, converge; what has, is optimal."""
    stack = jacobians(m, number)
    c = radii(stack)
    weights, _, converged = answers(conflict_averse, stack, c, dtype=dtype)
    witness, _, _ = answers(min_norm, stack, dtype=dtype)
    assert converged[::2].mean() >= 0.99
    assert converged[1::2].mean() >= share
    assert weights.min() >= 0

    mean = stack.mean(axis=1)
    size, eps = terms(stack, weights), np.finfo(dtype).eps
    square = np.sum((combined(stack, weights) - mean) ** 2, axis=1)
    # The square of the length of v - g_0 is a sum of products of the terms, each rounded.
    assert (square <= c**2 * np.sum(mean**2, axis=1) + 8 * eps * size**2).all()

    known = np.where(converged[:, None], weights, uniform(stack))
    fine = close(stack, c, known, witness, BARS[dtype])
    assert fine[::2][converged[::2]].all()
    # A pull that is shorter than the root of its rounding is taken for none.
    longest = np.linalg.norm(stack, axis=2).max(axis=1)
    over, _ = gap(stack, c, weights, witness)
    assert (over <= np.sqrt(8 * eps) * size * longest)[converged].all()


@pytest.mark.parametrize("m", NUMBERS)
def test_gap(m):
    check(m, NUMBERS[m], share=0.6 if m < 256 else 0)


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_in_double(m, x64):
    """Its tolerance is 1e-11 here, out of reach where rows nearly repeat or oppose each other."""
    check(m, 300 if m < 32 else 60, share=0.75, dtype=np.float64)


@pytest.mark.parametrize("m", NUMBERS)
def test_uniform_weights_fail(m):
    stack = jacobians(m)
    witness, _, _ = answers(min_norm, stack)
    assert close(stack, radii(stack), uniform(stack), witness, SINGLE).mean() < 0.01


@pytest.mark.parametrize(("m", "number"), [(2, 200), (4, 200), (32, 16)])
@pytest.mark.parametrize("c", [0.4, 1.5])
def test_against_a_conic_program(m, number, c):
    """v lies in the ball, and its worst case is the best there by a conic program."""
    stack = jacobians(m, number)
    weights, _, converged = answers(conflict_averse, stack, np.full(number, c))
    assert converged.mean() >= 0.85
    for k in np.flatnonzero(converged):
        J, w = stack[k], weights[k]
        v, mean = w @ J, J.mean(axis=0)
        # Nearly opposite rows leave the length of the pull open by the root of its rounding.
        slack = (3e-2 if k % 2 else 1e-4) * (np.linalg.norm(mean) + 0.1)
        assert np.linalg.norm(v - mean) <= c * np.linalg.norm(mean) + slack
        assert (J @ v).min() >= oracles.cagrad_value(J, c) - 2 * slack
