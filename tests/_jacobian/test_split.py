import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers.core import SHARED, assert_close, batch, compiled, dense, network, objectives


def _noise(params, data, key, raw):
    """Losses that are the noise itself, so that a test can read it back."""
    typed = jax.random.uniform(key)
    untyped = jax.random.uniform(jax.random.wrap_key_data(raw))
    return params * jnp.stack([typed, untyped, data.mean()])


def _parts(k, data=None, batched=(True, False, False), **options):
    data = jnp.arange(8.0) if data is None else data
    args = (data, jax.random.key(0), jax.random.key_data(jax.random.key(1)))
    return moo.jacobian(_noise, jnp.float32(1), *args, batched=batched, **options).split(k)


def test_parts_are_strided():
    means = jnp.stack([part.losses[2] for part in _parts(4)])
    np.testing.assert_array_equal(means, [2, 3, 4, 5])


def test_typed_keys_are_folded_and_raw_keys_are_shared():
    one, two = _parts(2)
    assert one.losses[0] != two.losses[0]
    assert one.losses[1] == two.losses[1]
    expected = [jax.random.uniform(jax.random.fold_in(jax.random.key(0), i)) for i in range(2)]
    np.testing.assert_array_equal([one.losses[0], two.losses[0]], expected)


def test_batched_keys_are_divided_and_not_folded():
    keys = jax.random.split(jax.random.key(5), 4)

    def draws(p, keys):
        return p * jax.vmap(jax.random.uniform)(keys)

    one, two = moo.jacobian(draws, jnp.float32(1), keys, batched=(True,)).split(2)
    expected = jax.vmap(jax.random.uniform)(keys)
    np.testing.assert_array_equal(one.losses, expected[0::2])
    np.testing.assert_array_equal(two.losses, expected[1::2])


def test_typed_keys_inside_an_unbatched_tree_are_folded():
    state = {"rngs": {"key": jax.random.key(0), "count": jnp.uint32(0)}}

    def draws(p, state, x):
        return p * jnp.stack([jax.random.uniform(state["rngs"]["key"]), x.mean()])

    jac = moo.jacobian(draws, jnp.float32(1), state, jnp.ones(4), batched=(False, True))
    one, two = jac.split(2)
    assert one.losses[0] != two.losses[0]


def test_parts_keep_every_option_and_their_own_rows():
    data = batch(rows=8)
    jac = moo.jacobian(objectives, network(), data, batched=(True,), shared=SHARED, gram="jvp")
    for i, part in enumerate(jac.split(2)):
        half = jax.tree.map(lambda x, i=i: x[i::2], data)
        rows = compiled(jax.jacrev(objectives), network(), half)
        assert_close(compiled(part.rows), rows, rtol=1e-5, atol=1e-6)
        trunk = dense(rows["trunk"])
        np.testing.assert_allclose(compiled(part.gram).matrix, trunk @ trunk.T, rtol=1e-5)
        assert part.materialize() is part


def test_cross_gramian_of_two_parts():
    jac = moo.jacobian(objectives, network(), batch(), batched=({"x": True, "y": True},))
    one, two = jac.split(2)
    ours, theirs, cross = compiled(lambda: (one.rows(), two.rows(), one.gram(two).matrix))
    expected = dense(ours) @ dense(theirs).T
    np.testing.assert_allclose(cross, expected, rtol=1e-4, atol=1e-5)


def test_mean_losses_of_the_parts_average_to_the_whole():
    jac = moo.jacobian(objectives, network(), batch(), batched=(True,))
    halves = jac.materialize().split(2)
    np.testing.assert_allclose(sum(p.losses for p in halves) / 2, jac.losses, rtol=1e-6)


def test_an_active_callable_is_asked_again_for_each_part():
    labels = jnp.array([[1.0, 0], [0, 0], [1, 1], [0, 0]])

    def fn(p, y):
        return jnp.stack([moo.masked_mean(p * y[:, i], y[:, i] > 0) for i in range(2)])

    def has_labels(y):
        return (y > 0).any(axis=0)

    jac = moo.jacobian(fn, jnp.float32(2), labels, active=has_labels, batched=(True,))
    np.testing.assert_array_equal(jac.active, [True, True])
    even, odd = jac.split(2)
    np.testing.assert_array_equal(even.active, [True, True])
    np.testing.assert_array_equal(odd.active, [False, False])
    np.testing.assert_array_equal(odd.combine(jnp.ones(2)), 0)


def test_an_active_array_cannot_be_split():
    with pytest.raises(ValueError, match=r"active is an array.*as a callable of the arguments"):
        _parts(2, active=jnp.array([True, True, False]))


@pytest.mark.parametrize(
    ("batched", "k", "message"),
    [
        (None, 2, "batched is missing: split must know which arguments"),
        ((True, False), 2, "batched must have 3 entries, one an argument, got 2"),
        ((True, False, False), 3, "k must divide the batch size 8, got 3"),
        ((True, False, False), 0, "k must divide the batch size 8, got 0"),
        ((True, False, False), -2, "k must divide the batch size 8, got -2"),
        ((False, False, False), 2, "batched leaves must share one batch size, got none"),
        ((True, False, True), 2, r"batched leaves must share one batch size, got \[2, 8\]"),
        ((True, True, False), 2, "batched marks a scalar"),
        (({"x": True}, False, False), 2, "batched.0. must be a tree prefix of its argument"),
        ((1, False, False), 2, "batched.0. must hold Python bools, got int"),
        (True, 2, "batched must be a tuple with one tree of bools for each argument, got bool"),
    ],
)
def test_batches_that_cannot_be_split_are_refused(batched, k, message):
    with pytest.raises((ValueError, TypeError), match=message):
        _parts(k, batched=batched)


def test_split_under_jit_equals_eager():
    def look(data):
        jac = moo.jacobian(objectives, network(), data, batched=(True,))
        return [part.losses for part in jac.split(2)]

    assert_close(jax.jit(look)(batch()), look(batch()))
