"""Problems of the CEC 2009 competition whose Pareto sets wind through the box: UF1-3, 7, 8."""

import math
from typing import Any

import numpy as np

from moo.problems._formula import Formula, PointSet, column, from_formula
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import sphere

_DIM = 30
_J = np.arange(2, _DIM + 1)
_SOURCE = "Zhang et al., CEC 2009 competition report; hypervolume derived"


def uf1() -> Problem:
    """Convex front, set on a sine: x_j = sin(6 pi x_1 + j pi / n) for j >= 2, n = 30.

    With y_j = x_j - (that value), f1 = x_1 + 2 mean_{odd j} y_j^2 and
    f2 = 1 - sqrt x_1 + 2 mean_{even j} y_j^2. x_1 is in [0, 1], the others in [-1, 1]. The front
    is f2 = 1 - sqrt f1, with the hypervolume 263/300 at (1.1, 1.1).

    Hazard: the derivative of sqrt x_1 is infinite at 0, and the loss NaN below.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("uf1").pareto_front(5)[1].tolist()
        [0.25, 0.5]

    Source: Zhang et al., Multiobjective optimization test instances for the CEC 2009 special
        session and competition, 2009. Hypervolume in closed form.
    """
    return _two("uf1", _wave, lambda xp, t: (t, 1 - xp.sqrt(t)), 263 / 300)


def uf2() -> Problem:
    """Convex front, set on a sine of growing width, for odd j shifted by a quarter turn.

    `uf1` with x_j = (.3 x_1^2 cos(24 pi x_1 + 4 j pi / n) + .6 x_1) {cos odd, sin even}(6 pi x_1
    + j pi / n) on the set. Hazard as for `uf1`.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("uf2").pareto_front(5)[1].tolist()
        [0.25, 0.5]

    Source: as `uf1`.
    """
    return _two("uf2", _swelling, lambda xp, t: (t, 1 - xp.sqrt(t)), 263 / 300)


def uf3() -> Problem:
    """Convex front behind local ones, set on powers: x_j = x_1^(.5 (1 + 3 (j - 2) / (n - 2))).

    `uf1` with (4 sum y_j^2 - 2 prod cos(20 pi y_j / sqrt j) + 2) over the number of j in place of
    mean y_j^2, all variables in [0, 1]. Multimodal: gradient methods end on a local front.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("uf3").pareto_front(5)[1].tolist()
        [0.25, 0.5]

    Source: as `uf1`.
    """
    return _two("uf3", _powers, lambda xp, t: (t, 1 - xp.sqrt(t)), 263 / 300, rough=True, low=0.0)


def uf7() -> Problem:
    """Linear front with a steep parametrisation: `uf1` with x_1^(1/5) in place of x_1, sqrt x_1.

    f1 = x_1^(1/5) + ..., f2 = 1 - x_1^(1/5) + ...; the front is f1 + f2 = 1 and its hypervolume at
    (1.1, 1.1) 1.21 - 1/2. Hazard: the derivative of x_1^(1/5) is infinite at 0.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("uf7").pareto_front(3).round(3).tolist()
        [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]

    Source: as `uf1`.
    """
    return _two("uf7", _wave, lambda xp, t: (t**0.2, 1 - t**0.2), 0.71, bend=5.0)


