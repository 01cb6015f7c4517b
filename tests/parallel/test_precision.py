"""bfloat16 parameters and activations on many devices: float32 Gramians, models that learn."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import Mesh

import moo
from moo.parallel import local_aggregates, place, shard_batch

MESH = Mesh(np.array(jax.devices()), ("data",))
STEPS = 150


def _data():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 8)).astype(np.float32)
    y = np.stack([np.sin(x[:, 0]) + x[:, 1], np.sin(x[:, 0]) - 0.5 * x[:, 1]], axis=1)
    return shard_batch({"x": x, "y": y.astype(np.float32)}, MESH)


def _parameters(dtype):
    rng = np.random.default_rng(1)
    shapes = {"in": (8, 32), "mid": (32, 32), "out": (32, 2)}
    start = {name: rng.normal(size=s) / np.sqrt(s[0]) for name, s in shapes.items()}
    return place(jax.tree.map(lambda x: jnp.asarray(x, dtype), start), MESH)


def _losses(params, data):
    """Activations in the dtype of the parameters, losses in float32."""
    hidden = jnp.tanh(data["x"].astype(params["in"].dtype) @ params["in"])
    out = jnp.tanh(hidden @ params["mid"]) @ params["out"]
    return ((out.astype(jnp.float32) - data["y"]) ** 2).mean(axis=0)


def _trained(method, dtype):
    """Return the last step; a scan, as many steps in flight starve the threads of host devices."""
    tx = moo.optimizer(method, optax.adam(3e-3), num_objectives=2)
    params, data = _parameters(dtype), _data()
    step = moo.make_step(_losses, tx)

    def train(params, state, data):
        def one(carry, _):
            params, state, record = step(*carry, data)
            return (params, state), record.losses

        carry, losses = jax.lax.scan(one, (params, state), None, length=STEPS)
        return *carry, losses

    return jax.jit(train)(params, place(tx.init(params), MESH), data)


@pytest.mark.parametrize("method", ["mgda", "upgrad"])
def test_bfloat16_learns_nearly_what_float32_learns(method):
    *_, full = _trained(method, jnp.float32)
    params, state, half = _trained(method, jnp.bfloat16)
    assert {x.dtype for x in jax.tree.leaves(params)} == {jnp.dtype(jnp.bfloat16)}
    gram, weights = moo.find(state, "gram"), moo.find(state, "weights")
    assert gram.cosines.dtype == gram.norms.dtype == weights.dtype == half.dtype == jnp.float32
    left = np.asarray([full[-1], half[-1]]) / np.asarray(full[0])
    assert (left < 0.06).all(), left
    assert abs(left[0] - left[1]).max() < 0.02, left


def test_the_gramian_of_bfloat16_is_that_of_its_rows_in_float32():
    params, data = _parameters(jnp.bfloat16), _data()

    def look(params, data):
        jac = moo.jacobian(_losses, params, data)
        return jac.gram().matrix, jac.rows()

    gram, rows = jax.jit(look)(params, data)
    flat = np.concatenate(
        [np.asarray(leaf, np.float64).reshape(2, -1) for leaf in jax.tree.leaves(rows)], axis=1
    )
    np.testing.assert_allclose(gram, flat @ flat.T, rtol=1e-5)
    alone = jax.jit(look)(*jax.device_put((params, data), jax.devices()[0]))[0]
    np.testing.assert_allclose(gram, alone, rtol=0.05)


def test_local_aggregates_of_bfloat16_are_averaged_in_float32():
    params, data = _parameters(jnp.bfloat16), _data()
    tx = local_aggregates(moo.sum(2), MESH)

    def look(params, state, data):
        jac = moo.jacobian(_losses, params, data, batched=(True,))
        return tx.update(jac, state, params)

    updates, state = jax.jit(look)(params, tx.init(params), data)
    assert {x.dtype for x in jax.tree.leaves(updates)} == {jnp.dtype(jnp.bfloat16)}
    assert moo.find(state, "weights").dtype == jnp.float32
    parts = jax.tree.map(lambda x: np.asarray(x).reshape(8, 8, -1), data)
    total = jax.grad(lambda params, part: _losses(params, part).sum())
    each = jax.jit(jax.vmap(total, (None, 0)))(jax.device_get(params), parts)
    for found, leaf in zip(jax.tree.leaves(updates), jax.tree.leaves(each), strict=True):
        mean = np.asarray(leaf, np.float64).mean(axis=0)
        np.testing.assert_allclose(np.asarray(found, np.float64), mean, rtol=2**-7, atol=2e-3)
