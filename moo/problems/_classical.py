"""Small problems of the early literature, in one to three variables."""

from typing import Any

import numpy as np

from moo.problems._formula import from_formula
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import box, on_segments
from moo.problems._search import searched_set

# Large enough that its power stays normal in every float type, and far below rounding of a loss.
_TINY = 1e-30


def schaffer1() -> Problem:
    """Two parabolas in one variable: f1 = x^2, f2 = (x - 2)^2, also known as SCH1.

    The Pareto set is [0, 2]; the front sqrt f1 + sqrt f2 = 2; the hypervolume at (4.4, 4.4)
    4.4^2 - 8/3.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("schaffer1").pareto_front(3).tolist()
        [[0.0, 4.0], [1.0, 1.0], [4.0, 0.0]]

    Source: Schaffer, Multiple objective optimization with vector evaluated genetic algorithms,
        ICGA 1985; VLMOP1 has the same front in n variables. Hypervolume in closed form.
    """
    return from_formula(
        lambda xp, x: (x[0] ** 2, (x[0] - 2) ** 2),
        name="schaffer1",
        dim=1,
        num_objectives=2,
        bounds=box(-10.0, 10.0, 1),
        pareto_set=lambda n: np.linspace(0.0, 2.0, n)[:, None],
        reference_point=np.full(2, 4.4),
        max_hypervolume=4.4**2 - 8 / 3,
        hypervolume_from="closed form",
        source="Schaffer, ICGA 1985; hypervolume derived",
    )


