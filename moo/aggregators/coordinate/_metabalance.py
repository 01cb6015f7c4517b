"""MetaBalance: auxiliary gradients brought near the length of the target's, tensor by tensor."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._base import Aggregator, check_num_objectives
from moo.aggregators._checks import check_count, check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import row_lengths, scale_rows


class MetaBalanceState(NamedTuple):
    """Averaged norms of each parameter tensor: a pytree like the parameters, leaves (m,)."""

    norms: PyTree


def metabalance(
    num_objectives: int, *, target: int = 0, relax: ArrayLike = 0.7, decay: ArrayLike = 0.9
) -> Aggregator:
    r"""Move every auxiliary gradient's length towards the target's, in each parameter tensor.

    With $e_i \leftarrow \beta e_i + (1 - \beta) \lVert g_i \rVert$ for one tensor,
    $v = \sum_i \bigl( r \tfrac{e_t}{e_i} + 1 - r \bigr) g_i$ where t is the target.

    Args:
        num_objectives: the number m of objectives.
        target: t, the objective that matters; the first by default, as in the paper.
        relax: $r$ in [0, 1]: 0 is the plain sum, 1 gives all gradients the target's averaged
            length; 0.7 in the authors' code.
        decay: $\beta$ in [0, 1) of the norms' averages, which start at 0; 0.9 in the authors'
            code.

    Returns:
        An aggregator of m backward passes, sum scale, with a `MetaBalanceState` of m numbers a
        tensor. A zero auxiliary row adds nothing; a zero target shrinks the others to $1 - r$.
        Exactly opposite rows g and -rho g with the first as target give $r (g - g) = 0$ and
        $(1 - r)(1 - \rho) g$ at first.

    Raises:
        TypeError: if `target` is no int.
        ValueError: if an argument is out of range.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 10.0]]))
        >>> method = moo.metabalance(num_objectives=2, relax=0.5)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [1.0, 5.5]

    Source: He, Feng, Cheng, Ji, Guo, Caverlee, "MetaBalance: Improving Multi-Task Recommendations
    via Adapting Gradient Magnitudes of Auxiliary Tasks", WWW 2022, arXiv 2203.06801; rule and
    defaults as in its code.
    Differs from the paper: an inactive target lends its last averaged norm; before it was ever
    active, the first active objective stands in for it.
    """
    check_num_objectives(num_objectives)
    check_count("target", target)
    if target >= num_objectives:
        raise ValueError(f"target must be below num_objectives={num_objectives}, got {target}")
    check_share("relax", relax, closed=True)
    check_share("decay", decay)

    def init(params: Params, dtype: Any) -> MetaBalanceState:
        return MetaBalanceState(jax.tree.map(lambda _: jnp.zeros(num_objectives, dtype), params))

    def aggregate(
        rows: PyTree, losses: Array | None, state: MetaBalanceState, *, active: Array
    ) -> tuple[PyTree, MetaBalanceState]:
        def averaged(leaf: Array, old: Array) -> Array:
            new = decay * old + (1 - jnp.asarray(decay)) * row_lengths(leaf).plain
            return jnp.where(active, new, old).astype(old.dtype)

        def balanced(leaf: Array, norms: Array) -> Array:
            ratios = _ratios(norms, target, active)
            factors = jnp.asarray(relax) * ratios + (1 - jnp.asarray(relax))
            return jnp.sum(scale_rows(leaf, factors), axis=0)

        norms = jax.tree.map(averaged, rows, state.norms)
        return jax.tree.map(balanced, rows, norms), MetaBalanceState(norms)

    return from_rows(num_objectives, init, aggregate)


def _ratios(norms: Array, target: int, active: Array) -> Array:
    """Return the target's norm over each one's; 1 for the target itself, 0 for a zero one."""
    known = active[target] | (norms[target] > 0)
    anchor = jnp.where(known, target, jnp.argmax(active))
    quotients = norms[anchor] / jnp.where(norms == 0, 1, norms)
    itself = jnp.arange(len(norms)) == anchor
    return jnp.where(itself, 1, jnp.where(norms == 0, 0, quotients))
