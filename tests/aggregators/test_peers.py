"""Where other implementations part from their method's definition, and moo does not.

Each test computes the peer's rule in NumPy, slow and in the open, and then what moo gives. The one
on `config` shows where the peer is the more exact.
"""

import clarabel
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import quadprog
from scipy import optimize, sparse

import moo
from benchmarks.peers import cases
from tests.aggregators import oracles


def step(tx, J):
    J = jnp.asarray(J, jnp.float32)
    return jax.jit(lambda J: tx.update(moo.stacked_jacobian(J), tx.init(J[0])))(J)


def direction(tx, J):
    return np.asarray(step(tx, J)[0], np.float64)


def weights(tx, J):
    return np.asarray(step(tx, J)[1].weights, np.float64)


def cosines(J, v):
    return (J @ v) / (np.linalg.norm(J, axis=1) * np.linalg.norm(v))


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
    share = np.clip((J[1] @ (J[1] - J[0])) / np.sum((J[1] - J[0]) ** 2), 0.001, 0.999)
    clipped = share * J[0] + (1 - share) * J[1]
    np.testing.assert_allclose(clipped, [1.999, 0], rtol=1e-12)
    np.testing.assert_allclose(direction(moo.mgda(2), J), [1, 0], rtol=1e-6)


def projected(J, preferences):
    """Project by the dual with G / tr(G) + 1e-4 I, where G is taken for 0 below a trace of 1e-4."""
    G = J @ J.T
    G = (G / np.trace(G) if np.trace(G) >= 1e-4 else 0 * G) + 1e-4 * np.eye(len(J))
    zeros, bounds = np.zeros(len(J)), np.eye(len(J))
    return sum(quadprog.solve_qp(G, zeros, bounds, row)[0] for row in preferences) @ J


PROJECTIONS = pytest.mark.parametrize(
    ("method", "preferences"),
    [(moo.upgrad, np.eye(2) / 2), (moo.dual_proj, np.full((1, 2), 0.5))],
)


@PROJECTIONS
def test_a_ridge_relative_to_the_trace_breaks_non_conflict(method, preferences):
    J = np.array([[100.0, 10.0], [-0.3, 0.5]])
    assert cosines(J, projected(J, preferences)).min() < -0.2
    assert cosines(J, direction(method(2), J)).min() >= -1e-5


@PROJECTIONS
def test_a_threshold_on_the_trace_gives_the_mean(method, preferences):
    J = np.array([[1.0, 0.2, -0.5], [-3.0, 0.9, 0.1]])
    small = 2.0**-10 * J
    assert cosines(J, projected(J, preferences)).min() > -0.01
    np.testing.assert_allclose(projected(small, preferences), small.mean(axis=0), rtol=1e-9)
    assert cosines(J, J.mean(axis=0)).min() < -0.5
    np.testing.assert_array_equal(
        np.ldexp(direction(method(2), J), -10), direction(method(2), small)
    )


@pytest.mark.parametrize("J", [
    np.array([[1.0, 0.2, -0.5], [0.0, 0.0, 0.0]]),
    2.0**-10 * np.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1]]),
])  # fmt: skip
def test_cagrad_never_leaves_its_ball(J):
    """Returning 0, for a vanishing combination or a small norm, is outside the ball for c < 1."""
    mean, shares = J.mean(axis=0), np.linspace(0, 1, 1001)
    rows = np.stack([shares, 1 - shares], axis=1) @ J
    least = np.argmin(rows @ mean + 0.5 * np.linalg.norm(mean) * np.linalg.norm(rows, axis=1))
    vanishes = np.linalg.norm(rows[least]) < 1e-4 * np.linalg.norm(J)
    assert vanishes or np.linalg.norm(J) < 1e-2
    assert np.linalg.norm(0 - mean) > 0.5 * np.linalg.norm(mean)
    v = direction(moo.cagrad(2, c=0.5), J)
    assert np.linalg.norm(v - mean) <= 0.5 * np.linalg.norm(mean) * (1 + 1e-6)
    assert (J @ v >= 0).all()


