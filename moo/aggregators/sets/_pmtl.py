"""PMTL: each solution descends within its own sector of the objective space."""

import functools
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Gram
from moo._jacobian._gram import scale_exponents, times_power_of_two
from moo._types import Array
from moo.aggregators._base import Aggregator, cast_gram
from moo.aggregators._checks import check_count
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.sets._base import from_population
from moo.aggregators.sets._directions import unit_preferences


class PmtlState(NamedTuple):
    """Steps so far, and which solutions have been in their sector."""

    steps: Array  # (), int32
    reached: Array  # (K,), bool


def pmtl(
    num_objectives: int,
    *,
    preferences: ArrayLike | None = None,
    warmup: int | None = None,
    rescale: bool = False,
) -> Aggregator:
    r"""Take the steepest common descent of the losses and of what leads into the own sector.

    Preferences are divided by their lengths, $u_k$. Solution k is outside its sector towards $j \in
    A_k$ if $(u_j - u_k)^\top \ell(\theta_k) > 0$; those rows are $a_j^\top J_k = (u_j - u_k)^\top
    J_k$. Until its sector is reached it follows the shortest vector in the hull of $\{a_j^\top
    J_k\}_{j \in A_k}$ alone; afterwards that of the gradients and the same rows together. So $w_k =
    s + \sum_{j \in A_k} s_j a_j$, which may have negative entries.

    Args:
        num_objectives: the number m of objectives.
        preferences: one a solution, shape (K, m), non-negative, in the space of the losses. None,
            for two objectives: K directions at equal angles, the axes included (paper).
        warmup: the most steps of the first stage (20 of 100 in the paper's toy problem). None: no
            limit, since small steps need many to reach their sectors.
        rescale: whether the weights of the second stage are scaled to $\sum_i |w_i| = m$, as in
            the authors' training code.

    Returns:
        An aggregator for `moo.population_jacobian`, with a `SetState` whose `residual` is
        `moo.mgda`'s for each solution. m backward passes a solution.

    Raises:
        TypeError: if `warmup` is neither an int nor None.
        ValueError: if the preferences are missing, or of a wrong shape or number.

    Example:
        >>> import jax, jax.numpy as jnp, moo, optax
        >>> problem = moo.problem("fonseca_fleming", dim=2)
        >>> tx = optax.chain(moo.pmtl(2), optax.sgd(0.1))
        >>> population = jnp.asarray(problem.starts[:3], jnp.float32)
        >>> jac = moo.population_jacobian(problem.objectives, population)
        >>> step = jax.jit(lambda state: tx.update(jac, state, population))
        >>> updates, _ = step(tx.init(population))
        >>> updates.shape
        (3, 2)

    Source: Lin, Zhen, Li, Zhang, Kwong, "Pareto Multi-Task Learning", NeurIPS 2019,
    arXiv 1912.12854.
    Differs from the paper: the hull problems are solved exactly; the weights hold for any number
    of objectives, where ports of the code have m = 2; `rescale` is its training code's.
    """
    if warmup is not None:
        check_count("warmup", warmup)
    directions = unit_preferences(num_objectives, preferences)

    def init(num_solutions: int, dtype: Any) -> PmtlState:
        directions(num_solutions)
        return PmtlState(jnp.zeros((), jnp.int32), jnp.zeros(num_solutions, bool))

    def weigh(jac: Any, losses: Array, state: PmtlState) -> tuple[Solution, PmtlState]:
        units = jnp.asarray(directions(len(losses)), losses.dtype)
        towards = units[None, :, :] - units[:, None, :]
        outside = jnp.sum(towards * losses[:, None, :], axis=2) > 0
        known = jnp.isfinite(losses).all(axis=1)
        reached = state.reached | (known & ~outside.any(axis=1))
        seeking = ~reached
        if warmup is not None:
            seeking &= state.steps < warmup
        gram = cast_gram(jac.gram(), losses.dtype)
        solve = jax.vmap(functools.partial(_descend, rescale=rescale))
        solution = solve(gram, towards, outside, seeking)
        # A loss without a value lies in no sector, which the comparisons above would not show.
        weights = jnp.where(known[:, None], solution.weights, jnp.nan)
        return solution._replace(weights=weights), PmtlState(state.steps + 1, reached)

    return from_population(num_objectives, init, weigh, needs="gram")


def _descend(
    gram: Gram, towards: Array, outside: Array, seeking: Array, *, rescale: bool
) -> Solution:
    """Weigh one solution: `towards` (K, m) are the a_j, `outside` (K,) says which are violated."""
    m = towards.shape[1]
    coefficients = jnp.concatenate([jnp.eye(m, dtype=towards.dtype), towards])
    allowed = jnp.concatenate([jnp.broadcast_to(~seeking, (m,)), outside])
    solution = min_norm(gram_of_combinations(gram, coefficients), allowed)
    weights = jnp.sum(solution.weights[:, None] * coefficients, axis=0)
    if rescale:
        mass = jnp.sum(jnp.abs(weights))
        weights = jnp.where(seeking | (mass == 0), 1, m / jnp.where(mass == 0, 1, mass)) * weights
    return solution._replace(weights=weights)


def gram_of_combinations(gram: Gram, coefficients: Array) -> Gram:
    """Return the Gramian of the rows C J, from that of J.

    Args:
        gram: Gramian of m rows.
        coefficients: C, shape (n, m). A row of C that is a basis vector keeps its cosines, up to
            rounding.
    """
    high = jnp.max(jnp.where(gram.norms > 0, gram.exponents, jnp.iinfo(jnp.int32).min // 4))
    scaled = coefficients * times_power_of_two(gram.norms, gram.exponents - high)
    exponents = scale_exponents([scaled])
    scaled = times_power_of_two(scaled, -exponents[:, None])
    halves = jnp.sum(scaled[:, None, :] * gram.cosines[None, :, :], axis=2)
    products = jnp.sum(halves[:, None, :] * scaled[None, :, :], axis=2)
    lengths = jnp.sqrt(jnp.maximum(jnp.diagonal(products), 0))
    return Gram.from_products(products, lengths, exponents + high)
