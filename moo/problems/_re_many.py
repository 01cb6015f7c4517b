"""Engineering problems with four and six objectives: RE41 and RE61."""

from typing import Any

import numpy as np

from moo.problems._problem import Problem
from moo.problems._re_build import engineering, violation


def re41() -> Problem:
    """Side impact of a car: mass, force on the pelvis, speed of the door, violated constraints.

    Seven thicknesses, around [.5, 1.5]. f1 is linear, f2 and f3 have products of two; f4 sums by
    how much ten response surfaces pass their limits. Set and front are sampled by a search.

    Hazard: f4 is flat where the constraints hold.

    Returns:
        The problem, with the ideal and nadir points of the suite.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re41").objectives(jnp.ones(7))
        >>> [round(float(loss), 3) for loss in losses][:3]
        [29.05, 4.03, 12.176]

    Source: Tanabe and Ishibuchi, An easy-to-use real-world multi-objective optimization problem
        suite, Applied Soft Computing 89, 2020, arXiv:2009.12867; Jain and Deb 2014.
    """
    shape = np.array([1.0, 0.9, 1.0, 1.0, 1.75, 0.8, 0.8])
    return engineering(
        "re41",
        _side_impact,
        (0.5 * shape, 1.5 * shape),
        names=("mass", "force", "speed", "violation"),
        ideal=(15.576004, 3.58525, 10.61064375, 0.0),
        nadir=(39.2905121788, 4.42725, 13.09138125, 9.49401929991),
        hypervolume=370.339,
        hypervolume_from="sampled",
    )


def _side_impact(xp: Any, x: Any) -> tuple[Any, Any, Any, Any]:
    a, b, c, d, e, f, g = x
    mass = 1.98 + 4.9 * a + 6.67 * b + 6.98 * c + 4.01 * d + 1.78 * e + 1e-5 * f + 2.73 * g
    force = 4.72 - 0.5 * d - 0.19 * b * c
    pillar = 10.58 - 0.674 * a * b - 0.67275 * b
    door = 16.45 - 0.489 * c * g - 0.843 * e * f
    limits = (4 - force, 9.9 - pillar, 15.7 - door)
    return mass, force, (pillar + door) / 2, violation(xp, *_dummy_margins(x), *limits)


def _dummy_margins(x: Any) -> tuple[Any, ...]:
    """How far the load on the abdomen, three speeds and three deflections stay within limits."""
    a, b, c, d, e, f, g = x
    upper = 0.261 - 0.0159 * a * b - 0.06486 * a - 0.019 * b * g + 0.0144 * c * e + 0.0154464 * f
    middle = 0.214 + 0.00817 * e - 0.0587118 * a + 0.03099 * b * f - 0.018 * b * g
    middle = middle + 0.030408 * c - 0.00364 * e * f - 0.018 * b**2
    return (
        1 - (1.16 - 0.3717 * b * d - 0.0092928 * c),
        0.32 - upper,
        0.32 - middle,
        0.32 - (0.74 - 0.61 * b - 0.031296 * c - 0.031872 * g + 0.227 * b**2),
        32 - (28.98 + 3.818 * c - 4.2 * a * b + 1.27296 * f - 2.68065 * g),
        32 - (35.31728 + 2.95 * c - 5.057 * a * b - 3.795 * b - 3.4431 * g),
        32 - (46.36 - 9.9 * b - 4.4505 * a),
    )


def re61() -> Problem:
    """Water resources: five costs of draining a city, and the violated constraints.

    x_1 in [.01, .45], x_2, x_3 in [.01, .1]: storage, treatment and overflow capacities. f1, f2
    and f3 are linear, f4 is exponential, f5 has 1 / (x_1 x_2); f6 sums by how much seven limits are
    passed. Set and front are sampled by a search.

    Hazards: scales from 1 to 1e7; f6 is flat where the constraints hold. The sixth constraint
    has x_1 x_2, as in the suite's code, where its neighbours have 1 / (x_1 x_2).

    Returns:
        The problem, with the suite's ideal point. The suite's nadir point (80896.9, 1350, 2853469,
        7076862, 87748.6, 2.51) leaves out the corner (.01, .01, .01), which is Pareto-optimal, as
        it minimises f1, f2 and f3; here the first, fifth and sixth entry are what a search found.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re61").objectives(jnp.array([0.1, 0.1, 0.1]))
        >>> round(float(losses[1]), 2), round(float(losses[4]), 0)
        (300.0, 13825.0)

    Source: as `re41`; Musselman and Talavage 1980, Ray, Tai and Seow 2001.
    """
    return engineering(
        "re61",
        _water,
        (np.full(3, 0.01), np.array([0.45, 0.1, 0.1])),
        names=("drainage", "storage", "treatment", "flood", "economic loss", "violation"),
        ideal=(63840.2774, 30.0, 285346.896494, 183749.967061, 7.22222222222, 0.0),
        nadir=(
            111100.6427,
            1350.0,
            2853468.96494,
            7076861.67064,
            346735.0,
            93789.32252,
        ),
    )


def _water(xp: Any, x: Any) -> tuple[Any, ...]:
    a, b, c = x
    inverse = 1 / (a * b)
    margins = (
        1 - (0.00139 * inverse + 4.94 * c - 0.08),
        1 - (0.000306 * inverse + 1.082 * c - 0.0986),
        50000 - (12.307 * inverse + 49408.24 * c + 4051.02),
        16000 - (2.098 * inverse + 8046.33 * c - 696.71),
        10000 - (2.138 * inverse + 7883.39 * c - 705.04),
        2000 - (0.417 * a * b + 1721.26 * c - 136.54),
        550 - (0.164 * inverse + 631.13 * c - 54.48),
    )
    return (
        106780.37 * (a + c) + 61704.67,
        3000 * a,
        305700 * 2289 * b / (0.06 * 2289) ** 0.65,
        250 * 2289 * xp.exp(-39.75 * b + 9.9 * c + 2.74),
        25 * (1.39 * inverse + 4940 * c - 80),
        violation(xp, *margins),
    )
