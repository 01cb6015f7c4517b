"""The sparse step as a program: one trace, donated, in scan, in 64 bits, sharded."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.sparse import lazy, rowwise_adagrad
from tests.sparse.dense import TABLES, assert_close, batches, both, objectives, parameters

ADAM = moo.optimizer("cagrad", lazy(optax.adam(0.1)), num_objectives=2)


def test_it_is_traced_once_and_donates():
    traces = []

    def counted(params, batch):
        traces.append(None)
        return objectives(params, batch)

    step = jax.jit(moo.sparse.make_step(counted, ADAM, tables=TABLES), donate_argnums=(0, 1))
    params = parameters()
    state = ADAM.init(params)
    seen = []
    for batch in batches(4):
        table = params["emb"]["item"]
        params, state, _ = step(params, state, batch)
        seen.append(len(traces))
        assert table.is_deleted()
    assert len(set(seen)) == 1
    assert step._cache_size() == 1


@pytest.mark.parametrize("tx", [ADAM, moo.skip_nonfinite(ADAM)], ids=["plain", "guarded"])
def test_donated_tables_are_written_in_place(tx):
    step = jax.jit(
        moo.sparse.make_step(objectives, tx, tables={"emb.item": ["item", "history"]}),
        donate_argnums=(0, 1),
    )  # fmt: skip
    params = parameters() | {"emb": {"user": jnp.ones((9, 3)), "item": jnp.ones((100_000, 3))}}
    batch = batches(1)[0] | {"user": jnp.arange(6)}
    memory = step.lower(params, tx.init(params), batch).compile().memory_analysis()
    table = 4 * 3 * 100_000
    assert memory.alias_size_in_bytes >= 3 * table  # the table and its two moments
    assert memory.temp_size_in_bytes < table / 4  # and no copy of any of them


def test_scan_equals_the_loop():
    step = moo.sparse.make_step(objectives, ADAM, tables=TABLES)
    given = batches(4)
    looped = parameters()
    state = ADAM.init(looped)
    for batch in given:
        looped, state, _ = jax.jit(step)(looped, state, batch)
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *given)
    (scanned, _), losses = jax.jit(
        lambda carry, xs: jax.lax.scan(
            lambda c, batch: ((out := step(*c, batch))[:2], out[2].losses), carry, xs
        )
    )((parameters(), ADAM.init(parameters())), stacked)
    assert_close(scanned, looped)
    assert losses.shape == (4, 2)


@pytest.mark.usefixtures("x64")
def test_64_bits():
    dense, sparse = both("mgda", rowwise_adagrad(0.3), batches(3), jnp.float64)
    assert sparse[0]["emb"]["item"].dtype == jnp.float64
    assert_close(sparse[0], dense[0], rtol=1e-12, atol=1e-12)


def test_rows_cross_a_jit_and_vmap():
    params = parameters()
    small, _, rows = jax.jit(lambda p, b: moo.sparse.gather(p, b, tables=TABLES))(
        params, batches(1)[0]
    )
    assert rows["emb.user"].num_rows == 37
    zeros = jax.tree.map(jnp.zeros_like, small)
    assert_close(moo.sparse.apply_updates(params, zeros, rows), params, rtol=0, atol=0)
    many = jax.tree.map(lambda leaf: jnp.stack([leaf, leaf]), batches(1)[0])
    smalls, _, _ = jax.vmap(lambda b: moo.sparse.gather(params, b, tables=TABLES))(many)
    assert smalls["emb"]["user"].shape == (2, *small["emb"]["user"].shape)


def test_methods_that_split_the_batch_or_wrap_the_chain():
    for method, options in (("modo", {"batched": [True]}), ("famo", {})):
        tx = moo.optimizer(method, lazy(optax.sgd(0.1)), num_objectives=2)
        dense = moo.optimizer(method, optax.sgd(0.1), num_objectives=2)
        step = jax.jit(moo.sparse.make_step(objectives, tx, tables=TABLES, **options))
        found, state, _ = step(parameters(), tx.init(parameters()), batches(1)[0])
        wanted, _, _ = jax.jit(moo.make_step(objectives, dense, **options))(
            parameters(), dense.init(parameters()), batches(1)[0]
        )
        assert_close(found, wanted)
        assert jax.tree.map(jnp.shape, state) == jax.tree.map(jnp.shape, tx.init(parameters()))


def test_a_guard_around_the_chain_keeps_the_tables():
    tx = moo.skip_nonfinite(ADAM)
    step = jax.jit(moo.sparse.make_step(objectives, tx, tables=TABLES))
    outside = batches(1)[0] | {"user": jnp.array([99] * 6)}  # traced, so it reads NaN
    params, state, record = step(parameters(), tx.init(parameters()), outside)
    assert_close(params, parameters(), rtol=0, atol=0)
    assert int(state.skipped) == 1
    assert np.isnan(record.losses).all()


def test_tables_sharded_by_rows():
    mesh = jax.make_mesh((4,), ("rows",), axis_types=(jax.sharding.AxisType.Auto,))
    split = jax.NamedSharding(mesh, jax.P("rows"))
    params = parameters()
    params["emb"] = {name: jnp.tile(table[:36], (2, 1)) for name, table in params["emb"].items()}
    step = jax.jit(moo.sparse.make_step(objectives, ADAM, tables=TABLES))
    wanted, _, _ = step(params, ADAM.init(params), batches(1)[0])
    params["emb"] = jax.device_put(params["emb"], split)
    found, state, _ = step(params, ADAM.init(params), batches(1)[0])
    assert_close(found, wanted)
    moments = state[1].inner[0].mu["emb"]["item"]
    assert {shard.data.shape for shard in moments.addressable_shards} == {(18, 3)}
