"""Random strictly convex quadratics, on which bounds of theorems are tried."""

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Array = np.ndarray[Any, np.dtype[np.floating[Any]]]


class Quadratics(NamedTuple):
    """Losses f_i(x) = (x - u_i)' A_i (x - u_i) / 2 of several instances.

    Attributes:
        hessians: (instances, m, d, d), symmetric, eigenvalues in [0.2, 2].
        centres: (instances, m, d).
        starts: (instances, d).
    """

    hessians: Array
    centres: Array
    starts: Array

    def losses(self, instance: int) -> Callable[[Any], Any]:
        """Return x -> losses (m,) of one instance."""
        hessians = jnp.asarray(self.hessians[instance])
        centres = jnp.asarray(self.centres[instance])

        def evaluate(x: jax.Array) -> jax.Array:
            away = x - centres
            return jnp.einsum("id,ide,ie->i", away, hessians, away) / 2

        return evaluate

    @property
    def smoothness(self) -> Array:
        """The largest curvature of any loss, by instance."""
        found: Array = np.linalg.eigvalsh(self.hessians)[..., -1].max(axis=-1)
        return found


def quadratics(instances: int, objectives: int, dim: int, seed: int = 0) -> Quadratics:
    """Draw quadratics in general position."""
    rng = np.random.default_rng([seed, objectives, dim])
    frames = np.linalg.qr(rng.normal(size=(instances, objectives, dim, dim)))[0]
    curvatures = rng.uniform(0.2, 2.0, size=(instances, objectives, 1, dim))
    hessians = (frames * curvatures) @ np.swapaxes(frames, -1, -2)
    centres = rng.normal(size=(instances, objectives, dim))
    return Quadratics(hessians, centres, 3 * rng.normal(size=(instances, dim)))


def descend(
    method: str, given: Quadratics, steps: int, *, rate: Array | float, **options: Any
) -> tuple[Array, Array]:
    """Return the points (instances, steps + 1, d) and losses (..., m) of plain descent.

    Args:
        method: the aggregator.
        given: the losses.
        steps: how many.
        rate: step size, one or one an instance.
        **options: hyper-parameters of the method.
    """
    import moo

    m = given.centres.shape[1]
    tx = moo.aggregator(method, num_objectives=m, **options)

    def evaluate(x: jax.Array, hessians: jax.Array, centres: jax.Array) -> jax.Array:
        away = x - centres
        return jnp.einsum("id,ide,ie->i", away, hessians, away) / 2

    def one(
        start: jax.Array, hessians: jax.Array, centres: jax.Array, size: jax.Array
    ) -> tuple[jax.Array, jax.Array]:
        def step(carry: Any, _: None) -> tuple[Any, Any]:
            x, state = carry
            rows = jax.jacobian(evaluate)(x, hessians, centres)
            losses = evaluate(x, hessians, centres)
            v, state = tx.update(moo.stacked_jacobian(rows, losses), state, x)
            return (x - size * v, state), (x, losses)

        (x, _), (points, losses) = jax.lax.scan(step, (start, tx.init(start)), length=steps)
        last = evaluate(x, hessians, centres)
        return jnp.concatenate([points, x[None]]), jnp.concatenate([losses, last[None]])

    sizes = np.broadcast_to(np.asarray(rate, float), given.starts.shape[:1])
    found = jax.jit(jax.vmap(one))(given.starts, given.hessians, given.centres, sizes)
    return np.asarray(found[0]), np.asarray(found[1])
