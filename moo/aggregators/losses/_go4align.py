"""Weights by groups of objectives whose losses, past and present, are alike."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_count, check_number
from moo.aggregators.losses._k_means import centroids
from moo.aggregators.losses._masked import positive


class Go4AlignState(NamedTuple):
    """The logarithms of p up to a common constant, shape (m,)."""

    logits: Array


def go4align(num_objectives: int, *, eta: ArrayLike = 1e-4, groups: int = 1) -> Aggregator:
    r"""Give each group of objectives one weight, by their losses of now and before.

    $p_i \propto p_i e^{-\eta \ell_i}$ in every step, from $p_i = 1/m$;
    $a_i = p_i \sum_j \ell_j / \ell_i$; the numbers $a_i$ are clustered by k-means, and $w_i$ is
    the mean of i's cluster.

    Args:
        num_objectives: the number m of objectives.
        eta: $\eta \ge 0$, per unit of loss (1e-4 in the authors' trainer).
        groups: the number K of clusters, at least 1. 1 in the authors' trainer, where all weights
            are then equal; the paper chooses it for each data set.

    Returns:
        A linear aggregator of one backward pass with a `Go4AlignState`; the weights add up to m
        where all losses are equal. An inactive objective is in no group and keeps its p. A loss
        of 0 or less makes the step NaN; $a_i$ stops at the dtype's largest number over 2m.

    Raises:
        TypeError: if `groups` is no int.
        ValueError: if eta is negative, or `groups` below 1.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(3), jnp.array([1.0, 1.0, 4.0]))
        >>> method = moo.go4align(num_objectives=3, eta=0.0, groups=2)
        >>> method.update(jac, method.init(jnp.zeros(3)))[0].tolist()
        [2.0, 2.0, 0.5]

    Source: Shen, Wang, Xiao, van Noord, Worring, "GO4Align: Group Optimization for Multi-Task
    Alignment", NeurIPS 2024, arXiv 2404.06486; rule as in its code.
    Differs from the paper: the clusters are the best ones, where the code starts k-means at
    random.
    """
    check_number("eta", eta)
    check_count("groups", groups, low=1)

    def init(params: Params, dtype: Any) -> Go4AlignState:
        return Go4AlignState(jnp.zeros(num_objectives, dtype))

    def weigh(losses: Array, state: Go4AlignState, *, active: Array) -> tuple[Array, Go4AlignState]:
        losses = positive(losses, active)
        logits = jnp.where(active, state.logits - eta * losses, state.logits)
        logs = jax.nn.log_softmax(jnp.where(active, logits, -jnp.inf)) - jnp.log(losses)
        total = jnp.sum(losses, where=active)
        most = math.log(float(jnp.finfo(losses.dtype).max) / (2 * num_objectives))
        indicators = jnp.where(active, jnp.exp(jnp.minimum(logs + jnp.log(total), most)), 0)
        weights = centroids(indicators, active, groups)
        return weights, Go4AlignState(logits.astype(losses.dtype))

    return from_losses(num_objectives, init, weigh)
