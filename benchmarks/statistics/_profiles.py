"""Shares of problems solved: within a factor of the best, and by a budget."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from benchmarks.statistics._scores import Float64, Int64, as_cube, as_flags


class Shares(NamedTuple):
    """A share of instances that grows along an axis: a step curve a method.

    Attributes:
        at: the axis, `(n,)`, rising: factors of the best cost, or budgets.
        share: `(methods, n)`, in [0, 1], constant from one point to the next.
        failures: failed runs, `(methods,)`.
    """

    at: Float64
    share: Float64
    failures: Int64


def performance_profile(costs: ArrayLike, factors: ArrayLike | None = None) -> Shares:
    """Share of instances on which a method's cost is within a factor tau of the best method's.

    rho_m(tau) = (1 / n) |{i : c_mi / min_m' c_m'i <= tau}| over the n = problems x seeds instances
    i. rho(1) is the share won, ties won by all; the limit for large tau is the share solved.

    Args:
        costs: `(methods, problems, seeds)`, positive, lower is better: seconds, backward passes, or
            a gap to the front. A run that is not finite has failed: its factor is infinite, and it
            is counted. An instance that all methods failed counts against all.
        factors: tau, `(n,)`, rising, at least 1; None takes every factor at which a curve steps.

    Returns:
        The factors and the shares. The curves depend on which methods take part.

    Raises:
        ValueError: if a shape is wrong, a cost is not positive, or factors do not rise from 1.

    Example:
        >>> from benchmarks.statistics import performance_profile
        >>> profile = performance_profile([[[1.0], [6.0]], [[2.0], [3.0]]])
        >>> profile.at.tolist(), profile.share.tolist()
        ([1.0, 2.0], [[0.5, 1.0], [0.5, 1.0]])

    Source: Dolan and More, Benchmarking optimization software with performance profiles,
        Mathematical Programming 91, 2002, arXiv:cs/0102001.
    """
    c = as_cube("costs", costs)
    failed = ~np.isfinite(c)
    c = np.where(failed, np.inf, c)
    if not (c > 0).all():
        raise ValueError(
            f"costs: must be positive, got {c.min()}; a gap that can be 0 needs a floor, "
            f"for example the tolerance that counts as solved"
        )
    best = c.min(axis=0)
    ratios = c / np.where(np.isfinite(best), best, 1.0)
    finite = np.unique(ratios[~failed])
    at = (finite if finite.size else np.ones(1)) if factors is None else _factors(factors)
    return Shares(at, _shares(ratios.reshape(len(c), -1), at), failed.sum(axis=(1, 2)))


def targets_reached(
    curves: ArrayLike, budgets: ArrayLike, targets: ArrayLike, *, higher_is_better: ArrayLike
) -> Shares:
    """Share of (problem, seed, target) triples that a method has reached by each budget.

    It is the empirical distribution of `budgets_to_targets`.

    Args:
        curves: scores at checkpoints, `(methods, problems, seeds, checkpoints)`. A run whose last
            checkpoint is not finite is counted as failed; targets that it reached before stay
            reached.
        budgets: spent at the checkpoints, as in `budgets_to_targets`.
        targets: `(targets,)` for all problems or `(problems, targets)`, finite.
        higher_is_better: one boolean, or one a problem.

    Returns:
        All budgets that occur, and the shares at them.

    Raises:
        ValueError: if shapes do not fit, budgets do not rise, or a number is not finite.

    Example:
        >>> from benchmarks.statistics import targets_reached
        >>> reached = targets_reached([[[[9.0, 3.0, 1.0]]]], [10, 20, 30], [5.0, 0.5],
        ...                           higher_is_better=False)
        >>> reached.share.tolist()
        [[0.0, 0.5, 0.5]]

    Source: Hansen et al., COCO: a platform for comparing continuous optimizers in a black-box
        setting, Optimization Methods and Software 36, 2021, arXiv:1603.08785.
    """
    taken = budgets_to_targets(curves, budgets, targets, higher_is_better=higher_is_better)
    at = np.unique(np.asarray(budgets, dtype=np.float64))
    failed = ~np.isfinite(np.asarray(curves, dtype=np.float64)[..., -1])
    return Shares(at, _shares(taken.reshape(len(taken), -1), at), failed.sum(axis=(1, 2)))


def budgets_to_targets(
    curves: ArrayLike, budgets: ArrayLike, targets: ArrayLike, *, higher_is_better: ArrayLike
) -> Float64:
    """Budget at the first checkpoint whose score is at least as good as the target.

    Args:
        curves: scores at checkpoints, `(methods, problems, seeds, checkpoints)`; what is not finite
            reaches nothing.
        budgets: spent at the checkpoints, rising: backward passes, or seconds. `(checkpoints,)`,
            or `(methods, checkpoints)` or `(methods, problems, checkpoints)`, since a step costs
            some methods one backward pass and others one an objective.
        targets: `(targets,)` for all problems or `(problems, targets)`, finite.
        higher_is_better: one boolean, or one a problem.

    Returns:
        Budgets, `(methods, problems, seeds, targets)`; infinite where a target was never reached.
        As costs they go into `performance_profile`, one target at a time.

    Raises:
        ValueError: if shapes do not fit, budgets do not rise, or a number is not finite.

    Example:
        >>> from benchmarks.statistics import budgets_to_targets
        >>> budgets_to_targets([[[[9.0, 3.0, 1.0]]]], [10, 20, 30], [5.0, 0.5],
        ...                    higher_is_better=False).tolist()
        [[[[20.0, inf]]]]
    """
    x = np.asarray(curves, dtype=np.float64)
    if x.ndim != 4 or x.size == 0:
        raise ValueError(
            f"curves: must have shape (methods, problems, seeds, checkpoints), none of them 0, "
            f"got {x.shape}"
        )
    spent = _budgets(budgets, x.shape)
    signs = np.where(as_flags(higher_is_better, x.shape[1]), 1.0, -1.0)
    turned = np.where(np.isfinite(x), x * signs[:, None, None], -np.inf)
    wanted = _targets(targets, x.shape[1]) * signs[:, None]
    return np.stack([_first(turned >= w[:, None, None], spent) for w in wanted.T], axis=-1)


def _first(hit: NDArray[np.bool_], spent: Float64) -> Float64:
    """Return the budget of the first hit, infinite where there is none, without the last axis."""
    first = np.argmax(hit, axis=-1)[..., None]
    budget = np.take_along_axis(np.broadcast_to(spent, hit.shape), first, axis=-1)[..., 0]
    return np.where(hit.any(axis=-1), budget, np.inf)


def _shares(ratios: Float64, at: Float64) -> Float64:
    """Return the share of each row that is at most each point."""
    counts = [np.searchsorted(np.sort(row), at, side="right") for row in ratios]
    return np.stack(counts) / ratios.shape[1]


def _factors(factors: ArrayLike) -> Float64:
    at = _rising("factors", np.asarray(factors, dtype=np.float64))
    if at.ndim != 1 or at[0] < 1:
        raise ValueError(f"factors: must be at least 1, of shape (n,), got {factors!r}")
    return at


def _budgets(budgets: ArrayLike, shape: tuple[int, ...]) -> Float64:
    """Return budgets that broadcast to the curves, `(methods or 1, problems or 1, 1, n)`."""
    spent = _rising("budgets", np.asarray(budgets, dtype=np.float64))
    methods, problems, _, n = shape
    if spent.shape not in ((n,), (methods, n), (methods, problems, n)):
        raise ValueError(
            f"budgets: must have shape ({n},), ({methods}, {n}) or ({methods}, {problems}, {n}), "
            f"got {spent.shape}"
        )
    lead = spent.shape[:-1] + (1,) * (3 - spent.ndim)
    return spent.reshape(*(lead if spent.ndim > 1 else (1, 1)), 1, n)


def _rising(name: str, at: Float64) -> Float64:
    """Return finite numbers that rise along the last axis, at least one."""
    if at.ndim == 0 or at.size == 0 or not np.isfinite(at).all() or (np.diff(at) <= 0).any():
        raise ValueError(f"{name}: must be finite and rise, got {at}")
    return at


def _targets(targets: ArrayLike, problems: int) -> Float64:
    t = np.asarray(targets, dtype=np.float64)
    if t.ndim not in (1, 2) or t.size == 0 or (t.ndim == 2 and len(t) != problems):
        raise ValueError(
            f"targets: must have shape (targets,) or ({problems}, targets), got {t.shape}"
        )
    if not np.isfinite(t).all():
        raise ValueError(f"targets: must be finite, got {targets!r}")
    return np.broadcast_to(t, (problems, t.shape[-1]))
