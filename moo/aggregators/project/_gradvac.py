"""Gradient vaccine: every pair of gradients is raised to the cosine that it usually has."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._types import Array, Params, as_typed_key
from moo.aggregators._base import Aggregator, from_gram
from moo.aggregators._checks import check_share
from moo.aggregators._solvers._rows import Rows, dot, rounding, times
from moo.aggregators._solvers._solution import Solution


class GradVacState(NamedTuple):
    """Target cosines, row i for what happens to gradient i, and the key of the next orders."""

    targets: Array  # (m, m)
    key: Array


def gradvac(num_objectives: int, *, decay: ArrayLike = 1e-2, key: int | Array = 0) -> Aggregator:
    r"""Raise the cosine of every gradient with each other to a running mean of it, and add up.

    For each i: $p = g_i$; for the other j in random order, with $\rho = \cos(p, g_j)$: if $\rho <
    \hat\rho_{ij}$, $p \leftarrow p + \frac{\lVert p \rVert (\hat\rho_{ij} \sqrt{1 - \rho^2} - \rho
    \sqrt{1 - \hat\rho_{ij}^2})}{\lVert g_j \rVert \sqrt{1 - \hat\rho_{ij}^2}} g_j$, after which
    $\cos(p, g_j) = \hat\rho_{ij}$; then $\hat\rho_{ij} \leftarrow (1 - \beta) \hat\rho_{ij} + \beta
    \rho$ with the $\rho$ before the correction. $v = \sum_i p_i$.

    The targets start at 0, so the first step is PCGrad's. They can become negative, and milder
    conflicts than usual are then left alone. Zero rows, whose weight is 1, and a p that has become
    0 (as with exactly opposite rows), are passed over. `moo.per_group` gives each layer targets of
    its own.

    Args:
        num_objectives: the number m of objectives.
        decay: $\beta$ in [0, 1] (0.01 in the paper as the ports report it; 0.5 in both ports).
        key: seed or typed random key of the orders.

    Returns:
        A linear aggregator of `sum` scale for m backward passes, with a `GradVacState`;
        deterministic for m = 2.

    Raises:
        TypeError: if the key is a raw one.
        ValueError: if `decay` is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.gradvac(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [-3.0, 4.0]]))
        >>> update, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(entry), 2) for entry in update]
        [0.64, 4.48]
        >>> round(float(state.inner.targets[0, 1]), 4)
        -0.006

    Source: Wang, Tsvetkov, Firat and Cao, "Gradient Vaccine: Investigating and Improving
    Multi-task Optimization in Massively Multilingual Models", ICLR 2021, arXiv 2010.05874.
    Differs from the paper: $|\hat\rho|$ is kept a rounding error's root below 1, where the formula
    divides by 0; the paper's $\beta$ was not read again.
    """
    check_share("decay", decay, closed=True)
    start = as_typed_key(key)

    def init(params: Params, dtype: Any) -> GradVacState:
        return GradVacState(jnp.zeros((num_objectives, num_objectives), dtype), jnp.copy(start))

    def weigh(
        gram: Gram, losses: Array | None, state: GradVacState, *, active: Array
    ) -> tuple[Solution, GradVacState]:
        key, draw = jax.random.split(state.key)
        rows = Rows.of(gram, active)
        keys = jax.random.split(draw, num_objectives)
        orders = jax.vmap(lambda k: jax.random.permutation(k, num_objectives))(keys)
        parts, targets = jax.vmap(_vaccinated, in_axes=(None, 0, 0, 0, None))(
            rows, jnp.arange(num_objectives), orders, state.targets, decay
        )
        units = times(parts.T, rows.length)
        weights = jnp.where(rows.zero, 1, rows.per_length(units))
        solution = rows.solution(weights, jnp.zeros((), units.dtype))
        return solution, GradVacState(targets.astype(state.targets.dtype), key)

    return from_gram(num_objectives, init, weigh)


@jax.jit
def _vaccinated(
    rows: Rows, i: Array, order: Array, targets: Array, decay: ArrayLike
) -> tuple[Array, Array]:
    """Return the unit rows' coefficients in the corrected unit row i, and its next targets."""
    dtype, m = rows.cosines.dtype, len(order)
    bound = 1 - float(jnp.finfo(dtype).eps) ** 0.5

    def visit(step: Array, carry: tuple[Array, Array]) -> tuple[Array, Array]:
        p, targets = carry
        j = order[step]
        projections = times(rows.cosines, p)
        square = dot(p, projections)
        alive = square > rounding(dtype) * jnp.sum(jnp.abs(p)) ** 2
        met = (j != i) & rows.present[j] & rows.present[i] & alive
        length = jnp.sqrt(jnp.where(alive, square, 1))
        cosine = jnp.clip(projections[j] / length, -1, 1)
        target = jnp.clip(targets[j], -bound, bound)
        gain = target * jnp.sqrt((1 - cosine**2) / (1 - target**2)) - cosine
        raised = p.at[j].add(jnp.where(met & (cosine < target), length * gain, 0))
        moved = (1 - decay) * targets[j] + decay * cosine
        return raised, targets.at[j].set(jnp.where(met, moved, targets[j]).astype(targets.dtype))

    start = (jnp.eye(m, dtype=dtype)[i], targets)
    return lax.fori_loop(0, m, visit, start, unroll=m <= 4)