def uf8() -> Problem:
    """Three objectives on the sphere, set winding with x_1: x_j = 2 x_2 sin(2 pi x_1 + j pi / n).

    f1, f2, f3 = cos a cos b, cos a sin b, sin a with a, b = x_1 pi / 2, x_2 pi / 2, each plus
    2 mean y_j^2 over j = 1, 2, 0 modulo 3 (j >= 3). x_1, x_2 are in [0, 1], the others in [-2, 2].
    The hypervolume at (1.1, 1.1, 1.1) is 1.331 - pi / 6.

    Returns:
        The problem.

    Example:
        >>> import numpy as np, moo.problems
        >>> np.linalg.norm(moo.problems.problem("uf8").pareto_front(9), axis=1).round(9).min()
        np.float64(1.0)

    Source: as `uf1`.
    """
    index = np.arange(3, _DIM + 1)

    def curve(xp: Any, x: Any, j: Any) -> Any:
        return 2 * x[1] * xp.sin(2 * np.pi * x[0] + j * (np.pi / _DIM))

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        squares = (x[2:] - curve(xp, x, column(index, x))) ** 2
        off = [2 * xp.mean(squares[first::3], axis=0) for first in (1, 2, 0)]
        a, b = x[0] * (np.pi / 2), x[1] * (np.pi / 2)
        shape = xp.cos(a) * xp.cos(b), xp.cos(a) * xp.sin(b), xp.sin(a)
        return shape[0] + off[0], shape[1] + off[1], shape[2] + off[2]

    def pareto_set(n: int) -> Float64:
        unit = sphere(n, 3).T
        flat = np.hypot(unit[0], unit[1])
        head = np.stack([np.arctan2(unit[2], flat), np.arctan2(unit[1], unit[0])]) * (2 / np.pi)
        return np.concatenate([head, curve(np, head, index[:, None])]).T

    low, high = np.full(_DIM, -2.0), np.full(_DIM, 2.0)
    low[:2], high[:2] = 0.0, 1.0
    return from_formula(
        formula,
        name="uf8",
        dim=_DIM,
        num_objectives=3,
        bounds=(low, high),
        pareto_set=pareto_set,
        reference_point=np.full(3, 1.1),
        max_hypervolume=1.331 - math.pi / 6,
        hypervolume_from="closed form",
        source=_SOURCE,
    )


def _two(
    name: str,
    curve: Any,
    shape: Any,
    hypervolume: float,
    *,
    rough: bool = False,
    low: float = -1.0,
    bend: float = 1.0,
) -> Problem:
    """Build one of the two-objective problems from its curve and the shape of its front.

    The set is sampled at x_1 = u^bend for even u in [0, 1], to be even along the front.
    """
    lower, upper = np.full(_DIM, low), np.ones(_DIM)
    lower[0] = 0.0
    return from_formula(
        _formula(curve, shape, rough),
        name=name,
        dim=_DIM,
        num_objectives=2,
        bounds=(lower, upper),
        pareto_set=_along(curve, bend),
        reference_point=np.full(2, 1.1),
        max_hypervolume=hypervolume,
        hypervolume_from="closed form",
        source=_SOURCE,
    )


def _formula(curve: Any, shape: Any, rough: bool) -> Formula:
    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        index = column(_J, x)
        y = x[1:] - curve(xp, x[0], index)
        f1, f2 = shape(xp, x[0])
        if not rough:
            return f1 + 2 * xp.mean(y[1::2] ** 2, axis=0), f2 + 2 * xp.mean(y[::2] ** 2, axis=0)
        waves = xp.cos(20 * np.pi * y / index**0.5)
        odd, even = (_ripple(xp, y[first::2], waves[first::2]) for first in (1, 0))
        return f1 + odd, f2 + even

    return formula


def _ripple(xp: Any, y: Any, waves: Any) -> Any:
    return 2 / len(y) * (4 * xp.sum(y**2, axis=0) - 2 * xp.prod(waves, axis=0) + 2)


def _along(curve: Any, bend: float) -> PointSet:
    def pareto_set(n: int) -> Float64:
        first = np.linspace(0.0, 1.0, n) ** bend
        return np.concatenate([first[None], curve(np, first, _J[:, None])]).T

    return pareto_set


def _wave(xp: Any, first: Any, index: Any) -> Any:
    return xp.sin(6 * np.pi * first + index * (np.pi / _DIM))


def _swelling(xp: Any, first: Any, index: Any) -> Any:
    turn = index * (np.pi / _DIM)
    width = 0.3 * first**2 * xp.cos(24 * np.pi * first + 4 * turn) + 0.6 * first
    angle = 6 * np.pi * first + turn
    return width * xp.where(index % 2 == 0, xp.sin(angle), xp.cos(angle))


def _powers(xp: Any, first: Any, index: Any) -> Any:
    return first ** (0.5 * (1 + 3 * (index - 2) / (_DIM - 2)))
