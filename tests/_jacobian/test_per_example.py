"""Per-example Jacobians: exact against rows, and without the examples' gradients."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.extend.core import jaxprs_in_params
from jax.sharding import PartitionSpec as P

import moo
from tests.helpers.core import unit_rows

N = 6


def normal(seed, *shape):
    return jax.random.normal(jax.random.key(seed), shape)


def inputs():
    ids = jnp.array([[0, 1, 1], [1, 1, 4], [2, 0, 3], [4, 4, 4], [3, 2, 1], [0, 2, 0]])
    return {"x": normal(0, N, 4), "tokens": normal(1, N, 3, 4), "image": normal(2, N, 5, 5, 2),
            "wide": normal(3, N, 40, 4), "ids": ids}  # fmt: skip


def dense(p, b):
    return jnp.tanh(jnp.tanh(b["x"] @ p["w"] + p["b"]) @ p["v"].T).sum(axis=1)


def tokens(p, b):
    return jnp.tanh(b["tokens"] @ p["w"]).sum(axis=(1, 2))


def many_tokens(p, b):
    return jnp.tanh(b["wide"] @ p["w"]).sum(axis=(1, 2))


def experts(p, b):
    return jnp.tanh(jnp.einsum("nd,edk->nek", b["x"], p["e"])).sum(axis=(1, 2))


def embedding(p, b):
    return jnp.tanh(jnp.take(p["t"], b["ids"], axis=0) * b["tokens"]).sum(axis=(1, 2))


def convolution(p, b):
    hidden = jax.lax.conv_general_dilated(
        b["image"], p["c"], (2, 2), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return jnp.tanh(hidden).sum(axis=(1, 2, 3))


def layer_norm(p, b):
    hidden = b["x"] @ p["w"]
    hidden = jax.nn.standardize(hidden, axis=-1) * p["s"] + p["b"]
    return jnp.tanh(hidden * b["tokens"][:, 0, :3]).sum(axis=1)


def tied(p, b):
    once = jnp.tanh(b["x"] @ p["q"])
    return jnp.tanh(jax.jit(jnp.matmul)(once, p["q"])).sum(axis=1)


def tied_otherwise(p, b):
    hidden = jnp.take(p["t"], b["ids"], axis=0).sum(axis=1)
    return jnp.tanh(hidden @ p["t"].T).sum(axis=1) + (p["w"] ** 2).sum()


def recurrent(p, b):
    def step(hidden, x):
        return jnp.tanh(hidden @ p["q"] + x), None

    hidden, _ = jax.lax.scan(step, b["x"], jnp.moveaxis(b["tokens"], 1, 0))
    return hidden.sum(axis=1)


def checkpointed(p, b):
    hidden = jax.checkpoint(lambda w, x: jnp.tanh(x @ w))(p["q"], b["x"])
    return jax.nn.relu(hidden @ p["w"] + 2).sum(axis=1)


def embedded(p, b):
    return dense(p, b) + embedding(p, b)


def mixed(p, b):
    return dense(p, b) * embedding(p, b) + convolution(p, b) + tied(p, b) * layer_norm(p, b)


def network():
    return {"w": normal(4, 4, 3), "b": normal(5, 3), "v": normal(6, 2, 3), "s": normal(7, 3),
            "e": normal(8, 2, 4, 3), "t": normal(9, 5, 4), "c": normal(10, 3, 3, 2, 4),
            "q": normal(11, 4, 4), "unused": jnp.ones(2)}  # fmt: skip


def everything(jac):
    weights, held = jnp.linspace(-1, 2, N), jac.materialize()
    return held.losses, held.gram(), held.rows(), held.combine(weights), jac.combine(weights)


def assert_right(found, losses, rows):
    """Compare with what NumPy makes of the gradients in double precision."""
    flat = [np.asarray(leaf, np.float64).reshape(N, -1) for leaf in jax.tree.leaves(rows)]
    gram = sum(leaf @ leaf.T for leaf in flat)
    norms = np.sqrt(np.diagonal(gram))
    np.testing.assert_allclose(found[0], losses, rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found[1].lengths, norms, rtol=1e-5)
    np.testing.assert_allclose(found[1].cosines, gram / np.outer(norms, norms), atol=3e-6)
    combined = jax.tree.map(lambda leaf: np.tensordot(np.linspace(-1, 2, N), leaf, 1), rows)
    for one, other in zip(found[2:], (rows, combined, combined), strict=True):
        jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=3e-5), one, other)


@pytest.mark.parametrize(
    "fn",
    [tokens, many_tokens, experts, embedding, convolution, layer_norm, tied, tied_otherwise,
     recurrent, checkpointed, mixed],
    ids=lambda fn: fn.__name__,
)  # fmt: skip
def test_everything_agrees_with_rows(fn):
    @jax.jit
    def both(p, b):
        own = everything(moo.per_example_jacobian(fn, p, b))
        return own, fn(p, b), jax.jacrev(fn)(p, b)

    assert_right(*both(network(), inputs()))


@pytest.mark.parametrize("fn", [dense, tokens, experts, tied, checkpointed])
def test_no_gradient_of_an_example_is_formed(fn):
    wide = jax.tree.map(lambda leaf: jnp.zeros([16 * k for k in leaf.shape]), network())
    batch = {"x": jnp.zeros((N, 64)), "tokens": jnp.zeros((N, 3, 64))}
    kernels = {"dense": "w", "tokens": "w", "experts": "e", "tied": "q", "checkpointed": "w"}
    rows = N * wide[kernels[fn.__name__]].size

    def largest(jaxpr):
        inner = [sub for eqn in jaxpr.eqns for sub in jaxprs_in_params(eqn.params)]
        own = [var.aval.size for eqn in jaxpr.eqns for var in eqn.outvars]
        return max(own + [largest(sub) for sub in inner], default=0)

    traced = jax.make_jaxpr(lambda p, b: moo.per_example_jacobian(fn, p, b).gram())(wide, batch)
    assert largest(traced.jaxpr) < rows


@pytest.mark.parametrize("mode", ["fill", "clip", "wrap"])
def test_ids_outside_of_a_table_count_as_the_lookup_has_them(mode):
    ids = jnp.array([[0, 7], [4, 9], [-1, 4], [9, -7]])

    def fn(table, ids):
        read = jnp.take(table, ids, axis=0, mode=mode, fill_value=1.0)
        return (read * jnp.arange(1.0, 9).reshape(2, 4)).sum(axis=(1, 2))

    table = normal(0, 5, 4)
    kinds = (moo.per_example_jacobian, moo.jacobian)
    grams = jax.jit(lambda table, ids: [kind(fn, table, ids).gram().matrix for kind in kinds])
    np.testing.assert_allclose(*grams(table, ids), rtol=1e-5)


def test_every_scale_of_gradient_keeps_its_cosines():
    scales = jnp.array([1e-30, 1e30, 1.0, 0.0, 1e-12, 1e18])
    batch = {**inputs(), "scales": scales}

    def fn(p, b):
        return embedded(p, b) * b["scales"]

    found = jax.jit(lambda p, b: moo.per_example_jacobian(fn, p, b).gram())(network(), batch)
    plain = jax.jit(lambda p, b: moo.jacobian(embedded, p, b).gram())(network(), inputs())
    keep = (scales > 0)[:, None] & (scales > 0)[None, :]
    np.testing.assert_allclose(found.cosines, jnp.where(keep, plain.cosines, 0), atol=2e-6)
    np.testing.assert_allclose(found.lengths, plain.lengths * scales, rtol=1e-5)
    assert found.exponents[3] == 0
    assert found.norms[3] == 0


def test_a_leaf_of_another_scale_is_neither_lost_nor_counted_twice():
    def fn(p, x):
        return 1e-25 * (x @ p["small"]) + 1e-22 * x[:, 0] * p["large"]

    params = {"small": jnp.ones(3), "large": jnp.ones(())}
    x = jnp.array([[1e-5, 2.0, 0.0], [0.0, 1.0, 3e5]])
    kinds = (moo.per_example_jacobian, moo.jacobian)
    found, wanted = jax.jit(lambda p, x: [kind(fn, p, x).gram() for kind in kinds])(params, x)
    np.testing.assert_allclose(found.cosines, wanted.cosines, rtol=1e-5)
    np.testing.assert_allclose(found.lengths, wanted.lengths, rtol=1e-5)


def test_a_broken_example_leaves_the_others():
    x = normal(0, 3, 4).at[1, 0].set(jnp.nan)
    fn = jax.jit(
        lambda x: moo.per_example_jacobian(lambda w, x: (x @ w) ** 2, jnp.ones(4), x).gram()
    )
    gram = fn(x)
    assert np.isnan(gram.cosines[1]).all()
    assert np.isfinite(np.delete(np.delete(gram.cosines, 1, 0), 1, 1)).all()


def test_shared_leaves_and_active_examples():
    active = jnp.array([True, False, True, True, False, True])
    shared = {name: name in ("w", "t") for name in network()}
    options = {"shared": shared, "active": active}

    @jax.jit
    def both(p, b):
        kinds = (moo.per_example_jacobian, moo.jacobian)
        return [everything(kind(embedded, p, b, **options)) for kind in kinds]

    found, wanted = both(network(), inputs())
    np.testing.assert_allclose(found[1].cosines, wanted[1].cosines, atol=2e-6)
    assert not found[1].cosines[1].any()
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=3e-5), found[2:], wanted[2:])


def test_an_aggregator_takes_the_step_that_it_takes_on_rows():
    tx = unit_rows(N)

    @jax.jit
    def both(params, batch):
        state = tx.init(params)
        kinds = (moo.per_example_jacobian, moo.jacobian)
        return [tx.update(kind(embedded, params, batch), state)[0] for kind in kinds]

    found, wanted = both(network(), inputs())
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, atol=1e-4), found, wanted)


def test_cross_gramian_and_another_point():
    there = jax.tree.map(lambda leaf: leaf + 0.1, network())

    @jax.jit
    def cross(p, b):
        kinds = (moo.per_example_jacobian, moo.jacobian)
        jacs = [kind(tokens, p, b) for kind in kinds]
        return [(jac.gram(jac.at(there)), jac.losses_at(there)) for jac in jacs]

    (found, losses), (wanted, others) = cross(network(), inputs())
    np.testing.assert_allclose(found.matrix, wanted.matrix, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(losses, others, rtol=1e-6)


def test_arguments_without_the_batch():
    def fn(p, b, scale, key):
        return tokens(p, b) * scale + jax.random.normal(key)

    batch, key = inputs(), jax.random.key(0)
    jac = moo.per_example_jacobian(fn, network(), batch, 2.0, key, batched=(True, False, False))
    np.testing.assert_allclose(jac.losses, fn(network(), batch, 2.0, key), rtol=1e-5)


def test_double_precision(x64):
    table, ids = jnp.asarray(network()["t"], jnp.float64), inputs()["ids"]

    def fn(table, ids):
        return jnp.tanh(table[ids] @ jnp.sin(table.T)).sum(axis=(1, 2)) + table[ids].sum((1, 2))

    def both(table, ids):
        return moo.per_example_jacobian(fn, table, ids).gram(), jax.jacrev(fn)(table, ids)

    gram, rows = jax.jit(both)(table, ids)
    flat = rows.reshape(N, -1)
    np.testing.assert_allclose(gram.matrix, flat @ flat.T, rtol=1e-12)


def test_narrow_parameters_have_a_gramian_in_float32():
    narrow = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), network())

    def fn(p, b):
        return tokens(p, {"tokens": b["tokens"].astype(jnp.bfloat16)}).astype(jnp.float32)

    kinds = (moo.per_example_jacobian, moo.jacobian)
    grams = jax.jit(lambda p, b: [kind(fn, p, b).gram() for kind in kinds])
    found, wanted = grams(narrow, inputs())
    assert found.cosines.dtype == jnp.float32
    np.testing.assert_allclose(found.cosines, wanted.cosines, atol=0.03)


@pytest.mark.parametrize(
    ("fn", "args", "batched", "match"),
    [
        (lambda w, x: (x @ w).sum(), (jnp.ones((3, 2)),), None, r"losses of shape \(m,\)"),
        (lambda w, x: (x @ w).repeat(2), (jnp.ones((3, 2)),), None, "one loss an example"),
        (lambda w, x, y: x @ w, (jnp.ones((3, 2)), jnp.ones(2)), None, "one leading axis"),
        (lambda w, x, y: x @ w, (jnp.ones((3, 2)), 1.0), None, "one leading axis"),
        (lambda w, x: x @ w, (jnp.ones((3, 2)),), (True, False), "batched must have 1 entries"),
        (lambda w, x: x @ w, (jnp.ones((3, 2)),), (False,), "one leading axis"),
    ],
)
def test_what_is_no_loss_an_example_is_refused(fn, args, batched, match):
    with pytest.raises(ValueError, match=match):
        moo.per_example_jacobian(fn, jnp.ones(2), *args, batched=batched)


@pytest.mark.parametrize("checked", [True, False])
def test_the_examples_of_each_device(checked):
    draw = np.random.default_rng(0)
    params = {"kernel": draw.normal(size=(3, 2)), "bias": draw.normal(size=2)}
    params = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), params)
    x = jnp.asarray(draw.normal(size=(8, 3)), jnp.float32)

    def losses(params, x):
        return (jnp.tanh(x @ params["kernel"] + params["bias"]) ** 2).sum(axis=1)

    def local(params, x):
        jac = moo.per_example_jacobian(losses, params, x).materialize()
        # A sum over the devices, unless shard_map does not know what differs among them.
        combined = jac.combine(jnp.ones(2))
        if not checked:
            combined = jax.tree.map(lambda leaf: jax.lax.psum(leaf, "data"), combined)
        return jac.gram().matrix[None], jac.rows(), combined

    mesh = jax.sharding.Mesh(np.array(jax.devices()[:4]), ("data",))
    specs = {"in_specs": (P(), P("data")), "out_specs": (P("data"), P("data"), P())}
    found = jax.jit(jax.shard_map(local, mesh=mesh, check_vma=checked, **specs))(params, x)
    rows = jax.jacrev(losses)(params, x)
    flat = np.concatenate([rows["kernel"].reshape(8, -1), rows["bias"]], axis=1).reshape(4, 2, -1)
    total = jax.tree.map(lambda leaf: leaf.sum(axis=0), rows)
    expected = flat @ flat.swapaxes(1, 2), rows, total
    jax.tree.map(
        lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6), found, expected
    )


def test_it_cannot_be_split():
    jac = moo.per_example_jacobian(tokens, network(), inputs())
    with pytest.raises(ValueError, match="its batch is its objectives"):
        jac.materialize().split(2)
