import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.optimize

import moo
from moo.aggregators.stochastic._calm import TrackedGram, _follow, _shortest
from moo.diagnostics import theory
from tests.aggregators import oracles
from tests.aggregators.parts import FIRST, SECOND, THIRD, parted

OPPOSITE = np.array([[3.0, 0.0, 0.0], [-1.0, 0.0, 0.0]])


def best(products, last, l1, l2):
    """Minimise over the simplex of two by brute force and refinement, at the prior (1/2, 1/2)."""
    values, vectors = np.linalg.eigh(products)
    convex = (vectors * np.maximum(values, 0)) @ vectors.T
    size = np.trace(convex) / 2

    def value(first):
        w = np.array([first, 1 - first])
        near = l2 * size / 2 * ((w - last) ** 2).sum()
        return w @ convex @ w / 2 + l1 * np.abs(w - 0.5).sum() + near

    pieces = [(0, 0.5), (0.5, 1)]
    found = [
        scipy.optimize.minimize_scalar(value, bounds=b, method="bounded", options={"xatol": 1e-12})
        for b in pieces
    ]
    first = min([one.x for one in found] + [0.0, 0.5, 1.0], key=value)
    return np.array([first, 1 - first])


@functools.partial(jax.jit, static_argnames="prior")
def walk(halves, decay, rho1, rho2, prior):
    tx = moo.calm(2, decay=decay, rho1=rho1, rho2=rho2, prior=prior)

    def step(state, pair):
        v, state = tx.update(parted(*pair), state)
        return state, v

    return jax.lax.scan(step, tx.init(jnp.zeros(3)), halves)


def followed(batches, *, decay=0.8, rho1=0.5, rho2=1e-3, prior=None):
    """Return the state after batches of two halves each, and the directions."""
    return walk(np.float32(batches), decay, rho1, rho2, prior)


def still(J, steps, **options):
    """Return the state after steps on gradients without noise."""
    tx = moo.calm(len(J), **options)
    jac = parted(J, J)

    def step(state, _):
        _, state = tx.update(jac, state)
        return state, state.multipliers

    return jax.jit(lambda: jax.lax.scan(step, tx.init(jnp.zeros(J.shape[1])), length=steps))()


def test_worked_numbers():
    """Three batches, by numpy and a search over the weights."""
    batches = [(FIRST, SECOND), (SECOND, THIRD), (THIRD, FIRST)]
    kappa, rho1, rho2 = 0.8, 0.1, 1e-2
    state, directions = followed(batches, decay=kappa, rho1=rho1, rho2=rho2)
    C, square, weights = np.zeros((2, 2)), np.zeros((2, 2)), np.full(2, 0.5)
    for t, ((one, two), v) in enumerate(zip(batches, directions, strict=True), start=1):
        np.testing.assert_allclose(v, weights @ (one + two) / 2, atol=2e-5)
        G, rate = (one @ two.T + two @ one.T) / 2, t**-kappa
        square = (1 - rate) * square + rate * (G - C) ** 2
        C = C + rate * (G - C)
        weights = best(C, weights, rho1 * np.sqrt(rate * square.mean()), rho2)
    np.testing.assert_allclose(state.multipliers, weights, atol=2e-5)
    assert not np.allclose(weights, 0.5, atol=0.01)


def test_the_direction_is_unbiased_where_one_batch_is_not():
    problem, key = moo.problem("noisy_quadratics"), jax.random.key(3)
    options = {"key": key, "draws": 2000, "warmup": 5}
    ours = theory.weight_covariance(problem, moo.calm(2), problem.starts[0], **options)
    mgda = theory.weight_covariance(problem, moo.mgda(2), problem.starts[0], **options)
    assert (np.abs(ours.same) < 4.5 * ours.error).all()
    assert np.linalg.norm(mgda.same) > 10 * np.linalg.norm(mgda.error)


