"""Updates of rows that depend on how often a row is read."""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax.typing import ArrayLike

from moo._types import Array, Params, PyTree
from moo.aggregators._checks import check_count, check_number
from moo.sparse._rows import Rows, TableRows, map_tables


class SkipRareState(NamedTuple):
    """How often each row has been read."""

    seen: PyTree  # leaves (V,), int32


def scale_by_counts(power: ArrayLike = -1.0) -> optax.GradientTransformationExtraArgs:
    r"""Scale each row's update by a power of its number of occurrences in the batch.

    $u_r \leftarrow n_r^p\, u_r$

    The gradient of a row adds up over its occurrences: p = -1 takes their mean, so that the step of
    a popular row does not grow with the batch; p > 0 moves popular rows faster. Leaves that are no
    tables stay as they are.

    Args:
        power: p.

    Returns:
        An optax transformation for `lazy`, before or after the optimizer in a chain.

    Raises:
        TypeError: if `power` is no number.
        ValueError: if it is not finite; in `update`, without `rows`.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> params = {"emb": jnp.zeros((5, 1))}
        >>> small, _, rows = moo.sparse.gather(
        ...     params, {"id": jnp.array([3, 1, 3])}, tables={"emb": "id"})
        >>> tx = moo.sparse.scale_by_counts()
        >>> gradients = {"emb": jnp.array([[4.0], [4.0], [0.0], [0.0]])}
        >>> tx.update(gradients, tx.init(params), small, rows=rows)[0]["emb"].ravel().tolist()
        [4.0, 2.0, 0.0, 0.0]

    Source: the mean over occurrences, in place of their sum, is `scale_grad_by_freq` of PyTorch's
    embeddings.
    """
    check_number("power", power, low=-float("inf"))

    def scale(own: TableRows, leaf: Array) -> Array:
        counts = jnp.maximum(own.counts, 1).astype(jnp.promote_types(jnp.float32, leaf.dtype))
        return (leaf * _along(counts**power, leaf)).astype(leaf.dtype)

    def update(
        updates: PyTree, state: PyTree, params: Params = None, *, rows: Any = None, **extra: Any
    ) -> tuple[PyTree, PyTree]:
        return map_tables(scale, lambda leaf: leaf, _expect_rows(rows), updates), state

    return optax.GradientTransformationExtraArgs(lambda params: optax.EmptyState(), update)


def skip_rare(min_count: int) -> optax.GradientTransformationExtraArgs:
    r"""Leave a row as it is until it has been read often enough.

    $u_r \leftarrow 0$ while $\sum_t n_{r,t} < k$, the batch at hand included.

    After the optimizer in a chain, its moments learn from the start; before it, they start late.
    Leaves that are no tables stay as they are.

    Args:
        min_count: k, at least 1.

    Returns:
        An optax transformation for `lazy`, with one integer of state a row.

    Raises:
        TypeError: if `min_count` is no int.
        ValueError: if it is below 1; in `update`, without `rows`.

    Example:
        >>> import jax.numpy as jnp, moo, optax
        >>> params = {"emb": jnp.zeros((5, 1))}
        >>> small, _, rows = moo.sparse.gather(
        ...     params, {"id": jnp.array([3, 1, 3])}, tables={"emb": "id"})
        >>> tx = moo.sparse.lazy(optax.chain(optax.sgd(1.0), moo.sparse.skip_rare(2)))
        >>> ones = {"emb": jnp.ones((4, 1))}
        >>> updates, state = tx.update(ones, tx.init(params), small, rows=rows)
        >>> moo.sparse.apply_updates(params, updates, rows)["emb"].ravel().tolist()
        [0.0, 0.0, 0.0, -1.0, 0.0]

    Source: the counter filter of features in XDL and DeepRec; there a rare row is not stored.
    """
    check_count("min_count", min_count, low=1)

    def init(params: Params) -> SkipRareState:
        zeros = jax.tree.map(lambda leaf: jnp.zeros(jnp.shape(leaf)[:1], jnp.int32), params)
        return SkipRareState(zeros)

    def update(
        updates: PyTree,
        state: SkipRareState,
        params: Params = None,
        *,
        rows: Any = None,
        **extra: Any,
    ) -> tuple[PyTree, SkipRareState]:
        rows = _expect_rows(rows)
        seen = map_tables(lambda own, n: n + own.counts, lambda n: n, rows, state.seen)
        kept = map_tables(
            lambda own, leaf, n: jnp.where(_along(n, leaf) >= min_count, leaf, 0),
            lambda leaf, n: leaf,
            rows, updates, seen,
        )  # fmt: skip
        return kept, SkipRareState(seen)

    return optax.GradientTransformationExtraArgs(init, update)


def _expect_rows(rows: Rows | None) -> Rows:
    if rows is None:
        raise ValueError(
            "rows is missing: put this into moo.sparse.lazy, and give it the rows= of "
            "moo.sparse.gather"
        )
    return rows


def _along(values: Array, leaf: Array) -> Array:
    return values.reshape(values.shape + (1,) * (leaf.ndim - 1))
