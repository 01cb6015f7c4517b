"""A user without interactions is the mean of the friends, one with many the id."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import SocialColdStart

pytestmark = pytest.mark.usefixtures("unoptimised")

USER = SimpleNamespace(name="user", kind="categorical", vocabulary=6)
FRIENDS = SimpleNamespace(name="friends", kind="multi", vocabulary=6)
CLOSENESS = SimpleNamespace(name="closeness", kind="multi_weight", vocabulary=None, of="friends")
COUNT = SimpleNamespace(name="interactions", kind="numeric", vocabulary=None)
COLUMNS = [USER, FRIENDS, COUNT]
BATCH = {
    "user": jnp.array([0, 1, 2, 3]),
    "friends": jnp.array([[1, 5, -1], [0, -1, -1], [-1, -1, -1], [4, 5, 0]]),
    "interactions": jnp.float32([0.0, 3.0, 0.0, 1e9]),
}


def build(columns=COLUMNS, **options):
    return SocialColdStart(columns, 4, rngs=nnx.Rngs(0), **options)


def parts(inputs):
    table = np.asarray(inputs.features.tables["user"].embedding[...], np.float64)
    return table, np.asarray(inputs(BATCH))[:, :4]


def test_the_blend_follows_the_formula():
    inputs = build()
    inputs.log_half_way[...] = jnp.log(2.0)
    table, blended = parts(inputs)
    np.testing.assert_allclose(blended[0], (table[1] + table[5]) / 2, rtol=1e-6)
    np.testing.assert_allclose(blended[1], 0.6 * table[1] + 0.4 * table[0], rtol=1e-5)
    np.testing.assert_array_equal(blended[2], np.float32(table[2]))  # no friends: the id
    np.testing.assert_allclose(blended[3], table[3], rtol=1e-6)
    assert inputs.width == 8


def test_friends_padding_and_order_do_not_matter():
    inputs = build()
    padded = jnp.pad(BATCH["friends"][:, ::-1], ((0, 0), (2, 1)), constant_values=-1)
    np.testing.assert_allclose(inputs(BATCH | {"friends": padded}), inputs(BATCH), atol=1e-6)


@pytest.mark.parametrize("kappa", [-3.0, 0.0, 3.0])
def test_alpha_grows_with_the_count_for_any_kappa(kappa):
    inputs = build()
    inputs.log_half_way[...] = jnp.float32(kappa)
    counts = jnp.float32([-1, 0, 0.1, 1, 10, 100, 1e6])
    alpha = np.asarray(inputs.alpha({"interactions": counts}))
    assert alpha[0] == alpha[1] == 0
    assert (np.diff(alpha[1:]) > 0).all()
    assert alpha[-1] <= 1


def test_a_cold_user_comes_to_the_friends_as_the_count_falls():
    inputs = build()
    table, _ = parts(inputs)
    far = []
    for count in (10.0, 1.0, 0.1, 0.01):
        blended = inputs(BATCH | {"interactions": jnp.full(4, count)})[0, :4]
        far.append(np.linalg.norm(blended - (table[1] + table[5]) / 2))
    assert (np.diff(far) < 0).all()
    assert far[-1] < 0.02 * np.linalg.norm(table[0] - (table[1] + table[5]) / 2)


def test_closer_friends_count_more():
    inputs = build([*COLUMNS, CLOSENESS])
    batch = BATCH | {"closeness": jnp.float32([[3, 1, 7], [0, 0, 0], [1, 1, 1], [1, 1, 1]])}
    table = np.asarray(inputs.features.tables["user"].embedding[...])
    blended = np.asarray(inputs(batch))[:, :4]
    np.testing.assert_allclose(blended[0], (3 * table[1] + table[5]) / 4, rtol=1e-5)
    np.testing.assert_array_equal(blended[1], table[1])  # friends without weight are none


def test_nothing_known_is_finite_and_the_blend_is_learned():
    graphdef, state = nnx.split(build())
    empty = BATCH | {"friends": jnp.full((4, 3), -1), "interactions": jnp.zeros(4)}
    for batch in (empty, BATCH):
        push = jax.grad(lambda s, batch=batch: (nnx.merge(graphdef, s)(batch) ** 2).sum())(state)
        assert all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(push))
    assert push["log_half_way"][...] != 0


def test_parameters_are_float32_under_x64():
    with jax.enable_x64(True):
        inputs = build()
        leaves = jax.tree.leaves(nnx.state(inputs, nnx.Param))
        assert {leaf.dtype for leaf in leaves} == {jnp.dtype(jnp.float32)}
        assert inputs(BATCH).dtype == jnp.float32


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ([USER, COUNT], "friends must name a multi column, got 'friends'"),
        ([USER, FRIENDS], "count must name a numeric column, got 'interactions'"),
        ([FRIENDS, COUNT], "user must name a categorical column, got 'user'"),
        (
            [USER, COUNT, SimpleNamespace(name="friends", kind="multi", vocabulary=7)],
            "'friends' must list ids of 'user', vocabulary 6, got vocabulary 7",
        ),
    ],
)
def test_columns_that_do_not_fit_are_named(columns, message):
    with pytest.raises(ValueError, match=message):
        build(columns)
