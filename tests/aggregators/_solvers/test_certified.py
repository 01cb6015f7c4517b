"""Certificates in float64, computed by NumPy, of what the solvers answer on random Gramians."""

import functools

import clarabel
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import quadprog
from scipy import sparse

from moo._jacobian._gram import Gram
from moo.aggregators._solvers._bargaining import bargain, fair
from moo.aggregators._solvers._capped import capped_min_norm
from moo.aggregators._solvers._conic import conflict_averse
from moo.aggregators._solvers._dual_cone import project_rows, project_sum
from moo.aggregators._solvers._hull import hull_norm
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._regularised import regularised_min_norm
from tests.aggregators import oracles
from tests.aggregators._solvers.gramians import NUMBERS, jacobians

pytestmark = pytest.mark.conformance

LANES, WIDE = 500, 128  # so many problems at once, and one at a time from so many rows on
SINGLE, DOUBLE = (1e-4, 1e-6), (1e-8, 1e-12)


def answers(solver, stack, *parameters, dtype=np.float32):
    """Return weights, residuals and `converged` of `solver(gram, active, *parameters)`."""
    run = compiled(solver)
    given = [np.asarray(x, dtype) for x in (*rounded(stack), *parameters)]
    lanes = LANES if stack.shape[1] < WIDE else 1
    pieces = [run(*[x[k : k + lanes] for x in given]) for k in range(0, len(stack), lanes)]
    fields = [np.concatenate(field).astype(np.float64) for field in zip(*pieces, strict=True)]
    return fields[0], fields[1], fields[2].astype(bool)


def rounded(stack):
    """Return cosines and norms from double precision: a solver is judged, not the products."""
    norms = np.linalg.norm(stack, axis=2)
    return gramians(stack / norms[:, :, None]), norms


@functools.cache
def compiled(solver):
    def one(cosines, norms, *parameters):
        mantissas, exponents = jnp.frexp(norms)
        cosines = jnp.where(jnp.eye(len(norms), dtype=bool), 1, cosines)
        gram = Gram(cosines, mantissas, exponents)
        return solver(gram, jnp.ones(len(norms), bool), *parameters)

    return jax.jit(jax.vmap(one))


def gramians(stack):
    return np.einsum("nid,njd->nij", stack, stack)


def excess(grams, weights, bar, least=None):
    """Return (|v|² - min g·v) / bar, with bar = relative · |v|² + absolute · least squared norm."""
    slopes = np.einsum("nij,nj->ni", grams, weights)
    square = np.einsum("ni,ni->n", weights, slopes)
    shortest = np.einsum("nii->ni", grams).min(axis=1)
    least = slopes.min(axis=1) if least is None else least(slopes)
    return (square - least) / (bar[0] * square + bar[1] * shortest)


def quadratic(gram, linear, rows, sides, equalities):
    """Minimise ½wᵀGw - linearᵀw subject to rows w >= sides, the first ones equalities.

    The ridge that the factorisation of quadprog needs changes the least value by 1e-9 at most.
    """
    size = np.trace(gram) / len(gram)
    ridged = gram / size + 1e-9 * np.eye(len(gram))
    return quadprog.solve_qp(ridged, linear / size, rows.T, sides, equalities)[0]


def shortest(gram, cap=1.0):
    m = len(gram)
    rows = np.vstack([np.ones(m), np.eye(m), -np.eye(m)])
    sides = np.concatenate([[1.0], np.zeros(m), np.full(m, -cap)])
    return quadratic(gram, np.zeros(m), rows, sides, 1)


def conic(hessian, linear, rows, sides, cones):
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    hessian, rows = (sparse.csc_matrix(x) for x in (np.triu(hessian), rows))
    return clarabel.DefaultSolver(hessian, linear, rows, sides, cones, settings).solve().obj_val


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
    assert (excess(grams, np.full_like(weights, 1 / m), SINGLE) > 1).mean() > 0.99


@pytest.mark.parametrize("m", NUMBERS)
def test_min_norm_in_double(m, x64):
    stack = jacobians(m, min(NUMBERS[m], 500))
    weights, _, _ = answers(min_norm, stack, dtype=np.float64)
    assert excess(gramians(stack), weights, DOUBLE).max() <= 1


