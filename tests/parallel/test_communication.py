"""Collectives counted from a compiled program, against what they must be."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import moo
from moo.parallel import Traffic, communication
from moo.parallel._communication import _computations, _traffic
from tests.helpers.core import compiled

MESH = Mesh(np.array(jax.devices()), ("data",))

# As compilers for accelerators write what runs beside other work.
BESIDE = """HloModule jit_f, is_scheduled=true

%wrapped (p: bf16[32]) -> bf16[4] {
  %p = bf16[32]{0} parameter(0)
  ROOT %rs = bf16[4]{0} reduce-scatter(%p), dimensions={0}, to_apply=%add
}

ENTRY %main (x: f32[4], y: bf16[32]) -> f32[32] {
  %s = (f32[4]{0}, f32[32]{0}) all-gather-start(%x), channel_id=1, dimensions={0}
  %a = ((bf16[32]{0}), bf16[4]{0}, u32[]) async-start(%y), calls=%wrapped
  %e = bf16[4]{0} async-done(%a), calls=%wrapped
  ROOT %d = f32[32]{0:T(256)} all-gather-done(%s)
}
"""


def _program(body, x):
    mapped = jax.shard_map(body, mesh=MESH, in_specs=P("data"), out_specs=P(), check_vma=False)
    return jax.jit(mapped).lower(x).compile()


def test_each_kind_counts_the_bytes_of_its_result():
    def body(x):  # (2, 5) on each of 8 devices
        return (
            lax.psum(x, "data"),
            lax.all_gather(x[0], "data"),
            lax.ppermute(x.astype(jnp.int16), "data", [(i, (i + 1) % 8) for i in range(8)]),
        )

    found = communication(_program(body, jnp.ones((16, 5))))
    assert found == {
        "all-gather": Traffic(1, 8 * 5 * 4),
        "all-reduce": Traffic(1, 2 * 5 * 4),
        "collective-permute": Traffic(1, 2 * 5 * 2),
    }


def test_a_loop_counts_as_often_as_it_runs():
    def body(x):
        def twice(total, _):
            return lax.psum(total, "data") + lax.pmax(total * 2, "data"), None

        def outer(total, _):
            return lax.scan(twice, total, None, length=3)[0], None

        return lax.scan(outer, x, None, length=5)[0]

    found = communication(_program(body, jnp.ones((8, 7))))
    assert found["all-reduce"].bytes == 2 * 3 * 5 * 7 * 4


def test_branches_count():
    def body(x):
        return lax.cond(x[0, 0] > 0, lambda: lax.psum(x, "data"), lambda: lax.pmax(x, "data"))

    assert communication(_program(body, jnp.ones((8, 7)))) == {"all-reduce": Traffic(2, 2 * 7 * 4)}


def test_a_sharded_sum_moves_one_number():
    spread = jax.device_put(jnp.ones(16), NamedSharding(MESH, P("data")))
    program = jax.jit(lambda x: (x**2).sum()).lower(spread).compile()
    assert communication(program) == {"all-reduce": Traffic(1, 4)}


def test_one_device_is_silent():
    assert communication(jax.jit(jnp.cumsum).lower(jnp.ones(3)).compile()) == {}


def test_what_starts_and_ends_apart_counts_once():
    counts, sizes = _traffic(*_computations(BESIDE.splitlines()))
    assert counts == {"all-gather": 1, "reduce-scatter": 1}
    assert sizes == {"all-gather": 32 * 4, "reduce-scatter": 4 * 2}


def test_what_is_no_program_is_refused():
    with pytest.raises(TypeError, match="compiled must be a compiled program, got PjitFunction"):
        moo.parallel.communication(jax.jit(compiled))
