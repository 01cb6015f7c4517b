"""Dense layers whose kernels' gradients are taken from transposed inputs."""

import functools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import ClosedJaxpr
from jax.sharding import PartitionSpec as P

import moo
from moo._jacobian import _dense
from tests.helpers.core import assert_close

BATCH, WIDTH, M = 32, 8, 3
RNG = np.random.default_rng(0)
X = RNG.normal(size=(BATCH, WIDTH)).astype(np.float32)
PARAMS = {
    "first": RNG.normal(size=(WIDTH, WIDTH)).astype(np.float32),
    "bias": RNG.normal(size=WIDTH).astype(np.float32),
    "head": RNG.normal(size=(WIDTH, M)).astype(np.float32),
}
assert_near = functools.partial(assert_close, rtol=2e-5, atol=2e-5)


@pytest.fixture(autouse=True)
def _small_is_large(monkeypatch):
    monkeypatch.setattr(_dense, "_KERNEL", 1)
    monkeypatch.setattr(_dense, "_PRODUCT", 1)


def plain(params, x):
    hidden = jnp.tanh(x @ params["first"] + params["bias"])
    return ((hidden @ params["head"]) ** 2).mean(axis=0)


def tied(params, x):
    """Read a kernel twice, and once more otherwise."""
    hidden = jnp.tanh(jnp.tanh(x @ params["first"]) @ params["first"])
    return ((hidden @ params["head"]) ** 2).mean(axis=0) + (params["first"] ** 2).sum()


def turned(params, x):
    """Read a kernel transposed, and one as the first operand."""
    hidden = jnp.tanh(x @ params["first"].T)
    return ((params["head"].T @ hidden.T) ** 2).mean(axis=1)


def called(params, x):
    """Read kernels inside of calls, of which one is a checkpoint."""
    layer = jax.jit(lambda w, x: jax.nn.relu(x @ w))
    hidden = jax.checkpoint(layer)(params["first"], layer(params["first"], x))
    return ((hidden @ params["head"]) ** 2).mean(axis=0)


def repeated(params, x):
    """Read a kernel in a loop."""
    hidden, _ = jax.lax.scan(lambda h, _: (jnp.tanh(h @ params["first"]), None), x, length=2)
    return ((hidden @ params["head"]) ** 2).mean(axis=0)


def sequences(params, x):
    """Apply a layer to more than one axis."""
    hidden = jnp.tanh(x.reshape(4, -1, WIDTH) @ params["first"])
    return ((hidden @ params["head"]) ** 2).mean(axis=(0, 1))


@pytest.mark.parametrize(
    ("fn", "engine"),
    [(plain, "scan"), (plain, "vmap")]
    + [(fn, "unroll") for fn in (plain, tied, turned, called, repeated, sequences)],
)
def test_rows_are_the_gradients(fn, engine):
    rows = jax.jit(lambda p: moo.jacobian(fn, p, X, engine=engine).rows())(PARAMS)
    assert_near(rows, jax.jacrev(fn)(PARAMS, X))


def test_combination_losses_and_aux():
    jac = moo.jacobian(lambda p, x: (plain(p, x), p["bias"]), PARAMS, X, has_aux=True)
    weights = jnp.array([0.5, -1.0, 2.0])
    assert_near(jac.combine(weights), jax.grad(lambda p: plain(p, X) @ weights)(PARAMS))
    assert_near((jac.losses, jac.aux), (plain(PARAMS, X), PARAMS["bias"]))


def test_double_precision(x64):
    params = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), PARAMS)
    rows = moo.jacobian(plain, params, X.astype(np.float64)).rows()
    expected = jax.jacrev(plain)(params, X.astype(np.float64))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12), rows, expected)


def test_mixed_precision_stays_as_it_was():
    params = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.bfloat16), PARAMS)

    def fn(params, x):
        return plain(params, x).astype(jnp.float32)

    rows = moo.jacobian(fn, params, X.astype(jnp.bfloat16)).rows()
    expected = jax.jacrev(fn)(params, X.astype(jnp.bfloat16))
    jax.tree.map(lambda a, b: np.testing.assert_array_equal(a, b), rows, expected)


def test_under_vmap_and_scan():
    starts = jax.tree.map(lambda leaf: jnp.stack([leaf, 2 * leaf]), PARAMS)

    def weigh(params):
        return moo.jacobian(plain, params, X).combine(jnp.ones(M))

    expected = jax.tree.map(lambda *g: jnp.stack(g), weigh(PARAMS), weigh(_double(PARAMS)))
    assert_near(jax.vmap(weigh)(starts), expected)
    assert_near(jax.lax.map(weigh, starts), expected)


