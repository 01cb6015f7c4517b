import jax.numpy as jnp
import numpy as np
import pytest

from moo._jacobian._gram import gram_of_rows
from moo.aggregators._solvers._bargaining import bargain, fair
from tests.aggregators.matrices import masks, pairs, quadruples
from tests.aggregators.stacks import solve
from tests.aggregators.table._row import movable

CASES = {2: pairs(), 4: quadruples()}


def test_worked_example():
    J = np.array([[1, 0.2, -0.5], [-0.8, 0.9, 0.1]])
    lengths = np.linalg.norm(J, axis=1)
    cosine = J[0] @ J[1] / lengths.prod()
    alpha = 1 / (lengths * np.sqrt(1 + cosine))
    np.testing.assert_allclose(alpha, [1.230716, 1.156848], atol=1e-6)
    free, _, _ = solve(bargain, [J], np.inf)
    clipped, _, _ = solve(bargain, [J], 1.0)
    np.testing.assert_allclose(free[0], alpha, rtol=1e-6)
    np.testing.assert_allclose(clipped[0], alpha / np.sqrt(2), rtol=1e-6)


def test_orthogonal_rows_get_the_inverse_of_their_lengths():
    weights, _, converged = solve(bargain, [np.diag([1, 5, 0.2])], np.inf)
    np.testing.assert_allclose(weights[0], [1, 0.2, 5], rtol=1e-6)
    assert converged.all()


@pytest.mark.parametrize("m", [2, 4])
def test_bargaining_equations_under_every_mask(m):
    """α(Gα) = 1, ‖v‖² = number of rows; unsolvable points are flagged and give no step."""
    chosen = [(J, mask) for J in CASES[m].values() for mask in masks(m)]
    stack, active = map(list, zip(*chosen, strict=True))
    weights, residual, converged = solve(bargain, stack, np.inf, active)
    seen = set()
    for J, mask, w, off, flag in zip(stack, active, weights, residual, converged, strict=True):
        J, w = J[mask].astype(np.float64), w[mask]
        if movable(J):
            assert flag
            np.testing.assert_allclose(w * (J @ (w @ J)), 1, atol=1e-4)
            assert (w @ J) @ (w @ J) == pytest.approx(mask.sum(), rel=1e-4)
        elif not flag:
            assert off > 0
            assert w.min() >= 0
            terms = w @ np.linalg.norm(J, axis=1)
            assert w.sum() == pytest.approx(1, rel=1e-5) or terms > 0
            assert np.linalg.norm(w @ J) <= 2e-3 * terms + 1e-30 or off < 1e-2
        seen.add((movable(J), bool(flag)))
    assert {(True, True), (False, False)} <= seen


@pytest.mark.parametrize("m", [2, 4])
def test_witness_of_a_stationary_point(m):
    names = ["opposite", "zero row"] + (["stationary"] if m == 4 else [])
    stack = [CASES[m][name] for name in names]
    weights, _, converged = solve(bargain, stack, 1.0)
    assert not converged.any()
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    v = np.einsum("nmd,nm->nd", np.asarray(stack, np.float64), weights)
    assert np.linalg.norm(v, axis=1).max() < 1e-3


def test_common_scale_of_the_solution():
    """α(sG) = α(G) / √s."""
    J = CASES[4]["random 0"]
    weights, _, _ = solve(bargain, [J, np.float32(3) * J], np.inf)
    np.testing.assert_allclose(weights[0], 3 * weights[1], rtol=1e-5)


@pytest.mark.conformance
@pytest.mark.parametrize(("m", "d"), [(2, 3), (3, 8), (64, 100)])
def test_thousands_of_random_gramians(m, d):
    rng = np.random.default_rng(m)
    stack = rng.standard_normal((2000 if m < 20 else 8, m, d)) * 10.0 ** rng.uniform(-3, 3, (m, 1))
    weights, _, converged = solve(bargain, stack, np.inf)
    assert converged.mean() > 0.99
    v = np.einsum("nmd,nm->nd", stack, weights)
    off = np.abs(weights * np.einsum("nmd,nd->nm", stack, v) - 1).max(axis=1)
    assert off[converged == 1].max() < 1e-3


def test_two_rows_are_solved_in_closed_form():
    """Almost opposite rows, where Newton stops at the rounding of the cosine: u = 1/sqrt(1 + c)."""
    J = np.float32([[1, 0], [-1, 3e-3]])
    gram, active = gram_of_rows(jnp.asarray(J)), jnp.ones(2, bool)
    lengths, cosine = np.asarray(gram.lengths), float(gram.cosines[0, 1])
    expected = 1 / (lengths * np.sqrt(1 + cosine))
    for found in (bargain(gram, active, np.inf), fair(gram, active, 1.0), fair(gram, active, 1)):
        np.testing.assert_allclose(found.weights, expected, rtol=1e-6)
        assert found.converged


@pytest.mark.parametrize(("alpha", "spread"), [(10.0, 1e6), (50.0, 1e2), (2.0, 1e8)])
def test_a_row_that_rounding_hides_is_no_witness(alpha, spread):
    """The short row alone decides: it gains what it asks for, the long one more."""
    J = np.array([[spread, 0], [0.5, 1]]) * 1e-3
    weights, residual, converged = fair(
        gram_of_rows(jnp.asarray(J, jnp.float32)), jnp.ones(2, bool), alpha
    )
    assert converged
    assert residual < 1e-5
    w = np.asarray(weights, np.float64)
    gains = J @ (w @ J)
    np.testing.assert_allclose(gains[1], w[1] ** (-1 / alpha), rtol=1e-4)
    assert gains[0] > 0


@pytest.mark.parametrize("alpha", [5.0, 10.0, 100.0])
@pytest.mark.parametrize("short", [1e-12, 1e-24, 1e-30])
def test_weights_that_no_precision_holds_are_finite_and_not_called_a_solution(alpha, short):
    J = np.array([[1e-6, 0, 0], [0, short, 0], [0, 0, 1]], np.float32)
    weights, _, converged = fair(gram_of_rows(jnp.asarray(J)), jnp.ones(3, bool), alpha)
    assert np.isfinite(weights).all()
    assert np.isfinite(weights @ J).all()
    # Orthogonal rows ask for w = |g|^(-2 alpha / (1 + alpha)), of which floats hold up to 3e38.
    if short ** (-2 * alpha / (1 + alpha)) > 3e38:
        assert not converged


@pytest.mark.parametrize(("alpha", "short"), [(10.0, 1e-12), (100.0, 1e-10), (5.0, 1e-15)])
def test_large_weights_that_floats_hold_are_a_solution(alpha, short):
    J = np.diag([1.0, short]).astype(np.float32)
    weights, _, converged = fair(gram_of_rows(jnp.asarray(J)), jnp.ones(2, bool), alpha)
    assert converged
    expected = np.float64([1.0, short]) ** (-2 * alpha / (1 + alpha))
    np.testing.assert_allclose(weights, expected, rtol=1e-3)
