"""Where other implementations part from their method's definition, and moo does not.

Each test computes the peer's published rule, slow and in the open, to show what it gives.
"""

import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import oracles


def direction(tx, J):
    J = jnp.asarray(J, jnp.float32)
    return np.asarray(tx.update(moo.stacked_jacobian(J), tx.init(J[0]))[0], np.float64)


def weights(tx, J):
    J = jnp.asarray(J, jnp.float32)
    state = tx.update(moo.stacked_jacobian(J), tx.init(J[0]))[1]
    return np.asarray(state.weights, np.float64)


def worst_cosine(J, v):
    return ((J @ v) / (np.linalg.norm(J, axis=1) * np.linalg.norm(v))).min()


def frank_wolfe(G, steps=100, tolerance=1e-3):
    """Follow the rule with a step bound: vertex of least slope, exact line search."""
    weights = np.full(len(G), 1 / len(G))
    for _ in range(steps):
        vertex = np.eye(len(G))[np.argmin(G @ weights)]
        a, b, c = weights @ G @ vertex, weights @ G @ weights, vertex @ G @ vertex
        step = 1.0 if c <= a else 0.0 if b <= a else (b - a) / (b + c - 2 * a)
        weights = (1 - step) * weights + step * vertex
        if step < tolerance:
            break
    return weights


def test_mgda_is_exact_where_frank_wolfe_stops():
    J = np.random.default_rng(0).standard_normal((8, 6)) + 0.25
    stopped = frank_wolfe(J @ J.T) @ J
    exact = oracles.min_norm(J)
    v = direction(moo.mgda(8), J)
    assert stopped @ stopped > 1.05 * (exact @ exact) + 1e-4
    np.testing.assert_allclose(v, exact, atol=1e-5 * np.linalg.norm(J))


def test_mgda_gives_a_vertex_all_of_the_weight():
    """Clipping at .999 lets a row 1000 times as long leak into v."""
    J = np.array([[1.0, 0.0], [1000.0, 0.0]])
    clipped = 0.999 * J[0] + 0.001 * J[1]
    np.testing.assert_allclose(clipped, [1.999, 0], rtol=1e-12)
    np.testing.assert_allclose(direction(moo.mgda(2), J), [1, 0], rtol=1e-6)


@pytest.mark.parametrize("method", [moo.upgrad, moo.dual_proj])
def test_a_ridge_relative_to_the_trace_breaks_non_conflict(method):
    """The dual with G / tr(G) + 1e-4 I, solved exactly, conflicts once lengths differ."""
    J = np.array([[100.0, 10.0], [-0.3, 0.5]])
    G = J @ J.T / np.trace(J @ J.T) + 1e-4 * np.eye(2)
    mean = np.full(2, 0.5)
    # The long row is on its bound p, and the short one rises until its slope vanishes.
    short = max(0.5, -G[1, 0] * mean[0] / G[1, 1])
    ridged = np.array([0.5, short]) @ J
    assert worst_cosine(J, ridged) < -0.2
    assert worst_cosine(J, direction(method(2), J)) >= -1e-5


@pytest.mark.parametrize("method", [moo.upgrad, moo.dual_proj, moo.mgda, moo.imtl_g])
def test_small_gradients_are_no_special_case(method):
    """A threshold on the trace turns the answer into the mean, or into 0, below a norm of 1e-2."""
    J = np.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]])
    full, small = direction(method(2), J), direction(method(2), 2.0**-14 * J)
    np.testing.assert_array_equal(np.ldexp(full, -14), small)


def test_cagrad_never_leaves_its_ball():
    """With a zero row the shortest combination is 0; returning 0 is outside the ball for c < 1."""
    J = np.array([[1.0, 0.2, -0.5], [0.0, 0.0, 0.0]])
    mean = J.mean(axis=0)
    v = direction(moo.cagrad(2, c=0.5), J)
    assert np.linalg.norm(0 - mean) > 0.5 * np.linalg.norm(mean)
    assert np.linalg.norm(v - mean) <= 0.5 * np.linalg.norm(mean) * (1 + 1e-6)
    assert (J @ v >= 0).all()


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_bargaining_is_solved_at_every_scale(scale):
    J = scale * np.array([[1.0, 0.2, -0.5], [-80.0, 90.0, 10.0], [0.2, 0.4, 0.9]])
    nash = weights(moo.nash_mtl(3), J)
    fair = weights(moo.fairgrad(3, alpha=2.0), J)
    for alpha, w in ((1.0, nash), (2.0, fair)):
        products = w ** (1 / alpha) * (J @ (J.T @ w))
        np.testing.assert_allclose(products / products[0], 1, atol=2e-4)


def test_imtl_g_never_ascends_on_all():
    """Where the closed form's sum before normalisation is negative, it points uphill for all."""
    J = np.array([[1.0, 0.0, 0.0], [-0.98, 0.199, 0.0], [0.0, 0.0, 5.0]])
    lengths = np.linalg.norm(J, axis=1)
    closed = np.linalg.solve(J @ J.T, lengths)
    J = J if closed.sum() < 0 else _trapped()
    lengths = np.linalg.norm(J, axis=1)
    closed = np.linalg.solve(J @ J.T, lengths)
    assert closed.sum() < 0
    assert (J @ (J.T @ (closed / closed.sum())) < 0).all()
    assert (J @ direction(moo.imtl_g(3), J) > 0).all()


def _trapped():
    """Find rows whose closed form is negative; one in ten of such draws is."""
    rng = np.random.default_rng(0)
    while True:
        J = np.exp(1.5 * rng.standard_normal((3, 1))) * rng.standard_normal((3, 3))
        if np.linalg.solve(J @ J.T, np.linalg.norm(J, axis=1)).sum() < 0:
            return J


def test_aligned_mtl_keeps_the_small_component():
    """Eigenvalues of the float32 Gramian lose a component of 1e-4; J has it."""
    J = np.array([[1.0, 0.0, 0.0], [0.0, 1e-4, 0.0]])
    np.testing.assert_allclose(direction(moo.aligned_mtl(2), J), [1e-4, 1e-4, 0], rtol=1e-4)
    values = np.linalg.eigvalsh((J @ J.T).astype(np.float32))
    assert values.min() < values.max() * 2 * np.finfo(np.float32).eps


def test_krum_scores_are_squared_distances():
    """Adding up plain distances selects another row."""
    J = np.array([[-4.0, 5.0], [-4.0, -4.0], [-5.0, -5.0], [4.0, -3.0], [4.0, 1.0], [5.0, 1.0]])
    distance = np.linalg.norm(J[:, None] - J[None], axis=-1)
    nearest = np.sort(distance, axis=1)[:, 1:5]  # no Byzantine row: m - 2 others
    by_plain, by_square = nearest.sum(axis=1).argmin(), (nearest**2).sum(axis=1).argmin()
    assert by_plain != by_square
    v = direction(moo.krum(6, num_byzantine=0, num_selected=1), J)
    np.testing.assert_allclose(v, J[by_square], rtol=1e-6)
