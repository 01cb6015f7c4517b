import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import minimize

from moo.aggregators.bilevel._descent import upper_shares


def problem(seed, inside):
    """Unit rows F, a gap q and phi; `inside` puts q near the rows, which ends the need for it."""
    rng = np.random.default_rng(seed)
    F = rng.normal(size=(4, 6))
    F /= np.linalg.norm(F, axis=1, keepdims=True)
    q = F.mean(axis=0) + 0.05 * rng.normal(size=6) if inside else rng.normal(size=6)
    return F, q * 10.0 ** rng.uniform(-1, 1), 10.0 ** rng.uniform(-1.5, 0.5)


def value(F, q, phi, shares):
    """The published objective at the best nu that the constraints allow."""
    needs = phi - F @ q / (q @ q)
    nu = max(0.0, shares @ needs)
    v = shares @ F + nu * q
    return v @ v - nu * phi * (q @ q)


def best(F, q, phi):
    starts = np.vstack([np.eye(4), np.full(4, 0.25)])
    total = {"type": "eq", "fun": lambda shares: shares.sum() - 1}
    goal = functools.partial(value, F, q, phi)
    found = [
        minimize(goal, s, method="SLSQP", bounds=[(0, 1)] * 4, constraints=total) for s in starts
    ]
    return min(answer.fun for answer in found)


@pytest.fixture(scope="module")
def solved():
    cases = [problem(seed, seed % 2) for seed in range(12)]
    lengths = [np.linalg.norm(q) for _, q, _ in cases]
    cosines = np.stack([F @ F.T for F, _, _ in cases])
    along = np.stack([F @ q / n for (F, q, _), n in zip(cases, lengths, strict=True)])
    margins = np.array([phi * n for (_, _, phi), n in zip(cases, lengths, strict=True)])
    run = jax.jit(jax.vmap(upper_shares, in_axes=(0, 0, 0, None)))
    given = [jnp.float32(x) for x in (cosines, along, margins)]
    found = run(*given, jnp.ones(4, bool))
    sides = np.sum(np.asarray(found.weights) * along, axis=1) - margins
    return cases, np.asarray(found.weights, np.float64), sides, np.asarray(found.converged)


def test_it_is_the_minimum(solved):
    cases, shares, _, converged = solved
    assert converged.all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=1e-6)
    for (F, q, phi), weights in zip(cases, shares, strict=True):
        least = best(F, q, phi)
        assert value(F, q, phi, weights) <= least + 1e-4 * max(abs(least), 1)


def test_every_regime_is_met(solved):
    """With the gap's help (y < tau), at the kink (y = tau), and without it (y > tau)."""
    _, _, sides, _ = solved
    assert (sides < -1e-3).any()
    assert (sides > 1e-3).any()
