import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators.losses._masked_adam import init_each, step_each
from tests.aggregators.losses.steps import take


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
