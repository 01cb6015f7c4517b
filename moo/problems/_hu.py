"""An instance on which linear scalarisation cannot explore the front."""

from typing import Any

import numpy as np

from moo.problems._formula import column, from_formula
from moo.problems._problem import Problem
from moo.problems._sampling import box
from moo.problems._search import searched_set


def hu_scalarization(inner: float = -0.3) -> Problem:
    """Three tasks, one shared direction: f_k = 1 - (u . y_k)^2, u = x / ||x|| in three dimensions.

    The unit vectors y_k have equal inner products. A shared linear map of width one, with the
    best head for each task, has these losses. Where the product of the three inner products is
    negative, no change of signs makes all of them positive, and the optima of the weighted sums
    (leading eigenvectors of sum w_k y_k y_k') cover a part of the front, of its directions u about
    two in five at inner = -.3; where it is positive they cover nearly all. Set and front are
    sampled by a search.

    Hazards: the losses are NaN at x = 0 and do not depend on ||x||, so that gradients are
    orthogonal to x and runs with a fixed step drift outwards.

    Args:
        inner: inner product of each two of the y_k, in (-.5, 1).

    Returns:
        The problem.

    Raises:
        ValueError: if inner is not in (-.5, 1).

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> hu = moo.problems.problem("hu_scalarization", inner=0.0)
        >>> hu.objectives(jnp.array([2.0, 0.0, 0.0])).tolist()
        [0.0, 1.0, 1.0]

    Source: Hu et al., Revisiting scalarization in multi-task learning, NeurIPS 2023,
        arXiv:2308.13985; the share was measured on an even grid of the sphere, see
        `papers/revisiting_scalarisation`.
    """
    if not -0.5 < inner < 1:
        raise ValueError(f"inner: must be in (-0.5, 1), got {inner}")
    tasks = np.linalg.cholesky(np.full((3, 3), inner) + (1 - inner) * np.eye(3))

    def formula(xp: Any, x: Any) -> tuple[Any, ...]:
        square = xp.sum(x**2, axis=0)
        return tuple(1 - xp.sum(x * column(y, x), axis=0) ** 2 / square for y in tasks)

    starts = np.random.default_rng(0).normal(size=(8, 3))
    return from_formula(
        formula,
        name="hu_scalarization",
        dim=3,
        num_objectives=3,
        starts=starts / np.linalg.norm(starts, axis=1, keepdims=True),
        pareto_set=searched_set(formula, box(-1.0, 1.0, 3)),
        sampled=True,
        connected=False,
        reference_point=np.full(3, 1.1),
        max_hypervolume=0.53075 if inner == -0.3 else None,
        hypervolume_from="sampled" if inner == -0.3 else "",
        source="Hu et al., arXiv:2308.13985; set and front sampled",
    )
