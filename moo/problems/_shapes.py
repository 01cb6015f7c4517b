"""What the DTLZ family and its descendants share: the record, products and Pareto sets."""

from typing import Any

import numpy as np

from moo.problems._formula import Formula, from_formula
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import box, place, simplex, sphere, spread

# Where t (1 + sin(3 pi t)) is above all its values to the left.
_RISING = np.array([[0.0, 0.2514118360889], [0.6316265307001, 0.8594008566447]])


def scalable(
    name: str, formula: Formula, m: int, tail: int, pareto_set: Any, hypervolume: float,
    source: str, reference: float = 1.1,
) -> Problem:  # fmt: skip
    """Build a problem of m objectives on the unit box, with `tail` variables beside m - 1 others.

    The Pareto set is `pareto_set(n, m, tail)`; the hypervolume is at (reference, ..., reference).
    """
    if m < 2:
        raise ValueError(f"num_objectives: must be at least 2, got {m}")
    dim = m - 1 + tail
    return from_formula(
        formula,
        name=name,
        dim=dim,
        num_objectives=m,
        bounds=box(0.0, 1.0, dim),
        pareto_set=lambda n: pareto_set(n, m, tail),
        reference_point=np.full(m, reference),
        max_hypervolume=hypervolume,
        hypervolume_from="closed form",
        source=f"{source}; set, front and hypervolume derived",
    )


def products(shrinking: list[Any], closing: list[Any]) -> list[Any]:
    """Return f_j = prod_{i <= m-j} shrinking_i times closing_{m-j+1}, from f_1 to f_m."""
    values: list[Any] = []
    product: Any = 1.0
    for shrink, close in zip(shrinking, closing, strict=True):
        values.append(product * close)
        product = product * shrink
    values.append(product)
    return values[::-1]


def multimodal(xp: Any, tail: Any) -> Any:
    """G = 100 (k + sum [(x - 1/2)^2 - cos(20 pi (x - 1/2))]) of DTLZ1 and DTLZ3."""
    shifted = tail - 0.5
    return 100 * xp.sum(1 + shifted**2 - xp.cos(20 * np.pi * shifted), axis=0)


def linear_set(n: int, m: int, tail: int) -> Float64:
    """Points that `products` of x and 1 - x send to evenly spread points of the simplex."""
    points = np.full((n, m - 1 + tail), 0.5)
    shares = simplex(n, m)
    left = np.ones(n)
    for i in range(m - 1):
        share = np.divide(shares[:, m - 1 - i], left, out=np.zeros(n), where=left > 1e-15)
        points[:, i] = 1 - np.clip(share, 0.0, 1.0)
        left = left * points[:, i]
    return points


def sphere_set(n: int, m: int, tail: int) -> Float64:
    """Points whose angles x pi / 2 belong to evenly spread points of the unit sphere."""
    points = np.full((n, m - 1 + tail), 0.5)
    unit = sphere(n, m)
    for i in range(m - 1):
        last = m - 1 - i
        before = np.linalg.norm(unit[:, :last], axis=1)
        points[:, i] = np.arctan2(unit[:, last], before) * (2 / np.pi)
    return points


def curve_set(rest: float) -> Any:
    """The set of DTLZ5 and DTLZ6: x_1 in order, x_2 anywhere, the tail constant."""

    def pareto_set(n: int, m: int, tail: int) -> Float64:
        points = np.full((n, m - 1 + tail), rest)
        points[:, 0] = np.linspace(0.0, 1.0, n)
        points[:, 1] = spread(n, 2)[:, 1]
        return points

    return pareto_set


def bumpy_set(n: int) -> Float64:
    """The set of DTLZ7: x_1 and x_2 on the two segments, the tail zero."""
    points = np.zeros((n, 22))
    points[:, :2] = place(spread(n, 2), _RISING)
    points[0, :2] = 0.0
    points[-1, :2] = _RISING[-1, -1]
    return points
