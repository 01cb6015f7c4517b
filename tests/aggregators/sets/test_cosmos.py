import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.sets import conditioned, worked

L = np.array([1.0, 2.0])


@pytest.fixture(scope="module")
def update():
    return worked.on_rays(moo.cosmos(2, num_rays=3))


def cosines(rays, losses):
    unit = losses / np.linalg.norm(losses, axis=1, keepdims=True)
    return (unit * rays).sum(axis=1) / np.linalg.norm(rays, axis=1)


def test_worked_weights(update):
    losses, jacobians = np.tile(L, (2, 3, 1)), np.tile(worked.J[0], (2, 3, 1, 1))
    rays = np.stack([np.tile([0.7, 0.3], (3, 1)), worked.RAYS])
    updates, state = worked.steps(update, losses, jacobians, rays)
    expected = [[0.192595, 0.503703], [0.247018, 0.626491], [0.373544, 0.713228]]
    np.testing.assert_allclose(state.weights[0], np.tile([0.183246, 0.558377], (3, 1)), atol=2e-6)
    np.testing.assert_allclose(state.weights[1], expected, atol=2e-6)
    np.testing.assert_allclose(updates[0], [-0.263455, 0.539188, -0.035785], atol=2e-6)
    np.testing.assert_allclose(updates[1], [-0.220527, 0.607237, -0.074079], atol=2e-6)


def test_weights_are_the_slopes_of_the_value(update):
    found = worked.weights_of(update)
    for index in np.ndindex(3, 2):
        step = np.zeros((3, 2))
        step[index] = 1e-6
        ahead, behind = (
            (worked.RAYS * (worked.F + s)).sum() - 2 * cosines(worked.RAYS, worked.F + s).sum()
            for s in (step, -step)
        )
        assert found[index] == pytest.approx((ahead - behind) / 2e-6, abs=1e-5)


def test_a_penalty_draws_the_losses_to_the_ray():
    rays = jnp.array([[0.7, 0.3], [0.3, 0.7]])
    _, plain = conditioned.trained(moo.phn(2, num_rays=2), rays, 200, 0.2)
    _, drawn = conditioned.trained(moo.cosmos(2, num_rays=2, penalty=8.0), rays, 400, 0.05)
    assert cosines(np.asarray(rays), np.asarray(plain)).max() < 0.75
    assert cosines(np.asarray(rays), np.asarray(drawn)).min() > 0.98


def test_wrong_options():
    with pytest.raises(ValueError, match="penalty must be finite and at least 0"):
        moo.cosmos(2, penalty=-1.0)
    with pytest.raises(TypeError, match="num_rays must be an int"):
        moo.cosmos(2, num_rays=1.5)
    with pytest.raises(ValueError, match="num_rays must be at least 1"):
        moo.cosmos(2, num_rays=0)
