"""Preferences among m objectives: regular grids and random draws."""

import itertools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array, is_typed_key
from moo.aggregators._checks import check_count, is_real


def simplex_grid(num_objectives: int, partitions: int) -> Array:
    r"""List the points of the simplex whose entries are multiples of 1 / p.

    There are $\binom{p + m - 1}{m - 1}$ of them, in ascending order of the first entries.

    Args:
        num_objectives: the number m of entries, at least 1.
        partitions: p, at least 1.

    Returns:
        Shape (number, m), rows that are non-negative and add up to 1.

    Raises:
        TypeError: if an argument is no int.
        ValueError: if one is below 1.

    Example:
        >>> import moo
        >>> moo.simplex_grid(2, 2).tolist()
        [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]

    Source: Das and Dennis, "Normal-boundary intersection: a new method for generating the Pareto
    surface in nonlinear multicriteria optimization problems", SIAM Journal on Optimization 1998.
    """
    check_count("num_objectives", num_objectives, low=1)
    check_count("partitions", partitions, low=1)
    slots = range(partitions + num_objectives - 1)
    bars = np.array(list(itertools.combinations(slots, num_objectives - 1)), int)
    ends = np.full((len(bars), 1), partitions + num_objectives - 1)
    edges = np.concatenate([np.full_like(ends, -1), bars, ends], axis=1)
    return jnp.asarray((np.diff(edges, axis=1) - 1) / partitions, dtype=float)


def sample_rays(key: Array, alpha: ArrayLike, number: int) -> Array:
    r"""Draw rays from a Dirichlet distribution with concentrations $\alpha$.

    Args:
        key: a typed key.
        alpha: shape (m,), positive; 1 in every entry is uniform on the simplex, 0.2 (Pareto
            hypernetworks) prefers its corners, and a larger one the middle.
        number: the number K of rays.

    Returns:
        Shape (K, m), rows that are non-negative and add up to 1.

    Raises:
        TypeError: if the key is not typed, or `alpha` consists of no real numbers.
        ValueError: if `alpha` is not of shape (m,), or a known entry is not positive or infinite.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> moo.sample_rays(jax.random.key(0), jnp.ones(3), 5).shape
        (5, 3)
    """
    if not is_typed_key(key):
        raise TypeError("key must be a typed key: build it with jax.random.key(seed)")
    check_count("number", number, low=1)
    if np.ndim(alpha) != 1:
        raise ValueError(f"alpha must have shape (m,), got {np.shape(alpha)}")
    if not isinstance(alpha, jax.core.Tracer):
        _check_positive(np.asarray(alpha))
    return jax.random.dirichlet(key, jnp.asarray(alpha, float), (number,))


def _check_positive(alpha: np.ndarray[Any, Any]) -> None:
    if not is_real(alpha):
        raise TypeError(f"alpha must consist of real numbers, got {alpha.tolist()}")
    if not (np.isfinite(alpha) & (alpha > 0)).all():
        raise ValueError(f"alpha must be positive and finite, got {alpha.tolist()}")
