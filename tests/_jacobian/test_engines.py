import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from moo._jacobian import _autodiff
from tests.helpers.core import SHARED, batch, close, compiled, dense, network, objectives

KINDS = ("rows", "jvp", "auto")


@pytest.fixture(scope="module")
def reference():
    return compiled(jax.jacrev(objectives), network(), batch())


@pytest.mark.parametrize("engine", ["auto", "scan", "unroll", "vmap"])
def test_every_engine_equals_jacrev(reference, engine):
    jac = moo.jacobian(objectives, network(), batch(), engine=engine)
    close(jax.jit(jac.rows)(), reference, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("engine", ["auto", "scan", "unroll", "vmap"])
def test_engines_agree_on_many_objectives(engine):
    curve = jnp.linspace(0.5, 1.5, 20)

    def many(x):
        return jnp.sin(jnp.outer(curve, x)).sum(axis=1)

    point = jnp.array([0.3, -0.7])
    rows = compiled(moo.jacobian(many, point, engine=engine).rows)
    np.testing.assert_allclose(rows, curve[:, None] * jnp.cos(jnp.outer(curve, point)), atol=1e-6)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shared", [None, SHARED], ids=["all", "trunk"])
def test_every_kind_of_gram_agrees(reference, kind, shared):
    rows = dense(reference if shared is None else reference["trunk"])
    jac = moo.jacobian(objectives, network(), batch(), gram=kind, shared=shared)
    gram = jax.jit(jac.gram)()
    np.testing.assert_allclose(gram.matrix, rows @ rows.T, rtol=1e-5)
    np.testing.assert_array_equal(jnp.diagonal(gram.cosines), 1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("power", [-60, 60])
def test_every_kind_of_gram_at_extreme_scales(reference, kind, power):
    rows = dense(reference)
    norms = np.linalg.norm(rows, axis=1)
    jac = moo.jacobian(lambda p: 2.0**power * objectives(p, batch()), network(), gram=kind)
    gram = compiled(jac.gram)
    np.testing.assert_allclose(gram.cosines, rows @ rows.T / np.outer(norms, norms), atol=1e-6)
    np.testing.assert_allclose(gram.lengths, norms * 2.0**power, rtol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_gram_with_mixed_rows_and_a_zero_row(reference, kind):
    rows = dense(reference) * np.array([[1e-9], [0.0], [1e9]])
    scales = jnp.array([1e-9, 0.0, 1e9])
    jac = moo.jacobian(lambda p: scales * objectives(p, batch()), network(), gram=kind)
    gram = compiled(jac.gram)
    norms = np.linalg.norm(rows, axis=1)
    safe = np.where(norms > 0, norms, 1)
    np.testing.assert_allclose(gram.cosines, rows @ rows.T / np.outer(safe, safe), atol=1e-6)
    np.testing.assert_allclose(gram.lengths, norms, rtol=1e-5)


def test_jvp_kind_is_exact_where_scaled_gradients_overflow_a_square():
    jac = moo.jacobian(lambda x: jnp.stack([1e30 * x[0], 1e-30 * x.sum()]), jnp.ones(2), gram="jvp")
    gram = compiled(jac.gram)
    np.testing.assert_allclose(gram.cosines, [[1, 0.5**0.5], [0.5**0.5, 1]], rtol=1e-6)
    np.testing.assert_allclose(gram.lengths, [1e30, 2**0.5 * 1e-30], rtol=1e-6)


def test_materialize_is_a_no_op_without_rows():
    lazy = moo.jacobian(objectives, network(), batch(), gram="jvp")
    assert lazy.materialize() is lazy
    assert moo.jacobian(objectives, network(), batch()).materialize() is not lazy


def test_auto_takes_rows_within_its_budget(monkeypatch):
    jac = moo.jacobian(objectives, network(), batch(), gram="auto")
    assert jac.materialize() is not jac
    monkeypatch.setattr(_autodiff, "ROWS_BUDGET", 64)
    assert jac.materialize() is jac


def test_auto_keeps_rows_below_float32(monkeypatch):
    monkeypatch.setattr(_autodiff, "ROWS_BUDGET", 64)
    narrow = jax.tree.map(lambda x: x.astype(jnp.bfloat16), network())
    jac = moo.jacobian(objectives, narrow, batch(), gram="auto")
    assert jac.materialize() is not jac
    assert jax.eval_shape(jac.gram).cosines.dtype == jnp.float32


def test_jvp_kind_refuses_parameters_below_float32():
    narrow = jax.tree.map(lambda x: x.astype(jnp.bfloat16), network())
    with pytest.raises(TypeError, match=r"gram='jvp'.*bfloat16: use gram='rows'"):
        moo.jacobian(objectives, narrow, batch(), gram="jvp")
