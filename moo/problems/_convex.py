"""Convex problems of the descent literature, each with its whole Pareto set in closed form."""

from dataclasses import replace
from typing import Any

import numpy as np

from moo.problems._formula import column, from_formula
from moo.problems._hull import hull
from moo.problems._problem import Box, Float64, Problem
from moo.problems._quadratics import quadratic_forms
from moo.problems._sampling import box, starts_in

_HUBAND = "Huband et al., IEEE Transactions on Evolutionary Computation 10, 2006; set derived"


def jos1(dim: int = 100) -> Problem:
    """Two bowls in any dimension: f1 = mean x_i^2, f2 = mean (x_i - 2)^2.

    The Pareto set is the diagonal from 0 to 2, the front sqrt f1 + sqrt f2 = 2, and the
    hypervolume at (4.4, 4.4) 4.4^2 - 8/3. Gradients shrink with 1 / n, as do their angles to
    the set.

    Args:
        dim: number of variables n, at least 1.

    Returns:
        The problem.

    Raises:
        ValueError: if dim is below 1.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("jos1", dim=7).pareto_front(3).tolist()
        [[0.0, 4.0], [1.0, 1.0], [4.0, 0.0]]

    Source: Jin, Olhofer and Sendhoff, Dynamic weighted aggregation for evolutionary
        multi-objective optimization, GECCO 2001. Hypervolume in closed form.
    """
    if dim < 1:
        raise ValueError(f"dim: must be at least 1, got {dim}")

    def formula(xp: Any, x: Any) -> tuple[Any, Any]:
        return xp.mean(x**2, axis=0), xp.mean((x - 2) ** 2, axis=0)

    def pareto_set(n: int) -> Float64:
        return np.repeat(np.linspace(0.0, 2.0, n)[:, None], dim, axis=1)

    bounds = box(-5.0, 5.0, dim)
    return from_formula(
        formula,
        name="jos1",
        dim=dim,
        num_objectives=2,
        bounds=bounds,
        window=bounds if dim == 2 else None,
        pareto_set=pareto_set,
        reference_point=np.full(2, 4.4),
        max_hypervolume=4.4**2 - 8 / 3,
        hypervolume_from="closed form",
        source="Jin, Olhofer and Sendhoff, GECCO 2001; hypervolume derived",
    )


def zlt1(num_objectives: int = 5, dim: int = 10) -> Problem:
    """Many bowls: f_j = (x_j - 1)^2 + sum_{i != j} x_i^2, for j = 1, ..., m <= n.

    The Pareto set is the simplex whose corners are the first m unit vectors.

    Args:
        num_objectives: number of objectives m, at least 2.
        dim: number of variables n, at least m.

    Returns:
        The problem.

    Raises:
        ValueError: if num_objectives is below 2 or dim below num_objectives.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> moo.problems.problem("zlt1", num_objectives=3, dim=3).objectives(jnp.ones(3)).tolist()
        [2.0, 2.0, 2.0]

    Source: Zitzler, Laumanns and Thiele, SPEA2, EUROGEN 2001 (ZLT1 in Huband et al. 2006).
    """
    if not 2 <= num_objectives <= dim:
        raise ValueError(f"num_objectives: must be in [2, dim={dim}], got {num_objectives}")

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        square = xp.sum(x**2, axis=0)
        return tuple(square - 2 * x[j] + 1 for j in range(num_objectives))

    return from_formula(
        formula,
        name="zlt1",
        dim=dim,
        num_objectives=num_objectives,
        bounds=box(-10.0, 10.0, dim),
        pareto_set=hull(np.eye(num_objectives, dim)),
        reference_point=np.full(num_objectives, 2.2),
        source=_HUBAND,
    )


def mhhm2() -> Problem:
    """Three bowls with close centres in the plane: (.8, .6), (.85, .7), (.9, .6), on [0, 1]^2.

    f_j is the squared distance to the j-th centre; the Pareto set is their triangle.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("mhhm2").objectives(jnp.array([0.8, 0.6]))
        >>> [round(float(loss), 4) for loss in losses]
        [0.0, 0.0125, 0.01]

    Source: Mao, Hirasawa, Hu and Murata (MHHM2 in Huband et al., A review of multiobjective test
        problems and a scalable test problem toolkit, IEEE Transactions on Evolutionary
        Computation 10, 2006).
    """
    centres = np.array([[0.8, 0.6], [0.85, 0.7], [0.9, 0.6]])

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        return tuple(xp.sum((x - column(centre, x)) ** 2, axis=0) for centre in centres)

    bounds = box(0.0, 1.0, 2)
    return from_formula(
        formula,
        name="mhhm2",
        dim=2,
        num_objectives=3,
        bounds=bounds,
        window=bounds,
        pareto_set=hull(centres),
        reference_point=np.full(3, 0.01375),
        max_hypervolume=1.8762e-6,
        hypervolume_from="sampled",
        source=_HUBAND,
    )


def sp1() -> Problem:
    """Two skew bowls: f1, f2 = (x - 1)^2 + (x - y)^2, (y - 3)^2 + (x - y)^2.

    Convex quadratic forms with the minima (1, 1) and (3, 3); the Pareto set is a curve between
    them that leaves the diagonal.

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("sp1").objectives(jnp.array([3.0, 3.0]))
        >>> [round(float(loss), 4) for loss in losses]
        [4.0, 0.0]

    Source: Sefrioui and Perlaux, Nash genetic algorithms: examples and applications, CEC 2000
        (SP1 in Huband et al. 2006).
    """
    # Columns of the factors: the two linear forms that are squared.
    factors = [[[1.0, 1.0], [0.0, -1.0]], [[0.0, 1.0], [1.0, -1.0]]]
    return _boxed(
        factors,
        [[1.0, 1.0], [3.0, 3.0]],
        "sp1",
        box(-1.0, 5.0, 2),
        (4.4, 17.475180222),
        "Sefrioui and Perlaux 2000; set derived",
    )


def lov1() -> Problem:
    """Two bowls of nearly equal shape: 1.05 x^2 + .98 y^2 and .99 (x - 3)^2 + 1.03 (y - 2)^2.

    The Pareto set is a flat curve between the minima (0, 0) and (3, 2).

    Returns:
        The problem.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("lov1").objectives(jnp.array([0.0, 0.0]))
        >>> [round(float(loss), 3) for loss in losses]
        [0.0, 13.03]

    Source: Lovison, Singular continuation: generating piecewise linear approximations to Pareto
        sets via global analysis, SIAM Journal on Optimization 21, 2011, in minimised form.
    """
    factors = np.sqrt([np.diag([1.05, 0.98]), np.diag([0.99, 1.03])])
    return _boxed(
        factors,
        [[0.0, 0.0], [3.0, 2.0]],
        "lov1",
        box(-10.0, 10.0, 2),
        (14.6, 184.15381015),
        "Lovison 2011; set derived",
    )


def _boxed(
    factors: Any, centres: Any, name: str, bounds: Box, corner: tuple[float, float], source: str
) -> Problem:
    """Quadratic forms in a plane box, with starts drawn there; the hypervolume is by quadrature."""
    forms = quadratic_forms(factors, centres, name=name, starts=starts_in(bounds), source=source)
    return replace(
        forms,
        bounds=bounds,
        window=bounds,
        reference_point=np.full(2, corner[0]),
        max_hypervolume=corner[1],
        hypervolume_from="quadrature",
    )
