"""Fonseca and Fleming's Gaussian wells, for three and more objectives."""

import math
from dataclasses import replace
from typing import Any

import numpy as np

from moo.problems._formula import column, from_formula
from moo.problems._hull import hull
from moo.problems._problem import Float64, Problem
from moo.problems._sampling import box


def fonseca_three(dim: int = 20) -> Problem:
    """Three Gaussian wells: f_j = 1 - exp(-||x - c_j||^2), with c_1, c_2 of `fonseca_fleming`.

    c_3 has the entries -/+ 1 / sqrt n in turn, the odd ones negative. As each loss increases with
    the distance to its centre, the Pareto set is the triangle of the centres; the front is
    concave.

    Args:
        dim: number of variables n, even, at least 2.

    Returns:
        The problem. Its starts are drawn once, from seed 0, in the box of half-width
        min(.5, 1 / sqrt n), beyond which the gradients vanish.

    Raises:
        ValueError: if dim is below 2 or odd.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("fonseca_three").objectives(jnp.zeros(20))
        >>> [round(float(loss), 4) for loss in losses]
        [0.6321, 0.6321, 0.6321]

    Source: Mahapatra and Rajan, EPO, ICML 2020, arXiv:2108.00597. Set and front derived.
    """
    if dim < 2 or dim % 2:
        raise ValueError(f"dim: must be even and at least 2, got {dim}")
    third = np.where(np.arange(dim) % 2 == 0, -1.0, 1.0)
    centres = np.stack([np.ones(dim), -np.ones(dim), third]) / math.sqrt(dim)
    wells = _wells("fonseca_three", centres, "Mahapatra and Rajan, EPO, ICML 2020")
    # The distances of the centres, hence the front, are the same for every even n.
    return replace(wells, max_hypervolume=0.24168, hypervolume_from="sampled")


def fonseca_many(num_objectives: int = 8, dim: int = 20) -> Problem:
    """Many Gaussian wells: f_j = 1 - exp(-||x - c_j||^2) with m centres drawn once, from seed 1.

    The centres are uniform in the box of half-width 1 / sqrt n. The Pareto set is their convex
    hull, the front concave: linear scalarisation reaches only a neighbourhood of its rim.

    Args:
        num_objectives: number of objectives m, at least 2.
        dim: number of variables n, at least 1.

    Returns:
        The problem.

    Raises:
        ValueError: if num_objectives is below 2 or dim below 1.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("fonseca_many").num_objectives
        8

    Source: after Mahapatra and Rajan, EPO, ICML 2020, arXiv:2108.00597, which takes up to 38
        wells; the centres are this package's own.
    """
    if num_objectives < 2:
        raise ValueError(f"num_objectives: must be at least 2, got {num_objectives}")
    if dim < 1:
        raise ValueError(f"dim: must be at least 1, got {dim}")
    drawn = np.random.default_rng(1).uniform(-1, 1, (num_objectives, dim))
    return _wells("fonseca_many", drawn / math.sqrt(dim), "after EPO, ICML 2020; centres drawn")


def _wells(name: str, centres: Float64, source: str) -> Problem:
    m, dim = centres.shape
    half = min(0.5, 1 / math.sqrt(dim))

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        return tuple(-xp.expm1(-xp.sum((x - column(c, x)) ** 2, axis=0)) for c in centres)

    return from_formula(
        formula,
        name=name,
        dim=dim,
        num_objectives=m,
        bounds=box(-4.0, 4.0, dim),
        starts=np.random.default_rng(0).uniform(-half, half, (10, dim)),
        pareto_set=hull(centres),
        reference_point=np.ones(m),
        source=f"{source}; set and front derived",
    )
