"""Eight devices give what one gives: rows are reduced over the data, not Gramians."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import moo
from tests.helpers.core import assert_close, batch, network, objectives, unit_rows

WEIGHTS = jnp.array([0.5, -1.0, 2.0])


@pytest.fixture(scope="module")
def mesh():
    devices = jax.devices()
    assert len(devices) == 8
    return Mesh(np.array(devices), ("data",))


@pytest.fixture(scope="module")
def data():
    return batch(rows=32)


def _look(params, data, kind="rows", engine="auto", fn=objectives):
    jac = moo.jacobian(fn, params, data, gram=kind, engine=engine)
    aggregator = unit_rows()
    update, _ = aggregator.update(jac, aggregator.init(params))
    return jac.losses, jac.gram(), jac.combine(WEIGHTS), update


@pytest.fixture(scope="module")
def single(data):
    return jax.jit(_look)(network(), data)


@pytest.mark.parametrize(
    ("kind", "engine"), [("rows", "unroll"), ("rows", "scan"), ("rows", "vmap"), ("jvp", "auto")]
)
def test_a_sharded_batch_equals_one_device(mesh, data, single, kind, engine):
    spread = jax.device_put(data, NamedSharding(mesh, P("data")))
    params = jax.device_put(network(), NamedSharding(mesh, P()))
    assert_close(
        jax.jit(functools.partial(_look, kind=kind, engine=engine))(params, spread), single
    )


def test_sharded_parameters_equal_one_device(mesh):
    def wide(p, d):
        return ((d["x"] @ p["w"]) ** 2).mean(axis=0)[:3] + (p["w"] ** 2).sum()

    data = {"x": batch(rows=8)["x"] @ jnp.ones((3, 16))}
    params = {"w": jnp.asarray(np.random.default_rng(0).normal(size=(16, 4)), jnp.float32)}
    expected = jax.jit(functools.partial(_look, fn=wide))(params, data)
    spread = jax.device_put(params, NamedSharding(mesh, P("data")))
    out = jax.jit(functools.partial(_look, fn=wide))(spread, data)
    assert_close(out, expected)
    assert out[2]["w"].sharding.is_equivalent_to(NamedSharding(mesh, P("data")), 2)


@pytest.mark.parametrize("kind", ["rows", "jvp"])
def test_shard_map_with_the_mean_of_losses(mesh, data, single, kind):
    def local(params, data):
        def reduced(p, d):
            return jax.lax.pmean(objectives(p, d), "data")

        return _look(params, data, kind=kind, fn=reduced)

    mapped = jax.shard_map(
        local, mesh=mesh, in_specs=(P(), P("data")), out_specs=P(), check_vma=True
    )
    assert_close(jax.jit(mapped)(network(), data), single)


def test_shard_map_that_forgets_the_mean_fails(mesh, data):
    mapped = jax.shard_map(
        _look, mesh=mesh, in_specs=(P(), P("data")), out_specs=P(), check_vma=True
    )
    with pytest.raises((TypeError, ValueError)):
        jax.jit(mapped)(network(), data)


def test_strided_parts_keep_a_sharded_batch_in_place(mesh, data):
    def look(params, data):
        jac = moo.jacobian(objectives, params, data, batched=(True,))
        return [part.losses for part in jac.split(2)]

    spread = jax.device_put(data, NamedSharding(mesh, P("data")))
    program = jax.jit(look).lower(network(), spread).compile()
    assert "collective-permute" not in program.as_text()
    assert_close(program(jax.device_put(network(), NamedSharding(mesh, P())), spread),
          jax.jit(look)(network(), data))  # fmt: skip
