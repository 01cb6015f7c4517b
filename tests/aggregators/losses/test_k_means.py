import functools
import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators.losses._k_means import centroids

M = 8


def cost(values, groups):
    return sum(((values[g] - values[g].mean()) ** 2).sum() for g in groups)


def best(values, number):
    """Try every way to cut the sorted values into that many runs or fewer."""
    order = np.argsort(values)
    cuts = itertools.combinations_with_replacement(range(len(values) + 1), number - 1)
    ways = [[g for g in np.split(order, cut) if len(g)] for cut in cuts]
    return min(cost(values, groups) for groups in ways)


@functools.cache
def compiled(groups):
    return jax.jit(jax.vmap(functools.partial(centroids, groups=groups)))


@pytest.mark.parametrize("groups", [2, 3])
def test_no_cut_is_better(groups):
    rng = np.random.default_rng(groups)
    values = np.exp(3 * rng.standard_normal((60, M))).astype(np.float32)
    values[:10] = np.round(values[:10])
    active = rng.random((60, M)) < 0.7
    means = np.asarray(compiled(groups)(values, active), np.float64)
    assert np.all(means[~active] == 0)
    for value, mask, mean in zip(values.astype(np.float64), active, means, strict=True):
        value, mean = value[mask], mean[mask]
        members = [np.flatnonzero(mean == centre) for centre in np.unique(mean)]
        assert len(members) <= groups
        for group in members:
            np.testing.assert_allclose(mean[group], value[group].mean(), rtol=1e-5)
        least = best(value, groups) if len(value) else 0.0
        assert cost(value, members) <= least + 1e-5 * (value**2).sum()


def test_tight_groups_far_from_zero():
    """Sums of squares in float32 would cancel here."""
    values = np.array([1000, 1000.001, 1000.01, 1000.011, 1000.02, 1000.021, 0, 0], np.float32)
    active = np.arange(M) < 6
    means = np.asarray(compiled(3)(values[None], active[None]))[0]
    expected = np.repeat(values[:6].reshape(3, 2).mean(axis=1), 2)
    np.testing.assert_allclose(means[:6], expected, rtol=1e-7)


def test_a_value_that_is_not_finite_is_announced():
    values = np.array([[1.0, np.nan, 2, 3, 4, 5, 6, 7]], np.float32)
    everyone, others = np.ones((1, M), bool), np.arange(M)[None] != 1
    assert np.isnan(compiled(2)(values, everyone)).all()
    assert np.isfinite(compiled(2)(values, others)).all()


def test_one_group_and_more_groups_than_values():
    values = np.array([[1, 5, 3, 0, 0, 0, 0, 0]], np.float32)
    active = np.arange(M)[None] < 2
    assert compiled(1)(values, active)[0].tolist() == [3, 3, 0, 0, 0, 0, 0, 0]
    assert compiled(3)(values, active)[0].tolist() == [1, 5, 0, 0, 0, 0, 0, 0]


def test_groups_at_every_scale():
    values, active = jnp.array([1.0, 1.2, 5.0, 5.4]), jnp.ones(4, bool)
    plain = centroids(values, active, 2)
    for scale in (1e-30, 1e30):
        found = centroids(scale * values, active, 2)
        np.testing.assert_allclose(found / scale, plain, rtol=1e-6)
