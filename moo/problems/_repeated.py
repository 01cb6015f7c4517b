"""Problems with several equal Pareto subsets: they test the diversity of a set of solutions."""

import itertools
import math
from typing import Any

import numpy as np

from moo.problems._formula import from_formula
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import box, starts_in


def omni_test(dim: int = 2) -> Problem:
    """3^n equal Pareto subsets: f1 = sum sin(pi x_i), f2 = sum cos(pi x_i), x in [0, 6]^n.

    On the Pareto set all x_i are one t in [1, 3/2] plus 0, 2 or 4 each. The front is the quarter
    circle of radius n about the origin with both losses negative; the hypervolume at
    (.1 n, .1 n) is n^2 (.21 + pi / 4).

    Args:
        dim: number of variables n, at least 1.

    Returns:
        The problem. `pareto_set(n)` takes the subsets in turn.

    Raises:
        ValueError: if dim is below 1.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("omni_test").pareto_front(2).round(6).tolist()
        [[0.0, -2.0], [-2.0, -0.0]]

    Source: Deb and Tiwari, Omni-optimizer: a procedure for single and multi-objective
        optimization, EMO 2005. Set, front and hypervolume derived.
    """
    if dim < 1:
        raise ValueError(f"dim: must be at least 1, got {dim}")

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        return xp.sum(xp.sin(np.pi * x), axis=0), xp.sum(xp.cos(np.pi * x), axis=0)

    def pareto_set(n: int) -> Float64:
        line = np.linspace(1.0, 1.5, n)[:, None]
        # The digits of k in base 3 name the subset; 7 is prime to 3^n, so that all get a turn.
        digits = np.arange(n)[:, None] * 7 // 3 ** np.arange(dim) % 3
        return np.asarray(line + 2.0 * digits)

    bounds = box(0.0, 6.0, dim)
    return from_formula(
        formula,
        name="omni_test",
        dim=dim,
        num_objectives=2,
        bounds=bounds,
        window=bounds if dim == 2 else None,
        pareto_set=pareto_set,
        connected=False,
        reference_point=np.full(2, 0.1 * dim),
        max_hypervolume=dim**2 * (0.21 + math.pi / 4),
        hypervolume_from="closed form",
        source="Deb and Tiwari, EMO 2005; set, front and hypervolume derived",
    )


def sym_part() -> Problem:
    """Nine equal Pareto subsets in the plane: f1, f2 = (p_1 +/- 1)^2 + p_2^2 on each of nine tiles.

    p is the offset from the centre of the nearest tile; each has side 10. The centres are
    {-10, 0, 10}^2 and the subsets the segments of length 2 about them, level with the first axis.
    The front sqrt f1 + sqrt f2 = 2 is convex; the hypervolume at (4.4, 4.4) is 4.4^2 - 8/3. The
    losses jump from tile to tile, where gradients do not see it.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("sym_part").objectives(jnp.array([-9.0, 10.0])).tolist()
        [4.0, 0.0]

    Source: Rudolph, Naujoks and Preuss, Capabilities of EMOA to detect and preserve equivalent
        Pareto subsets, EMO 2007, with a = 1, b = 10, c = 8. (pymoo sets its tiles 10 apart and
        cuts them 12 wide.) Hypervolume derived.
    """
    centres = np.array(list(itertools.product((-10.0, 0.0, 10.0), repeat=2)))

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        tile = xp.clip(xp.sign(x) * xp.ceil((xp.abs(x) - 5) / 10), -1, 1)
        p = x - 10 * tile
        return (p[0] + 1) ** 2 + p[1] ** 2, (p[0] - 1) ** 2 + p[1] ** 2

    def pareto_set(n: int) -> Float64:
        points = centres[np.arange(n) * len(centres) // n]
        points[:, 0] += np.linspace(-1.0, 1.0, n)[np.arange(n) * 7 % n]
        return points

    bounds = box(-20.0, 20.0, 2)
    return from_formula(
        formula,
        name="sym_part",
        dim=2,
        num_objectives=2,
        bounds=bounds,
        window=bounds,
        starts=starts_in(bounds, 12),
        pareto_set=pareto_set,
        connected=False,
        reference_point=np.full(2, 4.4),
        max_hypervolume=4.4**2 - 8 / 3,
        hypervolume_from="closed form",
        source="Rudolph, Naujoks and Preuss, EMO 2007; hypervolume derived",
    )
