import jax.numpy as jnp
import numpy as np
import pytest

import moo

POPULATION = jnp.array([[3.0, 0.0], [0.0, 5.0], [1.0, 1.0]])


def test_a_method_of_ones_own_keeps_its_state():
    """Weights that name the call, and the number of solutions."""

    def weigh(jac, losses, calls):
        return jnp.full(losses.shape, calls + 1), calls + 1

    tx = moo.from_population(2, lambda number, dtype: jnp.asarray(number, dtype), weigh)
    state = tx.init(POPULATION)
    for call in (4, 5):
        jac = moo.population_jacobian(lambda x: x**2, POPULATION)
        updates, state = tx.update(jac, state, POPULATION, ignored=True)
        np.testing.assert_allclose(updates, 2 * call * POPULATION)
    assert state.inner == 5
    assert state.converged.all()


def test_what_is_not_finite_is_announced_solution_by_solution():
    tx = moo.from_population(2, lambda number, dtype: (), lambda jac, losses, s: (1 / losses, s))
    jac = moo.population_jacobian(lambda x: x**2, POPULATION)
    updates, state = tx.update(jac, tx.init(POPULATION))
    np.testing.assert_array_equal(state.converged, [False, False, True])
    assert np.isnan(updates[:2]).any(axis=1).all()
    np.testing.assert_array_equal(updates[2], [2, 2])


def test_wrong_weights_raise():
    tx = moo.from_population(2, lambda number, dtype: (), lambda jac, losses, s: (losses[0], s))
    jac = moo.population_jacobian(lambda x: x, POPULATION)
    with pytest.raises(ValueError, match=r"weigh must return weights of shape \(3, 2\), got"):
        tx.update(jac, tx.init(POPULATION))
