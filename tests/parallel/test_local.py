"""The mean of local aggregates: what it is, and how it differs from the aggregate of the mean."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import moo
from moo.parallel import communication, local_aggregates, place, shard_batch
from tests.helpers.core import M, assert_close, batch, drawn, network, objectives, signature

MESH = Mesh(np.array(jax.devices()), ("data",))
ROWS = 32


def _updated(tx, fn=objectives, **options):
    def update(params, state, data):
        return tx.update(moo.jacobian(fn, params, data, **options), state, params)

    return jax.jit(update)


@pytest.fixture(scope="module")
def data():
    return batch(rows=ROWS)


@pytest.mark.parametrize("method", [moo.mgda, moo.graddrop])
def test_it_is_the_mean_over_the_devices_of_one_aggregate_each(data, method):
    params, inner = network(), method(M)
    tx = local_aggregates(inner, MESH)
    found, state = _updated(tx, batched=(True,))(params, tx.init(params), shard_batch(data, MESH))
    alone = _updated(inner)
    parts = [jax.tree.map(lambda x, k=k: x.reshape(8, 4, -1)[k], data) for k in range(8)]
    starts = [jax.tree.map(lambda x, k=k: x[k], tx.init(params).inner) for k in range(8)]
    each = [alone(params, start, part) for part, start in zip(parts, starts, strict=True)]
    assert_close(found, jax.tree.map(lambda *v: sum(v) / 8, *[update for update, _ in each]))
    if method is moo.mgda:
        weights = np.stack([state.weights for _, state in each])
        np.testing.assert_allclose(moo.find(state, "weights"), weights, rtol=1e-5, atol=1e-6)
        assert state.converged.shape == state.residual.shape == ()


def test_constant_weights_make_it_the_aggregate_of_the_mean(data):
    params, spread = network(), shard_batch(data, MESH)
    tx = local_aggregates(moo.mean(M), MESH)
    local, _ = _updated(tx, batched=(True,))(params, tx.init(params), spread)
    whole, _ = _updated(moo.mean(M))(params, moo.mean(M).init(params), spread)
    assert_close(local, whole)


def test_the_difference_in_closed_form():
    """Half of the devices see gradients (1, 1), half (-3, 1): their mean is (-1, 1)."""

    def losses(x, rows):
        return (rows * x).mean(axis=0)

    rows = jnp.repeat(jnp.array([[1.0, 1.0], [-3.0, 1.0]]), 4, axis=0)
    x, tx = jnp.zeros(()), local_aggregates(moo.mgda(2), MESH)
    local, state = _updated(tx, losses, batched=(True,))(x, tx.init(x), shard_batch(rows, MESH))
    whole, _ = _updated(moo.mgda(2), losses)(x, moo.mgda(2).init(x), rows)
    np.testing.assert_allclose(whole, 0, atol=1e-6)
    np.testing.assert_allclose(local, 0.5, atol=1e-5)
    np.testing.assert_allclose(moo.find(state, "weights")[4:], [[0.25, 0.75]] * 4, atol=1e-5)
    moved = losses(x - 0.1 * local, rows) - losses(x, rows)
    assert moved[0] > 0 > moved[1]


def test_one_vector_moves_instead_of_m(data):
    params, spread = place(network(), MESH), shard_batch(data, MESH)
    d = sum(x.size for x in jax.tree.leaves(params))
    moved = {}
    for name, tx in {
        "whole": moo.mgda(M),
        "local": local_aggregates(moo.mgda(M), MESH),
    }.items():
        program = _updated(tx, batched=(True,)).lower(params, tx.init(params), spread).compile()
        moved[name] = communication(program)
    assert moved["local"]["all-reduce"].bytes <= 4 * (d + 2)  # and the certificate
    assert moved["whole"]["all-reduce"].bytes == 4 * M * d


def test_a_second_axis_of_the_mesh_may_share_the_parameters(data):
    mesh = Mesh(np.array(jax.devices()).reshape(4, 2), ("data", "model"))
    params, tx = network(), local_aggregates(moo.mgda(M), mesh)
    whole = Mesh(np.array(jax.devices()[:4]), ("data",))
    other = local_aggregates(moo.mgda(M), whole)
    expected = _updated(other, batched=(True,))(params, other.init(params), data)
    params["trunk"] = jax.tree.map(
        lambda x: jax.device_put(x, NamedSharding(mesh, P(*[None] * (x.ndim - 1), "model"))),
        params["trunk"],
    )
    state = tx.init(params)
    found = _updated(tx, batched=(True,))(params, state, shard_batch(data, mesh))
    assert_close(found[0], expected[0])
    assert signature(found[1]) == signature(state)


def test_keys_differ_by_device_in_state_and_arguments():
    params, tx = jnp.zeros(2), local_aggregates(drawn(2), MESH)

    def losses(x, rows, key):
        return x.sum() * (rows.mean(axis=0) + jax.random.normal(key, (2,)))

    def update(state):
        jac = moo.jacobian(losses, params, jnp.ones((8, 2)), jax.random.key(3),
                           batched=(True, False))  # fmt: skip
        return tx.update(jac, state, params)

    once, state = jax.jit(update)(tx.init(params))
    _, again = jax.jit(update)(state)
    keys = [jax.random.key_data(moo.find(s, "key")) for s in (tx.init(params), state, again)]
    assert len({tuple(key) for key in np.concatenate(keys).tolist()}) == 3 * 8
    noise = [jax.random.normal(jax.random.fold_in(jax.random.key(3), k), (2,)) for k in range(8)]
    expected = np.mean((1 + np.stack(noise)) * moo.find(state, "weights"), axis=0).sum()
    np.testing.assert_allclose(once, expected, rtol=1e-5)


def test_inside_a_training_step(data):
    """Momentum after it; labels missing by device; one compilation."""
    tx = moo.optimizer(local_aggregates(moo.mgda(M), MESH), optax.adam(0.01))
    traces = []

    def losses(params, data):
        traces.append(1)
        return objectives(params, data)

    step = jax.jit(
        moo.make_step(losses, tx, batched=(True,), active=lambda d: jnp.abs(d["y"]).sum(0) > 0)
    )
    data = {**data, "y": data["y"].at[:16, 0].set(0)}  # the first four devices lack a label
    params = place(network(), MESH)
    state, spread = place(tx.init(params), MESH), shard_batch(data, MESH)
    params, state, _ = jax.block_until_ready(step(params, state, spread))
    once = len(traces)
    params, state, record = step(params, state, spread)
    assert len(traces) == once
    weights = np.asarray(record.weights)
    assert (weights[:4, 0] == 0).all()
    assert bool(record.finite)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("platform", ["cuda", "tpu"])
def test_it_lowers_for_accelerators(data, platform):
    params, tx = network(), local_aggregates(moo.mgda(M), MESH)
    traced = _updated(tx, batched=(True,)).trace(params, tx.init(params), data)
    assert "all_reduce" in traced.lower(lowering_platforms=(platform,)).as_text()


@pytest.mark.parametrize(
    ("build", "error", "message"),
    [
        (lambda: optax.adam(0.1), TypeError, "wraps a moo.Aggregator, got GradientTransf"),
        (lambda: moo.famo(2, optax.sgd(0.1)), ValueError, "comes first in its chain"),
        (lambda: moo.pmtl(2), ValueError, "of one solution"),
    ],
)
def test_what_it_cannot_wrap(build, error, message):
    with pytest.raises(error, match=message):
        local_aggregates(build(), MESH)


def test_an_axis_that_the_mesh_lacks():
    with pytest.raises(ValueError, match="unknown axis of the mesh 'date'; did you mean data"):
        local_aggregates(moo.mgda(2), MESH, axis="date")


@pytest.mark.parametrize(
    ("options", "rows", "params", "message"),
    [
        ({}, 8, True, "batched is missing"),
        ({"batched": (True,)}, 12, True, "the axis 'data' of the mesh must divide the batch size"),
        ({"batched": (True,)}, 8, False, "params is missing"),
    ],
)
def test_batches_that_cannot_be_shared_out(options, rows, params, message):
    point, tx = network(), local_aggregates(moo.mgda(M), MESH)
    jac = moo.jacobian(objectives, point, batch(rows=rows), **options)
    with pytest.raises(ValueError, match=message):
        tx.update(jac, tx.init(point), point if params else None)


def test_a_jacobian_without_objectives():
    tx = local_aggregates(moo.mgda(2), MESH)
    with pytest.raises(ValueError, match="a StackedJacobian does not hold"):
        tx.update(moo.stacked_jacobian(jnp.eye(2)), tx.init(jnp.zeros(2)), jnp.zeros(2))
