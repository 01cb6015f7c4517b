"""Trimmed mean: the mean of each entry without its extremes."""

import jax
import jax.numpy as jnp

from moo._types import Array, PyTree
from moo.aggregators._base import Aggregator, no_state
from moo.aggregators._checks import check_count
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import column


def trimmed_mean(num_objectives: int, *, trim: int = 1) -> Aggregator:
    r"""Average every entry over the objectives without its `trim` smallest and largest values.

    $v_k = \frac{1}{m - 2b} \sum_{r=b+1}^{m-b} g_{(r)k}$ with the k-th entries sorted and
    $b$ = `trim`. Up to b gradients may be anything without taking v out of the others' range.

    Args:
        num_objectives: the number m of objectives.
        trim: b >= 0 values left out at either end. Where 2b values or fewer are active, as many as
            leave one or two: the median. The paper takes $b = \beta m$ with $\beta$ at least the
            share of corrupted gradients; 1 here.

    Returns:
        An aggregator of m backward passes, mean scale, without state. A zero row counts as the
        value 0. Two rows give their mean, so exactly opposite ones g and -rho g half of
        (1 - rho) g.

    Raises:
        TypeError: if `trim` is no int.
        ValueError: if it is negative.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 9.0], [3.0, -7.0], [100.0, 1.0]]))
        >>> method = moo.trimmed_mean(num_objectives=3)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [3.0, 1.0]

    Source: Yin, Chen, Ramchandran, Bartlett, "Byzantine-Robust Distributed Learning: Towards
    Optimal Statistical Rates", ICML 2018, arXiv 1803.01498; there over workers.
    Differs from the paper: a number is trimmed instead of a share of the rows.
    """
    check_count("trim", trim, low=0)

    def aggregate(
        rows: PyTree, losses: Array | None, state: tuple[()], *, active: Array
    ) -> tuple[PyTree, tuple[()]]:
        number = jnp.sum(active)
        cut = jnp.minimum(trim, jnp.maximum(number - 1, 0) // 2)
        rank = jnp.arange(num_objectives)
        kept = (rank >= cut) & (rank < number - cut)
        share = 1 / jnp.maximum(number - 2 * cut, 1)

        def one(leaf: Array) -> Array:
            ordered = jnp.sort(jnp.where(column(active, leaf), leaf, jnp.inf), axis=0)
            chosen = jnp.where(column(kept, leaf), ordered, 0)
            return jnp.sum(chosen * share.astype(leaf.dtype), axis=0)

        return jax.tree.map(one, rows), state

    return from_rows(num_objectives, no_state, aggregate)
