"""Sketched Gramians: unbiased, with an error that is as large as it says."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers.core import SHARED, assert_close, batch, compiled, network, objectives

PROBES, REPEATS = 24, 600


def jacobian(**options):
    return moo.jacobian(objectives, network(), batch(), **options)


def sketches(**options):
    """Return the matrices and the errors of sketches under many keys."""

    def one(key):
        found = jacobian(**options).sketched_gram(key, PROBES)
        return found.gram.matrix, found.errors, found.gram.cosines, found.cosine_errors

    keys = jax.random.split(jax.random.key(0), REPEATS)
    return compiled(jax.vmap(one), keys)


ACTIVE = jnp.array([True, False, True])


@pytest.fixture(
    scope="module", params=[{}, {"shared": SHARED, "active": ACTIVE}], ids=["all", "masked"]
)
def trial(request):
    exact = compiled(lambda: jacobian(**request.param).gram())
    return exact, sketches(**request.param)


def test_the_mean_over_keys_is_the_gramian(trial):
    exact, (matrices, *_) = trial
    scale = np.outer(exact.lengths, exact.lengths)
    error = np.sqrt((scale**2 + exact.matrix**2) / (PROBES * REPEATS))
    assert (abs(matrices.mean(axis=0) - exact.matrix) <= 4.5 * error).all()


def test_the_spread_over_keys_is_the_stated_error(trial):
    exact, (matrices, errors, *_) = trial
    scale = np.outer(exact.lengths, exact.lengths)
    stated = np.sqrt((scale**2 + exact.matrix**2) / PROBES)
    np.testing.assert_allclose(matrices.std(axis=0), stated, rtol=0.15)
    np.testing.assert_allclose(errors.mean(axis=0), stated, rtol=0.1)


def test_the_spread_of_cosines_is_their_stated_error(trial):
    exact, (_, _, cosines, errors) = trial
    stated = np.where(exact.cosines == 0, 0, (1 - exact.cosines**2) / np.sqrt(PROBES))
    np.testing.assert_allclose(cosines.std(axis=0), stated, rtol=0.15, atol=1e-6)
    active = np.outer(exact.norms > 0, exact.norms > 0)
    np.testing.assert_allclose(errors.mean(axis=0)[active], stated[active], rtol=0.15, atol=1e-6)


def test_a_sketch_pushes_once_for_any_number_of_objectives():
    x = jnp.ones(3)

    def products(m):
        kernel = jnp.ones((m, 3))

        def gram(x):
            return moo.jacobian(lambda x: jnp.tanh(kernel @ x), x).sketched_gram(0, 8).gram

        return str(jax.make_jaxpr(gram)(x)).count("dot_general")

    assert products(2) == products(50)


def test_scales_and_kinds_agree():
    def fn(x, scales):
        return scales * jnp.tanh(x @ jnp.arange(1.0, 7).reshape(3, 2)).sum()

    def sketched(kind, scales, **options):
        jac = kind(fn, jnp.ones(3) / 10, scales, **options)
        return jac.materialize().sketched_gram(jax.random.key(3), 16).gram

    scales = jnp.array([1e-30, 1.0, 1e30])
    rows, examples = (
        compiled(lambda s, kind=kind: sketched(kind, s), scales)
        for kind in (moo.jacobian, moo.per_example_jacobian)
    )
    assert_close(rows.cosines, jnp.ones((3, 3)), rtol=1e-6)
    assert_close(examples.cosines, rows.cosines, rtol=1e-6)
    assert_close(examples.lengths / scales, rows.lengths / scales, rtol=1e-5)


def test_what_cannot_be_sketched_is_refused():
    with pytest.raises(ValueError, match="StackedJacobian cannot push tangents"):
        moo.stacked_jacobian(jnp.eye(2)).sketched_gram(0, 4)
    with pytest.raises(ValueError, match="probes must be an int of at least 1, got 0"):
        jacobian().sketched_gram(0, 0)
    with pytest.raises(TypeError, match="key must be an int or a typed key"):
        jacobian().sketched_gram(0.5, 4)
    narrow = jax.tree.map(lambda leaf: leaf.astype(jnp.bfloat16), network())
    with pytest.raises(TypeError, match=r"bfloat16: use gram\(\)"):
        moo.jacobian(objectives, narrow, batch()).sketched_gram(0, 4)
    features = moo.feature_jacobian(lambda p: p, lambda p, z: z, jnp.ones(2))
    with pytest.raises(ValueError, match="needs no sketch"):
        features.sketched_gram(0, 4)
