"""Convex problems seen through noise, with the expected front in closed form."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._hull import hull
from moo.problems._noisy import skewed_noise
from moo.problems._problem import Float64, Problem
from moo.problems._quadratics import quadratic_forms


def noisy_quadratics(dim: int = 10, deviation: float = 1.0) -> Problem:
    """Two quadratics of opposite curvature, with Gaussian gradient noise.

    F_i = (x - u_i)' A_i (x - u_i) / 2, A_1 = diag(.1, ..., 1), A_2 the same reversed,
    u_1, u_2 = +/- 1 / sqrt n; with a key, + deviation n_i . x, n_i ~ N(0, I). On this problem the
    bias of stochastic min-norm directions and the rates of its mends are measured.

    Args:
        dim: number of variables n, at least 2.
        deviation: standard deviation of each entry of the gradients, positive.

    Returns:
        The problem, with the Pareto curve of `quadratic_forms`.

    Raises:
        ValueError: if dim is below 2, or deviation is not positive and finite.

    Example:
        >>> import moo.problems
        >>> problem = moo.problems.problem("noisy_quadratics", dim=4)
        >>> problem.pareto_set(3)[[0, 2]].round(9).tolist()
        [[-0.5, -0.5, -0.5, -0.5], [0.5, 0.5, 0.5, 0.5]]

    Source: constructed for this package; no paper prints this instance.
    """
    if dim < 2:
        raise ValueError(f"dim: must be at least 2, got {dim}")
    if not 0 < deviation < np.inf:
        raise ValueError(f"deviation: must be positive and finite, got {deviation}")
    curvature = np.linspace(0.1, 1.0, dim)
    factors = np.sqrt(np.stack([np.diag(curvature), np.diag(curvature[::-1])]) / 2)
    centres = np.stack([np.ones(dim), -np.ones(dim)]) / np.sqrt(dim)
    starts = np.stack([np.full(dim, 1.5), np.full(dim, -1.5)])
    clean = quadratic_forms(factors, centres, name="noisy_quadratics", starts=starts)

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        losses = clean.objectives(x)
        if key is None:
            return losses
        noise = jax.random.normal(key, (2, dim), losses.dtype)
        return losses + deviation * jnp.sum(noise * jnp.asarray(x), axis=1)

    return replace(
        clean,
        objectives=objectives,
        stochastic=True,
        reference_point=np.full(2, 1.21),
        max_hypervolume=1.344399544 if dim == 10 else None,
        hypervolume_from="quadrature" if dim == 10 else "",
        source="constructed for this package; set derived",
    )


def online_quadratics() -> Problem:
    """Rounds of an online problem in five dimensions: f_i = ||x - z_i||^2 / 2, z_i random.

    z_1, z_2 = +/- e_1 + .3 N(0, I) - xi_i e_1, with the skewed xi_i of `noisy_instance`. Hence
    F_i = ||x -/+ e_1||^2 / 2 + const, and the Pareto set is the segment from -e_1 to e_1.

    Returns:
        The problem. Without a key the losses are the expected ones, constants included:
        (.45 + 3) / 2 and (.45 + 18) / 2.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.problem("online_quadratics").objectives(jnp.zeros(5))
        >>> [round(float(loss), 3) for loss in losses]
        [2.225, 9.725]

    Source: constructed for this package, for the regret of DR-OMMD (Jiang et al., ICLR 2023).
    """
    centres = np.zeros((2, 5))
    centres[:, 0] = 1.0, -1.0
    constants = np.array([0.45 + 3, 0.45 + 18]) / 2

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        z = jnp.asarray(centres, x.dtype)
        if key is None:
            return jnp.sum((x - z) ** 2, axis=1) / 2 + jnp.asarray(constants, x.dtype)
        spread, skew = jax.random.split(key)
        z = z + 0.3 * jax.random.normal(spread, z.shape, x.dtype)
        z = z.at[:, 0].add(-skewed_noise(skew, x.dtype))
        return jnp.sum((x - z) ** 2, axis=1) / 2

    return _segment("online_quadratics", objectives, centres, 0.5, constants)


def label_noise(dim: int = 20, batch: int = 64) -> Problem:
    """One linear regressor for two tasks, the first with noisy labels: deviations 3 and .1.

    F_i = ||x - theta_i||^2 + sigma_i^2, the mean squared error for inputs N(0, I); with a key it
    is measured on a batch, the inputs shared by both tasks. theta_2 = theta_1 + .5 N(0, I) /
    sqrt n. The Pareto set is the segment from theta_1 to theta_2: label noise changes it not at
    all, but the weights of loss-based methods by much.

    Args:
        dim: number of variables n, at least 1.
        batch: number of rows that a key draws, at least 1.

    Returns:
        The problem, with both theta drawn once from seed 0.

    Raises:
        ValueError: if dim or batch is below 1.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("label_noise").pareto_front(2).min(axis=0).round(4).tolist()
        [9.0, 0.01]

    Source: in the manner of He et al., Robust multi-task learning with excess risks, ICML 2024,
        arXiv:2402.02009; the instance is this package's own.
    """
    for name, value in {"dim": dim, "batch": batch}.items():
        if value < 1:
            raise ValueError(f"{name}: must be at least 1, got {value}")
    rng = np.random.default_rng(0)
    first = rng.normal(size=dim)
    theta = np.stack([first, first + 0.5 * rng.normal(size=dim) / np.sqrt(dim)])
    deviations = np.array([3.0, 0.1])

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        offsets, sigma = x - jnp.asarray(theta, x.dtype), jnp.asarray(deviations, x.dtype)
        if key is None:
            return jnp.sum(offsets**2, axis=1) + sigma**2
        rows, labels = jax.random.split(key)
        inputs = jax.random.normal(rows, (batch, 1, dim), x.dtype)
        noise = sigma * jax.random.normal(labels, (batch, 2), x.dtype)
        return jnp.mean((jnp.sum(inputs * offsets, axis=2) - noise) ** 2, axis=0)

    return _segment("label_noise", objectives, theta, 1.0, deviations**2)


def _segment(
    name: str, objectives: Any, centres: Float64, factor: float, constants: Float64
) -> Problem:
    """Two losses factor ||x - u_i||^2 + constant_i; the Pareto set is the segment of the u_i."""
    points = hull(centres)

    def pareto_front(n: int) -> Float64:
        squares = np.sum((points(n)[:, None] - centres) ** 2, axis=2)
        return np.asarray(factor * squares + constants)

    dim = centres.shape[1]
    width = factor * float(np.sum((centres[0] - centres[1]) ** 2))
    return Problem(
        name=name,
        dim=dim,
        num_objectives=2,
        objectives=objectives,
        starts=np.random.default_rng(1).normal(size=(8, dim)),
        pareto_set=points,
        pareto_front=pareto_front,
        reference_point=constants + 1.1 * width,
        max_hypervolume=width**2 * (1.21 - 1 / 6),
        hypervolume_from="closed form",
        stochastic=True,
        source="constructed for this package; set and front in closed form",
    )
