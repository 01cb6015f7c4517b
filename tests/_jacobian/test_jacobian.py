import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

import moo
from tests.helpers.core import (
    SHARED,
    assert_close,
    assert_identical,
    batch,
    compiled,
    dense,
    flat,
    network,
    objectives,
)

WEIGHTS = jnp.array([0.5, -1.0, 2.0])


@pytest.fixture(scope="module")
def params():
    return network()


@pytest.fixture(scope="module")
def data():
    return batch()


@pytest.fixture(scope="module")
def reference(params, data):
    return jax.jit(jax.jacrev(objectives))(params, data)


def test_losses_rows_and_combine_equal_jacrev(params, data, reference):
    def look():
        jac = moo.jacobian(objectives, params, data)
        assert (jac.num_objectives, jac.active, jac.aux) == (3, None, None)
        return jac.losses, jac.rows(), jac.combine(WEIGHTS)

    losses, rows, update = compiled(look)
    assert_close(losses, compiled(objectives, params, data))
    assert_close(rows, reference)
    np.testing.assert_allclose(flat(update), np.asarray(WEIGHTS) @ dense(reference), rtol=1e-5)


@pytest.mark.parametrize("heads", ["weighted", "plain"])
def test_materialized_equals_lazy(params, data, heads):
    def look():
        lazy = moo.jacobian(objectives, params, data, shared=SHARED, heads=heads)
        held = lazy.materialize()
        assert held.materialize() is held
        return [
            (jac.rows(), jac.combine(WEIGHTS), jac.gram(), jac.losses, jac.losses_at(network(5)))
            for jac in (held, lazy)
        ]

    assert_close(*compiled(look))


def test_plain_heads_receive_their_own_gradient(params, data, reference):
    jac = moo.jacobian(objectives, params, data, shared=SHARED, heads="plain")
    plain = compiled(jac.combine, WEIGHTS)
    weighted = jax.tree.map(lambda x: jnp.tensordot(WEIGHTS, x, 1), reference)
    assert_close(plain["trunk"], weighted["trunk"])
    for i, head in enumerate("abc"):
        assert_close(plain[head], reference[head][i])


@pytest.mark.parametrize(
    "shared",
    [
        SHARED,
        {"trunk": {"w": True, "b": True}, "a": False, "b": False, "c": False},
        lambda p: {name: name == "trunk" for name in p},
    ],
    ids=["prefix", "tree", "callable"],
)
def test_shared_is_read_as_one_bool_a_leaf(params, data, shared):
    jac = moo.jacobian(objectives, params, data, shared=shared)
    assert jac.shared == {"trunk": {"w": True, "b": True}, "a": False, "b": False, "c": False}
    assert jac.materialize().shared == jac.shared


def test_shared_does_not_narrow_combine(params, data):
    with_mask = moo.jacobian(objectives, params, data, shared=SHARED)
    without = moo.jacobian(objectives, params, data)
    assert_close(*compiled(lambda: [(j.combine(WEIGHTS), j.rows()) for j in (with_mask, without)]))


def test_gram_with_another_jacobian(params, data, reference):
    other = batch(7)
    ours, theirs = dense(reference), dense(compiled(jax.jacrev(objectives), params, other))

    def look():
        one = moo.jacobian(objectives, params, data)
        two = moo.jacobian(objectives, params, other)
        return one.gram(two).matrix, one.materialize().gram(two.materialize()).matrix

    for cross in compiled(look):
        np.testing.assert_allclose(cross, ours @ theirs.T, rtol=1e-4, atol=1e-5)


def test_aux_is_kept(params, data):
    def with_aux(p, d):
        return objectives(p, d), {"hidden": d["x"].sum()}

    jac = moo.jacobian(with_aux, params, data, has_aux=True)
    np.testing.assert_array_equal(jac.aux["hidden"], data["x"].sum())
    np.testing.assert_array_equal(jac.materialize().aux["hidden"], data["x"].sum())
    assert_close(jac.losses_at(params), jac.losses)


def test_losses_at_reuses_the_batch_and_the_noise(params, data):
    def noisy(p, d, key):
        keep = jax.random.bernoulli(key, 0.5, d["x"].shape)
        return objectives(p, {**d, "x": jnp.where(keep, d["x"], 0)})

    jac = moo.jacobian(noisy, params, data, jax.random.key(3))
    np.testing.assert_array_equal(jac.losses_at(params), jac.losses)
    assert (jac.losses_at(network(4)) != jac.losses).any()


def test_at_is_a_fresh_jacobian_with_the_same_batch_noise_and_options(params, data):
    def noisy(p, d, key):
        keep = jax.random.bernoulli(key, 0.5, d["x"].shape)
        return objectives(p, {**d, "x": jnp.where(keep, d["x"], 0)})

    def look():
        options = {"shared": SHARED, "heads": "plain", "batched": (True, False)}
        jac, moved = (
            moo.jacobian(noisy, point, data, jax.random.key(3), **options)
            for point in (params, network(4))
        )
        others = moved, jac.at(network(4)), jac.materialize().at(network(4))
        return [(j.losses, j.rows(), j.combine(WEIGHTS), j.split(2)[1].losses) for j in others]

    fresh, lazy, materialized = compiled(look)
    assert_identical(lazy, fresh)
    assert_identical(materialized, fresh)


