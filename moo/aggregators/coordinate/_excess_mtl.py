"""ExcessMTL: more weight for the objectives that are still far from their best."""

from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._checks import check_choice
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_number
from moo.aggregators._moments import quotient
from moo.aggregators._rowwise import (
    cast_rows,
    row_products,
    rows_over_shared,
    stacked_zeros,
)
from moo.aggregators.losses._masked import softmax

Variant = Literal["simplex", "official", "torchjd"]


class ExcessMTLState(NamedTuple):
    """Weights, their logarithms up to a constant, first excess risks, roots of summed squares."""

    weights: Array  # (m,)
    logits: Array  # (m,)
    baselines: Array  # (m,)
    roots: PyTree  # leaves (m, ...)


def excess_mtl(
    num_objectives: int, *, learning_rate: ArrayLike = 1e-2, variant: Variant = "simplex"
) -> Aggregator:
    r"""Raise the weights of objectives whose estimated excess risk is large.

    $e_i = g_i^\top \mathrm{diag}(S_i)^{-1/2} g_i$ with $S_i$ the running sum of $g_i^2$ estimates
    the excess risk up to a factor, so it is taken relative to its first value:
    $w_i \propto w_i \exp(\eta\, e_i / e_i^0)$ and $v = \sum_i w_i g_i$.

    Args:
        num_objectives: the number m of objectives.
        learning_rate: $\eta \ge 0$; 1e-2 is the default of the authors' code, whose published
            runs use 1.
        variant: `"simplex"`: the weights start at 1/m, add up to 1, and the first step leaves them,
            as in the code of AdaOMD-TCH, which compares with this method;
            `"official"`: the same times m, as in the authors' code; `"torchjd"`: the simplex, but
            the first step already moves the weights by the plain $e_i$, as in TorchJD.

    Returns:
        A linear aggregator of m backward passes with an `ExcessMTLState` of m d numbers. It stays
        as it is under other units of any one gradient (but for `"torchjd"`). An objective's first
        value is that of its first gradient that is not zero; until then it counts as 1 relative.
        Exactly opposite rows are just added up with their weights.

    Raises:
        ValueError: if `variant` is unknown or the learning rate out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 3.0]]))
        >>> method = moo.excess_mtl(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [0.5, 1.5]

    Source: He, Zhou, Zhang, Yun, Xu, Zeng, Chilimbi, Zhao, "Robust Multi-Task Learning with Excess
    Risks", ICML 2024, arXiv 2402.02009.
    Differs from the paper: no warm-up before the first value is taken; roots of sums of squares
    are kept instead of the sums, without an epsilon under the root, so no scale of gradients is
    special. Three published versions exist; see `variant`.
    """
    m = check_num_objectives(num_objectives)
    check_number("learning_rate", learning_rate)
    check_choice("variant", variant, Variant)

    def init(params: Params) -> ExcessMTLState:
        check_params(params)
        dtype = solver_dtype(params)
        weights, logits, baselines = (jnp.zeros(m, dtype) for _ in range(3))
        return ExcessMTLState(weights, logits, baselines, stacked_zeros(params, m, dtype))

    def update(
        jac: Jacobian, state: ExcessMTLState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, ExcessMTLState]:
        expect_jacobian(jac, m)
        active, dtype = active_mask(jac), state.logits.dtype
        jac = jac.materialize()
        rows = cast_rows(rows_over_shared(jac), dtype)
        roots = jax.tree.map(jnp.hypot, state.roots, rows)
        excess = _excess(rows, roots)
        fresh = state.baselines == 0
        first = excess if variant == "torchjd" else jnp.ones_like(excess)
        relative = jnp.where(fresh, first, excess / jnp.where(fresh, 1, state.baselines))
        logits = state.logits + jnp.where(active, learning_rate * relative, 0).astype(dtype)
        weights = softmax(logits, 1, active)
        if variant == "official":
            weights = weights * jnp.sum(active).astype(dtype)
        baselines = jnp.where(fresh & active, excess, state.baselines)
        return combined(jac, weights), ExcessMTLState(weights, logits, baselines, roots)

    return Aggregator(init, update, num_objectives=m, linear=True)


def _excess(rows: PyTree, roots: PyTree) -> Array:
    """Return the sum of g²/√S of each row, as g times a ratio that no scale overflows."""
    return row_products(rows, jax.tree.map(quotient, rows, roots))
