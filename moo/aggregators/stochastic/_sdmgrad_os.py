"""SDMGrad-OS: SDMGrad on a few objectives, drawn anew at each step."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._checks import check_choice
from moo._jacobian._gram import gram_of_rows
from moo._jacobian._stacked import shared_rows
from moo._types import Array, Params, PyTree, as_typed_key, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_count, check_number
from moo.aggregators._solvers._simplex import over_active
from moo.aggregators.stochastic._direction_oriented import Inner, leaned, solve
from moo.aggregators.stochastic._multipliers import stored


class SdmgradOsState(NamedTuple):
    """The weights used, the shares, their certificate, and the key of the next draw."""

    weights: Array  # (m,)
    multipliers: Array  # (m,), the shares w
    residual: Array  # ()
    converged: Array  # (), bool
    key: Array


def sdmgrad_os(
    num_objectives: int,
    *,
    sample: int = 4,
    lam: ArrayLike = 0.6,
    inner: Inner = "exact",
    key: int | Array = 0,
) -> Aggregator:
    r"""Run SDMGrad on about n of the m objectives, drawn at random at each step.

    Every objective is kept with probability n/m on its own, drawn again while none is; the rows of
    the others are 0. With w as in `moo.sdmgrad` on that J, from one batch,
    $v = \tfrac{m}{n} J^\top (w + \lambda \tilde w) / (1 + \lambda)$, $\tilde w = 1/m$. Zero rows
    draw w, which shortens v. The factor keeps the part of $\tilde w$ unbiased, except for the
    steps that are drawn again.

    Args:
        num_objectives: the number m of objectives.
        sample: n >= 1 (4 in the authors' MT10 script); at m or beyond it, all are kept.
        lam: $\lambda \ge 0$ (0.6 in the same).
        inner: as in `moo.sdmgrad`.
        key: seed or typed random key of the draws.

    Returns:
        A linear aggregator with an `SdmgradOsState`; weights of objectives that are not drawn are
        0. About n + 1 backward passes, as long as `vmap` does not turn the conditions into
        selects. Over the active objectives m is their number.

    Raises:
        TypeError: if the key is a raw one, or `lam` or `sample` no number.
        ValueError: if an argument is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.sdmgrad_os(2, sample=2, lam=1.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 1.0]]))
        >>> v, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> state.weights.round(4).tolist()  # both are kept: as moo.sdmgrad on one batch
        [0.25, 0.75]

    Source: Xiao, Ban, Ji, "Direction-oriented Multi-objective Learning: Simple and Provable
    Stochastic Algorithms", NeurIPS 2023, arXiv 2305.18409.
    Differs from the paper: the subproblem is solved instead of stepped on.
    """
    m = check_num_objectives(num_objectives)
    check_number("lam", lam)
    check_choice("inner", inner, Inner)
    check_count("sample", sample, low=1)
    start = as_typed_key(key)

    def init(params: Params) -> SdmgradOsState:
        check_params(params)
        zeros = jnp.zeros(m, solver_dtype(params))
        certificate = jnp.zeros((), zeros.dtype), jnp.ones((), bool)
        return SdmgradOsState(zeros, jnp.full_like(zeros, 1 / m), *certificate, jnp.copy(start))

    def update(
        jac: Jacobian, state: SdmgradOsState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, SdmgradOsState]:
        expect_jacobian(jac, m)
        dtype, active = state.weights.dtype, active_mask(jac)
        following, draw = jax.random.split(state.key)
        chance = jnp.minimum(sample / jnp.maximum(jnp.sum(active), 1).astype(dtype), 1)
        kept = _draw(draw, chance, active)
        before = over_active(state.multipliers, active)
        answer = solve(gram_of_rows(_kept_rows(jac, kept, dtype)), before, active, lam, inner)
        weights = jnp.where(kept, leaned(answer.weights, active, lam) / chance, 0).astype(dtype)
        multipliers = stored(answer.weights.astype(dtype), state.multipliers, active)
        certificate = answer.residual.astype(dtype), answer.converged
        after = SdmgradOsState(weights, multipliers, *certificate, following)
        return combined(jac, weights), after

    return Aggregator(init, update, num_objectives=m, linear=True)


def _draw(key: Array, chance: Array, active: Array) -> Array:
    """Keep each active objective with a chance, given that one is kept: no draw is repeated."""
    first, later = jax.random.split(key)
    rank = jnp.cumsum(active) - 1
    odds = jnp.where(active, rank * jnp.log1p(-jnp.minimum(chance, 1 - 1e-6)), -jnp.inf)
    odds = jnp.where(chance < 1, odds, jnp.where(active & (rank == 0), 0, -jnp.inf))
    leader = jax.random.categorical(first, odds)
    others = jax.random.bernoulli(later, chance, active.shape)
    index = jnp.arange(len(active))
    return active & ((index == leader) | (others & (index > leader)))


def _kept_rows(jac: Jacobian, kept: Array, dtype: Any) -> list[Array]:
    """Return the rows over the shared leaves, zero where not kept; only the kept are computed."""
    shapes = jax.eval_shape(jac.combine, jnp.zeros(len(kept), dtype))
    nothing = jax.tree.map(lambda leaf: jnp.zeros(leaf.shape, leaf.dtype), shapes)

    def row(given: tuple[Array, Array]) -> PyTree:
        keep, unit = given
        return lax.cond(keep, lambda: jac.combine(unit), lambda: nothing)

    rows = lax.map(row, (kept, jnp.eye(len(kept), dtype=dtype)))
    shared = getattr(jac, "shared", None)
    return jax.tree.leaves(rows) if shared is None else shared_rows(rows, shared)
