"""Whether every loss falls along a method's direction, and for how long a step."""

from collections.abc import Sequence
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.diagnostics.theory._noise import check_method, exact_jacobian, settle
from moo.problems import Problem

_STEPS = tuple(10.0 ** np.arange(-6, 1.01, 0.25))
_ROUNDING = 64  # of units in the last place of a loss, which are no rise


class DescentCertificate(NamedTuple):
    """What a method's exact directions do to the losses, point by point.

    Attributes:
        slopes: (n, m), the decrease of each loss per unit of the step, relative to the lengths of
            its gradient and of the direction: the cosine of the two.
        conflict_free: (n,) bool, whether no loss rises to first order; so where the direction is
            0, and not where it is NaN.
        longest: (n,), the longest of the steps tried up to which no loss rises by more than
            rounding; 0 where one rises to first order or at the first of them.
        steps: (S,), the steps tried, in multiples of the direction.
    """

    slopes: np.ndarray
    conflict_free: np.ndarray
    longest: np.ndarray
    steps: np.ndarray


def descent_certificate(
    problem: Problem,
    method: Aggregator,
    points: ArrayLike,
    *,
    steps: Sequence[float] = _STEPS,
    warmup: int = 0,
) -> DescentCertificate:
    r"""Check at some points whether a method's direction lowers every loss.

    $c_i = g_i^\top v / (\|g_i\| \|v\|)$, of which none must be negative, and the largest step t of
    those tried with $f_i(x - s v) \le f_i(x)$ for every i and every tried $s \le t$.

    Args:
        problem: the problem; its expected losses count.
        method: the aggregator.
        points: (n, d).
        steps: step sizes to try, increasing and positive.
        warmup: steps at a point before the one that counts, for methods that remember.

    Returns:
        Cosines, whether none is negative, and the longest step.

    Raises:
        TypeError: if the method is no aggregator.
        ValueError: if the points do not fit, or the steps do not increase.

    Example:
        >>> import moo
        >>> problem = moo.problem("noisy_quadratics", dim=2)
        >>> found = descent_certificate(problem, moo.upgrad(2), [[1.5, 1.5], [2.0, -1.0]])
        >>> found.conflict_free.tolist(), bool((found.longest > 0.5).all())
        ([True, True], True)

    Source: own; the first-order condition is non-conflict as Quinton and Rey, arXiv:2406.16232,
        define it.
    """
    check_method(method)
    x, tried = jnp.asarray(points, dtype=float), jnp.asarray(steps, dtype=float)
    if x.ndim != 2 or x.shape[1] != problem.dim:
        raise ValueError(f"points must be (n, {problem.dim}), got {x.shape}")
    if not len(steps) or not (np.diff([0, *steps]) > 0).all():
        raise ValueError(f"steps must be positive and increase, got {list(steps)}")
    rounding = _ROUNDING * jnp.finfo(x.dtype).eps

    def one(x: Array) -> tuple[Array, Array, Array]:
        rows, losses = jax.jacobian(problem.objectives)(x), problem.objectives(x)
        v, _ = settle(method, exact_jacobian(problem, x), x, warmup)
        scale = jnp.linalg.norm(rows, axis=1) * jnp.linalg.norm(v)
        zero = scale == 0
        slopes = jnp.where(zero, 0, rows @ v / jnp.where(zero, 1, scale))
        after = jax.vmap(lambda t: problem.objectives(x - t * v))(tried)
        fine = (after <= losses + rounding * jnp.maximum(jnp.abs(losses), 1)).all(axis=1)
        free = (slopes >= -rounding).all()
        longest = jnp.max(jnp.where(jnp.cumprod(fine) > 0, tried, 0))
        return slopes, free, jnp.where(free, longest, 0)

    slopes, free, longest = map(np.asarray, jax.jit(jax.vmap(one))(x))
    return DescentCertificate(slopes, free, longest, np.asarray(tried))
