import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take, weights_at


def test_worked_example():
    (v,), (state,) = take(moo.scale_invariant(2), (ROWS, LOSSES))
    np.testing.assert_allclose(state.weights, [1, 0.5])
    np.testing.assert_allclose(v, [0.6, 0.65, -0.45], rtol=1e-6)


def test_no_unit_of_a_loss_matters():
    units = np.array([2.0**60, 2.0**-60])
    (plain,), _ = take(moo.scale_invariant(2), (ROWS, LOSSES))
    (scaled,), _ = take(moo.scale_invariant(2), (units[:, None] * ROWS, units * LOSSES))
    np.testing.assert_array_equal(plain, scaled)


def test_preference_of_the_factory_and_of_the_step():
    np.testing.assert_allclose(
        weights_at(moo.scale_invariant(2, preference=(0.5, 3.0)), LOSSES), [0.5, 1.5]
    )
    method, jac = moo.scale_invariant(2), moo.stacked_jacobian(jnp.eye(2), jnp.asarray(LOSSES))
    _, state = method.update(jac, method.init(jnp.zeros(2)), preference=jnp.array([2.0, 4.0]))
    np.testing.assert_allclose(state.weights, [2, 2])


@pytest.mark.parametrize("loss", [0.0, -1.0])
def test_a_loss_without_logarithm_is_announced(loss):
    weights = weights_at(moo.scale_invariant(2), [loss, 1.0])
    assert np.isnan(weights[0])
    assert weights_at(moo.scale_invariant(2), [loss, 1.0], active=[False, True]).tolist() == [0, 1]


def test_a_preference_of_none_of_the_active_falls_back_to_ones():
    method = moo.scale_invariant(3, preference=(0.0, 0.0, 1.0))
    weights = weights_at(method, [1.0, 4.0, 2.0], active=[True, True, False])
    np.testing.assert_allclose(weights, [1, 0.25, 0])


def test_none_is_no_preference_of_the_step():
    method = moo.scale_invariant(2, preference=(0.5, 3.0))
    jac = moo.stacked_jacobian(jnp.eye(2), jnp.asarray(LOSSES))
    _, state = method.update(jac, method.init(jnp.zeros(2)), preference=None)
    np.testing.assert_allclose(state.weights, [0.5, 1.5])
