"""Uncertainty weights in closed form, through a softmax."""

from jax.typing import ArrayLike

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators._checks import check_number
from moo.aggregators.losses._masked import positive, softmax


def uw_so(
    num_objectives: int, *, temperature: ArrayLike = 1.0, normalize: bool = True
) -> Aggregator:
    r"""Weigh each gradient by the softmax of the inverse losses.

    $w_i = \mathrm{softmax}_i(1 / (T \ell_j))$: the uncertainty that is optimal for a loss,
    $\sigma_i = \ell_i$, in place of a trained one, normalised by a softmax (UW-SO). Without the
    softmax $w_i = 1 / \ell_i$ (UW-O).

    Args:
        num_objectives: the number m of objectives.
        temperature: T > 0. The paper tunes it for each data set and model; 1 is what a port of it
            starts from. Losses far below 1 / T leave all weight with the smallest one.
        normalize: True for UW-SO; False for UW-O, whose direction is that of `scale_invariant`.

    Returns:
        A linear aggregator of one backward pass, without state of its own, of convex scale; UW-O's
        scale follows the losses. A loss of 0 or less makes the step NaN.

    Raises:
        TypeError: if `normalize` is no bool.
        ValueError: if the temperature is not positive.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 2.0]))
        >>> method = moo.uw_so(num_objectives=2)
        >>> update, _ = method.update(jac, method.init(jnp.zeros(2)))
        >>> [round(float(entry), 3) for entry in update]
        [0.622, 0.378]

    Source: Kirchdorfer, Elich, Kutsche, Stuckenschmidt, Schott, Köhler, "Analytical
    Uncertainty-Based Loss Weighting in Multi-Task Learning", GCPR 2024, arXiv 2408.07985.
    Differs from the paper: none known; its text was read through two ports that agree.
    """
    check_number("temperature", temperature, strict=True)
    if not isinstance(normalize, bool):
        raise TypeError(f"normalize must be True or False, got {normalize!r}")

    def weigh(losses: Array, state: tuple[()], *, active: Array) -> tuple[Array, tuple[()]]:
        inverse = 1 / positive(losses, active)
        return softmax(inverse, temperature, active) if normalize else inverse, state

    return from_losses(num_objectives, no_state, weigh)