@pytest.mark.parametrize("m", [2, 4, 8, 32])
def test_min_norm_against_an_interior_point_method(m):
    stack = jacobians(m, 100)
    weights, _, _ = answers(min_norm, stack)
    lengths = np.linalg.norm(np.einsum("nmd,nm->nd", stack, weights), axis=1)
    cones = [clarabel.ZeroConeT(1), clarabel.NonnegativeConeT(m)]
    rows = np.vstack([np.ones(m), -np.eye(m)])
    sides = np.append(1.0, np.zeros(m))
    for gram, length in zip(gramians(stack), lengths, strict=True):
        value = 2 * conic(gram, np.zeros(m), rows, sides, cones)
        assert length**2 <= value * (1 + 1e-4) + 1e-6 * gram.diagonal().min()


@pytest.mark.parametrize("m", [2, 3, 8, 32])
def test_capped(m):
    """Capped weights reach the least value that quadprog finds, and never pass the cap."""
    stack = jacobians(m, 400)
    caps = np.random.default_rng(m).uniform(1 / m, 1, len(stack)).astype(np.float32)
    weights, _, converged = answers(capped_min_norm, stack, caps)
    assert converged.all()
    assert (weights.max(axis=1) <= caps * (1 + 1e-6)).all()

    def least(slopes):
        room = np.clip(1 - np.arange(m) * caps[:, None], 0, caps[:, None])
        return (room * np.sort(slopes, axis=1)).sum(axis=1)

    grams = gramians(stack)
    assert excess(grams, weights, SINGLE, least).max() <= 1
    for gram, w, cap in zip(grams, weights, caps.astype(np.float64), strict=True):
        best = shortest(gram, max(cap, 1 / m + 1e-12))
        slack = 1e-6 * gram.diagonal().min()
        assert w @ gram @ w <= best @ gram @ best * (1 + 1e-4) + slack


def even(active):
    return active / jnp.sum(active)


def rows_projected(gram, active):
    return project_rows(gram, active, even(active))


def sum_projected(gram, active):
    return project_sum(gram, active, even(active))


def projection(units, vector):
    """Return the nearest point to a vector that conflicts with no row, by quadprog's dual."""
    m = len(units)
    u = quadratic(units @ units.T, -units @ vector, np.eye(m), np.zeros(m), 0)
    return vector + u @ units


@pytest.mark.parametrize(("m", "number"), [(2, 800), (3, 800), (8, 400), (32, 24), (64, 4)])
def test_dual_cone(m, number):
    """Projections are unique: each is quadprog's, and none conflicts with a row."""
    stack = jacobians(m, number)
    for solver in (rows_projected, sum_projected):
        weights, _, converged = answers(solver, stack)
        assert converged.mean() >= 0.99
        for k, (J, w) in enumerate(zip(stack, weights, strict=True)):
            units = J / np.linalg.norm(J, axis=1, keepdims=True)
            sources = J if solver is rows_projected else J.mean(axis=0)[None]
            expected = np.mean([projection(units, g) for g in sources], axis=0)
            terms = w @ np.linalg.norm(J, axis=1)
            # Where the cone is nearly flat, rounded cosines leave v open by their root.
            np.testing.assert_allclose(w @ J, expected, atol=(5e-3 if k % 2 else 1e-4) * terms)
            length = np.linalg.norm(w @ J)
            if length > 0.1 * terms:
                assert (units @ (w @ J)).min() >= -1e-5 * length


