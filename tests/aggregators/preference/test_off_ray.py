"""Preferences that the losses are far from: the branches that return to the preferred ray."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.conformance.stack import PLACES, PROBES, D, M, places

pytestmark = pytest.mark.conformance

PREFERRED = (0.1, 0.2, 0.3, 0.4)
methods = pytest.mark.parametrize("name", ["epo", "wc_mgda", "pmgda", "png", "ferero"])


def step(name, m=M, preference=PREFERRED, dtype=jnp.float32):
    """Return (rows, losses, active) -> (v, weights) of the first step."""
    tx = moo.aggregator(name, num_objectives=m, preference=preference)

    def first(rows, losses, active):
        point = jnp.zeros(rows.shape[1], dtype)
        jac = moo.stacked_jacobian(rows, losses, active=active)
        v, state = tx.update(jac, tx.init(point), point)
        return v, moo.find(state, "weights")

    return first


@cache
def outcome(name):
    return jax.tree.map(
        np.asarray, jax.jit(jax.vmap(step(name)))(PROBES.rows, PROBES.losses, PROBES.active)
    )


def drawn(m, d, seed=0):
    rng = np.random.default_rng(seed)
    return (
        rng.standard_normal((m, d)).astype(np.float32),
        rng.uniform(0.5, 2, m).astype(np.float32),
        rng.dirichlet(np.ones(m)),
    )


@methods
def test_finite_on_degenerate_rows(name):
    v, weights = outcome(name)
    for kind in ("base", "masked", "hidden", "permuted", "rotated", "row_scaled"):
        for case, place in places(kind).items():
            assert np.isfinite(v[place]).all(), (kind, case)
    off = ~PROBES.active & np.isfinite(weights).all(axis=1, keepdims=True)
    np.testing.assert_array_equal(weights[off], 0)


@methods
def test_inactive_rows_do_not_matter(name):
    v, _ = outcome(name)
    for case, place in places("hidden").items():
        expected = v[PLACES["masked", "random 0, [1 0 1 1]"]]
        np.testing.assert_array_equal(v[place], expected, err_msg=case)


@methods
def test_active_is_the_smaller_problem(name):
    rows, losses, _ = drawn(M, D)
    active = np.array([True, False, True, True])
    masked, _ = jax.jit(step(name))(rows, losses, active)
    kept = tuple(np.array(PREFERRED)[active])
    small, _ = jax.jit(step(name, 3, kept))(rows[active], losses[active], np.ones(3, bool))
    np.testing.assert_allclose(masked, small, atol=2e-5 * np.abs(small).max())


@methods
def test_alone_as_in_a_stack(name):
    v, _ = outcome(name)
    place = PLACES["base", "random 0"]
    asked = (PROBES.rows[place], PROBES.losses[place], PROBES.active[place])
    alone, _ = jax.jit(step(name))(*asked)
    np.testing.assert_allclose(v[place], alone, atol=2e-5 * np.abs(alone).max())


@methods
def test_many_objectives(name):
    rows, losses, preference = drawn(512, 4)
    v, weights = jax.jit(step(name, 512, tuple(preference)))(rows, losses, np.ones(512, bool))
    assert np.isfinite(v).all()
    assert np.isfinite(weights).all()


@methods
def test_double_precision_agrees(name, x64):
    rows, losses, _ = drawn(M, D)
    every = np.ones(M, bool)
    single, _ = jax.jit(step(name))(rows, losses, every)
    wide = step(name, dtype=jnp.float64)
    double, _ = jax.jit(wide)(rows.astype(np.float64), losses.astype(np.float64), every)
    assert double.dtype == np.float64
    np.testing.assert_allclose(single, double, atol=1e-4 * np.abs(double).max())
