import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.bilevel.levels import linear, one_step
from tests.aggregators.follow import LATER, ROWS
from tests.aggregators.parts import parted


def test_worked_numbers():
    v, state = one_step(moo.auto_lambda(2), (ROWS,), (LATER,))
    slope = -0.1 * ROWS @ LATER.sum(axis=0)
    np.testing.assert_allclose(slope, [0.023, -0.132], atol=1e-12)
    learned = 0.1 - 1e-4 * np.sign(slope)
    np.testing.assert_allclose(state.weights, learned, rtol=1e-5)
    np.testing.assert_allclose(v, learned @ ROWS, atol=1e-6)
    np.testing.assert_allclose(state.adam[0].mu, 0.1 * slope, rtol=1e-5)


def test_the_slope_is_the_gradient_through_the_step():
    """Against differentiation of the validation losses after the step, on curved losses."""
    x = jnp.array([0.3, -0.7])

    def train(x):
        return jnp.stack([jnp.sin(x[0]) * x[1], jnp.sum(x**2), jnp.exp(x[1])])

    def held_out(x):
        return jnp.stack([x[0] ** 3, jnp.cos(x[1]), x[0] * x[1]])

    def after(weights):
        ahead = x - 0.2 * weights @ jax.jacrev(train)(x)
        return held_out(ahead)[jnp.array([0, 2])].sum()

    tx = moo.auto_lambda(3, primary=(True, False, True), inner_learning_rate=0.2)

    def both():
        given = moo.jacobian(held_out, x)
        _, state = tx.update(moo.jacobian(train, x), tx.init(x), x, validation=given)
        return state.adam[0].mu, jax.grad(after)(jnp.full(3, 0.1))

    moment, slope = jax.jit(both)()
    np.testing.assert_allclose(moment, 0.1 * slope, rtol=1e-4)


def test_halves_of_a_batch_stand_for_the_levels():
    def step():
        tx = moo.auto_lambda(2)
        jac = parted(ROWS, LATER)
        v, state = tx.update(jac, tx.init(jnp.zeros(3)), jnp.zeros(3))
        return v, jac.combine(state.weights), state

    v, combined, state = jax.jit(step)()
    np.testing.assert_array_equal(v, combined)
    np.testing.assert_allclose(state.adam[0].mu, [0.0023, -0.0132], rtol=1e-4)


def test_inactive_objectives_wait():
    active = jnp.array([True, False])
    v, state = one_step(moo.auto_lambda(2), (ROWS,), (LATER,), active=active)
    np.testing.assert_allclose(state.learned[1], 0.1)
    assert state.weights[1] == 0
    np.testing.assert_allclose(v, float(state.weights[0]) * ROWS[0], rtol=1e-5)


def test_what_is_missing_or_wrong():
    tx, x = moo.auto_lambda(2), jnp.zeros(3)
    with pytest.raises(ValueError, match="params is missing: auto_lambda"):
        tx.update(linear(ROWS), tx.init(x))
    with pytest.raises(ValueError, match="batched is missing"):
        tx.update(linear(ROWS), tx.init(x), x)
    with pytest.raises(TypeError, match=r"must be a moo\.Jacobian"):
        tx.update(linear(ROWS), tx.init(x), x, validation=x)
    with pytest.raises(ValueError, match="primary must hold 2 bools"):
        moo.auto_lambda(2, primary=(False, False))


def test_a_slope_whose_square_overflows_is_announced():
    v, _ = one_step(moo.auto_lambda(2), (1e12 * np.eye(2), 1.0), (1e12 * np.eye(2),))
    assert np.isnan(v).all()


@pytest.mark.parametrize(
    ("initial", "error"), [("a", TypeError), (np.ones(2), TypeError), (np.nan, ValueError)]
)
def test_wrong_initial_weights(initial, error):
    with pytest.raises(error, match="initial must be"):
        moo.auto_lambda(2, initial=initial)
