"""The scalable problems DTLZ1 to DTLZ7."""

import math
from typing import Any

import numpy as np

from moo.problems._formula import from_formula
from moo.problems._problem import Problem
from moo.problems._sampling import box
from moo.problems._shapes import (
    bumpy_set,
    curve_set,
    linear_set,
    multimodal,
    products,
    scalable,
    sphere_set,
)

_SOURCE = "Deb, Thiele, Laumanns and Zitzler, CEC 2002"


def dtlz1(num_objectives: int = 3) -> Problem:
    """Linear front with many local ones: f = (1 + g) / 2 times products of x_i and 1 - x_i.

    g = 100 (k + sum_tail [(x_i - 1/2)^2 - cos(20 pi (x_i - 1/2))]), the tail being the last k = 5
    variables. On the Pareto set the tail is 1/2; the front is the simplex sum f = 1/2. The
    hypervolume at (1.1, ..., 1.1) is 1.1^m - (1/2)^m / m!, 1.310167 for m = 3. There are
    11^k - 1 local fronts: gradient methods end on one of them.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 4.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("dtlz1").objectives(jnp.full(7, 0.5)).tolist()
        [0.125, 0.125, 0.25]

    Source: Deb, Thiele, Laumanns and Zitzler, Scalable multi-objective optimization test
        problems, CEC 2002.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        head, g = _head(x, num_objectives), multimodal(xp, x[num_objectives - 1 :])
        return tuple(0.5 * (1 + g) * f for f in products(head, [1 - t for t in head]))

    volume = 1.1**num_objectives - 0.5**num_objectives / math.factorial(num_objectives)
    return scalable("dtlz1", formula, num_objectives, 5, linear_set, volume, _SOURCE)


def dtlz2(num_objectives: int = 3) -> Problem:
    """Front on the unit sphere: f = (1 + g) times products of cos and sin of x_i pi / 2.

    g = sum_tail (x_i - 1/2)^2 over the last k = 10 variables. On the Pareto set the tail is 1/2.
    The hypervolume at (1.1, ..., 1.1) is 1.1^m less the ball's share
    (sqrt(pi) / 2)^m / Gamma(m / 2 + 1), .807401 for m = 3.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 9.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("dtlz2").objectives(jnp.full(12, 0.5))
        >>> round(float(losses @ losses), 5)
        1.0

    Source: as `dtlz1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = xp.sum((x[num_objectives - 1 :] - 0.5) ** 2, axis=0)
        return _on_sphere(xp, _angles(x, num_objectives), g)

    return scalable(
        "dtlz2", formula, num_objectives, 10, sphere_set, _ball(num_objectives), _SOURCE
    )


def dtlz3(num_objectives: int = 3) -> Problem:
    """Front of `dtlz2` behind 3^k - 1 local ones: its formula with g of `dtlz1`, k = 10.

    Gradient methods end on a local front.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 9.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("dtlz3").objectives(jnp.full(12, 0.5))
        >>> round(float(losses @ losses), 5)
        1.0

    Source: as `dtlz1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = multimodal(xp, x[num_objectives - 1 :])
        return _on_sphere(xp, _angles(x, num_objectives), g)

    return scalable(
        "dtlz3", formula, num_objectives, 10, sphere_set, _ball(num_objectives), _SOURCE
    )


def dtlz4(num_objectives: int = 3) -> Problem:
    """Biased points on the front of `dtlz2`: its formula with x_i^100 for the first m - 1.

    Hazard: the slope 100 x^99 is zero to rounding for x below about .8, where gradients only
    see the tail and runs end at a corner of the front.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 9.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("dtlz4").objectives(jnp.full(12, 0.5))
        >>> [round(float(loss), 5) for loss in losses]
        [1.0, 0.0, 0.0]

    Source: as `dtlz1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = xp.sum((x[num_objectives - 1 :] - 0.5) ** 2, axis=0)
        return _on_sphere(xp, [t**100 * (np.pi / 2) for t in _head(x, num_objectives)], g)

    def pareto_set(n: int, m: int, tail: int) -> Any:
        points = sphere_set(n, m, tail)
        points[:, : m - 1] **= 0.01
        return points

    return scalable(
        "dtlz4", formula, num_objectives, 10, pareto_set, _ball(num_objectives), _SOURCE
    )


def dtlz5() -> Problem:
    """Three objectives, front a curve: angles x_1 pi / 2 and pi (1 + 2 g x_2) / (4 (1 + g)).

    g = sum_tail (x_i - 1/2)^2, k = 10. On the Pareto set the tail is 1/2 and x_2 is free; the
    front is (cos t, cos t, sqrt(2) sin t) / sqrt(2). The hypervolume at (1.1, 1.1, 1.1) is
    1.331 - 1.1 pi / (2 sqrt 2) + 1/3 = .442538. (With more objectives the front is no curve, so
    there are no more here.)

    Returns:
        The problem, of dimension 12.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("dtlz5").pareto_front(3)[1].round(4).tolist()
        [0.5, 0.5, 0.7071]

    Source: as `dtlz1`; the hypervolume integrates (1.1 - cos t / sqrt 2)^2 over sin t.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        return _on_curve(xp, x, xp.sum((x[2:] - 0.5) ** 2, axis=0))

    return scalable("dtlz5", formula, 3, 10, curve_set(0.5), _CURVE_VOLUME, _SOURCE)