@pytest.mark.parametrize(("m", "number"), [(2, 200), (4, 200), (32, 16)])
@pytest.mark.parametrize("c", [0.4, 1.5])
def test_conflict_averse(m, number, c):
    """v lies in the ball, and its worst case is the best there by a conic program."""
    stack = jacobians(m, number)
    weights, _, _ = answers(conflict_averse, stack, np.full(number, c))
    for k, (J, w) in enumerate(zip(stack, weights, strict=True)):
        v, mean = w @ J, J.mean(axis=0)
        # Nearly opposite rows leave the length of the pull open by the root of its rounding.
        slack = (3e-2 if k % 2 else 1e-4) * (np.linalg.norm(mean) + 0.1)
        assert np.linalg.norm(v - mean) <= c * np.linalg.norm(mean) + slack
        assert (J @ v).min() >= oracles.cagrad_value(J, c) - 2 * slack


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 5.0])
@pytest.mark.parametrize("m", [2, 3, 8, 64])
def test_fair(m, alpha):
    """The equations hold where there is a solution; else a witness lies in the hull at 0."""
    stack = jacobians(m, 1000 if m < 64 else 80)
    weights, residual, converged = answers(fair, stack, np.full(len(stack), alpha))
    v = np.einsum("nmd,nm->nd", stack, weights)
    terms = np.einsum("nm,nm->n", weights, np.linalg.norm(stack, axis=2))
    gains = np.einsum("nmd,nd->nm", stack, v)
    clear = converged & (np.linalg.norm(v, axis=1) > 0.03 * terms)
    assert converged[0::2].mean() > 0.98
    assert clear.mean() > 0.4
    off = np.abs(gains * weights ** (1 / alpha) - 1).max(axis=1)
    assert off[clear].max() <= 3e-2
    assert off[0::2][clear[0::2]].max() <= 1e-3
    assert np.isfinite(weights).all()
    assert (~converged)[3::8].any()
    assert (residual[~converged] > 0).all()
    short = np.linalg.norm(v, axis=1) <= 1e-2 * terms
    assert short[~converged].all()


def test_nash_is_fair_with_alpha_one():
    stack = jacobians(8, 200)[::2]
    nash, _, _ = answers(bargain, stack, np.full(len(stack), np.inf))
    by_alpha, _, _ = answers(fair, stack, np.ones(len(stack)))
    np.testing.assert_allclose(nash, by_alpha, rtol=1e-5)


def relative(gram, active, prior, l1, l2):
    return regularised_min_norm(gram, active, prior, l1, l2, relative=True)


@pytest.mark.parametrize("m", [2, 3, 8, 32])
def test_regularised(m):
    """The value is that of an interior-point method, with the kink as two slacks a weight."""
    stack, rng = jacobians(m, 200 if m < 32 else 40), np.random.default_rng(m)
    n = len(stack)
    priors = rng.dirichlet(np.ones(m), n).astype(np.float32)
    l1, l2 = (10.0 ** rng.uniform(-6, 1, (2, n))).astype(np.float32)
    l1[::3], l2[1::3] = 0, 0
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
    for J, w, p, kink, ridge in zip(stack, weights, priors, l1, l2, strict=True):
        gram = J @ J.T
        mean = np.trace(gram) / m
        a, b = float(kink) * mean, float(ridge) * mean
        hessian = np.block([[gram + b * eye, zeros], [zeros, zeros]])
        linear = np.concatenate([-b * p, np.full(m, a)])
        sides = np.concatenate([[1.0], np.zeros(m), p, -p])
        best = conic(hessian, linear, rows, sides, cones) + b / 2 * p @ p
        value = w @ gram @ w / 2 + a * np.abs(w - p).sum() + b / 2 * ((w - p) ** 2).sum()
        assert value <= best * (1 + 1e-4) + 1e-6 * mean


@pytest.mark.parametrize("m", [2, 3, 8, 32])
def test_hull_norm(m):
    """The value is that of a second-order cone program."""
    stack, rng = jacobians(m, 200 if m < 32 else 40), np.random.default_rng(m)
    n = len(stack)
    longest = np.linalg.norm(stack, axis=2).max(axis=1)
    linear = rng.standard_normal((n, m)).astype(np.float32)
    tau, kappa = (10.0 ** rng.uniform(-2, 2, (2, n))).astype(np.float32)
    kappa[::2] = 0
    weights, _, converged = answers(hull_norm, stack, linear, tau, kappa)
    assert converged[0::2].mean() >= 0.95
    cases = zip(stack, weights, linear, tau, kappa, longest, strict=True)
    for index, (J, w, slope, t, k, top) in enumerate(cases):
        rows = J / top
        length = np.linalg.norm(w @ rows)
        value = w @ slope + t * length + k / 2 * length**2
        best = cone_value(rows, slope.astype(np.float64), float(t), float(k))
        size = np.ptp(slope) + t + k
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
