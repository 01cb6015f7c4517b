"""EPO's linear programs: balance the weighted losses, or lower them all."""

import functools
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._gram import Gram
from moo._types import Array
from moo.aggregators._solvers._linear_program import Program, linear_program
from moo.aggregators._solvers._rows import Rows, nonzero, times
from moo.aggregators._solvers._solution import Solution


class Imbalance(NamedTuple):
    """How far the weighted losses are from equal.

    Attributes:
        weighted: shape (m,); the weighted losses as shares of their sum, 0 where inactive.
        divergence: (): their divergence from equal shares.
        adjustments: shape (m,); a, the ascent direction of the divergence in the losses, scaled.
    """

    weighted: Array
    divergence: Array
    adjustments: Array

    @classmethod
    def of(cls, losses: Array, factors: Array, active: Array) -> "Imbalance":
        r"""Measure $\mu = \sum_i s_i \log(m s_i)$ and $a = r (\log(m s) - \mu)$."""
        weighted = jnp.where(active, factors * losses, 0)
        weighted = weighted / nonzero(jnp.max(weighted))
        shares = weighted / nonzero(jnp.sum(weighted))
        number = jnp.maximum(jnp.sum(active), 1).astype(shares.dtype)
        logs = jnp.where(shares == 0, 0, jnp.log(number * jnp.where(shares == 0, 1, shares)))
        divergence = jnp.sum(shares * logs)
        pulls = jnp.where(active & (factors > 0), factors * (logs - divergence), 0)
        return cls(shares, divergence, pulls)


@functools.partial(jax.jit, static_argnames="relax")
def exact_pareto(
    gram: Gram,
    losses: Array,
    factors: Array,
    active: Array,
    eps: ArrayLike = 1e-4,
    relax: bool = False,
) -> Solution:
    r"""Weigh the rows so that a step makes the weighted losses equal, or lowers all losses.

    With $C = J J^\top$, while $\mu > \epsilon$: $\max_{\alpha \in \Delta} \alpha^\top C a$ where
    losses that the adjustment would raise fall no slower than by it, and the largest ones do not
    rise. Else: $\max_{\alpha \in \Delta} \mathbf 1^\top C \alpha$ where none rises.

    Args:
        gram: Gramian of the rows.
        losses: shape (m,), positive where active; else the weights are NaN.
        factors: r, shape (m,), non-negative; the products $r_i \ell_i$ are to be equal.
        active: shape (m,), bool.
        eps: $\epsilon$, the divergence of the weighted losses that counts as equal.
        relax: whether a descent may raise the divergence.

    Returns:
        Weights in the simplex; $r / \sum r$ where no weights meet the constraints, with
        `converged` False.
    """
    rows = Rows.of(gram, active)
    imbalance = Imbalance.of(losses, factors, active)
    vertex = linear_program(_program(rows, imbalance, eps, relax))
    share = jnp.where(rows.present, rows.share, active.astype(losses.dtype))
    chosen = jnp.where(vertex.feasible, share * vertex.point, jnp.where(active, factors, 0))
    weights = chosen / nonzero(jnp.sum(chosen))
    positive = jnp.where(active, losses > 0, True).all()
    weights = jnp.where(positive, weights, jnp.nan)
    idle = ~active.any()
    residual = jnp.where(idle, 0, vertex.residual)
    return rows.solution(weights, residual, vertex.converged | idle)


def _program(rows: Rows, imbalance: Imbalance, eps: ArrayLike, relax: bool) -> Program:
    """Pose both problems in unit rows, with $x_i$ the length of the i-th part of v."""
    length = rows.length
    pulls = times(rows.cosines, imbalance.adjustments * length)  # (C a) over the norms
    balancing = imbalance.divergence > eps
    rising = rows.active & (pulls > 0)
    largest = rows.active & (imbalance.weighted == jnp.max(imbalance.weighted))
    free = balancing & rising & ~largest
    bounds = jnp.where(balancing & rising.any() & ~largest, pulls, 0)
    goal = jnp.where(balancing, pulls, times(rows.cosines, length))
    limit = jnp.minimum(jnp.max(jnp.where(rows.active, length * pulls, -jnp.inf)), 0)
    restricted = ~balancing & (not relax)
    return Program(
        goal=goal,
        rows=jnp.concatenate([rows.cosines, pulls[None]]),
        bounds=jnp.append(bounds, limit),
        share=jnp.where(rows.present, rows.share, rows.active.astype(length.dtype)),
        total=jnp.min(jnp.where(rows.present, length, 1)),
        allowed=rows.active,
        kept=jnp.append(rows.present & ~free, restricted),
    )