def dtlz6() -> Problem:
    """`dtlz5` with g = sum_tail x_i^0.1: the tail is 0 on the Pareto set.

    Hazard: the derivative of x^0.1 is infinite at 0, hence on the whole Pareto set, and NaN below
    it; steps must be kept in the box.

    Returns:
        The problem, of dimension 12.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("dtlz6").pareto_front(3)[1].round(4).tolist()
        [0.5, 0.5, 0.7071]

    Source: as `dtlz1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        return _on_curve(xp, x, xp.sum(x[2:] ** 0.1, axis=0))

    return scalable("dtlz6", formula, 3, 10, curve_set(0.0), _CURVE_VOLUME, _SOURCE)


def dtlz7() -> Problem:
    """Three objectives, front in four pieces: f1 = x_1, f2 = x_2, f3 = (1 + g) h.

    g = 1 + 9 mean_tail x_i, k = 20, and h = 3 - sum_{i=1,2} f_i (1 + sin(3 pi f_i)) / (1 + g). On
    the Pareto set the tail is 0 and x_1, x_2 are each in [0, .2514118361] or
    [.6316265307, .8594008566], where t (1 + sin 3 pi t) is above all its values to the left. The
    hypervolume at (1.1, 1.1, 6.6) is 2.7018951, by integrating that running maximum. The set lies
    on faces of the box: it is Pareto-stationary only among the points of the box.

    Returns:
        The problem, of dimension 22.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("dtlz7").objectives(jnp.zeros(22)).tolist()
        [0.0, 0.0, 6.0]

    Source: as `dtlz1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = 1 + 9 * xp.mean(x[2:], axis=0)
        h = 3 - sum(t * (1 + xp.sin(3 * np.pi * t)) / (1 + g) for t in (x[0], x[1]))
        return x[0], x[1], (1 + g) * h

    return from_formula(
        formula,
        name="dtlz7",
        dim=22,
        num_objectives=3,
        bounds=box(0.0, 1.0, 22),
        pareto_set=bumpy_set,
        connected=False,
        reference_point=np.array([1.1, 1.1, 6.6]),
        max_hypervolume=2.7018951430,
        hypervolume_from="quadrature",
        source=f"{_SOURCE}; set, front and hypervolume derived",
    )


_CURVE_VOLUME = 1.331 - 1.1 * math.pi / (2 * math.sqrt(2)) + 1 / 3


def _ball(m: int) -> float:
    """1.1^m less the volume of the unit ball's positive part."""
    return 1.1**m - (math.sqrt(math.pi) / 2) ** m / math.gamma(m / 2 + 1)


def _head(x: Any, m: int) -> list[Any]:
    return [x[i] for i in range(m - 1)]


def _angles(x: Any, m: int) -> list[Any]:
    return [x[i] * (np.pi / 2) for i in range(m - 1)]


def _on_sphere(xp: Any, angles: list[Any], g: Any) -> tuple[Any, ...]:
    unit = products([xp.cos(t) for t in angles], [xp.sin(t) for t in angles])
    return tuple((1 + g) * f for f in unit)


def _on_curve(xp: Any, x: Any, g: Any) -> tuple[Any, ...]:
    second = np.pi / 4 * (1 + 2 * g * x[1]) / (1 + g)
    return _on_sphere(xp, [x[0] * (np.pi / 2), second], g)