@pytest.mark.parametrize("fn", [plain, tied])
def test_derivatives_of_gradients(fn):
    def combined(params):
        return moo.jacobian(fn, params, X).combine(jnp.ones(M))

    summed = jax.grad(lambda p: fn(p, X).sum())
    tangents = jax.tree.map(jnp.sin, PARAMS)
    assert_near(jax.jvp(combined, (PARAMS,), (tangents,)), jax.jvp(summed, (PARAMS,), (tangents,)))
    pulled = [jax.vjp(f, PARAMS)[1](tangents) for f in (combined, summed)]
    assert_near(*pulled)


def test_one_pullback_copies_nothing():
    combine = jax.jit(lambda p: moo.jacobian(plain, p, X).combine(jnp.ones(M)))
    assert "optimization_barrier" not in combine.lower(PARAMS).as_text()


def test_no_product_has_a_transposed_first_operand():
    def jac(params):
        return moo.jacobian(plain, params, X, engine="unroll").rows()

    firsts = [
        eqn.params["dimension_numbers"][0][0] for eqn in _products(jax.make_jaxpr(jac)(PARAMS))
    ]
    assert firsts
    assert set(firsts) == {(1,)}
    assert jax.jit(jac).lower(PARAMS).as_text().count("optimization_barrier") == 2


@pytest.mark.parametrize("spared", ["_KERNEL", "_PRODUCT"])
def test_small_layers_stay_as_they_were(monkeypatch, spared):
    monkeypatch.setattr(_dense, spared, 10**6)
    program = jax.make_jaxpr(lambda p: moo.jacobian(plain, p, X).rows())(PARAMS)
    assert "optimization_barrier" not in str(program)


def test_what_cannot_be_traced_is_differentiated_as_it_is():
    def branching(params, x):
        losses = plain(params, x if (x > 0).any() else -x)
        return losses, {"kind": "a", "count": 3}

    jac = moo.jacobian(branching, PARAMS, jnp.asarray(X), has_aux=True)
    assert jac.aux == {"kind": "a", "count": 3}
    assert type(jac.aux["count"]) is int
    assert_near(jac.rows(), jax.jacrev(plain)(PARAMS, X))


def test_an_error_of_the_objectives_is_theirs():
    def wrong(params, x):
        raise TypeError("my own")

    with pytest.raises(TypeError, match=r"^my own"):
        moo.jacobian(wrong, PARAMS, X)


@pytest.mark.parametrize("checked", [True, False])
def test_under_shard_map_with_parameters_of_each_device(checked):
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:4]), ("data",))
    weights = jnp.array([0.5, -1.0, 2.0])

    def local(params, x):
        zero = 0 * x[0, 0]  # varies over the devices
        own = jax.tree.map(lambda leaf: leaf + zero, params)
        combined = moo.jacobian(plain, own, x).combine(weights + zero)
        return jax.tree.map(lambda leaf: jax.lax.pmean(leaf, "data"), combined)

    mapped = jax.shard_map(local, mesh=mesh, in_specs=(P(), P("data")), out_specs=P(),
                           check_vma=checked)  # fmt: skip
    assert_near(jax.jit(mapped)(PARAMS, X), jax.grad(lambda p: plain(p, X) @ weights)(PARAMS))


def test_losses_of_one_device_are_refused():
    mesh = jax.sharding.Mesh(np.array(jax.devices()[:4]), ("data",))

    def step(params, x):
        return moo.jacobian(plain, params, x).combine(jnp.ones(M))

    mapped = jax.shard_map(step, mesh=mesh, in_specs=(P(), P("data")), out_specs=P())
    with pytest.raises(ValueError, match=r"return jax\.lax\.pmean\(losses, axis\)"):
        mapped(PARAMS, X)


def test_a_checkpoint_is_still_evaluated_again():
    program = str(jax.make_jaxpr(lambda p: moo.jacobian(called, p, X).rows())(PARAMS))
    assert "checkpoint" in program or "remat" in program


def _double(tree):
    return jax.tree.map(lambda leaf: 2 * leaf, tree)


def _products(program: ClosedJaxpr):
    return [eqn for eqn in program.jaxpr.eqns if eqn.primitive.name == "dot_general"]
