"""The duality gap of min-norm weights, and the values of quadprog and clarabel."""

import clarabel
import numpy as np
import pytest

from moo.aggregators._solvers._min_norm import min_norm
from tests.aggregators._solvers.certificates import (
    DOUBLE,
    SINGLE,
    answers,
    combined,
    conic,
    excess,
    gramians,
    shortest,
    uniform,
)
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("m", NUMBERS)
def test_min_norm(m):
    """The gap is at rounding, the value quadprog's; uniform weights are not let through."""
    stack = jacobians(m)
    grams = gramians(stack)
    weights, _, converged = answers(min_norm, stack)
    assert converged.all()
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    assert excess(grams, weights, SINGLE).max() <= 1
    values = np.einsum("ni,nij,nj->n", weights, grams, weights)
    for gram, value in zip(grams, values, strict=True):
        w = shortest(gram)
        assert value <= w @ gram @ w * (1 + 1e-4) + 1e-6 * gram.diagonal().min()
    assert (excess(grams, uniform(stack), SINGLE) > 1).mean() > 0.99


@pytest.mark.parametrize("m", NUMBERS)
def test_in_double(m, x64):
    stack = jacobians(m, min(NUMBERS[m], 500))
    weights, _, _ = answers(min_norm, stack, dtype=np.float64)
    assert excess(gramians(stack), weights, DOUBLE).max() <= 1


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_against_an_interior_point_method(m):
    stack = jacobians(m, 100)
    weights, _, _ = answers(min_norm, stack)
    lengths = np.linalg.norm(combined(stack, weights), axis=1)
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(m)]
    rows = np.vstack([np.ones(m), -np.eye(m)])
    sides = np.append(1.0, np.zeros(m))
    for gram, length in zip(gramians(stack), lengths, strict=True):
        value = 2 * conic(gram, np.zeros(m), rows, sides, cones)
        assert length**2 <= value * (1 + 1e-4) + 1e-6 * gram.diagonal().min()
