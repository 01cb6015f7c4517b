"""PaMaL: a simplex of models, trained at several of its points at once."""

from typing import Any

from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice
from moo._types import Array
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number
from moo.aggregators.sets._base import from_rays, no_own_state
from moo.aggregators.sets._ordering import Ordering, manifold_weights


def pamal(
    num_objectives: int,
    *,
    num_rays: int = 3,
    penalty: ArrayLike = 1.0,
    temperature: ArrayLike = 1.0,
    ordering: Ordering = "intended",
) -> Aggregator:
    r"""Descend $\sum_k r_k^\top \ell(\theta(r_k)) + c R$ over K points of a manifold of models.

    For each objective the samples are sorted by their share $r_{ki}$, and
    $R = \sum_i \log \tfrac{1}{K-1} \sum_j \exp(T \max(0, \ell_{j+1, i} - \ell_{j, i}))$ penalises
    a loss that rises with its share. It counts only where $c R$ is below the first term.

    Args:
        num_objectives: the number m of objectives.
        num_rays: the number K of rays a step (2, 3 and 4 in the authors' settings).
        penalty: $c \ge 0$ (0, 1 and 5 in the authors' settings).
        temperature: $T > 0$ (1 in the authors' settings).
        ordering: `"intended"`: as above; `"released"`: the authors' trainer sorts the other way
            round and penalises the right order.

    Returns:
        An aggregator for `moo.ray_jacobian` on a `moo.pareto_manifold`, with a `SetState`. Losses
        of the samples are summed, so its weights are K times the derivatives. One backward pass
        through K models; m models in memory. Draw the rays anew in every step by
        `moo.sample_rays`, with concentrations of 1 to 7.

    Raises:
        TypeError: if `num_rays` is no int.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> fn = moo.pareto_manifold(lambda x: jnp.stack([x, 2 * x]))
        >>> rays = jnp.array([[0.5, 0.5]])
        >>> vertices = jnp.array([1.0, 3.0])
        >>> tx = moo.pamal(2, num_rays=1)
        >>> update, _ = tx.update(moo.ray_jacobian(fn, vertices, rays), tx.init(vertices))
        >>> update.tolist()
        [0.75, 0.75]

    Source: Dimitriadis, Frossard, Fleuret, "Pareto Manifold Learning: Tackling multiple tasks via
    ensembles of single-task models", ICML 2023, arXiv 2210.09759.
    Differs from the paper: its optional balancing of losses or gradients is left out.
    """
    check_manifold(penalty, temperature, ordering)

    def weigh(jac: Any, losses: Array, state: tuple[()]) -> tuple[Array, tuple[()]]:
        rays = jac.rays.astype(losses.dtype)
        return len(rays) * manifold_weights(rays, losses, penalty, temperature, ordering), state

    return from_rays(num_objectives, num_rays, no_own_state, weigh)


def check_manifold(penalty: ArrayLike, temperature: ArrayLike, ordering: Ordering) -> None:
    """Refuse a penalty, temperature or ordering out of range.

    Raises:
        ValueError: if one of them is.
    """
    check_number("penalty", penalty)
    check_number("temperature", temperature, strict=True)
    check_choice("ordering", ordering, Ordering)
