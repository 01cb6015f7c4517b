"""Networks from preferences to solutions of F1 to F6, trained by three scalarisations."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax

import moo
from papers._draws import Array
from papers._fronts import forward, network, ray_grid, weights_of
from papers._paper import Settings

MU = 0.01
RAYS = 10  # preferences a step
PROBLEMS = [f"stch_f{number}" for number in range(1, 7)]  # the last three are concave
RULES = ("LS", "TCH", "STCH")


def learn(settings: Settings) -> Array:
    """Return the losses of learned sets at 100 preferences, (rules, problems, runs, 100, 2)."""
    smooth = weights_of("stch", 2, mu=MU)
    rules: list[Callable[..., Any]] = [lambda losses, ray: ray, weights_of("tch", 2), smooth]
    choices = [jax.vmap(rule) for rule in rules]
    formulas = [moo.problem(name).objectives for name in PROBLEMS]
    widths = (2, settings["width"], settings["width"], 6)

    def losses(layers: Any, ray: jax.Array, which: jax.Array) -> jax.Array:
        return jax.lax.switch(which, formulas, jax.nn.sigmoid(forward(layers, ray)))

    def train(rule: jax.Array, which: jax.Array, key: jax.Array) -> jax.Array:
        def weigh(jac: Any, losses: jax.Array, state: Any) -> tuple[jax.Array, Any]:
            return jax.lax.switch(rule, choices, losses, jac.rays), state

        def step(carry: Any, drawn: jax.Array) -> tuple[Any, None]:
            layers, state = carry
            jac = moo.ray_jacobian(losses, layers, drawn, which)
            updates, state = tx.update(jac, state, layers)
            return (optax.apply_updates(layers, updates), state), None

        tx = optax.chain(moo.from_rays(2, RAYS, lambda n, dtype: (), weigh), optax.adam(1e-3))
        first, later = jax.random.split(key)
        rays = jax.random.dirichlet(later, jnp.ones(2), (settings["steps"], RAYS))
        layers = network(widths, first)
        (layers, _), _ = jax.lax.scan(step, (layers, tx.init(layers)), rays)
        return jax.vmap(lambda ray: losses(layers, ray, which))(jnp.asarray(ray_grid(100, 0.0)))

    # All lanes in one program: it is its compilation that takes time.
    shape = len(RULES), len(PROBLEMS), settings["runs"]
    rule, which, run = (jnp.asarray(index.ravel()) for index in np.indices(shape))
    found = jax.jit(jax.vmap(train))(rule, which, jax.vmap(jax.random.key)(run))
    return np.asarray(found).reshape(*shape, 100, 2)
