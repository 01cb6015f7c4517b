"""How close runs come to Pareto stationarity, and how close they keep to conflict avoidance."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._jacobian import stacked_jacobian
from moo._types import Array
from moo.aggregators.min_norm._mgda import mgda
from moo.diagnostics.theory._along import (
    Rate,
    Scheduled,
    at_horizon,
    check_lengths,
    follow,
    step_size,
)
from moo.diagnostics.theory._fit import Fit, fit_power
from moo.diagnostics.theory._noise import Step, check_stochastic
from moo.problems import Problem


class Convergence(NamedTuple):
    """Means over the steps of runs of growing length, by seed and horizon.

    Attributes:
        horizons: (H,), steps of a run.
        gap: (seeds, H), the mean squared length of the exact min-norm direction on the way: 0 at
            Pareto-stationary points.
        avoidance: (seeds, H), the mean squared distance from that one of the exact gradients
            combined by the weights of the step; NaN where a method has neither weights nor
            multipliers.
        gap_fit: the power of the horizon by which the gap falls.
        avoidance_fit: that of the distance.
    """

    horizons: np.ndarray
    gap: np.ndarray
    avoidance: np.ndarray
    gap_fit: Fit
    avoidance_fit: Fit


def convergence(
    problem: Problem,
    method: Scheduled,
    *,
    rate: Rate,
    key: Array,
    horizons: Sequence[int] = (100, 316, 1000, 3162),
    seeds: int = 10,
    batch_size: int = 6,
    start: ArrayLike | None = None,
) -> Convergence:
    r"""Measure Pareto stationarity and the conflict-avoidance distance along runs.

    With $d(x) = J(x)^\top \arg\min_{w \in \Delta} \|J(x)^\top w\|$ of the expected losses and
    $w_t$ the weights of the method, $\frac1T \sum_t \|d(x_t)\|^2$ and
    $\frac1T \sum_t \|J(x_t)^\top w_t - d(x_t)\|^2$ at each horizon T. Theorems tie step sizes to
    the horizon, so that each horizon has runs of its own.

    Args:
        problem: a stochastic problem.
        method: an aggregator, or horizon, a traced number, -> aggregator, so that its schedules
            may depend on it.
        rate: the step size, or horizon -> step size.
        key: a typed key; seed s of any method and horizon sees the same noise.
        horizons: steps of the runs, increasing; all runs are one program of the longest.
        seeds: runs a horizon.
        batch_size: samples in a batch.
        start: the first point, (d,); None takes the problem's first.

    Returns:
        Both means by seed and horizon, with fitted powers.

    Raises:
        TypeError: if the method is neither an aggregator nor a function.
        ValueError: if the problem is not stochastic, or a number of steps or seeds not positive.

    Example:
        >>> import jax, moo
        >>> found = convergence(
        ...     moo.problem("noisy_quadratics"), lambda horizon: moo.modo(2), seeds=4,
        ...     rate=lambda horizon: horizon**-0.5, key=jax.random.key(0), horizons=(50, 500))
        >>> found.gap.shape, found.gap_fit.exponent < 0
        ((4, 2), True)

    Source: own; the two quantities are those of Chen et al., MoDo, NeurIPS 2023, and of Xiao et
        al., SDMGrad, NeurIPS 2023.
    """
    check_stochastic(problem)
    first = jnp.asarray(problem.starts[0] if start is None else start, dtype=float)
    keys = jax.random.split(key, seeds)
    lengths = check_lengths("horizons", horizons, seeds)
    found = _runs(problem, method, rate, first, keys, lengths, batch_size) / lengths
    gap, avoidance = found[:, 0], found[:, 1]
    return Convergence(
        lengths, gap, avoidance, fit_power(lengths, gap), fit_power(lengths, avoidance)
    )


def _runs(
    problem: Problem, method: Scheduled, rate: Rate, start: Array, keys: Array,
    horizons: np.ndarray, batch: int,
) -> np.ndarray:  # fmt: skip
    """Return the sums of gaps and of squared distances, (seeds, 2, horizons)."""
    shortest, exact = mgda(problem.num_objectives), jax.jacobian(problem.objectives)
    build, length = at_horizon(method), step_size(rate)

    def tally(step: Step) -> Array:
        rows = exact(step.x)
        best, _ = shortest.update(stacked_jacobian(rows), shortest.init(step.x), step.x)
        away = jnp.nan * best if step.weights is None else step.weights @ rows - best
        return jnp.stack([jnp.sum(best**2), jnp.sum(away**2)])

    def run(key: Array, horizon: Array) -> Array:
        _, total = follow(
            problem, build(horizon), start,
            lambda t: jax.random.split(jax.random.fold_in(key, t), batch),
            longest=int(horizons.max()), steps=horizon, rate=length(horizon), tally=tally,
        )  # fmt: skip
        return jnp.asarray(total)

    every = jax.vmap(jax.vmap(run, (None, 0), out_axes=-1), (0, None))
    return np.asarray(jax.jit(every)(keys, jnp.asarray(horizons, float)), float)
