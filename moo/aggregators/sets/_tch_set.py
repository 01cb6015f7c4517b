"""TCH-Set: the worst objective of a set, and its mean instead of the worst."""

from typing import Any, Literal

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import Preference, check_preference
from moo.aggregators._ties import shared
from moo.aggregators.losses._tchebycheff import check_point
from moo.aggregators.sets._base import from_population, no_own_state
from moo.aggregators.sets._shifted import shifted

Reduction = Literal["max", "mean"]


def tch_set(
    num_objectives: int,
    *,
    reduction: Reduction = "max",
    preference: Preference | None = None,
    ideal: ArrayLike = 0.0,
) -> Aggregator:
    r"""Descend the worst objective, each served by the best of K solutions.

    $\max_i \min_k f_{ki}$ with $f_{ki} = \lambda_i (\ell_i(\theta_k) - z_i)$: only the loss that
    attains it has a weight. With `reduction="mean"` it is SoM, $\tfrac1m \sum_i \min_k f_{ki}$.

    Args:
        num_objectives: the number m of objectives.
        reduction: over the objectives: `"max"` (paper), or `"mean"` (its baseline, sum of minima).
        preference: $\lambda$, shape (m,), non-negative. None: 1 for every objective, as in the
            authors' code.
        ideal: $z$, a number or shape (m,): what the losses cannot fall below.

    Returns:
        An aggregator for `moo.population_jacobian`, with a `SetState`. Without a preference the
        K m weights add up to 1; where several losses attain an extremum, they share its weight
        equally. One backward pass a solution.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.tch_set(2)
        >>> population = jnp.array([[1.0, 3.0], [4.0, 2.0]])
        >>> jac = moo.population_jacobian(lambda x: x, population)
        >>> update, _ = tx.update(jac, tx.init(population))
        >>> update.tolist()
        [[0.0, 0.0], [0.0, 1.0]]

    Source: Lin, Liu, Zhang, Liu, Wang, Zhang, "Few for Many: Tchebycheff Set Scalarization for
    Many-Objective Optimization", ICLR 2025, arXiv 2405.19650.
    Differs from the paper: ties are shared equally, which its code leaves to `argmin`.
    """
    check_choice("reduction", reduction, Reduction)
    check_preference(preference, num_objectives)
    check_point("ideal", ideal, num_objectives)

    def weigh(jac: Any, losses: Array, state: tuple[()]) -> tuple[Array, tuple[()]]:
        values, factor = shifted(losses, preference, ideal)
        best = jnp.min(values, axis=0)
        over = jnp.max(best) if reduction == "max" else best
        return factor * shared(best == over, 0) * shared(values == best, 0), state

    return from_population(num_objectives, no_own_state, weigh)