def test_one_objective_and_scalar_parameters():
    def look(x):
        jac = moo.jacobian(lambda x: (x**2)[None], x)
        return jac.rows(), jac.gram().matrix, jac.combine(jnp.array([0.5]))

    rows, gram, update = compiled(look, jnp.float32(3))
    assert (rows.tolist(), gram.tolist(), update) == ([6], [[36]], 3)


def test_python_float_leaves_are_parameters():
    jac = moo.jacobian(lambda p: jnp.stack([p["x"] ** 2, 3 * p["x"]]), {"x": 2.0})
    np.testing.assert_array_equal(jac.rows()["x"], [4, 3])


def test_under_vmap_over_parameters(data):
    stack = jax.tree.map(lambda *x: jnp.stack(x), *[network(seed) for seed in range(3)])

    def look(p):
        jac = moo.jacobian(objectives, p, data)
        return jac.losses, jac.combine(WEIGHTS), jac.gram().matrix

    mapped = compiled(jax.vmap(look), stack)
    alone = compiled(look, jax.tree.map(lambda x: x[1], stack))
    assert_close(jax.tree.map(lambda x: x[1], mapped), alone, rtol=1e-4, atol=1e-5)


def test_closing_over_it_in_cond_and_scan(params, data):
    @jax.jit
    def look(first):
        jac = moo.jacobian(objectives, params, data)
        chosen = lax.cond(first, lambda: jac.combine(WEIGHTS), lambda: jac.combine(2 * WEIGHTS))
        scanned = lax.scan(lambda c, w: (c, jac.combine(w)), 0, jnp.stack([WEIGHTS, 2 * WEIGHTS]))
        return chosen, scanned[1], jac.combine(WEIGHTS)

    once = look(True)[2]
    assert_close(look(True)[0], once)
    assert_close(look(False)[0], jax.tree.map(lambda x: 2 * x, once))
    assert_close(jax.tree.map(lambda x: x[1], look(True)[1]), jax.tree.map(lambda x: 2 * x, once))


def test_bfloat16_parameters(data):
    narrow = jax.tree.map(lambda x: x.astype(jnp.bfloat16), network())
    jac = moo.jacobian(objectives, narrow, data)
    assert jac.losses.dtype == jnp.float32
    assert jax.eval_shape(lambda: jac.gram().matrix).dtype == jnp.float32
    for kind in (jac, jac.materialize()):
        update = compiled(kind.combine, WEIGHTS)
        assert {x.dtype for x in jax.tree.leaves(update)} == {jnp.dtype(jnp.bfloat16)}
        wide = jax.tree.map(lambda x: x.astype(jnp.float32), narrow)
        exact = flat(compiled(moo.jacobian(objectives, wide, data).combine, WEIGHTS))
        np.testing.assert_allclose(flat(update), exact, atol=0.03 * np.abs(exact).max())


@pytest.mark.parametrize("param", [jnp.float32, jnp.float64])
@pytest.mark.parametrize("label", [jnp.float32, jnp.float64])
def test_x64_keeps_the_parameters_dtype(x64, param, label):
    def fn(x, y):
        return jnp.stack([((x - y) ** 2).sum(), (jnp.sin(x) * y).sum()])

    def look(x, y):
        jac, pushed = (moo.jacobian(fn, x, y, gram=kind) for kind in ("rows", "jvp"))
        updates = jac.combine(WEIGHTS[:2]), jac.materialize().combine(WEIGHTS[:2])
        return (jac.gram().matrix, pushed.gram().matrix), updates

    x, y = np.array([0.3, 1 / 3, -2.0]), np.array([1.0, 1e-3, 0.7])
    rows = np.stack([2 * (x - y), np.cos(x) * y])
    matrices, updates = compiled(look, jnp.asarray(x, param), jnp.asarray(y, label))
    tolerance = 1e-12 if param == label == jnp.float64 else 1e-5
    for matrix in matrices:
        np.testing.assert_allclose(matrix, rows @ rows.T, rtol=tolerance)
    for update in updates:
        assert update.dtype == param
        np.testing.assert_allclose(update, np.asarray(WEIGHTS[:2]) @ rows, rtol=tolerance)


def test_another_point_must_be_like_the_first():
    jac = moo.jacobian(lambda x: x["w"], {"w": jnp.ones(2)})
    for there in (jac.at, jac.losses_at):
        with pytest.raises(ValueError, match="params must be a pytree like the first ones"):
            there(jnp.ones(2))
        with pytest.raises(ValueError, match=r"params\['w'\] must have shape \(2,\)"):
            there({"w": jnp.ones(3)})
