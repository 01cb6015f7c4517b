"""Engineering problems with three objectives: RE31 to RE34 and RE37."""

import math
from typing import Any

import numpy as np

from moo.problems._problem import Problem
from moo.problems._re_build import engineering, violation


def re31() -> Problem:
    """Two-bar truss: volume, stress of the first bar and the violated constraints.

    f1 = x_1 sqrt(16 + x_3^2) + x_2 sqrt(1 + x_3^2), f2 = 20 sqrt(16 + x_3^2) / (x_1 x_3), and f3
    sums the parts above zero of f1 - .1, f2 - 1e5 and 80 sqrt(1 + x_3^2) / (x_2 x_3) - 1e5;
    x_1, x_2 in [1e-5, 100], x_3 in [1, 3].

    Hazards: losses and slopes range over eleven orders of magnitude; scale them, and the
    variables too. f3 is flat where the constraints hold. Set and front are sampled by a search.

    Returns:
        The problem, with the ideal and nadir points of the suite.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re31").objectives(jnp.array([1.0, 1.0, 3.0]))
        >>> [round(float(loss), 3) for loss in losses]
        [8.162, 33.333, 8.062]

    Source: Tanabe and Ishibuchi, An easy-to-use real-world multi-objective optimization problem
        suite, Applied Soft Computing 89, 2020, arXiv:2009.12867; Coello and Pulido 2005.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        long, short = xp.sqrt(16 + x[2] ** 2), xp.sqrt(1 + x[2] ** 2)
        volume = x[0] * long + x[1] * short
        stress = 20 * long / (x[0] * x[2])
        other = 80 * short / (x[1] * x[2])
        return volume, stress, violation(xp, 0.1 - volume, 1e5 - stress, 1e5 - other)

    return engineering(
        "re31",
        formula,
        (np.array([1e-5, 1e-5, 1.0]), np.array([100.0, 100.0, 3.0])),
        names=("volume", "stress", "violation"),
        ideal=(5.53731918799e-05, 1 / 3, 0.0),
        nadir=(500.002668442, 8246211.25124, 19359919.7502),
        hypervolume=1.06244e17,
        hypervolume_from="sampled",
    )


def re32() -> Problem:
    """Welded beam: cost, deflection of the end and the violated constraints.

    x = (weld height, weld length, beam depth, beam width), in [.125, 5], [.1, 10], [.1, 10] and
    [.125, 5]. f1 = 1.10471 x_1^2 x_2 + .04811 x_3 x_4 (14 + x_2), f2 = 4 P L^3 / (E x_3^3 x_4),
    and f3 sums how far shear stress exceeds 13600, bending stress 30000, x_1 x_4, and the load
    P = 6000 the buckling load; L = 14, E = 30e6, G = 12e6.

    Hazards: scales from 1e-4 to 1e8, f3 flat where the constraints hold. Set and front are
    sampled by a search.

    Returns:
        The problem, with the ideal and nadir points of the suite.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re32").objectives(jnp.array([1.0, 10.0, 10.0, 1.0]))
        >>> [round(float(loss), 4) for loss in losses]
        [22.5935, 0.0022, 0.0]

    Source: as `re31`; Ray and Liew 2002.
    """
    return engineering(
        "re32",
        _welded_beam,
        (np.array([0.125, 0.1, 0.1, 0.125]), np.array([5.0, 10.0, 10.0, 5.0])),
        names=("cost", "deflection", "violation"),
        ideal=(0.010205496875, 0.00043904, 0.0),
        nadir=(37.7831517014, 17561.6, 425062976.628),
        hypervolume=3.75022e14,
        hypervolume_from="sampled",
    )


def _welded_beam(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    load, length, young, shear = 6000.0, 14.0, 30e6, 12e6
    height, weld, depth, width = x
    cost = 1.10471 * height**2 * weld + 0.04811 * depth * width * (14 + weld)
    deflection = 4 * load * length**3 / (young * width * depth**3)
    moment, arm = load * (length + weld / 2), ((height + depth) / 2) ** 2
    radius = xp.sqrt(weld**2 / 4 + arm)
    primary = load / (math.sqrt(2) * height * weld)
    polar = 2 * math.sqrt(2) * height * weld * (weld**2 / 12 + arm)
    secondary = moment * radius / polar
    stress = xp.sqrt(primary**2 + primary * secondary * weld / radius + secondary**2)
    slender = 1 - depth / (2 * length) * math.sqrt(young / (4 * shear))
    buckling = 4.013 * young * depth * width**3 / 6 / length**2 * slender
    bending = 6 * load * length / (width * depth**2)
    margins = 13600 - stress, 30000 - bending, width - height, buckling - load
    return cost, deflection, violation(xp, *margins)


def re33() -> Problem:
    """Disc brake: mass, stopping time and the violated constraints.

    x = (inner radius, outer radius, force, number of surfaces), in [55, 80], [75, 110],
    [1000, 3000] and [11, 20]. With d_k = x_2^k - x_1^k, f1 = 4.9e-5 d_2 (x_4 - 1),
    f2 = 9.82e6 d_2 / (x_3 x_4 d_3), and f3 sums the parts below zero of x_2 - x_1 - 20,
    .4 - x_3 / (3.14 d_2), 1 - 2.22e-3 x_3 d_3 / d_2^2 and 2.66e-2 x_3 x_4 d_3 / d_2 - 900.

    Hazards: d_2 may vanish inside the box (x_1 = x_2 between 75 and 80); f3 is flat where the
    constraints hold. Set and front are sampled by a search.

    Returns:
        The problem, with the ideal and nadir points of the suite.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> x = jnp.array([55.0, 75.0, 3000.0, 20.0])
        >>> losses = moo.problems.problem("re33").objectives(x)
        >>> [round(float(loss), 3) for loss in losses]
        [2.421, 1.665, 0.0]

    Source: as `re31`; Ray and Liew 2002, with 3.14 for pi as there.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        inner, outer, force, surfaces = x
        squares, cubes = outer**2 - inner**2, outer**3 - inner**3
        mass = 4.9e-5 * squares * (surfaces - 1)
        time = 9.82e6 * squares / (force * surfaces * cubes)
        gap = outer - inner - 20
        pressure = 0.4 - force / (3.14 * squares)
        heat = 1 - 2.22e-3 * force * cubes / squares**2
        torque = 2.66e-2 * force * surfaces * cubes / squares - 900
        return mass, time, violation(xp, gap, pressure, heat, torque)

    return engineering(
        "re33",
        formula,
        (np.array([55.0, 75.0, 1000.0, 11.0]), np.array([80.0, 110.0, 3000.0, 20.0])),
        names=("mass", "time", "violation"),
        ideal=(-0.721525, 1.13907203907, 0.0),
        nadir=(5.3067, 3.12833430979, 25.0),
        hypervolume=303.131,
        hypervolume_from="sampled",
    )


