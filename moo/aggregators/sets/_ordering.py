"""The penalty on losses that are not ordered as the rays are."""

from typing import Literal

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._types import Array

Ordering = Literal["intended", "released"]


def ordering_penalty(
    rays: Array, losses: Array, temperature: ArrayLike, ordering: Ordering
) -> Array:
    r"""Penalise, objective by objective, a loss that rises with its share in the ray.

    For each objective the K samples are sorted by its share, and
    $R = \sum_i \log \tfrac{1}{K-1} \sum_j \exp(T \max(0, \ell_{j+1, i} - \ell_{j, i}))$, which is
    0 where every loss falls as its share grows.

    Args:
        rays: shape (K, m).
        losses: shape (K, m).
        temperature: T.
        ordering: `"intended"` as above; `"released"` sorts the other way round.

    Returns:
        Shape (); 0 for a single sample.
    """
    if len(rays) == 1:
        return jnp.zeros((), losses.dtype)
    order = jnp.argsort(rays if ordering == "intended" else -rays, axis=0)
    rises = jax.nn.relu(jnp.diff(jnp.take_along_axis(losses, order, axis=0), axis=0))
    return jnp.sum(jax.nn.logsumexp(temperature * rises, axis=0) - jnp.log(len(rises)))


def manifold_weights(
    rays: Array,
    losses: Array,
    penalty: ArrayLike,
    temperature: ArrayLike,
    ordering: Ordering,
) -> Array:
    r"""Differentiate $\sum_k r_k^\top \ell_k + c R$ by the losses, shape (K, m).

    As in the authors' code the penalty counts only where it is below the first term.
    """

    def value(losses: Array) -> Array:
        main = jnp.sum(rays * losses)
        extra = penalty * ordering_penalty(rays, losses, temperature, ordering)
        return main + jnp.where(lax.stop_gradient(extra < main), extra, 0)

    return jax.grad(value)(losses)
