"""Sets of solutions on a front: populations, conditioned networks, and rays on the concave one."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from papers._draws import Array

Losses = Callable[..., jax.Array]


def evolve(
    tx: optax.GradientTransformation,
    losses: Losses,
    populations: Array,
    steps: int,
    *instances: Array,
) -> tuple[Array, Array]:
    """Run a method on populations (runs, K, d); return the last ones and their losses (.., m).

    Further arguments of the losses, `instances`, have a leading axis of runs.
    """

    def run(population: jax.Array, *instance: jax.Array) -> tuple[jax.Array, jax.Array]:
        def step(carry: Any, _: None) -> tuple[Any, None]:
            population, state = carry
            jac = moo.population_jacobian(losses, population, *instance)
            updates, state = tx.update(jac, state, population)
            return (optax.apply_updates(population, updates), state), None

        carry = (population, tx.init(population))
        (last, _), _ = jax.lax.scan(step, carry, length=steps)
        return last, jax.vmap(lambda x: losses(x, *instance))(last)

    found = jax.jit(jax.vmap(run))(jnp.asarray(populations), *instances)
    return np.asarray(found[0]), np.asarray(found[1])


def weights_of(method: str, num_objectives: int, **options: Any) -> Callable[..., jax.Array]:
    """Return a function from losses and a preference to a loss-based method's weights."""
    tx = moo.aggregator(method, num_objectives=num_objectives, **options)
    nowhere = jnp.zeros(num_objectives)

    def weights(losses: jax.Array, preference: jax.Array) -> jax.Array:
        # The direction on the identity is the vector of weights.
        rows = moo.stacked_jacobian(jnp.eye(num_objectives, dtype=losses.dtype), losses)
        return tx.update(rows, tx.init(nowhere), nowhere, preference=preference)[0]

    return weights


def by_preference(method: str, num_rays: int, **options: Any) -> moo.Aggregator:
    """Train a conditioned model by a method whose `preference` is the ray."""
    weights = weights_of(method, 2, **options)

    def weigh(jac: Any, losses: jax.Array, state: Any) -> tuple[jax.Array, Any]:
        return jax.vmap(weights)(losses, jac.rays.astype(losses.dtype)), state

    return moo.from_rays(2, num_rays, lambda number, dtype: (), weigh)


def linear() -> moo.Aggregator:
    """Weigh the losses by a `preference` that every step is given."""

    def weigh(
        losses: jax.Array, state: Any, *, active: jax.Array, preference: jax.Array
    ) -> tuple[jax.Array, Any]:
        return jnp.asarray(preference, losses.dtype), state

    return moo.from_losses(2, lambda params, dtype: (), weigh)


def network(widths: Sequence[int], key: jax.Array) -> list[tuple[jax.Array, jax.Array]]:
    """Draw the layers of a relu network."""
    keys = jax.random.split(key, len(widths) - 1)
    return [
        (jax.random.normal(k, shape) * (2 / shape[0]) ** 0.5, jnp.zeros(shape[1]))
        for k, shape in zip(keys, pairwise(widths), strict=True)
    ]


def forward(layers: Any, ray: jax.Array) -> jax.Array:
    """Return what the network makes of a ray."""
    *hidden, (last, shift) = layers
    for matrix, bias in hidden:
        ray = jax.nn.relu(ray @ matrix + bias)
    return ray @ last + shift


def condition(
    aggregator: moo.Aggregator, losses: Losses, widths: Sequence[int], *,
    steps: int, runs: int, rays: int, concentration: float = 1.0, rate: float = 1e-3,
) -> Callable[[Array], Array]:  # fmt: skip
    """Train a network from rays to solutions with Adam.

    Args:
        aggregator: a method for conditioned models.
        losses: of what the network returns.
        widths: of its layers, the first 2.
        steps: of Adam.
        runs: seeds, trained side by side.
        rays: drawn in every step.
        concentration: of the Dirichlet distribution they are drawn from.
        rate: Adam's.

    Returns:
        A function from rays (n, 2) to the losses of all runs, (runs, n, 2).
    """
    tx = optax.chain(aggregator, optax.adam(rate))
    alpha = jnp.full(2, concentration)

    def run(seed: jax.Array) -> Any:
        first, later = jax.random.split(jax.random.key(seed))
        layers = network(widths, first)

        def step(carry: Any, key: jax.Array) -> tuple[Any, None]:
            layers, state = carry
            drawn = jax.random.dirichlet(key, alpha, (rays,))
            jac = moo.ray_jacobian(lambda p, ray: losses(forward(p, ray)), layers, drawn)
            updates, state = tx.update(jac, state, layers)
            return (optax.apply_updates(layers, updates), state), None

        carry = (layers, tx.init(layers))
        return jax.lax.scan(step, carry, jax.random.split(later, steps))[0][0]

    trained = jax.jit(jax.vmap(run))(jnp.arange(runs))

    @jax.jit
    def answers(asked: jax.Array) -> jax.Array:
        one = jax.vmap(lambda layers, ray: losses(forward(layers, ray)), in_axes=(None, 0))
        return jax.vmap(one, in_axes=(0, None))(trained, asked)

    return lambda asked: np.asarray(answers(jnp.asarray(asked)))


def ray_grid(number: int, margin: float = 0.01) -> Array:
    """Return rays (number, 2) evenly on the simplex, off its corners by a margin."""
    share = np.linspace(margin, 1 - margin, number)
    return np.stack([share, 1 - share], axis=1)


def volume(sets: Array, corner: Sequence[float] | Array) -> float:
    """Return the mean hypervolume of sets (runs, n, 2)."""
    return float(np.mean([moo.metrics.hypervolume(points, np.array(corner)) for points in sets]))


def at_the_ends(sets: Array, within: float = 0.02) -> float:
    """Return the share of losses (.., 2) near an end of the concave front."""
    ends = moo.problem("fonseca_fleming").pareto_front(2)
    apart = np.abs(np.asarray(sets)[..., None, :] - ends).max(axis=-1).min(axis=-1)
    return float(np.mean(apart <= within))
