"""The concave two-objective problem of Fonseca and Fleming, in any dimension."""

import math
from numbers import Integral

import jax
import jax.numpy as jnp
import numpy as np

from moo.problems._problem import Float64, Problem


def fonseca_fleming(dim: int = 20, *, num_starts: int = 10) -> Problem:
    """Two Gaussian wells: f1, f2 = 1 - exp(-||x -/+ 1/sqrt(n)||^2), also known as VLMOP2.

    The Pareto set is the diagonal x = s / sqrt(n), s in [-1, 1]; the front
    (1 - exp(-(s - 1)^2), 1 - exp(-(s + 1)^2)) is symmetric, concave and the same for every n, so
    that linear scalarisation reaches only its two ends. Integrating over s, the hypervolume at
    (1, 1) is sqrt(2 pi) erf(sqrt 2) / e^2 + 1 / e^4 = .3421156.

    No paper prints its starts. Here they are drawn once, from seed 0, in the box of half-width
    min(.5, 1 / sqrt(n)): in high dimensions the usual half-width .5 lies so far out that the
    gradients vanish and nothing moves.

    Args:
        dim: number of variables n, at least 1.
        num_starts: number of starts, at least 1.

    Returns:
        The problem.

    Raises:
        ValueError: if dim or num_starts is below 1.
        TypeError: if one of them is no int.

    Example:
        >>> import jax.numpy as jnp, moo.problems
        >>> losses = moo.problems.fonseca_fleming(dim=5).objectives(jnp.zeros(5))
        >>> [round(float(loss), 4) for loss in losses]
        [0.6321, 0.6321]

    Source: Fonseca and Fleming, An overview of evolutionary algorithms in multiobjective
        optimization, Evolutionary Computation 3, 1995; n = 20 as in Lin et al., PMTL, NeurIPS
        2019, arXiv:1912.12854. The set, front and hypervolume are derived from the formula.
    """
    for name, value in {"dim": dim, "num_starts": num_starts}.items():
        if not isinstance(value, Integral) or isinstance(value, bool):
            raise TypeError(f"{name}: must be an int, got {value!r}")
        if value < 1:
            raise ValueError(f"{name}: must be at least 1, got {value}")
    centre = 1 / math.sqrt(dim)
    half = min(0.5, centre)

    def objectives(x: jax.Array, key: jax.Array | None = None) -> jax.Array:
        x = jnp.asarray(x)
        squares = jnp.stack([jnp.sum((x - centre) ** 2), jnp.sum((x + centre) ** 2)])
        return -jnp.expm1(-squares)

    def pareto_set(n: int) -> Float64:
        return np.repeat(np.linspace(-1, 1, n)[:, None] * centre, dim, axis=1)

    return Problem(
        name="fonseca_fleming",
        dim=dim,
        num_objectives=2,
        objectives=objectives,
        starts=np.random.default_rng(0).uniform(-half, half, (num_starts, dim)),
        bounds=(np.full(dim, -4.0), np.full(dim, 4.0)),
        window=(np.full(dim, -2.0), np.full(dim, 2.0)),
        pareto_set=pareto_set,
        pareto_front=_front,
        reference_point=np.ones(2),
        max_hypervolume=math.sqrt(2 * math.pi) * math.erf(math.sqrt(2)) / math.e**2 + math.e**-4,
        hypervolume_from="closed form",
        source="Fonseca and Fleming 1995; set, front and hypervolume in closed form",
    )


def _front(n: int) -> Float64:
    s = np.linspace(-1, 1, n)
    return np.stack([-np.expm1(-((s - 1) ** 2)), -np.expm1(-((s + 1) ** 2))], axis=1)