def test_cagrad_does_not_stop_at_uniform_weights():
    """SLSQP's tolerance of 1e-6 is absolute: below it the start is the answer."""
    J = 1e-4 * np.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1], [0.3, -0.2, 4.0]])
    G, even = J @ J.T, np.full(3, 1 / 3)
    c = 0.5 * np.sqrt(G.mean() + 1e-8) + 1e-8
    stopped = optimize.minimize(
        lambda w: w @ G @ even + c * np.sqrt(w @ G @ w + 1e-8), even,
        bounds=[(0, 1)] * 3, constraints={"type": "eq", "fun": lambda w: 1 - w.sum()},
    )  # fmt: skip
    np.testing.assert_allclose(stopped.x, even, atol=1e-6)
    best, moved = oracles.cagrad_value(J, 0.5), stopped.x @ J
    theirs = J @ (even @ J + c / (np.linalg.norm(moved) + 1e-8) * moved)
    ours = J @ direction(moo.cagrad(3, c=0.5), J)
    assert theirs.min() < 0.5 * best
    np.testing.assert_allclose(ours.min(), best, rtol=1e-4)


def bargain(J, rounds=20):
    """Linearise Nash-MTL's program around the last α, from 1; None where it has no minimum."""
    G, m = J @ J.T, len(J)
    scale = np.linalg.norm(G)
    G, alpha = G / scale, np.ones(m)
    for _ in range(rounds):
        last = alpha
        slope = G.sum(axis=0) + (1 / last + G @ (1 / (G @ last))) / scale
        # α_i (Gα)_i >= 1 / scale as a cone: the sum is at least the length of (difference, root).
        rows = np.vstack([[-e - g, g - e, 0 * e] for e, g in zip(np.eye(m), G, strict=True)])
        sides = np.tile([0, 0, 2 / np.sqrt(scale)], m)
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        answer = clarabel.DefaultSolver(
            sparse.csc_matrix((m, m)), slope, sparse.csc_matrix(rows), sides,
            [clarabel.SecondOrderConeT(3)] * m, settings,
        ).solve()  # fmt: skip
        if answer.status == clarabel.SolverStatus.DualInfeasible:
            return None
        alpha = np.array(answer.x)
        if np.linalg.norm(G @ last - 1 / last) < 1e-3 or np.linalg.norm(alpha - last) < 1e-6:
            break
    return alpha


def unequal(alpha, J, power=1.0):
    """Return how far the products w^(1/α) (G w) are from one another."""
    products = alpha**power * (J @ (J.T @ alpha))
    return np.abs(products / products[0] - 1).max()


def test_bargaining_does_not_start_from_an_unbounded_program():
    """Equal α come back on exactly those ordinary Jacobians whose first program has no minimum."""
    stack = cases.ordinary().astype(np.float64)
    unbounded = [k for k, J in enumerate(stack) if bargain(J) is None]
    assert unbounded == [0, 14, 34]
    for k in unbounded:
        G = stack[k] @ stack[k].T
        assert -0.05 < G.sum(axis=1).min() / np.linalg.norm(G) < 0
        assert unequal(np.ones(3), stack[k]) > 0.5
    for k in (0, 1, 14, 34):
        assert unequal(weights(moo.nash_mtl(3), stack[k]), stack[k]) < 2e-4
    settled = bargain(stack[1])
    expected = settled @ stack[1] / max(1, np.linalg.norm(settled @ stack[1]))
    np.testing.assert_allclose(direction(moo.nash_mtl(3), stack[1]), expected, atol=1e-5)


def test_bargaining_makes_every_product_equal():
    """The program bounds products from below: for lengths far apart it settles with one above."""
    J = cases.hard()["rows of lengths 1e-2 to 1e2"].astype(np.float64)[0]
    settled = bargain(J)
    np.testing.assert_allclose(bargain(J, rounds=40), settled, rtol=1e-3)
    np.testing.assert_allclose(settled * (J @ (J.T @ settled)), [40.37, 1, 1], rtol=1e-3)
    assert unequal(weights(moo.nash_mtl(3), J), J) < 2e-4


