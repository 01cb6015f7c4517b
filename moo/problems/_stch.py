"""F1 to F6 of the smooth Tchebycheff paper: curved Pareto sets in six dimensions."""

from collections.abc import Callable
from typing import Any

import numpy as np

from moo.problems._formula import column, from_formula
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import box

Curve = Callable[[Any, Any, Any, int], Any]
_SOURCE = "Lin et al., STCH, ICML 2024, arXiv:2402.19078; set, front and hypervolume derived"


def stch_f1(dim: int = 6) -> Problem:
    """Convex front, set on a parabola: x_i = (2 x_1 - 1)^2 for i >= 2.

    With y_i = x_i - (its value on the set), and s_1, s_2 the means of y_i^2 over the odd and the
    even i >= 2, f1 = (1 + s_1) x_1 and f2 = (1 + s_2) (1 - (x_1 / (1 + s_2))^p). F1 to F3 take
    p = 1/2, with the convex front f2 = 1 - sqrt f1 and the hypervolume 263/300 at (1.1, 1.1);
    F4 to F6 take p = 2, with the concave front f2 = 1 - f1^2 and 1.21 - 2/3.

    Hazard of F1 to F3: the derivative of the square root is infinite at x_1 = 0, and the loss NaN
    below; steps must be kept in the box.

    Args:
        dim: number of variables n, at least 3.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 3.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("stch_f1").pareto_front(5)[1].tolist()
        [0.25, 0.5]

    Source: Lin et al., Smooth Tchebycheff scalarization for multi-objective optimization, ICML
        2024, arXiv:2402.19078, appendix. Set, front and hypervolume derived.
    """
    return _build("stch_f1", _parabola, 0.5, dim)


def stch_f2(dim: int = 6) -> Problem:
    """Convex front, set on powers: x_i = x_1^(.5 (1 + 3 (i - 2) / (n - 2))) for i >= 2.

    Hazards: the slope of x_1^.5 is infinite at 0, besides those of `stch_f1`, which see for the
    formula, the options and the errors.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("stch_f2").pareto_set(5)[1].round(3).tolist()
        [0.25, 0.5, 0.297, 0.177, 0.105, 0.062]

    Source: as `stch_f1`.
    """
    return _build("stch_f2", _powers, 0.5, dim)


def stch_f3(dim: int = 6) -> Problem:
    """Convex front, set on a spiral: 2 x_i - 1 = .8 x_1 {sin for even i, cos for odd i}(a_i).

    a_i = 4 pi x_1 + i pi / n. See `stch_f1` for the rest of the formula, the options, the errors
    and the hazards; here y_i = (2 x_i - 1) - (its value on the set).

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("stch_f3").pareto_front(5)[1].tolist()
        [0.25, 0.5]

    Source: as `stch_f1`.
    """
    return _build("stch_f3", _spiral, 0.5, dim)


def stch_f4(dim: int = 6) -> Problem:
    """Concave front, set of `stch_f1`; see there for the formula, the options and the errors.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("stch_f4").pareto_front(3)[1].tolist()
        [0.5, 0.75]

    Source: as `stch_f1`.
    """
    return _build("stch_f4", _parabola, 2.0, dim)


def stch_f5(dim: int = 6) -> Problem:
    """Concave front, set of `stch_f2`; see `stch_f1` for the formula, the options and the errors.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("stch_f5").pareto_front(3)[1].tolist()
        [0.5, 0.75]

    Source: as `stch_f1`.
    """
    return _build("stch_f5", _powers, 2.0, dim)


def stch_f6(dim: int = 6) -> Problem:
    """Concave front, set of `stch_f3`; see `stch_f1` for the formula, the options and the errors.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("stch_f6").pareto_front(3)[1].tolist()
        [0.5, 0.75]

    Source: as `stch_f1`.
    """
    return _build("stch_f6", _spiral, 2.0, dim)


def _build(name: str, curve: Curve, power: float, dim: int) -> Problem:
    if dim < 3:
        raise ValueError(f"dim: must be at least 3, got {dim}")
    index = np.arange(2, dim + 1)
    stretch = 2.0 if curve is _spiral else 1.0

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        y = stretch * (x[1:] - curve(xp, x[0], column(index, x), dim))
        odd, even = 1 + xp.mean(y[1::2] ** 2, axis=0), 1 + xp.mean(y[::2] ** 2, axis=0)
        ratio = x[0] / even
        return odd * x[0], even * (1 - (xp.sqrt(ratio) if power == 0.5 else ratio**2))

    def pareto_set(n: int) -> Float64:
        first = np.linspace(0.0, 1.0, n)
        rest = curve(np, first, index[:, None], dim) * np.ones((dim - 1, 1))
        return np.concatenate([first[None], rest]).T

    return from_formula(
        formula,
        name=name,
        dim=dim,
        num_objectives=2,
        bounds=box(0.0, 1.0, dim),
        pareto_set=pareto_set,
        reference_point=np.full(2, 1.1),
        max_hypervolume=263 / 300 if power == 0.5 else 1.21 - 2 / 3,
        hypervolume_from="closed form",
        source=_SOURCE,
    )


def _parabola(xp: Any, first: Any, index: Any, n: int) -> Any:
    return (2 * first - 1) ** 2


def _powers(xp: Any, first: Any, index: Any, n: int) -> Any:
    return first ** (0.5 * (1 + 3 * (index - 2) / (n - 2)))


def _spiral(xp: Any, first: Any, index: Any, n: int) -> Any:
    angle = 4 * np.pi * first + index * (np.pi / n)
    wave = xp.where(index % 2 == 0, xp.sin(angle), xp.cos(angle))
    return 0.5 + 0.4 * first * wave
