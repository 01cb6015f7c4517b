"""Few solutions for many objectives: random instances, and methods that train sets on them."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import optax.contrib

import moo
from papers._draws import Array
from papers._fronts import Losses, evolve, weights_of

SOLUTIONS, DIM = 5, 10


class Instances(NamedTuple):
    """Losses (a_i . x - b_i)^2 of several runs, and where they start."""

    slopes: Array  # (runs, m, d)
    targets: Array  # (runs, m)
    starts: Array  # (runs, K, d)


Descent = Callable[[moo.Aggregator, Losses, Instances, int], Array]


def squares(runs: int, m: int = 128, solutions: int = SOLUTIONS) -> Instances:
    """Draw squares of affine functions; their number of solutions changes the starts alone."""
    rng = np.random.default_rng(2)
    slopes, targets = rng.uniform(-1, 1, (runs, m, DIM)), rng.uniform(-2, 2, (runs, m))
    return Instances(slopes, targets, rng.uniform(0, 1, (runs, solutions, DIM)))


def mixed(runs: int, m: int = 1000, noise: float = 0.1) -> Instances:
    """Draw a mixed linear regression, with as many centres as solutions."""
    rng = np.random.default_rng(3)
    centres = np.tile(rng.uniform(-2, 2, (runs, SOLUTIONS, DIM)), (1, m // SOLUTIONS, 1))
    slopes = rng.uniform(-1, 1, (runs, m, DIM))
    targets = np.sum(slopes * centres, axis=2) + noise * rng.normal(size=(runs, m))
    return Instances(slopes, targets, rng.normal(size=(runs, SOLUTIONS, DIM)))


def _alone(weigh: Callable[..., jax.Array], m: int) -> moo.Aggregator:
    """Give every solution a preference of its own, drawn once."""

    def weights(jac: Any, losses: jax.Array, state: Any) -> tuple[jax.Array, Any]:
        rays = jnp.asarray(np.random.default_rng(4).dirichlet(np.ones(m), len(losses)))
        return jax.vmap(weigh)(losses, rays), state

    return moo.from_population(m, lambda number, dtype: (), weights)


SETS: dict[str, Callable[[int], moo.Aggregator]] = {
    "STCH-Set": lambda m: moo.stch_set(m, mu=0.1),
    "TCH-Set": lambda m: moo.tch_set(m),
    "SoM": lambda m: moo.tch_set(m, reduction="mean"),
}
SINGLES: dict[str, Callable[[int], moo.Aggregator]] = {
    "STCH": lambda m: _alone(weights_of("stch", m, mu=0.01), m),
    "TCH": lambda m: _alone(weights_of("tch", m), m),
    "LS": lambda m: _alone(lambda losses, ray: ray, m),
}


def by_adam(tx: moo.Aggregator, losses: Losses, given: Instances, steps: int) -> Array:
    """Return the losses (runs, K, m) after steps of Adam."""
    tx = optax.chain(tx, optax.adam(1e-2))
    return evolve(tx, losses, given.starts, steps, *given[:2])[1]


def by_schedule_free(tx: moo.Aggregator, losses: Losses, given: Instances, steps: int) -> Array:
    """Return the losses (runs, K, m) of the averaged points of schedule-free descent."""
    rule = optax.contrib.schedule_free_sgd(1e-2, warmup_steps=100, b1=0.9)

    def run(population: jax.Array, *instance: jax.Array) -> jax.Array:
        def step(carry: Any, _: None) -> tuple[Any, None]:
            population, weighing, state = carry
            jac = moo.population_jacobian(losses, population, *instance)
            updates, weighing = tx.update(jac, weighing, population)
            updates, state = rule.update(updates, state, population)
            return (optax.apply_updates(population, updates), weighing, state), None

        carry = (population, tx.init(population), rule.init(population))
        (last, _, state), _ = jax.lax.scan(step, carry, length=steps)
        averaged = optax.contrib.schedule_free_eval_params(state, last)
        return jax.vmap(lambda x: losses(x, *instance))(averaged)

    return np.asarray(jax.jit(jax.vmap(run))(jnp.asarray(given.starts), *given[:2]))


def compare(
    given: Instances, steps: int, names: Iterable[str], descend: Descent = by_adam
) -> tuple[dict[str, Array], ...]:
    """Return the worst and the average of the objectives' best values, (runs,) by method."""

    def losses(x: jax.Array, slopes: jax.Array, targets: jax.Array) -> jax.Array:
        return (slopes @ x - targets) ** 2

    best = {}
    for name in names:
        aggregator = (SETS | SINGLES)[name](given.targets.shape[1])
        best[name] = descend(aggregator, losses, given, steps).min(axis=1)
    worst = {name: values.max(axis=1) for name, values in best.items()}
    return worst, {name: values.mean(axis=1) for name, values in best.items()}
