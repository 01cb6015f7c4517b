import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers.core import SHARED, assert_close, batch, compiled, dense, network, objectives


@pytest.fixture(scope="module")
def reference():
    return compiled(jax.jacrev(objectives), network(), batch())


@pytest.mark.parametrize("engine", ["auto", "scan", "unroll", "vmap"])
def test_every_engine_equals_jacrev(reference, engine):
    def rows():
        return moo.jacobian(objectives, network(), batch(), engine=engine).rows()

    assert_close(compiled(rows), reference, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("engine", ["auto", "scan", "unroll", "vmap"])
def test_engines_agree_on_many_objectives(engine):
    curve = jnp.linspace(0.5, 1.5, 20)

    def many(x):
        return jnp.sin(jnp.outer(curve, x)).sum(axis=1)

    point = jnp.array([0.3, -0.7])
    rows = compiled(lambda: moo.jacobian(many, point, engine=engine).rows())
    np.testing.assert_allclose(rows, curve[:, None] * jnp.cos(jnp.outer(curve, point)), atol=1e-6)


def convolved(params, images):
    """Nine losses of a small convolutional network."""
    maps = jax.lax.conv(images, params["kernel"], (1, 1), "SAME")
    means = jnp.tanh(maps).mean(axis=(2, 3))
    return ((jax.jit(jnp.matmul)(means, params["head"]) - 1) ** 2).mean(axis=0)


@pytest.mark.parametrize("gram", ["rows", "jvp"])
def test_convolutions_are_not_looped_over(gram):
    draw = np.random.default_rng(0)
    params = {"kernel": draw.normal(size=(2, 1, 3, 3)), "head": draw.normal(size=(2, 9))}
    params = jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float32), params)
    images = jnp.asarray(draw.normal(size=(3, 1, 5, 5)), jnp.float32)
    jac = moo.jacobian(convolved, params, images, gram=gram)
    assert jac.engine == {"rows": "unroll", "jvp": "jvp"}[gram]
    program = jax.make_jaxpr(lambda p: moo.jacobian(convolved, p, images, gram=gram).gram().matrix)
    assert "scan" not in str(program(params))
    rows = dense(jax.jacrev(convolved)(params, images))
    np.testing.assert_allclose(jac.gram().matrix, rows @ rows.T, rtol=1e-5, atol=1e-6)


def test_many_objectives_without_convolutions_are_scanned():
    curve = jnp.linspace(0.5, 1.5, 9)
    jac = moo.jacobian(lambda x: jnp.sin(jnp.outer(curve, x)).sum(axis=1), jnp.ones(2))
    assert jac.engine == "scan"


SCALES = {
    "ordinary": [1.0, 1.0, 1.0],
    "2^60": [2.0**60] * 3,
    "2^-60": [2.0**-60] * 3,
    "mixed with a zero row": [1e-9, 0.0, 1e9],
    "extreme": [1e-30, 1e30, 1.0],
}


@pytest.fixture(scope="module", params=[None, SHARED], ids=["all", "trunk"])
def grams(request, reference):
    """The Gramians by rows and by jvp at every scale, and the unscaled rows."""

    def look(scales):
        def scaled(params, data):
            return scales * objectives(params, data)

        kinds = ("rows", "jvp")
        options = {"shared": request.param, "engine": "scan"}
        return [
            moo.jacobian(scaled, network(), batch(), gram=kind, **options).gram() for kind in kinds
        ]

    stack = jnp.array(list(SCALES.values()))
    leaves = reference if request.param is None else reference["trunk"]
    return compiled(jax.vmap(look), stack), dense(leaves)


@pytest.mark.parametrize("kind", [0, 1], ids=["rows", "jvp"])
@pytest.mark.parametrize("at", range(len(SCALES)), ids=list(SCALES))
def test_both_kinds_of_gram_at_every_scale(grams, kind, at):
    stacked, rows = grams
    gram = jax.tree.map(lambda leaf: leaf[at], stacked[kind])
    scales = np.array(list(SCALES.values())[at])
    norms = np.linalg.norm(rows, axis=1)
    present = (scales > 0).astype(float)
    cosines = rows @ rows.T / np.outer(norms, norms) * np.outer(present, present)
    np.testing.assert_allclose(gram.cosines, cosines, atol=1e-6)
    np.testing.assert_array_equal(np.diagonal(gram.cosines), present)
    lengths = np.asarray(gram.norms, float) * 2.0 ** np.asarray(gram.exponents)
    np.testing.assert_allclose(lengths, norms * np.float32(scales), rtol=1e-5)


