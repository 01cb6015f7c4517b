"""The two-objective problems ZDT1 to ZDT4 and ZDT6 (ZDT5 takes bit strings)."""

from typing import Any

import numpy as np

from moo.problems._formula import Formula, PointSet, from_formula
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import box, on_segments

_SOURCE = "Zitzler, Deb and Thiele, Evolutionary Computation 8, 2000"
# Ends of the segments of ZDT3's front in f1: minima of f2, and where f2 gets below the last one.
_ZDT3_SEGMENTS = np.array(
    [
        [0.0, 0.0830015349],
        [0.1822287280, 0.2577623634],
        [0.4093136748, 0.4538821041],
        [0.6183967944, 0.6525117038],
        [0.8233317983, 0.8518328654],
    ]
)


def zdt1(dim: int = 30) -> Problem:
    """Convex front: f1 = x_1, f2 = g (1 - sqrt(f1 / g)), g = 1 + 9 mean(x_2, ..., x_n).

    The Pareto set is x_2 = ... = x_n = 0, x_1 in [0, 1]; the front f2 = 1 - sqrt(f1). The
    hypervolume at (1.1, 1.1) is 1.21 - 1/3 = 263/300.

    Hazards: the derivative of the square root is infinite at x_1 = 0, and the losses are NaN where
    x_1 < 0 or g < 0, so that steps must be kept in the box. The set lies on the faces of the box:
    it is Pareto-stationary only among the points of the box.

    Args:
        dim: number of variables n, at least 2.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("zdt1").objectives(jnp.zeros(30).at[0].set(0.25)).tolist()
        [0.25, 0.5]

    Source: Zitzler, Deb and Thiele, Comparison of multiobjective evolutionary algorithms:
        empirical results, Evolutionary Computation 8, 2000. Hypervolume in closed form.
    """
    return _build("zdt1", _zdt1, dim, hypervolume=263 / 300)


def zdt2(dim: int = 30) -> Problem:
    """Concave front: f1 = x_1, f2 = g (1 - (f1 / g)^2), with g of `zdt1`.

    The Pareto set is that of `zdt1`; the front f2 = 1 - f1^2; the hypervolume at (1.1, 1.1) is
    1.21 - 2/3 = .543333. Linear scalarisation reaches only the two ends. Steps must be kept in
    the box: beyond x_1 = 1 the second loss falls without bound.

    Args:
        dim: number of variables n, at least 2.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("zdt2").objectives(jnp.zeros(30).at[0].set(0.5)).tolist()
        [0.5, 0.75]

    Source: as `zdt1`.
    """
    return _build("zdt2", _zdt2, dim, hypervolume=1.21 - 2 / 3)


def zdt3(dim: int = 30) -> Problem:
    """Front in five pieces: f2 = g (1 - sqrt(f1 / g) - (f1 / g) sin(10 pi f1)), g of `zdt1`.

    The Pareto set is x_2 = ... = x_n = 0 with x_1 in five segments. The hypervolume at
    (1.1, 1.1) is 1.331763, integrated over the segments. Hazards as for `zdt1`.

    Args:
        dim: number of variables n, at least 2.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 2.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("zdt3").pareto_front(2).round(3).tolist()
        [[0.0, 1.0], [0.852, -0.773]]

    Source: as `zdt1`; the segments solve the equations of the formula to 10 digits.
    """
    return _build(
        "zdt3",
        _zdt3,
        dim,
        hypervolume=1.3317629086570,
        segments=_ZDT3_SEGMENTS,
        connected=False,
        hypervolume_from="quadrature",
    )


def zdt4(dim: int = 10) -> Problem:
    """Many local fronts: `zdt1` with g = 1 + 10 (n - 1) + sum_{i>1} (x_i^2 - 10 cos(4 pi x_i)).

    x_1 is in [0, 1], the others in [-5, 5]. The Pareto set, front and hypervolume are those of
    `zdt1`. There are 21^(n - 1) local fronts: gradient methods end on one of them.

    Args:
        dim: number of variables n, at least 2.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("zdt4").objectives(jnp.zeros(10).at[0].set(0.25)).tolist()
        [0.25, 0.5]

    Source: as `zdt1`.
    """
    return _build("zdt4", _zdt4, dim, hypervolume=263 / 300, side=5.0)


