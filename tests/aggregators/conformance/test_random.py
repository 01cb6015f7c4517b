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
    """Means over many keys agree within five standard errors, and so do second moments."""
    asked = probe(np.random.default_rng(3).standard_normal((lone.M, lone.D)))
    flipped = type(asked)(*(field[::-1] for field in asked))
    for power in (1, 2):
        one, other = (_draws(name, each) ** power for each in (asked, flipped))
        error = np.sqrt((one.var(axis=0) + other.var(axis=0)) / KEYS)
        gap = np.abs(one.mean(axis=0) - other.mean(axis=0))
        assert (gap <= 5 * error + 1e-5 * np.abs(one).max()).all()


def test_every_random_method_holds_a_key():
    for name in RANDOM:
        state = jax.eval_shape(TABLE[name].build(lone.M).init, jnp.zeros(lone.D))
        assert any(_is_key(leaf) for leaf in jax.tree.leaves(state)), name


def _draws(name, asked):
    """Return v of the first step for many keys, shape (keys, d)."""
    tx = TABLE[name].build(lone.M)
    state = tx.init(jnp.zeros(lone.D))
    axes = jax.tree.map(lambda leaf: 0 if _is_key(leaf) else None, state)
    many = jax.tree.map(lambda x: jax.random.split(x, KEYS) if _is_key(x) else x, state)
    step = stepper(name, tx)
    asked = jax.tree.map(jnp.asarray, asked)
    draw = jax.vmap(lambda state: step(state, asked, asked.losses)[1], in_axes=(axes,))
    return np.asarray(jax.jit(draw)(many), np.float64)


def _is_key(leaf):
    return jnp.issubdtype(leaf.dtype, jax.dtypes.prng_key)