def re34() -> Problem:
    """Vehicle crash: mass, acceleration and intrusion, as response surfaces in [1, 3]^5.

    f1 is linear, f2 and f3 quadratic in the thicknesses of five parts, with the coefficients of
    the paper. Set and front are sampled by a search.

    Returns:
        The problem, with the ideal and nadir points of the suite.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re34").objectives(jnp.ones(5))
        >>> [round(float(loss), 4) for loss in losses][1:]
        [8.3046, 0.0708]

    Source: as `re31`; Liao et al., Multiobjective optimization for crash safety design of
        vehicles using stepwise regression model, 2008.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        a, b, c, d, e = x
        mass = 1640.2823 + 2.3573285 * a + 2.3220035 * b + 4.5688768 * c
        mass = mass + 7.7213633 * d + 4.4559504 * e
        peak = 6.5856 + 1.15 * a - 1.0427 * b + 0.9738 * c + 0.8364 * d - 0.3695 * a * d
        peak = peak + 0.0861 * a * e + 0.3628 * b * d
        peak = peak - 0.1106 * a**2 - 0.3437 * c**2 + 0.1764 * d**2
        toe = -0.0551 + 0.0181 * a + 0.1024 * b + 0.0421 * c - 0.0073 * a * b + 0.024 * b * c
        toe = toe - 0.0118 * b * d - 0.0204 * c * d - 0.008 * c * e
        return mass, peak, toe - 0.0241 * b**2 + 0.0109 * d**2

    return engineering(
        "re34",
        formula,
        (np.ones(5), np.full(5, 3.0)),
        names=("mass", "acceleration", "intrusion"),
        ideal=(1661.7078225, 6.14280000608, 0.0394),
        nadir=(1695.2002035, 10.7454, 0.26399999965),
        hypervolume=36.2812,
        hypervolume_from="sampled",
    )


def re37() -> Problem:
    """Rocket injector: wall temperature, tip temperature and length of the combustion zone.

    Three response surfaces of second and third order in [0, 1]^4: flow angle, changes of the
    hydrogen and oxygen areas, thickness of the tip. Set and front are sampled by a search.

    Returns:
        The problem, with the ideal and nadir points that papers use.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("re37").objectives(jnp.zeros(4))
        >>> [round(float(loss), 3) for loss in losses]
        [0.692, 0.153, 0.37]

    Source: as `re31`; Vaidyanathan et al., CFD-based design optimization for single element
        rocket injector, AIAA 2003-296.
    """
    return engineering(
        "re37",
        _injector,
        (np.zeros(4), np.ones(4)),
        names=("wall", "tip", "length"),
        ideal=(0.00889341391106, 0.00488, -0.431499999825),
        nadir=(0.98949120096, 0.956587924661, 0.987530948586),
        hypervolume=1.11504,
        hypervolume_from="sampled",
    )


def _injector(xp: Any, x: Any) -> tuple[Any, Any, Any]:
    a, h, o, t = x
    wall = 0.692 + 0.477 * a - 0.687 * h - 0.080 * o - 0.0650 * t - 0.167 * a**2
    wall = wall - 0.0129 * h * a + 0.0796 * h**2 - 0.0634 * o * a - 0.0257 * o * h
    wall = wall + 0.0877 * o**2 - 0.0521 * t * a + 0.00156 * t * h + 0.00198 * t * o
    tip = 0.153 - 0.322 * a + 0.396 * h + 0.424 * o + 0.0226 * t + 0.175 * a**2
    tip = tip + 0.0185 * h * a - 0.0701 * h**2 - 0.251 * o * a + 0.179 * o * h
    tip = tip + 0.0150 * o**2 + 0.0134 * t * a + 0.0296 * t * h + 0.0752 * t * o
    length = 0.370 - 0.205 * a + 0.0307 * h + 0.108 * o + 1.019 * t - 0.135 * a**2
    length = length + 0.0141 * h * a + 0.0998 * h**2 + 0.208 * o * a - 0.0301 * o * h
    length = length - 0.226 * o**2 + 0.353 * t * a - 0.0497 * t * o - 0.423 * t**2
    length = length + 0.202 * h * a**2 - 0.281 * o * a**2 - 0.342 * h**2 * a
    length = length - 0.245 * h**2 * o + 0.281 * o**2 * h - 0.184 * t**2 * a
    return wall + 0.0184 * t**2, tip + 0.0192 * t**2, length - 0.281 * h * a * o
