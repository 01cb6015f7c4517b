"""The smallest conditioned model: a point that is linear in the ray, between two parabolas."""

import jax
import jax.numpy as jnp
import optax

import moo


def parabolas(x):
    """Losses that trade off on [-1, 1]."""
    return jnp.stack([(x - 1) ** 2, (x + 1) ** 2])


def model(params, ray):
    """Losses of the point `params @ ray`."""
    return parabolas(params @ ray)


def trained(tx, rays, steps, rate):
    """Return the points of a model trained at fixed rays, and their losses (K, 2)."""
    tx = optax.chain(tx, optax.sgd(rate))

    def step(carry, _):
        params, state = carry
        jac = moo.ray_jacobian(model, params, rays)
        updates, state = tx.update(jac, state, params)
        return (optax.apply_updates(params, updates), state), None

    params = jnp.array([0.1, 0.0])
    start = (params, tx.init(params))
    (params, _), _ = jax.jit(lambda c: jax.lax.scan(step, c, length=steps))(start)
    points = rays @ params
    return points, parabolas(points).T