def test_fairness_is_solved_for_small_gradients():
    """The solver's tolerance on the slope, 1e-8, is above that of least squares at lengths 1e-4."""
    J = 1e-4 * cases.ordinary()[0].astype(np.float64)
    G = J @ J.T
    stopped = optimize.least_squares(
        lambda w: G @ w - w**-0.5, np.full(3, 1 / 3), bounds=(0, np.inf)
    ).x
    assert unequal(stopped, J, 0.5) > 1
    assert unequal(weights(moo.fairgrad(3, alpha=2.0), J), J, 0.5) < 3e-4


def test_imtl_g_never_ascends_on_all():
    """Where the closed form's sum before normalisation is negative, it points uphill for all."""
    rng = np.random.default_rng(0)
    while True:  # one in ten of such draws is
        J = np.exp(1.5 * rng.standard_normal((3, 1))) * rng.standard_normal((3, 3))
        closed = np.linalg.solve(J @ J.T, np.linalg.norm(J, axis=1))
        if closed.sum() < 0:
            break
    assert (J @ (J.T @ (closed / closed.sum())) < 0).all()
    assert (J @ direction(moo.imtl_g(3), J) > 0).all()


def test_imtl_g_keeps_short_rows():
    """The pseudo-inverse of the float32 Gramian leaves out squares below 3.6e-7 of the largest."""
    J = np.array([[100.0, 10.0, 0.0], [-0.3, 0.5, 0.1], [0.02, 0.01, 0.05]])
    lengths = np.linalg.norm(J, axis=1)
    cut = 3 * np.finfo(np.float32).eps
    closed = np.linalg.pinv((J @ J.T).astype(np.float32), rcond=cut).astype(np.float64) @ lengths
    assert np.ptp(cosines(J, J.T @ closed)) > 0.05
    assert np.ptp(cosines(J, direction(moo.imtl_g(3), J))) < 1e-5


def test_imtl_g_says_so_where_it_declines():
    """Coefficients that sum to S round projections of 1 by S eps: over a thousandth, v may be 0."""
    for single in cases.hard()["near a stationary point"][[0, 25, 39]]:
        J = single.astype(np.float64)
        units = J / np.linalg.norm(J, axis=1, keepdims=True)
        exact = np.linalg.solve(units @ units.T, np.ones(3))
        certain = 8 * np.finfo(np.float32).eps * np.abs(exact).sum() < 1e-3
        state = step(moo.imtl_g(3), J)[1]
        assert state.converged or not certain
        assert bool(state.converged) == bool(np.any(state.weights))


def test_imtl_g_leaves_a_zero_row_out():
    J = np.array([[1.0, 0.2, -0.5], [-0.8, 0.9, 0.1], [0.0, 0.0, 0.0]])
    with np.errstate(invalid="ignore"):
        units = J / np.linalg.norm(J, axis=1, keepdims=True)
        turned = (units[:1] - units[1:]).T
        shares = J[0] @ turned @ np.linalg.inv((J[:1] - J[1:]) @ turned)
    assert np.isnan(shares).any()
    assert np.ptp(cosines(J[:2], direction(moo.imtl_g(3), J))) < 1e-5


