"""One row a method of sets, and one step of each: rows, losses and rays of our choice."""

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree

import moo
from moo.aggregators import LowRank
from tests.aggregators.sets import worked


@dataclass(frozen=True)
class Row:
    """How to build a method, and what is particular to it.

    Attributes:
        options: what it is given beside the number of objectives, of rays, and the directions.
        rays: whether it trains one model at several rays, instead of a population.
        directed: whether each solution has a direction of its own.
        positive: whether it has no answer where all losses are 0.
        penalised: whether it moves its parameters without any gradient of the losses, too.
    """

    options: Any = ()
    rays: bool = False
    directed: bool = False
    positive: bool = False
    penalised: bool = False


BRIEF = (("inner_steps", 1), ("memory", 1))
TABLE = {
    "pmtl": Row(directed=True),
    "moo_svgd": Row(),
    "hv_gradient": Row(),
    "stch_set": Row(),
    "tch_set": Row(),
    "cosmos": Row(rays=True),
    "phn": Row(rays=True),
    "phn epo": Row((("solver", "epo"),), rays=True, positive=True),
    "pamal": Row(rays=True),
    "lorpman": Row(rays=True, penalised=True),
    "umod": Row(BRIEF, directed=True),
}


class Asked(NamedTuple):
    """The Jacobians of K solutions; `rays` plays no part for a population."""

    rows: Any  # (K, m, d)
    losses: Any  # (K, m)
    rays: Any  # (K, m)


def options(name, m=2, number=3, flipped=False):
    """Return what the factory is given; `flipped` is with the directions in reverse order."""
    row = TABLE[name]
    given = {"num_objectives": m, **dict(row.options)}
    if row.directed:
        given["preferences"] = directions(m, number)[:: -1 if flipped else 1].tolist()
    return given | ({"num_rays": number} if row.rays else {})


def build(name, m=2, number=3, flipped=False):
    return moo.aggregator(name.split()[0], **options(name, m, number, flipped))


def directions(m, number):
    """Return equal angles for two objectives, and drawn directions for more."""
    if m > 2:
        return np.abs(np.random.default_rng(m).standard_normal((number, m)))
    angles = np.linspace(0, np.pi / 2, number)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


def width(m):
    """Return the number of parameters, which is the size of the smallest `LowRank`."""
    return 2 * m + 1


def start(name, m=2, number=3):
    """Return the first parameters."""
    if not TABLE[name].rays:
        return worked.start(number, width(m))
    if not TABLE[name].penalised:
        return jnp.zeros(width(m))
    factors = jnp.linspace(0.5, 1.5, 2 * m).reshape(2, m, 1, 1)
    return LowRank(jnp.zeros((1, 1)), (factors[0],), (factors[1],))


def stepper(name, tx):
    """Return (state, asked) -> (state, v) of one step; v is of shape (K, d), or (d,) with rays."""

    def step(state, asked):
        number, m = asked.losses.shape
        params = start(name, m, number)
        if TABLE[name].rays:
            jac = worked.conditioned(asked.losses, asked.rows, asked.rays, params)
            updates, state = tx.update(jac, state, params)
            return state, ravel_pytree(updates)[0]
        updates, state = tx.update(worked.population(asked.losses, asked.rows), state, params)
        return state, updates[:, :-1]

    return step


def first_step(name, m=2, number=3, flipped=False):
    """Return asked -> (state, v) of the first step."""
    tx = build(name, m, number, flipped)
    return lambda asked: stepper(name, tx)(tx.init(start(name, m, number)), asked)


def drawn(seed, m, number):
    """Draw Jacobians, losses and rays in general position."""
    rng = np.random.default_rng(seed)
    parts = (
        rng.standard_normal((number, m, width(m))),
        rng.uniform(0.3, 2, (number, m)),
        rng.dirichlet(np.ones(m), number),
    )
    return Asked(*(part.astype(np.float32) for part in parts))


@cache
def program(name, flipped=False):
    """Return the first step on a stack of what may be asked, compiled."""
    return jax.jit(jax.vmap(first_step(name, flipped=flipped)))
