"""Aligned multi-task learning."""

from typing import get_args

from moo._jacobian import Gram
from moo._types import Array
from moo.aggregators._base import Aggregator, from_gram, no_state
from moo.aggregators._checks import Preference, check_preference
from moo.aggregators._solvers._procrustes import ScaleMode, align
from moo.aggregators._solvers._solution import Solution
from moo.aggregators.losses._masked import coefficients


def aligned_mtl(
    num_objectives: int,
    *,
    scale_mode: ScaleMode = "min",
    preference: Preference | None = None,
) -> Aggregator:
    r"""Give all principal components of the gradients one length, then add the gradients up.

    With $J = U S W^\top$ over its non-zero modes, $w = \sigma U S^{-1} U^\top p$: the aligned rows
    are orthogonal, of length $\sigma$, and their system has condition number 1. v jumps where the
    numerical rank changes.

    Args:
        num_objectives: the number m of objectives.
        scale_mode: $\sigma$ is the smallest (`"min"`) or the `"median"` singular value of J (of an
            even number the lower one of the middle two, torch's convention), or the root of the
            mean of their squares (`"rmse"`). `"min"` is the default of the authors' code.
        preference: p, shape (m,), non-negative; by default (authors' code), and where it is 0 for
            all active objectives, 1 each. An extra argument `preference` of `update` (of step, run
            or fit) takes its place.

    Returns:
        An aggregator of `sum` scale, without state, for m backward passes.

    Raises:
        ValueError: if `scale_mode` is unknown, or `preference` has the wrong shape.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.aligned_mtl(2)
        >>> jac = moo.stacked_jacobian(jnp.array([[4.0, 0.0], [0.0, 0.5]]))
        >>> tx.update(jac, tx.init(jnp.zeros(2)))[0].tolist()
        [0.5, 0.5]

    Source: Senushkin, Patakin, Kuznetsov and Konushin, "Independent Component Alignment for
    Multi-Task Learning", CVPR 2023, arXiv 2305.19000.
    Differs from the paper: the modes are told from J and not from its Gramian, which loses those
    below $\sqrt{m \epsilon}$ of the largest; p = 1 as in the authors' code.
    """
    if scale_mode not in get_args(ScaleMode):
        raise ValueError(
            f"scale_mode must be one of {', '.join(get_args(ScaleMode))}, got {scale_mode!r}"
        )
    check_preference(preference, num_objectives)

    def weigh(
        gram: Gram,
        losses: Array | None,
        state: tuple[()],
        *,
        active: Array,
        preference: Preference | None = preference,
    ) -> tuple[Solution, tuple[()]]:
        check_preference(preference, num_objectives)
        return align(gram, active, coefficients(preference, gram.norms, active), scale_mode), state

    return from_gram(num_objectives, no_state, weigh)
