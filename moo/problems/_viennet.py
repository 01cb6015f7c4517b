"""Viennet's three problems: two variables, three objectives."""

from typing import Any

import numpy as np

from moo.problems._formula import from_formula
from moo.problems._hull import hull, weighted_minimisers
from moo.problems._problem import Problem
from moo.problems._sampling import box
from moo.problems._search import searched_set

_SOURCE = "Viennet, Fonteix and Marc, International Journal of Systems Science 27, 1996"


def viennet1() -> Problem:
    """Three bowls: squared distances to (0, 1), (0, -1) and (1, 0), plus 0, 1 and 2.

    f1 = x^2 + (y - 1)^2, f2 = x^2 + (y + 1)^2 + 1, f3 = (x - 1)^2 + y^2 + 2 on [-2, 2]^2. The
    Pareto set is the triangle of the three centres.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("viennet1").objectives(jnp.array([0.0, 1.0])).tolist()
        [0.0, 5.0, 4.0]

    Source: Viennet, Fonteix and Marc, Multicriteria optimization using a genetic algorithm for
        determining a Pareto set, International Journal of Systems Science 27, 1996. The
        hypervolume is that of 20,000 points of the front, a lower bound.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        a, b = x
        f1, f2 = a**2 + (b - 1) ** 2, a**2 + (b + 1) ** 2 + 1
        return f1, f2, (a - 1) ** 2 + b**2 + 2

    bounds = box(-2.0, 2.0, 2)
    return from_formula(
        formula,
        name="viennet1",
        dim=2,
        num_objectives=3,
        bounds=bounds,
        window=bounds,
        pareto_set=hull(np.array([[0.0, 1.0], [0.0, -1.0], [1.0, 0.0]])),
        reference_point=np.array([4.4, 5.4, 4.2]),
        max_hypervolume=33.4822,
        hypervolume_from="sampled",
        source=f"{_SOURCE}; set derived",
    )


def viennet2() -> Problem:
    """Three convex quadratics of unlike shape on [-4, 4]^2.

    f1 = (x - 2)^2 / 2 + (y + 1)^2 / 13 + 3, f2 = (x + y - 3)^2 / 36 + (y - x + 2)^2 / 8 - 17,
    f3 = (x + 2 y - 1)^2 / 175 + (2 y - x)^2 / 17 - 13. All are strictly convex, so that the Pareto
    set is the image of the simplex of weights under the minimiser of the weighted sum.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("viennet2").objectives(jnp.array([2.0, -1.0])).tolist()[0]
        3.0

    Source: as `viennet1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        a, b = x
        f1 = (a - 2) ** 2 / 2 + (b + 1) ** 2 / 13 + 3
        f2 = (a + b - 3) ** 2 / 36 + (b - a + 2) ** 2 / 8 - 17
        return f1, f2, (a + 2 * b - 1) ** 2 / 175 + (2 * b - a) ** 2 / 17 - 13

    squares = np.array(
        [
            [[1 / 2, 0.0], [0.0, 1 / 13]],
            [[1 / 36 + 1 / 8, 1 / 36 - 1 / 8], [1 / 36 - 1 / 8, 1 / 36 + 1 / 8]],
            [[1 / 175 + 1 / 17, 2 / 175 - 2 / 17], [2 / 175 - 2 / 17, 4 / 175 + 4 / 17]],
        ]
    )
    bounds = box(-4.0, 4.0, 2)
    return from_formula(
        formula,
        name="viennet2",
        dim=2,
        num_objectives=3,
        bounds=bounds,
        window=bounds,
        pareto_set=weighted_minimisers(squares, np.array([[2.0, -1.0], [2.5, 0.5], [0.5, 0.25]])),
        reference_point=np.array([4.4, -16.4, -11.9]),
        max_hypervolume=0.8746,
        hypervolume_from="sampled",
        source=f"{_SOURCE}; set derived",
    )


def viennet3() -> Problem:
    """A front folded into pieces, also known as VLMOP3, on [-3, 3]^2.

    With s = x^2 + y^2, f1 = s / 2 + sin s, f2 = (3 x - 2 y + 4)^2 / 8 + (x - y + 1)^2 / 27 + 15,
    f3 = 1 / (s + 1) - 1.1 exp(-s). The Pareto set and front are sampled by a search.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("viennet3").objectives(jnp.zeros(2))
        >>> [round(float(loss), 4) for loss in losses]
        [0.0, 17.037, -0.1]

    Source: as `viennet1`.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any, Any]:
        a, b = x
        s = a**2 + b**2
        f2 = (3 * a - 2 * b + 4) ** 2 / 8 + (a - b + 1) ** 2 / 27 + 15
        return s / 2 + xp.sin(s), f2, 1 / (s + 1) - 1.1 * xp.exp(-s)

    bounds = box(-3.0, 3.0, 2)
    return from_formula(
        formula,
        name="viennet3",
        dim=2,
        num_objectives=3,
        bounds=bounds,
        window=bounds,
        pareto_set=searched_set(formula, bounds),
        sampled=True,
        connected=False,
        reference_point=np.array([9.0, 17.25, 0.19]),
        max_hypervolume=5.05887,
        hypervolume_from="sampled",
        source=f"{_SOURCE}; set and front sampled",
    )
