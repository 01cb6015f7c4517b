"""Pareto hypernetworks: one conditioned model, trained by linear scalarisation or by EPO."""

from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator, cast_gram
from moo.aggregators._checks import check_number
from moo.aggregators._solvers._exact_pareto import exact_pareto
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.sets._base import from_rays, no_own_state

Solver = Literal["ls", "epo"]


def phn(
    num_objectives: int, *, num_rays: int = 1, solver: Solver = "ls", eps: ArrayLike = 1e-4
) -> Aggregator:
    r"""Train a model conditioned on the ray r by the losses weighted as r asks.

    `"ls"`: $w_k = r_k$. `"epo"`: $w_k = m \alpha_k$ with the weights $\alpha_k$ of `moo.epo` at
    the preference $r_k$, over the gradients of the conditioned model's own parameters: the losses
    become inversely proportional to the ray, on concave fronts too.

    Args:
        num_objectives: the number m of objectives.
        num_rays: the number K of rays a step (1 in the paper), over which the mean is taken.
        solver: `"ls"` or `"epo"`.
        eps: the divergence that counts as balanced for `"epo"` (1e-4 in the authors' code).

    Returns:
        An aggregator for `moo.ray_jacobian`, with a `SetState`. One backward pass with `"ls"`, m
        for each ray with `"epo"`, which needs losses above 0. Draw the rays anew in every step,
        as by `moo.sample_rays` with concentrations 0.2 (authors' code).

    Raises:
        TypeError: if `num_rays` is no int.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> rays = jnp.array([[1.0, 0.0], [0.5, 0.5]])
        >>> tx = moo.phn(2, num_rays=2)
        >>> jac = moo.ray_jacobian(lambda x, ray: x, jnp.array([3.0, 4.0]), rays)
        >>> tx.update(jac, tx.init(jnp.zeros(2)))[0].tolist()
        [0.75, 0.25]

    Source: Navon, Shamsian, Chechik, Fetaya, "Learning the Pareto Front with Hypernetworks", ICLR
    2021, arXiv 2010.04104.
    Differs from the paper: the hypernetwork itself is left to the objectives; where EPO's program
    has no solution the weights are m r, as in the authors' code.
    """
    check_choice("solver", solver, Solver)
    check_number("eps", eps)

    def linear(jac: Any, losses: Array, state: tuple[()]) -> tuple[Array, tuple[()]]:
        return jac.rays.astype(losses.dtype), state

    def exact(jac: Any, losses: Array, state: tuple[()]) -> tuple[Solution, tuple[()]]:
        everyone = jnp.ones(num_objectives, bool)
        solved = jax.vmap(lambda gram, own, ray: exact_pareto(gram, own, ray, everyone, eps))(
            cast_gram(jac.gram(), losses.dtype), losses, jac.rays.astype(losses.dtype)
        )
        return solved._replace(weights=num_objectives * solved.weights), state

    if solver == "ls":
        return from_rays(num_objectives, num_rays, no_own_state, linear)
    return from_rays(num_objectives, num_rays, no_own_state, exact, needs="gram")
