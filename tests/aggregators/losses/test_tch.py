import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.losses.steps import LOSSES, ROWS, take, weights_at


def test_worked_example():
    (v,), (state,) = take(moo.tch(2), (ROWS, LOSSES))
    np.testing.assert_allclose(state.weights, [0, 0.5])
    np.testing.assert_allclose(v, ROWS[1] / 2, rtol=1e-6)
    np.testing.assert_allclose(weights_at(moo.tch(2, form="modified"), LOSSES), [0, 2])


def test_preference_and_ideal_point_decide_what_is_worst():
    method = moo.tch(2, preference=(0.9, 0.1), ideal=(-1.0, 1.0))
    np.testing.assert_allclose(weights_at(method, LOSSES), [0.9, 0])
    method = moo.tch(2, preference=(0.9, 0.1), form="modified")
    np.testing.assert_allclose(weights_at(method, LOSSES), [0, 10], rtol=1e-6)


def test_ties_share_the_weight():
    np.testing.assert_allclose(weights_at(moo.tch(3), [2.0, 1.0, 2.0]), [1 / 6, 0, 1 / 6])


def test_a_loss_that_is_nan_is_announced():
    assert np.isnan(weights_at(moo.tch(2), [np.nan, 1.0])).any()
    masked = weights_at(moo.tch(2), [np.nan, 1.0], active=[False, True])
    np.testing.assert_array_equal(masked, [0, 1])


def test_preference_as_an_extra():
    method, jac = moo.tch(2), moo.stacked_jacobian(jnp.eye(2), jnp.asarray(LOSSES))
    _, state = method.update(jac, method.init(jnp.zeros(2)), preference=jnp.array([0.7, 0.3]))
    np.testing.assert_allclose(state.weights, [0.7, 0])


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"form": "plain"}, "form must be one of weighted, modified"),
        ({"ideal": (0.0, 0.0, 0.0)}, r"ideal must be a number or have shape \(2,\)"),
        ({"ideal": np.inf}, "ideal must be finite"),
        ({"preference": (0.0, 1.0), "form": "modified"}, "preference must be above 0"),
        ({"preference": (-1.0, 1.0)}, "preference must be non-negative"),
    ],
)
def test_errors(options, says):
    with pytest.raises(ValueError, match=says):
        moo.tch(2, **options)


@pytest.mark.parametrize("factory", [moo.tch, moo.asf])
def test_a_loss_without_a_value_is_announced_under_jit(factory):
    tx = factory(num_objectives=3)

    def step(losses):
        jac = moo.stacked_jacobian(jnp.eye(3), losses)
        return tx.update(jac, tx.init(jnp.zeros(3)))[0]

    assert np.isnan(jax.jit(step)(jnp.array([1.0, jnp.nan, 2.0]))).all()
