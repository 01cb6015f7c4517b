import numpy as np
import pytest

import moo
from tests.aggregators.follow import ROWS, follow

pytestmark = pytest.mark.usefixtures("unoptimised")

LIKE = np.array([[1.0, 0.2, -0.5], [3.0, 0.9, 0.1]])


def on_a_grid(J, objective, c=0.5):
    """Try weights of the first row in steps of 1e-5; return v."""
    g0 = J.mean(axis=0)
    w = np.linspace(0, 1, 100_001)[:, None]
    g = w * J[0] + (1 - w) * J[1]
    norms = np.linalg.norm(g, axis=1)
    nearest = g[norms.argmin()]
    mu = g0 @ nearest / np.linalg.norm(g0) / np.linalg.norm(nearest)
    radius = c * np.linalg.norm(g0)
    if objective == "paper":
        value = (1 - mu) * (g @ g0 + radius * norms) + mu * norms**2
    else:
        value = (1.5 - mu) * g @ g0 + mu * radius * norms
    best = g[value.argmin()]
    return g0 + radius * best / np.linalg.norm(best)


def test_the_papers_objective():
    """Where MGDA's direction is 0 there is no imbalance to measure, and it is CAGrad."""
    g = np.array([1.0, 0.2, -0.5])
    update, _ = follow(moo.imgrad(2), np.stack([g, -3 * g]), 0 * ROWS, LIKE, ROWS)
    np.testing.assert_allclose(update[:2], [-0.5 * g, 0 * g], atol=1e-5)
    expected = [on_a_grid(LIKE, "paper"), on_a_grid(ROWS, "paper")]
    np.testing.assert_allclose(update[2:], expected, atol=1e-4)


def test_the_codes_objective_and_rescaling():
    update, state = follow(moo.imgrad(2, objective="code", rescale="code"), ROWS, LIKE)
    expected = [on_a_grid(J, "code") * 2 / 1.25 for J in (ROWS, LIKE)]
    np.testing.assert_allclose(update, expected, atol=1e-4)
    assert bool(state.converged)


def test_a_radius_of_zero_leaves_the_mean():
    update, state = follow(moo.imgrad(2, c=0.0), ROWS)
    np.testing.assert_allclose(update[0], ROWS.mean(axis=0), atol=1e-6)
    assert bool(state.converged)


def test_wrong_options():
    with pytest.raises(ValueError, match="objective must be one of paper, code, got 'eq11'"):
        moo.imgrad(2, objective="eq11")
    with pytest.raises(ValueError, match="c must be finite and at least 0"):
        moo.imgrad(2, c=-1.0)


def test_the_codes_rescaling_reaches_zero_rows():
    """An objective whose own head alone still learns gets m / (1 + c²) of its share 1/m."""
    _, state = follow(moo.imgrad(2, rescale="code"), ROWS * [[1], [0]])
    assert float(state.weights[1]) == pytest.approx(1 / 1.25, rel=1e-6)
