import jax.numpy as jnp
import numpy as np
import pytest
from scipy.optimize import nnls

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._min_norm import hull_gap, min_norm
from moo.aggregators._solvers._rows import Rows
from tests.aggregators import oracles, stacks


def shortest(gram, active, parameter):
    return min_norm(gram, active)


WORKED = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])


def test_two_rows_in_closed_form():
    """λ₁ = clip((g₂ - g₁)·g₂ / ‖g₁ - g₂‖², 0, 1), and vertices are exactly 0 and 1."""
    g, h = WORKED
    share = (h - g) @ h / ((g - h) @ (g - h))
    weights, residual, converged = stacks.solve(shortest, [WORKED, [[1, 0, 0], [1000, 0, 0]]])
    np.testing.assert_allclose(weights[0], [share, 1 - share], rtol=1e-6)
    np.testing.assert_array_equal(weights[1], [1, 0])
    assert converged.all()
    assert residual.max() < 1e-5


def test_row_scales_do_not_hide_the_minimum():
    """Rows of lengths 1 : 1e-3 : 1e-6 in float32: the norm is the least one to 1e-5."""
    rng = np.random.default_rng(0)
    stack = rng.standard_normal((32, 3, 5)) * [[1], [1e-3], [1e-6]]
    weights, _, converged = stacks.solve(shortest, stack)
    lengths = np.linalg.norm(np.einsum("nmd,nm->nd", stack, weights), axis=1)
    least = np.array([np.linalg.norm(oracles.min_norm(J)) for J in stack])
    np.testing.assert_allclose(lengths, least, rtol=1e-5)
    assert converged.all()


def test_a_poor_answer_is_not_certified():
    """Uniform weights on those rows pass a gap relative to the trace, but not one to v."""
    J = jnp.asarray(np.diag([1, 1e-3, 1e-6]), jnp.float32)
    rows = Rows.of(gram_of_rows(J), jnp.ones(3, bool))
    uniform = jnp.full(3, 1 / 3) / rows.share
    assert float(hull_gap(rows, uniform, uniform)) > 0.9


@pytest.mark.parametrize(("m", "d"), [(16, 40), (64, 100), (64, 20)])
def test_many_rows(m, d):
    """The gap to a non-negative least-squares answer in float64 is at rounding."""
    rng = np.random.default_rng(m)
    stack = rng.standard_normal((4, m, d)) + np.array([0, 0.3, 0, 0.3])[:, None, None]
    stack = stack.astype(np.float32).astype(np.float64)
    weights, _, converged = stacks.solve(shortest, stack)
    assert converged.all()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    assert weights.min() >= 0
    for J, w in zip(stack, weights, strict=True):
        y, _ = nnls(np.vstack([J.T, np.ones(m)]), np.append(np.zeros(d), 1))
        least = np.linalg.norm(y @ J / y.sum())
        terms = w @ np.linalg.norm(J, axis=1)
        assert np.linalg.norm(w @ J) <= least * (1 + 1e-5) + 1e-5 * terms


@pytest.mark.conformance
@pytest.mark.parametrize(("m", "d"), [(2, 3), (3, 3), (4, 3)])
def test_thousands_of_random_gramians(m, d):
    rng = np.random.default_rng(m * d)
    stack = rng.standard_normal((2000, m, d)) * np.exp(rng.standard_normal((2000, m, 1)))
    stack = stack.astype(np.float32).astype(np.float64)
    weights, _, converged = stacks.solve(shortest, stack)
    assert converged.mean() > 0.995
    v = np.einsum("nmd,nm->nd", stack, weights)
    gap = (v * v).sum(1) - np.einsum("nmd,nd->nm", stack, v).min(1)
    terms = np.einsum("nm,nm->n", weights, np.linalg.norm(stack, axis=2))
    longest = np.linalg.norm(stack, axis=2).max(1)
    assert (gap <= 1e-4 * (v * v).sum(1) + 4e-6 * terms * (longest + terms)).mean() > 0.995
