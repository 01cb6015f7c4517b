"""What every method makes of exactly opposite gradients, (g, -ρ g): the situation inside ESMM."""

import functools
from collections.abc import Mapping
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from rich.console import Console

import moo
from benchmarks.tables import Table, show
from moo.aggregators import METHODS

RATIOS = (1e-6, 1e-4, 1e-2, 0.1, 0.5, 1.0, 2.0, 10.0)
COPIES = 6  # sub-batches of two and of three are both possible
GRADIENT = jnp.array([[0.9, 0.1], [-0.4, 0.2]])
NOTHING = 1e-3


class Answer(NamedTuple):
    """A method's v = c g: the coefficient c at each ratio, at its first and at its 100th step."""

    first: list[float]
    settled: list[float]


def opposition() -> None:
    """Print the coefficient of g in each method's first step."""
    rows = [(name, *map(number, answer(name).first)) for name in METHODS]
    columns = ("method", *(f"ρ = {ratio:g}" for ratio in RATIOS))
    note = "Coefficient c of v = c g at the first step; both losses are 1."
    show(Table("Exactly opposite gradients (g, -ρ g)", columns, rows, note), Console(width=140))


@functools.cache
def answer(name: str, steps: int = 100) -> Answer:
    """Return what a method makes of (g, -ρ g) at every ratio, the gradients staying as they are."""
    tx = moo.optimizer(name, optax.scale(-1.0), num_objectives=2)
    point = jnp.zeros_like(GRADIENT)

    def coefficients(ratio: jax.Array) -> jax.Array:
        rows = jnp.stack([GRADIENT, -ratio * GRADIENT])
        batch = jnp.broadcast_to(rows, (COPIES, *rows.shape))

        def step(state: Any, _: None) -> tuple[Any, jax.Array]:
            jac = moo.jacobian(_objectives, point, batch, batched=(True,))
            given = extras(METHODS[name].extras, rows)
            updates, state = tx.update(jac, state, point, **given)
            return state, -jnp.vdot(updates, GRADIENT) / jnp.vdot(GRADIENT, GRADIENT)

        return jax.lax.scan(step, tx.init(point), None, length=steps)[1]

    every = jax.jit(jax.vmap(coefficients))(jnp.array(RATIOS))
    return Answer(every[:, 0].tolist(), every[:, -1].tolist())


def extras(names: tuple[str, ...], rows: jax.Array) -> Mapping[str, Any]:
    """Return what a method must be given beside the Jacobian: even preferences, equal variances."""
    even = {"preference": jnp.full(len(rows), 1 / len(rows)), "variance": jnp.ones_like(rows)}
    return {name: even[name] for name in names}


def consequence(coefficients: list[float]) -> str:
    """Say in one sentence what the coefficients mean for a weak opponent and for an equal one."""
    faint, equal = coefficients[0], coefficients[RATIOS.index(1.0)]
    if max(map(abs, coefficients)) < NOTHING:
        return "stands still at every ratio: the faintest opponent erases the signal"
    if abs(faint) < NOTHING:
        start = "a faint opponent erases the signal"
    elif faint > 0:
        start = f"a faint opponent leaves {number(faint)} of g"
    else:
        start = "a faint opponent turns the step against g"
    return f"{start}; equals {'stand still' if abs(equal) < NOTHING else 'still move'}"


def number(value: float) -> str:
    """Return a short number, without a sign on zero."""
    return f"{value + 0.0:.3g}" if abs(value) >= 5e-6 else "0"


def _objectives(x: jax.Array, batch: jax.Array) -> jax.Array:
    return 1.0 + jnp.sum(batch.mean(axis=0) * x, axis=(1, 2))
