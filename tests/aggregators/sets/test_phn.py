import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.sets import conditioned, worked

pytestmark = pytest.mark.usefixtures("unoptimised")

L = np.array([1.0, 2.0])
RAYS = jnp.array([[0.7, 0.3], [0.2, 0.8]])


def test_worked_weights():
    losses, jacobians = np.tile(L, (1, 3, 1)), np.tile(worked.J[0], (1, 3, 1, 1))
    linear = worked.on_rays(moo.phn(2, num_rays=3))
    updates, state = worked.steps(linear, losses, jacobians)
    np.testing.assert_allclose(state.weights[0], worked.RAYS, rtol=1e-6)
    np.testing.assert_allclose(updates[0], (worked.RAYS @ worked.J[0]).mean(axis=0), atol=1e-6)
    exact = worked.on_rays(moo.phn(2, num_rays=3, solver="epo"))
    rays = np.array([[0.7, 0.3], [10 / 7, 10 / 3], [2.0, 1.0]])
    found = worked.weights_of(exact, losses[0], jacobians[0], rays)
    # The third ray's weighted losses are equal: a descent.
    expected = [[0.71818, 0.28182], [0, 1], [0.341837, 0.658163]]
    np.testing.assert_allclose(found, 2 * np.array(expected), atol=2e-5)


def test_linear_scalarisation_learns_its_minimisers():
    points, _ = conditioned.trained(moo.phn(2, num_rays=2), RAYS, 200, 0.2)
    np.testing.assert_allclose(points, RAYS[:, 0] - RAYS[:, 1], atol=1e-3)


def test_epo_makes_the_weighted_losses_equal():
    _, losses = conditioned.trained(moo.phn(2, num_rays=2, solver="epo"), RAYS, 400, 0.05)
    weighted = np.asarray(losses * RAYS)
    np.testing.assert_allclose(weighted[:, 0], weighted[:, 1], rtol=0.05)


def test_wrong_options():
    with pytest.raises(ValueError, match="solver must be one of ls, epo"):
        moo.phn(2, solver="exact")
    with pytest.raises(ValueError, match="eps must be finite"):
        moo.phn(2, eps=-1.0)
