"""MoCo: min-norm multipliers learned slowly on gradients that are tracked over the steps."""

from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._jacobian._checks import check_choice
from moo._jacobian._gram import gram_of_rows
from moo._jacobian._stacked import combine_rows
from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator, check_num_objectives
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import cast_rows, freeze_inactive, stacked_zeros
from moo.aggregators._solvers._simplex import over_active, project_simplex
from moo.aggregators.losses._masked import softmax
from moo.aggregators.stochastic._multipliers import slope, stored

Projection = Literal["simplex", "softmax"]


class MocoState(NamedTuple):
    """Steps taken, the tracked gradients, and the multipliers on them."""

    steps: Array  # (), int32
    tracked: PyTree  # leaves (m, ...)
    multipliers: Array  # (m,)


def moco(
    num_objectives: int,
    *,
    beta: ArrayLike = 0.1,
    gamma: ArrayLike = 0.1,
    beta_decay: ArrayLike = 0.5,
    gamma_decay: ArrayLike = 0.5,
    rho: ArrayLike = 0.0,
    factor: ArrayLike = 1.0,
    projection: Projection = "simplex",
) -> Aggregator:
    r"""Track every gradient by a moving average, and learn the min-norm multipliers on those.

    At step k = 1, 2, ...: $Y \leftarrow Y - \beta_k (Y - J)$,
    $\lambda \leftarrow \Pi_\Delta(\lambda - \gamma_k c\,(Y Y^\top + \rho I) \lambda)$ and
    $v = Y^\top \lambda$, all with the new Y and $\lambda$; $\beta_k = \beta k^{-\sigma}$,
    $\gamma_k = \gamma k^{-\tau}$; $Y_0 = 0$, $\lambda_0 = 1/m$. The noise of Y falls from step to
    step, so that v tends to the direction of MGDA on the expected gradients. Y is not corrected
    for its start at 0: the first v has $\beta$ of the full length.

    Args:
        num_objectives: the number m of objectives.
        beta: $\beta$ in (0, 1] (0.1 in the authors' configuration; 0.5 in LibMTL).
        gamma: $\gamma \ge 0$ in units of one over a squared gradient (0.1 in both).
        beta_decay: $\sigma \ge 0$ (0.5 in both; 0 in the authors' NYUv2 script).
        gamma_decay: $\tau \ge 0$ (0.5 in both, 0 in that script).
        rho: $\rho \ge 0$ (0 in the authors' code).
        factor: c > 0: 1 as in the paper, 2 as in the authors' code.
        projection: `"simplex"`, or `"softmax"` in its place as in LibMTL, which pulls the
            multipliers towards 1/m at every step and does not tend to MGDA.

    Returns:
        An aggregator that is not linear in J, of convex scale on the tracked gradients, with a
        `RowState` around a `MocoState`. m backward passes; it keeps m times the parameters. A zero
        row's track decays to 0 and draws the multipliers. Inactive objectives keep their track and
        their multiplier.

    Raises:
        TypeError: if a hyper-parameter is no number.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.moco(2, beta=0.5, gamma=1.0)
        >>> jac = moo.stacked_jacobian(jnp.array([[2.0, 0.0], [0.0, 1.0]]))
        >>> v, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> state.inner.multipliers.tolist(), v.tolist()  # (1/2, 1/2) - (1/2, 1/8), projected
        ([0.3125, 0.6875], [0.3125, 0.34375])

    Source: Fernando, Shen, Liu, Chaudhury, Murugesan, Chen, "Mitigating Gradient Bias in
    Multi-objective Learning: A Provably Convergent Approach", ICLR 2023, arXiv 2210.12624.
    Differs from the paper: Y is not projected onto a ball, which its code leaves out too. LibMTL
    also replaces the rows by unit rows times their losses: another method.
    """
    m = check_num_objectives(num_objectives)
    check_choice("projection", projection, Projection)
    check_number("beta", beta, strict=True)
    check_share("beta", beta, closed=True)
    check_number("factor", factor, strict=True)
    for name, value in (("gamma", gamma), ("beta_decay", beta_decay),
                        ("gamma_decay", gamma_decay), ("rho", rho)):  # fmt: skip
        check_number(name, value)

    def init(params: Params, dtype: Any) -> MocoState:
        tracked = stacked_zeros(params, m, dtype)
        return MocoState(jnp.zeros((), jnp.int32), tracked, jnp.full(m, 1 / m, dtype))

    def aggregate(
        rows: PyTree, losses: Array | None, state: MocoState, *, active: Array
    ) -> tuple[PyTree, MocoState]:
        dtype = state.multipliers.dtype
        k = (state.steps + 1).astype(dtype)
        rate, step = beta / k**beta_decay, factor * gamma / k**gamma_decay
        moved = jax.tree.map(
            lambda y, row: y - rate * (y - row), state.tracked, cast_rows(rows, dtype)
        )
        tracked = freeze_inactive(moved, state.tracked, active)
        shares = over_active(state.multipliers, active)
        along = slope(gram_of_rows(tracked), shares)
        point = shares - step * (along + rho * shares)
        if projection == "simplex":
            shares = project_simplex(point, active)
        else:
            shares = softmax(point, 1, active)
        shares = shares.astype(dtype)
        multipliers = stored(shares, state.multipliers, active)
        return combine_rows(tracked, shares), MocoState(state.steps + 1, tracked, multipliers)

    return from_rows(m, init, aggregate)
