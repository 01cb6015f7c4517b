import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators.losses._masked_adam import init_each, step_each
from tests.aggregators.losses.steps import take
from tests.helpers.core import signature


def test_slopes_whose_squares_overflow_still_step():
    adam, start, active = optax.adam(0.1), jnp.zeros(3), jnp.ones(3, bool)
    slopes = jnp.array([3e38, -1e25, 2.0])
    values, state = step_each(adam, slopes, init_each(adam, start), start, active)
    np.testing.assert_allclose(values, [-0.1, 0.1, -0.1], rtol=1e-4)
    values, _ = step_each(adam, slopes, state, values, active)
    np.testing.assert_allclose(values, [-0.2, 0.2, -0.2], rtol=1e-4)


def test_what_is_not_finite_is_announced():
    adam, start = optax.adam(0.1), jnp.zeros(2)
    slopes = jnp.array([jnp.inf, jnp.nan])
    values, _ = step_each(adam, slopes, init_each(adam, start), start, jnp.ones(2, bool))
    assert np.isnan(values).all()


@pytest.mark.parametrize("method", [moo.uncertainty, moo.imtl_l, moo.ldc_mtl])
def test_huge_losses_move_what_is_learned(method):
    step = (np.ones((2, 3)), np.array([1e30, 1.0]))
    _, states = take(method(2, learning_rate=0.1), step, step)
    first, second = (np.asarray(state.inner[0])[0] for state in states)
    assert abs(second - first) > 0.05


def test_a_double_learning_rate_leaves_single_values_single(x64):
    adam, start = optax.adam(np.float64(0.1)), jnp.zeros(2, jnp.float32)
    before = init_each(adam, start)
    values, after = step_each(adam, jnp.ones(2, jnp.float32), before, start, jnp.ones(2, bool))
    assert values.dtype == jnp.float32
    assert signature(after) == signature(before)


def test_an_optimizer_sees_the_values():
    """AdamW: a step of 0.1 and a decay of 0.1 times 0.5 off each value."""
    adam, start = optax.adamw(0.1, weight_decay=0.5), jnp.array([1.0, 2.0])
    active = jnp.array([True, False])
    values, _ = step_each(adam, jnp.ones(2), init_each(adam, start), start, active)
    np.testing.assert_allclose(values, [0.85, 2], rtol=1e-5)
