"""MTAdam: gradients of one length, moments of their own, and one common denominator."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_number, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._moments import (
    Moments,
    corrected,
    moved,
    quotient,
    zero_moments,
)
from moo.aggregators._rowwise import column, row_lengths, scale_rows


class MTAdamState(NamedTuple):
    """Averaged norms of each tensor (leaves (m,)), and the moments of the rescaled rows."""

    norms: PyTree
    moments: Moments


def mtadam(
    num_objectives: int,
    *,
    b1: ArrayLike = 0.9,
    b2: ArrayLike = 0.999,
    b3: ArrayLike = 0.9,
    eps: ArrayLike = 1e-8,
) -> Aggregator:
    r"""Rescale the gradients of each tensor to one length, then divide by the largest deviation.

    With averaged norms $e_i$ of one tensor and an anchor a, $g_i' = (e_a / e_i) g_i$, and
    $v = \sum_i \hat m_i / \max_j (\sqrt{\hat v_j} + \epsilon)$ with Adam's moments of $g_i'$. The
    anchor is the first objective whose averaged norm is not 0.

    Args:
        num_objectives: the number m of objectives.
        b1: decay of the first moments, in [0, 1); 0.9 in the authors' code.
        b2: decay of the second moments, in [0, 1); 0.999 likewise.
        b3: decay of the norms, in [0, 1), which start at the first one seen; 0.9 likewise.
        eps: $\epsilon \ge 0$, in units of the anchor's gradient; 1e-8 likewise.

    Returns:
        An aggregator of m backward passes whose update is a step of Adam's size, up to about m an
        entry: follow it by `optax.scale_by_learning_rate`, not by Adam. Its `MTAdamState` holds
        2 m d numbers and m a tensor. One objective gives Adam itself; a zero row adds nothing;
        exactly opposite rows cancel at the first step, whatever their lengths.

    Raises:
        ValueError: if a hyper-parameter is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 90.0]]))
        >>> method = moo.mtadam(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].round(4).tolist()
        [1.0, 1.0]

    Source: Malkiel, Wolf, "MTAdam: Automatic Balancing of Multiple Training Loss Terms", EMNLP
    2021, arXiv 2006.14683; rule and defaults as in its code, with all ranks 1.
    Differs from the paper: no weight decay, which optax adds afterwards; a norm counts as 0 only
    where it is 0, not below 1e-10. Leaves that are not shared receive plain gradients.
    """
    for name, value in (("b1", b1), ("b2", b2), ("b3", b3)):
        check_share(name, value)
    check_number("eps", eps)

    def init(params: Params, dtype: Any) -> MTAdamState:
        norms = jax.tree.map(lambda _: jnp.zeros(num_objectives, dtype), params)
        return MTAdamState(norms, zero_moments(params, num_objectives, dtype))

    def aggregate(
        rows: PyTree, losses: Array | None, state: MTAdamState, *, active: Array
    ) -> tuple[PyTree, MTAdamState]:
        fresh = state.moments.steps == 0

        def averaged(leaf: Array, old: Array) -> Array:
            now = row_lengths(leaf).plain
            new = jnp.where(fresh, now, b3 * old + (1 - jnp.asarray(b3)) * now)
            return jnp.where(active, new, old).astype(old.dtype)

        norms = jax.tree.map(averaged, rows, state.norms)
        rows = jax.tree.map(lambda leaf, e: scale_rows(leaf, _to_anchor(e)), rows, norms)
        moments = moved(state.moments, rows, active, b1, b2)

        def step(first: Array, root: Array) -> Array:
            mask = column(active, first)
            largest = jnp.max(jnp.where(mask, root + eps, 0), axis=0)
            return quotient(jnp.sum(jnp.where(mask, first, 0), axis=0), largest)

        update = jax.tree.map(step, *corrected(moments, b1, b2))
        return update, MTAdamState(norms, moments)

    return from_rows(num_objectives, init, aggregate)


def _to_anchor(norms: Array) -> Array:
    """Return the anchor's norm over each one's; 1 for a zero one."""
    anchor = norms[jnp.argmax(norms > 0)]
    return jnp.where(norms == 0, 1, anchor / jnp.where(norms == 0, 1, norms))
