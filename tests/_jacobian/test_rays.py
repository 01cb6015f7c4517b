import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.helpers import core

RAYS = jnp.array([[0.8, 0.1, 0.1], [0.2, 0.5, 0.3]])


def conditioned(params, ray, data):
    """The three losses of a network whose trunk's bias is moved by the ray."""
    bias = params["trunk"]["b"].at[:3].add(ray)
    return core.objectives(params | {"trunk": {"w": params["trunk"]["w"], "b": bias}}, data)


@pytest.fixture(scope="module")
def taken():
    """Everything that a Jacobian at rays says, and the same ray by ray."""
    weights = jnp.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 0.5]])

    def everything(params):
        jac = moo.ray_jacobian(conditioned, params, RAYS, core.batch())
        held = jac.materialize()
        return (jac.losses, jac.rows(), jac.gram()), jac.combine(weights), held.combine(weights)

    def alone(params):
        jacs = [moo.jacobian(conditioned, params, ray, core.batch()) for ray in RAYS]
        each = [(jac.losses, jac.rows(), jac.gram()) for jac in jacs]
        return each, [jac.combine(w) for jac, w in zip(jacs, weights, strict=True)]

    return core.compiled(everything, core.network()), core.compiled(alone, core.network())


def test_each_ray_is_a_jacobian_of_its_own(taken):
    (found, _, _), (each, _) = taken
    core.assert_close(found, jax.tree.map(lambda *leaves: jnp.stack(leaves), *each))


def test_combine_is_the_mean_over_rays(taken):
    (_, combined, held), (_, each) = taken
    mean = jax.tree.map(lambda *leaves: sum(leaves) / len(leaves), *each)
    core.assert_close(combined, mean)
    core.assert_close(held, mean)


def test_aux_and_rays_are_kept():
    jac = moo.ray_jacobian(lambda x, ray: (x * ray, ray.sum()), jnp.ones(3), RAYS, has_aux=True)
    np.testing.assert_array_equal(jac.rays, RAYS)
    np.testing.assert_allclose(jac.aux, [1, 1], rtol=1e-6)


@pytest.mark.parametrize(
    ("rays", "message"),
    [
        (jnp.ones(3), r"rays must be a float array of shape \(K, m\), got float32 of shape \(3,\)"),
        (jnp.ones((2, 3), bool), "rays must be a float array"),
        (jnp.ones((0, 3)), "rays must be a float array"),
        (jnp.ones((2, 2)), r"rays has shape \(2, 2\), but the objectives return 3 losses"),
    ],
)
def test_wrong_rays_raise(rays, message):
    with pytest.raises(ValueError, match=message):
        moo.ray_jacobian(lambda x, ray: x, jnp.ones(3), rays)


def test_it_is_no_pytree():
    jac = moo.ray_jacobian(lambda x, ray: x, jnp.ones(3), RAYS)
    with pytest.raises(TypeError, match="put the aggregator first in"):
        jax.tree.leaves(jac)


def test_rays_of_ints_are_cast():
    jac = moo.ray_jacobian(lambda x, ray: ray * x, jnp.ones(2), np.eye(2, dtype=int))
    np.testing.assert_array_equal(jac.losses, np.eye(2))
