"""LORPMAN: Pareto manifold learning with one common model and low-rank changes."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import RayJacobian
from moo._types import Array, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_count, check_number
from moo.aggregators.sets._low_rank import LowRank, orthogonality
from moo.aggregators.sets._ordering import Ordering
from moo.aggregators.sets._pamal import pamal


class LorpmanState(NamedTuple):
    """Weights on the losses, and the number of steps."""

    weights: Array  # (K, m)
    steps: Array  # (), int32
    inner: PyTree


def lorpman(
    num_objectives: int,
    *,
    num_rays: int = 3,
    penalty: ArrayLike = 1.0,
    orthogonal: ArrayLike = 1.0,
    freeze_after: int | None = None,
    temperature: ArrayLike = 1.0,
    ordering: Ordering = "intended",
) -> Aggregator:
    r"""Descend the losses on a low-rank manifold, and keep its changes orthogonal.

    $\sum_k r_k^\top \ell(W(r_k)) + c R + c_o R_o$ with `pamal`'s ordering penalty R and
    $R_o = \sum_W \sum_{i \ne j} \langle B_i A_i, B_j A_j \rangle^2$. In a second phase only the
    low-rank changes move.

    Args:
        num_objectives: the number m of objectives.
        num_rays: the number K of rays a step; 3 is ours, as for `pamal`.
        penalty: $c \ge 0$ (0, 1 and 5 in the paper).
        orthogonal: $c_o \ge 0$; the default is ours, the paper's was not seen.
        freeze_after: steps after which the common model has a zero update (80 % of training is
            best in the paper). None: never. Momentum that comes after it still moves it.
        temperature: $T > 0$ of R; 1 as for `pamal`.
        ordering: `"intended"` or `"released"`, as in `pamal`.

    Returns:
        An aggregator for `moo.ray_jacobian` on a `moo.low_rank_manifold`, not linear because of
        $R_o$; it needs `params` and has a `LorpmanState`. One backward pass through K models.

    Raises:
        TypeError: if a count is no int, or `params` is no `LowRank`.
        ValueError: if a hyper-parameter is out of range, or `params` is missing.

    Example:
        >>> import jax, jax.numpy as jnp, moo
        >>> fn = moo.low_rank_manifold(lambda w: w[0])
        >>> params = moo.low_rank_params(jnp.ones((1, 2)), 2, 1, jax.random.key(0))
        >>> tx = moo.lorpman(2, num_rays=1)
        >>> jac = moo.ray_jacobian(fn, params, jnp.array([[0.5, 0.5]]))
        >>> update, _ = jax.jit(lambda state: tx.update(jac, state, params))(tx.init(params))
        >>> update.base.tolist()
        [[0.5, 0.5]]

    Source: Chen and Kwok, "Efficient Pareto Manifold Learning with Low-Rank Structure", ICML 2024,
    arXiv 2407.20734.
    Differs from the paper: $R_o$ is over all pairs, where the paper draws three objectives of many
    (products of factors make all of them cheap); that its entries are squared and not normalised
    could not be confirmed.
    """
    check_number("orthogonal", orthogonal)
    if freeze_after is not None:
        check_count("freeze_after", freeze_after)
    losses = pamal(
        num_objectives,
        num_rays=num_rays,
        penalty=penalty,
        temperature=temperature,
        ordering=ordering,
    )

    def init(params: LowRank) -> LorpmanState:
        inner = losses.init(_low_rank(params))
        return LorpmanState(jnp.copy(inner.weights), jnp.zeros((), jnp.int32), inner)

    def update(
        jac: RayJacobian, state: LorpmanState, params: LowRank | None = None, **extra: Any
    ) -> tuple[LowRank, LorpmanState]:
        if params is None:
            raise ValueError("params is missing: lorpman penalises the low-rank factors themselves")
        descent, inner = losses.update(jac, state.inner, params)
        apart = jax.grad(lambda p: orthogonal * orthogonality(p))(_low_rank(params))
        total = jax.tree.map(lambda a, b: a + b.astype(a.dtype), descent, apart)
        if freeze_after is not None:
            frozen = state.steps >= freeze_after
            base = jax.tree.map(lambda leaf: jnp.where(frozen, 0, leaf), total.base)
            total = total._replace(base=base)
        return total, LorpmanState(inner.weights, state.steps + 1, inner)

    return Aggregator(init, update, num_objectives=num_objectives, linear=False, needs="losses")


def _low_rank(params: Any) -> LowRank:
    if not isinstance(params, LowRank):
        raise TypeError(
            f"params must be a LowRank, got {type(params).__name__}: build them with "
            "moo.low_rank_params"
        )
    return params
