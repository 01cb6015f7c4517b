"""State of batch norm and dropout threads through jit and scan; nothing aliases the model."""

from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from moo.models import ESMM, apply, esmm_losses, functional

COLUMNS = [
    SimpleNamespace(name="item", kind="categorical", vocabulary=5),
    SimpleNamespace(name="price", kind="numeric", vocabulary=None),
]
BATCH = {"item": jnp.arange(6) % 5, "price": jnp.linspace(-1, 1, 6, dtype=jnp.float32)}
CLICK, CONVERSION = jnp.array([0, 1, 1, 0, 1, 0]), jnp.array([0, 0, 1, 0, 0, 0])


def build_esmm():
    return ESMM(columns=COLUMNS, hidden=(4,), dropout=0.5, batch_norm=True, rngs=nnx.Rngs(0))


def test_batch_norm_and_dropout_thread_through_jit_and_scan_in_one_trace():
    graphdef, params, model_state = functional(build_esmm())
    traces = []

    def objectives(params, model_state, batch):
        traces.append(None)
        logits, model_state = apply(graphdef, params, model_state, batch)
        return esmm_losses(*logits.T, CLICK, CONVERSION), model_state

    def step(carry, _):
        params, model_state = carry
        rows, model_state = jax.jacrev(objectives, has_aux=True)(params, model_state, BATCH)
        params = jax.tree.map(lambda p, g: p - 0.1 * g.sum(axis=0), params, rows)
        return (params, model_state), None

    run = jax.jit(lambda carry: jax.lax.scan(step, carry, length=5)[0])
    new_params, new_state = run((params, model_state))
    assert len(traces) == 1
    for tower in ("ctr_tower", "cvr_tower"):
        hidden = new_state[tower]["hidden"]["layers"][0]
        assert hidden["dropout"]["rngs"]["count"] == 5
        assert jnp.all(hidden["norm"]["var"] != 1)
    assert jax.tree.structure((new_params, new_state)) == jax.tree.structure((params, model_state))
    assert all(jnp.isfinite(leaf).all() for leaf in jax.tree.leaves(new_params))


def test_running_mean_is_the_moving_average_of_the_batches():
    graphdef, params, model_state = functional(nnx.BatchNorm(2, momentum=0.9, rngs=nnx.Rngs(0)))
    inputs = jnp.float32([[1.0, 2.0], [3.0, 6.0]])
    for _ in range(3):
        _, model_state = jax.jit(apply, static_argnums=0)(graphdef, params, model_state, inputs)
    np.testing.assert_allclose(
        model_state["mean"], (1 - 0.9**3) * jnp.float32([2.0, 4.0]), rtol=1e-6
    )


def test_evaluation_is_deterministic_and_keeps_the_state():
    graphdef, params, model_state = functional(build_esmm())
    dropped, _ = apply(graphdef, params, model_state, BATCH)
    logits, next_state = apply(graphdef, params, model_state, BATCH, train=False)
    again, _ = apply(graphdef, params, next_state, BATCH, train=False)
    np.testing.assert_array_equal(logits, again)
    assert not np.array_equal(logits, dropped)
    jax.tree.map(np.testing.assert_array_equal, plain_keys(next_state), plain_keys(model_state))


def plain_keys(tree):
    """Typed keys as their bits, so that numpy can compare them."""

    def is_key(leaf):
        return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)

    return jax.tree.map(lambda x: jax.random.key_data(x) if is_key(x) else x, tree)


def test_nothing_aliases_the_model():
    model = build_esmm()
    graphdef, params, model_state = functional(model)
    before = plain_keys((params, model_state))
    model(BATCH)
    jax.tree.map(np.testing.assert_array_equal, plain_keys((params, model_state)), before)
    step = jax.jit(
        lambda params, state: (params, apply(graphdef, params, state, BATCH)[1]),
        donate_argnums=(0, 1),
    )
    step(params, model_state)
    assert np.isfinite(model(BATCH)).all()


def test_seeds_stack_under_vmap():
    graphdef, *_ = functional(build_esmm())
    trees = [
        functional(ESMM(columns=COLUMNS, hidden=(4,), dropout=0.5, batch_norm=True, rngs=rngs))[1:]
        for rngs in (nnx.Rngs(0), nnx.Rngs(1))
    ]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *trees)
    logits, _ = jax.vmap(lambda trees: apply(graphdef, *trees, BATCH, train=False))(stacked)
    single, _ = apply(graphdef, *trees[1], BATCH, train=False)
    np.testing.assert_allclose(logits[1], single, rtol=1e-5, atol=1e-6)


def test_no_module_is_named():
    with pytest.raises(TypeError, match=r"model must be a flax nnx.Module or make one, got dict"):
        functional({"kernel": jnp.ones(2)})
