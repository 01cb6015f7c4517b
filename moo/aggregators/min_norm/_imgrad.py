"""IMGrad: between the conflict-averse and the min-norm problem, by how unequal gradients are."""

from typing import Literal, TypeAlias

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_number
from moo.aggregators._solvers._hull import hull_norm
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._rows import Rows, dot, rounding, times
from moo.aggregators._solvers._solution import Solution

Rule: TypeAlias = Literal["paper", "code"]


def imgrad(
    num_objectives: int,
    *,
    c: ArrayLike = 0.5,
    objective: Rule = "paper",
    rescale: Rule = "paper",
) -> Aggregator:
    r"""Move the mean gradient towards the worst-off objectives, the more so the less balanced.

    With $g_0$ the mean row, $g_m$ MGDA's direction, $\mu = \cos(g_0, g_m)$, $\sqrt\phi = c \lVert
    g_0 \rVert$ and $g_w = J^\top w$: $w = \arg\min_{w \in \Delta} (1 - \mu) (g_w^\top g_0 +
    \sqrt\phi \lVert g_w \rVert) + \mu \lVert g_w \rVert^2$ and $v = g_0 + \sqrt\phi\, g_w / \lVert
    g_w \rVert$. $\mu = 0$ is CAGrad. Where $g_m = 0$ (a zero row, opposite rows) $\mu$ is taken as
    0; where $g_w = 0$, $v = g_0$. v may conflict.

    Args:
        num_objectives: the number m of objectives.
        c: radius of the ball around $g_0$ in units of its length, at least 0 (0.5 in the authors'
            code; 0.8 in its Cityscapes script).
        objective: `"paper"` as above (Eq. 9); `"code"` minimises $(1.5 - \mu) g_w^\top g_0 + \mu
            \sqrt\phi \lVert g_w \rVert$.
        rescale: `"paper"` for v as above; `"code"` multiplies it by $m / (1 + c^2)$, m being the
            number of active objectives, as the authors' code does.

    Returns:
        An aggregator of `mean` scale, without state, for m backward passes. Its `residual` is the
        larger of the two problems' relative duality gaps.

    Raises:
        ValueError: if `c` is negative or not finite, or an option unknown.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.imgrad(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 1.0]]))
        >>> update, _ = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.75, 0.75]

    Source: Zhou, Liu, Zhao and Gong, "Injecting Imbalance Sensitivity for Multi-Task Learning",
    IJCAI 2025, arXiv 2503.08006.
    Differs from the paper: what happens where $\mu$ or the direction is not defined. Its simplified
    Eq. 11 has terms of different units and is left out, as is the variant with Nash bargaining.
    """
    check_number("c", c)
    check_choice("objective", objective, Rule)
    check_choice("rescale", rescale, Rule)

    def weigh(
        gram: Gram, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[Solution, tuple[()]]:
        rows = Rows.of(gram, active)
        nearest = min_norm(gram, active)
        own = rows.length / rows.number
        radius = c * _norm(rows, own)
        balance = _cosine(rows, own, rows.length * nearest.weights)
        linear = rows.length * times(rows.cosines, own)
        if objective == "paper":
            rest = 1 - balance
            solved = hull_norm(gram, active, rest * linear, rest * radius, 2 * balance)
        else:
            # A norm that counts for nothing must still tell equal linear terms apart.
            tau = jnp.maximum(balance * radius, rounding(own.dtype) * _norm(rows, own))
            solved = hull_norm(gram, active, (1.5 - balance) * linear, tau)
        pull = rows.length * solved.weights
        size = _norm(rows, pull)
        units = own + pull * jnp.where(size > 0, radius / jnp.where(size > 0, size, 1), 0)
        factor = rows.number / (1 + c**2) if rescale == "code" else 1
        weights = factor * jnp.where(rows.present, rows.per_length(units), 1 / rows.number)
        # Where g_w = 0 the objective is 0 too, and a gap relative to it says nothing.
        gap = jnp.maximum(nearest.residual, jnp.where(size > 0, solved.residual, 0))
        return rows.solution(weights, jnp.where(radius == 0, 0, gap)), state

    return from_gram(num_objectives, no_state, weigh)


def _norm(rows: Rows, units: Array) -> Array:
    """Return the length of a combination of unit rows, 0 where it is below its rounding error."""
    square = dot(units, times(rows.cosines, units))
    noise = rounding(units.dtype) * jnp.sum(jnp.abs(units)) ** 2
    return jnp.sqrt(jnp.where(square > noise, square, 0))


def _cosine(rows: Rows, a: Array, b: Array) -> Array:
    """Return the cosine of two combinations of unit rows in [0, 1], 0 where one vanishes."""
    lengths = _norm(rows, a) * _norm(rows, b)
    cosine = dot(a, times(rows.cosines, b)) / jnp.where(lengths > 0, lengths, 1)
    return jnp.where(lengths > 0, jnp.clip(cosine, 0, 1), 0)
