"""MoDo: min-norm multipliers learned on two independent batches, so without bias."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import Aggregator, check_num_objectives, combined, expect_jacobian
from moo.aggregators._checks import check_count, check_number
from moo.aggregators._solvers._simplex import over_active, project_simplex
from moo.aggregators.stochastic._multipliers import labelled, slope, stored


class ModoState(NamedTuple):
    """The weights used, None where a third batch takes the step, and the multipliers."""

    weights: Array | None  # (m,)
    multipliers: Array  # (m,)


def modo(
    num_objectives: int, *, gamma: ArrayLike = 0.1, rho: ArrayLike = 0.1, batches: int = 2
) -> Aggregator:
    r"""Learn the min-norm multipliers by a projected gradient that two batches make unbiased.

    $\lambda \leftarrow \Pi_\Delta(\lambda - \gamma (J_1 J_2^\top \lambda + \rho \lambda))$, then
    $v = \tfrac12 (J_1 + J_2)^\top \lambda$ with the new $\lambda$, or $v = J_3^\top \lambda$;
    $\lambda_0 = 1/m$. $J_1, J_2, J_3$ are taken on the parts of `Jacobian.split`, and
    $\tfrac12 (J_1 + J_2)$ on the whole batch: for losses that are means over rows it is the same.

    Args:
        num_objectives: the number m of objectives.
        gamma: $\gamma \ge 0$ in units of one over a squared gradient (0.1 in the authors'
            docstring; 0.001 in LibMTL).
        rho: $\rho \ge 0$ (0.1 in both).
        batches: 2, or 3 for a third batch that takes the step, as in LibMTL.

    Returns:
        An aggregator of convex scale, linear with two batches, with a `ModoState`. m backward
        passes on each of two parts, and one on the whole batch or the third part. The Jacobian
        must know its batch axes (`batched=`). A zero row's multiplier moves by the projection
        only. An objective counts as active if every part has labels for it; others keep their
        multiplier.

    Raises:
        TypeError: if a hyper-parameter is no number, or `batches` no int.
        ValueError: if a hyper-parameter is out of range, or the Jacobian cannot be split.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx, x = moo.modo(2, gamma=0.125, rho=0.0), jnp.zeros(1)
        >>> rows = jnp.array([[[1.0], [2.0]], [[2.0], [4.0]]])  # two batches of one sample
        >>> losses = lambda x, rows: (rows @ x).mean(axis=0)
        >>> v, state = tx.update(moo.jacobian(losses, x, rows, batched=(True,)), tx.init(x))
        >>> state.weights.tolist()  # (1/2, 1/2) - (3, 6)/8, projected
        [0.6875, 0.3125]

    Source: Chen, Fernando, Ying, Chen, "Three-Way Trade-Off in Multi-Objective Learning:
    Optimization, Generalization and Conflict-Avoidance", NeurIPS 2023, arXiv 2305.20057.
    Differs from the paper: none; its code steps along the sum of the two batches' gradients and
    leaves the half to the learning rate.
    """
    m = check_num_objectives(num_objectives)
    check_number("gamma", gamma)
    check_number("rho", rho)
    check_count("batches", batches)
    if batches not in (2, 3):
        raise ValueError(f"batches must be 2 or 3, got {batches!r}")

    def init(params: Params) -> ModoState:
        check_params(params)
        even = jnp.full(m, 1 / m, solver_dtype(params))
        return ModoState(jnp.zeros_like(even) if batches == 2 else None, even)

    def update(
        jac: Jacobian, state: ModoState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, ModoState]:
        expect_jacobian(jac, m)
        parts = jac.split(batches)
        active, before = labelled(parts), state.multipliers
        shares = over_active(before, active)
        along = slope(parts[0].gram(parts[1]), shares)
        shares = project_simplex(shares - gamma * (along + rho * shares), active)
        shares = shares.astype(before.dtype)
        after = stored(shares, before, active)
        if batches == 3:
            return combined(parts[2], shares), ModoState(None, after)
        return combined(jac, shares), ModoState(shares, after)

    return Aggregator(init, update, num_objectives=m, linear=batches == 2)
