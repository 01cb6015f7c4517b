"""SAM-GS: momentum where the gradients' lengths are alike, equal lengths where they are not."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._moments import mass, unbias
from moo.aggregators._rowwise import (
    Lengths,
    cast_rows,
    freeze_inactive,
    row_lengths,
    scale_rows,
    stacked_zeros,
    sum_rows,
    unit_rows,
)


class SAMGSState(NamedTuple):
    """Averaged rows with their steps (m,), and the average of the dissimilarity with its steps."""

    momentum: PyTree
    row_steps: Array  # (m,), int32
    spread: Array  # ()
    steps: Array  # (), int32


def sam_gs(
    num_objectives: int,
    *,
    b1: ArrayLike = 0.9,
    b2: ArrayLike = 0.99,
    threshold: ArrayLike = 0.1,
    eps: ArrayLike = 1e-8,
) -> Aggregator:
    r"""Equalise the gradients' lengths where they differ much; weigh by momentum elsewhere.

    The similarity of two lengths is $\psi_{ij} = 2 n_i n_j / (n_i^2 + n_j^2)$, and $\Psi$ its mean
    over pairs. Where $\Psi < \gamma$: $v = \bar n \sum_i u_i$ with unit rows u and the mean length
    $\bar n$. Elsewhere $v = \sum_i |\hat M_i| \odot g_i / \sqrt{\hat h}$ with the bias-corrected
    averages of the rows, $M \leftarrow \beta_1 M + (1 - \beta_1) J$, and of the dissimilarity,
    $h \leftarrow \beta_2 h + (1 - \beta_2)(1 - \Psi)^2 + \epsilon$.

    Args:
        num_objectives: the number m of objectives.
        b1: $\beta_1$ in [0, 1); 0.9 in the authors' code.
        b2: $\beta_2$ in [0, 1); 0.99 likewise.
        threshold: $\gamma \ge 0$; 0.1 likewise. 0 never equalises, above 1 always.
        eps: $\epsilon > 0$, without unit; 1e-8 likewise.

    Returns:
        An aggregator of m backward passes with a `SAMGSState` of m d numbers. Its scale is free:
        of degree 2 in the gradients in the momentum branch, and a thousand times that at the
        first step where all lengths are equal (as with m = 1), so follow it by
        `optax.clip_by_global_norm(1.0)` as the authors do, after a factor of m. In float32 it
        overflows, to NaN, at gradients of about 1e18. A zero row adds
        nothing, but counts in the means. v jumps at $\Psi = \gamma$, and angles play no part.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[100.0, 0.0], [0.0, 1.0]]))
        >>> method = moo.sam_gs(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [50.5, 50.5]

    Source: Borsani, Rosani, Nicosia, Di Fatta, "Gradient Similarity Surgery in Multi-Task Deep
    Learning", ECML-PKDD 2025, arXiv 2506.06130.
    Differs from the paper: its first branch multiplies by g once more, read as a misprint since
    the authors' code does not; as in that code, the mean is over pairs $i < j$ and the root has
    no further $\epsilon$. The code's factor m and clipping are left to what follows.
    """
    check_share("b1", b1)
    check_share("b2", b2)
    check_number("threshold", threshold)
    check_number("eps", eps, strict=True)

    def init(params: Params, dtype: Any) -> SAMGSState:
        momentum = stacked_zeros(params, num_objectives, dtype)
        row_steps = jnp.zeros(num_objectives, jnp.int32)
        return SAMGSState(momentum, row_steps, jnp.zeros((), dtype), jnp.zeros((), jnp.int32))

    def aggregate(
        rows: PyTree, losses: Array | None, state: SAMGSState, *, active: Array
    ) -> tuple[PyTree, SAMGSState]:
        dtype = state.spread.dtype
        rows = cast_rows(rows, dtype)
        lengths = row_lengths(rows)
        similarity = _similarity(lengths, active)
        rate = jnp.asarray(b2, dtype)
        spread = rate * state.spread + (1 - rate) * (1 - similarity) ** 2 + eps
        averages = jax.tree.map(lambda old, g: b1 * old + (1 - b1) * g, state.momentum, rows)
        momentum = freeze_inactive(averages, state.momentum, active)
        row_steps = state.row_steps + active
        state = SAMGSState(momentum, row_steps, spread.astype(dtype), state.steps + 1)
        root = jnp.sqrt(state.spread / mass(state.steps, b2, dtype))
        weighted = jax.tree.map(
            lambda g, past: jnp.sum(jnp.abs(past / unbias(row_steps, b1, past)) * g, axis=0) / root,
            rows, momentum,
        )  # fmt: skip
        equal = _equalised(rows, lengths, active)
        branch = similarity < threshold
        return jax.tree.map(lambda a, b: jnp.where(branch, a, b), equal, weighted), state

    return from_rows(num_objectives, init, aggregate)


def _similarity(lengths: Lengths, active: Array) -> Array:
    """Return the mean similarity over pairs of active rows; 1 without pairs or of zero rows."""
    shorter = jnp.minimum(lengths.ratios, lengths.ratios.T)
    zero = lengths.norms == 0
    pairs = jnp.where(zero[:, None] & zero[None, :], 1, 2 * shorter / (1 + shorter**2))
    counted = active[:, None] & active[None, :] & ~jnp.eye(len(active), dtype=bool)
    number = jnp.sum(counted)
    total = jnp.sum(jnp.where(counted, pairs, 0))
    return jnp.where(number > 0, total / jnp.maximum(number, 1), 1)


def _equalised(rows: PyTree, lengths: Lengths, active: Array) -> PyTree:
    """Return the sum of the unit rows, times the mean length."""
    plain = jnp.where(active, lengths.plain, 0)
    mean = jnp.sum(plain / jnp.maximum(jnp.sum(active), 1))
    units = unit_rows(rows, lengths)
    return sum_rows(scale_rows(units, jnp.full_like(plain, mean)))