def zdt6(dim: int = 10) -> Problem:
    """Uneven concave front: f1 = 1 - e^(-4 x_1) sin^6(6 pi x_1), f2 = g (1 - (f1 / g)^2).

    g = 1 + 9 mean(x_2, ..., x_n)^(1/4). The Pareto set is x_2 = ... = x_n = 0 with any x_1 in
    [0, 1]; the front f2 = 1 - f1^2 runs from f1 = .2807753188, several times to and fro. The
    hypervolume at (1.1, 1.1) is .5078775.

    Hazards: the derivative of g is infinite on the whole Pareto set, and that of f1 is zero
    wherever 6 x_1 is an integer; the losses are NaN where the mean is negative.

    Args:
        dim: number of variables n, at least 2.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("zdt6").objectives(jnp.zeros(10)).tolist()
        [1.0, 0.0]

    Source: as `zdt1`; the left end is the minimum of f1 over x_1, and
        HV = integral_a^1 (.1 + f^2) df + .11 with a that end.
    """
    left = 0.2807753188
    area = 1.1 * (1.1 - left) - (1 - left) + (1 - left**3) / 3
    return _build("zdt6", _zdt6, dim, hypervolume=area)


def _build(
    name: str,
    formula: Formula,
    dim: int,
    *,
    hypervolume: float,
    segments: Float64 | None = None,
    side: float | None = None,
    connected: bool = True,
    hypervolume_from: str = "closed form",
) -> Problem:
    if dim < 2:
        raise ValueError(f"dim: must be at least 2, got {dim}")
    low, high = box(0.0, 1.0, dim)
    if side is not None:
        low[1:], high[1:] = -side, side
    return from_formula(
        formula,
        name=name,
        dim=dim,
        num_objectives=2,
        bounds=(low, high),
        pareto_set=_axis(dim, np.array([[0.0, 1.0]]) if segments is None else segments),
        connected=connected,
        reference_point=np.full(2, 1.1),
        max_hypervolume=hypervolume,
        hypervolume_from=hypervolume_from,
        source=_SOURCE,
    )


def _axis(dim: int, segments: Float64) -> PointSet:
    """The points with x_1 on the segments and zeros elsewhere."""

    def pareto_set(n: int) -> Float64:
        points = np.zeros((n, dim))
        points[:, 0] = on_segments(n, segments)
        return points

    return pareto_set


def _zdt1(xp: Any, x: Any) -> tuple[Any, Any]:
    g = 1 + 9 * xp.mean(x[1:], axis=0)
    return x[0], g * (1 - xp.sqrt(x[0] / g))


def _zdt2(xp: Any, x: Any) -> tuple[Any, Any]:
    g = 1 + 9 * xp.mean(x[1:], axis=0)
    return x[0], g * (1 - (x[0] / g) ** 2)


def _zdt3(xp: Any, x: Any) -> tuple[Any, Any]:
    g = 1 + 9 * xp.mean(x[1:], axis=0)
    ratio = x[0] / g
    return x[0], g * (1 - xp.sqrt(ratio) - ratio * xp.sin(10 * np.pi * x[0]))


def _zdt4(xp: Any, x: Any) -> tuple[Any, Any]:
    rest = x[1:]
    g = 1 + xp.sum(10 + rest**2 - 10 * xp.cos(4 * np.pi * rest), axis=0)
    return x[0], g * (1 - xp.sqrt(x[0] / g))


def _zdt6(xp: Any, x: Any) -> tuple[Any, Any]:
    f1 = 1 - xp.exp(-4 * x[0]) * xp.sin(6 * np.pi * x[0]) ** 6
    g = 1 + 9 * xp.mean(x[1:], axis=0) ** 0.25
    return f1, g * (1 - (f1 / g) ** 2)
