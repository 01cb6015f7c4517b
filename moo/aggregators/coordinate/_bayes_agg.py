"""Gradients averaged by how certain they are, entry by entry."""

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from moo._types import Array, PyTree
from moo.aggregators._base import Aggregator, no_state
from moo.aggregators._checks import check_number
from moo.aggregators._from_rows import from_rows
from moo.aggregators._rowwise import column


def bayes_agg(num_objectives: int, *, power: ArrayLike = 1.0) -> Aggregator:
    r"""Average the gradients of every entry by their precision: BayesAgg-MTL's aggregation.

    $v_k = \frac{\sum_i g_{ik} / \sigma_{ik}^{2s}}{\sum_i 1 / \sigma_{ik}^{2s}}$ with variances
    $\sigma^2_{ik}$ that the caller estimates.

    `update` (and step, run, fit) needs `variance=`, a pytree like the stacked rows whose leaves,
    non-negative, broadcast against (m, ...): (m, 1) for a vector of parameters gives each
    objective one variance.

    Args:
        num_objectives: the number m of objectives.
        power: $s \ge 0$; 0 is the mean, 1 the mean of a product of Gaussians. The authors' scripts
            use 0.3 and 0.1 for UTKFace, 5e-4 for CIFAR and ChestX.

    Returns:
        An aggregator of m backward passes, mean scale, without state. Entries of variance 0 are
        certain and share the weight; where all are infinite, they share it too. A zero row pulls
        towards 0 with its precision.

    Raises:
        ValueError: if `power` is out of range, or `variance` is missing, of another shape, or has a
            known negative entry.

    Example:
        >>> import jax.numpy as jnp, moo
        >>> jac = moo.stacked_jacobian(jnp.array([[4.0, 1.0], [0.0, 3.0]]))
        >>> method = moo.bayes_agg(num_objectives=2)
        >>> variance = jnp.array([[1.0, 1.0], [3.0, 0.0]])
        >>> method.update(jac, method.init(jnp.zeros(2)), variance=variance)[0].tolist()
        [3.0, 3.0]

    Source: Achituve, Diamant, Netzer, Chechik, Fetaya, "Bayesian Uncertainty for Gradient
    Aggregation in Multi-Task Learning", ICML 2024, arXiv 2402.04005.
    Differs from the paper: the aggregation only, on the gradients of parameters; the posterior of
    the last layer, which gives means and variances of each sample's feature gradients there, is
    the caller's. The authors' code clamps variances at 1e-8; here they are relative to the
    smallest of their entry, so no unit of gradients is special.
    """
    check_number("power", power)

    def aggregate(
        rows: PyTree, losses: Array | None, state: tuple[()], *, active: Array, variance: PyTree
    ) -> tuple[PyTree, tuple[()]]:
        _check_like("variance", variance, rows)
        update = jax.tree.map(
            lambda row, var: _precise_mean(row, var, active, power), rows, variance
        )
        return update, state

    return from_rows(num_objectives, no_state, aggregate)


def _precise_mean(rows: Array, variance: Any, active: Array, power: ArrayLike) -> Array:
    mask = column(active, rows)
    variance = jnp.where(mask, jnp.broadcast_to(variance, rows.shape).astype(rows.dtype), jnp.inf)
    least = jnp.min(variance, axis=0)
    relative = jnp.where(variance == least, 1, least / jnp.where(variance == 0, 1, variance))
    precision = jnp.where(mask, relative ** jnp.asarray(power, rows.dtype), 0)
    total = jnp.sum(precision, axis=0)
    return jnp.sum(precision * rows, axis=0) / jnp.where(active.any(), total, 1)


def _check_like(name: str, tree: PyTree, rows: PyTree) -> None:
    """Refuse a tree of another structure, or whose leaves do not broadcast or are negative."""
    found, wanted = str(jax.tree.structure(tree)), str(jax.tree.structure(rows))
    if found != wanted:
        raise ValueError(f"{name} must be a pytree like the parameters, {wanted}, got {found}")
    for (path, leaf), row in zip(
        jax.tree_util.tree_leaves_with_path(tree), jax.tree.leaves(rows), strict=True
    ):
        shape = jnp.shape(leaf)
        pairs = zip(shape, row.shape, strict=True) if len(shape) == row.ndim else [(0, 1)]
        if any(a not in (1, b) for a, b in pairs):
            raise ValueError(
                f"{name}{jax.tree_util.keystr(path)} must broadcast against {row.shape}, one "
                f"axis each, got {shape}"
            )
        if not isinstance(leaf, jax.core.Tracer) and (np.asarray(leaf) < 0).any():
            raise ValueError(f"{name}{jax.tree_util.keystr(path)} must be non-negative")
