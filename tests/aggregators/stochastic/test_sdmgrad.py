import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators import oracles
from tests.aggregators.follow import follow
from tests.aggregators.parts import FIRST, SECOND, THIRD, parted, simplex_of_pair, weights_of_pair

pytestmark = pytest.mark.usefixtures("unoptimised")

LAM = 0.3


def published(one, two):
    """The authors' loop in float64: 20 projected momentum steps of size 10."""
    A = one @ two.T
    A = A / np.sqrt(np.diag(A) + 1e-4).mean() ** 2
    w, u = np.full(2, 0.5), np.zeros(2)
    for _ in range(20):
        u = 0.5 * u + A @ w + LAM * A @ np.full(2, 0.5)
        w = simplex_of_pair(w - 10 * u)
    return w


def direction(J, w):
    return (w + LAM / 2) @ J / (1 + LAM)


def update(tx, *parts):
    return jax.jit(lambda: tx.update(parted(*parts), tx.init(jnp.zeros(3))))()


def test_published_numbers_of_three_batches():
    v, state = update(moo.sdmgrad(2, inner="published"), FIRST, SECOND, THIRD)
    expected = direction(THIRD, published(FIRST, SECOND))
    np.testing.assert_allclose(expected, [-0.106957, 0.714203, 0.114203], atol=1e-6)
    np.testing.assert_allclose(v, expected, atol=1e-5)
    np.testing.assert_allclose(v, state.multipliers @ THIRD, atol=1e-6)
    assert state.weights is None


def test_published_numbers_of_one_batch():
    v, state = follow(moo.sdmgrad(2, inner="published", batches=1), FIRST)
    np.testing.assert_array_equal(published(FIRST, FIRST), [0, 1])
    np.testing.assert_array_equal(state.shares, [0, 1])
    np.testing.assert_allclose(v[0], [-0.592308, 0.819231, 0.030769], atol=1e-6)


def test_one_batch_solved_is_min_norm_over_leaned_rows():
    v, state = follow(moo.sdmgrad(2, batches=1), FIRST)
    np.testing.assert_allclose(state.shares, [0.527017, 0.472983], atol=1e-6)
    leaned = (FIRST + LAM * FIRST.mean(axis=0)) / (1 + LAM)
    np.testing.assert_allclose(v[0], oracles.min_norm(leaned), atol=1e-6)
    assert state.converged


def test_three_batches_solved_minimise_over_the_positive_part():
    v, _ = update(moo.sdmgrad(2), FIRST, SECOND, THIRD)
    S = (FIRST @ SECOND.T + SECOND @ FIRST.T) / 2
    assert np.linalg.eigvalsh(S).min() > 0
    grid = np.linspace(0, 1, 100_001)
    w = np.stack([grid, 1 - grid])
    values = 0.5 * np.sum(w * (S @ w), axis=0) + LAM * (S.mean(axis=0) @ w)
    np.testing.assert_allclose(v, direction(THIRD, w[:, values.argmin()]), atol=2e-5)


def test_noise_between_batches_is_cut_off():
    """With J2 = -J1 nothing positive is left of the products: every w is a minimiser."""
    v, state = update(moo.sdmgrad(2), FIRST, -FIRST, THIRD)
    assert np.isfinite(v).all()
    assert state.multipliers.sum() == pytest.approx(1)


@pytest.mark.parametrize(("lam", "weights"), [(0.0, weights_of_pair(FIRST)), (1e6, [0.5, 0.5])])
def test_between_mgda_and_the_mean(lam, weights):
    _, state = follow(moo.sdmgrad(2, lam=lam, batches=1), FIRST)
    np.testing.assert_allclose(state.weights, weights, atol=1e-5)


def test_an_objective_without_labels_in_one_part_counts_for_nothing():
    """Its row in the other part would shift the eigenvectors of the symmetric part."""
    third = np.array([[5.0, -3.0, 2.0]])
    parts = [np.concatenate([part, third]) for part in (FIRST, SECOND, THIRD)]
    parts[1][2] = 0

    def labels(rows):
        return (rows != 0).any(axis=(0, 2))

    def both():
        wide, pair = moo.sdmgrad(3), moo.sdmgrad(2)
        jac = parted(*parts, active=labels)
        v, state = wide.update(jac, wide.init(jnp.zeros(3)))
        u, alone = pair.update(parted(FIRST, SECOND, THIRD), pair.init(jnp.zeros(3)))
        return v, u, state.shares, alone.shares

    v, u, shares, alone = jax.jit(both)()
    np.testing.assert_allclose(v, u, atol=1e-6)
    np.testing.assert_allclose(shares[:2] / shares[:2].sum(), alone, atol=1e-6)


def test_a_zero_row_leaves_the_leaning_part():
    v, _ = follow(moo.sdmgrad(2, batches=1), FIRST * [[1], [0]])
    np.testing.assert_allclose(v[0], LAM / (2 * (1 + LAM)) * FIRST[0], rtol=1e-5)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lam": -1.0}, "lam must be finite and at least 0"),
        ({"inner": "frank-wolfe"}, "inner must be one of exact, published"),
        ({"batches": 2}, "batches must be 1 or 3, got 2"),
    ],
)
def test_out_of_range(options, message):
    with pytest.raises(ValueError, match=message):
        moo.sdmgrad(2, **options)


def test_a_number_of_batches_is_an_int():
    with pytest.raises(TypeError, match=r"batches must be an int, got float 3.0"):
        moo.sdmgrad(2, batches=3.0)