def schaffer2() -> Problem:
    """A zigzag and a parabola in one variable, also known as SCH2.

    f1 = -x for x < 1, x - 2 for x < 3, 4 - x for x < 4, x - 4 beyond; f2 = (x - 5)^2. The Pareto
    set is [1, 2) and [4, 5], the front two pieces; the hypervolume at (1.2, 17.6) is
    2.2 17.6 - 38/3. f1 has kinks at 1, 3 and 4, and a local minimum at each of 1 and 4: runs
    from the left end in the left piece.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("schaffer2").pareto_front(2).tolist()
        [[-1.0, 16.0], [1.0, 0.0]]

    Source: as `schaffer1`. Set, front and hypervolume derived.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        t = x[0]
        zigzag = xp.where(t < 3, xp.where(t < 1, -t, t - 2), xp.where(t < 4, 4 - t, t - 4))
        return zigzag, (t - 5) ** 2

    # x = 2 itself is dominated by x = 4.
    segments = np.array([[1.0, 2.0 - 1e-8], [4.0, 5.0]])
    return from_formula(
        formula,
        name="schaffer2",
        dim=1,
        num_objectives=2,
        bounds=box(-5.0, 10.0, 1),
        pareto_set=lambda n: on_segments(n, segments)[:, None],
        connected=False,
        reference_point=np.array([1.2, 17.6]),
        max_hypervolume=2.2 * 17.6 - 38 / 3,
        hypervolume_from="closed form",
        source="Schaffer, ICGA 1985; set, front and hypervolume derived",
    )


def binh_korn() -> Problem:
    """Two bowls in the plane, unconstrained: f1 = x^2 + y^2, f2 = (x - 5)^2 + (y - 5)^2.

    The Pareto set is the segment between the centres; the front sqrt f1 + sqrt f2 = 5 sqrt 2; the
    hypervolume at (55, 55) 50^2 (1.21 - 1/6).

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("binh_korn").pareto_front(3).tolist()
        [[0.0, 50.0], [12.5, 12.5], [50.0, 0.0]]

    Source: Binh and Korn, An evolution strategy for the multiobjective optimization, Mendel 1996
        (BK1 in Huband et al. 2006). Hypervolume in closed form.
    """

    def pareto_set(n: int) -> Float64:
        return np.repeat(np.linspace(0.0, 5.0, n)[:, None], 2, axis=1)

    bounds = box(-5.0, 10.0, 2)
    return from_formula(
        lambda xp, x: (x[0] ** 2 + x[1] ** 2, (x[0] - 5) ** 2 + (x[1] - 5) ** 2),
        name="binh_korn",
        dim=2,
        num_objectives=2,
        bounds=bounds,
        window=bounds,
        pareto_set=pareto_set,
        reference_point=np.full(2, 55.0),
        max_hypervolume=2500 * (1.21 - 1 / 6),
        hypervolume_from="closed form",
        source="Binh and Korn, Mendel 1996; hypervolume derived",
    )


def poloni() -> Problem:
    """Trigonometric front in two pieces, in the plane (minimised form).

    f1 = 1 + (A_1 - B_1(x, y))^2 + (A_2 - B_2(x, y))^2 and f2 = (x + 3)^2 + (y + 1)^2, where
    B_1 = .5 sin x - 2 cos x + sin y - 1.5 cos y, B_2 = 1.5 sin x - cos x + 2 sin y - .5 cos y and
    A = B(1, 2), on [-pi, pi]^2. The Pareto set and front are sampled by a search.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("poloni").objectives(jnp.array([1.0, 2.0])).tolist()
        [1.0, 25.0]

    Source: Poloni, Hybrid GA for multi objective aerodynamic shape optimization, in Genetic
        algorithms in engineering and computer science, 1995 (MOP3 in Van Veldhuizen 1999).
    """

    def b(xp: Any, x: Any, y: Any) -> tuple[Any, Any]:
        first = 0.5 * xp.sin(x) - 2 * xp.cos(x) + xp.sin(y) - 1.5 * xp.cos(y)
        return first, 1.5 * xp.sin(x) - xp.cos(x) + 2 * xp.sin(y) - 0.5 * xp.cos(y)

    a1, a2 = (float(value) for value in b(np, 1.0, 2.0))

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        b1, b2 = b(xp, x[0], x[1])
        return 1 + (a1 - b1) ** 2 + (a2 - b2) ** 2, (x[0] + 3) ** 2 + (x[1] + 1) ** 2

    bounds = box(-np.pi, np.pi, 2)
    return from_formula(
        formula,
        name="poloni",
        dim=2,
        num_objectives=2,
        bounds=bounds,
        window=bounds,
        pareto_set=searched_set(formula, bounds),
        sampled=True,
        connected=False,
        reference_point=np.array([18.4, 27.5]),
        max_hypervolume=444.465,
        hypervolume_from="sampled",
        source="Poloni 1995; set and front sampled",
    )


def kursawe() -> Problem:
    """Front in pieces, set in pieces, three variables.

    f1 = sum_{i=1,2} -10 exp(-.2 sqrt(x_i^2 + x_{i+1}^2)) and
    f2 = sum_{i=1..3} abs(x_i)^.8 + 5 sin x_i^3, on [-5, 5]^3. The Pareto set and front are sampled
    by a search. Multimodal: gradient methods end on local fronts.

    Hazard: f1 and f2 have infinite or undefined slopes wherever an x_i is 0, as it is on part of
    the Pareto set. The losses take abs(x)^.8 as (x^2 + tiny)^.4, so that the gradient there is 0.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("kursawe").objectives(jnp.zeros(3))
        >>> [round(float(loss), 3) for loss in losses]
        [-20.0, 0.0]

    Source: Kursawe, A variant of evolution strategies for vector optimization, PPSN 1990, with
        the exponents of Deb 2001.
    """

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        squares = x**2 + _TINY
        f1 = xp.sum(-10 * xp.exp(-0.2 * xp.sqrt(squares[:-1] + squares[1:])), axis=0)
        return f1, xp.sum(squares**0.4 + 5 * xp.sin(x**3), axis=0)

    bounds = box(-5.0, 5.0, 3)
    return from_formula(
        formula,
        name="kursawe",
        dim=3,
        num_objectives=2,
        bounds=bounds,
        pareto_set=searched_set(formula, bounds),
        sampled=True,
        connected=False,
        reference_point=np.array([-13.8, 1.2]),
        max_hypervolume=41.0541,
        hypervolume_from="sampled",
        source="Kursawe, PPSN 1990; set and front sampled",
    )
