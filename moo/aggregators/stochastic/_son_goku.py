"""SON-GOKU: objectives that conflict take turns, by a colouring of the graph of conflicts."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import lax
from jax.typing import ArrayLike

from moo._jacobian import Jacobian, check_params
from moo._jacobian._gram import gram_of_rows
from moo._types import Array, Params, PyTree, solver_dtype
from moo.aggregators._base import (
    Aggregator,
    active_mask,
    check_num_objectives,
    combined,
    expect_jacobian,
)
from moo.aggregators._checks import check_count, check_share
from moo.aggregators._rowwise import cast_rows, freeze_inactive, stacked_zeros


class SonGokuState(NamedTuple):
    """Weights used, the gradients' moving averages, their conflicts, and the number of steps."""

    weights: Array  # (m,)
    averages: PyTree  # leaves of shape (m, ...)
    conflicts: Array  # (m, m), bool
    steps: Array  # (), int32


def son_goku(
    num_objectives: int,
    *,
    tau: ArrayLike = 0.25,
    decay: ArrayLike = 0.9,
    refresh: int = 10,
) -> Aggregator:
    r"""Let groups of objectives that do not conflict take turns.

    With moving averages $\tilde g_i \leftarrow \beta \tilde g_i + (1 - \beta) g_i$, every R steps:
    i and j conflict where $-\cos(\tilde g_i, \tilde g_j) > \tau$. The graph of conflicts is
    coloured greedily, vertices of most conflicts first (Welsh-Powell), and at step t the colour t
    mod (number of colours) is active: $v = \sum_{i \in S} g_i$ with the current gradients. Within a
    group, $\lVert v \rVert^2 \ge (1 - \tau (|S| - 1)) \sum_{i \in S} \lVert g_i \rVert^2$ as far as
    the averages tell; cosines down to $-\tau$ remain. Exactly opposite rows take turns; a zero row
    conflicts with nothing.

    The warm-up of the paper, all objectives together and then a threshold that falls to its value,
    is a schedule of `tau` from 1 on, by `moo.inject_hyperparams`.

    Args:
        num_objectives: the number m of objectives.
        tau: $\tau$ in [0, 1]; 1 is the sum. The default is ours.
        decay: $\beta$ in [0, 1). The default is ours.
        refresh: R, steps between two looks at the conflicts, at least 1. The default is ours.

    Returns:
        A linear aggregator of `sum` scale over the active group, with a `SonGokuState`, which keeps
        m times the parameters. m backward passes, because the averages need every gradient.

    Raises:
        TypeError: if `refresh` is no int.
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> tx = moo.son_goku(3)
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0]]))
        >>> first, state = tx.update(jac, tx.init(jnp.zeros(2)))
        >>> second, state = tx.update(jac, state)
        >>> first.tolist(), second.tolist()
        ([1.0, 1.0], [-1.0, 0.0])

    Source: Patapati and Noronha, "Graph Coloring for Multi-Task Learning", 2025, arXiv 2509.16959.
    Differs from the paper: its values of tau, beta and R, and of the warm-up, stand in a supplement
    that was not seen; a lone objective is never added to another group; the paper saves the
    backward passes of inactive objectives between two looks.
    """
    m = check_num_objectives(num_objectives)
    check_share("tau", tau, closed=True)
    check_share("decay", decay)
    check_count("refresh", refresh, low=1)

    def init(params: Params) -> SonGokuState:
        check_params(params)
        dtype = solver_dtype(params)
        return SonGokuState(
            jnp.zeros(m, dtype),
            stacked_zeros(params, m, dtype),
            jnp.zeros((m, m), bool),
            jnp.zeros((), jnp.int32),
        )

    def update(
        jac: Jacobian, state: SonGokuState, params: Params = None, **extra: Any
    ) -> tuple[PyTree, SonGokuState]:
        expect_jacobian(jac, m)
        jac, active = jac.materialize(), active_mask(jac)
        averages = _averaged(jac, state, active, decay)
        conflicts = lax.cond(
            state.steps % refresh == 0,
            lambda: gram_of_rows(averages).cosines < -jnp.asarray(tau, state.weights.dtype),
            lambda: state.conflicts,
        )
        colours = _coloured(conflicts & active[:, None] & active[None, :])
        number = jnp.max(jnp.where(active, colours, 0)) + 1
        chosen = active & (colours == state.steps % number)
        weights = chosen.astype(state.weights.dtype)
        return combined(jac, weights), SonGokuState(weights, averages, conflicts, state.steps + 1)

    return Aggregator(init, update, num_objectives=m, linear=True)


def _averaged(jac: Jacobian, state: SonGokuState, active: Array, decay: ArrayLike) -> PyTree:
    """Move the averages of the shared leaves on; the others stay 0, and so tell no conflict."""
    rows = cast_rows(jac.rows(), state.weights.dtype)
    shared = getattr(jac, "shared", None) or jax.tree.map(lambda row: True, rows)
    fresh = jax.tree.map(
        lambda old, row, keep: decay * old + (1 - decay) * row if keep else old,
        state.averages, rows, shared,
    )  # fmt: skip
    return freeze_inactive(fresh, state.averages, active)


@jax.jit
def _coloured(conflicts: Array) -> Array:
    """Colour a graph greedily, vertices of the highest degree first: shape (m,), int32 from 0."""
    m = len(conflicts)
    order = jnp.argsort(-jnp.sum(conflicts, axis=1), stable=True)

    def paint(k: Array, colours: Array) -> Array:
        taken = jnp.zeros(m + 1, bool).at[jnp.where(conflicts[order[k]], colours, m)].set(True)
        # Uncoloured neighbours carry m, which no vertex can get.
        return colours.at[order[k]].set(jnp.argmin(taken[:m]).astype(jnp.int32))

    return lax.fori_loop(0, m, paint, jnp.full(m, m, jnp.int32))
