import jax
import jax.numpy as jnp
import numpy as np
import pytest

import moo
from tests.aggregators.sets import worked
from tests.helpers.core import compiled


def objectives(x):
    return jnp.array([1.0, 2.0]) + jnp.asarray(worked.J[0], jnp.float32) @ x


@pytest.mark.parametrize(
    ("rays", "expected"),
    [
        ([[0.7, 0.3]], [[0.322, 0.287, -0.224], [0.138, 0.123, -0.096]]),
        (worked.RAYS, [[0.474, 0.699, -0.408], [-0.174, 0.951, -0.192]]),
    ],
)
def test_worked_gradients(rays, expected):
    """For one ray the gradients of the vertices are .7 v and .3 v of v = (.46, .41, -.32)."""
    rays, vertices = jnp.asarray(rays, jnp.float32), jnp.zeros((2, 3))
    tx = moo.pamal(2, num_rays=len(rays))
    fn = moo.pareto_manifold(objectives)
    updates, _ = compiled(lambda v: tx.update(moo.ray_jacobian(fn, v, rays), tx.init(v)), vertices)
    np.testing.assert_allclose(updates, expected, atol=1e-6)


def test_one_vertex_an_objective():
    fn = moo.pareto_manifold(objectives)
    with pytest.raises(ValueError, match="vertices must hold a leading axis 2, one entry an obj"):
        moo.ray_jacobian(fn, jnp.zeros((3, 3)), jnp.ones((1, 2)))


def test_the_vertices_learn_the_ends_of_the_front():
    """Of two parabolas: the manifold between two points becomes the Pareto set [-1, 1]."""
    fn = moo.pareto_manifold(lambda x: jnp.stack([(x - 1) ** 2, (x + 1) ** 2]))
    tx = moo.optimizer("pamal", num_objectives=2)

    def step(carry, key):
        vertices, state = carry
        jac = moo.ray_jacobian(fn, vertices, moo.sample_rays(key, jnp.ones(2), 3))
        updates, state = tx.update(jac, state, vertices)
        return (vertices - 0.1 * updates, state), None

    vertices = jnp.array([-0.5, 0.5])
    start = (vertices, tx.init(vertices))
    keys = jax.random.split(jax.random.key(0), 300)
    (after, _), _ = jax.jit(lambda c: jax.lax.scan(step, c, keys))(start)
    np.testing.assert_allclose(after, [1, -1], atol=0.01)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"penalty": -1.0}, "penalty must be finite"),
        ({"temperature": 0.0}, "temperature must be finite and above 0"),
        ({"ordering": "right"}, "ordering must be one of intended, released"),
    ],
)
def test_wrong_options(options, message):
    with pytest.raises(ValueError, match=message):
        moo.pamal(2, **options)
