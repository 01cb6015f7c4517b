"""The two-loss toy in the settings of other papers, and its versions with noise."""

from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._problem import Problem
from moo.problems._toy import two_task_toy


def two_task_toy_cagrad() -> Problem:
    """`two_task_toy` in CAGrad's setting: scale 1, three starts.

    Returns:
        The problem.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("two_task_toy_cagrad").starts.shape
        (3, 2)

    Source: Liu et al., CAGrad, NeurIPS 2021, arXiv:2110.14048, Sec. 5.1.
    """
    return replace(two_task_toy(setting="cagrad"), name="two_task_toy_cagrad")


def two_task_toy_moco(deviation: float = 1.0) -> Problem:
    """`two_task_toy` in MoCo's setting: scale 2, five starts, standard normal gradient noise.

    With a key, f_j(x) + deviation n_j . x with n_j ~ N(0, I), independent for each objective, so
    that the gradients carry the noise deviation n_j.

    Args:
        deviation: standard deviation of each entry of the gradients, positive.

    Returns:
        The problem.

    Raises:
        ValueError: if deviation is not positive and finite.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("two_task_toy_moco").stochastic
        True

    Source: Fernando et al., MoCo, ICLR 2023, whose code adds the noise to the gradients; here it
        is the gradient of a linear term, so that losses are noisy too.
    """
    return _with_noise(two_task_toy(setting="moco"), "two_task_toy_moco", deviation)


def two_task_toy_sdmgrad(deviation: float = 0.2) -> Problem:
    """`two_task_toy` in SDMGrad's setting: scale 1, three starts, gradient noise of deviation .2.

    Args:
        deviation: standard deviation of each entry of the gradients, positive.

    Returns:
        The problem; with a key as `two_task_toy_moco`.

    Raises:
        ValueError: if deviation is not positive and finite.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("two_task_toy_sdmgrad").starts.shape
        (3, 2)

    Source: Xiao, Ban and Ji, SDMGrad, NeurIPS 2023, arXiv:2305.18409.
    """
    return _with_noise(two_task_toy(setting="cagrad"), "two_task_toy_sdmgrad", deviation)


def two_task_toy_modo(samples: int = 20, batch: int = 8) -> Problem:
    """MoDo's finite-sample toy: the two slopes of `two_task_toy` above bowls tilted by samples.

    f1, f2 = l_i c1 + (q_i + t_i(z)) c2 with q_1, q_2 = ((a -/+ 3.5)^2 + (b + 1)^2 / 2) / 10 - 20
    and t_1, t_2 = -/+ 2 z_1 a - 5.5 z_2 b, averaged over the stored samples z of N(0, I); with a
    key over a batch of them, drawn with replacement.

    Args:
        samples: number of stored samples, drawn once from seed 0; at least 1.
        batch: number of samples drawn by a key; at least 1.

    Returns:
        The problem. Its Pareto set is not known.

    Raises:
        ValueError: if samples or batch is below 1.

    Example:
        >>> import moo.problems
        >>> moo.problems.problem("two_task_toy_modo").starts.tolist()
        [[-8.5, 7.5], [-10.0, -3.0], [9.0, 9.0]]

    Source: Chen et al., MoDo, NeurIPS 2023, arXiv:2305.20057, non-convex example, with samples
        drawn here (its own are stored in its code).
    """
    for name, value in {"samples": samples, "batch": batch}.items():
        if value < 1:
            raise ValueError(f"{name}: must be at least 1, got {value}")
    stored = np.random.default_rng(0).normal(size=(samples, 2))
    slopes = two_task_toy(scale=1.0).objectives

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        z = jnp.asarray(stored, x.dtype)
        if key is not None:
            z = z[jax.random.randint(key, (batch,), 0, samples)]
        c2 = jnp.maximum(jnp.tanh(-x[1] / 2), 0)
        return jnp.where(c2 > 0, c2 * _bowls(x, jnp.mean(z, axis=0)), slopes(x))

    return Problem(
        name="two_task_toy_modo",
        dim=2,
        num_objectives=2,
        objectives=objectives,
        starts=np.array([[-8.5, 7.5], [-10.0, -3.0], [9.0, 9.0]]),
        window=(np.array([-10.0, -10.0]), np.array([10.0, 10.0])),
        stochastic=True,
        source="MoDo, arXiv:2305.20057, with samples drawn from seed 0",
    )


def _bowls(x: jax.Array, z: jax.Array) -> jax.Array:
    a, b = x
    signs = jnp.asarray([-1.0, 1.0], x.dtype)
    bowls = ((a + 3.5 * signs) ** 2 + 0.5 * (b + 1) ** 2) / 10 - 20
    return bowls + 2 * z[0] * a * signs - 5.5 * z[1] * b


def _with_noise(toy: Problem, name: str, deviation: float) -> Problem:
    if not 0 < deviation < np.inf:
        raise ValueError(f"deviation: must be positive and finite, got {deviation}")
    return replace(toy, name=name, objectives=_noisy(toy.objectives, deviation), stochastic=True)


def _noisy(losses: Any, deviation: float) -> Any:
    """Add a random linear term to each of two losses, where a key is given."""

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        clean = losses(x)
        if key is None:
            return clean
        noise = jax.random.normal(key, (len(clean), len(x)), x.dtype)
        return clean + deviation * jnp.sum(noise * x, axis=1)

    return objectives
