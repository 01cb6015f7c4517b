"""Descendants of the DTLZ family with inverted and convex fronts."""

import math
from typing import Any

import numpy as np

from moo.problems._problem import Problem
from moo.problems._shapes import linear_set, multimodal, products, scalable, sphere_set


def maf1(num_objectives: int = 3) -> Problem:
    """Inverted simplex: f = (1 + g) (1 - y), y the products of x_i and 1 - x_i of `dtlz1`.

    g = sum_tail (x_i - 1/2)^2 over the last k = 10 variables. On the Pareto set the tail is 1/2;
    the front is the part of the plane sum f = m - 1 inside the unit cube, so that most weights
    and rays towards its corners meet no point of it. The hypervolume at (1.1, ..., 1.1) is
    sum_j C(m, j) .1^j / (m - j)!, .347667 for m = 3.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 9.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("maf1").objectives(jnp.full(12, 0.5)).tolist()
        [0.75, 0.75, 0.5]

    Source: Cheng et al., A benchmark test suite for evolutionary many-objective optimization,
        Complex and Intelligent Systems 3, 2017. Front and hypervolume derived.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = xp.sum((x[num_objectives - 1 :] - 0.5) ** 2, axis=0)
        head = [x[i] for i in range(num_objectives - 1)]
        return tuple((1 + g) * (1 - y) for y in products(head, [1 - t for t in head]))

    volume = _inverted_volume(num_objectives)
    return scalable("maf1", formula, num_objectives, 10, linear_set, volume, "Cheng et al. 2017")


def inverted_dtlz1(num_objectives: int = 3) -> Problem:
    """`dtlz1` turned over: f = (1 + g) / 2 - (its losses), with its many local fronts.

    The front is the part of the plane sum f = (m - 1) / 2 inside the cube of side 1/2; the
    hypervolume at (.55, ..., .55) is that of `maf1` over 2^m, .0434583 for m = 3.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 4.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("inverted_dtlz1").objectives(jnp.full(7, 0.5)).tolist()
        [0.375, 0.375, 0.25]

    Source: Jain and Deb, An evolutionary many-objective optimization algorithm using
        reference-point based nondominated sorting approach, part II, IEEE Transactions on
        Evolutionary Computation 18, 2014. Front and hypervolume derived.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = multimodal(xp, x[num_objectives - 1 :])
        head = [x[i] for i in range(num_objectives - 1)]
        return tuple(0.5 * (1 + g) * (1 - y) for y in products(head, [1 - t for t in head]))

    volume = _inverted_volume(num_objectives) / 2**num_objectives
    source = "Jain and Deb 2014"
    return scalable("inverted_dtlz1", formula, num_objectives, 5, linear_set, volume, source, 0.55)


def convex_dtlz2(num_objectives: int = 3) -> Problem:
    """`dtlz2` bent inwards: its losses to the fourth power, the last one squared.

    The front is sqrt f_1 + ... + sqrt f_(m-1) + f_m = 1, and d = m - 1 gives the hypervolume at
    (1.1, ..., 1.1), 1.1^m - 2^d / (2 d + 1)!, 1.297667 for m = 3. Gradients of f_i vanish with
    f_i, so that runs slow down at the rim of the front.

    Args:
        num_objectives: number of objectives m, at least 2.

    Returns:
        The problem, of dimension m + 9.

    Raises:
        ValueError: if num_objectives is below 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> f = moo.problems.problem("convex_dtlz2").objectives(jnp.full(12, 0.5))
        >>> round(float(f[0] ** 0.5 + f[1] ** 0.5 + f[2]), 5)
        1.0

    Source: Deb and Jain, An evolutionary many-objective optimization algorithm using
        reference-point based nondominated sorting approach, part I, IEEE Transactions on
        Evolutionary Computation 18, 2014. Hypervolume derived.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        g = xp.sum((x[num_objectives - 1 :] - 0.5) ** 2, axis=0)
        angles = [x[i] * (np.pi / 2) for i in range(num_objectives - 1)]
        unit = products([xp.cos(t) for t in angles], [xp.sin(t) for t in angles])
        return (*(((1 + g) * y) ** 4 for y in unit[:-1]), ((1 + g) * unit[-1]) ** 2)

    d = num_objectives - 1
    volume = 1.1**num_objectives - 2**d / math.factorial(2 * d + 1)
    source = "Deb and Jain 2014"
    return scalable("convex_dtlz2", formula, num_objectives, 10, sphere_set, volume, source)


def _inverted_volume(m: int) -> float:
    """Volume of the points of [0, 1.1]^m whose coordinates, cut off at 1, sum to m - 1 or more."""
    return sum(math.comb(m, j) * 0.1**j / math.factorial(m - j) for j in range(m + 1))
