"""Smooth Tchebycheff scalarization of log losses, as for multi-task learning."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params
from moo.aggregators._base import Aggregator, from_losses
from moo.aggregators._checks import check_count, check_number
from moo.aggregators.losses._masked import number, positive, softmax


class StchMtlState(NamedTuple):
    """Active steps of each objective, up to the warm-up, and its losses in the window."""

    steps: Array  # (m,), int32
    totals: Array  # (m,)


def stch_mtl(
    num_objectives: int, *, mu: ArrayLike = 1.0, warmup: int = 500, window: int = 100
) -> Aggregator:
    r"""Smooth the worst log loss, relative to the losses after a warm-up.

    First $\min \sum_i \log \ell_i$, $w_i = 1 / \ell_i$, which is `scale_invariant`. The mean
    losses in the last `window` steps of this warm-up are the nadir n; from then on
    $\min m \mu \log \sum_i \exp(f_i / \mu)$ with $f_i = \log(\ell_i / n_i)$, so
    $w_i = m\, \mathrm{softmax}_i(f / \mu) / \ell_i$. No unit of a loss matters.

    Args:
        num_objectives: the number m of objectives.
        mu: $\mu > 0$ (1 in the authors' code).
        warmup: steps of the warm-up, at least `window`. In the authors' code four epochs and the
            one that is averaged: the default stands for epochs of 100 steps.
        window: how many of its last steps are averaged, at least 1; an epoch in the authors' code.

    Returns:
        A linear aggregator of one backward pass with a `StchMtlState`. Steps count while an
        objective is active; the warm-up ends when all those active have gone through it. A loss of
        0 or less makes the step NaN.

    Raises:
        TypeError: if `warmup` or `window` is no int.
        ValueError: if mu is not positive, or `warmup` below `window`, or `window` below 1.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> method = moo.stch_mtl(num_objectives=2, warmup=1, window=1)
        >>> state = method.init(jnp.zeros(2))
        >>> for losses in ([1.0, 1.0], [1.0, 3.0]):
        ...     jac = moo.stacked_jacobian(jnp.eye(2), jnp.array(losses))
        ...     update, state = method.update(jac, state)
        >>> [round(float(entry), 3) for entry in update]
        [0.5, 0.5]

    Source: Lin, Zhang, Yang, Liu, Wang, Zhang, "Smooth Tchebycheff Scalarization for
    Multi-Objective Optimization", ICML 2024, arXiv 2402.19078; rule as in its multi-task code.
    Differs from the paper: steps in place of epochs; no 1e-20 inside the logarithms, which would
    break the invariance for small losses.
    """
    check_number("mu", mu, strict=True)
    check_count("window", window, low=1)
    check_count("warmup", warmup, low=1)
    if warmup < window:
        raise ValueError(f"warmup must be at least window = {window} steps, got {warmup}")

    def init(params: Params, dtype: Any) -> StchMtlState:
        return StchMtlState(jnp.zeros(num_objectives, jnp.int32), jnp.zeros(num_objectives, dtype))

    def weigh(losses: Array, state: StchMtlState, *, active: Array) -> tuple[Array, StchMtlState]:
        losses = positive(losses, active)
        ready = jnp.all((state.steps >= warmup) | ~active)
        nadir = jnp.where(ready & active, state.totals / window, 1)
        shares = softmax(jnp.log(losses) - jnp.log(nadir), mu, active)
        slopes = jnp.where(ready, number(active, losses.dtype) * shares, 1)
        running = active & (state.steps < warmup)
        counted = running & (state.steps >= warmup - window)
        totals = state.totals + jnp.where(counted, losses, 0)
        return slopes / losses, StchMtlState(state.steps + running, totals)

    return from_losses(num_objectives, init, weigh)
