"""COSMOS: a conditioned model whose losses follow the ray by a cosine penalty."""

from typing import Any

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number
from moo.aggregators.sets._base import from_rays, no_own_state


def cosmos(num_objectives: int, *, num_rays: int = 1, penalty: ArrayLike = 2.0) -> Aggregator:
    r"""Descend $r^\top \ell - \lambda \cos(r, \ell)$ of one model conditioned on the ray r.

    $w_k = r_k - \lambda\, \partial \cos(r_k, \ell_k) / \partial \ell_k$, which may have negative
    entries: the penalty draws the losses towards the ray, and keeps the model from ignoring it.

    Args:
        num_objectives: the number m of objectives.
        num_rays: the number K of rays a step (1 in the paper), over which the mean is taken.
        penalty: $\lambda \ge 0$, in units of the losses; by data set 0.01 to 8 in the authors'
            code, 2 for MultiMNIST. 0 is `phn`.

    Returns:
        An aggregator for `moo.ray_jacobian`, with a `SetState`. One backward pass. Draw the rays
        anew in every step, as with `moo.sample_rays` and concentrations of 0.1 to 1.2. Where all
        losses are 0 the cosine is left out.

    Raises:
        TypeError: if `num_rays` is no int.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.cosmos(2, penalty=5.0)
        >>> jac = moo.ray_jacobian(lambda x, ray: x, jnp.array([3.0, 4.0]), jnp.array([[1.0, 0.0]]))
        >>> _, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> [round(float(weight), 3) for weight in state.weights[0]]
        [0.36, 0.48]

    Source: Ruchte and Grabocka, "Scalable Pareto Front Approximation for Deep Multi-Objective
    Learning", ICDM 2021, arXiv 2103.13392; rule as in its code.
    Differs from the paper: how the ray enters the model is left to the objectives.
    """
    check_number("penalty", penalty)

    def weigh(jac: Any, losses: Array, state: tuple[()]) -> tuple[Array, tuple[()]]:
        rays = jac.rays.astype(losses.dtype)
        unit, size = _unit(losses)
        along, _ = _unit(rays)
        cosine = jnp.sum(unit * along, axis=1, keepdims=True)
        none = size == 0
        turn = jnp.where(none, 0, (along - cosine * unit) / jnp.where(none, 1, size))
        return rays - penalty * turn, state

    return from_rays(num_objectives, num_rays, no_own_state, weigh)


def _unit(rows: Array) -> tuple[Array, Array]:
    """Return the rows over their lengths, zero for a zero row, and the lengths, shape (K, 1)."""
    peak = jnp.max(jnp.abs(rows), axis=1, keepdims=True)
    scaled = rows / jnp.where(peak == 0, 1, peak)
    length = jnp.sqrt(jnp.sum(scaled**2, axis=1, keepdims=True))
    return scaled / jnp.where(length == 0, 1, length), peak * length
