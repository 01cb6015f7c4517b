"""Engineering problems with two objectives: RE21 and RE24."""

import math
from typing import Any

import numpy as np

from moo.problems._problem import Float64, Problem
from moo.problems._re_build import engineering, violation

_ROOT = math.sqrt(2.0)


def re21() -> Problem:
    """Four-bar truss: volume f1 = L (2 x_1 + sqrt 2 x_2 + sqrt x_3 + x_4) against displacement.

    f2 = (F L / E) (2 / x_1 + 2 sqrt 2 / x_2 - 2 sqrt 2 / x_3 + 2 / x_4), F = 10, E = 2e5, L = 200;
    x_1, x_4 in [1, 3], x_2, x_3 in [sqrt 2, 3]. Both losses increase with x_3, which is sqrt 2 on
    the Pareto set; in the others both are convex, so that the conditions of the weighted sum give
    x = (t, sqrt 2 t, sqrt 2, sqrt 2 t), cut off at the bounds, for t in [1 / sqrt 2, 3]. The front
    runs from (1237.84, .04) to (2886.37, .0027614); other packages' files of the nadir are wrong.

    The losses differ by 10^5 in scale: divide by `nadir_point - ideal_point`. Where the bounds
    hold the set is Pareto-stationary only among the points of the box.

    Returns:
        The problem. The hypervolume is at the nadir point plus a tenth of the front's range.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("re21").pareto_front(2)[0].round(4).tolist()
        [1237.8414, 0.04]

    Source: Tanabe and Ishibuchi, An easy-to-use real-world multi-objective optimization problem
        suite, Applied Soft Computing 89, 2020, arXiv:2009.12867; Cheng and Li 1999. Set, front
        and hypervolume (by quadrature) derived from the formula.
    """
    low, high = np.array([1.0, _ROOT, _ROOT, 1.0]), np.full(4, 3.0)

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        volume = 200 * (2 * x[0] + _ROOT * x[1] + xp.sqrt(x[2]) + x[3])
        return volume, 0.01 * (2 / x[0] + 2 * _ROOT / x[1] - 2 * _ROOT / x[2] + 2 / x[3])

    def pareto_set(n: int) -> Float64:
        t = np.geomspace(1 / _ROOT, 3.0, n)[:, None]
        points = t * np.array([1.0, _ROOT, 0.0, _ROOT])
        return np.clip(points, low, high)

    return engineering(
        "re21",
        formula,
        (low, high),
        names=("volume", "displacement"),
        ideal=(200 * (5 + 2**0.25), (2 * _ROOT - 2) / 300),
        nadir=(200 * (9 + 3 * _ROOT + 2**0.25), 0.04),
        pareto_set=pareto_set,
        hypervolume=54.583812601,
        hypervolume_from="quadrature",
    )


def re24() -> Problem:
    """Hatch cover: weight f1 = x_1 + 120 x_2 against the sum of four violated constraints.

    x_1 in [.5, 4] is the thickness of the flange, x_2 in [.5, 50] the height of the beam. With
    E = 7e5, s_b = 4500 / (x_1 x_2), s_k = E x_1^2 / 100, t = 1800 / x_2 and
    d = 56.2e4 / (E x_1 x_2^2), f2 sums the parts above zero of s_b / 700 - 1, t / 450 - 1,
    d / 1.5 - 1 and s_b / s_k - 1.

    Hazard: f2 is 0 with zero slope wherever every constraint holds, so that methods which
    normalise gradients divide by zero there. Set and front are sampled by a search.

    Returns:
        The problem, with the ideal and nadir points that papers use. The hypervolume, at the nadir
        point plus a tenth of the range, integrates the least f2 for each f1, which is found by a
        search along the line x_1 + 120 x_2 = f1, where f2 is convex.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re24").objectives(jnp.array([0.5, 0.5]))
        >>> [round(float(loss), 3) for loss in losses]
        [60.5, 44.282]

    Source: as `re21`; Amir and Hasegawa 1989.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        bending = 4500 / (x[0] * x[1])
        buckling = 7000 * x[0] ** 2
        deflection = 56.2e4 / (7e5 * x[0] * x[1] ** 2)
        shear = 1800 / x[1]
        margins = 1 - bending / 700, 1 - shear / 450, 1 - deflection / 1.5, 1 - bending / buckling
        return x[0] + 120 * x[1], violation(xp, *margins)

    return engineering(
        "re24",
        formula,
        (np.array([0.5, 0.5]), np.array([4.0, 50.0])),
        names=("weight", "violation"),
        ideal=(60.5, 0.0),
        nadir=(481.608088535, 44.2819047619),
        hypervolume=21844.11,
        hypervolume_from="quadrature",
    )