def test_aligned_mtl_keeps_the_small_component():
    """Eigenvalues of the float32 Gramian lose a component of 1e-4; J has it."""
    J = np.array([[1.0, 0.0, 0.0], [0.0, 1e-4, 0.0]])
    values, vectors = np.linalg.eigh((J @ J.T).astype(np.float32))
    kept = values > values.max() * 2 * np.finfo(np.float32).eps
    left = vectors[:, kept]
    balance = np.sqrt(values[kept].min()) * (left / np.sqrt(values[kept])) @ left.T
    np.testing.assert_allclose(balance.sum(axis=0) @ J, [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(direction(moo.aligned_mtl(2), J), [1e-4, 1e-4, 0], rtol=1e-4)


def spread(J, v):
    return np.ptp(cosines(J, v))


def test_config_is_as_exact_as_weights_of_rows_can_be():
    """Even the exact weights, rounded to float32, are worse than the pseudo-inverse of the rows."""
    stack = cases.hard()["near a stationary point"][:10]
    pinv, rounded, ours, bound = [], [], [], []
    for single in stack:
        J = single.astype(np.float64)
        lengths = np.linalg.norm(J, axis=1)
        units = J / lengths[:, None]
        pinv.append(spread(J, np.linalg.pinv(units.astype(np.float32)).sum(axis=1)))
        exact = np.linalg.solve(units @ units.T, np.ones(3)) / lengths
        rounded.append(spread(J, exact.astype(np.float32) @ J))
        ours.append(spread(J, weights(moo.config(3), J) @ J))
        bound.append(4 * np.finfo(np.float32).eps * np.linalg.cond(units))
    assert max(rounded) > 5 * max(pinv)
    assert (np.array(ours) <= bound).all()


def test_gradvac_has_no_floor_under_lengths():
    """With 1e-8 added to the product of two lengths of 1e-4, half of the conflict stays."""
    J = 1e-4 * np.array([[1.0, 0.0], [-0.6, 0.8]])
    cosine = (J[0] @ J[1]) / (1e-8 + 1e-8)
    floored = (1 - 1e-4 * cosine / (1e-4 + 1e-8)) * J.sum(axis=0)
    exact = (1 + 0.6) * J.sum(axis=0)
    np.testing.assert_allclose(floored, 1.3 * J.sum(axis=0), rtol=1e-4)
    np.testing.assert_allclose(direction(moo.gradvac(2), J), exact, rtol=1e-5)


def jumping(J, square):
    """Run the authors' 20 momentum steps of size 10 on A over a squared length."""
    A, w, velocity = J @ J.T / square, np.full(3, 1 / 3), 0.0
    for _ in range(20):
        velocity = 0.5 * velocity + A @ (w + 0.1)
        y = w - 10 * velocity
        ordered = np.sort(y)[::-1]
        cuts = (np.cumsum(ordered) - 1) / np.arange(1, 4)
        w = np.maximum(y - cuts[ordered > cuts][-1], 0)
    return (w + 0.1) / 1.3


def test_the_loop_of_sdmgrad_ends_where_its_floor_says():
    J = cases.ordinary()[4].astype(np.float64)
    squares = np.sum(J**2, axis=1)
    theirs = jumping(J, np.mean(np.sqrt(squares)) ** 2 + 1e-8)
    authors = jumping(J, np.mean(np.sqrt(squares + 1e-4)) ** 2)
    assert np.abs(theirs - authors).max() > 0.7
    published = weights(moo.sdmgrad(3, inner="published", batches=1), J)
    np.testing.assert_allclose(published, authors, atol=1e-5)
    exact = weights(moo.sdmgrad(3, batches=1), J)
    lengths = [np.linalg.norm(w @ J) for w in (exact, authors, theirs)]
    assert lengths[0] < 0.9 * min(lengths[1:])


def test_uncertainty_starts_at_variance_one():
    """A log-variance that starts at -1/2 makes the first weights larger by the root of e."""
    theirs, tx = 1 / (2 * np.exp(-0.5)), moo.uncertainty(2)
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.ones(2))
    ours = tx.update(jac, tx.init(jnp.zeros(2)))[1].weights
    np.testing.assert_allclose(theirs / np.asarray(ours), np.exp(0.5), rtol=1e-6)


def test_krum_scores_are_squared_distances():
    """Adding up plain distances selects another row."""
    J = np.array([[-4.0, 5.0], [-4.0, -4.0], [-5.0, -5.0], [4.0, -3.0], [4.0, 1.0], [5.0, 1.0]])
    distance = np.linalg.norm(J[:, None] - J[None], axis=-1)
    nearest = np.sort(distance, axis=1)[:, 1:5]  # no Byzantine row: m - 2 others
    by_plain, by_square = nearest.sum(axis=1).argmin(), (nearest**2).sum(axis=1).argmin()
    assert by_plain != by_square
    v = direction(moo.krum(6, num_byzantine=0, num_selected=1), J)
    np.testing.assert_allclose(v, J[by_square], rtol=1e-6)
