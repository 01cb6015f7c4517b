"""Weights by the rate at which each loss fell of late."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_count, check_number
from moo.aggregators.losses._masked import number, softmax


class DwaState(NamedTuple):
    """The open window's losses, the last closed one's mean, and the ratio of the last two means."""

    totals: Array  # (m,), losses in the open window
    steps: Array  # (m,), int32, how many they are
    means: Array  # (m,), of the last closed window
    closed: Array  # (m,), bool, whether there is one
    ratios: Array  # (m,), 1 until two windows are closed


def dwa(num_objectives: int, *, temperature: ArrayLike = 2.0, window: int = 25) -> Aggregator:
    r"""Give more weight to the losses that fell least from one window to the next.

    $w_i = m\, \mathrm{softmax}_i(r / T)$ with $r_i = \bar\ell_i(t-1) / \bar\ell_i(t-2)$, the ratio
    of the mean losses in the last two closed windows of steps. Until there are two, r = 1: equal
    weights.

    Args:
        num_objectives: the number m of objectives.
        temperature: T > 0 (2 in the paper); large T gives equal weights.
        window: steps a window, at least 1. An epoch in the paper: set it to the number of batches.
            25 is the value of Nash-MTL's code.

    Returns:
        A linear aggregator of one backward pass, sum scale, with a `DwaState`. A window counts an
        objective's own active steps. Ratios need losses that are not 0.

    Raises:
        TypeError: if `window` is no int.
        ValueError: if the temperature is not positive, or `window` is below 1.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> method = moo.dwa(num_objectives=2, window=1)
        >>> state = method.init(jnp.zeros(2))
        >>> for losses in ([1.0, 1.0], [1.0, 0.5], [1.0, 0.5]):
        ...     jac = moo.stacked_jacobian(jnp.eye(2), jnp.array(losses))
        ...     update, state = method.update(jac, state)
        >>> [round(float(entry), 3) for entry in update]
        [1.124, 0.876]

    Source: Liu, Johns, Davison, "End-to-End Multi-Task Learning with Attention", CVPR 2019,
    arXiv 1803.10704.
    Differs from the paper: windows of steps in place of epochs.
    """
    check_number("temperature", temperature, strict=True)
    check_count("window", window, low=1)

    def init(params: Params, dtype: Any) -> DwaState:
        zeros, none = jnp.zeros(num_objectives, dtype), jnp.zeros(num_objectives, bool)
        ones = jnp.ones(num_objectives, dtype)
        return DwaState(zeros, none.astype(jnp.int32), jnp.copy(zeros), none, ones)

    def weigh(losses: Array, state: DwaState, *, active: Array) -> tuple[Array, DwaState]:
        shares = softmax(state.ratios, temperature, active)
        return number(active, losses.dtype) * shares, _record(state, losses, active, window)

    return from_losses(num_objectives, init, weigh)


def _record(state: DwaState, losses: Array, active: Array, window: int) -> DwaState:
    """Add the active losses to their windows, and close those that are full."""
    totals = state.totals + jnp.where(active, losses, 0)
    steps = state.steps + active
    full = steps == window
    mean, before = totals / window, jnp.where(state.closed, state.means, 1)
    # A ratio beyond the largest float would make the softmax NaN, and means the same weights.
    ratio = jnp.where(before != 0, jnp.minimum(mean / before, jnp.finfo(mean.dtype).max), jnp.nan)
    return DwaState(
        jnp.where(full, 0, totals),
        jnp.where(full, 0, steps),
        jnp.where(full, mean, state.means),
        state.closed | full,
        jnp.where(full & state.closed, ratio, state.ratios),
    )
