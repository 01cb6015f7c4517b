"""A tree over intervals of time: its leaves are a distribution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import TPM

pytestmark = pytest.mark.usefixtures("unoptimised")

EDGES = (0.0, 1.0, 2.0, 4.0, 8.0, 9.0, 12.0, 20.0, 30.0)
HEAD = TPM(edges=EDGES, variance_weight=0.5, error_weight=2.0)
LOGITS = jax.random.normal(jax.random.key(0), (5, 7))
TIMES = jnp.float32([0.0, 1.0, 7.0, 12.0, 45.0])
LEAF = [0, 1, 3, 6, 7]
MIDDLES = (np.array(EDGES[1:]) + np.array(EDGES[:-1])) / 2


def by_walks():
    """Chances of the leaves, from the root down."""
    decide = 1 / (1 + np.exp(-np.asarray(LOGITS, np.float64)))
    chances = np.zeros((5, 8))
    for row in range(5):
        for leaf in range(8):
            node, chance = 0, 1.0
            for turn in format(leaf, "03b"):
                right = decide[row, node]
                chance *= right if turn == "1" else 1 - right
                node = 2 * node + 1 + int(turn)
            chances[row, leaf] = chance
    return chances


def test_leaves_are_products_along_their_paths():
    found = np.exp(HEAD.leaf_log_probabilities(LOGITS))
    np.testing.assert_allclose(found, by_walks(), rtol=1e-5)
    np.testing.assert_allclose(found.sum(axis=1), 1, rtol=1e-5)


def test_mean_and_variance_are_those_of_the_leaves():
    chances = by_walks()
    mean = chances @ MIDDLES
    np.testing.assert_allclose(HEAD.predict(LOGITS), mean, rtol=1e-5)
    variance = (chances * (MIDDLES - mean[:, None]) ** 2).sum(axis=1)
    np.testing.assert_allclose(HEAD.variance(LOGITS), variance, rtol=1e-4)


def test_losses_follow_the_formula():
    chances = by_walks()
    mean = chances @ MIDDLES
    surprise = -np.log(chances[np.arange(5), LEAF]).mean()
    variance = ((chances * (MIDDLES - mean[:, None]) ** 2).sum(axis=1) / 900).mean()
    error = (((mean - TIMES) / 30) ** 2).mean()
    np.testing.assert_allclose(HEAD.losses(LOGITS, TIMES), [surprise, variance, error], rtol=1e-4)
    expected = surprise + 0.5 * variance + 2 * error
    np.testing.assert_allclose(HEAD.loss(LOGITS, TIMES), expected, rtol=1e-4)


def test_at_extreme_logits_one_leaf_is_certain():
    sure = jnp.full((1, 7), 1e4)
    assert HEAD.predict(sure) == MIDDLES[-1]
    assert HEAD.predict(-sure) == MIDDLES[0]
    assert HEAD.variance(sure) == 0


def test_the_fit_gives_leaves_of_equal_size():
    times = np.random.default_rng(0).exponential(5, 1_600)
    head = TPM.fit(times, depth=3)
    assert head.num_logits == 7
    counts, _ = np.histogram(times, head.edges)
    np.testing.assert_allclose(counts, 200, atol=1)
    assert head.edges[0] == times.min()
    assert head.edges[-1] == times.max()


def test_a_leaf_of_width_zero_does_no_harm():
    head = TPM.fit(np.r_[np.zeros(60), np.arange(40.0)], depth=2)
    loss, push = jax.value_and_grad(head.loss)(jnp.zeros((2, 3)), jnp.float32([0.0, 39.0]))
    assert np.isfinite(loss)
    assert np.isfinite(push).all()


@pytest.mark.parametrize(
    ("edges", "message"),
    [
        ((0.0, 1.0, 2.0, 3.0), "must make a power of two of leaves, got 3"),
        ((0.0, 2.0, 1.0), "edges must be finite, at least 0 and in order"),
        ((0.0, 1.0), "edges must hold at least 3 times"),
    ],
)
def test_edges_are_checked(edges, message):
    with pytest.raises(ValueError, match=message):
        TPM(edges)
