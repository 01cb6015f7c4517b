import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take

METHOD = moo.rlw(3, key=1)


def draws(number):
    """Return the weights of that many steps, shape (number, 3)."""
    jac = moo.stacked_jacobian(jnp.eye(3), jnp.ones(3))

    def step(state, _):
        _, state = METHOD.update(jac, state)
        return state, state.weights

    start = METHOD.init(jnp.zeros(3))
    return np.asarray(jax.jit(lambda s: jax.lax.scan(step, s, length=number)[1])(start))


def test_weights_are_a_softmax_of_standard_normals():
    """Log ratios of two weights are differences of two standard normals: N(0, 2)."""
    weights = draws(4000)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)
    ratios = np.log(weights[:, 0] / weights[:, 1])
    assert abs(ratios.mean()) < 4 * np.sqrt(2 / 4000)
    assert ratios.var() == pytest.approx(2, abs=4 * 2 * np.sqrt(2 / 4000))
    np.testing.assert_allclose(weights.mean(axis=0), 1 / 3, atol=4 * 0.25 / np.sqrt(4000))


def test_update_is_the_weighted_sum_and_differs_from_step_to_step():
    method = moo.rlw(2, key=jax.random.key(7))
    updates, states = take(method, (ROWS, LOSSES), (ROWS, LOSSES))
    for update, state in zip(updates, states, strict=True):
        np.testing.assert_allclose(update, np.asarray(state.weights) @ ROWS, rtol=1e-5)
    assert np.abs(updates[0] - updates[1]).max() > 1e-3


def test_a_raw_key_is_refused():
    with pytest.raises(TypeError, match="key must be an int or a typed key"):
        moo.rlw(2, key=jnp.zeros(2, jnp.uint32))
