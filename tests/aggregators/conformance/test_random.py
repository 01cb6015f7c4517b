"""Random methods: what holds for every draw is in the other files, what holds on average here."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from moo.aggregators._registry import METHODS
from tests.aggregators.conformance import lone
from tests.aggregators.conformance.probe import probe, stepper
from tests.aggregators.table import TABLE

KEYS = 4096
RANDOM = [name for name, method in METHODS.items() if method.random and name in TABLE]


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.conformance
def test_order_of_rows_does_not_matter_on_average(name):
    asked = _asked(lone.M)
    flipped = type(asked)(*(field[::-1] for field in asked))
    assert_alike(_draws(name, asked), _draws(name, flipped))


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.conformance
def test_active_is_the_smaller_problem_on_average(name):
    masked = _asked(lone.M + 1)._replace(active=np.array([True, False, True, True]))
    smaller = type(masked)(*(field[masked.active] for field in masked))
    assert_alike(_draws(name, masked), _draws(name, smaller))


def assert_alike(one, other):
    """Means over many keys agree within five standard errors, and so do second moments."""
    for power in (1, 2):
        first, second = one**power, other**power
        error = np.sqrt((first.var(axis=0) + second.var(axis=0)) / KEYS)
        gap = np.abs(first.mean(axis=0) - second.mean(axis=0))
        assert (gap <= 5 * error + 1e-5 * np.abs(first).max()).all()


@pytest.mark.parametrize("name", RANDOM)
@pytest.mark.conformance
def test_a_draw_under_vmap_is_that_under_jit(name):
    asked = _asked(lone.M)
    tx = TABLE[name].build(lone.M)
    state, step = tx.init(jnp.zeros(lone.D)), stepper(name, tx)
    pair = jax.tree.map(lambda field: jnp.stack([field, field]), asked)
    many = jax.jit(jax.vmap(lambda each: step(state, each, each.losses)[1]))(pair)
    alone = jax.jit(step)(state, asked, asked.losses)[1]
    np.testing.assert_allclose(many, jnp.stack([alone, alone]), rtol=2e-5, atol=2e-6)


def test_every_random_method_holds_a_key():
    for name in RANDOM:
        state = jax.eval_shape(TABLE[name].build(lone.M).init, jnp.zeros(lone.D))
        assert any(_is_key(leaf) for leaf in jax.tree.leaves(state)), name


def _asked(m):
    return probe(np.random.default_rng(3).standard_normal((m, lone.D)))


def _draws(name, asked):
    """Return v of the first step for many keys, shape (keys, d)."""
    tx = TABLE[name].build(len(asked.losses))
    state = tx.init(jnp.zeros(lone.D))
    axes = jax.tree.map(lambda leaf: 0 if _is_key(leaf) else None, state)
    many = jax.tree.map(lambda x: jax.random.split(x, KEYS) if _is_key(x) else x, state)
    step = stepper(name, tx)
    asked = jax.tree.map(jnp.asarray, asked)
    draw = jax.vmap(lambda state: step(state, asked, asked.losses)[1], in_axes=(axes,))
    return np.asarray(jax.jit(draw)(many), np.float64)


def _is_key(leaf):
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
