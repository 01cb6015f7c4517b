"""Contrast between ids and content: against a slow loop, masks, repeated items."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.models import alignment_losses

pytestmark = pytest.mark.usefixtures("unoptimised")

ROWS, MODALITIES = 6, 2
IDS = jax.random.normal(jax.random.key(0), (ROWS, 3))
CONTENT = jax.random.normal(jax.random.key(1), (ROWS, MODALITIES, 3))
ITEM = jnp.array([0, 1, 2, 1, 4, 5])


def by_loops(kept, weight, temperature):
    ids, content = np.asarray(IDS, np.float64), np.asarray(CONTENT, np.float64)
    losses = []
    for k in range(MODALITIES):
        total = 0.0
        for i in np.flatnonzero(kept[:, k]):
            others = [j for j in range(ROWS) if kept[j, k] and (j == i or ITEM[j] != ITEM[i])]

            def score(a, b, k=k):
                u, v = ids[a], content[b, k]
                return np.exp(u @ v / np.linalg.norm(u) / np.linalg.norm(v) / temperature)

            one = score(i, i) / sum(score(i, j) for j in others)
            other = score(i, i) / sum(score(j, i) for j in others)
            total -= weight[i] * (np.log(one) + np.log(other)) / 2
        losses.append(total / weight[kept[:, k]].sum())
    return losses


def test_against_loops():
    everything = np.ones((ROWS, MODALITIES), bool)
    found = alignment_losses(IDS, CONTENT, ITEM, temperature=0.5)
    np.testing.assert_allclose(found, by_loops(everything, np.ones(ROWS), 0.5), rtol=1e-5)


def test_masks_and_weights_against_loops():
    kept = np.array(jax.random.bernoulli(jax.random.key(2), 0.6, (ROWS, MODALITIES)))
    kept[:2] = True
    weight = np.arange(1.0, ROWS + 1)
    found = alignment_losses(
        jnp.where(kept.any(axis=1)[:, None], IDS, jnp.nan),
        jnp.where(kept[..., None], CONTENT, jnp.nan),
        ITEM, where=jnp.array(kept), sample_weight=jnp.array(weight),
    )  # fmt: skip
    np.testing.assert_allclose(found, by_loops(kept, weight, 0.1), rtol=1e-4)


def test_lengths_do_not_matter():
    found = alignment_losses(7 * IDS, CONTENT / 9, ITEM)
    np.testing.assert_allclose(found, alignment_losses(IDS, CONTENT, ITEM), rtol=1e-4)


def test_one_item_alone_has_nothing_to_be_told_from():
    np.testing.assert_allclose(alignment_losses(IDS, CONTENT, 0 * ITEM), 0, atol=1e-6)


@pytest.mark.parametrize("where", [jnp.zeros(ROWS, bool), jnp.zeros((ROWS, MODALITIES), bool)])
def test_without_rows_the_losses_are_zero_and_finite(where):
    def losses(ids, content):
        return alignment_losses(ids, content, ITEM, where=where)

    np.testing.assert_array_equal(losses(IDS, CONTENT), 0)
    for push in jax.jit(jax.jacrev(losses, (0, 1)))(IDS, CONTENT):
        np.testing.assert_array_equal(push, 0)


def test_vectors_of_length_zero_are_finite():
    pushes = jax.jacrev(lambda u, v: alignment_losses(u, v, ITEM), (0, 1))(0 * IDS, 0 * CONTENT)
    assert all(np.isfinite(push).all() for push in pushes)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"id_embedding": IDS[0]}, ValueError, r"id_embedding must have shape \(n, D\)"),
        ({"content_embedding": IDS}, ValueError, r"content_embedding must have shape \(n, K, D\)"),
        ({"item": ITEM[:2]}, ValueError, r"item must have shape \(6,\), got \(2,\)"),
        ({"temperature": 0.0}, ValueError, "temperature must be above 0"),
        ({"where": jnp.ones(ROWS)}, TypeError, "where must be boolean, got float32"),
        ({"where": jnp.ones((ROWS, 3), bool)}, ValueError, "where must have shape"),
        ({"sample_weight": jnp.ones(2)}, ValueError, "sample_weight must have shape"),
    ],
)
def test_arguments_are_checked(change, error, message):
    arguments = {"id_embedding": IDS, "content_embedding": CONTENT, "item": ITEM} | change
    with pytest.raises(error, match=message):
        alignment_losses(**arguments)
