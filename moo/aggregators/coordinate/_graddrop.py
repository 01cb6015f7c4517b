"""GradDrop: at every entry, the gradients of one sign only."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree, as_typed_key
from moo.aggregators._base import Aggregator
from moo.aggregators._checks import check_share
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import common_exponent, shift_rows


class GradDropState(NamedTuple):
    """The typed random key of the next step's draw."""

    key: Array


def graddrop(num_objectives: int, *, leak: ArrayLike = 0.0, key: int | Array = 0) -> Aggregator:
    r"""Draw one sign for every entry, keep the gradients of that sign, and add them up.

    $P = \tfrac12 \bigl(1 + \sum_i g_i / \sum_i |g_i| \bigr)$ entry by entry and $U$ uniform on
    [0, 1): positive entries stay where $P > U$, negative ones elsewhere. Then
    $v = \sum_i \bigl(\lambda + (1 - \lambda) M_i\bigr) \odot g_i$ with the mask $M$ and the leak
    $\lambda$. Its expectation over $U$ is $\sum_i g_i$, whatever the leak.

    Args:
        num_objectives: the number m of objectives.
        leak: $\lambda$ in [0, 1], the part of a dropped entry that stays; 0 as in the paper's
            main results, 1 is the plain sum.
        key: seed or typed random key of the draws.

    Returns:
        An aggregator of m backward passes, sum scale, with a `GradDropState`. A zero row changes
        nothing; exactly opposite rows g and -rho g give g or -rho g entry by entry.

    Raises:
        TypeError: if the key is a raw one.
        ValueError: if `leak` lies outside [0, 1].

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 2.0], [3.0, 0.0]]))
        >>> method = moo.graddrop(num_objectives=2)
        >>> method.update(jac, method.init(jnp.zeros(2)))[0].tolist()
        [4.0, 2.0]

    Source: Chen et al., "Just Pick a Sign: Optimizing Deep Multitask Models with Gradient Sign
    Dropout", NeurIPS 2020, arXiv 2010.06808.
    Differs from the paper: it acts on the gradients of the parameters, where the paper's layer
    acts on those of shared activations, after a product with the activations' signs and a sum
    over the batch; one leak for all objectives.
    """
    check_share("leak", leak, closed=True)
    start = as_typed_key(key)

    def init(params: Params, dtype: Any) -> GradDropState:
        return GradDropState(jnp.copy(start))

    def aggregate(
        rows: PyTree, losses: Array | None, state: GradDropState, *, active: Array
    ) -> tuple[PyTree, GradDropState]:
        key, draw = jax.random.split(state.key)
        leaves, tree = jax.tree.flatten(rows)
        small = jax.tree.leaves(shift_rows(rows, -common_exponent(rows)))
        kept = [
            _one_sign(leaf, little, jnp.asarray(leak, leaf.dtype), one)
            for leaf, little, one in zip(
                leaves, small, jax.random.split(draw, len(leaves)), strict=True
            )
        ]
        return jax.tree.unflatten(tree, kept), GradDropState(key)

    return from_rows(num_objectives, init, aggregate)


def _one_sign(rows: Array, small: Array, leak: Array, key: Array) -> Array:
    """Sum the rows over the sign drawn at each entry; `small` has the same signs and ratios."""
    total = jnp.sum(jnp.abs(small), axis=0)
    share = (1 + jnp.sum(small, axis=0) / jnp.where(total == 0, 1, total)) / 2
    positive = share > jax.random.uniform(key, share.shape, share.dtype)
    kept = jnp.where(positive, rows > 0, rows < 0)
    return jnp.sum(jnp.where(kept, rows, leak * rows), axis=0)