def test_jvp_kind_is_exact_where_scaled_gradients_overflow_a_square():
    def fn(x):
        return jnp.stack([1e30 * x[0], 1e-30 * x.sum()])

    gram = compiled(lambda x: moo.jacobian(fn, x, gram="jvp").gram(), jnp.ones(2))
    np.testing.assert_allclose(gram.cosines, [[1, 0.5**0.5], [0.5**0.5, 1]], rtol=1e-6)
    np.testing.assert_allclose(gram.lengths, [1e30, 2**0.5 * 1e-30], rtol=1e-6)


def test_materialize_is_a_no_op_without_rows():
    lazy = moo.jacobian(objectives, network(), batch(), gram="jvp")
    assert lazy.materialize() is lazy
    assert moo.jacobian(objectives, network(), batch()).materialize() is not lazy


def test_auto_takes_rows_within_its_budget():
    def jac(**options):
        return moo.jacobian(objectives, network(), batch(), gram="auto", **options)

    whole, trunk = (
        jac().num_objectives * sum(leaf.nbytes for leaf in jax.tree.leaves(tree))
        for tree in (network(), network()["trunk"])
    )
    for rows_fit in (jac(), jac(memory=whole), jac(memory=whole, shared=SHARED)):
        assert rows_fit.materialize() is not rows_fit
    for beyond in (jac(memory=whole - 1), jac(memory=0), jac(memory=trunk - 1, shared=SHARED)):
        assert beyond.materialize() is beyond
        assert beyond.engine == "jvp"
    for between in (jac(memory=whole - 1, shared=SHARED), jac(memory=trunk, shared=SHARED)):
        assert between.materialize() is between
        assert between.engine == "unroll"


def _not_pushed():
    squared = jax.custom_vjp(lambda x: x**2)
    squared.defvjp(lambda x: (x**2, x), lambda x, d: (2 * x * d,))
    return lambda x: jnp.stack([squared(x).sum(), (2 * squared(x)).sum()])


def test_auto_pulls_what_cannot_be_pushed():
    jac = moo.jacobian(_not_pushed(), jnp.ones(3), gram="auto", memory=0)
    assert jac.engine == "unroll"
    np.testing.assert_allclose(jac.gram().matrix, [[12, 24], [24, 48]], rtol=1e-6)
    jac = moo.jacobian(_not_pushed(), jnp.ones(3), gram="jvp")
    with pytest.raises(TypeError, match=r"gram='jvp' pushes tangents.*custom_vjp.*gram='two_pass'"):
        jac.gram()


def test_auto_never_pushes_below_float32():
    narrow = jax.tree.map(lambda x: x.astype(jnp.bfloat16), network())

    def look():
        jac = moo.jacobian(objectives, narrow, batch(), gram="auto", memory=0)
        assert jac.engine == "unroll"
        return jac.gram()

    assert jax.eval_shape(look).cosines.dtype == jnp.float32


def test_two_passes_hold_no_rows_of_what_is_not_shared():
    params = {"trunk": jnp.ones(8), "heads": jnp.ones((8, 2**16)) / 8}
    targets = jnp.linspace(0, 1, 4)

    def losses(params, targets):
        return ((params["trunk"] @ params["heads"] - targets[:, None]) ** 2).mean(axis=1)

    def step(gram):
        options = {"shared": {"trunk": True, "heads": False}, "gram": gram}
        tx = moo.optimizer("mgda", num_objectives=4)

        def run(params):
            return tx.update(moo.jacobian(losses, params, targets, **options), tx.init(params))[0]

        return jax.jit(run).lower(params).compile()

    rows, two = step("rows"), step("two_pass")
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-7),
                 two(params), rows(params))  # fmt: skip
    size = params["heads"].nbytes
    assert rows.memory_analysis().temp_size_in_bytes >= 4 * size
    assert two.memory_analysis().temp_size_in_bytes < size


@pytest.mark.parametrize("memory", [-1, 1.5, True, "1GB"])
def test_memory_is_a_number_of_bytes(memory):
    with pytest.raises(ValueError, match=r"memory must be an int of at least 0.*got"):
        moo.jacobian(objectives, network(), batch(), memory=memory)


def test_jvp_kind_refuses_parameters_below_float32():
    narrow = jax.tree.map(lambda x: x.astype(jnp.bfloat16), network())
    with pytest.raises(TypeError, match=r"gram='jvp'.*bfloat16: use gram='rows'"):
        moo.jacobian(objectives, narrow, batch(), gram="jvp")
