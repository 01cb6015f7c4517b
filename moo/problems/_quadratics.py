"""Convex quadratic objectives with Pareto sets in closed form."""

from collections.abc import Callable
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike

from moo.problems._problem import Float64, Problem

_SOURCE = "Quinton and Rey, Jacobian descent, arXiv:2406.16232"


def elementwise_quadratic() -> Problem:
    """The element-wise quadratic in the plane: f_i(x) = x_i^2.

    The origin is the only Pareto point, but on each axis one gradient is zero, so that both axes
    are weakly Pareto-stationary and trap some methods.

    Returns:
        The problem, with the five starts of the published figure; `pareto_set(n)` repeats the
        origin n times.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.elementwise_quadratic().objectives(jnp.array([3.0, -2.0])).tolist()
        [9.0, 4.0]

    Source: Quinton and Rey, Jacobian descent for multi-objective optimization,
        arXiv:2406.16232, Eq. 13 and Fig. 3.
    """
    return Problem(
        name="elementwise_quadratic",
        dim=2,
        num_objectives=2,
        objectives=_squares,
        starts=np.array([[3.0, -2.0], [0.0, -3.0], [-4.0, 4.0], [-3.0, 4.0], [-3.5, -0.75]]),
        window=(np.array([-5.0, -5.0]), np.array([5.0, 5.0])),
        pareto_set=_origin,
        pareto_front=_origin,
        reference_point=np.full(2, 16.0),
        max_hypervolume=256.0,
        hypervolume_from="closed form",
        source=_SOURCE,
    )


def quadratic_forms(
    factors: ArrayLike,
    centres: ArrayLike,
    *,
    name: str = "quadratic_forms",
    starts: ArrayLike | None = None,
    source: str = "given by the caller",
) -> Problem:
    """Convex quadratic forms: f_i(x) = (x - u_i)' B_i B_i' (x - u_i) = ||B_i'(x - u_i)||^2.

    With A_i = B_i B_i', the strong Pareto set is x(w) = (sum_i w_i A_i)^+ sum_i w_i A_i u_i over
    the simplex of weights w. It is given for two objectives, in points of equal distance along
    the curve.

    Args:
        factors: B, `(m, d, r)`.
        centres: the minimisers u, `(m, d)`.
        name: name of the problem.
        starts: `(n, d)` starting points; None takes the mean of the centres.
        source: where the numbers are from.

    Returns:
        The problem.

    Raises:
        ValueError: if the shapes do not belong together or an entry is not finite.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> two = moo.problems.quadratic_forms(jnp.ones((2, 1, 1)), [[1.0], [-1.0]])
        >>> two.objectives(jnp.array([0.5])).tolist(), two.pareto_set(3).ravel().tolist()
        ([0.25, 2.25], [-1.0, 0.0, 1.0])

    Source: the form of Eq. 14 in Quinton and Rey, arXiv:2406.16232.
    """
    b, u = _checked(factors, centres)
    m, dim = u.shape
    points = _curve(b @ b.swapaxes(1, 2), u) if m == 2 else None

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        offsets = x - jnp.asarray(u, x.dtype)
        return jnp.sum(_apply(jnp.asarray(b, x.dtype), offsets) ** 2, axis=1)

    def pareto_front(n: int) -> Float64:
        assert points is not None
        offsets = points(n)[:, None] - u
        return np.asarray(np.sum(np.einsum("mdr,nmd->nmr", b, offsets) ** 2, axis=2))

    return Problem(
        name=name,
        dim=dim,
        num_objectives=m,
        objectives=objectives,
        starts=u.mean(axis=0, keepdims=True) if starts is None else np.asarray(starts, float),
        pareto_set=points,
        pareto_front=None if points is None else pareto_front,
        source=source,
    )


def convex_quadratic_forms() -> Problem:
    """The two convex quadratic forms of the Jacobian-descent paper, in the plane.

    `quadratic_forms` with B_1 = R(t) diag(1, .1), B_2 = R(-t) diag(sqrt 3, .1), t = pi/16, where
    R turns by an angle, u_1 = (1, 0) and u_2 = (-1, 0). The gradients conflict all along a long
    narrow valley, and the Pareto set is a loop far above the segment between the centres.

    Returns:
        The problem, with the four starts of the published figure.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> cqf = moo.problems.convex_quadratic_forms()
        >>> losses = cqf.objectives(jnp.array([1.0, 0.0]))
        >>> [round(float(loss), 2) for loss in losses][0]
        0.0

    Source: Quinton and Rey, Jacobian descent for multi-objective optimization,
        arXiv:2406.16232, Eq. 14 and Fig. 4.
    """
    cos, sin = np.cos(np.pi / 16), np.sin(np.pi / 16)
    turn = np.array([[cos, -sin], [sin, cos]])
    factors = np.stack([turn * [1.0, 0.1], turn.T * [np.sqrt(3.0), 0.1]])
    forms = quadratic_forms(
        factors,
        [[1.0, 0.0], [-1.0, 0.0]],
        name="convex_quadratic_forms",
        starts=[[0.5, 0.5], [-1.0, 7.0], [0.0, 0.0], [1.0, 6.0]],
        source=_SOURCE,
    )
    return replace(
        forms,
        reference_point=np.array([4.2, 12.7]),
        max_hypervolume=52.69683168,
        hypervolume_from="quadrature",
    )


def _squares(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
    return jnp.asarray(x) ** 2


def _origin(n: int) -> Float64:
    return np.zeros((n, 2))


def _apply(factors: jax.Array, offsets: jax.Array) -> jax.Array:
    """B_i' (x - u_i) for every i, in full precision on every device."""
    return jnp.einsum("mdr,md->mr", factors, offsets, precision=jax.lax.Precision.HIGHEST)


def _checked(factors: ArrayLike, centres: ArrayLike) -> tuple[Float64, Float64]:
    b, u = np.array(factors, dtype=np.float64), np.array(centres, dtype=np.float64)
    if b.ndim != 3:
        raise ValueError(f"factors: must have shape (m, d, r), got {b.shape}")
    if u.shape != b.shape[:2]:
        raise ValueError(f"centres: must have shape {b.shape[:2]} as factors do, got {u.shape}")
    if not (np.isfinite(b).all() and np.isfinite(u).all()):
        raise ValueError("factors, centres: every entry must be finite")
    return b, u


def _curve(forms: Float64, centres: Float64) -> Callable[[int], Float64]:
    """The curve x(w) of two forms, sampled in steps of equal length."""

    def at(w: Float64) -> Float64:
        weights = np.stack([w, 1 - w], axis=1)
        targets = np.einsum("nm,mde,me->nd", weights, forms, centres)
        total = np.einsum("nm,mde->nde", weights, forms)
        return np.asarray((np.linalg.pinv(total, hermitian=True) @ targets[..., None])[..., 0])

    # The logistic grid follows the curve near its ends, where w = 0 and 1 with unequal scales.
    grid = np.concatenate([[0.0], 1 / (1 + np.exp(-np.linspace(-16, 16, 4001))), [1.0]])
    steps = np.linalg.norm(np.diff(at(grid), axis=0), axis=1)
    length = np.concatenate([[0.0], np.cumsum(steps)])

    def points(n: int) -> Float64:
        return at(np.interp(np.linspace(0, length[-1], n), length, grid))

    return points
