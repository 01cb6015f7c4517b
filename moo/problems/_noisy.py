"""A one-dimensional instance on which stochastic MGDA converges to the wrong point."""

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._problem import Float64, Problem


def noisy_instance() -> Problem:
    """Two parabolas with skewed gradient noise: F_1, F_2 = (x -/+ 1)^2 / 2 + xi_1, xi_2 times x.

    The noise is independent and of mean zero: xi_1 = +3 with probability 1/4, else -1;
    xi_2 = -3 with probability 2/3, else +6. It enters the losses as xi_i x and hence the gradients
    as x -/+ 1 + xi_i. The Pareto set is [-1, 1]. For x = 1 + delta with delta in (0, 1) the
    min-norm direction of one sample has mean (7 delta - 3) / 12, so that MGDA on single samples
    ends at x = 10/7 under every Robbins-Monro step size, 3/7 off the Pareto set.

    Returns:
        The problem. `objectives(x, key)` draws the noise from the typed key; without a key the
        losses are the expected ones. `facts["stochastic_mgda_limit"]` is 10/7.

    Example:
        >>> import jax, jax.numpy as jnp, moo.problems
        >>> noisy = moo.problems.noisy_instance()
        >>> noisy.objectives(jnp.array([2.0])).tolist()
        [0.5, 4.5]
        >>> keys = jax.random.split(jax.random.key(0), 50)
        >>> draws = jax.vmap(noisy.objectives, (None, 0))(jnp.array([1.0]), keys)
        >>> sorted(set(draws[:, 0].tolist())), sorted(set(draws[:, 1].tolist()))
        ([-1.0, 3.0], [-1.0, 8.0])

    Source: constructed for this package in the spirit of Zhou et al., CR-MOGM, NeurIPS 2022; no
        paper prints this instance.
    """
    return Problem(
        name="noisy_instance",
        dim=1,
        num_objectives=2,
        objectives=_objectives,
        starts=np.array([[4.0]]),
        window=(np.array([-2.0]), np.array([5.0])),
        pareto_set=_pareto_set,
        pareto_front=_pareto_front,
        reference_point=np.full(2, 2.2),
        max_hypervolume=4 * (1.21 - 1 / 6),
        hypervolume_from="closed form",
        stochastic=True,
        facts={"stochastic_mgda_limit": 10 / 7},
        source="constructed for this package, in the spirit of CR-MOGM (NeurIPS 2022)",
    )


def _objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
    x = jnp.asarray(x)[0]
    losses = jnp.stack([(x - 1) ** 2, (x + 1) ** 2]) / 2
    return losses if key is None else losses + skewed_noise(key, losses.dtype) * x


def skewed_noise(key: jax.Array, dtype: jnp.dtype) -> jax.Array:
    """xi_1 and xi_2, independent and of mean zero."""
    rare = jax.random.bernoulli(key, jnp.array([1 / 4, 1 / 3]))
    return jnp.where(rare, jnp.array([3, 6], dtype), jnp.array([-1, -3], dtype))


def _pareto_set(n: int) -> Float64:
    return np.linspace(-1.0, 1.0, n)[:, None]


def _pareto_front(n: int) -> Float64:
    return np.asarray((_pareto_set(n) + np.array([-1.0, 1.0])) ** 2 / 2)
