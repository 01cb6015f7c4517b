"""FAMO: every objective's log loss falls at the same rate, for one backward pass."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from moo._jacobian import Jacobian, check_params
from moo._jacobian._gram import times_power_of_two
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_number, expect_transformation
from moo.aggregators._rowwise import row_lengths
from moo.aggregators._solvers._rows import nonzero
from moo.aggregators.losses._masked import softmax
from moo.aggregators.losses._masked_adam import init_each, step_each
from moo.aggregators.losses._tchebycheff import check_point

# Keeps a loss that has reached its bound from dividing by zero; the value of the authors' code.
_FLOOR = 1e-8


class FamoState(NamedTuple):
    """Weights used, the logits with their Adam, and the wrapped optimizer's state."""

    weights: Array  # (m,)
    logits: Array  # (m,)
    adam: PyTree
    inner: PyTree


def famo(
    num_objectives: int,
    optimizer: optax.GradientTransformation,
    *,
    learning_rate: float | Array = 0.025,
    decay: float | Array = 1e-3,
    max_norm: float | None = 1.0,
    lower_bounds: float | Sequence[float] | Array = 0.0,
) -> Aggregator:
    r"""Balance the rates at which the log losses fall, by the losses before and after the step.

    With $z = \mathrm{softmax}(\xi)$ and $D_i = \ell_i - b_i$, the step follows
    $v = c \sum_i \tfrac{z_i}{D_i} g_i$ with $c = 1 / \sum_i \tfrac{z_i}{D_i}$; after it, on the
    same batch, $\delta = (\mathrm{diag}\, z - z z^\top)(\log D - \log D^+)$ and Adam moves $\xi$
    along $\delta + \gamma \xi$: an objective that fell more gets less weight.

    Args:
        num_objectives: the number m of objectives.
        optimizer: what comes after the weighting, as a whole: FAMO must see the losses after it.
        learning_rate: Adam's step size on the logits (0.025 in the authors' code).
        decay: $\gamma \ge 0$ (1e-3 in the authors' NYUv2 and QM9 scripts).
        max_norm: the weighted gradient of the shared leaves is clipped to this norm (1 in the
            authors' code); None or infinity: not.
        lower_bounds: $b$, scalar or shape (m,); a loss below its own makes the step NaN.

    Returns:
        An aggregator that holds the rest of the chain itself, needs `params` and has a
        `FamoState`. One backward pass and one more forward pass, so about a third more than a plain
        gradient step. Build it with `moo.optimizer("famo", ...)`.

    Raises:
        TypeError: if `optimizer` is no optax transformation, a hyper-parameter no number, or no
            Jacobian comes.
        ValueError: if a hyper-parameter is out of range, `params` is missing, or the Jacobian
            cannot evaluate losses elsewhere.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> tx = moo.optimizer("famo", optax.sgd(0.1), num_objectives=2)
        >>> objectives = lambda x: jnp.stack([x[0] ** 2 + 1.0, (x[0] - 3.0) ** 2 + 1.0])
        >>> path = moo.run(objectives, tx, starts=jnp.array([[1.0]]), steps=100)
        >>> path.weights[0, 0].sum().round(5).item()
        1.0

    Source: Liu, Feng, Stone, Liu, "FAMO: Fast Adaptive Multitask Optimization", NeurIPS 2023,
    arXiv 2306.03792; rule and defaults as in its code.
    Differs from the paper: inactive objectives keep their logits and have no weight.
    """
    m = check_num_objectives(num_objectives)
    expect_transformation(optimizer, "optimizer")
    check_number("learning_rate", learning_rate, strict=True)
    check_number("decay", decay)
    check_point("lower_bounds", lower_bounds, m)
    if max_norm is not None:
        check_number("max_norm", max_norm, strict=True, finite=False)
    adam, after_it = optax.adam(learning_rate), optax.with_extra_args_support(optimizer)
    bounds = jnp.asarray(lower_bounds, float)

    def init(params: Params) -> FamoState:
        check_params(params)
        zeros = jnp.zeros(m, solver_dtype(params))
        return FamoState(zeros, jnp.copy(zeros), init_each(adam, zeros), after_it.init(params))

    def update(
        jac: Jacobian, state: FamoState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, FamoState]:
        expect_jacobian(jac, m)
        if params is None:
            raise ValueError("params is missing: famo evaluates the losses after the step")
        active, dtype = active_mask(jac), state.logits.dtype
        shares = softmax(state.logits, 1, active)
        before = _margin(jac.losses, bounds, active, dtype)
        weights = jnp.where(active, shares / before, 0)
        total = weights.sum()
        weights = weights / nonzero(total)
        gradient = _clipped(jac, combined(jac, weights), max_norm)
        updates, inner = after_it.update(gradient, state.inner, params, **extra)
        after = _margin(jac.losses_at(optax.apply_updates(params, updates)), bounds, active, dtype)
        gain = jnp.log(before) - jnp.log(after)
        delta = shares * (gain - jnp.sum(shares * gain))
        slope = delta + decay * state.logits
        logits, moments = step_each(adam, slope, state.adam, state.logits, active)
        return updates, FamoState(weights, logits, moments, inner)

    return Aggregator(
        init, update, num_objectives=m, linear=False, needs="losses", placement="wraps"
    )


def _clipped(jac: Jacobian, gradient: PyTree, max_norm: float | None) -> PyTree:
    """Shorten the shared leaves together to `max_norm`, at every scale."""
    if max_norm is None:
        return gradient
    shared = getattr(jac, "shared", None) or jax.tree.map(lambda _: True, gradient)
    wide = jax.tree.map(lambda g: g.astype(jnp.promote_types(jnp.float32, g.dtype)), gradient)
    length = row_lengths(jax.tree.map(lambda g, keep: g[None] if keep else None, wide, shared))
    exceeds = length.plain[0] > max_norm
    factor = jnp.asarray(max_norm, length.norms.dtype) / nonzero(length.norms[0])

    def one(leaf: Array, whole: Array, keep: bool) -> Array:
        unit = times_power_of_two(whole, -length.exponents[0])
        return jnp.where(exceeds, (unit * factor).astype(leaf.dtype), leaf) if keep else leaf

    return jax.tree.map(one, gradient, wide, shared)


def _margin(losses: Array, bounds: Array, active: Array, dtype: Any) -> Array:
    """Return D, 1 where inactive; NaN at a loss below its bound, which has no logarithm."""
    margin = losses.astype(dtype) - bounds.astype(dtype) + _FLOOR
    return jnp.where(active, jnp.where(margin > 0, margin, jnp.nan), 1)
