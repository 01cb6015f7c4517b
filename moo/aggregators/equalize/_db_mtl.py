"""DB-MTL: gradients of the log losses, averaged over time and brought to the longest's length."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import (
    cast_rows,
    column,
    freeze_inactive,
    row_lengths,
    scale_rows,
    stacked_zeros,
    sum_rows,
    unit_rows,
)
from moo.aggregators.losses._masked import positive


class DBMTLState(NamedTuple):
    """Steps each objective was active, shape (m,), int32, and its averaged log gradient."""

    steps: Array
    average: PyTree  # leaves (m, ...)


def db_mtl(
    num_objectives: int, *, decay: ArrayLike = 0.9, decay_power: ArrayLike = 0.0
) -> Aggregator:
    r"""Give the averaged gradients of all log losses the length of the longest one.

    $q_i = \nabla \log \ell_i = g_i / \ell_i$, $y_i \leftarrow \beta_k y_i + (1 - \beta_k) q_i$
    with $\beta_k = \beta / k^\sigma$ in step k, and
    $v = \max_j \lVert y_j \rVert \sum_i y_i / \lVert y_i \rVert$.

    Args:
        num_objectives: the number m of objectives.
        decay: $\beta$ in [0, 1); 0.9 is LibMTL's default. The paper searches 0.1, 0.5 and 0.9,
            with $\sigma$ 0 and 0.5.
        decay_power: $\sigma \ge 0$; 0 is LibMTL's default.

    Returns:
        An aggregator of m backward passes, sum scale, with a `DBMTLState` of m d numbers that
        starts at 0 without correction, so the first step has $1 - \beta_1$ of its full length.
        A loss of 0 or less makes the step NaN; the units of a loss do not matter. A zero row adds
        nothing; exactly opposite rows cancel, whatever their lengths.

    Raises:
        ValueError: if a hyper-parameter is out of range, or the Jacobian has no losses.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[3.0, 0.0], [0.0, 8.0]]), jnp.array([1.0, 4.0]))
        >>> method = moo.db_mtl(num_objectives=2, decay=0.0)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].round(4).tolist()
        [3.0, 3.0]

    Source: Lin, Jiang, Ye, Zhang, Chen, Chen, Liu, Tsang, Kwok, "Dual-Balancing for Multi-Task
    Learning", 2023, arXiv 2308.12029.
    Differs from the paper: no epsilon is added to a loss or a norm, for units would then matter; a
    zero row adds nothing; leaves that are not shared receive the gradient of their loss, not of its
    logarithm.
    """
    check_share("decay", decay)
    check_number("decay_power", decay_power)

    def init(params: Params, dtype: Any) -> DBMTLState:
        zeros = stacked_zeros(params, num_objectives, dtype)
        return DBMTLState(jnp.zeros(num_objectives, jnp.int32), zeros)

    def aggregate(
        rows: PyTree, losses: Array | None, state: DBMTLState, *, active: Array
    ) -> tuple[PyTree, DBMTLState]:
        if losses is None:
            raise ValueError("db_mtl needs the losses: give stacked_jacobian losses=")
        dtype = jax.tree.leaves(state.average)[0].dtype
        factors = jnp.where(active, 1 / positive(losses.astype(dtype), active), 0)
        logarithmic = scale_rows(cast_rows(rows, dtype), factors)
        steps = state.steps + 1
        rate = jnp.asarray(decay, dtype) / steps.astype(dtype) ** decay_power

        def averaged(old: Array, q: Array) -> Array:
            beta = column(rate, q)
            return beta * old + (1 - beta) * q

        new = DBMTLState(steps, jax.tree.map(averaged, state.average, logarithmic))
        state = freeze_inactive(new, state, active)
        current = scale_rows(state.average, active.astype(dtype))
        lengths = row_lengths(current)
        longest = jnp.broadcast_to(jnp.max(lengths.plain), active.shape)
        return sum_rows(scale_rows(unit_rows(current, lengths), longest)), state

    return from_rows(num_objectives, init, aggregate)
