"""Batches, parameters and tables on a mesh: where they lie, and what a step then moves."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import moo
from moo.parallel import communication, place, shard_batch
from tests.helpers.core import assert_close, batch, network, objectives

MESH = Mesh(np.array(jax.devices()), ("data",))
GRID = Mesh(np.array(jax.devices()).reshape(2, 4), ("data", "model"))
TX = optax.chain(moo.mgda(2), moo.sparse.lazy(optax.adam(0.01)))


def _shapes(leaf):
    return {shard.data.shape for shard in leaf.addressable_shards}


def test_a_batch_is_spread_by_rows():
    spread = shard_batch({"x": np.arange(32.0).reshape(16, 2), "id": np.arange(16)}, MESH)
    assert _shapes(spread["x"]) == {(2, 2)}
    np.testing.assert_array_equal(spread["id"].addressable_shards[3].data, [6, 7])
    halves = shard_batch(np.arange(6), GRID)
    assert _shapes(halves) == {(3,)}


def test_moments_follow_their_parameters_and_all_else_is_whole():
    params = {"emb": {"user": jnp.zeros((16, 2))}, "head": jnp.ones(3)}
    params = place(params, MESH, rows=("emb.user",))
    state = place(optax.adam(0.1).init(params), MESH)
    assert _shapes(params["emb"]["user"]) == _shapes(state[0].nu["emb"]["user"]) == {(2, 2)}
    assert _shapes(params["head"]) == {(3,)}
    assert len(state[0].count.sharding.device_set) == 8
    again = place(params, MESH)
    assert again["emb"]["user"] is params["emb"]["user"]


def test_state_of_another_shape_is_shared_by_its_path():
    params = place({"emb": jnp.zeros((16, 2))}, MESH, rows=("emb",))
    state = moo.sparse.lazy(moo.sparse.rowwise_adagrad(0.1)).init(params)
    state = place(state, MESH, rows=("inner.0.sums.emb",))
    assert _shapes(moo.find(state, "sums")["emb"]) == {(2,)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: shard_batch({"x": np.ones((12, 2))}, MESH), r"batch: 'x' .* 8 .*\(12, 2\): pad"),
        (lambda: shard_batch(1.0, MESH), r"batch: 'the leaf' must have a first axis .* shape \(\)"),
        (lambda: place({"t": np.ones(9)}, MESH, rows=("t",)), r"tree: 't' .* shape \(9,\)"),
        (lambda: place({"t": np.ones(8)}, MESH, rows=("u",)), "unknown leaf 'u'"),
        (lambda: place({"t": np.ones(8)}, MESH, axis="rows"), "unknown axis of the mesh 'rows'"),
    ],
)
def test_what_cannot_be_shared_out(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_placed_step_compiles_once_and_equals_one_device():
    tx = moo.optimizer("mgda", optax.adam(0.1), num_objectives=3)
    step = jax.jit(moo.make_step(objectives, tx))
    data = batch(rows=32)
    alone = (network(), tx.init(network()))
    params = place(network(), MESH)
    spread = (params, place(tx.init(params), MESH))
    for _ in range(3):
        *alone, wanted = step(*alone, data)
    before, rows = step._cache_size(), shard_batch(data, MESH)
    for _ in range(3):
        *spread, found = jax.block_until_ready(step(*spread, rows))
    assert step._cache_size() == before + 1
    assert_close(found, wanted)
    assert_close(spread[0], alone[0])


def test_a_step_under_shard_map_equals_one_device():
    def reduced(params, data):
        return jax.lax.pmean(objectives(params, data), "data")

    tx = moo.optimizer("mgda", optax.adam(0.1), num_objectives=3)
    data, params = batch(rows=32), network()
    wanted = jax.jit(moo.make_step(objectives, tx))(params, tx.init(params), data)
    mapped = jax.shard_map(
        moo.make_step(reduced, tx), mesh=MESH, in_specs=(P(), P(), P("data")), out_specs=P()
    )
    placed = place(params, MESH)
    found = jax.jit(mapped)(placed, place(tx.init(placed), MESH), shard_batch(data, MESH))
    assert_close(found, wanted)


@pytest.mark.parametrize(("engine", "rows"), [("unroll", 16), ("scan", 64)])
def test_a_gram_step_moves_the_rows_and_nothing_else(engine, rows):
    params, spread = place(network(), MESH), shard_batch(batch(rows=rows), MESH)
    tx = moo.mgda(3)

    def update(params, state, data):
        return tx.update(moo.jacobian(objectives, params, data, engine=engine), state, params)

    program = jax.jit(update).lower(params, tx.init(params), spread).compile()
    moved = communication(program)
    assert set(moved) == {"all-reduce"}
    assert moved["all-reduce"].bytes == 4 * 3 * sum(x.size for x in jax.tree.leaves(params))


def _separable(w, x):
    """Two losses that are sums over the entries of w."""
    targets = jnp.arange(1.0, 3.0)[:, None]
    return ((w * x.mean(axis=0) - targets) ** 2).sum(axis=1)


@pytest.mark.parametrize("width", [16, 64])
def test_over_parameter_shards_only_partial_gramians_move(width):
    w = jax.device_put(jnp.ones(width), NamedSharding(MESH, P("data")))
    x = jax.device_put(jnp.ones((4, width)), NamedSharding(MESH, P(None, "data")))
    program = jax.jit(lambda w, x: moo.jacobian(_separable, w, x).gram()).lower(w, x).compile()
    moved = communication(program)
    assert set(moved) == {"all-reduce"}
    assert moved["all-reduce"].bytes == 4 * (2 * 2 + 2)  # the products, and the rows' maxima


def test_rows_move_over_the_data_axis_and_gramians_over_the_other():
    w, x = jnp.arange(1.0, 65.0), jnp.asarray(np.random.default_rng(0).normal(size=(8, 64)))
    gram = jax.jit(lambda w, x: moo.jacobian(_separable, w, x, gram="rows").gram())
    expected = gram(w, x)
    w = jax.device_put(w, NamedSharding(GRID, P("model")))
    x = jax.device_put(x, NamedSharding(GRID, P("data", "model")))
    assert_close(gram(w, x), expected)
    moved = communication(gram.lower(w, x).compile())
    assert set(moved) == {"all-reduce"}
    assert moved["all-reduce"].bytes <= 4 * ((2 + 1) * 64 // 4 + 2 * 2 + 2)


def _table_step(num_rows):
    """Return a step on a table spread by rows, the step alone, and their common batch."""
    rng = np.random.default_rng(3)
    params = {
        "emb": jnp.asarray(rng.normal(size=(num_rows, 4)), jnp.float32),
        "head": jnp.asarray(rng.normal(size=(4, 2)), jnp.float32),
    }
    data = {"id": rng.integers(0, num_rows, 32), "y": rng.normal(size=(32, 2)).astype(np.float32)}

    def losses(p, data):
        return ((p["emb"][data["id"]] @ p["head"] - data["y"]) ** 2).mean(axis=0)

    step = jax.jit(moo.sparse.make_step(losses, TX, tables={"emb": "id"}))
    placed = place(params, MESH, rows=("emb",))
    spread = (placed, place(TX.init(placed), MESH), shard_batch(data, MESH))
    return step, (params, TX.init(params), data), spread


def test_tables_spread_by_rows_equal_one_device_and_stay_where_they_are():
    step, (*alone, data), (*spread, rows) = _table_step(512)
    for _ in range(3):
        *alone, wanted = step(*alone, data)
        *spread, found = jax.block_until_ready(step(*spread, rows))
    assert_close(found, wanted)
    assert_close(spread[0], alone[0])
    assert _shapes(spread[0]["emb"]) == _shapes(moo.find(spread[1], "mu")["emb"]) == {(64, 4)}


def test_the_size_of_a_table_does_not_matter_to_what_moves():
    moved = []
    for num_rows in (512, 2048):
        step, _, spread = _table_step(num_rows)
        moved.append(communication(step.lower(*spread).compile()))
    assert moved[0] == moved[1]
    assert sum(kind.bytes for kind in moved[0].values()) < 512 * 4 * 4


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_a_step_on_a_shared_table_lowers_for_accelerators(platform):
    step, _, spread = _table_step(512)
    text = step.trace(*spread).lower(lowering_platforms=(platform,)).as_text()
    assert "sharding" in text
    assert "callback" not in text
