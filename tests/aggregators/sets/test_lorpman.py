import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

import moo
from moo.aggregators import LowRank
from tests.helpers.core import assert_close, compiled, signature

RAYS = jnp.array([[0.7, 0.3]])
V = jnp.array([[1.0, -2.0], [0.5, 3.0]])


def factors():
    left = jnp.array([[[1.0], [0.0]], [[0.0], [1.0]]])
    right = jnp.array([[[1.0, 2.0]], [[-1.0, 1.0]]])
    return LowRank(jnp.zeros((2, 2)), (left,), (right,))


def linear(matrix):
    """Two losses whose combination by the ray (.7, .3) has the gradient V."""
    value = (V * matrix).sum()
    return jnp.stack([value + 1, value + 2])


@pytest.fixture(scope="module")
def two_steps():
    """Updates of two steps at the same point, with the common model frozen after the first."""
    tx = moo.lorpman(2, num_rays=1, freeze_after=1)

    def run(params):
        jac = moo.ray_jacobian(moo.low_rank_manifold(linear), params, RAYS)
        first, state = tx.update(jac, tx.init(params), params)
        return first, tx.update(jac, state, params)[0]

    return compiled(run, factors())


def test_worked_model_and_gradients(two_steps):
    model = moo.low_rank_manifold(lambda matrix: matrix.ravel())(factors(), RAYS[0])
    np.testing.assert_allclose(model, [0.7, 1.4, -0.3, 0.3], rtol=1e-6)
    # The changes are orthogonal, so that only the losses count.
    update, _ = two_steps
    left, right = factors().left[0], factors().right[0]
    np.testing.assert_allclose(update.base, V, rtol=1e-6)
    for i, share in enumerate([0.7, 0.3]):
        np.testing.assert_allclose(update.left[0][i], share * V @ right[i].T, rtol=1e-5)
        np.testing.assert_allclose(update.right[0][i], share * left[i].T @ V, rtol=1e-5)


def test_changes_are_drawn_apart():
    rng = np.random.default_rng(0)
    left, right = rng.normal(size=(3, 4, 2)), rng.normal(size=(3, 2, 5))
    params = LowRank(jnp.zeros((4, 5)), (jnp.asarray(left),), (jnp.asarray(right),))

    def penalty(left, right):
        columns = np.stack([(b @ a).ravel() for b, a in zip(left, right, strict=True)], axis=1)
        products = columns.T @ columns
        return (products**2).sum() - (np.diagonal(products) ** 2).sum()

    rays = jnp.ones((1, 3)) / 3
    tx = moo.lorpman(3, num_rays=1, orthogonal=0.5)
    fn = moo.low_rank_manifold(lambda matrix: jnp.ones(3) + 0 * matrix[0, :3])
    update, _ = compiled(lambda p: tx.update(moo.ray_jacobian(fn, p, rays), tx.init(p), p), params)
    direction = rng.normal(size=left.shape)
    ahead, behind = (penalty(left + s * direction, right) for s in (1e-5, -1e-5))
    slope = (direction * np.asarray(update.left[0], np.float64)).sum()
    assert slope == pytest.approx(0.5 * (ahead - behind) / 2e-5, rel=1e-4)


def test_the_common_model_freezes(two_steps):
    first, second = two_steps
    assert np.asarray(first.base).any()
    assert not np.asarray(second.base).any()
    assert_close(second._replace(base=first.base), first)


def test_training_lowers_the_losses():
    """A network whose matrices are moved by the ray; biases stay common."""
    base = {"w": jnp.zeros((1, 2)), "b": jnp.zeros(2)}
    params = moo.low_rank_params(base, 2, 1, jax.random.key(1))
    assert [leaf.shape for leaf in params.left + params.right] == [(2, 1, 1), (2, 1, 2)]
    target = jnp.array([1.0, -1.0])
    fn = moo.low_rank_manifold(
        lambda p: jnp.stack([((p["w"][0] + p["b"] + sign * target) ** 2).sum() for sign in (-1, 1)])
    )
    tx = moo.optimizer("lorpman", optax.sgd(0.05), num_objectives=2)
    rays = jnp.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])

    def step(carry, _):
        params, state = carry
        jac = moo.ray_jacobian(fn, params, rays)
        updates, state = tx.update(jac, state, params)
        return (optax.apply_updates(params, updates), state), jac.losses

    start = (params, tx.init(params))
    (_, state), path = jax.jit(lambda c: jax.lax.scan(step, c, length=300))(start)
    assert signature(state) == signature(jax.eval_shape(tx.init, params))
    # At the ends of the simplex each serves its own loss.
    assert path[-1][0, 0] < 0.6 < path[0][0, 0]
    assert path[-1][2, 1] < 0.6 < path[0][2, 1]


def test_wrong_options_and_parameters():
    tx = moo.lorpman(2)
    with pytest.raises(TypeError, match="params must be a LowRank, got ArrayImpl"):
        tx.init(jnp.ones(2))
    with pytest.raises(ValueError, match="params is missing"):
        tx.update(None, tx.init(factors()))
    with pytest.raises(ValueError, match="orthogonal must be finite"):
        moo.lorpman(2, orthogonal=-1.0)
    with pytest.raises(ValueError, match="freeze_after must be at least 0"):
        moo.lorpman(2, freeze_after=-1)


def test_a_scalar_of_python_stays_common():
    params = moo.low_rank_params({"w": jnp.ones((2, 2)), "c": 3.0}, 2, 1, jax.random.key(0))
    at_ray = moo.low_rank_manifold(lambda p: jnp.stack([p["w"].sum(), p["c"] * p["w"][0, 0]]))
    np.testing.assert_array_equal(at_ray(params, jnp.array([0.5, 0.5])), [4, 3])


def test_wrong_models():
    key = jax.random.key(0)
    with pytest.raises(ValueError, match="base holds no leaf of two axes"):
        moo.low_rank_params(jnp.ones(3), 2, 1, key)
    with pytest.raises(TypeError, match=r"base\['steps'\] has dtype int"):
        moo.low_rank_params({"w": jnp.ones((2, 2)), "steps": 3}, 2, 1, key)
    with pytest.raises(TypeError, match="key must be a typed key"):
        moo.low_rank_params(jnp.ones((2, 2)), 2, 1, 0)
    with pytest.raises(ValueError, match="rank must be at least 1"):
        moo.low_rank_params(jnp.ones((2, 2)), 2, 0, key)
    with pytest.raises(ValueError, match="scale must be finite and above 0"):
        moo.low_rank_manifold(linear, scale=0.0)
