"""The duality gap of min-norm weights that are pulled to a prior, and the values of clarabel."""

import clarabel
import numpy as np
import pytest

from moo.aggregators._solvers._regularised import regularised_min_norm
from tests.aggregators._solvers.certificates import answers, conic, dots, gramians, uniform
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = [pytest.mark.conformance, pytest.mark.certificates]

# Of the value, and of the mean squared norm: rounded cosines leave a few ulp of that open.
OPEN = {np.float32: (1e-4, 1e-5), np.float64: (1e-8, 1e-12)}


def relative(gram, active, prior, l1, l2):
    return regularised_min_norm(gram, active, prior, l1, l2, relative=True)


def pulls(stack):
    """Return priors, and weights of both pulls from 1e-6 to 10, a third of each kind 0."""
    n, m = stack.shape[:2]
    rng = np.random.default_rng(m)
    l1, l2 = (10.0 ** rng.uniform(-6, 1, (2, n))).astype(np.float32)
    l1[::3], l2[1::3] = 0, 0
    return rng.dirichlet(np.ones(m), n).astype(np.float32), l1, l2


def within(stack, weights, priors, l1, l2, bar):
    """Return whether the objective is within the bar of its least value, by its linear model.

    With s the slope of the smooth part at w, no value is below that at w by more than
    s'w + a|w - p| - sum p_i min(s_i, min s + 2a): weight leaves p where it gains more than 2a.
    """
    grams = gramians(stack)
    mean = np.einsum("nii->n", grams) / stack.shape[1]
    priors = priors / priors.sum(axis=1, keepdims=True, dtype=np.float64)
    a, b, away = l1 * mean, l2 * mean, weights - priors
    slopes = np.einsum("nij,nj->ni", grams, weights)
    kink = a * np.abs(away).sum(axis=1)
    value = dots(weights, slopes) / 2 + kink + b / 2 * dots(away, away)
    slopes = slopes + b[:, None] * away
    most = slopes.min(axis=1) + 2 * a
    gap = dots(weights, slopes) + kink - dots(priors, np.minimum(slopes, most[:, None]))
    return gap <= bar[0] * value + bar[1] * mean


def check(m, number, share, dtype=np.float32):
    stack = jacobians(m, number)
    parameters = pulls(stack)
    weights, _, converged = answers(relative, stack, *parameters, dtype=dtype)
    assert converged[::2].mean() >= 0.98
    assert converged[1::2].mean() >= share
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    fine = within(stack, weights, *parameters, OPEN[dtype])
    assert fine[converged].all()
    assert fine.mean() >= 0.98


@pytest.mark.parametrize("m", NUMBERS)
def test_gap(m):
    check(m, NUMBERS[m], share=0.8 if m < 512 else 0.5)


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_in_double(m, x64):
    check(m, 300 if m < 32 else 100, share=0.7, dtype=np.float64)


@pytest.mark.parametrize("m", NUMBERS)
def test_uniform_weights_fail(m):
    stack = jacobians(m)
    assert within(stack, uniform(stack), *pulls(stack), OPEN[np.float32]).mean() < 0.02


@pytest.mark.parametrize("m", [2, 3, 8, 32])
def test_against_an_interior_point_method(m):
    """The value is that of a quadratic program, with the kink as two slacks a weight."""
    stack = jacobians(m, 200 if m < 32 else 40)
    priors, l1, l2 = pulls(stack)
    weights, _, converged = answers(relative, stack, priors, l1, l2)
    assert converged.mean() >= 0.9
    priors = priors / priors.sum(axis=1, keepdims=True, dtype=np.float64)
    eye, zeros = np.eye(m), np.zeros((m, m))
    rows = np.block([
        [np.ones((1, m)), np.zeros((1, m))],
        [-eye, zeros],
        [eye, -eye],
        [-eye, -eye],
    ])  # fmt: skip
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(3 * m)]
    cases = zip(*(x[converged] for x in (stack, weights, priors, l1, l2)), strict=True)
    for J, w, p, kink, ridge in cases:
        gram = J @ J.T
        mean = np.trace(gram) / m
        a, b = float(kink) * mean, float(ridge) * mean
        hessian = np.block([[gram + b * eye, zeros], [zeros, zeros]])
        linear = np.concatenate([-b * p, np.full(m, a)])
        sides = np.concatenate([[1.0], np.zeros(m), p, -p])
        best = conic(hessian, linear, rows, sides, cones) + b / 2 * p @ p
        value = w @ gram @ w / 2 + a * np.abs(w - p).sum() + b / 2 * ((w - p) ** 2).sum()
        assert value <= best * (1 + OPEN[np.float32][0]) + OPEN[np.float32][1] * mean
