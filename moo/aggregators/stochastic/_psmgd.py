"""PSMGD: min-norm weights, computed in every R-th step only."""

from typing import Any

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import check_count, check_share
from moo.aggregators._solvers._min_norm import min_norm
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.wrappers._ema_weights import ema_weights
from moo.aggregators.wrappers._every_k import every_k


def psmgd(num_objectives: int, *, period: int = 8, smoothing: float | Array = 0.0) -> Aggregator:
    r"""Compute min-norm weights in every R-th step and reuse them in between.

    $\lambda = \arg\min_{\lambda \in \Delta} \lVert J^\top \lambda \rVert^2$ at steps 0, R, 2R,
    ...; at every step $v = m\, J^\top \lambda$. A zero row at a refresh takes all the weight for R
    steps.

    Args:
        num_objectives: the number m of objectives.
        period: R >= 1 (8 in the authors' code).
        smoothing: $\alpha$ in [0, 1) of $\lambda \leftarrow \alpha \lambda + (1 - \alpha)
            \hat\lambda$ at a refresh after the first; 0: none, as in the authors' code, where an
            average is computed but never reaches the loss. A later implementation has 0.5.

    Returns:
        A linear aggregator with an `EveryKState`, whose weights add up to the number of
        objectives that are active at a refresh; in between, those of objectives that are no
        longer active are missing. It costs (m + R - 1)/R backward passes a step on average, if
        its counter stays out of `vmap`. It decreases every loss only at a refresh.

    Raises:
        TypeError: if `period` is no int, or `smoothing` no number.
        ValueError: if `period` or `smoothing` is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.psmgd(2, period=8)
        >>> first, later = jnp.array([[1.0, 0.0], [0.0, 1.0]]), jnp.array([[5.0, 0.0], [0.0, 1.0]])
        >>> _, state = tx.update(moo.stacked_jacobian(first), tx.init(jnp.zeros(2)))
        >>> v, state = tx.update(moo.stacked_jacobian(later), state)
        >>> v.round(4).tolist()
        [5.0, 1.0]

    Source: Xu, Ju, Liu, Yang, "PSMGD: Periodic Stochastic Multi-Gradient Descent for Fast
    Multi-Objective Optimization", AAAI 2025, arXiv 2412.10961; factor m and R as in its code.
    Differs from the paper: the minimum is exact.
    """
    check_count("period", period, low=1)
    check_share("smoothing", smoothing)
    scaled = from_gram(num_objectives, no_state, _scaled_min_norm)
    if isinstance(smoothing, int | float) and not smoothing:
        return every_k(scaled, period)
    return every_k(ema_weights(scaled, smoothing), period)


def _scaled_min_norm(
    gram: Gram, losses: Array | None, state: Any, *, active: Array
) -> tuple[Solution, Any]:
    answer = min_norm(gram, active)
    return answer._replace(weights=answer.weights * active.sum()), state
