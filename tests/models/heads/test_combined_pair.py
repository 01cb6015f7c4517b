"""Cross-entropy, and RankNet over pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import CombinedPair

pytestmark = pytest.mark.usefixtures("unoptimised")

HEAD = CombinedPair(alpha=0.3)
LOGITS = jax.random.normal(jax.random.key(0), (7,))
LABELS = jnp.array([0, 1, 1, 0, 1, 0, 0])
SESSION = jnp.array([4, 4, 4, 9, 9, 7, 9])


def by_loops(where, weight, session):
    a, y = np.asarray(LOGITS, np.float64), np.asarray(LABELS)
    ranked = total = 0.0
    for i in np.flatnonzero(where & (y == 1)):
        for j in np.flatnonzero(where & (y == 0) & (session == session[i])):
            ranked += weight[i] * weight[j] * np.log1p(np.exp(a[j] - a[i]))
            total += weight[i] * weight[j]
    error = np.logaddexp(0, np.where(y, -a, a))
    return [np.average(error[where], weights=weight[where]), ranked / total]


@pytest.mark.parametrize("sessions", [True, False])
def test_losses_against_loops(sessions):
    session = np.asarray(SESSION) if sessions else np.zeros(7)
    where = np.array([True, True, False, True, True, True, True])
    weight = np.arange(1.0, 8.0)
    found = HEAD.losses(
        LOGITS, LABELS, session=SESSION if sessions else None,
        where=jnp.array(where), sample_weight=jnp.array(weight),
    )  # fmt: skip
    expected = by_loops(where, weight, session)
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_loss_is_the_weighted_sum():
    losses = HEAD.losses(LOGITS, LABELS)
    np.testing.assert_allclose(
        HEAD.loss(LOGITS, LABELS), losses @ jnp.float32([0.3, 0.7]), rtol=1e-6
    )


def test_the_ranking_loss_does_not_see_a_shift():
    moved = HEAD.losses(LOGITS + 3, LABELS)
    np.testing.assert_allclose(moved[1], HEAD.losses(LOGITS, LABELS)[1], rtol=1e-5)
    push = jax.grad(lambda a: HEAD.losses(a, LABELS)[1])(LOGITS)
    np.testing.assert_allclose(push.sum(), 0, atol=1e-6)
    assert (np.sign(push) == np.where(LABELS, -1, 1)).all()


def test_with_sparse_positives_negatives_are_pushed_harder_by_the_ranking():
    labels = jnp.zeros(200, int).at[0].set(1)
    logits = jnp.full(200, -5.0).at[0].set(-5.5)
    rows = jax.jacrev(lambda a: HEAD.losses(a, labels))(logits)
    assert (rows[1, 1:] > 50 * rows[0, 1:]).all()


@pytest.mark.parametrize("label", [0, 1])
def test_without_a_pair_the_ranking_loss_is_zero_and_finite(label):
    labels = jnp.full(7, label)
    push = jax.jacrev(lambda a: HEAD.losses(a, labels))(LOGITS)
    assert HEAD.losses(LOGITS, labels)[1] == 0
    np.testing.assert_array_equal(push[1], 0)


def test_options_are_checked():
    with pytest.raises(ValueError, match=r"alpha must be in \[0, 1\], got -1"):
        CombinedPair(alpha=-1)
