"""A manifold of models: the vertices' convex combination at the ray."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from moo._types import Array, Objectives, Params


def pareto_manifold(objectives: Objectives) -> Callable[..., Any]:
    r"""Turn objectives of one model into those of a simplex of models.

    $\theta(r) = \sum_i r_i \theta_i$ for m vertices, so that
    $\partial f / \partial \theta_i = r_i\, \partial f / \partial \theta(r)$.

    Args:
        objectives: `objectives(params, *args) -> losses`, shape (m,).

    Returns:
        `fn(vertices, ray, *args)` for `moo.ray_jacobian`, which returns what `objectives` does;
        every leaf of `vertices` has a leading axis m, one vertex an objective. Initialise them
        independently, as by `jax.vmap(init)(jax.random.split(key, m))`.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> fn = moo.pareto_manifold(lambda x: jnp.stack([x, 2 * x]))
        >>> fn(jnp.array([1.0, 3.0]), jnp.array([0.5, 0.5])).tolist()
        [2.0, 4.0]

    Source: Dimitriadis, Frossard, Fleuret, "Pareto Manifold Learning: Tackling multiple tasks via
    ensembles of single-task models", ICML 2023, arXiv 2210.09759.
    """

    def fn(vertices: Params, ray: Array, *args: Any) -> Any:
        return objectives(jax.tree.map(lambda leaf: _mean(ray, leaf), vertices), *args)

    return fn


def _mean(ray: Array, leaf: Array) -> Array:
    if leaf.ndim == 0 or leaf.shape[0] != ray.shape[0]:
        raise ValueError(
            f"vertices must hold a leading axis {ray.shape[0]}, one entry an objective, got a leaf "
            f"of shape {leaf.shape}"
        )
    dtype = jnp.promote_types(leaf.dtype, jnp.float32)
    total = lax.dot_general(
        ray.astype(dtype), leaf.astype(dtype), (((0,), (0,)), ((), ())),
        precision=lax.Precision.HIGHEST,
    )  # fmt: skip
    return total.astype(leaf.dtype)
