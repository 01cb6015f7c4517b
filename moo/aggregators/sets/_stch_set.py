"""STCH-Set: a few solutions that together serve many objectives."""

from typing import Any

import jax
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import Preference, check_number, check_preference
from moo.aggregators.losses._tchebycheff import check_point
from moo.aggregators.sets._base import from_population, no_own_state
from moo.aggregators.sets._shifted import shifted


def stch_set(
    num_objectives: int,
    *,
    mu: ArrayLike = 0.1,
    preference: Preference | None = None,
    ideal: ArrayLike = 0.0,
) -> Aggregator:
    r"""Descend the smooth worst objective, each served by the smooth best of K solutions.

    With $f_{ki} = \lambda_i (\ell_i(\theta_k) - z_i)$ the value is
    $\mu \log \sum_i \exp(s_i / \mu)$ of $s_i = -\mu \log \sum_k \exp(-f_{ki} / \mu)$, and
    $w_{ki} = \lambda_i \pi_i q_{ki}$ with $\pi = \mathrm{softmax}(s / \mu)$ over the objectives
    and $q_{\cdot i} = \mathrm{softmax}(-f_{\cdot i} / \mu)$ over the solutions.

    Args:
        num_objectives: the number m of objectives.
        mu: $\mu > 0$, in units of the losses (0.1 in the authors' quadratic example); towards 0
            it is `tch_set`.
        preference: $\lambda$, shape (m,), non-negative. None: 1 for every objective, as in the
            authors' code.
        ideal: $z$, a number or shape (m,): what the losses cannot fall below.

    Returns:
        An aggregator for `moo.population_jacobian`, with a `SetState`. Without a preference all
        K m weights add up to 1. One backward pass a solution. Identical solutions stay
        identical: start them apart. One solution is smooth Tchebycheff scalarisation.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.stch_set(2, mu=1e-3)
        >>> population = jnp.array([[1.0, 3.0], [4.0, 2.0]])
        >>> jac = moo.population_jacobian(lambda x: x, population)
        >>> _, state = tx.update(jac, tx.init(population))
        >>> state.weights.tolist()
        [[0.0, 0.0], [0.0, 1.0]]

    Source: Lin, Liu, Zhang, Liu, Wang, Zhang, "Few for Many: Tchebycheff Set Scalarization for
    Many-Objective Optimization", ICLR 2025, arXiv 2405.19650.
    Differs from the paper: none; without preference and ideal point as in the authors' code.
    """
    check_number("mu", mu, strict=True)
    check_preference(preference, num_objectives)
    check_point("ideal", ideal, num_objectives)

    def weigh(jac: Any, losses: Array, state: tuple[()]) -> tuple[Array, tuple[()]]:
        values, factor = shifted(losses, preference, ideal)
        nearest = -jax.nn.logsumexp(-values / mu, axis=0)
        shares = jax.nn.softmax(nearest)
        return factor * shares * jax.nn.softmax(-values / mu, axis=0), state

    return from_population(num_objectives, no_own_state, weigh)