def test_multipliers_reach_the_shortest_combination_of_gradients_without_noise():
    """The deviation forgets how far the first batch was from nothing, and the pull with it."""
    J = np.array([[2.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    state, _ = still(J, 200)
    np.testing.assert_allclose(state.multipliers, [0.2, 0.8], atol=2e-3)


def test_exactly_opposite_gradients_end_in_weights_of_no_step():
    state, _ = still(OPPOSITE, 200)
    np.testing.assert_allclose(state.multipliers, [0.25, 0.75], atol=2e-3)
    np.testing.assert_allclose(state.multipliers @ OPPOSITE, 0, atol=1e-2)


@jax.jit
def settle(G, last, l1, l2):
    m = len(G)
    gram = TrackedGram(G, jnp.ones((m, m)), jnp.int32(0), jnp.ones((m, m), jnp.int32))
    return _shortest(gram, last, jnp.full(m, 1 / m), jnp.ones(m, bool), l1, l2)


def settled(G, last, l1, l2=1e-3):
    return np.asarray(settle(*(jnp.asarray(x) for x in (G, last, l1, l2))))


def test_the_dead_zone():
    """The prior is left exactly where projections differ by more than twice the pull."""
    rng = np.random.default_rng(0)
    with jax.enable_x64(True):
        for _ in range(30):
            J = rng.normal(size=(3, 4))
            G = J @ J.T
            along = G @ np.full(3, 1 / 3)
            edge = (along.max() - along.min()) / 2
            even = np.full(3, 1 / 3)
            np.testing.assert_allclose(settled(G, even, 1.001 * edge), even, atol=1e-9)
            assert np.abs(settled(G, even, 0.98 * edge) - even).max() > 1e-4


def test_the_pull_costs_at_most_four_times_itself():
    """Squared distance from conflict avoidance, at the fixed point of exact gradients."""
    rng = np.random.default_rng(1)
    with jax.enable_x64(True):
        for _ in range(30):
            J, l1 = rng.normal(size=(3, 4)), rng.uniform(0, 0.5)
            G, weights = J @ J.T, np.full(3, 1 / 3)
            for _ in range(200):
                weights = settled(G, weights, l1, 0.1)
            least = settled(G, weights, 0.0, 1e-9)
            assert ((weights - least) @ G @ (weights - least)) <= 4 * l1 + 1e-8


def test_the_rate_on_gradients_that_stay():
    """F(w after t steps) - min F <= rho2 g |w1 - wF|^2 / 2t, with the pull held."""
    rng = np.random.default_rng(4)
    even, l2 = np.full(3, 1 / 3), 0.5
    with jax.enable_x64(True):
        for _ in range(10):
            J, l1 = rng.normal(size=(3, 4)), rng.uniform(0, 0.2)
            G, weights = J @ J.T, even
            least = settled(G, even, l1, 1e-9)
            best = least @ G @ least / 2 + l1 * np.abs(least - even).sum()
            reach = l2 * np.trace(G) / 3 * np.sum((least - even) ** 2) / 2
            for t in range(1, 20):
                weights = settled(G, weights, l1, l2)
                value = weights @ G @ weights / 2 + l1 * np.abs(weights - even).sum()
                assert value - best <= reach / t + 1e-7


def test_nearly_equal_gradients_take_as_long_as_any():
    """Rows g and (1 + d) g: F falls along a line, and half-way is half the bound of the rate."""
    d, l2, even = 0.02, 0.5, np.full(2, 0.5)
    G = np.outer([1, 1 + d], [1, 1 + d])
    pull, share, worst = 2 * l2 * np.trace(G) / 2, 0.5, 0.0
    reach = pull / 2 * np.sum((np.array([1, 0]) - even) ** 2) / 2
    with jax.enable_x64(True):
        weights = even
        for t in range(1, 25):
            weights = settled(G, weights, 0.0, l2)
            share = (pull * share + d * (1 + d)) / (pull + d**2)  # F's slope and the pull's cancel
            np.testing.assert_allclose(weights, [share, 1 - share], rtol=1e-7)
            worst = max(worst, t * (weights @ G @ weights - 1) / 2 / reach)
    assert 0.48 < worst <= 0.5


@jax.jit
def tracked(halves):
    """Return the tracked Gramians of runs (runs, steps, 2, 2), at decay .6."""
    tx = moo.calm(2, decay=0.6)

    def run(halves):
        def step(state, pair):
            _, state = tx.update(parted(*pair), state)
            return state, jnp.ldexp(state.gram.products, state.gram.exponent)

        return jax.lax.scan(step, tx.init(jnp.zeros(2)), halves)[1]

    return jax.vmap(run)(halves)


@pytest.mark.parametrize(("noise", "turn"), [(1.0, 0.0), (0.0, 0.05), (0.5, 0.02)])
def test_the_error_of_the_tracked_gramian_obeys_its_recursion(noise, turn):
    """In the mean of 400 runs, for gradients that turn by an angle a step, under noise."""
    steps, kappa = 60, 0.6
    angles = turn * np.arange(steps)
    J = np.stack([np.stack([[np.cos(a), np.sin(a)], [1.0, 0.0]]) for a in angles])
    G = J @ J.transpose(0, 2, 1)
    drawn = noise * np.random.default_rng(5).normal(size=(400, steps, 2, 2, 2))
    halves = np.asarray(J[:, None] + drawn, np.float32)
    squares = ((np.asarray(tracked(halves), float) - G) ** 2).sum(axis=(2, 3))
    error = squares.mean(axis=0)
    products = np.einsum("nthid,ntgjd->nthgij", halves, halves)[:, :, 0, 1]
    variance = (((products + products.swapaxes(2, 3)) / 2 - G) ** 2).sum(axis=(2, 3)).mean(axis=0)
    drift = (np.diff(G, axis=0) ** 2).sum(axis=(1, 2)).max()
    # Exactly, with the noise's part and the lag's apart, and as the page bounds their sum.
    spread, lag, exact = variance[0], np.zeros((2, 2)), [variance[0]]
    for t in range(2, steps + 1):
        beta = t**-kappa
        spread = (1 - beta) ** 2 * spread + beta**2 * variance[t - 1]
        lag = (1 - beta) * (lag + G[t - 2] - G[t - 1])
        exact.append(spread + (lag**2).sum())
        bound = (1 - beta) * error[t - 2] + drift / beta + beta**2 * variance[t - 1]
        assert error[t - 1] <= 1.15 * bound + 1e-9  # three errors of the mean of 400 squares
    deviation = squares.std(axis=0) / np.sqrt(len(squares))
    assert (np.abs(error - exact) <= 4 * deviation + 1e-6 * np.sqrt(exact)).all()


def test_avoidance_is_as_good_as_the_tracked_gramian():
    """|J'w - d|^2 <= 2 |C - G| + 4 l1 + 2 rho2 g, for any symmetric C."""
    rng = np.random.default_rng(3)
    with jax.enable_x64(True):
        for _ in range(100):
            J, l1, l2 = rng.normal(size=(3, 4)), rng.uniform(0, 0.2), rng.uniform(1e-3, 0.3)
            G, noise = J @ J.T, rng.normal(size=(3, 3)) * rng.choice([0.01, 0.3, 3])
            C = G + (noise + noise.T) / 2
            weights = settled(C, rng.dirichlet(np.ones(3)), l1, l2)
            best = oracles.min_norm(J)
            mean = np.maximum(np.linalg.eigvalsh(C), 0).mean()
            bound = 2 * np.linalg.norm(C - G) + 4 * l1 + 2 * l2 * mean
            assert np.sum((weights @ J - best) ** 2) <= bound + 1e-9


def test_the_tracked_gramian_is_unbiased():
    """Averaged alike over 2,000 batches of two samples; that of one batch has its noise on top."""
    problem = moo.problem("noisy_quadratics")
    x, tx = jnp.asarray(problem.starts[0]), moo.calm(2, decay=1.0)
    rows = np.asarray(jax.jacobian(problem.objectives)(x), float)

    def losses(x, keys):
        return jax.vmap(problem.objectives, (None, 0))(x, keys).mean(axis=0)

    def step(state, key):
        jac = moo.jacobian(losses, x, jax.random.split(key, 2), batched=(True,))
        return tx.update(jac, state)[1], None

    keys = jax.random.split(jax.random.key(0), 2000)
    state, _ = jax.jit(lambda: jax.lax.scan(step, tx.init(x), keys))()
    found = np.ldexp(np.asarray(state.gram.products, float), int(state.gram.exponent))
    spread = np.ldexp(np.asarray(state.gram.deviation, float), int(state.gram.exponent))
    error = spread.max() / np.sqrt(2000)
    assert np.abs(found - rows @ rows.T).max() < 5 * error < 0.5 * problem.dim / 2


def test_multipliers_are_lipschitz_in_the_gramian():
    """|lambda(C) - lambda(D)| <= |C - D| / (rho2 g) where g, and so the last term, is the same."""
    rng = np.random.default_rng(2)
    with jax.enable_x64(True):
        for _ in range(50):
            J, last = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(3))
            turn = np.linalg.qr(np.eye(3) + 0.05 * rng.normal(size=(3, 3)))[0]
            C = J @ J.T
            D = turn @ C @ turn.T
            away = np.linalg.norm(settled(C, last, 0.05, 0.1) - settled(D, last, 0.05, 0.1))
            assert away <= np.linalg.norm(C - D) / (0.1 * np.trace(C) / 3) + 1e-9


def test_products_without_a_convex_part_move_nothing():
    last = np.array([0.7, 0.3])
    np.testing.assert_allclose(settled(-np.eye(2, dtype=np.float32) * 3, last, 0.1), last)


@pytest.mark.parametrize("scale", [2.0**-70, 2.0**60])
def test_extreme_gradients_keep_every_bit(scale):
    plain, _ = followed([(FIRST, SECOND), (SECOND, THIRD)])
    scaled, _ = followed([(scale * a, scale * b) for a, b in [(FIRST, SECOND), (SECOND, THIRD)]])
    np.testing.assert_array_equal(plain.multipliers, scaled.multipliers)


def test_a_gramian_that_shrinks_stays_a_number():
    """Later gradients of 2**-100: the average falls below the exponent that it began with."""
    tx, empty = moo.calm(2, decay=0.5), jnp.ones(2, bool)
    small = moo.stacked_jacobian(jnp.float32(2.0**-100 * FIRST)).gram()

    def shrink(gram, _):
        return _follow(gram, small, empty, 0.01), None

    start = _follow(tx.init(jnp.zeros(3)).gram, moo.stacked_jacobian(jnp.eye(2)).gram(), empty, 0.5)
    end, _ = jax.jit(lambda: jax.lax.scan(shrink, start, length=400))()
    exact = np.ldexp(FIRST, -100) @ np.ldexp(FIRST, -100).T
    found = np.ldexp(np.asarray(end.products, float), int(end.exponent))
    np.testing.assert_allclose(found, exact, rtol=1e-3)


def test_a_batch_of_zeros_does_not_erase_what_is_small():
    """Gradients of 2**-80, whose products no float32 holds, before and after one of zeros."""
    small, zero = FIRST * 2.0**-80, np.zeros_like(FIRST)
    state, _ = followed([(small, small), (zero, zero), (small, small)], decay=1.0)
    found = np.ldexp(np.asarray(state.gram.products, float), int(state.gram.exponent) + 160)
    np.testing.assert_allclose(found, FIRST @ FIRST.T * 2 / 3, rtol=1e-5)
    empty, _ = followed([(zero, zero), (small, small)], decay=1.0)
    found = np.ldexp(np.asarray(empty.gram.products, float), int(empty.gram.exponent) + 160)
    np.testing.assert_allclose(found, FIRST @ FIRST.T / 2, rtol=1e-5)


def test_a_pair_that_is_met_late_does_not_disturb_the_others():
    tx = moo.calm(2, decay=1.0)
    one, two = (moo.stacked_jacobian(jnp.float32(J)).gram() for J in (FIRST, SECOND))
    alone, both = jnp.array([True, False]), jnp.ones(2, bool)
    gram = tx.init(jnp.zeros(3)).gram
    for _ in range(5):
        gram = _follow(gram, one, alone, 1.0)
    before = np.ldexp(np.asarray(gram.deviation, float), int(gram.exponent))
    gram = _follow(gram, one, both, 1.0)
    after = np.ldexp(np.asarray(gram.deviation, float), int(gram.exponent))
    assert gram.counts.tolist() == [[6, 1], [1, 1]]
    np.testing.assert_allclose(after[0, 0] ** 2, before[0, 0] ** 2 * 5 / 6, rtol=1e-5)
    np.testing.assert_allclose(after[0, 1], abs(FIRST[0] @ FIRST[1]), rtol=1e-5)
    gram = _follow(gram, two, both, 1.0)
    exact = (6 * FIRST[0] @ FIRST[0] + SECOND[0] @ SECOND[0]) / 7
    np.testing.assert_allclose(np.ldexp(gram.products[0, 0], int(gram.exponent)), exact, rtol=1e-5)


def test_leaning_to_the_fixed_weights_is_paid_for_by_their_distance():
    """The inequality behind stationarity, of any last multipliers and any tracked products."""
    rng, even = np.random.default_rng(4), np.full(3, 1 / 3)
    with jax.enable_x64(True):
        for _ in range(100):
            J, last = rng.normal(size=(3, 4)), rng.dirichlet(np.ones(3))
            l1, l2 = rng.uniform(0, 0.2), rng.uniform(1e-3, 0.3)
            G, noise = J @ J.T, rng.normal(size=(3, 3)) * rng.choice([0.01, 0.3, 3])
            C = G + (noise + noise.T) / 2
            new = settled(C, last, l1, l2)
            weight = l2 * np.maximum(np.linalg.eigvalsh(C), 0).mean() / 2
            paid = weight * (np.sum((even - last) ** 2) - np.sum((even - new) ** 2))
            least = new @ G @ new - np.sqrt(2) * np.linalg.norm(C - G) - paid
            assert even @ G @ new >= least - 1e-9


def test_an_objective_without_labels_in_a_half_waits():
    def objectives(x, rows, labels):
        each = jnp.einsum("bmd,d->bm", rows, x)
        return jnp.stack([moo.masked_mean(each[:, i], labels[:, i]) for i in range(3)])

    rows = np.stack([np.vstack([J, np.ones(3)]) for J in (FIRST, SECOND)])
    labels = jnp.array([[True, True, True], [True, True, False]])
    options = {"batched": (True, True), "active": lambda rows, labels: labels.any(axis=0)}
    tx = moo.calm(3)

    def one_step():
        jac = moo.jacobian(objectives, jnp.zeros(3), jnp.float32(rows), labels, **options)
        return tx.update(jac, tx.init(jnp.zeros(3)))

    _, state = jax.jit(one_step)()
    np.testing.assert_allclose(state.weights, [0.5, 0.5, 0], atol=1e-6)
    np.testing.assert_allclose(state.multipliers[2], 1 / 3, atol=1e-6)
    assert state.gram.counts.tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 0]]


def test_a_prior_is_where_it_starts_and_where_noise_leaves_it():
    _, directions = followed([(FIRST, SECOND)], prior=(3.0, 1.0))
    np.testing.assert_allclose(directions[0], [0.75, 0.25] @ (FIRST + SECOND) / 2, atol=1e-6)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"decay": 0.0}, "decay must be finite and above 0"),
        ({"decay": 1.5}, "decay must lie in"),
        ({"rho1": -1.0}, "rho1 must be finite and at least 0"),
        ({"rho2": 0.0}, "rho2 must be finite and above 0"),
        ({"prior": [1.0, -1.0]}, "prior"),
    ],
)
def test_what_is_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        moo.calm(2, **options)
