"""Jacobians whose rows are already there: given by the user, or materialized from a lazy one."""

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from moo._jacobian._base import Jacobian
from moo._jacobian._checks import active_of, check_losses, check_params, check_weights
from moo._jacobian._gram import Gram, gram_of_rows
from moo._jacobian._sketch import Sketch
from moo._types import Array, Params, PyTree


class StackedJacobian(Jacobian):
    """A Jacobian that holds its rows: a matrix, or a pytree of stacked gradients."""

    def __init__(self, rows: PyTree, losses: Array | None, active: Array | None) -> None:
        self.num_objectives = jax.tree.leaves(rows)[0].shape[0]
        self.aux = None
        self.active = active
        self._rows = _silence(rows, active)
        self._losses = losses

    @property
    def losses(self) -> Array:
        """The losses, shape (m,)."""
        if self._losses is None:
            raise ValueError("this stacked Jacobian has no losses: give stacked_jacobian losses=")
        return self._losses

    @property
    def has_losses(self) -> bool:
        """Whether the losses were given."""
        return self._losses is not None

    def combine(self, weights: Array) -> PyTree:
        r"""Return $J^\top w$ from the stored rows."""
        return combine_rows(self._rows, check_weights(weights, self.num_objectives))

    def rows(self) -> PyTree:
        """Return the stored rows, zero where inactive."""
        return self._rows

    def gram(self, other: Jacobian | None = None) -> Gram:
        r"""Return $J J^\top$, or $J J_2^\top$ with `other`."""
        return gram_of_rows(self._rows, None if other is None else other.rows())


class MaterializedJacobian(Jacobian):
    """A lazy Jacobian with its rows computed once; the rest is asked of the lazy one."""

    def __init__(self, lazy: Any) -> None:
        self.num_objectives = lazy.num_objectives
        self.aux = lazy.aux
        self.active = lazy.active
        self.shared, self.heads = lazy.shared, lazy.heads
        self._lazy = lazy
        self._rows = lazy.rows()

    @property
    def losses(self) -> Array:
        """The losses, shape (m,)."""
        return self._lazy.losses

    def combine(self, weights: Array) -> PyTree:
        r"""Return $J^\top w$ from the stored rows; plain heads each get their own gradient."""
        weights = check_weights(weights, self.num_objectives)
        if self.heads == "weighted":
            return combine_rows(self._rows, weights)
        ones = jnp.ones_like(weights)
        return jax.tree.map(
            lambda row, shared: combine_rows(row, weights if shared else ones),
            self._rows,
            self.shared,
        )

    def rows(self) -> PyTree:
        """Return the rows, computed once."""
        return self._rows

    def gram(self, other: Jacobian | None = None) -> Gram:
        r"""Return $J J^\top$ over the shared leaves, or $J J_2^\top$ with `other`."""
        others = None if other is None else shared_rows(other.rows(), self.shared)
        return gram_of_rows(shared_rows(self._rows, self.shared), others)

    def sketched_gram(self, key: Any, probes: int) -> Sketch:
        """Estimate the Gramian as the lazy Jacobian does."""
        sketch: Sketch = self._lazy.sketched_gram(key, probes)
        return sketch

    def materialize(self) -> Jacobian:
        """Return itself: the rows are there."""
        return self

    def split(self, k: int) -> Any:
        """Split the lazy Jacobian that the rows came from."""
        return self._lazy.split(k)

    def at(self, params: Params) -> Any:
        """Return the lazy Jacobian at other parameters, with the same batch and keys."""
        return self._lazy.at(params)

    def losses_at(self, params: Params) -> Array:
        """Return the losses at other parameters, with the same batch and keys."""
        return self._lazy.losses_at(params)


def stacked_jacobian(
    rows: PyTree, losses: Array | None = None, *, active: Array | None = None
) -> StackedJacobian:
    """Read a matrix, or a pytree of stacked gradients, as a Jacobian of m rows.

    Args:
        rows: a float array (m, d), or a pytree whose leaves have a leading axis m. A tuple of two
            arrays is such a tree, not rows and losses.
        losses: shape (m,), at least float32; asking for them when absent raises.
        active: shape (m,), bool; rows of inactive objectives count as zero. None: all are active.

    Returns:
        A Jacobian that cannot be split and has no `losses_at`.

    Raises:
        TypeError: if a leaf is not floating-point.
        ValueError: if the leading axes differ.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[1.0, 0.0], [0.0, 2.0]]))
        >>> jac.combine(jnp.array([0.5, 0.5])).tolist()
        [0.5, 1.0]
    """
    rows = jax.tree.map(jnp.asarray, rows)
    check_params(rows, "rows")
    heights = {leaf.shape[:1] for leaf in jax.tree.leaves(rows)}
    if len(heights) != 1 or () in heights or (0,) in heights:
        found = sorted(heights)
        raise ValueError(f"rows must share one leading axis m >= 1, got leading axes {found}")
    (m,) = heights.pop()
    if losses is not None and check_losses(losses := jnp.asarray(losses), False).shape != (m,):
        raise ValueError(f"losses must have shape ({m},), one for each row, got {losses.shape}")
    return StackedJacobian(rows, losses, active_of(active, (), m))


def combine_rows(rows: PyTree, weights: Array) -> PyTree:
    r"""Return $\sum_i w_i g_i$, leaf by leaf, summed in at least float32."""

    def one(leaf: Array) -> Array:
        dtype = jnp.promote_types(leaf.dtype, jnp.float32)
        total = lax.dot_general(
            weights.astype(dtype),
            leaf.astype(dtype),
            (((0,), (0,)), ((), ())),
            precision=lax.Precision.HIGHEST,
        )
        return total.astype(leaf.dtype)

    return jax.tree.map(one, rows)


def shared_rows(rows: PyTree, shared: PyTree) -> list[Array]:
    """Keep the leaves that are shared."""
    kept = zip(jax.tree.leaves(rows), jax.tree.leaves(shared), strict=True)
    return [leaf for leaf, is_shared in kept if is_shared]


def _silence(rows: PyTree, active: Array | None) -> PyTree:
    if active is None:
        return rows
    return jax.tree.map(
        lambda leaf: jnp.where(active.reshape((-1,) + (1,) * (leaf.ndim - 1)), leaf, 0), rows
    )
