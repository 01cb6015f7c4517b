"""The duality gap of a linear function, norm and square over a hull, and the values of clarabel."""

import clarabel
import numpy as np
import pytest

from moo.aggregators._solvers._hull import hull_norm
from tests.aggregators._solvers.certificates import answers, conic, dots, gramians, uniform
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = [pytest.mark.conformance, pytest.mark.certificates]

SIZES = {2: 2000, 3: 1500, 4: 2000, 8: 1000, 16: 400, 32: 100, 64: 24, 128: 4, 256: 4, 512: 2}
# Of the range of the objective: the root of rounding's square, where no terms cancel.
OPEN = {np.float32: 1e-5, np.float64: 1e-10}


def objectives(stack):
    """Return linear parts, and both coefficients from 0.01 to 100; no square for even ones."""
    n, m = stack.shape[:2]
    rng = np.random.default_rng(m)
    tau, kappa = (10.0 ** rng.uniform(-2, 2, (2, n))).astype(np.float32)
    kappa[::2] = 0
    return rng.standard_normal((n, m)).astype(np.float32), tau, kappa


def gap(stack, weights, linear, tau, kappa):
    """Return the gap to the least value of the linear model at w, over the objective's range.

    Where v vanishes, so does what its direction tells: well-conditioned hulls stay away from 0.
    """
    longest = np.linalg.norm(stack, axis=2).max(axis=1)
    slopes = np.einsum("nij,nj->ni", gramians(stack / longest[:, None, None]), weights)
    rate = tau / np.sqrt(np.maximum(dots(weights, slopes), 1e-30)) + kappa
    slopes = linear + rate[:, None] * slopes
    size = np.ptp(linear, axis=1) + tau + kappa
    return (dots(weights, slopes) - slopes.min(axis=1)) / size


def check(m, number, dtype=np.float32):
    stack = jacobians(m, number)[::2]
    parameters = [np.asarray(x) for x in objectives(stack)]
    weights, _, converged = answers(hull_norm, stack, *parameters, dtype=dtype)
    assert converged.mean() >= 0.98
    assert weights.min() >= 0
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert gap(stack, weights, *parameters).max() <= OPEN[dtype]


@pytest.mark.parametrize(("m", "number"), SIZES.items())
def test_gap(m, number):
    check(m, number)


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_in_double(m, x64):
    check(m, 300 if m < 32 else 60, np.float64)


@pytest.mark.parametrize("m", NUMBERS)
def test_uniform_weights_fail(m):
    stack = jacobians(m)
    size = gap(stack, uniform(stack), *objectives(stack))
    assert (size > OPEN[np.float32]).mean() > 0.98


@pytest.mark.parametrize("m", [2, 3, 8, 32])
def test_against_a_conic_program(m):
    """The value is that of a second-order cone program, also where the hull holds 0."""
    stack = jacobians(m, 200 if m < 32 else 40)
    linear, tau, kappa = objectives(stack)
    longest = np.linalg.norm(stack, axis=2).max(axis=1)
    weights, _, converged = answers(hull_norm, stack, linear, tau, kappa)
    assert converged[0::2].mean() >= 0.95
    cases = zip(stack, weights, linear, tau, kappa, longest, strict=True)
    for index, (J, w, slope, t, k, top) in enumerate(cases):
        rows = J / top
        length = np.linalg.norm(w @ rows)
        value = w @ slope + t * length + k / 2 * length**2
        best = cone_value(rows, slope.astype(np.float64), float(t), float(k))
        size = np.ptp(slope) + t + k
        # A norm below the root of its rounding is taken for 0, and costs tau times that.
        assert value - best <= (1e-3 if index % 2 else 1e-5) * size


def cone_value(rows, linear, tau, kappa):
    m, d = rows.shape
    constraints = np.vstack([
        np.append(np.ones(m), 0.0),
        np.hstack([-np.eye(m), np.zeros((m, 1))]),
        np.append(np.zeros(m), -1.0),
        np.hstack([-rows.T, np.zeros((d, 1))]),
    ])  # fmt: skip
    sides = np.concatenate([[1.0], np.zeros(m + 1 + d)])
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(m), clarabel.SecondOrderConeT(d + 1)]
    hessian = np.zeros((m + 1, m + 1))
    hessian[:m, :m] = kappa * rows @ rows.T
    return conic(hessian, np.append(linear, tau), constraints, sides, cones)
