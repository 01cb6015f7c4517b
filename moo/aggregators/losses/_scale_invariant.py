"""The gradient of the sum of the log losses."""

from moo._types import Array
from moo.aggregators._base import Aggregator, from_losses, no_state
from moo.aggregators._checks import Preference, check_preference
from moo.aggregators.losses._masked import coefficients, positive


def scale_invariant(num_objectives: int, *, preference: Preference | None = None) -> Aggregator:
    r"""Weigh each gradient by the inverse of its loss: the log losses are added up.

    $\min \sum_i p_i \log \ell_i$, so $w_i = p_i / \ell_i$. No unit of a loss matters: with
    $\ell_i \to c \ell_i$ and $g_i \to c g_i$ the direction stays as it is.

    Args:
        num_objectives: the number m of objectives.
        preference: p, shape (m,), non-negative; by default (authors' code), and where it is 0 for
            all active objectives, 1 each. An extra argument `preference` of `update` (of step, run
            or fit) takes its place.

    Returns:
        A linear aggregator of one backward pass, without state of its own; its scale follows the
        losses. A loss of 0 or less has no logarithm and makes the step NaN.

    Raises:
        ValueError: if `preference` has the wrong shape or a negative entry.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.eye(2), jnp.array([1.0, 4.0]))
        >>> method = moo.scale_invariant(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [1.0, 0.25]

    Source: the baseline "SI" of Navon et al., "Multi-Task Learning as a Bargaining Game", ICML
    2022, arXiv 2202.01017.
    Differs from the paper: none; some ports add a constant inside the logarithm, which breaks the
    invariance for small losses.
    """
    check_preference(preference, num_objectives)

    def weigh(
        losses: Array,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Array, tuple[()]]:
        check_preference(preference, num_objectives)
        return coefficients(preference, losses, active) / positive(losses, active), state

    return from_losses(num_objectives, no_state, weigh)
